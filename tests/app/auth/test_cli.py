"""The first operator comes from the machine's own command line."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.auth.models import Organisation, Person
from app.auth.passwords import verify
from app.db import db


def add(app: Flask, email: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["people", "add-operator", email, "홍길동"])
    db.session.expire_all()
    return done.exit_code, done.output


def test_it_enters_a_person_who_must_change_the_printed_password(app: Flask) -> None:
    status, said = add(app, "Operator@naru.example")
    assert status == 0, said
    person = db.session.scalars(select(Person)).one()
    assert (person.email, sorted(person.roles)) == ("operator@naru.example", ["operator", "registrar"])
    assert person.must_change_password is True
    assert verify(person.password_hash, said.split()[-1])


def test_a_second_one_joins_the_same_organisation(app: Flask) -> None:
    add(app, "one@naru.example")
    add(app, "two@naru.example")
    assert len(db.session.scalars(select(Organisation)).all()) == 1
    assert len(db.session.scalars(select(Person)).all()) == 2


def test_a_taken_or_wrong_address_is_refused_and_leaves_nothing(app: Flask) -> None:
    assert add(app, "not-an-address")[0] == 1
    assert db.session.scalars(select(Organisation)).all() == []
    add(app, "one@naru.example")
    status, said = add(app, "one@naru.example")
    assert (status, "taken" in said) == (1, True)
