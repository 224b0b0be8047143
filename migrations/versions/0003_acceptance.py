"""Acceptance of a bid as one function of the database; a bid's envelope of documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bidding import ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bids", sa.Column("docs_envelope", sa.LargeBinary(), nullable=True))
    op.get_bind().exec_driver_sql(ddl.ACCEPT_BID)  # its colons are no parameters
