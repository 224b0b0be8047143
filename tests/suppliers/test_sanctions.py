"""Sanctions: who enters and decides, which days bind, what the public sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from app.auth import Actor, OrganisationKind, Role
from app.auth.people import actor_for
from app.db import db, transaction
from app.errors import AlreadyDone, Forbidden, InvalidInput, NotFound, RuleBroken, SamePerson
from suppliers import queries
from suppliers.front import Requirements, is_sanctioned, why_ineligible
from suppliers.models import Sanction, Stay, Supplier
from suppliers.services import sanctions as acts
from suppliers.services.sanctions import SanctionIn
from tests.suppliers.building import NOON, TODAY, make_official, make_supplier, make_two_of_an_agency

pytestmark = pytest.mark.usefixtures("app")

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 12, 1), date(2027, 2, 28)


def noon_of(day: date) -> datetime:
    return datetime.combine(day, NOON.time(), NOON.tzinfo)


def entry_for(supplier: Supplier, begins_on: date = FIRST, ends_on: date = LAST) -> SanctionIn:
    return SanctionIn(supplier.business_number or "", "state", "제27조 제1항 제8호", "계약 불이행", begins_on, ends_on)


def two() -> tuple[Actor, Actor]:
    officer, approver = make_two_of_an_agency()
    return actor_for(officer), actor_for(approver)


def decided(supplier: Supplier, begins_on: date = FIRST, ends_on: date = LAST) -> tuple[Sanction, Actor]:
    officer, approver = two()
    with transaction():
        sanction = acts.propose_sanction(entry_for(supplier, begins_on, ends_on), officer, NOON)
        acts.decide_sanction(sanction.id, approver, NOON)
    return sanction, approver


def days_bound(supplier: Supplier, *days: date) -> list[bool]:
    assert supplier.organisation_id is not None
    return [is_sanctioned(supplier.organisation_id, day) for day in days]


class TestDays:
    def test_it_binds_from_its_first_to_its_last_day(self) -> None:
        supplier = make_supplier()
        decided(supplier)
        assert days_bound(supplier, FIRST - DAY, FIRST, LAST, LAST + DAY) == [False, True, True, False]

    def test_what_is_only_proposed_does_not_bind(self) -> None:
        supplier = make_supplier()
        with transaction():
            acts.propose_sanction(entry_for(supplier), two()[0], NOON)
        assert days_bound(supplier, FIRST) == [False]

    def test_it_binds_for_every_agency_and_says_until_when(self) -> None:
        supplier = make_supplier()
        decided(supplier)
        assert supplier.organisation_id is not None
        found = why_ineligible(supplier.organisation_id, Requirements(), noon_of(FIRST))
        assert found is not None
        assert (found.code, found.facts) == ("sanctioned", {"until_on": "2027-02-28"})
        assert why_ineligible(supplier.organisation_id, Requirements(), noon_of(LAST + DAY)) is None

    def test_lifted_it_binds_until_the_eve(self) -> None:
        supplier = make_supplier()
        sanction, approver = decided(supplier)
        free = date(2027, 1, 10)
        with transaction():
            acts.lift_sanction(sanction.id, free, "처분 취소", approver, noon_of(date(2026, 12, 20)))
        assert days_bound(supplier, FIRST, free - DAY, free, LAST) == [True, True, False, False]

    def test_a_stay_makes_a_gap(self) -> None:
        supplier = make_supplier()
        sanction, approver = decided(supplier)
        begins, ends = date(2026, 12, 10), date(2026, 12, 20)
        with transaction():
            acts.stay_sanction(sanction.id, begins, ends, "서울행정법원 2026아1", approver, NOON)
        assert days_bound(supplier, begins - DAY, begins, ends, ends + DAY) == [True, False, False, True]

    def test_an_open_stay_lasts_until_it_is_ended(self) -> None:
        supplier = make_supplier()
        sanction, approver = decided(supplier)
        begins, ends = date(2026, 12, 10), date(2027, 1, 5)
        with transaction():
            stay = acts.stay_sanction(sanction.id, begins, None, "2026아1", approver, NOON)
        assert days_bound(supplier, begins, LAST) == [False, False]
        with transaction():
            acts.end_stay(sanction.id, stay.id, ends, approver, NOON)
        assert days_bound(supplier, ends, ends + DAY, LAST) == [False, True, True]

    def test_of_two_sanctions_one_lifted_the_other_binds(self) -> None:
        supplier = make_supplier()
        sanction, approver = decided(supplier)
        decided(supplier)
        with transaction():
            acts.lift_sanction(sanction.id, FIRST, "취소", approver, NOON)
        assert days_bound(supplier, FIRST, LAST) == [True, True]


class TestWho:
    def test_two_persons_act(self) -> None:
        both = make_official(OrganisationKind.AGENCY, Role.OFFICER, Role.APPROVER)
        with transaction():
            sanction = acts.propose_sanction(entry_for(make_supplier()), actor_for(both), NOON)
        with pytest.raises(SamePerson):
            acts.decide_sanction(sanction.id, actor_for(both), NOON)

    def test_another_agency_decides_nothing(self) -> None:
        with transaction():
            sanction = acts.propose_sanction(entry_for(make_supplier()), two()[0], NOON)
        stranger = two()[1]
        with pytest.raises(Forbidden):
            acts.decide_sanction(sanction.id, stranger, NOON)

    def test_an_officer_decides_nothing(self) -> None:
        officer, _ = make_two_of_an_agency()
        colleague = make_official(OrganisationKind.AGENCY, Role.OFFICER, organisation=officer.organisation)
        with transaction():
            sanction = acts.propose_sanction(entry_for(make_supplier()), actor_for(officer), NOON)
        with pytest.raises(Forbidden), transaction():
            acts.decide_sanction(sanction.id, actor_for(colleague), NOON)

    def test_an_approver_enters_nothing(self) -> None:
        with pytest.raises(Forbidden):
            acts.propose_sanction(entry_for(make_supplier()), two()[1], NOON)

    def test_the_first_person_withdraws_and_the_second_declines_with_a_reason(self) -> None:
        officer, approver = two()
        for person in (officer, approver):
            with transaction():
                sanction = acts.propose_sanction(entry_for(make_supplier()), officer, NOON)
                acts.reject_sanction(sanction.id, "사유 부족", person, NOON)
            assert (sanction.state, sanction.reject_reason) == ("rejected", "사유 부족")
        with transaction():
            sanction = acts.propose_sanction(entry_for(make_supplier()), officer, NOON)
        with pytest.raises(InvalidInput):
            acts.reject_sanction(sanction.id, " ", approver, NOON)


class TestRefusals:
    @pytest.mark.parametrize(
        ("begins_on", "ends_on", "finding"),
        [
            (TODAY, LAST, "begins-before-it-is-public"),
            (FIRST, date(2026, 12, 30), "shorter-than-a-month"),
            (FIRST, date(2028, 12, 1), "longer-than-two-years"),
        ],
    )
    def test_periods_that_the_law_does_not_know(self, begins_on: date, ends_on: date, finding: str) -> None:
        with pytest.raises(RuleBroken) as refusal:
            acts.propose_sanction(entry_for(make_supplier(), begins_on, ends_on), two()[0], NOON)
        assert refusal.value.facts["findings"] == [finding]

    def test_decided_too_late_it_must_be_entered_again(self) -> None:
        officer, approver = two()
        with transaction():
            sanction = acts.propose_sanction(entry_for(make_supplier()), officer, NOON)
        with pytest.raises(RuleBroken):
            acts.decide_sanction(sanction.id, approver, noon_of(FIRST))

    def test_nobody_is_sanctioned_who_is_not_registered(self) -> None:
        with pytest.raises(NotFound):
            acts.propose_sanction(replace(entry_for(make_supplier()), business_number="1234567891"), two()[0], NOON)

    def test_a_resident_number_in_the_reason_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            acts.propose_sanction(replace(entry_for(make_supplier()), reason="대표 900101-1234567"), two()[0], NOON)

    def test_one_agency_does_not_bar_twice_for_the_same_days(self) -> None:
        supplier, (officer, _approver) = make_supplier(), two()
        with transaction():
            acts.propose_sanction(entry_for(supplier), officer, NOON)
        with pytest.raises(AlreadyDone):
            acts.propose_sanction(entry_for(supplier, LAST, LAST + 90 * DAY), officer, NOON)
        with transaction():  # the day after is free
            acts.propose_sanction(entry_for(supplier, LAST + DAY, LAST + 90 * DAY), officer, NOON)

    @pytest.mark.parametrize("free_from", [TODAY - DAY, LAST + DAY])
    def test_lifting_names_a_day_of_the_rest(self, free_from: date) -> None:
        sanction, approver = decided(make_supplier())
        with pytest.raises(InvalidInput):
            acts.lift_sanction(sanction.id, free_from, "취소", approver, NOON)

    def test_stays_do_not_overlap(self) -> None:
        sanction, approver = decided(make_supplier())
        with transaction():
            acts.stay_sanction(sanction.id, date(2026, 12, 10), date(2026, 12, 20), "1", approver, NOON)
        with pytest.raises(AlreadyDone):
            acts.stay_sanction(sanction.id, date(2026, 12, 20), None, "2", approver, NOON)
        with transaction():
            acts.stay_sanction(sanction.id, date(2026, 12, 21), None, "2", approver, NOON)


class TestDatabase:
    """What the code would refuse, the database refuses behind its back."""

    def refuse(self, constraint: str) -> None:
        with pytest.raises(IntegrityError, match=constraint):
            db.session.flush()
        db.session.rollback()

    def make(self, supplier: Supplier, **changes: object) -> Sanction:
        officer, approver = make_two_of_an_agency()
        fields = {
            "supplier_id": supplier.id,
            "agency_id": officer.organisation_id,
            "law": "state",
            "article": "x",
            "reason": "x",
            "begins_on": FIRST,
            "ends_on": LAST,
            "proposed_by_id": officer.id,
            "proposed_at": NOON,
            "decided_by_id": approver.id,
            "decided_at": NOON,
            "state": "decided",
        }
        sanction = Sanction(**(fields | changes))
        db.session.add(sanction)
        return sanction

    def test_an_empty_interval(self) -> None:
        self.make(make_supplier(), ends_on=FIRST - DAY)
        self.refuse("ck_sanctions_not_empty")

    def test_one_person_alone(self) -> None:
        sanction = self.make(make_supplier())
        sanction.decided_by_id = sanction.proposed_by_id
        self.refuse("ck_sanctions_two_persons")

    def test_a_decision_by_nobody(self) -> None:
        self.make(make_supplier(), decided_by_id=None)
        self.refuse("ck_sanctions_decided_by_someone")

    def test_a_decision_without_its_instant(self) -> None:
        self.make(make_supplier(), decided_at=None)
        self.refuse("ck_sanctions_decided_has_decided_at")

    def test_lifted_without_a_day(self) -> None:
        self.make(make_supplier(), state="lifted", lifted_at=NOON)
        self.refuse("ck_sanctions_lifted_has_lifted_on")

    def test_the_same_days_twice_for_one_agency(self) -> None:
        supplier = make_supplier()
        first = self.make(supplier)
        db.session.flush()
        self.make(supplier, agency_id=first.agency_id, begins_on=LAST, ends_on=LAST + 40 * DAY)
        self.refuse("ex_sanctions_same_agency_same_days")

    @pytest.mark.parametrize(("begins_on", "ends_on"), [(LAST, LAST - DAY), (FIRST, FIRST)])
    def test_stays_that_are_empty_or_overlap(self, begins_on: date, ends_on: date) -> None:
        sanction = self.make(make_supplier())
        db.session.flush()
        stays = [(FIRST, FIRST), (begins_on, ends_on)] if begins_on == ends_on else [(begins_on, ends_on)]
        for since, until in stays:
            db.session.add(
                Stay(
                    sanction_id=sanction.id,
                    begins_on=since,
                    ends_on=until,
                    order_reference="1",
                    entered_by_id=sanction.proposed_by_id,
                    entered_at=NOON,
                )
            )
        self.refuse("ex_sanction_stays_no_overlap" if begins_on == ends_on else "ck_sanction_stays_not_empty")


def test_the_public_list_holds_what_is_decided_by_its_state_on_the_day() -> None:
    supplier = make_supplier(name_ko="푸른나루건설")
    decided(supplier)
    with transaction():
        acts.propose_sanction(entry_for(make_supplier()), two()[0], NOON)

    def listed(when: str, on: date) -> int:
        return len(db.session.scalars(queries.public_sanctions((), when, on)).unique().all())

    assert [listed("", TODAY), listed("coming", TODAY), listed("in-force", TODAY), listed("over", TODAY)] == [
        1,
        1,
        0,
        0,
    ]
    assert [listed("coming", FIRST), listed("in-force", FIRST)] == [0, 1]
    assert [listed("in-force", LAST + DAY), listed("over", LAST + DAY)] == [0, 1]
    assert len(db.session.scalars(queries.public_sanctions(("나루",), "", TODAY)).unique().all()) == 1
    assert len(db.session.scalars(queries.public_sanctions(("강",), "", TODAY)).unique().all()) == 0


def test_eligibility_takes_one_query() -> None:
    supplier = make_supplier()
    decided(supplier)
    assert supplier.organisation_id is not None
    organisation_id, asked = supplier.organisation_id, Requirements("services", ("11",), ("1468", "0036"), ("small",))
    db.session.rollback()
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert why_ineligible(organisation_id, asked, NOON) is None
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1


def test_eligibility_reads_what_is_registered() -> None:
    supplier = make_supplier()
    assert supplier.organisation_id is not None

    def why(**asked: object) -> str | None:
        assert supplier.organisation_id is not None
        found = why_ineligible(supplier.organisation_id, Requirements(**asked), NOON)  # type: ignore[arg-type]
        return None if found is None else found.code

    assert why(business_kind="services", regions=("11",), licence_codes=("1468",), sizes=("small",)) is None
    assert why(business_kind="works") == "business-kind"
    assert why(regions=("26",)) == "region"
    assert why(licence_codes=("0036",)) == "licence"
    assert why(sizes=("large",)) == "size"
    assert why(registered_before_on=TODAY) == "registered-too-late"
    assert why(registered_before_on=TODAY + DAY) is None
    with transaction():
        db.session.execute(text("UPDATE supplier_licences SET valid_to = :eve"), {"eve": TODAY - DAY})
    assert why(licence_codes=("1468",)) == "licence-expired"
    assert db.session.scalar(select(Sanction.id)) is None
