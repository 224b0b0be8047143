"""P7: no tampering with a published tender goes unseen by whoever holds the public keys and one older checkpoint.

Sixty here, all classes in turn; a thousand in `python -m tests.faults.tampering`.
"""

from __future__ import annotations

from bidding import pins
from bidding.verify import verdict_of, verify
from tests.bidding.tampering import CLASSES, Tampered, corpus

SHORT = 60


def is_detected(one: Tampered) -> bool:
    try:
        report = verify(one.data, pinned=pins.parse(one.policy), old_checkpoint=one.old_checkpoint)
    except ValueError:
        return True  # not even a bundle any more
    return verdict_of(report) is not None


def test_every_tampering_is_detected() -> None:
    tried = list(corpus(SHORT))
    assert {one.name for one in tried} == set(CLASSES)
    assert [f"{number}: {one.name}" for number, one in enumerate(tried) if not is_detected(one)] == []


def test_there_are_twenty_classes_or_more() -> None:
    assert len(CLASSES) >= 20
