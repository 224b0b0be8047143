"""The demonstration's contracts: one in every state of the usual course, made by the people of both sides."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.db import db
from app.demo import Demo
from contracts.demo import demo_step
from contracts.models import Contract
from tests.contracts.building import make_award, make_parties


def test_nine_awards_leave_a_contract_in_each_state_of_the_course(app: Flask) -> None:
    parties = make_parties()
    for _ in range(9):
        make_award(parties, is_practice=True, delivery_place="")
    demo_step(Demo())
    states = list(db.session.scalars(select(Contract.state).order_by(Contract.number)))
    assert sorted(states) == sorted(
        ["drafted", "sent", "agreed", "concluded", "delivered", "inspected", "invoiced", "paid", "closed"]
    )
