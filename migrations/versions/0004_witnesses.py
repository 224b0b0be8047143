"""Cosignatures of witnesses and time-stamp tokens for checkpoints, append-only as the rest of the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.audit import ddl
from app.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cosig",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosig")),
        schema="audit",
    )
    op.create_table(
        "anchor",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('rfc3161')", name=op.f("ck_anchor_kind_known")),
        sa.PrimaryKeyConstraint("size", "kind", name=op.f("pk_anchor")),
        schema="audit",
    )
    for statement in ddl.WITNESS_STATEMENTS:
        op.execute(statement)
