"""Whatever honestly happens in a tender, its bundle passes: all keys pinned, a receipt, and an older checkpoint."""

from __future__ import annotations

import pytest

from bidding import pins
from bidding.checks import Result
from bidding.verify import verify
from tests.bidding.random_bundles import POLICIES, Sample, random_bundles

SAMPLES = 60


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(random_bundles(SAMPLES))


def test_every_honest_tender_passes(samples: list[Sample]) -> None:
    failed = []
    for sample in samples:
        pinned = pins.parse(sample.policy)
        report = verify(sample.data, pinned=pinned, receipt=sample.receipt, old_checkpoint=sample.old_checkpoint)
        failed += [f"{sample.name} {check}" for check in report if check.result is Result.FAIL]
    assert failed == []


def test_the_samples_have_what_they_should(samples: list[Sample]) -> None:
    """A generator that never made a fallback, a passkey or a lost key would let a verifier pass untried."""
    worlds = [sample.world for sample in samples]
    kinds = {str(event["type"]) for world in worlds for event, _ in world.log}
    assert kinds >= {
        "tender.cancellations",
        "opening.fallback",
        "opening.recovered",
        "outage.declared",
        "tender.failed",
        "award.confirmed",
    }
    assert {world.groups for world in worlds} == set(POLICIES.values())
    assert {world.rule.mode for world in worlds} == {"M1", "M2", "M3"}
    assert any(world.passkeys for world in worlds)
    assert any(world.takes_docs and any(item.docs for item in world.items.values()) for world in worlds)
    assert {len(world.witness_keys) for world in worlds} == {0, 1, 3}
    assert any(world.stamped for world in worlds)
    verdicts = {line.to_json()["verdict"] for world in worlds for line in world.lines}
    assert verdicts == {"opened", "malformed", "invalid"}
    placings = [placing for world in worlds if world.evaluation is not None for placing in world.evaluation.placings]
    assert any(placing.is_tied for placing in placings)
    assert {sample.old_checkpoint is None for sample in samples} == {True, False}
