"""Bids that their bidders ask to take back, and what two officers decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATES = "'submitted', 'opened', 'malformed', 'invalid', 'cancelled'"


def upgrade() -> None:
    op.add_column("bids", sa.Column("cancelled_at", UtcDateTime(), nullable=True))
    op.drop_constraint(op.f("ck_bids_state_known"), "bids", type_="check")
    op.create_check_constraint(op.f("ck_bids_state_known"), "bids", f"state IN ({STATES})")
    op.create_check_constraint(
        op.f("ck_bids_cancelled_has_cancelled_at"), "bids", "state <> 'cancelled' OR cancelled_at IS NOT NULL"
    )
    op.drop_constraint(op.f("ck_bids_sealed_until_opened"), "bids", type_="check")
    op.create_check_constraint(
        op.f("ck_bids_sealed_until_opened"),
        "bids",
        "state NOT IN ('submitted', 'cancelled') OR (picks IS NULL AND nonce IS NULL AND cek IS NULL)",
    )
    _make_cancellations()
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON bid_cancellations TO naru_app")


def _make_cancellations() -> None:
    op.create_table(
        "bid_cancellations",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("signature", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("proposal", sa.String(), nullable=True),
        sa.Column("proposal_reason", sa.String(), nullable=True),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("frozen_at", UtcDateTime(), nullable=True),
        sa.Column("wraps_deleted_at", UtcDateTime(), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_bid_cancellations_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_bid_cancellations_{column}"))
            for column, target in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_bid_cancellations")),
    )
    op.create_index("ix_bid_cancellations_tender", "bid_cancellations", ["tender_id", "asked_at"])


CHECKS = {
    "request_is_sha256": "length(request_sha256) = 64",
    "proposal_known": "proposal IN ('grant', 'refuse')",
    "decision_known": "decision IN ('granted', 'refused', 'lapsed')",
    "proposed_has_proposed_at": "(proposal IS NULL) = (proposed_at IS NULL)",
    "proposed_has_person": "(proposal IS NULL) = (proposed_by_id IS NULL)",
    "decided_has_decided_at": "(decision IS NULL) = (decided_at IS NULL)",
    "decided_by_two": "decision IS NULL OR decision = 'lapsed' OR (proposal IS NOT NULL AND decided_by_id IS NOT NULL)",
    "two_persons": "decided_by_id <> proposed_by_id",
    "frozen_is_granted": "frozen_at IS NULL OR decision = 'granted'",
    "deleted_is_frozen": "wraps_deleted_at IS NULL OR frozen_at IS NOT NULL",
}
REFERENCES = {
    "bid_id": "bids.id",
    "tender_id": "tenders.id",
    "asked_by_id": "people.id",
    "proposed_by_id": "people.id",
    "decided_by_id": "people.id",
}
