"""A sealed event may lose its salt and body, once the log says so; its leaf stays."""

from __future__ import annotations

from alembic import op

from app.audit import ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_event_sealed_has_salt_and_c"), "event", schema="audit", type_="check")
    op.create_check_constraint(op.f("ck_event_sealed_has_salt_and_c"), "event", ddl.SEALED_OR_ERASED, schema="audit")
    for statement in ddl.ERASURE_STATEMENTS:
        op.execute(statement)
