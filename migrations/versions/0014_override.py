"""Two officers may let a release go on without the witnesses' quorum."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_tender_revisions_kind_known"), "tender_revisions", type_="check")
    op.create_check_constraint(
        op.f("ck_tender_revisions_kind_known"),
        "tender_revisions",
        "kind IN ('correction', 'extension', 'cancellation', 'override')",
    )
