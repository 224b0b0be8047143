"""Several keyholders to a tender: who they are, their tests, and the groups that were fixed at the opening."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenders", sa.Column("holder_policy", sa.String(), nullable=False, server_default="services"))
    op.add_column("tenders", sa.Column("unready_reason", sa.String(), nullable=False, server_default=""))
    op.alter_column("tenders", "holder_policy", server_default=None)
    op.alter_column("tenders", "unready_reason", server_default=None)
    op.create_check_constraint(
        op.f("ck_tenders_holder_policy_known"), "tenders", "holder_policy IN ('services', 'committee', 'hybrid')"
    )
    _make_holders()
    _make_tests()
    _make_groups()
    _move()
    op.drop_column("tenders", "khkeys")
    op.drop_column("tenders", "docs_khkeys")
    op.drop_column("tenders", "holder_vkeys")
    op.add_column("releases", sa.Column("fault", sa.String(), nullable=False, server_default=""))
    op.alter_column("releases", "fault", server_default=None)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tender_holders, holder_tests, opening_groups TO naru_app")


def _make_holders() -> None:
    op.create_table(
        "tender_holders",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("vkey", sa.String(), nullable=True),
        sa.Column("khkeys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("keys_at", UtcDateTime(), nullable=True),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('service', 'member')", name=op.f("ck_tender_holders_kind_known")),
        sa.CheckConstraint(
            "(kind = 'member') = (person_id IS NOT NULL)", name=op.f("ck_tender_holders_member_is_person")
        ),
        sa.CheckConstraint("ready_at IS NULL OR vkey IS NOT NULL", name=op.f("ck_tender_holders_ready_has_key")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_tender_holders_tender_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tender_holders_person_id")),
        sa.PrimaryKeyConstraint("tender_id", "holder", name=op.f("pk_tender_holders")),
    )
    op.create_index("uq_tender_holders_person", "tender_holders", ["tender_id", "person_id"], unique=True)
    op.create_index(
        "ix_tender_holders_person", "tender_holders", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL")
    )


def _make_tests() -> None:
    op.create_table(
        "holder_tests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("envelopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("is_opened", sa.Boolean(), nullable=True),
        sa.Column("fault", sa.String(), nullable=False),
        sa.CheckConstraint(
            "medium IN ('medium-1', 'medium-2', 'restored', 'T-24h', 'T-1h')",
            name=op.f("ck_holder_tests_medium_known"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (is_opened IS NULL)", name=op.f("ck_holder_tests_answered_has_result")
        ),
        sa.ForeignKeyConstraint(
            ["tender_id", "holder"],
            ["tender_holders.tender_id", "tender_holders.holder"],
            name=op.f("fk_holder_tests_tender_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_tests")),
    )
    op.create_index("ix_holder_tests_holder", "holder_tests", ["tender_id", "holder", "medium"])


def _make_groups() -> None:
    op.create_table(
        "opening_groups",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("holders", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("missing", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fixed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("lane IN ('price', 'docs')", name=op.f("ck_opening_groups_lane_known")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_opening_groups_number_not_negative")),
        sa.CheckConstraint("(number = 0) = (reason = '')", name=op.f("ck_opening_groups_fallback_has_reason")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_opening_groups_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", "lane", "number", name=op.f("pk_opening_groups")),
    )


def _move() -> None:
    """Until now a tender had one holder: its key and notes become a row, and its group the one that was fixed."""
    op.execute(
        "INSERT INTO tender_holders "
        "(tender_id, holder, position, kind, name, operator, vkey, khkeys, keys_at, ready_at) "
        "SELECT t.id, h.key, 0, 'service', h.key, '', h.value, "
        "jsonb_strip_nulls(jsonb_build_object('price', t.khkeys[1], 'docs', t.docs_khkeys[1])), "
        "t.submitted_at, t.submitted_at FROM tenders t, jsonb_each_text(t.holder_vkeys) h"
    )
    op.execute(
        "INSERT INTO opening_groups (tender_id, lane, number, holders, missing, reason, fixed_at) "
        "SELECT t.id, lane, 0, ARRAY[h.key], '{}', '', t.opening_at "
        "FROM tenders t, jsonb_each_text(t.holder_vkeys) h, jsonb_object_keys(t.box->'lanes') lane "
        "WHERE t.opening_at IS NOT NULL"
    )
