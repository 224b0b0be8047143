"""Events of technical evaluations may be written to the log."""

from __future__ import annotations

from alembic import op

from app.audit import types

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = op.f("ck_event_type_known")
    op.drop_constraint(name, "event", schema="audit", type_="check")
    op.create_check_constraint(name, "event", f"type ~ '{types.PATTERN}'", schema="audit")
