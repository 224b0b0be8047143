"""Every route of bidding, asked by everybody: who gets in, and who is told what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import time
from app.auth import Role
from app.auth.models import Person
from app.db import db, transaction
from app.errors import BadEnvelope
from app.ids import new_id
from bidding.keyholder.panel import Panel
from bidding.models import Attachment, Outage, Refusal
from bidding.rehearsal.cancelling import ask_to_cancel
from bidding.rehearsal.stages import announce, draft
from bidding.services import rulebook
from bidding.services.complaining import Filing, file_complaint
from bidding.services.drafting import add_attachment
from bidding.services.publishing import submit_for_review
from bidding.services.questions import ask
from bidding.services.refusing import refuse
from bidding.services.revisions import ask_revision
from tests.bidding.evaluating import plan as scored_plan
from tests.bidding.seats import announced, keyholders, named, seated
from tests.bidding.staging import PLAN, an_agency, bidders, place
from tests.builders import make_person, sign_in

# In this order each route is asked: whoever may change something comes after those who may not.
ROLES = (
    "anonymous", "operator", "auditor", "evaluator", "keyholder", "other_keyholder", "supplier_b", "supplier_a",
    "other_officer", "other_approver", "approver", "officer",
)  # fmt: skip
EVERYBODY = dict.fromkeys(ROLES, 200)
SUPPLIERS = {"supplier_a": 200, "supplier_b": 200}
OWN_PAGE = {"officer": 200, "approver": 200, "other_officer": 404, "other_approver": 404}
Statuses = Mapping[str, int]


def officers(own: int, other: int) -> Statuses:
    return {"officer": own, "other_officer": other}


def approvers(own: int, other: int) -> Statuses:
    return {"approver": own, "other_approver": other}


def seats(own: int, other: int) -> Statuses:
    return {"keyholder": own, "other_keyholder": other}


WHAT = {"title": "역할표의 제목", "kind": "goods"}
LOT = {"lot_name": "북부", "estimated_value_won": "45,000,000", "base_amount_won": "50,000,000"}
DIGEST = {"digest": "0" * 64}
# Route and method: what is sent, and the answer to each who is let in. Anybody else is sent to sign in, or refused.
MATRIX: dict[str, tuple[dict[str, Any], Statuses]] = {
    "GET board": ({}, EVERYBODY),
    "GET board_csv": ({}, EVERYBODY),
    "GET verify": ({}, EVERYBODY),
    "GET verify_single_file": ({}, EVERYBODY),
    "GET tender_page": ({}, EVERYBODY),
    "GET tender_result": ({}, EVERYBODY),
    "GET tender_draw": ({}, EVERYBODY),
    "GET tender_rerun": ({}, dict.fromkeys(ROLES, 404)),  # nothing is opened there
    "GET tender_result_csv": ({}, dict.fromkeys(ROLES, 404)),
    "GET tender_result_json": ({}, dict.fromkeys(ROLES, 404)),
    "GET tender_similar": ({}, dict.fromkeys(ROLES, 404)),
    "GET tender_result_pdf": ({}, dict.fromkeys(ROLES, 404)),
    "GET tender_result_xlsx": ({}, dict.fromkeys(ROLES, 404)),
    "GET guide": ({}, EVERYBODY),
    "GET methods": ({}, EVERYBODY),
    "GET method_page": ({}, EVERYBODY),
    "GET calculator": ({}, EVERYBODY),
    "GET calculator_of": ({}, EVERYBODY),
    "GET tender_evidence": ({}, EVERYBODY),
    "GET notice_json": ({}, EVERYBODY),
    "GET tender_file": ({}, EVERYBODY),
    "GET tender_bundle": ({}, dict.fromkeys(ROLES, 404)),
    "GET auction_page": ({}, dict.fromkeys(ROLES, 404)),  # of a tender without one: its own tests have one
    "GET auction_board": ({}, dict.fromkeys(ROLES, 404)),
    "GET api_auction": ({}, dict.fromkeys(ROLES, 404)),
    "GET auction_file": ({}, dict.fromkeys(ROLES, 404)),
    "POST api_auction_bid": ({"data": "{}"}, {"supplier_a": 422, "supplier_b": 422}),
    "GET api_intake": ({}, EVERYBODY),
    "GET rules_page": ({}, EVERYBODY),
    "GET rules_json": ({}, EVERYBODY),
    "GET rules_toml": ({}, EVERYBODY),
    "GET rule_changes_page": ({}, {"operator": 200}),
    "POST start_rule_change": ({}, {"operator": 302}),
    "GET rule_change_page": ({}, {"operator": 404}),
    "GET rule_file_page": ({}, {"operator": 404}),
    "POST rule_file_page": ({}, {"operator": 404}),
    "POST propose_rule_change": ({"data": {"reason": "까닭"}}, {"operator": 404}),
    "POST adopt_rule_change": ({}, {"operator": 404}),
    "POST return_rule_change": ({}, {"operator": 404}),
    "POST drop_rule_change": ({}, {"operator": 404}),
    "GET outages_page": ({}, EVERYBODY),
    "GET outage_page": ({}, EVERYBODY),
    "GET outage_note": ({}, dict.fromkeys(ROLES, 404)),
    "GET operations_page": ({}, {"operator": 200}),
    "GET outage_decision": ({}, {"operator": 200}),
    "POST propose_outage": ({}, {"operator": 422}),
    "POST confirm_outage": ({}, {"operator": 409}),
    "POST return_outage": ({}, {"operator": 409}),
    "GET cancellation_page": ({}, {"supplier_a": 200, "supplier_b": 404}),
    "POST api_ask_cancellation": ({"data": "{}"}, {"supplier_a": 422, "supplier_b": 422}),
    "GET refusal_file": ({}, {"supplier_a": 200, "supplier_b": 404}),
    "GET cancellations_page": ({}, OWN_PAGE),
    "POST propose_cancellation": ({}, officers(302, 404)),
    "POST confirm_cancellation": ({}, approvers(409, 404)),
    "POST return_cancellation": ({}, approvers(302, 404)),
    "GET evaluations": ({}, {"evaluator": 200}),
    "POST evaluations": ({}, {"evaluator": 422}),
    "POST leave_evaluators": ({}, {"evaluator": 404}),
    "GET evaluation_seat": ({}, {"evaluator": 404}),
    "POST evaluation_seat": ({}, {"evaluator": 404}),
    "GET evaluation_proposal": ({}, {"evaluator": 404}),
    "POST evaluation_proposal": ({}, {"evaluator": 404}),
    "GET evaluation_file": ({}, {"evaluator": 404}),
    "POST sign_sheets": ({}, {"evaluator": 404}),
    "GET tender_evaluation": ({}, OWN_PAGE),
    "POST plan_evaluation": ({}, officers(422, 404)),
    "POST propose_technical": ({}, officers(302, 404)),
    "POST fix_technical": ({}, approvers(409, 404)),
    "POST return_technical": ({}, approvers(302, 404)),
    "POST ask_seat": ({}, officers(422, 404)),
    "POST approve_seat": ({}, approvers(404, 404)),
    "POST withdraw_seat": ({}, dict.fromkeys(OWN_PAGE, 404)),
    "GET tender_technical": ({}, dict.fromkeys(ROLES, 404)),
    "GET bid_start": ({}, SUPPLIERS),
    "GET self_check": ({}, SUPPLIERS),
    "GET api_box": ({}, SUPPLIERS),
    "POST api_submit_bid": ({"data": "{}"}, {"supplier_a": 422, "supplier_b": 422}),
    "GET client_page": ({}, EVERYBODY),
    "GET offline_client_file": ({}, EVERYBODY),
    "GET bid_file_page": ({}, EVERYBODY),
    "GET box_file": ({}, EVERYBODY),
    "GET my_bids": ({}, SUPPLIERS),
    "GET bid_page": ({}, {"supplier_a": 200, "supplier_b": 404}),
    "GET bid_proof": ({}, {"supplier_a": 202, "supplier_b": 404}),
    "GET receipt_file": ({}, {"supplier_a": 200, "supplier_b": 404}),
    "GET bid_receipt_pdf": ({}, {"supplier_a": 302, "supplier_b": 404}),
    "GET api_csrf_token": ({}, SUPPLIERS),
    "POST api_stamp": ({"json": {}}, {"supplier_a": 422, "supplier_b": 422}),
    "PUT api_put_blob": ({"data": b"part"}, {"supplier_a": 422, "supplier_b": 422}),
    "GET api_blob_state": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "DELETE api_forget_blob": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "GET api_signing_keys": ({}, SUPPLIERS),
    "POST api_signing_key_challenge": ({}, SUPPLIERS),
    "POST api_enrol_signing_key": ({"json": {}}, {"supplier_a": 422, "supplier_b": 422}),
    "POST api_enrol_passkey": ({"json": {}}, {"supplier_a": 422, "supplier_b": 422}),
    "GET signing_keys": ({}, SUPPLIERS),
    "POST revoke_signing_key": ({}, {"supplier_a": 303, "supplier_b": 404}),
    "GET ask_page": ({}, SUPPLIERS),
    "POST ask_question": ({}, {"supplier_a": 422, "supplier_b": 422}),
    "GET agency_tenders": ({}, dict.fromkeys(OWN_PAGE, 200)),
    "GET new_tender": ({}, officers(200, 200)),
    "POST new_tender": ({}, officers(200, 200)),
    "GET draft_step": ({}, officers(200, 404)),
    "POST draft_step": ({}, officers(200, 404)),
    "GET draft_scoring": ({}, officers(200, 404)),
    "POST draft_scoring": ({}, officers(302, 404)),
    "GET dry_run": ({}, OWN_PAGE),
    "POST dry_run": ({}, OWN_PAGE),
    "POST autosave": ({"data": WHAT}, officers(200, 403)),
    "POST add_file": ({"data": lambda: {"file": (BytesIO(b"words"), "a.txt")}}, officers(302, 403)),
    "POST remove_file": ({}, officers(302, 403)),
    "POST add_asked_document": ({"data": {"name": "제안서", "max_mb": "10"}}, officers(302, 404)),
    "POST remove_asked_document": ({}, officers(302, 404)),
    "GET draft_lots": ({}, officers(200, 404)),
    "POST add_lot": ({"data": LOT}, officers(302, 404)),
    "GET draft_lot": ({}, officers(200, 404)),
    "POST draft_lot": ({}, officers(422, 404)),
    "POST save_terms": ({"data": {"framework_winners": "1"}}, officers(422, 404)),
    "GET my_consortia": ({}, SUPPLIERS),
    "GET tender_consortia": ({}, EVERYBODY),
    "GET consortium_page": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST propose_consortium": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST agree_consortium": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST decline_consortium": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST dissolve_consortium": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST limit_lots": ({"data": {"max_lots": "1"}}, officers(302, 404)),
    "POST remove_lot": ({}, officers(302, 404)),
    "POST test_holders": ({}, {**officers(302, 403), **approvers(302, 403)}),
    "POST accept_holders": ({"data": {"reason": "보관자 교체 중"}}, officers(302, 403)),
    "GET keyholder_health": ({}, {"operator": 200}),
    "POST submit_tender": ({}, officers(302, 403)),
    "POST discard_tender": ({}, officers(302, 403)),
    "GET review_tender": ({}, OWN_PAGE),
    "POST publish_tender": ({}, approvers(409, 403)),
    "POST send_back_tender": ({}, approvers(302, 302)),
    "POST take_back_tender": ({}, officers(302, 403)),
    "GET manage_tender": ({}, OWN_PAGE),
    "POST answer_question": ({}, officers(422, 404)),
    "POST ask_revision": ({}, officers(422, 404)),
    "POST approve_revision": ({}, approvers(302, 403)),
    "POST refuse_revision": ({}, approvers(409, 403)),
    "POST ask_recovery": ({}, officers(302, 404)),
    "POST approve_recovery": ({}, approvers(404, 404)),
    "POST supply_key": ({"data": {"sealed": "A" * 107}}, {"supplier_a": 404, "supplier_b": 404}),
    "POST renotice_tender": ({}, officers(409, 404)),
    "GET complaints_page": ({}, EVERYBODY),
    "GET complaint_page": ({}, EVERYBODY),
    "GET complaint_file": ({}, dict.fromkeys(ROLES[1:], 404)),  # it has none of that hash
    "GET new_complaint": ({}, SUPPLIERS),
    "POST file_complaint": ({}, {"supplier_a": 422, "supplier_b": 422}),
    "POST send_back_complaint": ({}, approvers(409, 403)),
    "POST confirm_complaint": ({}, approvers(409, 403)),
    "POST propose_complaint": ({}, officers(422, 422)),
    "POST suspend_complaint": ({}, officers(409, 403)),
    "POST recommend_complaint": ({}, officers(422, 422)),
    "POST close_complaint": ({}, officers(409, 403)),
    "POST appeal_complaint": ({}, {"supplier_a": 422, "supplier_b": 422}),
    "POST withdraw_complaint": ({}, {"supplier_a": 302, "supplier_b": 404}),
    "POST accept_complaint": ({}, officers(409, 403)),
    "GET after_failure": ({}, dict.fromkeys(OWN_PAGE, 404)),  # it runs
    "POST rebid_tender": ({}, officers(404, 404)),
    "POST ask_direct": ({"data": {"amount_won": "1,000", "reason": "단독 입찰"}}, officers(409, 404)),
    "POST approve_direct": ({}, approvers(404, 404)),
    "POST refuse_direct": ({}, approvers(404, 404)),
    "POST lapse_direct": ({"data": {"reason": "계약 미체결"}}, approvers(404, 404)),
    # Nothing is opened yet, and another agency's documents are not there at all.
    "GET bid_documents": ({}, dict.fromkeys((*OWN_PAGE, "evaluator"), 404)),
    "GET bid_document_file": ({}, dict.fromkeys((*OWN_PAGE, "evaluator"), 404)),
    "GET award_page": ({}, OWN_PAGE | {"officer": 302, "approver": 302}),
    "POST propose_award": ({"data": DIGEST}, officers(409, 404)),
    "POST pass_over": ({}, officers(409, 404)),
    "POST confirm_award": ({"data": DIGEST}, approvers(409, 404)),
    "POST reconsider_award": ({}, approvers(302, 404)),
    # Nothing is opened yet, so nobody is in line and nothing is decided.
    "GET bond_page": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST give_bond": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "GET line_up_page": ({}, OWN_PAGE | {"officer": 302, "approver": 302}),
    "POST ask_review": ({"data": {"asked_for": "실적증명서"}}, officers(404, 404)),
    "POST open_review": ({}, officers(404, 404)),
    "GET bid_checks": ({}, dict.fromkeys(OWN_PAGE, 404)),
    "GET review_page": ({}, dict.fromkeys(OWN_PAGE, 404)),
    "GET review_file": ({}, dict.fromkeys(OWN_PAGE, 404)),
    "POST add_review_file": ({}, officers(404, 404)),
    "POST ask_review_supplement": ({}, officers(404, 404)),
    "POST propose_review_points": ({}, officers(404, 404)),
    "POST propose_review_result": ({}, officers(404, 404)),
    "POST confirm_review": ({}, approvers(404, 404)),
    "POST return_review": ({}, approvers(404, 404)),
    "POST end_reviews": ({}, approvers(409, 404)),
    "GET bid_review_page": ({}, {"supplier_a": 200, "supplier_b": 404}),
    "POST add_bid_review_file": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST remove_bid_review_file": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "POST submit_bid_review": ({}, {"supplier_a": 404, "supplier_b": 404}),
    "GET audit_cases": ({}, {"auditor": 200}),
    "GET audit_case": ({}, {"auditor": 200}),
    "GET audit_trail_csv": ({}, {"auditor": 200}),
    "POST audit_recompute": ({}, {"auditor": 200}),
    "GET audit_check": ({}, {"auditor": 200}),
    "POST audit_check_file": ({}, {"auditor": 422}),
    "GET committee_seats": ({}, seats(200, 200)),
    "GET committee_seat": ({}, seats(200, 404)),
    "POST api_committee_facts": ({}, seats(200, 404)),
    "POST api_committee_keys": ({"json": {}}, seats(422, 422)),
    "POST api_start_test": ({"json": {"medium": "medium-1"}}, seats(422, 403)),
    "POST api_answer_test": ({"json": {"texts": {}}}, seats(404, 404)),
    "GET api_committee_box": ({}, seats(404, 404)),
    "POST api_committee_seed": ({"json": {"note": "x"}}, seats(409, 403)),
    "POST attend_as_member": ({}, seats(409, 404)),
    "GET api_committee_opening": ({}, seats(404, 404)),
    "GET api_committee_items": ({}, seats(404, 404)),
    "POST api_committee_pieces": ({"json": {"lane": "price", "part": 0, "note": "x"}}, seats(409, 409)),
    "GET draft_holders": ({}, officers(200, 404)),
    "POST draft_holders": ({}, officers(422, 404)),
    "GET opening_room": ({}, OWN_PAGE),
    "POST attend_as_witness": ({}, OWN_PAGE | {"officer": 409, "approver": 409}),
    "POST start_session": ({}, officers(302, 404)),
    "POST ask_fallback": ({}, officers(422, 404)),
    "POST approve_fallback": ({}, approvers(404, 404)),
    "POST withdraw_fallback": ({}, dict.fromkeys(OWN_PAGE, 404)),
}


EVALUATION = (
    *("tender_evaluation", "plan_evaluation", "propose_technical", "fix_technical", "return_technical"),
    *("ask_seat", "approve_seat", "withdraw_seat", "tender_technical"),
)
ROOM = ("opening_room", "attend_as_witness", "start_session", "ask_fallback", "approve_fallback", "withdraw_fallback")


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.endpoint.removeprefix('bidding.')}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("bidding.") and rule.endpoint != "bidding.static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_no_route_is_missing_from_the_matrix(app: Flask) -> None:
    assert routes(app) == set(MATRIX)


Values = Callable[[str], dict[str, Any]]


@pytest.fixture
def cast(app: Flask, keyholder: Panel) -> tuple[dict[str, Person | None], Values]:
    """People by role, and what each endpoint is about: a draft, one in review, one published with a bid in it."""
    agency, other, (first, second), now = an_agency(), an_agency(2), bidders(2), time.now()
    people_of_it = keyholders(3)
    waiting, opened_by_people = named(agency, people_of_it), announced(seated(agency, people_of_it), keyholder)
    with transaction():
        drafts = [draft(agency, PLAN, now, closes_at=now + timedelta(hours=1)) for _ in range(4)]
        edited, discarded, in_review, public = drafts
        for tender in (edited, public):
            add_attachment(tender.id, "시방서.txt", b"plain words", agency.officer, now)
        submit_for_review(in_review.id, agency.officer, now, panel=keyholder)
        announce(agency, public, keyholder, now)
        scored = draft(agency, scored_plan(), now, closes_at=now + timedelta(hours=1))
        announce(agency, scored, keyholder, now)
        question = ask(public.id, "역할표의 질문입니다.", second.actor, now)
        revision = ask_revision(public.id, "correction", "역할표", {"description": "고침"}, agency.officer, now)
    bid = place(public, first, 90_000_000)
    with transaction():
        ask_to_cancel(bid, first, "단위를 잘못 적었습니다.", now)
        outage = Outage(began_at=now - timedelta(minutes=9), ended_at=now - timedelta(minutes=2))
        db.session.add(outage)
        refuse(str(public.reference), "ab" * 32, BadEnvelope("shape", fault="shape"), first.actor, now)
        refusal_id = db.session.scalars(select(Refusal.id)).one()
        filing = Filing("notice", "공고의 조건이 지나칩니다.", "고쳐 주십시오.")
        complaint = file_complaint(public.id, filing, first.actor, now)
    file = db.session.scalars(select(Attachment).where(Attachment.tender_id == edited.id)).one()
    people: dict[str, Person | None] = {
        "anonymous": None,
        "operator": make_person([Role.OPERATOR]),
        "auditor": make_person([Role.AUDITOR]),
        "evaluator": make_person([Role.EVALUATOR]),
        "keyholder": people_of_it[0],
        "other_keyholder": make_person([Role.KEYHOLDER]),
    }
    actors = {"supplier_a": first.actor, "supplier_b": second.actor, "officer": agency.officer}
    actors |= {"approver": agency.approver, "other_officer": other.officer, "other_approver": other.approver}
    people |= {role: db.session.get_one(Person, actor.person_id) for role, actor in actors.items()}
    known: dict[str, Any] = {
        "reference": public.reference,
        "sha256": file.sha256,
        "bid_id": bid.id,
        "kid": UUID(first.kid),
        "question_id": question.id,
        "revision_id": revision.id,
        "attachment_id": file.id,
        "kind": "cancellation",
        "step": "what",
        "reader": "suppliers",
        "method": "quote",
        "about": "floor",
        "outage_id": outage.id,
        "refusal_id": refusal_id,
        "number": complaint.number,
        "word": "0123456789abcdef" * 2,
        "n": 1,
        "letter": "A",
        "version": rulebook.current_version(),
        "name": "bonds",
        "change_id": new_id(),
        "direct_id": new_id(),
        "lot_no": 2,
        "consortium_id": new_id(),
        "tender_id": edited.id,
        "ask_id": new_id(),
        "test_id": new_id(),
        "review_id": new_id(),
        "file_id": new_id(),
    }
    by_seat = {
        route.split()[1]: {"tender_id": waiting.id}
        for route, (_, expected) in MATRIX.items()
        if set(expected) == {"keyholder", "other_keyholder"}
    }
    rooms = {name: {"reference": opened_by_people.reference} for name in ROOM}
    rooms |= {name: {"reference": scored.reference} for name in EVALUATION}
    about = {"discard_tender": discarded.id} | dict.fromkeys(
        ("review_tender", "publish_tender", "send_back_tender", "take_back_tender", "test_holders", "accept_holders"),
        in_review.id,
    )
    special = {name: {"tender_id": tender_id} for name, tender_id in about.items()} | rooms | by_seat
    return people, lambda name: known | special.get(name, {})


def test_everybody_gets_what_the_matrix_says(
    app: Flask, client: FlaskClient, cast: tuple[dict[str, Person | None], Values]
) -> None:
    people, values = cast
    wrong = []
    for role in ROLES:
        client.delete_cookie(app.config["SESSION_COOKIE_NAME"])
        person = people[role]
        if person is not None:
            sign_in(client, person)
        for route, (sent, expected) in MATRIX.items():
            method, name = route.split()
            got = _ask(app, client, method, name, values(name), sent)
            refused = (401 if name.startswith("api_") else 302) if person is None else 403
            wanted = expected.get(role, refused)
            if got != wanted:
                wrong.append(f"{role}: {route} answers {got}, not {wanted}")
    assert wrong == []


def _ask(app: Flask, client: FlaskClient, method: str, name: str, known: dict[str, Any], sent: dict[str, Any]) -> int:
    rule = next(iter(app.url_map.iter_rules(f"bidding.{name}")))
    with app.test_request_context():
        place = app.url_for(f"bidding.{name}", **{argument: known[argument] for argument in rule.arguments})
    body = {key: value() if callable(value) else value for key, value in sent.items()}
    answer = client.open(place, method=method, **body)
    return answer.status_code


def test_acts_of_weight_want_the_password_again(
    app: Flask, client: FlaskClient, cast: tuple[dict[str, Person | None], Values]
) -> None:
    """Entered ten minutes ago: asked for again, and nothing has happened."""
    people, values = cast
    acts = {"submit_tender": "officer", "publish_tender": "approver", "approve_revision": "approver"}
    acts |= {"propose_award": "officer", "confirm_award": "approver", "accept_holders": "officer"}
    for name, role in acts.items():
        person = people[role]
        assert person is not None
        sign_in(client, person, now=time.now() - timedelta(minutes=10))
        rule = next(iter(app.url_map.iter_rules(f"bidding.{name}")))
        with app.test_request_context():
            place = app.url_for(f"bidding.{name}", **{key: values(name)[key] for key in rule.arguments})
        answer = client.post(place)
        assert answer.status_code == 403, name
        assert 'type="password"' in answer.text, name


def test_nobody_reaches_what_is_not_there(client: FlaskClient, app: Flask) -> None:
    for address in ("/tenders/R26BK99999999-000", "/tenders/%00", f"/bids/{new_id()}", "/tenders/x/files/../../etc"):
        assert client.get(address).status_code in (302, 404, 422), address
