"""A bid of ordinary size stays in its row: no compression of what is encrypted, no second table to write and read."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bids SET (toast_tuple_target = 8160)")
