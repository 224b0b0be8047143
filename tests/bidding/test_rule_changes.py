"""Changing the rule data while the system runs: drafted, read by the loader, proposed, adopted by another, in force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app import time
from app.audit.models import Event
from app.auth import Actor, Role, system
from app.db import db, transaction
from app.errors import (
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    RuleBroken,
    SamePerson,
    StaleConfirmation,
)
from app.ids import new_id
from app.time import kst_date
from app.tlog.canon import jcs
from bidding.keyholder.panel import Panel
from bidding.models import RuleChange, RuleVersion
from bidding.rehearsal.stages import announce, draft
from bidding.rules import data
from bidding.services import rule_changes, rulebook
from bidding.services.publishing import publish, submit_for_review
from bidding.services.schedule import floor_advice, notice_findings
from tests.bidding.staging import PLAN, an_agency
from tests.builders import make_person, sign_in

HOUR = timedelta(hours=1)


def operators(count: int = 2) -> list[Actor]:
    people = [make_person([Role.OPERATOR]) for _ in range(count)]
    may = frozenset({"rules:propose", "rules:approve"})
    return [replace(system(), person_id=one.id, handle=f"person:{one.id}", permissions=may) for one in people]


def goods_at(rate: str, book: data.Book | None = None) -> str:
    """The floors with another rate for e-quotes of goods."""
    floors = (book or rulebook.current()).texts["floor_rates"]
    head, found, tail = floors.rpartition(
        'regime = "national"\nkind = "goods"\ncategory = ""\nmethod = "quote"\nrate = '
    )
    assert found
    return head + found + rate + tail[tail.index("\n") :]


def adopted(rate: str = "90_000", now: datetime | None = None) -> RuleChange:
    first, second = operators()
    now = now or time.now()
    with transaction():
        change = rule_changes.start(first, now)
        rule_changes.write(change.id, "floor_rates", goods_at(rate), first)
        rule_changes.propose(change.id, "90%로 오름", first, now)
        return rule_changes.adopt(change.id, str(change.sha256), second, now)


def quote_floor(on: datetime) -> int:
    found = data.find_floor("national", "goods", "quote", 1, kst_date(on), book=rulebook.current())
    assert found is not None
    return found.rate


def test_what_the_software_brings_is_in_force_until_somebody_changes_it(app: Flask) -> None:
    assert rulebook.current_version() == data.version()
    assert rulebook.current() is data.shipped()


def test_two_operators_put_a_change_in_force_at_once(app: Flask) -> None:
    now = time.now()
    assert quote_floor(now) == 88_000
    change = adopted()
    assert quote_floor(now) == 90_000
    assert rulebook.current_version() == change.version != data.version()
    kept = db.session.get_one(RuleVersion, change.version)
    assert hashlib.sha256(jcs(kept.texts)).hexdigest() == change.sha256 == rulebook.current().sha256


def test_the_log_says_which_version_and_who_agreed(app: Flask) -> None:
    change = adopted()
    event = db.session.scalars(select(Event).where(Event.type == "rules.changed")).one()
    body = json.loads(event.body)
    assert event.is_open
    assert (body["version"], body["sha256"], body["base"]) == (change.version, change.sha256, data.version())
    assert body["approvals"] == [f"person:{change.proposed_by_id}", f"person:{change.decided_by_id}"]


def test_the_same_person_never_adopts_what_they_proposed(app: Flask) -> None:
    (alone,) = operators(1)
    now = time.now()
    with transaction():
        change = rule_changes.start(alone, now)
        rule_changes.write(change.id, "floor_rates", goods_at("90_000"), alone)
        rule_changes.propose(change.id, "혼자", alone, now)
    with pytest.raises(SamePerson):
        rule_changes.adopt(change.id, str(change.sha256), alone, now)


def test_the_database_wants_two_persons_as_well(app: Flask) -> None:
    change = adopted()
    with pytest.raises(IntegrityError, match="two_persons"):
        db.session.execute(
            text("UPDATE rule_changes SET decided_by_id = proposed_by_id WHERE id = :id"), {"id": change.id}
        )
    db.session.rollback()


@pytest.mark.parametrize("act", ["UPDATE rule_versions SET sha256 = repeat('0', 64)", "DELETE FROM rule_versions"])
def test_a_version_is_written_once(app: Flask, act: str) -> None:
    adopted()
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(text(act))
    db.session.rollback()


def test_what_the_loader_refuses_is_kept_but_not_proposed(app: Flask) -> None:
    first, _second = operators()
    now = time.now()
    with transaction():
        change = rule_changes.start(first, now)
        rule_changes.write(change.id, "floor_rates", goods_at("90.5"), first)
        rule_changes.write(change.id, "bonds", "as_of = ", first)
    looked = rule_changes.look(change, now)
    assert looked.book is None
    assert {problem.code for problem in looked.problems} >= {"float", "not-toml"}
    with pytest.raises(RuleBroken) as caught:
        rule_changes.propose(change.id, "x", first, now)
    assert "float" in caught.value.facts["findings"]
    assert "90.5" in change.texts["floor_rates"]


def test_text_as_it_was_is_no_change(app: Flask) -> None:
    first, _second = operators()
    now = time.now()
    with transaction():
        change = rule_changes.start(first, now)
        rule_changes.write(change.id, "floor_rates", goods_at("90_000"), first)
        rule_changes.write(change.id, "floor_rates", data.shipped().texts["floor_rates"].replace("\n", "\r\n"), first)
    assert change.texts == {}
    with pytest.raises(RuleBroken, match="nothing is changed"):
        rule_changes.propose(change.id, "x", first, now)


@pytest.mark.parametrize(
    ("days", "code"), [(1, "revised-in-the-future"), (-4000, "revised-before-its-base")], ids=["tomorrow", "long ago"]
)
def test_the_day_of_revision_is_neither_to_come_nor_before_its_base(app: Flask, days: int, code: str) -> None:
    first, _second = operators()
    now = time.now()
    on = (kst_date(now) + timedelta(days=days)).isoformat()
    texts = {name: one.replace("as_of = 2026-11-24", f"as_of = {on}") for name, one in data.shipped().texts.items()}
    with transaction():
        change = rule_changes.start(first, now)
        for name, one in texts.items():
            rule_changes.write(change.id, name, one, first)
    assert [problem.code for problem in rule_changes.look(change, now).problems] == [code]


def test_two_changes_of_the_same_version_do_not_both_get_in(app: Flask) -> None:
    (first, second), now = operators(), time.now()
    with transaction():
        change = rule_changes.start(first, now)
        rule_changes.write(change.id, "floor_rates", goods_at("89_000"), first)
        rule_changes.propose(change.id, "먼저 낸 것", first, now)
    adopted("90_000", now)
    with pytest.raises(StaleConfirmation):
        rule_changes.adopt(change.id, str(change.sha256), second, now)


def test_only_what_was_shown_is_adopted(app: Flask) -> None:
    (first, second), now = operators(), time.now()
    with transaction():
        change = rule_changes.start(first, now)
        rule_changes.write(change.id, "floor_rates", goods_at("90_000"), first)
        rule_changes.propose(change.id, "까닭", first, now)
    with pytest.raises(StaleConfirmation):
        rule_changes.adopt(change.id, "0" * 64, second, now)
    with transaction():
        rule_changes.send_back(change.id, second, now)
        rule_changes.drop(change.id, first, now)
    with pytest.raises(IllegalTransition):
        rule_changes.adopt(change.id, str(change.sha256), second, now)


def test_who_may_not_change_the_rules_does_not(app: Flask) -> None:
    (first, second), now = operators(), time.now()
    nobody = replace(first, permissions=frozenset())
    with transaction():
        change = rule_changes.start(first, now)
        rule_changes.write(change.id, "floor_rates", goods_at("90_000"), first)
    acts: list[Callable[[], object]] = [
        lambda: rule_changes.start(nobody, now),
        lambda: rule_changes.write(change.id, "bonds", "x", nobody),
        lambda: rule_changes.propose(change.id, "x", nobody, now),
        lambda: rule_changes.drop(change.id, nobody, now),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(InvalidInput):
        rule_changes.write(change.id, "passwords", "x", first)
    with pytest.raises(InvalidInput):
        rule_changes.propose(change.id, "  ", second, now)
    with pytest.raises(NotFound):
        rule_changes.adopt(new_id(), "", second, now)


# ---- what it means for notices


def test_a_published_notice_keeps_the_version_of_its_day(app: Flask, keyholder: Panel) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + HOUR)
        announce(agency, tender, keyholder, now)
    assert tender.rule_version == data.version()
    assert db.session.get(RuleVersion, tender.rule_version) is not None
    adopted()
    assert tender.rule_version == data.version()
    assert rulebook.book_for(tender) is data.shipped()
    with transaction():
        later = draft(agency, PLAN, now, closes_at=now + HOUR)
    assert rulebook.book_for(later) is rulebook.current() is not data.shipped()


def test_the_advice_for_a_draft_follows_the_data(app: Flask) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + HOUR)
        tender.method, tender.kind, tender.regime = "quote", "goods", "national"
    before = floor_advice(tender, now)
    adopted()
    after = floor_advice(tender, now)
    assert before is not None
    assert after is not None
    assert (before.rate, after.rate) == (88_000, 90_000)


def test_what_was_submitted_before_a_change_is_submitted_anew(app: Flask, keyholder: Panel) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + HOUR)
        submit_for_review(tender.id, agency.officer, now, panel=keyholder)
    assert "rules-changed" not in {found.finding.code for found in notice_findings(tender, now)}
    adopted()
    with pytest.raises(RuleBroken) as caught, transaction():
        publish(tender.id, str(tender.box_id), agency.approver, now)
    assert [finding.code for finding in caught.value.facts["findings"]] == ["rules-changed"]


def test_a_version_that_the_software_no_longer_brings_is_still_read(app: Flask) -> None:
    change = adopted()
    rulebook._books.clear()
    book = rulebook.book_of(str(change.version))
    assert book is not None
    assert book.version == change.version
    assert rulebook.book_of("2020-01-01-000000000000") is None


def test_what_newer_software_brings_waits_for_two_operators(app: Flask) -> None:
    first, _second = operators()
    assert not rule_changes.software_waits()
    adopted()
    assert not rule_changes.software_waits()  # it was in force before
    with transaction():
        change = rule_changes.start(first, time.now(), from_software=True)
    assert set(change.texts) == {"floor_rates"}
    assert change.texts["floor_rates"] == data.shipped().texts["floor_rates"]


# ---- the pages


def test_from_the_draft_to_the_second_operator_over_the_pages(app: Flask, client: FlaskClient) -> None:
    one, two = (make_person([Role.OPERATOR]) for _ in range(2))
    sign_in(client, one)
    at = client.post("/operations/rules/start").headers["Location"]
    kept = client.post(f"{at}/floor_rates", data={"text": goods_at("90.5")})
    assert kept.status_code == 302
    page = client.get(f"{at}/floor_rates?lang=en").get_data(as_text=True)
    assert "number with a fraction" in page
    assert "rate = 90.5" in page
    refused = client.post(f"{at}/propose?lang=en", data={"reason": "90%로 오름"})
    assert refused.status_code == 422
    assert "90%로 오름" in refused.get_data(as_text=True)
    client.post(f"{at}/floor_rates", data={"text": goods_at("90_000")})
    shown = client.get(f"{at}?lang=en").get_data(as_text=True)
    assert "<del>− rate = 88_000</del>" in shown
    assert "<ins>+ rate = 90_000</ins>" in shown
    assert client.post(f"{at}/propose", data={"reason": "90%로 오름"}).status_code == 302
    change = db.session.scalars(select(RuleChange)).one()
    assert client.post(f"{at}/adopt", data={"sha256": change.sha256}).status_code == 409
    sign_in(client, two)
    assert "Adopt this change?" in client.get(f"{at}?lang=en").get_data(as_text=True)
    assert client.post(f"{at}/adopt", data={"sha256": change.sha256}).status_code == 302
    db.session.expire_all()
    assert rulebook.current_version() == change.version
    assert "90%로 오름" in client.get("/operations/rules").get_data(as_text=True)
