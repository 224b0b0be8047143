"""Releases of the bidding client."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_releases",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("build", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("build IN ('browser', 'offline', 'cli')", name=op.f("ck_client_releases_build_known")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_client_releases_sha256_is_sha256")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_client_releases")),
    )
    op.create_index("ix_client_releases_released_at", "client_releases", ["released_at"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON client_releases TO naru_app")
