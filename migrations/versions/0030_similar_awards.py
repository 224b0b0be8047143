"""An index for awards that are similar to one: by kind, method and time."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_tenders_awarded ON tenders (kind, method, is_practice, awarded_at) WHERE awarded_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_tenders_awarded")
