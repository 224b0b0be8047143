"""Technical evaluation before the prices: more methods and their scoring, evaluators, committees, proposals, sheets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime
from bidding import sheets_ddl

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

METHODS = (
    "method IN ('quote', 'qualification', 'lowest', 'negotiation', 'two-stage', 'desired-quantity', 'sale', "
    "'best-value', 'reverse-auction')"
)
TENDER_STATES = (
    "state IN ('draft', 'in-review', 'published', 'closing', 'closed', 'evaluating', 'opening', 'opened', 'proposed', "
    "'awarded', 'contracted', 'failed', 'cancelled')"
)
BID_STATES = "state IN ('submitted', 'presented', 'unqualified', 'opened', 'malformed', 'invalid', 'cancelled')"
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _tenders()
    _bids()
    _committees()
    _sheets()
    for statement in sheets_ddl.statements():
        op.execute(statement)
    names = "evaluators, evaluation_committees, evaluation_seats, evaluation_asks, proposals, evaluation_sheets"
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {names} TO naru_app")


def _tenders() -> None:
    op.add_column("tenders", sa.Column("scoring", JSON))
    op.add_column("tenders", sa.Column("evaluating_at", UtcDateTime()))
    _rule("tenders", "method_known", METHODS)
    _rule("tenders", "draw_mode_known", "draw_mode IN ('M0', 'M1', 'M2', 'M3')")
    is_floored = "(method IN ('quote', 'qualification')) = (floor_rate IS NOT NULL) OR state = 'draft'"
    _rule("tenders", "floor_fits_method", is_floored)
    _rule("tenders", "state_known", TENDER_STATES)
    op.create_check_constraint(
        op.f("ck_tenders_evaluating_has_evaluating_at"), "tenders", "state <> 'evaluating' OR evaluating_at IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_tenders_evaluating_is_scored"),
        "tenders",
        "state <> 'evaluating' OR coalesce(scoring ? 'technical', false)",
    )


def _bids() -> None:
    op.add_column("bids", sa.Column("unqualified_at", UtcDateTime()))
    _rule("bids", "state_known", BID_STATES)
    _rule(
        "bids",
        "sealed_until_opened",
        "state NOT IN ('submitted', 'presented', 'unqualified', 'cancelled') "
        "OR (picks IS NULL AND nonce IS NULL AND cek IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_bids_unqualified_has_unqualified_at"), "bids", "state <> 'unqualified' OR unqualified_at IS NOT NULL"
    )


def _rule(table: str, name: str, condition: str) -> None:
    """The rule of this name, said anew."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["people.id"], name=op.f(f"fk_{table}_{column}"))


def _tender(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f(f"fk_{table}_tender_id"))


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def _committees() -> None:
    op.create_table(
        "evaluators",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("affiliation", sa.String(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime()),
        *_checks("evaluators", has_a_field="cardinality(fields) > 0"),
        _person("evaluators", "person_id"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_evaluators")),
    )
    table = "evaluation_committees"
    op.create_table(
        table,
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("planned_by_id", sa.Uuid()),
        sa.Column("pool", JSON),
        sa.Column("pool_sha256", sa.String()),
        sa.Column("pool_at", UtcDateTime()),
        sa.Column("drawn", JSON),
        sa.Column("drawn_at", UtcDateTime()),
        sa.Column("begun_at", UtcDateTime()),
        sa.Column("technical", JSON),
        sa.Column("technical_sha256", sa.String()),
        sa.Column("proposed_by_id", sa.Uuid()),
        sa.Column("proposed_at", UtcDateTime()),
        sa.Column("fixed_by_id", sa.Uuid()),
        sa.Column("fixed_at", UtcDateTime()),
        *_checks(
            table,
            seats_in_range="seats BETWEEN 1 AND 50",
            pool_has_pool_at="(pool IS NULL) = (pool_at IS NULL)",
            pool_has_hash="(pool IS NULL) = (pool_sha256 IS NULL)",
            drawn_has_drawn_at="(drawn IS NULL) = (drawn_at IS NULL)",
            drawn_from_the_pool="drawn IS NULL OR pool IS NOT NULL",
            technical_has_hash="(technical IS NULL) = (technical_sha256 IS NULL)",
            technical_is_proposed="(technical IS NULL) = (proposed_by_id IS NULL)",
            proposed_has_proposed_at="(proposed_by_id IS NULL) = (proposed_at IS NULL)",
            fixed_has_fixed_at="(fixed_by_id IS NULL) = (fixed_at IS NULL)",
            fixed_was_proposed="fixed_at IS NULL OR technical IS NOT NULL",
            two_persons="fixed_by_id <> proposed_by_id",
        ),
        _tender(table),
        *(_person(table, column) for column in ("planned_by_id", "proposed_by_id", "fixed_by_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f(f"pk_{table}")),
    )
    _seats()
    _asks()


def _seats() -> None:
    table = "evaluation_seats"
    op.create_table(
        table,
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("seated_at", UtcDateTime(), nullable=False),
        sa.Column("declared_at", UtcDateTime()),
        sa.Column("has_conflict", sa.Boolean()),
        sa.Column("conflict_note", sa.String(), nullable=False),
        sa.Column("left_at", UtcDateTime()),
        sa.Column("left_reason", sa.String(), nullable=False),
        sa.Column("submitted_at", UtcDateTime()),
        sa.Column("scores_sha256", sa.String()),
        sa.Column("comments_sha256", sa.String()),
        sa.Column("submit_event_id", sa.Uuid()),
        *_checks(
            table,
            declared_has_answer="(declared_at IS NULL) = (has_conflict IS NULL)",
            conflict_leaves="has_conflict IS NOT TRUE OR left_at IS NOT NULL",
            left_has_reason="(left_at IS NULL) = (left_reason = '')",
            left_reason_known="left_reason IN ('', 'conflict', 'absent')",
            submitted_has_declared="submitted_at IS NULL OR (has_conflict IS FALSE AND left_at IS NULL)",
            submitted_has_hashes=(
                "(submitted_at IS NULL) = (scores_sha256 IS NULL) AND (submitted_at IS NULL) = (comments_sha256 IS NULL)"
            ),
        ),
        _tender(table),
        _person(table, "person_id"),
        sa.UniqueConstraint("tender_id", "code", name=op.f(f"uq_{table}_tender_id_code")),
        sa.PrimaryKeyConstraint("tender_id", "person_id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_evaluation_seats_person", table, ["person_id"])


def _asks() -> None:
    table = "evaluation_asks"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.Uuid()),
        sa.Column("approved_at", UtcDateTime()),
        sa.Column("withdrawn_at", UtcDateTime()),
        *_checks(
            table,
            kind_known="kind IN ('replace', 'name')",
            two_persons="approved_by_id <> asked_by_id",
            approved_has_approved_at="(approved_by_id IS NULL) = (approved_at IS NULL)",
            one_end="approved_at IS NULL OR withdrawn_at IS NULL",
        ),
        _tender(table),
        *(_person(table, column) for column in ("person_id", "asked_by_id", "approved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    is_open = sa.text("approved_at IS NULL AND withdrawn_at IS NULL")
    op.create_index("uq_evaluation_asks_open", table, ["tender_id"], unique=True, postgresql_where=is_open)


def _sheets() -> None:
    op.create_table(
        "proposals",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("is_readable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_proposals_bid_id")),
        _tender("proposals"),
        sa.UniqueConstraint("tender_id", "letter", name=op.f("uq_proposals_tender_id_letter")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_proposals")),
    )
    table = "evaluation_sheets"
    op.create_table(
        table,
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("comments", JSON, nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["tender_id", "person_id"],
            ["evaluation_seats.tender_id", "evaluation_seats.person_id"],
            name=op.f(f"fk_{table}_tender_id"),
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["proposals.bid_id"], name=op.f(f"fk_{table}_bid_id")),
        sa.PrimaryKeyConstraint("tender_id", "person_id", "bid_id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_evaluation_sheets_bid", table, ["bid_id"])
