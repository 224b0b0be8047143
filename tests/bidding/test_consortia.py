"""Joint bids: proposed by a lead, agreed to by each member, concluded the day before; then the lead bids for all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from app import files, keys, time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    DeadlinePassed,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotEligible,
    NotFound,
    RuleBroken,
    StaleConfirmation,
)
from app.time import kst_date
from bidding.front import mark_contracted
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Bundle, Consortium, ConsortiumMember, Tender
from bidding.rehearsal import stages
from bidding.rehearsal.cast import Agency, Bidder
from bidding.services import consortia
from bidding.services.consortia import Proposed
from bidding.services.joint_bids import consortia_of, parties_of
from bidding.states import ConsortiumState, TenderState
from bidding.verify import is_sound, verify
from contracts.front import draft_contracts
from suppliers.front import format_business_number
from suppliers.models import HeldLicence, Supplier
from suppliers.services.sanctions import SanctionIn, decide_sanction, propose_sanction
from tests.bidding.conftest import Stage
from tests.bidding.staging import PLAN, an_agency, bidders, place, published
from tests.builders import actor_of, sign_in
from tests.suppliers.building import make_two_of_an_agency

JOINT = {"kinds": ["joint", "divided"], "max_members": 3, "min_share": 10_000}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return published(agency, keyholder, replace(PLAN, more={"joint": JOINT}))


def propose(tender: Tender, firms: Sequence[Bidder], shares: Sequence[int] = (60_000, 40_000)) -> Consortium:
    members = [Proposed(firm.business_number, share) for firm, share in zip(firms, shares, strict=True)]
    with transaction():
        return consortia.propose(tender.id, "joint", members, firms[0].actor, time.now())


def agree(consortium: Consortium, *firms: Bidder) -> Consortium:
    for firm in firms:
        with transaction():
            consortia.agree(consortium.id, consortium.agreement.sha256, firm.actor, time.now())
    return consortium


def concluded(tender: Tender, firms: Sequence[Bidder], shares: Sequence[int] = (60_000, 40_000)) -> Consortium:
    return agree(propose(tender, firms, shares), *firms)


def bar(business_number: str) -> None:
    """A sanction of a third agency, from today on."""
    officer, approver = make_two_of_an_agency()
    today, now = kst_date(time.now()), time.now() - timedelta(days=1)  # one that begins on the day it is made is none
    entry = SanctionIn(business_number, "state", "제27조 제1항", "계약 불이행", today, today + timedelta(days=60))
    with transaction():
        proposed = propose_sanction(entry, actor_of(officer), now)
        decide_sanction(proposed.id, actor_of(approver), now)


def test_the_notice_says_who_may_bid_together(tender: Tender) -> None:
    assert tender.notice_sha256
    assert json.loads(files.load(tender.notice_sha256))["joint"] == JOINT


def test_it_stands_once_every_member_has_agreed_and_the_log_names_nobody_in_clear(tender: Tender) -> None:
    firms = bidders(2)
    consortium = propose(tender, firms)
    agree(consortium, firms[0])
    assert consortium.state == ConsortiumState.FORMING
    agree(consortium, firms[1])
    assert (consortium.state, consortium.agreement_sha256) == (
        ConsortiumState.CONCLUDED, consortium.agreement.sha256
    )  # fmt: skip
    logged = db.session.scalars(select(Event).where(Event.type.startswith("consortium."))).all()
    assert [event.type for event in logged] == [
        "consortium.proposed", "consortium.agreed", "consortium.agreed", "consortium.concluded"
    ]  # fmt: skip
    assert not any(event.is_open for event in logged)


def test_the_lead_bids_for_all_and_a_member_does_not_bid_besides(tender: Tender) -> None:
    firms = bidders(2)
    concluded(tender, firms)
    with pytest.raises(NotEligible) as refused:
        place(tender, firms[1], 90_000_000)
    assert refused.value.facts["reason"] == "joint-member"
    assert place(tender, firms[0], 90_000_000)


def test_nothing_is_agreed_after_a_bid_of_any_member(tender: Tender) -> None:
    firms = bidders(3)
    place(tender, firms[1], 90_000_000)
    consortium = propose(tender, firms[:2])
    agree(consortium, firms[0])
    with pytest.raises(AlreadyDone):
        agree(consortium, firms[1])
    place(tender, firms[2], 91_000_000)
    with pytest.raises(AlreadyDone):
        propose(tender, [firms[2], firms[0]])


def test_the_database_itself_concludes_nothing_that_is_not_whole(tender: Tender) -> None:
    consortium = propose(tender, bidders(2))
    with pytest.raises(DatabaseError, match="agreed"), transaction():
        consortium.state, consortium.concluded_at = ConsortiumState.CONCLUDED, time.now()
        consortium.agreement_sha256 = consortium.agreement.sha256


def test_a_concluded_agreement_cannot_be_changed_by_anybody(tender: Tender) -> None:
    firms = bidders(3)
    consortium = concluded(tender, firms[:2])
    with pytest.raises(AlreadyDone):
        propose(tender, [firms[0], firms[2]])
    with pytest.raises(IllegalTransition), transaction():
        consortia.dissolve(consortium.id, firms[0].actor, time.now())
    with pytest.raises(IllegalTransition), transaction():
        consortia.decline(consortium.id, firms[1].actor, time.now())
    with pytest.raises(DatabaseError, match="concluded"), transaction():
        consortium.members[1].share = 39_000
    db.session.expire_all()
    with pytest.raises(DatabaseError, match="concluded"), transaction():
        db.session.delete(consortium.members[1])


def test_a_firm_is_in_one_consortium_of_a_tender(tender: Tender) -> None:
    firms = bidders(4)
    first, second = propose(tender, firms[:2]), propose(tender, [firms[2], firms[1]])
    agree(first, firms[0], firms[1])
    agree(second, firms[2])
    with pytest.raises(AlreadyDone):
        agree(second, firms[1])
    with pytest.raises(AlreadyDone):
        propose(tender, [firms[1], firms[3]])
    taken = select(ConsortiumMember).where(
        ConsortiumMember.consortium_id == second.id, ConsortiumMember.organisation_id == firms[1].actor.organisation_id
    )
    with pytest.raises(IntegrityError, match="uq_consortium_members_bound"), transaction():
        db.session.scalars(taken).one().is_bound = True


def _waits(app: Flask, late: Callable[[], object]) -> list[BaseException]:
    """Run `late` in a transaction of its own beside the one that is open here; commit once it waits; what it raised."""
    faults: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                with transaction():
                    late()
            except BaseException as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    def is_waiting() -> bool:
        held = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND database = :own")
        with db.engine.connect() as beside:
            own = beside.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
            return bool(beside.execute(held, {"own": own}).scalar_one())

    thread = threading.Thread(target=run)
    thread.start()
    until = monotonic() + 20
    while not is_waiting() and thread.is_alive() and monotonic() < until:
        sleep(0.02)
    assert thread.is_alive(), faults
    db.session.commit()
    thread.join(30)
    return faults


def test_a_lead_that_proposes_twice_at_the_same_moment_has_one_consortium(app: Flask, tender: Tender) -> None:
    firms = bidders(3)
    tender_id, actor, now = tender.id, firms[0].actor, time.now()
    one, other = ([Proposed(each.business_number, 50_000) for each in (firms[0], firms[n])] for n in (1, 2))
    db.session.rollback()
    consortia.propose(tender_id, "joint", one, actor, now)
    faults = _waits(app, lambda: consortia.propose(tender_id, "joint", other, actor, now))
    assert [type(fault) for fault in faults] == [AlreadyDone]
    assert len(db.session.scalars(select(Consortium).where(Consortium.tender_id == tender_id)).all()) == 1


def test_a_firm_that_agrees_to_two_at_the_same_moment_is_in_one(app: Flask, tender: Tender) -> None:
    firms = bidders(3)
    made = [propose(tender, [lead, firms[2]]) for lead in firms[:2]]
    (first, first_words), (second, second_words) = [(one.id, one.agreement.sha256) for one in made]
    actor, now = firms[2].actor, time.now()
    db.session.rollback()
    consortia.agree(first, first_words, actor, now)
    faults = _waits(app, lambda: consortia.agree(second, second_words, actor, now))
    assert [type(fault) for fault in faults] == [AlreadyDone]
    agreed = select(ConsortiumMember.consortium_id).where(
        ConsortiumMember.organisation_id == actor.organisation_id, ConsortiumMember.is_bound
    )
    assert db.session.scalars(agreed).all() == [first]


def test_other_words_want_everybodys_agreement_again(tender: Tender) -> None:
    firms = bidders(2)
    consortium = agree(propose(tender, firms), firms[0])
    before = consortium.agreement.sha256
    changed = propose(tender, firms, (50_000, 50_000))
    assert changed.id == consortium.id
    assert [one.agreed_at for one in changed.members] == [None, None]
    with pytest.raises(StaleConfirmation), transaction():
        consortia.agree(changed.id, before, firms[1].actor, time.now())


def test_who_declines_leaves_and_who_dissolves_frees_all(tender: Tender) -> None:
    firms = bidders(3)
    consortium = agree(propose(tender, firms, (50_000, 30_000, 20_000)), firms[0], firms[2])
    with transaction():
        consortia.decline(consortium.id, firms[1].actor, time.now())
    assert [(one.position, one.agreed_at) for one in consortium.members] == [(0, None), (1, None)]
    with pytest.raises(Forbidden), transaction():
        consortia.decline(consortium.id, firms[0].actor, time.now())
    with pytest.raises(Forbidden), transaction():
        consortia.dissolve(consortium.id, firms[2].actor, time.now())
    with transaction():
        consortia.dissolve(consortium.id, firms[0].actor, time.now())
    assert concluded(tender, [firms[2], firms[0]]).state == ConsortiumState.CONCLUDED


def test_bad_words_are_refused_by_name(tender: Tender) -> None:
    firms = bidders(2)
    with pytest.raises(RuleBroken) as broken:
        propose(tender, firms, (60_000, 30_000))
    assert [fault.code for fault in broken.value.facts["findings"]] == ["shares-not-whole"]
    now = time.now()
    with pytest.raises(InvalidInput), transaction():
        unknown = [Proposed(firms[0].business_number, 60_000), Proposed("1234567891", 40_000)]
        consortia.propose(tender.id, "joint", unknown, firms[0].actor, now)
    with pytest.raises(InvalidInput), transaction():
        turned = [Proposed(firms[1].business_number, 60_000), Proposed(firms[0].business_number, 40_000)]
        consortia.propose(tender.id, "joint", turned, firms[0].actor, now)
    with pytest.raises(NotFound), transaction():
        consortia.agree(propose(tender, firms).id, "0" * 64, bidders(1, first=9)[0].actor, now)


def test_each_member_must_be_eligible(agency: Agency, keyholder: Panel) -> None:
    tender = published(agency, keyholder, replace(PLAN, more={"joint": JOINT, "regions": ["26"]}))
    with pytest.raises(NotEligible) as refused:
        propose(tender, bidders(2))
    assert refused.value.facts["reason"] == "region"


def test_a_notice_that_does_not_say_so_takes_no_joint_bids(agency: Agency, keyholder: Panel) -> None:
    with pytest.raises(Forbidden):
        propose(published(agency, keyholder), bidders(2))


def test_a_real_tender_wants_it_by_the_day_before(tender: Tender) -> None:
    firms = bidders(2)
    consortium = agree(propose(tender, firms), firms[0])
    assert tender.closes_at
    with pytest.raises(DeadlinePassed), transaction():
        consortia.agree(consortium.id, consortium.agreement.sha256, firms[1].actor, tender.closes_at)
    assert consortia.until_of(tender) == tender.closes_at  # practice


def test_the_opening_makes_it_public_and_a_barred_member_is_out_alone(
    agency: Agency, tender: Tender, keyholder: Panel, stage: Stage
) -> None:
    firms = bidders(4)
    consortium = concluded(tender, firms[:3], (50_000, 30_000, 20_000))
    place(tender, firms[0], 90_000_000)
    place(tender, firms[3], 95_000_000)
    stage.close(tender)
    bar(firms[2].business_number)
    stage.open(tender)
    db.session.expire_all()
    assert [one.void_reason for one in consortium.members] == ["", "", "sanctioned"]
    logged = db.session.scalars(select(Event).where(Event.type == "consortium.disclosed")).one()
    assert logged.is_open
    assert [(one["share"], one.get("void")) for one in json.loads(logged.body)["members"]] == [
        (50_000, None), (30_000, None), (20_000, "sanctioned")
    ]  # fmt: skip
    assert set(consortia_of(tender)) == {firms[0].actor.organisation_id}
    assert [party.share for party in parties_of(consortium)] == [62_500, 37_500]
    with transaction():
        assert stages.award(agency, tender.id, time.now())
    with transaction():
        (contract,) = draft_contracts(tender.id, time.now())
    assert [(party.organisation_id, party.share) for party in contract.parties] == [
        (firms[0].actor.organisation_id, 62_500), (firms[1].actor.organisation_id, 37_500)
    ]  # fmt: skip
    assert contract.supplier_id == firms[0].actor.organisation_id


LACKS: dict[str, tuple[dict[str, object], str]] = {
    "registration that has ended": ({"valid_until_on": time.kst_date(time.now()) - timedelta(days=1)}, "not-eligible"),
    "another region": ({"region": "26"}, "region-mismatch"),
    "another kind of business": ({"kinds": ["goods"]}, "business-kind"),
}


@pytest.mark.parametrize("lack", LACKS)
def test_a_member_that_lacks_at_the_deadline_what_the_notice_asks_for_is_out_alone(
    agency: Agency, keyholder: Panel, stage: Stage, lack: str
) -> None:
    more = {"joint": JOINT, "regions": ["11"]}
    tender = published(agency, keyholder, replace(PLAN, more=more))
    firms = bidders(3)
    consortium = concluded(tender, firms[:2])
    place(tender, firms[0], 90_000_000)
    place(tender, firms[2], 95_000_000)
    values, reason = LACKS[lack]
    with transaction():
        organisation_id = firms[1].actor.organisation_id
        db.session.execute(update(Supplier).where(Supplier.organisation_id == organisation_id).values(values))
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert [one.void_reason for one in consortium.members] == ["", reason]
    logged = db.session.scalars(select(Event).where(Event.type == "consortium.disclosed")).one()
    assert [one.get("void") for one in json.loads(logged.body)["members"]] == [None, reason]
    assert [party.share for party in parties_of(consortium)] == [100_000]
    lead = db.session.scalars(select(Bid).where(Bid.organisation_id == firms[0].actor.organisation_id)).one()
    assert lead.rank == 1


def test_a_member_whose_licence_has_lapsed_is_out_and_one_registered_anew_since_is_not(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    tender = published(agency, keyholder, replace(PLAN, more={"joint": JOINT, "licence_codes": ["1468"]}))
    firms = bidders(4)
    consortium = concluded(tender, firms[:3], (50_000, 30_000, 20_000))
    place(tender, firms[0], 90_000_000)
    place(tender, firms[3], 95_000_000)
    ended = time.kst_date(time.now()) - timedelta(days=1)

    def supplier_of(firm: Bidder) -> Any:
        return select(Supplier.id).where(Supplier.organisation_id == firm.actor.organisation_id).scalar_subquery()

    with transaction():
        for firm in firms[1:3]:
            mine = HeldLicence.supplier_id == supplier_of(firm)
            db.session.execute(update(HeldLicence).where(mine).values(valid_to=ended))
        # The register was changed after the deadline: what it says of that day is no proof.
        assert tender.closes_at is not None
        later = update(Supplier).where(Supplier.id == supplier_of(firms[2]))
        db.session.execute(later.values(approved_at=tender.closes_at + timedelta(seconds=1)))
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert [one.void_reason for one in consortium.members] == ["", "licence-missing", ""]
    assert [party.share for party in parties_of(consortium)] == [71_429, 28_571]


def test_parts_are_carried_where_each_does_its_own(tender: Tender) -> None:
    firms = bidders(2)
    members = [Proposed(firms[0].business_number, 0, "설계"), Proposed(firms[1].business_number, 0, "시공")]
    with transaction():
        consortium = consortia.propose(tender.id, "divided", members, firms[0].actor, time.now())
    agree(consortium, *firms)
    assert [(party.share, party.part) for party in parties_of(consortium)] == [(0, "설계"), (0, "시공")]
    assert tender.closes_at is not None
    assert consortia.until_of(tender) - tender.closes_at == timedelta(0)


# -- pages -------------------------------------------------------------------------------------------------------------


def test_a_consortium_is_formed_on_its_page_and_shown_with_the_result(
    tender: Tender, client: FlaskClient, stage: Stage
) -> None:
    firms = bidders(3)
    lead, member = firms[0], firms[1]
    page = f"/tenders/{tender.reference}/consortium"
    sign_in(client, db.session.get_one(Person, lead.actor.person_id))
    typed = {"kind": "joint", "number": [lead.business_number, member.business_number], "part": ["", ""]}
    refused = client.post(page, data=typed | {"share": ["60", "30"]})
    assert refused.status_code == 422
    assert member.business_number in refused.text  # nothing typed is lost
    assert client.post(page, data=typed | {"share": ["60", "40"]}).status_code == 302
    consortium = db.session.scalars(select(Consortium)).one()
    agree_here = f"/consortia/{consortium.id}/agree"
    assert client.post(agree_here, data={"sha256": consortium.agreement.sha256}).status_code == 302
    assert "warning" in client.get(f"/tenders/{tender.reference}/bid").text
    sign_in(client, db.session.get_one(Person, member.actor.person_id))
    assert consortium.agreement.sha256 in client.get(page).text
    assert client.post(agree_here, data={"sha256": "0" * 64}).status_code == 302
    assert consortium.state == ConsortiumState.FORMING
    assert client.post(agree_here, data={"sha256": consortium.agreement.sha256}).status_code == 302
    assert client.get("/consortia").status_code == 200
    db.session.expire_all()
    assert consortium.state == ConsortiumState.CONCLUDED
    assert "대표자가 모두를 대신해" in client.get(f"/tenders/{tender.reference}/bid").text  # it cannot bid by itself
    public = f"/tenders/{tender.reference}/consortia"
    assert format_business_number(member.business_number) not in client.get(public).text
    place(tender, lead, 90_000_000)
    place(tender, firms[2], 91_000_000)
    stage.close(tender)
    stage.open(tender)
    for address in (public, f"/tenders/{tender.reference}/result"):
        assert format_business_number(member.business_number) in client.get(address).text


def test_a_framework_has_several_winners_each_with_a_contract_of_its_own(
    agency: Agency, keyholder: Panel, stage: Stage, client: FlaskClient
) -> None:
    tender = published(agency, keyholder, replace(PLAN, more={"framework_winners": 2}))
    for firm, won in zip(bidders(3), (92_000_000, 90_000_000, 91_000_000), strict=True):
        place(tender, firm, won)
    stage.close(tender)
    stage.open(tender)
    with transaction():
        assert stages.award(agency, tender.id, time.now())
    awards = db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)).all()
    assert [(one.place, one.amount_won) for one in awards] == [(1, 90_000_000), (2, 91_000_000)]
    with transaction():
        made = draft_contracts(tender.id, time.now())
    assert sorted(one.amount_won for one in made) == [90_000_000, 91_000_000]
    page = client.get(f"/tenders/{tender.reference}/result").text
    assert 'id="winners"' in page
    with transaction():
        mark_contracted(tender.id, awards[0].bid_id, agency.officer, time.now())
    assert tender.state == TenderState.AWARDED
    with transaction():
        mark_contracted(tender.id, awards[1].bid_id, agency.officer, time.now())
    assert tender.state == TenderState.CONTRACTED
    stage.work()
    bundle = files.load(db.session.get_one(Bundle, (tender.id, "award")).sha256)
    assert is_sound(verify(bundle, log_vkey=keys.vkey_of("log")))
