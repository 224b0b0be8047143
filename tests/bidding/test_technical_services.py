"""Proposals before prices: who evaluates, what stays sealed until when, and whose price is never opened."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import audit, files, time
from app.audit.evidence import logged_of
from app.audit.models import Event
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, StaleConfirmation
from app.tlog.canon import parse
from bidding.committee_draw import draw_order
from bidding.models import Bundle, EvaluationSheet, Opening, OpeningGroup, Release
from bidding.rehearsal.documents import Document
from bidding.services import evaluators, fixing, proposals, seats_asked, sheets
from bidding.services.groups import OPENER
from bidding.services.release import gather
from bidding.services.technical import find_committee
from bidding.verify import is_sound, verify
from tests.bidding.conftest import PATIENCE, Stage
from tests.bidding.evaluating import (
    NEGOTIATION,
    PRICE,
    TWO_STAGE,
    Evaluation,
    announced,
    evaluating,
    hand_in,
    open_proposals,
    pool,
    work,
)
from tests.bidding.second_verifier import assert_agreed
from tests.builders import actor_of
from tests.signing_in import sign_in


def test_prices_are_opened_only_of_those_who_pass_and_ranked_by_the_total(stage: Stage) -> None:
    made = evaluating(stage)
    assert made.tender.state == "evaluating"
    assert {one.state for one in made.bids} == {"presented"}
    made.score({0: 95, 1: 84, 2: 90})
    made.fix(stage)
    assert made.tender.state == "opening"
    assert [one.state for one in made.bids] == ["presented", "unqualified", "presented"]
    work(stage)
    assert made.tender.state == "opened"
    first, out, second = made.bids
    assert (first.rank, second.rank) == (1, 2)
    assert (out.state, out.amount_won, out.cek, out.rank) == ("unqualified", None, None, None)
    evaluation = db.session.get_one(Opening, made.tender.id).evaluation
    placings = {placing["stmt"]: placing for placing in evaluation["placings"]}
    assert placings[first.stmt]["points"]["technical"] == 760_000
    assert out.stmt not in placings
    assert parse(out.envelope)["wraps"] == {}  # nobody can open it any more
    bundle = db.session.get_one(Bundle, (made.tender.id, "opening"))
    assert_agreed(files.load(bundle.sha256))
    report = verify(files.load(bundle.sha256))
    assert is_sound(report), [str(check) for check in report if check.result == "FAIL"]
    assert {check.code: str(check.result) for check in report}["V27"] == "PASS"


def test_where_the_lowest_of_all_prices_counts_all_are_opened_and_the_unqualified_have_no_place(stage: Stage) -> None:
    price = {**PRICE, "lowest_over": "valid"}
    made = evaluating(stage, scoring={**NEGOTIATION, "price": price})
    made.score({0: 95, 1: 84, 2: 90})
    made.fix(stage)
    work(stage)
    first, out, second = made.bids
    assert (first.rank, second.rank) == (1, 2)
    assert (out.state, out.amount_won, out.rank, out.reason) == ("opened", 85_000_000, None, "not-qualified")
    evaluation = db.session.get_one(Opening, made.tender.id).evaluation
    lowest = next(step for step in evaluation["arithmetic"] if step["label"] == "lowest-price")
    assert (lowest["expression"], lowest["value"]) == ("valid", "85000000")
    bundle = files.load(db.session.get_one(Bundle, (made.tender.id, "opening")).sha256)
    assert_agreed(bundle)
    report = verify(bundle)
    assert is_sound(report), [str(check) for check in report if check.result == "FAIL"]


def test_no_keyholder_opens_a_price_before_the_result_is_fixed_nor_one_that_was_left_out(stage: Stage) -> None:
    made = evaluating(stage)
    with transaction():
        # What a server that has been taken over would do: the group of the price lane, and no evaluation before it.
        made.tender.state = "opening"
        made.tender.opening_at = stage.later()
        fix = {"tender_id": made.tender.id, "lane": "price", "number": 0, "holders": ["A"], "fixed_at": stage.later()}
        db.session.add(OpeningGroup(**fix))
        audit.emit(
            "opening.group", OPENER, stage.later(), subject=made.tender.audit_subject, tender=made.tender.reference,
            lane="price", group=["A"],
        )  # fmt: skip
    run_step()
    with transaction():
        assert not gather(made.tender.id, "price", stage.keyholder, stage.later(), PATIENCE)
    assert db.session.scalars(select(Release).where(Release.lane == "price")).all() == []


def test_nobody_reads_a_score_before_all_sheets_are_in(stage: Stage) -> None:
    made = evaluating(stage)
    made.declare()
    first, second, third = made.seated
    made.save(first, {0: 90, 1: 90, 2: 90})
    made.sign(first)
    with pytest.raises(IllegalTransition, match="sealed"):
        sheets.sheets_of(made.tender)
    with pytest.raises(IllegalTransition, match="sealed"), transaction():
        fixing.propose_result(made.tender.id, made.agency.officer, time.now())
    assert [(one.code, one.done) for one in sheets.progress_of(made.tender)] == [("E1", 3), ("E2", 0), ("E3", 0)]
    for person in (second, third):
        made.save(person, {0: 90, 1: 90, 2: 90})
        made.sign(person)
    assert len(sheets.sheets_of(made.tender)) == 3


def test_a_signed_sheet_is_changed_by_nobody_the_database_included(stage: Stage) -> None:
    made = evaluating(stage)
    made.declare()
    person = made.seated[0]
    made.save(person, {0: 90, 1: 90, 2: 90})
    with pytest.raises(StaleConfirmation), transaction():
        sheets.submit_sheets(made.tender.id, "0" * 64, actor_of(person), time.now())
    made.sign(person)
    with pytest.raises(AlreadyDone):
        made.save(person, {0: 10})
    for change in ("UPDATE evaluation_sheets SET scores = '{}'", "DELETE FROM evaluation_sheets"):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction():
            db.session.execute(text(change))
    with pytest.raises(IntegrityError, match="stays as it is"), transaction():
        db.session.execute(text("UPDATE evaluation_seats SET submitted_at = NULL WHERE submitted_at IS NOT NULL"))


def test_proposals_are_seen_only_after_the_declaration_and_a_conflict_seats_the_next_of_the_order(stage: Stage) -> None:
    made = evaluating(stage)
    committee = find_committee(made.tender.id)
    assert committee is not None
    assert committee.drawn == draw_order(committee.pool or [], str(made.tender.box_root), "1")
    first = made.seated[0]
    with pytest.raises(Forbidden, match="declare first"):
        proposals.get_proposal(made.tender.id, "A", actor_of(first))
    with pytest.raises(InvalidInput), transaction():
        declare(made, first, has_conflict=True, note=" ")
    with transaction():
        declare(made, first, has_conflict=True, note="처남이 다니는 회사입니다.")
    with pytest.raises(Forbidden, match="declare first"):
        proposals.get_proposal(made.tender.id, "A", actor_of(first))
    seats = evaluators.seats_of(made.tender.id)
    assert [f"person:{seat.person_id}" for seat in seats] == committee.drawn
    assert [seat.code for seat in evaluators.in_force(made.tender.id)] == ["E2", "E3", "E4"]
    with pytest.raises(IntegrityError, match="a declaration stays"), transaction():
        db.session.execute(text("UPDATE evaluation_seats SET has_conflict = false WHERE has_conflict"))


def test_an_empty_seat_is_filled_by_two_persons(stage: Stage) -> None:
    made = evaluating(stage, people=3)
    with transaction():
        declare(made, made.seated[0], has_conflict=True, note="자문했습니다.")
    assert seats_asked.vacancies(made.tender) == 1
    assert not sheets.are_all_in(made.tender)
    late = pool(1)[0]
    with transaction():
        ask = seats_asked.ask_change(
            made.tender.id, "name", late.id, "남은 위원이 없습니다.", made.agency.officer, time.now()
        )
    with pytest.raises(Forbidden), transaction():
        seats_asked.approve_change(ask.id, made.agency.officer, time.now())
    with transaction():
        seats_asked.approve_change(ask.id, made.agency.approver, time.now())
    assert [seat.code for seat in evaluators.in_force(made.tender.id)] == ["E2", "E3", "E4"]
    assert made.seated[-1].id == late.id


def test_an_absent_evaluator_is_replaced_by_two_persons_but_not_one_who_has_signed(stage: Stage) -> None:
    made = evaluating(stage)
    made.declare()
    first, second, _ = made.seated
    made.save(first, {0: 90, 1: 90, 2: 90})
    made.sign(first)
    with pytest.raises(InvalidInput), transaction():
        seats_asked.ask_change(made.tender.id, "replace", first.id, "입원", made.agency.officer, time.now())
    with transaction():
        ask = seats_asked.ask_change(made.tender.id, "replace", second.id, "입원", made.agency.officer, time.now())
    with transaction():
        seats_asked.approve_change(ask.id, made.agency.approver, time.now())
    assert [seat.code for seat in evaluators.in_force(made.tender.id)] == ["E1", "E3", "E4"]
    with pytest.raises(Forbidden):
        made.save(second, {0: 10})


def test_fewer_than_two_readable_proposals_fail_and_no_price_is_opened(stage: Stage) -> None:
    made = announced(stage.keyholder)
    hand_in(made, (90_000_000, 85_000_000), {1: (Document("제안서.pdf", b"MZ\x90\x00 a program", "application/pdf"),)})
    open_proposals(stage, made)
    assert (made.tender.state, made.tender.failure) == ("failed", "too-few-proposals")
    assert {one.state for one in made.bids} == {"presented"}
    assert all(one.amount_won is None for one in made.bids)


def test_where_nobody_qualifies_the_tender_fails_and_the_prices_stay_sealed(stage: Stage) -> None:
    made = evaluating(stage)
    made.score({0: 80, 1: 70, 2: 84})
    made.fix(stage)
    assert (made.tender.state, made.tender.failure) == ("failed", "none-qualified")
    assert {one.state for one in made.bids} == {"unqualified"}
    assert all(parse(one.envelope)["wraps"] == {} for one in made.bids)


def test_in_two_stages_one_who_qualifies_is_enough(stage: Stage) -> None:
    made = evaluating(stage, (90_000_000, 85_000_000), method="two-stage", scoring=TWO_STAGE)
    made.score({0: 90, 1: 50})
    made.fix(stage)
    work(stage)
    assert made.tender.state == "opened"
    assert [(one.state, one.rank) for one in made.bids] == [("opened", 1), ("unqualified", None)]
    bundle = db.session.get_one(Bundle, (made.tender.id, "opening"))
    assert is_sound(verify(files.load(bundle.sha256)))


def test_the_result_is_fixed_by_a_second_person_who_saw_this_very_one(stage: Stage) -> None:
    made = evaluating(stage)
    made.score({0: 90, 1: 90, 2: 90})
    with transaction():
        committee = fixing.propose_result(made.tender.id, made.agency.officer, time.now())
    sha256 = str(committee.technical_sha256)
    with pytest.raises(Forbidden), transaction():
        fixing.fix_result(made.tender.id, sha256, made.agency.officer, stage.later)
    with pytest.raises(StaleConfirmation), transaction():
        fixing.fix_result(made.tender.id, "0" * 64, made.agency.approver, stage.later)
    with transaction():
        fixing.fix_result(made.tender.id, sha256, made.agency.approver, stage.later)
    run_step()
    told = [entry.type for entry in logged_of(str(made.tender.reference))]
    order = ("technical.pool", "tender.closed", "technical.committee", "technical.fixed", "tender.unqualified")
    assert [told.index(kind) for kind in order] == sorted(told.index(kind) for kind in order)
    assert told.index("tender.unqualified") < len(told) - 1 - told[::-1].index("opening.group")


def test_a_blind_evaluation_hides_names_and_serves_files_on_the_record(stage: Stage, client: FlaskClient) -> None:
    made = evaluating(stage)
    person = made.seated[0]
    sign_in(client, person)
    address = f"/evaluations/{made.tender.id}"
    names = {one.organisation.name_ko for one in (db.session.get_one(Person, f.actor.person_id) for f in made.firms)}
    assert all(name in client.get(address).text for name in names)  # for the declaration
    assert client.get(f"{address}/proposals/A").status_code == 403
    sent = {"conflict": "no", "keeps_secret": "true", "note": ""}
    assert client.post(address, data=sent).status_code == 302
    pages = [client.get(address).text, *(client.get(f"{address}/proposals/{letter}").text for letter in "ABC")]
    assert not any(name in page for page in pages for name in names)
    assert not any("제안서.pdf" in page for page in pages)
    file = client.get(f"{address}/proposals/B/files/1")
    assert file.data.startswith(b"%PDF")
    assert "B-1.pdf" in file.headers["Content-Disposition"]
    read = [parse(one.body)["what"] for one in db.session.scalars(select(Event).where(Event.type == "access.read"))]
    assert "proposal B, file 1" in read
    # Through the agency's own page an evaluator learns nothing either.
    assert client.get(f"/tenders/{made.tender.reference}/documents").status_code == 404


def test_a_sheet_is_kept_as_typed_and_says_what_is_wrong(stage: Stage, client: FlaskClient) -> None:
    made = evaluating(stage)
    made.declare()
    sign_in(client, made.seated[0])
    address = f"/evaluations/{made.tender.id}/proposals/A"
    wrong = client.post(address, data={"score-1": "31", "score-2.1": "17.25", "comment-": "좋은 제안입니다."})
    assert wrong.status_code == 422
    assert all(kept in wrong.text for kept in ('value="31"', 'value="17.25"', "좋은 제안입니다."))
    saved = client.post(address, data={"score-1": "30", "score-2.1": "17.25"}, headers={"X-Requested-With": "autosave"})
    assert saved.json == {"saved": 2, "of": 3}
    assert db.session.scalars(select(EvaluationSheet)).one().scores == {"1": 300_000, "2.1": 172_500}


def test_the_agency_sees_progress_then_the_result_and_the_public_only_after_the_prices(
    stage: Stage, client: FlaskClient
) -> None:
    made = evaluating(stage)
    place = f"/tenders/{made.tender.reference}"
    officer = db.session.get_one(Person, made.agency.officer.person_id)
    approver = db.session.get_one(Person, made.agency.approver.person_id)
    made.declare()
    made.save(made.seated[0], {0: 95, 1: 84, 2: 90})
    sign_in(client, officer)
    assert "76.0000" not in client.get(f"{place}/evaluation").text
    assert client.get(f"{place}/technical").status_code == 404
    for person in made.seated:
        made.save(person, {0: 95, 1: 84, 2: 90})
        made.sign(person)
    shown = client.get(f"{place}/evaluation").text
    assert all(text in shown for text in ("76.0000", "좋습니다"))
    assert client.post(f"{place}/evaluation/propose").status_code == 302
    committee = find_committee(made.tender.id)
    assert committee is not None
    sign_in(client, approver)
    sha256 = str(committee.technical_sha256)
    stage.later.ahead = type(stage.later.ahead)()
    assert client.post(f"{place}/evaluation/fix", data={"sha256": sha256}).status_code == 302
    stage.later.set_to(made.tender.opens_at or time.now())
    work(stage)
    client.get("/sign-out")
    page = client.get(f"{place}/technical").text
    assert all(shown in page for shown in ("E1", "76.0000", "67.2000"))


def declare(made: Evaluation, person: Person, *, has_conflict: bool, note: str) -> None:
    evaluators.declare(
        made.tender.id, has_conflict=has_conflict, note=note, keeps_secret=True, actor=actor_of(person), now=time.now()
    )
