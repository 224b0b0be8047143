"""Complaints, and the standstill in which no contract is signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.audit import types
from app.db import UtcDateTime
from contracts import ddl

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE complaints (
    id UUID NOT NULL,
    number VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    tender_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    act VARCHAR NOT NULL,
    line JSONB,
    act_on DATE NOT NULL,
    known_on DATE NOT NULL,
    reason VARCHAR NOT NULL,
    wish VARCHAR NOT NULL,
    filing_sha256 VARCHAR NOT NULL,
    filed_by_id UUID NOT NULL,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_statutory BOOLEAN NOT NULL,
    decide_by_on DATE NOT NULL,
    blocks_signing BOOLEAN NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE,
    proposal VARCHAR,
    remedy VARCHAR NOT NULL,
    decision_text VARCHAR NOT NULL,
    is_withheld BOOLEAN NOT NULL,
    proposed_by_id UUID,
    proposed_at TIMESTAMP WITH TIME ZONE,
    decided_by_id UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    appeal_by_on DATE,
    appealed_at TIMESTAMP WITH TIME ZONE,
    appeal_reason VARCHAR NOT NULL,
    committee_by_on DATE,
    outcome VARCHAR,
    outcome_text VARCHAR NOT NULL,
    recommended_at TIMESTAMP WITH TIME ZONE,
    object_by_on DATE,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_complaints PRIMARY KEY (id),
    CONSTRAINT ck_complaints_state_known
        CHECK (state IN ('filed', 'accepted', 'inadmissible', 'upheld', 'partly', 'dismissed', 'withdrawn',
            'appealed', 'recommended', 'closed')),
    CONSTRAINT ck_complaints_accepted_has_accepted_at CHECK (state <> 'accepted' OR accepted_at IS NOT NULL),
    CONSTRAINT ck_complaints_inadmissible_has_decided_at CHECK (state <> 'inadmissible' OR decided_at IS NOT NULL),
    CONSTRAINT ck_complaints_upheld_has_decided_at CHECK (state <> 'upheld' OR decided_at IS NOT NULL),
    CONSTRAINT ck_complaints_partly_has_decided_at CHECK (state <> 'partly' OR decided_at IS NOT NULL),
    CONSTRAINT ck_complaints_dismissed_has_decided_at CHECK (state <> 'dismissed' OR decided_at IS NOT NULL),
    CONSTRAINT ck_complaints_withdrawn_has_withdrawn_at CHECK (state <> 'withdrawn' OR withdrawn_at IS NOT NULL),
    CONSTRAINT ck_complaints_appealed_has_appealed_at CHECK (state <> 'appealed' OR appealed_at IS NOT NULL),
    CONSTRAINT ck_complaints_recommended_has_recommended_at
        CHECK (state <> 'recommended' OR recommended_at IS NOT NULL),
    CONSTRAINT ck_complaints_closed_has_closed_at CHECK (state <> 'closed' OR closed_at IS NOT NULL),
    CONSTRAINT uq_complaints_number UNIQUE (number),
    CONSTRAINT ck_complaints_number_form CHECK (number ~ '^[RT][0-9]{2}CP[0-9]{8}$'),
    CONSTRAINT ck_complaints_act_known
        CHECK (act IN ('notice', 'opening', 'evaluation', 'disqualification', 'award', 'failure', 'other')),
    CONSTRAINT ck_complaints_filing_is_sha256 CHECK (length(filing_sha256) = 64),
    CONSTRAINT ck_complaints_known_after_act CHECK (known_on >= act_on),
    CONSTRAINT ck_complaints_proposal_known CHECK (proposal IN ('inadmissible', 'upheld', 'partly', 'dismissed')),
    CONSTRAINT ck_complaints_remedy_known CHECK (remedy IN ('none', 'correct', 'reinstate', 'disqualify', 'cancel')),
    CONSTRAINT ck_complaints_proposed_has_person CHECK ((proposal IS NULL) = (proposed_by_id IS NULL)),
    CONSTRAINT ck_complaints_proposed_has_proposed_at CHECK ((proposal IS NULL) = (proposed_at IS NULL)),
    CONSTRAINT ck_complaints_decided_has_person CHECK ((decided_at IS NULL) = (decided_by_id IS NULL)),
    CONSTRAINT ck_complaints_decided_by_two
        CHECK (decided_at IS NULL OR (proposal IS NOT NULL AND decision_text <> '')),
    CONSTRAINT ck_complaints_two_persons CHECK (decided_by_id <> proposed_by_id),
    CONSTRAINT ck_complaints_remedy_where_upheld CHECK (remedy = 'none' OR proposal IN ('upheld', 'partly')),
    CONSTRAINT ck_complaints_outcome_known CHECK (outcome IN ('upheld', 'partly', 'dismissed')),
    CONSTRAINT ck_complaints_recommended_has_outcome CHECK ((recommended_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT fk_complaints_tender_id FOREIGN KEY(tender_id) REFERENCES tenders (id),
    CONSTRAINT fk_complaints_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id),
    CONSTRAINT fk_complaints_filed_by_id FOREIGN KEY(filed_by_id) REFERENCES people (id),
    CONSTRAINT fk_complaints_proposed_by_id FOREIGN KEY(proposed_by_id) REFERENCES people (id),
    CONSTRAINT fk_complaints_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES people (id)
);

CREATE INDEX ix_complaints_blocking ON complaints (tender_id) WHERE blocks_signing;

CREATE INDEX ix_complaints_filed ON complaints (filed_at, id);

CREATE INDEX ix_complaints_organisation ON complaints (organisation_id, filed_at);

CREATE INDEX ix_complaints_tender ON complaints (tender_id, filed_at);

CREATE UNIQUE INDEX uq_complaints_open ON complaints (tender_id, organisation_id) WHERE state IN ('filed',
            'accepted');

CREATE TABLE complaint_files (
    complaint_id UUID NOT NULL,
    sha256 VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    size INTEGER NOT NULL,
    CONSTRAINT pk_complaint_files PRIMARY KEY (complaint_id, sha256),
    CONSTRAINT ck_complaint_files_sha256_length CHECK (length(sha256) = 64),
    CONSTRAINT fk_complaint_files_complaint_id FOREIGN KEY(complaint_id) REFERENCES complaints (id)
)
"""


def upgrade() -> None:
    op.add_column("tenders", sa.Column("standstill_days", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("tenders", "standstill_days", server_default=None)
    op.add_column("tenders", sa.Column("standstill_until_at", UtcDateTime(), nullable=True))
    op.create_check_constraint(op.f("ck_tenders_standstill_in_range"), "tenders", "standstill_days BETWEEN 0 AND 30")
    op.drop_constraint(op.f("ck_event_type_known"), "event", schema="audit")
    op.create_check_constraint(op.f("ck_event_type_known"), "event", f"type ~ '{types.PATTERN}'", schema="audit")
    for statement in TABLES.split(";"):
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON complaints, complaint_files TO naru_app")
    op.get_bind().exec_driver_sql(ddl.REFUSE_EARLY_SIGNING)  # its colons are no parameters
    op.execute(ddl.TRIGGER)
