"""Bids that were refused: the bidder's signed proof of when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.tender import Tender


class Refusal(db.Model):
    """`reason` is the protocol's word, `facts` what was the matter in detail; `note` is the signed refusal itself."""

    __tablename__ = "refusals"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('late', 'closed', 'schema', 'signature', 'eligibility', 'documents', 'auction')",
            name="reason_known",
        ),
        Index("ix_refusals_organisation", "organisation_id", "tender_id", "refused_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    stmt: Mapped[str | None]  # none where what came had no hash
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    refused_at: Mapped[Instant]
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)

    tender: Mapped[Tender] = relationship()
