"""Every table, the roles' rights, and the audit log's protection."""

from __future__ import annotations

from importlib import import_module

from alembic import op

from app.db import db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = ("naru_app", "naru_sequencer", "naru_auditor")


def upgrade() -> None:
    for extension in ("pg_trgm", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for role in ROLES:
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
        )
    bind = op.get_bind()
    for schema in sorted({table.schema for table in db.metadata.tables.values() if table.schema}):
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.execute("GRANT USAGE ON SCHEMA public TO naru_app, naru_sequencer, naru_auditor")
    db.metadata.create_all(bind)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO naru_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM naru_app")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO naru_app")
    try:
        ddl = import_module("app.audit.ddl")
    except ModuleNotFoundError:
        return
    for statement in ddl.STATEMENTS:
        op.execute(statement)
