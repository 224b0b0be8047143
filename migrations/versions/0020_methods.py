"""What each method needs to know is there; tenders without reserve prices; how many a bid offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_tenders_scoring_fits_method"),
        "tenders",
        "(method IN ('quote', 'lowest') AND scoring IS NULL) OR method = 'qualification' "
        "OR (method NOT IN ('quote', 'lowest') AND scoring IS NOT NULL) OR state = 'draft'",
    )
    op.create_check_constraint(
        op.f("ck_tenders_unpriced_fits_method"),
        "tenders",
        "draw_mode <> 'M0' OR method IN ('negotiation', 'best-value', 'sale', 'reverse-auction') OR state = 'draft'",
    )
    op.add_column("bids", sa.Column("quantity", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_bids_quantity_once_opened"), "bids", "quantity IS NULL OR (quantity > 0 AND amount_won IS NOT NULL)"
    )
