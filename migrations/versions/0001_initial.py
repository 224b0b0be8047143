"""Every table, the roles' rights, and the audit log's protection."""

from __future__ import annotations

from importlib import import_module

from alembic import op
from sqlalchemy import Uuid
from sqlalchemy.types import NullType

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
    _forget_absent_targets()
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


def _forget_absent_targets() -> None:
    """Leave out references to tables that nobody defines yet, so that the others can be made."""
    known = set(db.metadata.tables)
    for table in db.metadata.tables.values():
        for constraint in list(table.foreign_key_constraints):
            if any(key.target_fullname.rsplit(".", 1)[0] not in known for key in constraint.elements):
                table.constraints.discard(constraint)
                for key in constraint.elements:
                    key.parent.foreign_keys.discard(key)
                    table.foreign_keys.discard(key)
                    if isinstance(key.parent.type, NullType):
                        key.parent.type = Uuid()
