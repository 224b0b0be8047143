"""What every other test rests on."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db, transaction
from app.embedded.postgres import Postgres
from tests import stores
from tests.fresh import FreshDatabase


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


def as_superuser(app: Flask, cluster: Postgres, statement: str) -> None:
    db.session.rollback()
    with stores.superuser(cluster, stores.DATABASE) as connection:
        connection.execute(statement)


CHANGES = (
    "CREATE TABLE public.left_behind (word text)",
    "ALTER TABLE audit.event DISABLE TRIGGER ALL",
    "REVOKE INSERT ON jobs FROM naru_app",
    "UPDATE alembic_version SET version_num = 'another'",
    "ALTER TABLE jobs ADD COLUMN left_behind text",
    "DROP TABLE jobs CASCADE",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_test_sees_nothing_of_what_another_did_to_the_database(
    app: Flask, cluster: Postgres, fresh_database: FreshDatabase, change: str
) -> None:
    state = (
        "SELECT (SELECT string_agg(relname || relacl::text, ',' ORDER BY oid) FROM pg_class WHERE relkind = 'r'), "
        "(SELECT count(*) FROM pg_attribute WHERE attrelid > 16384), "
        "(SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'), (SELECT version_num FROM alembic_version)"
    )
    before = db.session.execute(text(state)).one()
    as_superuser(app, cluster, change)
    assert db.session.execute(text(state)).one() != before
    db.session.rollback()
    db.engine.dispose()
    fresh_database.renew()
    assert db.session.execute(text(state)).one() == before


def test_what_the_migrations_put_there_is_there_again(app: Flask, cluster: Postgres) -> None:
    tree = db.session.execute(text("SELECT size FROM audit.tree")).scalars().all()
    assert tree == [0]
