"""From a draft to the register: what is saved, who may, what is refused, what is told to the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app import audit
from app.auth import Actor, system
from app.auth.models import Organisation, Person
from app.auth.people import actor_for
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    StaleConfirmation,
    TooManyTries,
)
from app.notifications.models import Notification
from suppliers.front import get_summary, summaries
from suppliers.jobs import due_to_forget
from suppliers.models import Review, Supplier
from suppliers.profiles import from_json, to_json
from suppliers.services import registration, reviewing
from suppliers.types import Licence, Representative
from tests.builders import PASSWORD
from tests.suppliers.building import (
    NOON,
    TODAY,
    administrator_of,
    fresh_number,
    make_applicant,
    make_profile,
    make_registrar,
    make_supplier,
    open_review_of,
    person_of,
)

pytestmark = pytest.mark.usefixtures("app")


def registrar() -> Actor:
    return actor_for(make_registrar())


def draft_with(**changes: Any) -> Supplier:
    with transaction():
        supplier = registration.empty_draft("ko", NOON)
        supplier.working = to_json(make_profile(**changes))
        db.session.add(supplier)
    return supplier


def approve(supplier: Supplier, now: Any = NOON) -> None:
    with transaction():
        reviewing.approve(supplier, open_review_of(supplier).id, registrar(), now)


def edit(supplier: Supplier, section: str, **values: Any) -> None:
    with transaction():
        registration.save_section(supplier, section, values)


class TestDraft:
    def test_a_step_is_saved_and_leaves_the_others_alone(self) -> None:
        supplier = draft_with()
        before = supplier.working_profile
        edit(supplier, "place", phone="02-9999-0000")
        assert supplier.working_profile == replace(before, phone="02-9999-0000")

    def test_a_field_of_another_step_is_not_saved(self) -> None:
        supplier = draft_with()
        edit(supplier, "place", name_ko="다른 이름")
        assert supplier.working_profile.name_ko == "한나루정보"

    def test_an_unknown_step_is_refused(self) -> None:
        with pytest.raises(NotFound):
            edit(draft_with(), "secrets", name_ko="x")

    def test_a_number_on_the_register_is_refused_early(self) -> None:
        taken = make_supplier().business_number
        with pytest.raises(AlreadyDone):
            edit(draft_with(), "firm", business_number=taken)


class TestMailbox:
    def test_the_link_makes_the_organisation_and_its_first_person(self) -> None:
        supplier = draft_with()
        with transaction():
            link = registration.name_applicant(supplier, "정신청", "first@firm.example", NOON)
            assert link is not None
            person = registration.confirm_email(link.id, PASSWORD, NOON)
        assert (person.email, person.name, sorted(person.roles)) == (
            "first@firm.example", "정신청", ["supplier-admin", "supplier-bidder"],
        )  # fmt: skip
        assert supplier.organisation_id == person.organisation_id
        assert supplier.applicant_email is None
        assert supplier.applicant_name is None
        assert person.email_verified_at == NOON

    def test_a_link_works_once(self) -> None:
        supplier = draft_with()
        with transaction():
            link = registration.name_applicant(supplier, "정신청", "once@firm.example", NOON)
            assert link is not None
            registration.confirm_email(link.id, PASSWORD, NOON)
        with pytest.raises(NotFound):
            registration.confirm_email(link.id, PASSWORD, NOON)

    @pytest.mark.parametrize(
        ("after", "works"), [(timedelta(hours=24) - timedelta(microseconds=1), True), (timedelta(hours=24), False)]
    )
    def test_a_link_works_for_a_day(self, after: timedelta, works: bool) -> None:
        supplier = draft_with()
        with transaction():
            link = registration.name_applicant(supplier, "정신청", "day@firm.example", NOON)
        assert link is not None
        assert (registration.find_usable_link(link.id, NOON + after) is not None) is works

    def test_a_newer_link_ends_the_older(self) -> None:
        supplier, later = draft_with(), NOON + timedelta(minutes=1)
        with transaction():
            old = registration.name_applicant(supplier, "정신청", "two@firm.example", NOON)
            new = registration.mail_link(supplier, later)
        assert old is not None
        assert registration.find_usable_link(old.id, later) is None
        assert registration.find_usable_link(new.id, later) is not None

    def test_links_have_a_pause_and_a_daily_limit(self) -> None:
        supplier = draft_with()
        with transaction():
            registration.name_applicant(supplier, "정신청", "often@firm.example", NOON)
        with pytest.raises(TooManyTries):
            registration.mail_link(supplier, NOON + timedelta(seconds=29))
        for minute in range(1, 5):
            with transaction():
                registration.mail_link(supplier, NOON + timedelta(minutes=minute))
        with pytest.raises(TooManyTries):
            registration.mail_link(supplier, NOON + timedelta(minutes=5))

    def test_one_address_gets_a_few_links_a_day_through_however_many_drafts(self) -> None:
        for _ in range(5):
            with transaction():
                registration.name_applicant(draft_with(), "정신청", "victim@firm.example", NOON)
        with pytest.raises(TooManyTries):
            registration.name_applicant(draft_with(), "정신청", "victim@firm.example", NOON)

    def test_drafts_that_nobody_went_on_with_are_forgotten(self) -> None:
        stale, kept = draft_with(), make_applicant(is_sent=False)
        with transaction():
            registration.name_applicant(stale, "정신청", "stale@firm.example", NOON)
        month = NOON + timedelta(days=30)
        assert [registration.forget_stale_drafts(month), list(due_to_forget(month))] == [0, []]
        later = month + timedelta(microseconds=1)
        assert [promise.kind for promise in due_to_forget(later)] == ["suppliers.forget_drafts"]
        stale_id, kept_id = stale.id, kept.id
        with transaction():
            assert registration.forget_stale_drafts(later) == 1
        db.session.expire_all()
        assert db.session.get(Supplier, stale_id) is None
        assert db.session.get(Supplier, kept_id) is not None

    def test_an_address_with_an_account_makes_no_second_one(self) -> None:
        taken = person_of(make_supplier()).email
        supplier = draft_with()
        with transaction():
            link = registration.name_applicant(supplier, "정신청", taken, NOON)
        assert link is not None
        with pytest.raises(AlreadyDone):
            registration.confirm_email(link.id, PASSWORD, NOON)

    def test_an_applicant_does_not_occupy_the_number_that_it_claims(self) -> None:
        number = fresh_number()
        make_applicant(business_number=number)
        assert make_supplier(business_number=number).business_number == number


class TestSending:
    def test_what_is_missing_is_named(self) -> None:
        supplier = make_applicant(is_sent=False, representatives=(), phone="")
        with pytest.raises(InvalidInput) as refusal:
            registration.submit(supplier, administrator_of(supplier), NOON)
        assert refusal.value.facts["missing"] == ["representatives.representatives", "place.phone"]

    def test_another_suppliers_person_cannot_send_it(self) -> None:
        supplier, other = make_applicant(is_sent=False), make_supplier()
        with pytest.raises(Forbidden):
            registration.submit(supplier, administrator_of(other), NOON)

    def test_what_is_under_review_cannot_be_edited(self) -> None:
        with pytest.raises(IllegalTransition):
            edit(make_applicant(), "place", phone="02-0000-0000")

    def test_taken_back_it_can_be_edited_and_sent_again(self) -> None:
        supplier = make_applicant()
        actor = administrator_of(supplier)
        with transaction():
            registration.take_back(supplier, actor, NOON)
            registration.save_section(supplier, "place", {"phone": "02-0000-0000"})
            second = registration.submit(supplier, actor, NOON, "고쳤습니다")
        assert (second.number, second.answer, second.kind) == (2, "고쳤습니다", "first")


class TestDeciding:
    def test_approval_puts_everything_on_the_register(self) -> None:
        supplier = make_applicant()
        sent = supplier.working_profile
        approve(supplier)
        assert (supplier.state, supplier.profile) == ("active", sent)
        assert supplier.registered_at == NOON
        assert str(supplier.valid_until_on) == "2029-11-22"
        organisation = db.session.get_one(Organisation, supplier.organisation_id)
        assert organisation.code == sent.business_number

    def test_registration_numbers_count_up(self) -> None:
        one, two = make_supplier(), make_supplier()
        assert two.registration_number is not None
        assert one.registration_number is not None
        assert two.registration_number > one.registration_number
        assert one.full_number == f"NR-{one.registration_number:08d}"

    def test_only_who_holds_the_permission_decides(self) -> None:
        supplier = make_applicant()
        with pytest.raises(Forbidden), transaction():
            reviewing.approve(supplier, open_review_of(supplier).id, administrator_of(supplier), NOON)
        assert supplier.state == "submitted"
        assert supplier.business_number is None

    def test_of_two_with_one_number_one_can_be_approved(self) -> None:
        number = fresh_number()
        one, two = make_applicant(business_number=number), make_applicant(business_number=number, name_ko="둘째상사")
        approve(one)
        with pytest.raises(AlreadyDone):
            approve(two)

    def test_a_round_that_is_no_longer_the_one_shown_is_not_decided(self) -> None:
        supplier = make_applicant()
        shown = open_review_of(supplier).id
        with transaction():
            registration.take_back(supplier, administrator_of(supplier), NOON)
            registration.submit(supplier, administrator_of(supplier), NOON)
        with pytest.raises(StaleConfirmation):
            reviewing.approve(supplier, shown, registrar(), NOON)

    def test_changes_are_asked_for_section_by_section(self) -> None:
        supplier = make_applicant()
        with transaction():
            review = reviewing.ask_for_changes(
                supplier,
                open_review_of(supplier).id,
                {"firm": " 상호를 확인하십시오 ", "place": " "},
                "",
                registrar(),
                NOON,
            )
        assert supplier.state == "returned"
        assert review.comments == {"firm": "상호를 확인하십시오"}

    def test_asking_for_nothing_is_refused(self) -> None:
        supplier = make_applicant()
        with pytest.raises(InvalidInput):
            reviewing.ask_for_changes(supplier, open_review_of(supplier).id, {"firm": " "}, " ", registrar(), NOON)

    def test_a_refusal_needs_its_reason_and_can_be_answered(self) -> None:
        supplier = make_applicant()
        with pytest.raises(InvalidInput):
            reviewing.refuse(supplier, open_review_of(supplier).id, "  ", registrar(), NOON)
        with transaction():
            reviewing.refuse(supplier, open_review_of(supplier).id, "폐업한 업체입니다", registrar(), NOON)
        assert supplier.state == "refused"
        with transaction():
            registration.reopen(supplier, administrator_of(supplier), NOON)
            registration.submit(supplier, administrator_of(supplier), NOON)
        assert supplier.state == "submitted"

    def test_the_supplier_is_told(self) -> None:
        supplier = make_applicant()
        approve(supplier)
        told = db.session.scalars(select(Notification.kind).where(Notification.person_id == person_of(supplier).id))
        assert list(told) == ["supplier.approved"]


class TestChanges:
    def test_what_needs_no_review_is_in_force_at_once(self) -> None:
        supplier = make_supplier()
        edit(supplier, "place", phone="02-7777-0000", homepage="https://firm.example")
        assert (supplier.phone, supplier.homepage) == ("02-7777-0000", "https://firm.example")
        with pytest.raises(InvalidInput):  # nothing is left to review
            registration.submit(supplier, administrator_of(supplier), NOON)

    def test_a_new_name_waits_while_the_old_one_holds(self) -> None:
        supplier = make_supplier()
        edit(supplier, "firm", name_ko="새나루정보")
        with transaction():
            registration.submit(supplier, administrator_of(supplier), NOON)
        assert (supplier.state, supplier.name_ko) == ("changes_pending", "한나루정보")
        assert get_summary(supplier.organisation_id).name_ko == "한나루정보"  # type: ignore[arg-type]
        approve(supplier)
        assert (supplier.state, supplier.name_ko) == ("active", "새나루정보")
        assert db.session.get_one(Organisation, supplier.organisation_id).name_ko == "새나루정보"

    def test_refused_changes_leave_everything_as_it_was(self) -> None:
        supplier = make_supplier()
        before = supplier.profile
        edit(supplier, "representatives", representatives=(Representative("박새로", "대표이사"),))
        with transaction():
            registration.submit(supplier, administrator_of(supplier), NOON)
            reviewing.refuse(supplier, open_review_of(supplier).id, "등기와 다릅니다", registrar(), NOON)
        assert (supplier.state, supplier.profile) == ("active", before)

    def test_every_list_is_replaced_as_a_whole(self) -> None:
        supplier = make_supplier(representatives=(Representative("가", ""), Representative("나", "")))
        edit(supplier, "representatives", representatives=(Representative("나", ""), Representative("다", "")))
        edit(supplier, "licences", licences=(Licence("0036", "", "", "7", TODAY),))
        with transaction():
            registration.submit(supplier, administrator_of(supplier), NOON)
        approve(supplier)
        db.session.expire_all()
        assert get_summary(supplier.organisation_id).representatives == ("나", "다")  # type: ignore[arg-type]
        assert [each.code for each in supplier.licences] == ["0036"]

    def test_changes_do_not_lengthen_the_registration_and_a_renewal_does(self) -> None:
        supplier = make_supplier()
        end = supplier.valid_until_on
        edit(supplier, "firm", name_en="Other")
        with transaction():
            registration.submit(supplier, administrator_of(supplier), NOON)
        approve(supplier, NOON + timedelta(days=30))
        assert supplier.valid_until_on == end
        near_the_end = NOON + timedelta(days=3 * 365 - 40)
        with transaction():
            registration.submit(supplier, administrator_of(supplier), near_the_end, is_renewal=True)
        approve(supplier, near_the_end)
        assert supplier.valid_until_on is not None
        assert end is not None
        assert supplier.valid_until_on > end

    def test_a_renewal_can_come_too_early(self) -> None:
        supplier = make_supplier()
        with pytest.raises(InvalidInput):
            registration.submit(supplier, administrator_of(supplier), NOON, is_renewal=True)

    def test_the_business_number_never_changes(self) -> None:
        with pytest.raises(InvalidInput):
            edit(make_supplier(), "firm", business_number=fresh_number())

    def test_unsent_changes_can_be_thrown_away(self) -> None:
        supplier = make_supplier()
        edit(supplier, "firm", name_ko="아무개")
        with transaction():
            registration.discard_changes(supplier, administrator_of(supplier))
        assert supplier.working_profile == supplier.profile


class TestExpiry:
    def test_it_ends_after_its_last_day_and_not_before(self) -> None:
        supplier = make_supplier()
        last_instant = NOON.replace(year=2029, month=11, day=22, hour=14, minute=59, second=59)
        clock = system("supplier:expire")
        assert reviewing.ids_to_expire(last_instant) == []
        assert not reviewing.expire(supplier.id, clock, last_instant)
        midnight = last_instant + timedelta(seconds=1)
        assert reviewing.ids_to_expire(midnight) == [supplier.id]
        with transaction():
            assert reviewing.expire(supplier.id, clock, midnight)
        with transaction():
            assert not reviewing.expire(supplier.id, clock, midnight)  # twice is once
        assert supplier.state == "expired"
        assert supplier.expired_at == midnight

    def test_changes_that_waited_are_taken_from_the_queue(self) -> None:
        supplier = make_supplier()
        edit(supplier, "firm", name_ko="늦은이름")
        with transaction():
            registration.submit(supplier, administrator_of(supplier), NOON)
            reviewing.expire(supplier.id, system("supplier:expire"), NOON + timedelta(days=2000))
        assert db.session.scalars(select(Review).where(Review.decision.is_(None))).all() == []
        assert supplier.state == "expired"

    def test_an_expired_supplier_returns_by_a_renewal(self) -> None:
        supplier, later = make_supplier(), NOON + timedelta(days=2000)
        with transaction():
            reviewing.expire(supplier.id, system("supplier:expire"), later)
            review = registration.submit(supplier, administrator_of(supplier), later)
        assert review.kind == "renewal"
        first_registered = supplier.registered_at
        approve(supplier, later)
        assert supplier.state == "active"
        assert supplier.registered_at == first_registered


class TestLog:
    def test_open_entries_hold_no_personal_data(self) -> None:
        supplier = make_applicant(representatives=(Representative("남궁비밀", "대표"),), phone="02-4444-1111")
        approve(supplier)
        rows = [
            (event.type, event.body.decode())
            for event in db.session.scalars(select(audit.Event).where(audit.Event.is_open))
        ]
        assert "supplier.registered" in {row[0] for row in rows}
        written = " ".join(row[1] for row in rows)
        for secret in ("남궁비밀", "02-4444-1111", "세종대로", "이신청", ".example"):
            assert secret not in written

    def test_an_application_leaves_no_open_entry(self) -> None:
        supplier = make_applicant()
        with transaction():
            reviewing.refuse(supplier, open_review_of(supplier).id, "사유", registrar(), NOON)
        assert audit.entries_about(supplier.audit_subject) == []

    def test_a_rollback_takes_the_entry_and_the_move_back(self) -> None:
        supplier = make_applicant()
        actor, review_id = registrar(), open_review_of(supplier).id
        with pytest.raises(RuntimeError), transaction():
            reviewing.approve(supplier, review_id, actor, NOON)
            raise RuntimeError("power cut")
        assert supplier.state == "submitted"
        assert audit.entries_about(supplier.audit_subject) == []


def test_summaries_leave_out_who_is_not_on_the_register() -> None:
    one, applicant = make_supplier(name_ko="하나"), make_applicant()
    assert one.organisation_id is not None
    assert applicant.organisation_id is not None
    found = summaries([one.organisation_id, applicant.organisation_id, uuid4()])
    assert [summary.name_ko for summary in found.values()] == ["하나"]
    summary = found[one.organisation_id]
    assert (summary.address, summary.representatives) == ("서울특별시 중구 세종대로 110 3층", ("김나루",))
    with pytest.raises(NotFound):
        get_summary(applicant.organisation_id)


def test_the_working_copy_survives_json() -> None:
    profile = make_profile(licences=(Licence("1468", "가", "a", "1", TODAY, None),), opened_on=TODAY)
    assert from_json(to_json(profile)) == profile


def test_a_number_is_registered_directly_once() -> None:
    number = make_supplier().business_number
    with pytest.raises(AlreadyDone):
        make_supplier(business_number=number)


def test_two_approvals_of_one_number_at_once_leave_one_supplier(app: Flask) -> None:
    number, by = fresh_number(), registrar()
    rounds = [(make_applicant(business_number=number), index) for index in range(2)]
    chosen = [(supplier.id, open_review_of(supplier).id) for supplier, _ in rounds]
    db.session.rollback()
    gate, outcomes = Barrier(2), list[str]()

    def decide(supplier_id: UUID, review_id: UUID) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    reviewing.approve(db.session.get_one(Supplier, supplier_id), review_id, by, NOON)
                outcomes.append("approved")
            except AlreadyDone:
                outcomes.append("taken")

    hands = [Thread(target=decide, args=pair) for pair in chosen]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(30)
    assert sorted(outcomes) == ["approved", "taken"]


def test_people_and_organisations_of_a_direct_registration(app: Flask) -> None:
    supplier = make_supplier(people=2)
    people = db.session.scalars(select(Person).where(Person.organisation_id == supplier.organisation_id)).all()
    assert len(people) == 2
    assert supplier.state == "active"
