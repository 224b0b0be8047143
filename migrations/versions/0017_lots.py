"""Lots: several tenders of one notice; an award and a contract for each winning bid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lots()
    _awards()
    _contracts()
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON lot_groups TO naru_app")


def _lots() -> None:
    op.create_table(
        "lot_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("award_order", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("max_lots", sa.Integer()),
        sa.Column("max_won", sa.BigInteger()),
        sa.Column("previous_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["previous_id"], ["lot_groups.id"], name=op.f("fk_lot_groups_previous_id_lot_groups")),
        sa.CheckConstraint("max_lots > 0", name=op.f("ck_lot_groups_max_lots_positive")),
        sa.CheckConstraint("max_won > 0", name=op.f("ck_lot_groups_max_won_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_groups")),
    )
    op.add_column("tenders", sa.Column("lot_group_id", sa.Uuid()))
    op.add_column("tenders", sa.Column("lot_no", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tenders", sa.Column("lot_name", sa.String(), nullable=False, server_default=""))
    op.add_column("tenders", sa.Column("lot_text", sa.String(), nullable=False, server_default=""))
    op.add_column("tenders", sa.Column("is_first_lot", sa.Boolean(), nullable=False, server_default="true"))
    op.add_column("tenders", sa.Column("framework_winners", sa.Integer()))
    for name in ("lot_no", "lot_name", "lot_text", "is_first_lot"):
        op.alter_column("tenders", name, server_default=None)
    op.create_foreign_key(op.f("fk_tenders_lot_group_id_lot_groups"), "tenders", "lot_groups", ["lot_group_id"], ["id"])
    op.drop_constraint(op.f("uq_tenders_number_first_ord"), "tenders", type_="unique")
    op.create_unique_constraint(
        op.f("uq_tenders_number_first_ord_lot_no"), "tenders", ["number", "first_ord", "lot_no"]
    )
    op.create_check_constraint(op.f("ck_tenders_lot_no_in_range"), "tenders", "lot_no BETWEEN 1 AND 99")
    op.create_check_constraint(op.f("ck_tenders_lot_has_name"), "tenders", "lot_group_id IS NULL OR lot_name <> ''")
    op.create_check_constraint(op.f("ck_tenders_alone_is_first"), "tenders", "lot_group_id IS NOT NULL OR is_first_lot")
    op.create_index(
        "uq_tenders_first_lot",
        "tenders",
        ["lot_group_id"],
        unique=True,
        postgresql_where=sa.text("lot_group_id IS NOT NULL AND is_first_lot"),
    )
    op.create_check_constraint(
        op.f("ck_tenders_framework_winners_in_range"), "tenders", "framework_winners BETWEEN 2 AND 100"
    )
    op.create_index(
        "ix_tenders_lot_group",
        "tenders",
        ["lot_group_id", "lot_no"],
        postgresql_where=sa.text("lot_group_id IS NOT NULL"),
    )


def _awards() -> None:
    op.add_column("awards", sa.Column("place", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("awards", "place", server_default=None)
    op.add_column("awards", sa.Column("quantity", sa.BigInteger()))
    op.add_column("awards", sa.Column("contracted_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE awards SET contracted_at = tenders.contracted_at FROM tenders WHERE tenders.id = awards.tender_id"
    )
    op.drop_constraint(op.f("pk_awards"), "awards", type_="primary")
    op.drop_constraint(op.f("uq_awards_bid_id"), "awards", type_="unique")
    op.create_primary_key(op.f("pk_awards"), "awards", ["bid_id"])
    op.create_unique_constraint(op.f("uq_awards_tender_id_place"), "awards", ["tender_id", "place"])
    op.create_check_constraint(op.f("ck_awards_quantity_positive"), "awards", "quantity > 0")
    op.create_check_constraint(op.f("ck_awards_place_positive"), "awards", "place > 0")
    op.create_check_constraint(
        op.f("ck_awards_contracted_was_confirmed"), "awards", "contracted_at IS NULL OR confirmed_at IS NOT NULL"
    )


def _contracts() -> None:
    op.add_column("contracts", sa.Column("bid_id", sa.Uuid()))
    op.add_column("contracts", sa.Column("quantity", sa.BigInteger()))
    op.execute("UPDATE contracts SET bid_id = awards.bid_id FROM awards WHERE awards.tender_id = contracts.tender_id")
    op.alter_column("contracts", "bid_id", nullable=False)
    op.drop_constraint(op.f("uq_contracts_tender_id"), "contracts", type_="unique")
    op.create_unique_constraint(op.f("uq_contracts_bid_id"), "contracts", ["bid_id"])
    op.create_index("ix_contracts_tender", "contracts", ["tender_id"])
    op.create_check_constraint(op.f("ck_contracts_quantity_positive"), "contracts", "quantity > 0")
