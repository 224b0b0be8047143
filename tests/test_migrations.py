"""The migrations give exactly the tables that the models describe."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, upgrade
from sqlalchemy import text

from app.db import db


def test_the_migrated_database_is_what_the_models_say(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    check()  # leaves with an error where they differ


def test_migrating_again_changes_nothing(app: Flask) -> None:
    before = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    db.session.rollback()
    upgrade()
    assert db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == before


def test_the_history_is_one_line_with_one_head(app: Flask) -> None:
    scripts = ScriptDirectory(app.extensions["migrate"].directory)
    assert len(scripts.get_heads()) == 1
    assert all(not isinstance(script.down_revision, tuple) for script in scripts.walk_revisions())


def test_the_application_may_use_every_table_and_change_none(app: Flask) -> None:
    query = text(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'alembic_version' "
        "AND NOT has_table_privilege('naru_app', c.oid, 'SELECT')"
    )
    assert db.session.execute(query).scalar_one() == 0
    assert db.session.execute(text("SELECT has_schema_privilege('naru_app', 'public', 'CREATE')")).scalar_one() is False


def test_every_sequence_of_the_models_is_there_and_may_be_used(app: Flask) -> None:
    """Alembic's comparison does not look at sequences."""
    named = {table.name for table in db.metadata._sequences.values()}
    usable = text(
        "SELECT sequencename FROM pg_sequences WHERE has_sequence_privilege('naru_app', sequencename, 'USAGE')"
    )
    assert named
    assert named <= set(db.session.scalars(usable))
