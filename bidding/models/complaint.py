"""A supplier's complaint (이의신청) against an act of a tender, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.complaint_states import COMPLAINT, DECIDED, ComplaintState
from bidding.models.tender import Tender

ACTS = ("notice", "opening", "evaluation", "disqualification", "award", "failure", "other")
REMEDIES = ("none", "correct", "reinstate", "disqualify", "cancel")
OUTCOMES = ("upheld", "partly", "dismissed")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


_PROPOSALS = tuple(str(state) for state in DECIDED)


class Complaint(db.Model):
    """`line` is the line of the trace that it disputes, copied when it was filed: `{"key", "stmt", "label", …}`.

    `filing_sha256` names the filing as canonical JSON; the entry of the decision carries it. The first officer's
    `proposal` is in force once a second one has confirmed it: then `state` says which it was.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        *COMPLAINT.checks(),
        UniqueConstraint("number"),
        CheckConstraint("number ~ '^[RT][0-9]{2}CP[0-9]{8}$'", name="number_form"),
        CheckConstraint(_one_of("act", ACTS), name="act_known"),
        CheckConstraint("length(filing_sha256) = 64", name="filing_is_sha256"),
        CheckConstraint("known_on >= act_on", name="known_after_act"),
        CheckConstraint(_one_of("proposal", _PROPOSALS), name="proposal_known"),
        CheckConstraint(_one_of("remedy", REMEDIES), name="remedy_known"),
        CheckConstraint("(proposal IS NULL) = (proposed_by_id IS NULL)", name="proposed_has_person"),
        CheckConstraint("(proposal IS NULL) = (proposed_at IS NULL)", name="proposed_has_proposed_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_has_person"),
        CheckConstraint("decided_at IS NULL OR (proposal IS NOT NULL AND decision_text <> '')", name="decided_by_two"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint("remedy = 'none' OR proposal IN ('upheld', 'partly')", name="remedy_where_upheld"),
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome_known"),
        CheckConstraint("(recommended_at IS NULL) = (outcome IS NULL)", name="recommended_has_outcome"),
        Index("uq_complaints_open", "tender_id", "organisation_id", unique=True,
              postgresql_where="state IN ('filed', 'accepted')"),
        Index("ix_complaints_tender", "tender_id", "filed_at"),
        Index("ix_complaints_filed", "filed_at", "id"),
        Index("ix_complaints_organisation", "organisation_id", "filed_at"),
        Index("ix_complaints_blocking", "tender_id", postgresql_where="blocks_signing"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=ComplaintState.FILED)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))

    # What is complained of
    act: Mapped[str]
    line: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    act_on: Mapped[date]
    known_on: Mapped[date]
    reason: Mapped[str]
    wish: Mapped[str]
    filing_sha256: Mapped[str]
    filed_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    filed_at: Mapped[Instant]
    is_statutory: Mapped[bool]  # the estimated value reaches the law's threshold: the committee takes it
    decide_by_on: Mapped[date]
    blocks_signing: Mapped[bool] = mapped_column(default=False)

    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposal: Mapped[str | None]
    remedy: Mapped[str] = mapped_column(default="none")
    decision_text: Mapped[str] = mapped_column(default="")  # the agency's reasons; public once decided
    is_withheld: Mapped[bool] = mapped_column(default=False)  # the complainant's text names people: not published
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # The second stage: the dispute mediation committee (분쟁조정위원회), outside this system
    appeal_by_on: Mapped[date | None]
    appealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appeal_reason: Mapped[str] = mapped_column(default="")
    committee_by_on: Mapped[date | None]
    outcome: Mapped[str | None]
    outcome_text: Mapped[str] = mapped_column(default="")
    recommended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    object_by_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    tender: Mapped[Tender] = relationship()
    organisation: Mapped[Organisation] = relationship()
    files: Mapped[list[ComplaintFile]] = relationship(order_by="ComplaintFile.name", lazy="selectin")

    @property
    def audit_subject(self) -> str:
        return f"complaint:{self.number}"

    @property
    def audit_tender(self) -> str | None:
        return self.tender.reference


class ComplaintFile(db.Model):
    """An attachment of a complaint: for the two sides, never public. Its bytes lie in the file store."""

    __tablename__ = "complaint_files"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256_length"),)

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey(Complaint.id), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
