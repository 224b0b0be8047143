"""Reverse auctions: their start, the chain of their bids, their result."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime
from bidding import auction_ddl

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES = (
    "draft", "in-review", "published", "closing", "closed", "evaluating", "opening", "auction", "opened", "proposed",
    "awarded", "contracted", "failed", "cancelled",
)  # fmt: skip
FAMILIES = (
    "tender|bid|box|keyholder|opening|draw|evaluation|auction|award|contract|supplier|organisation|person|officer|role"
    "|auth|access|document|export|config|client|server|log|clock|outage"
)
REASONS = ("late", "closed", "schema", "signature", "eligibility", "documents", "auction")


def _one_of(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def upgrade() -> None:
    op.add_column("tenders", sa.Column("auction_at", UtcDateTime(), nullable=True))
    _replace_check("tenders", "state_known", f"state IN {_one_of(STATES)}")
    op.create_check_constraint(
        op.f("ck_tenders_auction_has_auction_at"), "tenders", "state <> 'auction' OR auction_at IS NOT NULL"
    )
    _replace_check("refusals", "reason_known", f"reason IN {_one_of(REASONS)}")
    _replace_check("event", "type_known", f"type ~ '^(reveal|({FAMILIES})\\.[a-z]+(_[a-z]+)*)$'", schema="audit")
    _make_auctions()
    _make_bids()
    op.get_bind().exec_driver_sql(auction_ddl.GROW_ONLY)  # its colons are no parameters
    op.execute(auction_ddl.TRIGGER)
    for grant in auction_ddl.GRANTS:
        op.execute(grant)


def _replace_check(table: str, name: str, condition: str, schema: str | None = None) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check", schema=schema)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, schema=schema)


def _make_auctions() -> None:
    op.create_table(
        "auctions",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("start", postgresql.JSONB(), nullable=False),
        sa.Column("entrants", postgresql.JSONB(), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("bids", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.CheckConstraint("length(head) = 64", name=op.f("ck_auctions_head_is_sha256")),
        sa.CheckConstraint(
            "ends_at > starts_at AND starts_at >= announced_at", name=op.f("ck_auctions_instants_ordered")
        ),
        sa.CheckConstraint("closed_at >= ends_at", name=op.f("ck_auctions_closed_after_its_end")),
        sa.CheckConstraint(
            "num_nulls(closed_at, result, sha256) IN (0, 3)", name=op.f("ck_auctions_closed_has_result")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_auctions_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_auctions")),
    )
    op.create_index("ix_auctions_to_close", "auctions", ["ends_at"], postgresql_where=sa.text("closed_at IS NULL"))


def _make_bids() -> None:
    op.create_table(
        "auction_bids",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("stmt", sa.String(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", postgresql.JSONB(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_auction_bids_seq_positive")),
        sa.CheckConstraint("amount_won > 0", name=op.f("ck_auction_bids_amount_positive")),
        sa.CheckConstraint(
            "length(stmt) = 64 AND length(prev) = 64 AND length(record) = 64", name=op.f("ck_auction_bids_hashes")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["auctions.tender_id"], name=op.f("fk_auction_bids_tender_id")),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_auction_bids_bid_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_auction_bids_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_auction_bids_person_id")),
        sa.PrimaryKeyConstraint("tender_id", "seq", name=op.f("pk_auction_bids")),
        sa.UniqueConstraint("stmt", name=op.f("uq_auction_bids_stmt")),
        sa.UniqueConstraint("record", name=op.f("uq_auction_bids_record")),
        sa.UniqueConstraint("tender_id", "prev", name=op.f("uq_auction_bids_tender_id_prev")),
    )
    op.create_index("ix_auction_bids_bid", "auction_bids", ["bid_id", "seq"])
