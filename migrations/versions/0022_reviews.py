"""Reviews after the opening, bid bonds, and awards that go by a standing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.audit import types
from app.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KINDS = "('qualification', 'negotiation', 'disqualification', 'refusal', 'lot-limit', 'reinstatement')"
OPEN = "state NOT IN ('decided', 'dropped')"


def upgrade() -> None:
    _reviews()
    _files()
    _bonds()
    op.add_column("awards", sa.Column("standing_digest", sa.String(), nullable=True))
    op.add_column("awards", sa.Column("review_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("awards", sa.Column("round", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("awards", "review_count", server_default=None)
    op.alter_column("awards", "round", server_default=None)
    op.create_check_constraint(op.f("ck_awards_standing_is_sha256"), "awards", "length(standing_digest) = 64")
    op.create_check_constraint(
        op.f("ck_awards_reviews_stand"), "awards", "standing_digest IS NOT NULL OR review_count = 0"
    )
    op.create_check_constraint(op.f("ck_awards_round_counted"), "awards", "round >= 1")
    op.add_column("tenders", sa.Column("bid_bond_rate", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_tenders_bid_bond_in_range"), "tenders", "bid_bond_rate BETWEEN 1 AND 100000"
    )
    op.drop_constraint(op.f("ck_bundles_stage_known"), "bundles")
    op.create_check_constraint(
        op.f("ck_bundles_stage_known"), "bundles", "stage ~ '^(opening|award(-[0-9]+)?|failure)$'"
    )
    op.drop_constraint(op.f("ck_event_type_known"), "event", schema="audit")
    # By what the program knows, whichever migration comes last.
    op.create_check_constraint(op.f("ck_event_type_known"), "event", f"type ~ '{types.PATTERN}'", schema="audit")
    _lapsed_contracts()
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON bid_reviews, bid_review_files, bid_bonds TO naru_app")


def _reviews() -> None:
    name = "bid_reviews"
    checks = {
        "state_known": "state IN ('requested', 'submitted', 'supplement', 'proposed', 'decided', 'dropped')",
        "supplement_has_supplement_asked_at": "state <> 'supplement' OR supplement_asked_at IS NOT NULL",
        "proposed_has_proposed_at": "state <> 'proposed' OR proposed_at IS NOT NULL",
        "decided_has_decided_at": "state <> 'decided' OR decided_at IS NOT NULL",
        "kind_known": f"kind IN {KINDS}",
        "result_known": "result IN ('pass', 'fail')",
        "can_fail": "kind NOT IN ('disqualification', 'refusal', 'lot-limit') OR result <> 'pass'",
        "reinstates": "kind <> 'reinstatement' OR result <> 'fail'",
        "fails_with_reason": "result <> 'fail' OR (reason <> '' AND legal_basis <> '')",
        "points_of_qualification": "points IS NULL OR kind = 'qualification'",
        "points_in_range": "points BETWEEN 0 AND 1000000",
        "own_points_in_range": "own_points BETWEEN 0 AND 1000000",
        "two_persons": "decided_by_id <> proposed_by_id",
        "proposed_is_complete": "state NOT IN ('proposed', 'decided') "
        "OR (result IS NOT NULL AND proposed_by_id IS NOT NULL)",
        "decided_is_complete": "num_nonnulls(item, number, decided_by_id) = "
        "CASE WHEN state = 'decided' THEN 3 ELSE 0 END",
        "asked_has_time": "state <> 'requested' OR (asked_by_id IS NOT NULL AND documents_due_at IS NOT NULL)",
        "supplement_has_time": "state <> 'supplement' OR supplement_due_at IS NOT NULL",
    }
    people = ("asked_by_id", "proposed_by_id", "decided_by_id")
    instants = ("documents_due_at", "submitted_at", "supplement_asked_at", "supplement_due_at")
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *(sa.Column(column, sa.String(), nullable=False) for column in ("kind", "state")),
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in people),
        *(sa.Column(column, UtcDateTime(), nullable=True) for column in (*instants, "proposed_at", "decided_at")),
        *(
            sa.Column(column, sa.String(), nullable=False)
            for column in ("asked_for", "own_note", "supplement_for", "reason", "legal_basis", "explanation")
        ),
        sa.Column("returned_for", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        *(sa.Column(column, sa.Integer(), nullable=True) for column in ("own_points", "points", "number")),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("item", postgresql.JSONB(none_as_null=True), nullable=True),
        *(sa.CheckConstraint(text, name=op.f(f"ck_{name}_{check}")) for check, text in checks.items()),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_bid_reviews_tender_id")),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_reviews_bid_id")),
        *(sa.ForeignKeyConstraint([one], ["people.id"], name=op.f(f"fk_bid_reviews_{one}")) for one in people),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_reviews")),
        sa.UniqueConstraint("tender_id", "number", name=op.f("uq_bid_reviews_tender_id_number")),
    )
    op.create_index("uq_bid_reviews_open", name, ["bid_id", "kind"], unique=True, postgresql_where=sa.text(OPEN))
    op.create_index("ix_bid_reviews_tender", name, ["tender_id", "created_at"])
    op.create_index("ix_bid_reviews_bid", name, ["bid_id"])


def _files() -> None:
    op.create_table(
        "bid_review_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("is_agencys", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_bid_review_files_sha256_length")),
        sa.ForeignKeyConstraint(["review_id"], ["bid_reviews.id"], name=op.f("fk_bid_review_files_review_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people.id"], name=op.f("fk_bid_review_files_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_review_files")),
        sa.UniqueConstraint("review_id", "sha256", name=op.f("uq_bid_review_files_review_id_sha256")),
    )


def _bonds() -> None:
    name = "bid_bonds"
    checks = {
        "kind_known": "kind IN ('cash', 'guarantee', 'undertaking')",
        "amount_unless_undertaking": "(kind = 'undertaking') = (covers_won IS NULL)",
        "amount_positive": "covers_won > 0",
        "has_number": "kind = 'undertaking' OR number <> ''",
        "forfeited_has_amount": "(forfeited_at IS NULL) = (forfeited_won IS NULL)",
    }
    op.create_table(
        name,
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("covers_won", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("given_by_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("forfeited_at", UtcDateTime(), nullable=True),
        sa.Column("forfeited_won", sa.BigInteger(), nullable=True),
        *(sa.CheckConstraint(text, name=op.f(f"ck_{name}_{check}")) for check, text in checks.items()),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_bid_bonds_tender_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_bid_bonds_organisation_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["people.id"], name=op.f("fk_bid_bonds_given_by_id")),
        sa.PrimaryKeyConstraint("tender_id", "organisation_id", name=op.f("pk_bid_bonds")),
    )
    op.create_index("ix_bid_bonds_organisation", name, ["organisation_id", "given_at"])


def _lapsed_contracts() -> None:
    """A contract that is not concluded, because its award was undone."""
    before = "'drafted', 'sent', 'agreed', 'declined', 'lapsed'"
    performed = "'concluded', 'delivered', 'correcting', 'inspected', 'invoiced', 'paid', 'closed', 'terminated'"
    checks = {
        "state_known": f"state IN ('drafted', 'sent', 'agreed', 'declined', {performed}, 'lapsed')",
        "sent_is_complete": "state IN ('drafted', 'lapsed') OR (starts_on IS NOT NULL AND due_on IS NOT NULL "
        "AND delivery_place <> '' AND payment_terms <> '' AND document_sha256 IS NOT NULL)",
        "agreed_has_bond": "bond_won = 0 OR bond_reference <> '' OR state IN ('drafted', 'sent', 'declined', 'lapsed')",
        "three_steps_in_order": f"state IN ({before}) "
        "OR (concluded_at >= agreed_at AND agreed_at >= sent_at AND sent_at IS NOT NULL)",
    }
    for name, text in checks.items():
        op.drop_constraint(op.f(f"ck_contracts_{name}"), "contracts")
        op.create_check_constraint(op.f(f"ck_contracts_{name}"), "contracts", text)
