"""Refusals for want of documents, and of what has no hash."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_refusals_reason_known"), "refusals", type_="check")
    reasons = "'late', 'closed', 'schema', 'signature', 'eligibility', 'documents'"
    op.create_check_constraint(op.f("ck_refusals_reason_known"), "refusals", f"reason IN ({reasons})")
    op.alter_column("refusals", "stmt", nullable=True)
