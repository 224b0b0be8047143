"""Outages and what they move, the clock's guard, refusals kept; the index that the guard against a step back reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime
from bidding import ddl

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("clock_guard", "intake_minutes", "outages", "postponements", "refusals")


def upgrade() -> None:
    _make_clock_guard()
    _make_minutes()
    _make_outages()
    _make_postponements()
    _make_refusals()
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO naru_app")
    op.get_bind().exec_driver_sql(ddl.ACCEPT_BID)  # now it asks the clock's guard


def _make_clock_guard() -> None:
    op.create_table(
        "clock_guard",
        sa.Column("is_one", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offset_us", sa.BigInteger(), nullable=True),
        sa.Column("dispersion_us", sa.BigInteger(), nullable=True),
        sa.Column("is_synchronised", sa.Boolean(), nullable=True),
        sa.Column("database_offset_us", sa.BigInteger(), nullable=False),
        sa.Column("round_trip_us", sa.BigInteger(), nullable=False),
        sa.Column("unsynchronised_since_at", UtcDateTime(), nullable=True),
        sa.Column("measured_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('ok', 'unknown', 'alarm', 'hold')", name=op.f("ck_clock_guard_state_known")),
        sa.CheckConstraint("is_one", name=op.f("ck_clock_guard_one")),
        sa.PrimaryKeyConstraint("is_one", name=op.f("pk_clock_guard")),
    )


def _make_minutes() -> None:
    op.create_table(
        "intake_minutes",
        sa.Column("minute_at", UtcDateTime(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("failed BETWEEN 0 AND tried", name=op.f("ck_intake_minutes_failed_within_tried")),
        sa.PrimaryKeyConstraint("minute_at", name=op.f("pk_intake_minutes")),
    )


def _make_outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=True),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("plan_sha256", sa.String(), nullable=True),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_sha256", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'applied') = (note IS NOT NULL)", name=op.f("ck_outages_applied_has_note")),
        sa.CheckConstraint("proposal IN ('apply', 'dismiss')", name=op.f("ck_outages_proposal_known")),
        sa.CheckConstraint(
            "state <> 'applied' OR decided_at IS NOT NULL", name=op.f("ck_outages_applied_has_decided_at")
        ),
        sa.CheckConstraint(
            "state <> 'dismissed' OR decided_at IS NOT NULL", name=op.f("ck_outages_dismissed_has_decided_at")
        ),
        sa.CheckConstraint(
            "state = 'measured' OR (proposed_by_id IS NOT NULL AND proposal IS NOT NULL)",
            name=op.f("ck_outages_proposed"),
        ),
        sa.CheckConstraint(
            "state IN ('measured', 'proposed', 'applied', 'dismissed')", name=op.f("ck_outages_state_known")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_outages_decided_has_person")
        ),
        sa.CheckConstraint("announced_at > ended_at", name=op.f("ck_outages_announced_after")),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_outages_two_persons")),
        sa.CheckConstraint("ended_at > began_at", name=op.f("ck_outages_instants_ordered")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_outages_decided_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name=op.f("fk_outages_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index(
        "ix_outages_undecided",
        "outages",
        ["began_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('measured', 'proposed')"),
    )
    op.create_index("uq_outages_began_at", "outages", ["began_at"], unique=True)


def _make_postponements() -> None:
    op.create_table(
        "postponements",
        sa.Column("outage_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("old_closes_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("old_opens_at", UtcDateTime(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "closes_at > old_closes_at AND opens_at >= old_opens_at", name=op.f("ck_postponements_only_later")
        ),
        sa.ForeignKeyConstraint(["outage_id"], ["outages.id"], name=op.f("fk_postponements_outage_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_postponements_tender_id")),
        sa.PrimaryKeyConstraint("outage_id", "tender_id", name=op.f("pk_postponements")),
    )
    op.create_index("ix_postponements_tender", "postponements", ["tender_id"], unique=False)


def _make_refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stmt", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.Column("deadline_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('late', 'closed', 'schema', 'signature', 'eligibility')", name=op.f("ck_refusals_reason_known")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_refusals_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_refusals_person_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_refusals_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    op.create_index(
        "ix_refusals_organisation", "refusals", ["organisation_id", "tender_id", "refused_at"], unique=False
    )
    op.create_index("ix_bids_received", "bids", ["tender_id", "received_at"], unique=False)
