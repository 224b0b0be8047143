"""Runs migrations as the owner of the tables, one process at a time, in one transaction."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.db import db

MIGRATION_LOCK = 1  # advisory lock: two starts at once migrate one after the other


def our_schemas(name: str | None, kind: str, _parents: Any) -> bool:
    """Only the schemas that models use are compared; None is `public`."""
    return kind != "schema" or name in {table.schema for table in db.metadata.tables.values()} | {None}


def run() -> None:
    engine = create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        options = dict(current_app.extensions["migrate"].configure_args)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_schemas=True,
            include_name=our_schemas,
            compare_server_default=False,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Naru's migrations need a database: they read it as they go.")
run()
