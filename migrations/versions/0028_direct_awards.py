"""Contracts without competition after a failed tender, decided by two persons."""

from __future__ import annotations

from alembic import op

from bidding import direct_ddl

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = """

CREATE TABLE direct_awards (
    id UUID NOT NULL,
    tender_id UUID NOT NULL,
    state VARCHAR NOT NULL,
    organisation_id UUID NOT NULL,
    amount_won BIGINT NOT NULL,
    ceiling_won BIGINT NOT NULL,
    action VARCHAR NOT NULL,
    ground VARCHAR NOT NULL,
    legal_basis VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    asked_by_id UUID NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by_id UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    contracted_at TIMESTAMP WITH TIME ZONE,
    lapsed_at TIMESTAMP WITH TIME ZONE,
    lapse_reason VARCHAR NOT NULL,
    CONSTRAINT pk_direct_awards PRIMARY KEY (id),
    CONSTRAINT ck_direct_awards_state_known CHECK (state IN ('asked', 'approved', 'refused', 'lapsed')),
    CONSTRAINT ck_direct_awards_approved_has_decided_at CHECK (state <> 'approved' OR decided_at IS NOT NULL),
    CONSTRAINT ck_direct_awards_refused_has_decided_at CHECK (state <> 'refused' OR decided_at IS NOT NULL),
    CONSTRAINT ck_direct_awards_lapsed_has_lapsed_at CHECK (state <> 'lapsed' OR lapsed_at IS NOT NULL),
    CONSTRAINT ck_direct_awards_action_known CHECK (action IN ('negotiated-contract', 'single-quote')),
    CONSTRAINT ck_direct_awards_ground_known CHECK (ground IN ('renotice-failed', 'single-bidder', 'one-quote')),
    CONSTRAINT ck_direct_awards_has_reason CHECK (legal_basis <> '' AND reason <> ''),
    CONSTRAINT ck_direct_awards_amount_within_ceiling CHECK (amount_won BETWEEN 1 AND ceiling_won),
    CONSTRAINT ck_direct_awards_two_persons CHECK (decided_by_id <> asked_by_id),
    CONSTRAINT ck_direct_awards_decided_has_person CHECK (
        (state = 'asked') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)),
    CONSTRAINT ck_direct_awards_lapsed_has_reason CHECK ((state = 'lapsed') = (lapse_reason <> '')),
    CONSTRAINT ck_direct_awards_concluded_or_lapsed CHECK (contracted_at IS NULL OR lapsed_at IS NULL),
    CONSTRAINT ck_direct_awards_contracted_was_approved CHECK (contracted_at IS NULL OR state = 'approved'),
    CONSTRAINT fk_direct_awards_tender_id FOREIGN KEY(tender_id) REFERENCES tenders (id),
    CONSTRAINT fk_direct_awards_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id),
    CONSTRAINT fk_direct_awards_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES people (id),
    CONSTRAINT fk_direct_awards_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES people (id)
);

CREATE INDEX ix_direct_awards_waiting ON direct_awards (decided_at, id) WHERE state = 'approved';

CREATE UNIQUE INDEX uq_direct_awards_open ON direct_awards (tender_id) WHERE state IN ('asked', 'approved');

"""


def upgrade() -> None:
    for statement in TABLE.strip().rstrip(";").split(";"):
        op.execute(statement)
    for statement in direct_ddl.statements():
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT, UPDATE ON direct_awards TO naru_app")
