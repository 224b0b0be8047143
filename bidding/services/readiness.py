"""Can the holders open? Test envelopes before the publication and drills before the opening (protocol 3.4, 3.7).

A test envelope is sealed to one holder's keys under a context of its own, with a text that is kept by its hash alone:
whoever answers with the text has opened it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor, system
from app.db import db
from app.errors import AlreadyDone, Forbidden, InvalidInput, NotFound
from app.ids import new_id
from app.tlog import note
from app.tlog.canon import b64u, unb64u
from bidding.keyholder.panel import Panel, Service, failures_of
from bidding.models import HolderTest, Tender, TenderHolder
from bidding.policy import BEFORE_PUBLICATION, Groups, Medium
from bidding.sealing import Lane, make_ctx, seal_envelope
from bidding.services.access import lock_tender, person_id
from bidding.services.holders import missing_seeds

Json = dict[str, Any]
TESTER = "@test"
TEST_LOT = "test"
TEXT = 32
SETTER: Actor = system()


def make_test(tender: Tender, holder: TenderHolder, medium: Medium, now: datetime) -> HolderTest:
    """A fresh test envelope for each of the holder's lanes. Raises InvalidInput for a holder without keys."""
    if holder.vkey is None:
        raise InvalidInput(f"{holder.holder} has no keys yet", field="holder")
    envelopes, told = {}, hashlib.sha256()
    for lane, signed in sorted(holder.khkeys.items()):
        public = note.open_object(signed, "khkey", [holder.vkey])["pub"]
        single = Lane.from_json({"holders": [{"id": holder.holder, "pub": public}], "groups": [[holder.holder]]})
        ctx = make_ctx(
            box=os.urandom(32).hex(), tender=str(tender.reference), lot=TEST_LOT, supplier=TESTER, bid=str(new_id()),
            lane=lane,
        )  # fmt: skip
        text = os.urandom(TEXT)
        told.update(text)
        _, envelopes[lane] = seal_envelope(ctx, single, text)
    test = HolderTest(
        tender_id=tender.id, holder=holder.holder, medium=medium, envelopes=envelopes, text_sha256=told.hexdigest(),
        asked_at=now,
    )  # fmt: skip
    db.session.add(test)
    db.session.flush()
    return test


def note_result(
    tender: Tender, test: HolderTest, texts: Mapping[str, str], fault: str, actor: Actor, now: datetime
) -> bool:
    """Write down what came back: `texts` by lane (base64url), or why nothing did. Logged; whether it was opened."""
    if test.answered_at is not None:
        raise AlreadyDone("this test has its answer")
    test.answered_at, test.is_opened = now, not fault and _says(texts, test)
    test.fault = "" if test.is_opened else fault or "wrong-text"
    holder = _holder(tender, test.holder)
    audit.emit(
        "keyholder.tested", actor, now, subject=holder.audit_subject, tender=tender.reference,
        holder=holder.holder, medium=test.medium, result="opened" if test.is_opened else test.fault,
    )  # fmt: skip
    db.session.flush()
    _judge(tender, holder, now)
    return bool(test.is_opened)


def _says(texts: Mapping[str, str], test: HolderTest) -> bool:
    if set(texts) != set(test.envelopes):
        return False
    try:
        told = b"".join(unb64u(texts[lane]) for lane in sorted(texts))
    except (ValueError, TypeError):
        return False
    return hashlib.sha256(told).hexdigest() == test.text_sha256


def _judge(tender: Tender, holder: TenderHolder, now: datetime) -> None:
    """A holder is ready while the last test from each medium that it needs was opened, and its last drill too."""
    last = last_tests(tender.id).get(holder.holder, {})
    needed = [last.get(medium) for medium in BEFORE_PUBLICATION[holder.kind]]
    drilled = [last[medium] for medium in (Medium.DAY_BEFORE, Medium.HOUR_BEFORE) if medium in last][-1:]
    is_ready = all(test is not None and test.is_opened for test in [*needed, *drilled])
    holder.ready_at = (holder.ready_at or now) if is_ready else None


def last_tests(tender_id: UUID) -> dict[str, dict[str, HolderTest]]:
    """The last answered test by holder and medium."""
    query = select(HolderTest).where(HolderTest.tender_id == tender_id, HolderTest.answered_at.is_not(None))
    found: dict[str, dict[str, HolderTest]] = {}
    for test in db.session.scalars(query.order_by(HolderTest.asked_at, HolderTest.id)):
        found.setdefault(test.holder, {})[test.medium] = test
    return found


def test_services(tender: Tender, panel: Panel, medium: Medium, now: datetime) -> dict[str, bool]:
    """Every service of the tender opens a fresh envelope, or does not: by holder. Silence is a result too."""
    rows = [one for one in tender.holders if one.kind == "service"]
    tests = {row.holder: make_test(tender, row, medium, now) for row in rows}
    vkeys = tender.holder_vkeys
    requests = {
        holder: {"ask": "test", "tender": tender.reference, "medium": str(medium), "envelopes": test.envelopes}
        for holder, test in tests.items()
    }

    def ask(service: Service) -> dict[str, str]:
        vkey = vkeys[service.holder]
        answer = note.open_object(service.client.ask(requests[service.holder], "khtest", vkey), "khtest", [vkey])
        is_for_us = (answer.get("tender"), answer.get("medium")) == (tender_name, str(medium))
        texts: dict[str, str] = answer["texts"] if is_for_us else {}
        return texts

    tender_name = tender.reference
    answers, failures = panel.at_once(ask, tests)
    faults = failures_of(failures)
    return {
        holder: note_result(tender, test, answers.get(holder, {}), faults.get(holder, ""), SETTER, now)
        for holder, test in tests.items()
    }


def start_test(tender_id: UUID, medium: str, actor: Actor, now: datetime) -> HolderTest:
    """A member asks for a test envelope, to open with the key file on `medium`. Raises Forbidden for anybody else."""
    tender = lock_tender(tender_id)
    return make_test(tender, _seat(tender, actor), Medium(medium), now)


def answer_test(test_id: UUID, texts: Mapping[str, bytes], actor: Actor, now: datetime) -> bool:
    """A member's answer: the text of each lane's envelope. Whether it was right; a test is answered once.

    Raises NotFound, Forbidden (another member's), AlreadyDone.
    """
    test = db.session.get(HolderTest, test_id)
    if test is None:
        raise NotFound(f"no test {test_id}")
    tender = lock_tender(test.tender_id)
    if _seat(tender, actor).holder != test.holder:
        raise Forbidden("another holder's test")
    return note_result(tender, test, {lane: b64u(text) for lane, text in texts.items()}, "", actor, now)


def ready_holders(tender: Tender) -> list[str]:
    return [one.holder for one in tender.holders if one.ready_at is not None]


def unready(tender: Tender) -> list[str]:
    """Holders for whom the publication waits: not proved to open, or (mode M2) without their contribution."""
    late = set(missing_seeds(tender))
    return [one.holder for one in tender.holders if one.ready_at is None or one.holder in late]


def box_groups(tender: Tender) -> Groups:
    """The groups of the price lane as the box has them."""
    assert tender.box is not None  # in review, by CHECK
    return Lane.from_json(tender.box["lanes"]["price"]).groups


def _seat(tender: Tender, actor: Actor) -> TenderHolder:
    mine = person_id(actor)
    seat: Sequence[TenderHolder] = [one for one in tender.holders if one.person_id == mine]
    if not seat:
        raise Forbidden("not a keyholder of this tender")
    return seat[0]


def _holder(tender: Tender, holder: str) -> TenderHolder:
    return next(one for one in tender.holders if one.holder == holder)
