"""What was found of each bid at the opening, and who representatives are as far as it was confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("openings", sa.Column("findings", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("openings", "findings", server_default=None)
    name = "representative_identities"
    op.create_table(
        name,
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.String(80), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("identity ~ '^[0-9a-f]{64}$'", name=op.f("ck_representative_identities_identity_is_sha256")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_representative_identities_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("supplier_id", "name_key", name=op.f("pk_representative_identities")),
    )
    op.create_index("ix_representative_identities_identity", name, ["identity"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON representative_identities TO naru_app")
