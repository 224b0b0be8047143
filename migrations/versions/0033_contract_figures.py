"""A contract keeps which rule data it was made under, and the cap of its delay penalty as a figure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

CAP = "ck_contracts_penalty_within_cap"


def upgrade() -> None:
    op.add_column("contracts", sa.Column("rule_version", sa.String(), nullable=True))
    # Until now every contract was made under the cap of 30 %.
    op.add_column("contracts", sa.Column("penalty_cap_rate", sa.Integer(), nullable=False, server_default="30000"))
    op.alter_column("contracts", "penalty_cap_rate", server_default=None)
    op.create_check_constraint(op.f("ck_contracts_cap_in_range"), "contracts", "penalty_cap_rate BETWEEN 0 AND 100000")
    op.drop_constraint(op.f(CAP), "contracts", type_="check")
    op.create_check_constraint(
        op.f(CAP), "contracts", "penalty_won BETWEEN 0 AND amount_won * penalty_cap_rate / 100000"
    )
