"""What every other test rests on."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from app.db import db, transaction


def test_a_test_sees_nothing_of_what_another_committed(app: Flask) -> None:
    _write_a_mark()


def test_a_test_sees_nothing_of_what_another_committed_the_other_way_round(app: Flask) -> None:
    _write_a_mark()


def _write_a_mark() -> None:
    assert db.session.execute(text("SELECT count(*) FROM jobs")).scalar_one() == 0
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO jobs (id, kind, key, payload, due_at, state, attempts) "
                "VALUES (gen_random_uuid(), 'mark', 'mark', '{}', now(), 'waiting', 0)"
            )
        )


def test_the_application_runs_as_a_role_that_owns_nothing(app: Flask) -> None:
    assert db.session.execute(text("SELECT current_user")).scalar_one() == "naru_app"
    owners = db.session.execute(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")).scalars()
    assert set(owners) == {"naru_owner"}
