"""When the documents of a tender were opened, and the list of those that still are to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenders", sa.Column("docs_opened_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_tenders_documents_owed",
        "tenders",
        ["opened_at"],
        unique=False,
        postgresql_where="docs_opened_at IS NULL AND opened_at IS NOT NULL AND asked_documents <> '[]'::jsonb",
    )
