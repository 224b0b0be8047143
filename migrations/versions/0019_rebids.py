"""Rebids (재입찰): the same number and 차수 once more; what failed is followed once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenders", sa.Column("rbid_no", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tenders", sa.Column("rebid_bidders", sa.String(), nullable=False, server_default="all"))
    op.alter_column("tenders", "rbid_no", server_default=None)
    op.alter_column("tenders", "rebid_bidders", server_default=None)
    op.drop_constraint(op.f("uq_tenders_number_first_ord_lot_no"), "tenders", type_="unique")
    op.create_unique_constraint(
        op.f("uq_tenders_number_first_ord_lot_no_rbid_no"), "tenders", ["number", "first_ord", "lot_no", "rbid_no"]
    )
    for name, rule in (
        ("rbid_no_in_range", "rbid_no BETWEEN 0 AND 99"),
        ("rebid_repeats", "rbid_no = 0 OR previous_id IS NOT NULL"),
        ("rebid_bidders_known", "rebid_bidders IN ('all', 'first-round')"),
        ("only_a_rebid_is_narrowed", "rebid_bidders = 'all' OR rbid_no > 0"),
    ):
        op.create_check_constraint(op.f(f"ck_tenders_{name}"), "tenders", rule)
    op.create_index(
        "uq_tenders_previous",
        "tenders",
        ["previous_id"],
        unique=True,
        postgresql_where="previous_id IS NOT NULL AND state <> 'cancelled'",
    )
