"""Several keyholder services through the real system: asked at once, replaced in the log, named where at fault."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time as stopwatch
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import files, time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.errors import HoldersNotReady, KeyholderRefused, TemporarilyUnavailable
from app.tlog.canon import b64u
from bidding.keyholder.holder import Holder
from bidding.keyholders import configured
from bidding.models import Bid, Bundle, HolderTest, Opening, OpeningGroup, Release, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.services import bundling, release
from bidding.services.opening import begin_opening, open_bids
from bidding.services.publishing import accept_unready, publish, submit_for_review
from bidding.states import TenderState
from tests.bidding.conftest import Later, Stage
from tests.bidding.holding import AT_ONCE, House, events, fixed, house, try_to_open
from tests.bidding.staging import PLAN, an_agency, bidders, place, published

NAMES = ("A", "B", "C")
SUBSETS = [set(there) for size in range(4) for there in combinations(NAMES, size)]


class Liar(Holder):
    """Gives random bytes for pieces."""

    def _piece(self, envelope: object, key: object) -> str | None:
        return b64u(os.urandom(64))


class Slow(Holder):
    """Takes its time for pieces."""

    asked = threading.Event()
    go_on = threading.Event()

    def _pieces(self, request: dict[str, object], now: object) -> str:
        self.asked.set()
        self.go_on.wait(30)
        return super()._pieces(request, now)  # type: ignore[arg-type]


@pytest.fixture
def three(app: Flask, tmp_path: Path, later: Later) -> Iterator[House]:
    with house(app, tmp_path / "keyholders", later) as built:
        yield built


@pytest.fixture
def stage(three: House, later: Later) -> Stage:
    return Stage(configured(), later)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def closed(agency: Agency, stage: Stage, amounts: tuple[int, ...] = (90_000_000, 91_000_000)) -> Tender:
    stage.later.ahead = timedelta()
    tender = published(agency, configured())
    firms = bidders(len(amounts), first=1 + 10 * len(db.session.scalars(select(Tender.id)).all()))
    for firm, won in zip(firms, amounts, strict=True):
        place(tender, firm, won)
    stage.close(tender)
    return tender


def test_three_services_make_a_box_that_any_two_open(agency: Agency, three: House) -> None:
    tender = published(agency, configured())
    assert tender.box is not None
    assert tender.box["lanes"]["price"]["groups"] == [["A", "B"], ["A", "C"], ["B", "C"]]
    assert [seed["statement"]["supplier"] for seed in tender.seeds] == ["@agency", "@A", "@B", "@C"]
    told = events(tender, "tender.published")[0]
    assert sorted(told["holders"]) == list(NAMES)
    assert "unready" not in told
    results = [(one["holder"], one["medium"], one["result"]) for one in events(tender, "keyholder.tested")]
    assert sorted(results) == [(name, "restored", "opened") for name in NAMES]


@pytest.mark.parametrize("there", SUBSETS, ids=lambda one: "".join(sorted(one)) or "none")
def test_every_subset_of_services_behaves_as_the_policy_says(
    agency: Agency, three: House, stage: Stage, there: set[str]
) -> None:
    tender = closed(agency, stage)
    for name in set(NAMES) - there:
        three.stop(name)
    is_open = try_to_open(tender, stage.later)
    db.session.expire_all()
    assert is_open == (len(there) >= 2)
    if is_open:
        assert tender.state == TenderState.OPENED
        assert set(fixed(tender)) <= there
    else:
        assert tender.state == TenderState.OPENING
        assert fixed(tender) == []
        assert len(events(tender, "opening.stuck")) == 1
        assert db.session.scalar(select(Bid.id).where(Bid.amount_won.is_not(None))) is None
    gone = [event["missing"] for event in events(tender, "opening.fallback")]
    assert {holder for missing in gone for holder in missing} <= set(NAMES) - there


def test_every_group_gives_the_same_keys_and_the_bundle_of_a_fallback_verifies(
    agency: Agency, three: House, stage: Stage, tmp_path: Path
) -> None:
    tender = closed(agency, stage)
    three.stop("A")
    assert try_to_open(tender, stage.later)
    assert fixed(tender) == ["B", "C"]
    fallback = events(tender, "opening.fallback")[0]
    assert (fallback["missing"], fallback["reason"], fallback["group"]) == (["A"], "no-answer", ["B", "C"])
    assert [(one["holder"], one["part"]) for one in events(tender, "opening.pieces")] == [
        ("B", 0), ("B", 1), ("C", 0), ("C", 1)
    ]  # fmt: skip
    stage.later.ahead = timedelta()
    run_step()
    with transaction():
        bundling.publish_bundle(tender.id, "opening", time.now())
    path = tmp_path / "bundle.zip"
    path.write_bytes(files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256))
    command = [sys.executable, "-m", "bidding.verify", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_holder_that_gives_wrong_pieces_is_named_and_replaced_at_once(
    agency: Agency, three: House, stage: Stage
) -> None:
    tender = closed(agency, stage)
    port = three.stop("A")
    honest = three.programs["A"]
    three.programs["A"] = Liar(honest.name, honest.store, honest.log_vkey, honest.origin, honest.app_vkey)
    three.start("A", port)
    assert try_to_open(tender, stage.later)
    assert fixed(tender) == ["B", "C"]
    fallback = events(tender, "opening.fallback")[0]
    assert (fallback["missing"], fallback["reason"]) == (["A"], "wrong-piece")
    kept = db.session.scalars(select(Release).where(Release.tender_id == tender.id, Release.holder == "A")).all()
    assert [one.fault for one in kept] == ["piece-commitment"]  # the evidence stays


def test_a_slow_one_holds_up_nobody_elses_answer(app: Flask, agency: Agency, three: House, stage: Stage) -> None:
    tender = closed(agency, stage)
    port = three.stop("A")
    held = three.programs["A"]
    three.programs["A"] = Slow(held.name, held.store, held.log_vkey, held.origin, held.app_vkey)
    three.start("A", port)
    app.config["NARU_KEYHOLDER_TIMEOUT"] = 1.0
    stage.later.set_to(tender.opens_at)  # type: ignore[arg-type]
    with transaction():
        begin_opening(tender.id, stage.later)
    run_step()
    began = stopwatch.monotonic()
    with transaction():
        assert not release.gather(tender.id, "price", configured(), stage.later(), timedelta(minutes=1))
    assert stopwatch.monotonic() - began < 25
    assert Slow.asked.is_set()
    given = set(db.session.scalars(select(Release.holder).where(Release.tender_id == tender.id)))
    assert given == {"B"}
    assert fixed(tender) == ["A", "B"]  # its time is not over
    Slow.go_on.set()
    app.config["NARU_KEYHOLDER_TIMEOUT"] = 20.0
    with transaction():
        assert release.gather(tender.id, "price", configured(), stage.later(), timedelta(minutes=1))
    with transaction():
        assert open_bids(tender.id, stage.later)


def test_a_silent_one_has_its_time_before_another_group_is_asked(agency: Agency, three: House, stage: Stage) -> None:
    tender = closed(agency, stage)
    three.stop("B")
    stage.later.set_to(tender.opens_at)  # type: ignore[arg-type]
    with transaction():
        begin_opening(tender.id, stage.later)
    run_step()
    for ahead, group in ((0, ["A", "B"]), (50, ["A", "B"]), (61, ["A", "C"])):  # itself it takes a second or more
        at = stage.later() + timedelta(seconds=ahead)
        with transaction():
            release.gather(tender.id, "price", configured(), at, timedelta(minutes=1))
        assert fixed(tender) == group


def test_one_that_comes_back_in_time_is_not_replaced(agency: Agency, three: House, stage: Stage) -> None:
    tender = closed(agency, stage)
    port = three.stop("A")
    stage.later.set_to(tender.opens_at)  # type: ignore[arg-type]
    with transaction():
        begin_opening(tender.id, stage.later)
    run_step()
    with transaction():
        assert not release.gather(tender.id, "price", configured(), stage.later(), timedelta(minutes=1))
    three.start("A", port)
    with transaction():
        assert release.gather(tender.id, "price", configured(), stage.later(), timedelta(minutes=1))
    assert fixed(tender) == ["A", "B"]
    assert db.session.scalars(select(OpeningGroup.number).where(OpeningGroup.tender_id == tender.id)).all() == [0]


def test_what_was_given_is_not_asked_for_again(agency: Agency, three: House, stage: Stage) -> None:
    tender = closed(agency, stage)
    assert try_to_open(tender, stage.later)
    before = db.session.scalars(select(Release.note).where(Release.tender_id == tender.id)).all()
    with transaction():
        release.gather(tender.id, "price", configured(), stage.later(), AT_ONCE)
    assert db.session.scalars(select(Release.note).where(Release.tender_id == tender.id)).all() == before
    assert db.session.scalars(select(Opening.tender_id)).all() == [tender.id]


def test_a_keyholder_that_answers_under_anothers_name_is_refused(app: Flask, agency: Agency, three: House) -> None:
    urls = app.config["NARU_KEYHOLDERS"]
    app.config["NARU_KEYHOLDERS"] = urls | {"A": urls["B"]}
    with pytest.raises(KeyholderRefused, match="says that it is B"):
        published(agency, configured())


def test_a_keyholder_with_another_key_than_the_pinned_is_refused(app: Flask, agency: Agency, three: House) -> None:
    pins = {name: three.programs[name].who()["vkey"] for name in NAMES}
    app.config["NARU_KEYHOLDER_VKEYS"] = pins
    try:
        published(agency, configured())
        app.config["NARU_KEYHOLDER_VKEYS"] = pins | {"B": pins["C"]}
        with pytest.raises(KeyholderRefused, match="not the pinned one"):
            published(agency, configured())
    finally:
        app.config["NARU_KEYHOLDER_VKEYS"] = {}


def test_without_one_of_its_keyholders_no_box_is_made(agency: Agency, three: House) -> None:
    three.stop("C")
    with pytest.raises(TemporarilyUnavailable):
        published(agency, configured())
    assert db.session.scalars(select(Tender)).all() == []


class TestReadiness:
    """A service whose backup does not open keeps a tender from being published, unless two persons accept it."""

    def submitted(self, agency: Agency, three: House, *without_backup: str) -> Tender:
        for name in without_backup:
            three.programs[name].store.backup = None
        now = time.now()
        with transaction():
            tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
            return submit_for_review(tender.id, agency.officer, now, panel=configured())

    def test_a_lost_backup_stops_the_publication(self, agency: Agency, three: House) -> None:
        tender = self.submitted(agency, three, "B")
        with pytest.raises(HoldersNotReady) as refusal, transaction():
            publish(tender.id, str(tender.box_id), agency.approver, time.now())
        assert refusal.value.facts["holders"] == ["B"]
        tests = db.session.scalars(select(HolderTest).where(HolderTest.holder == "B")).all()
        assert [(test.is_opened, test.fault) for test in tests] == [(False, "refused")]

    def test_two_of_three_are_no_spare(self, agency: Agency, three: House) -> None:
        """2-of-3 with two that are ready: one more could not fail, so nobody can accept it."""
        tender = self.submitted(agency, three, "B")
        with pytest.raises(HoldersNotReady), transaction():
            accept_unready(tender.id, "보관자 B의 디스크 교체 중", agency.officer, time.now())


def test_four_services_can_do_without_a_proof_where_two_persons_accept_it(
    app: Flask, agency: Agency, tmp_path: Path, later: Later
) -> None:
    """Five services, 3-of-5: four that are ready leave a spare."""
    with house(app, tmp_path / "five", later, ("A", "B", "C", "D", "E")) as built:
        built.programs["E"].store.backup = None
        now = time.now()
        with transaction():
            tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
            submit_for_review(tender.id, agency.officer, now, panel=configured())
        with transaction():
            accept_unready(tender.id, "보관자 E의 디스크 교체 중", agency.officer, time.now())
        with transaction():
            publish(tender.id, str(tender.box_id), agency.approver, time.now())
        told = events(tender, "tender.published")[0]
        assert (told["unready"], told["unready_reason"]) == (["E"], "보관자 E의 디스크 교체 중")
