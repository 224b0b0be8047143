"""The opening session of a committee, and keyholders among the people of an audit body."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_attendance",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('member', 'witness', 'presiding')", name=op.f("ck_opening_attendance_role_known")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_opening_attendance_tender_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_opening_attendance_person_id")),
        sa.PrimaryKeyConstraint("tender_id", "person_id", name=op.f("pk_opening_attendance")),
    )
    op.create_index(
        "uq_opening_attendance_presiding",
        "opening_attendance",
        ["tender_id"],
        unique=True,
        postgresql_where=sa.text("role = 'presiding'"),
    )
    op.create_table(
        "fallback_asks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("missing", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("holders", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_fallback_asks_two_persons")),
        sa.CheckConstraint(
            "approved_at IS NULL OR approved_by_id IS NOT NULL", name=op.f("ck_fallback_asks_approved_by_somebody")
        ),
        sa.CheckConstraint("approved_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_fallback_asks_one_end")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_fallback_asks_tender_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_fallback_asks_asked_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["people.id"], name=op.f("fk_fallback_asks_approved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fallback_asks")),
    )
    op.create_index(
        "uq_fallback_asks_open",
        "fallback_asks",
        ["tender_id"],
        unique=True,
        postgresql_where=sa.text("approved_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON opening_attendance, fallback_asks TO naru_app")
    _widen_roles()


def _widen_roles() -> None:
    """Keyholders' interests should differ: people of an audit body may hold keys beside those of agencies."""
    name = op.f("ck_person_roles_role_fits_organisation")
    op.drop_constraint(name, "person_roles", type_="check")
    op.create_check_constraint(
        name,
        "person_roles",
        "(organisation_kind = 'agency' AND role IN ('approver', 'evaluator', 'keyholder', 'officer'))"
        " OR (organisation_kind = 'supplier' AND role IN ('supplier-admin', 'supplier-bidder'))"
        " OR (organisation_kind = 'audit' AND role IN ('auditor', 'keyholder'))"
        " OR (organisation_kind = 'operator' AND role IN ('operator', 'registrar'))",
    )
