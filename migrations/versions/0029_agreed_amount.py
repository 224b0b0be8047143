"""The lower price that a negotiation ended with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bid_reviews", sa.Column("agreed_won", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_bid_reviews_agreed_by_negotiation"),
        "bid_reviews",
        "agreed_won IS NULL OR (agreed_won > 0 AND kind = 'negotiation' AND result = 'pass')",
    )
