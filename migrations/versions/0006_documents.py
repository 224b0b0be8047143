"""Documents of bids: what a notice asks for, uploaded files, their envelope, and what became of each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime
from bidding import ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    jsonb, texts = postgresql.JSONB(astext_type=sa.Text()), postgresql.ARRAY(sa.Text())
    _add("tenders", "asked_documents", jsonb, "[]")
    _add("tenders", "docs_khkeys", texts, "{}")
    op.add_column("bids", sa.Column("docs_cek", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_bids_documents_sealed_until_opened"),
        "bids",
        "docs_cek IS NULL OR state NOT IN ('submitted', 'cancelled')",
    )
    _add("releases", "lane", sa.String(), "price")
    op.drop_constraint(op.f("pk_releases"), "releases", type_="primary")
    op.create_primary_key(op.f("pk_releases"), "releases", ["tender_id", "lane", "holder", "part"])
    _blobs()
    _bid_documents()
    op.get_bind().exec_driver_sql(ddl.ACCEPT_BID)  # which names the files of a bid from now on
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON blobs, bid_documents TO naru_app")


def _add(table: str, column: str, kind: Any, filled: str) -> None:
    """A column that must not be empty, in a table that may have rows."""
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=filled))
    op.alter_column(table, column, server_default=None)


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_blobs_sha256_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_blobs_size_positive")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_blobs_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "sha256", name=op.f("pk_blobs")),
    )
    op.create_index("ix_blobs_begun_at", "blobs", ["begun_at"], unique=False)


def _bid_documents() -> None:
    states = ("cleared", "quarantined", "unreadable")
    op.create_table(
        "bid_documents",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("blob_sha256", sa.String(), nullable=False),
        sa.Column("sealed_size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            f"state IN ('sealed', {', '.join(repr(state) for state in states)})",
            name=op.f("ck_bid_documents_state_known"),
        ),
        *(
            sa.CheckConstraint(
                f"state <> '{state}' OR checked_at IS NOT NULL", name=op.f(f"ck_bid_documents_{state}_has_checked_at")
            )
            for state in states
        ),
        sa.CheckConstraint(
            "state IN ('sealed', 'cleared') OR reason IS NOT NULL", name=op.f("ck_bid_documents_refused_has_reason")
        ),
        sa.CheckConstraint("n BETWEEN 0 AND 999", name=op.f("ck_bid_documents_number_in_range")),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_documents_bid_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "blob_sha256"],
            ["blobs.organisation_id", "blobs.sha256"],
            name=op.f("fk_bid_documents_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("bid_id", "n", name=op.f("pk_bid_documents")),
    )
    op.create_index("ix_bid_documents_blob", "bid_documents", ["organisation_id", "blob_sha256"], unique=False)
