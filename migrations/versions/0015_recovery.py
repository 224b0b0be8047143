"""Keys that bidders give again when too few keyholders are left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_recoveries",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("public", sa.String(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_opening_recoveries_two_persons")),
        sa.CheckConstraint(
            "(approved_by_id IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_opening_recoveries_approved_has_approved_at"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (public IS NULL)", name=op.f("ck_opening_recoveries_approved_has_key")
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR approved_at IS NOT NULL", name=op.f("ck_opening_recoveries_done_was_approved")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_opening_recoveries_tender_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_opening_recoveries_asked_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["people.id"], name=op.f("fk_opening_recoveries_approved_by_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_opening_recoveries")),
    )
    op.create_table(
        "supplied_keys",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("supplied_by_id", sa.Uuid(), nullable=False),
        sa.Column("supplied_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("octet_length(sealed) = 80", name=op.f("ck_supplied_keys_sealed_size")),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_supplied_keys_bid_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_supplied_keys_tender_id")),
        sa.ForeignKeyConstraint(["supplied_by_id"], ["people.id"], name=op.f("fk_supplied_keys_supplied_by_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_supplied_keys")),
    )
    op.create_index("ix_supplied_keys_tender", "supplied_keys", ["tender_id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON opening_recoveries, supplied_keys TO naru_app")
