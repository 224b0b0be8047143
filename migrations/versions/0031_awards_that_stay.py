"""Awards that stay while another winner's is undone, and contracts drafted anew after one that lapsed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("awards", sa.Column("again_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_awards_again_by_id_people"), "awards", "people", ["again_by_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_awards_again_was_confirmed"), "awards", "again_by_id IS NULL OR confirmed_at IS NOT NULL"
    )
    op.drop_constraint(op.f("uq_contracts_bid_id"), "contracts", type_="unique")
    op.create_index("uq_contracts_live", "contracts", ["bid_id"], unique=True, postgresql_where="state <> 'lapsed'")
