"""Without a quorum nothing is opened; two officers may go on without it, and each keyholder decides for itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import keys
from app.audit import entries_of, policies
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from app.errors import Forbidden, IllegalTransition, SamePerson, TemporarilyUnavailable
from app.tlog import note
from bidding.keyholder.checks import Refused
from bidding.keyholder.holder import Holder
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.services import witnessing
from bidding.services.opening import begin_opening
from bidding.services.release import parts_of, request_of
from bidding.services.revisions import approve_revision, ask_revision
from tests.app.audit.witnesses import three, write_policy
from tests.bidding.conftest import Later, Stage
from tests.bidding.staging import an_agency, bidders, place, published


def request_to(holder: Holder, tender: Tender) -> str:
    part = next(iter(parts_of(tender, "price")))
    items = [{"statement": one["statement"], "envelope": one["envelope"]} for one in part]
    request = {"v": 1, "type": "khrequest", **request_of(tender, "price", holder.who()["seen"]), "items": items}
    return note.sign_object("khrequest", request, keys.name_of("agency"), keys.load("agency"))


def test_two_officers_open_without_the_quorum_and_each_keyholder_decides(
    app: Flask, keyholder: Panel, holder: Holder, stage: Stage, later: Later, tmp_path: Path
) -> None:
    agency = an_agency()
    tender = published(agency, keyholder)
    for bidder in bidders(2):
        place(tender, bidder, 90_000_000)
    write_policy(app, tmp_path, three(tmp_path))  # none of them is asked
    stage.close(tender)
    with pytest.raises(IllegalTransition, match="quorum is not missing"), transaction():
        ask_revision(tender.id, "override", "too early", {}, agency.officer, later())
    assert tender.opens_at is not None
    later.set_to(tender.opens_at)
    with transaction():
        assert begin_opening(tender.id, later)
    run_step()
    with pytest.raises(TemporarilyUnavailable, match="not enough witnesses"):
        request_of(tender, "price")
    db.session.rollback()
    late = later() + timedelta(minutes=11)
    with transaction():
        asked = ask_revision(tender.id, "override", "두 곳의 증인이 정전으로 멈췄습니다.", {}, agency.officer, late)
    with pytest.raises(SamePerson), transaction():
        approve_revision(asked.id, agency.officer, late)
    with pytest.raises(Forbidden), transaction():
        approve_revision(asked.id, replace(agency.approver, permissions=frozenset({"tender:view-own"})), late)
    with transaction():
        approve_revision(asked.id, agency.approver, late)
    run_step()
    assert "opening.override" in {entry.type for entry in entries_of(str(tender.reference))}
    strict = replace(holder, policy=policies.in_force().policy)
    with pytest.raises(Refused, match="no quorum"):
        strict.answer(request_to(strict, tender), late)
    willing = replace(strict, takes_override=True)
    pieces = note.open_object(willing.answer(request_to(willing, tender), late), "pieces", [holder.who()["vkey"]])
    assert len(pieces["pieces"]) == len(tender.seeds)


def test_the_agencys_page_says_what_is_missing_and_takes_the_request(
    app: Flask, keyholder: Panel, stage: Stage, sign_in: Any, client: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    agency = an_agency()
    tender = published(agency, keyholder)
    place(tender, bidders(1)[0], 90_000_000)
    write_policy(app, tmp_path, three(tmp_path))
    stage.close(tender)
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    manage = f"/tenders/{tender.reference}/manage"
    assert "The log waits for its witnesses" in client.get(f"{manage}?lang=en").text
    monkeypatch.setattr(witnessing, "PATIENCE", timedelta(days=-1))
    page = client.get(f"{manage}?lang=en").text
    assert "Too few witnesses have cosigned the closing" in page
    assert "Open without the witnesses" in page
    reason = {"reason": "두 곳의 증인이 정전으로 멈췄습니다."}
    asked = client.post(f"/tenders/{tender.reference}/revisions/override", data=reason)
    assert asked.status_code == 302
    assert "Opening without the witnesses" in client.get(f"{manage}?lang=en").text


def test_an_override_of_one_person_or_another_tender_moves_no_keyholder() -> None:
    from app.tlog import merkle
    from app.tlog.canon import jcs
    from app.tlog.checkpoint import Checkpoint
    from bidding.keyholder.checks import _is_overridden

    def is_enough(**changes: Any) -> bool:
        event = {"type": "opening.override", "tender": "T", "approvals": ["person:1", "person:2"], **changes}
        leaf = merkle.leaf_hash(jcs({"e": event, "v": 1}))
        request = {"tender": "T", "override": {"index": 0, "event": event, "proof": []}}
        return _is_overridden(request, Checkpoint("log", 1, leaf))

    assert is_enough()
    assert not is_enough(approvals=["person:1", "person:1"])
    assert not is_enough(tender="U")
    assert not is_enough(type="opening.group")
    assert not _is_overridden({"tender": "T"}, Checkpoint("log", 1, bytes(32)))
