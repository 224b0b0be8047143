"""The transition tables: only their moves exist, each needs its permission, and the database knows the states."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.auth import Actor, system
from app.auth.people import actor_for
from app.db import db, transaction
from app.errors import DomainError, Forbidden, IllegalTransition
from app.state import Machine
from suppliers.models import Review, Sanction, Supplier
from suppliers.services import registration, reviewing
from suppliers.states import EDITABLE, REGISTERED, SANCTION, SUPPLIER, UNDER_REVIEW, SanctionState, SupplierState
from tests.suppliers.building import (
    NOON,
    administrator_of,
    make_applicant,
    make_registrar,
    make_supplier,
    open_review_of,
)

MACHINES = {"supplier": (SUPPLIER, Supplier, SupplierState), "sanction": (SANCTION, Sanction, SanctionState)}
PAIRS = [
    (name, event, state)
    for name, (machine, _, states) in MACHINES.items()
    for event in sorted({row.event for row in machine.rows})
    for state in states
]


@pytest.mark.parametrize(("name", "event", "state"), PAIRS)
def test_the_table_is_the_whole_of_what_can_happen(name: str, event: str, state: str) -> None:
    machine, model, _ = MACHINES[name]
    thing: Any = model(state=state)
    row = next((row for row in machine.rows if row.event == event and row.source == state), None)
    if row is None:
        everything = system(*(each.permission for each in machine.rows))
        with pytest.raises(IllegalTransition):
            machine.fire(thing, event, everything, NOON)
    else:
        others = system(*({each.permission for each in machine.rows} - {row.permission}))
        with pytest.raises(Forbidden):
            machine.fire(thing, event, others, NOON)
    assert thing.state == state


@pytest.mark.parametrize("machine", [SUPPLIER, SANCTION], ids=["supplier", "sanction"])
def test_every_state_can_be_reached_and_every_move_is_logged_in_our_family(machine: Machine) -> None:
    start = next(iter(machine.states))
    reached = {start}
    for _ in machine.states:
        reached |= {row.target for row in machine.rows if row.source in reached}
    assert reached == set(machine.states)
    assert all(row.audit.startswith("supplier.") for row in machine.rows)


def test_nobody_on_the_register_is_edited_while_under_review() -> None:
    assert not set(EDITABLE) & set(UNDER_REVIEW)
    assert {row.target for row in SUPPLIER.rows if row.event in ("submit", "propose")} == set(UNDER_REVIEW)


def applicant(**changes: Any) -> Supplier:
    supplier = make_applicant(**changes)
    db.session.refresh(supplier)
    return supplier


@pytest.mark.usefixtures("app")
class TestDatabase:
    """Constraints, each tried behind the code's back."""

    def refuse(self, constraint: str, supplier: Supplier, **values: Any) -> None:
        names = ", ".join(f"{name} = :{name}" for name in values)
        statement = text(f"UPDATE suppliers SET {names} WHERE id = :id")
        with pytest.raises(IntegrityError, match=constraint):
            db.session.execute(statement, values | {"id": supplier.id})
        db.session.rollback()

    def test_unknown_states(self) -> None:
        self.refuse("ck_suppliers_state_known", applicant(), state="approved")

    @pytest.mark.parametrize("state", ["submitted", "returned", "refused"])
    def test_states_without_their_instant(self, state: str) -> None:
        self.refuse(f"ck_suppliers_{state}_has_{state}_at", applicant(), state=state, **{f"{state}_at": None})

    def test_active_without_registration(self) -> None:
        self.refuse("ck_suppliers_on_the_register_once_registered", applicant(), state="active", approved_at=NOON)

    @pytest.mark.parametrize(
        "name", ["name_ko", "name_en", "region", "address", "size", "business_number", "valid_until_on"]
    )
    def test_a_registration_with_a_gap(self, name: str) -> None:
        self.refuse("ck_suppliers_registered_is_complete", make_supplier(), **{name: None})

    def test_beyond_a_draft_without_organisation(self) -> None:
        self.refuse("ck_suppliers_beyond_draft_has_organisation", applicant(), organisation_id=None)

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("ck_suppliers_business_number_digits", {"business_number": "12345"}),
            ("ck_suppliers_region_two_digits", {"region": "1"}),
            ("ck_suppliers_size_known", {"size": "tiny"}),
            ("ck_suppliers_kinds_known", {"kinds": ["magic"]}),
            ("ck_suppliers_legal_form_known", {"legal_form": "club"}),
        ],
    )
    def test_values_outside_their_lists(self, constraint: str, values: dict[str, Any]) -> None:
        self.refuse(constraint, make_supplier(), **values)

    def test_one_number_twice(self) -> None:
        taken = make_supplier().business_number
        self.refuse("uq_suppliers_business_number", make_supplier(), business_number=taken)

    def test_one_organisation_twice(self) -> None:
        taken = make_supplier().organisation_id
        self.refuse("uq_suppliers_organisation_id", make_supplier(), organisation_id=taken)

    def test_a_licence_that_ends_before_it_begins(self) -> None:
        make_supplier()
        with pytest.raises(IntegrityError, match="ck_supplier_licences_ends_after_it_begins"):
            db.session.execute(text("UPDATE supplier_licences SET valid_to = valid_from - 1"))
        db.session.rollback()

    def test_two_rounds_at_once(self) -> None:
        supplier = applicant()
        db.session.add(
            Review(supplier_id=supplier.id, number=2, kind="first", proposed={}, submitted_at=NOON, comments={})
        )
        with pytest.raises(IntegrityError, match="uq_supplier_reviews_undecided"):
            db.session.flush()
        db.session.rollback()

    def test_an_adverse_decision_without_a_word(self) -> None:
        review = open_review_of(applicant())
        review.decision, review.decided_at = "refused", NOON
        with pytest.raises(IntegrityError, match="ck_supplier_reviews_adverse_decision_has_reason"):
            db.session.flush()
        db.session.rollback()


class Life(RuleBasedStateMachine):
    """A registration, lived at random by its supplier, a registrar and the clock; a model says what must hold."""

    registrar: Actor

    @initialize()
    def begin(self) -> None:
        self.supplier = make_applicant(is_sent=False)
        self.administrator = administrator_of(self.supplier)
        self.now = NOON
        self.state = "draft"
        self.in_force = self.supplier.profile
        self.registered = False

    def attempt(self, event: str, act: Any) -> bool:
        """Do `act`; whether it worked must be what the table says of `event` in the model's state."""
        self.now += timedelta(minutes=1)
        row = next((row for row in SUPPLIER.rows if (row.event, row.source) == (event, self.state)), None)
        try:
            with transaction():
                act()
        except DomainError:
            db.session.expire_all()
            return False
        assert row is not None, (event, self.state)
        self.state = str(row.target)
        return True

    @rule(phone=st.sampled_from(["02-1111-2222", "02-3333-4444"]), name=st.sampled_from(["가나상사", "다라상사"]))
    def edit(self, phone: str, name: str) -> None:
        try:
            with transaction():
                registration.save_section(self.supplier, "place", {"phone": phone})
                registration.save_section(self.supplier, "firm", {"name_ko": name})
        except IllegalTransition:
            assert self.state not in EDITABLE
            return
        assert self.state in EDITABLE
        if self.registered:
            assert self.supplier.phone == phone  # at once
            assert self.supplier.name_ko == self.in_force.name_ko  # not before a review
            self.in_force = self.supplier.profile

    @rule()
    def send(self) -> None:
        event = "propose" if self.state == "active" else "submit"
        self.attempt(event, lambda: registration.submit(self.supplier, self.administrator, self.now))

    @rule()
    def take_back(self) -> None:
        self.attempt("take_back", lambda: registration.take_back(self.supplier, self.administrator, self.now))

    @rule()
    def reopen(self) -> None:
        self.attempt("reopen", lambda: registration.reopen(self.supplier, self.administrator, self.now))

    @precondition(lambda self: self.state in UNDER_REVIEW)
    @rule()
    def approve(self) -> None:
        sent = self.supplier.working_profile
        review = open_review_of(self.supplier)
        if self.attempt("approve", lambda: reviewing.approve(self.supplier, review.id, self.registrar, self.now)):
            self.registered, self.in_force = True, sent

    @precondition(lambda self: self.state in UNDER_REVIEW)
    @rule(refuses=st.booleans())
    def turn_down(self, refuses: bool) -> None:
        review_id = open_review_of(self.supplier).id
        if refuses:
            self.attempt("refuse", lambda: reviewing.refuse(self.supplier, review_id, "사유", self.registrar, self.now))
        else:
            self.attempt(
                "return",
                lambda: reviewing.ask_for_changes(self.supplier, review_id, {}, "사유", self.registrar, self.now),
            )

    @rule()
    def decide_for_oneself(self) -> None:
        review = db.session.query(Review).filter_by(supplier_id=self.supplier.id).first()
        if review is not None:
            assert not self.attempt(
                "approve", lambda: reviewing.approve(self.supplier, review.id, self.administrator, self.now)
            )

    @rule()
    def years_pass(self) -> None:
        self.now += timedelta(days=1200)
        clock = system("supplier:expire")

        def expire() -> None:
            if not reviewing.expire(self.supplier.id, clock, self.now):
                raise IllegalTransition

        self.attempt("expire", expire)

    @invariant()
    def the_row_is_what_the_model_says(self) -> None:
        if not hasattr(self, "supplier"):
            return
        db.session.expire_all()
        assert self.supplier.state == self.state
        assert self.supplier.profile == self.in_force
        assert (self.supplier.registered_at is not None) is self.registered
        undecided = db.session.query(Review).filter_by(supplier_id=self.supplier.id, decision=None).count()
        assert undecided == (1 if self.state in UNDER_REVIEW else 0)
        if self.state in REGISTERED:
            assert self.registered


def test_a_registration_lives_by_its_table(app: Flask) -> None:
    Life.registrar = actor_for(make_registrar())
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Life, settings=settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=quiet)
    )


@given(st.sampled_from(["supplier:edit", "supplier:review", "supplier:expire"]), st.sampled_from(list(SupplierState)))
def test_a_button_is_shown_only_where_the_table_allows(permission: str, state: SupplierState) -> None:
    thing, actor = Supplier(state=state), system(permission)
    for event in {row.event for row in SUPPLIER.rows}:
        shown = SUPPLIER.allows(thing, event, actor)
        assert shown is any(
            (row.event, row.source, row.permission) == (event, state, permission) for row in SUPPLIER.rows
        )
