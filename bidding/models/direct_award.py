"""수의계약 after a failed tender: the one contract without competition that two persons decide."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, Won, db
from app.ids import new_id
from bidding.models.tender import Tender
from bidding.states import DIRECT, DirectState


class DirectAward(db.Model):
    """`action` and `ground` are the road's (`bidding.rules.roads`); `ceiling_won` is the estimated price where one was
    drawn, else the base amount. The tender stays failed; what was asked for and refused is kept. What the database
    holds of it beside these: `bidding.direct_ddl`.
    """

    __tablename__ = "direct_awards"
    __table_args__ = (
        *DIRECT.checks(),
        CheckConstraint("action IN ('negotiated-contract', 'single-quote')", name="action_known"),
        CheckConstraint("ground IN ('renotice-failed', 'single-bidder', 'one-quote')", name="ground_known"),
        CheckConstraint("legal_basis <> '' AND reason <> ''", name="has_reason"),
        CheckConstraint("amount_won BETWEEN 1 AND ceiling_won", name="amount_within_ceiling"),
        CheckConstraint("decided_by_id <> asked_by_id", name="two_persons"),
        CheckConstraint(
            "(state = 'asked') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name="decided_has_person",
        ),
        CheckConstraint("contracted_at IS NULL OR state = 'approved'", name="contracted_was_approved"),
        CheckConstraint("(state = 'lapsed') = (lapse_reason <> '')", name="lapsed_has_reason"),
        CheckConstraint("contracted_at IS NULL OR lapsed_at IS NULL", name="concluded_or_lapsed"),
        Index("uq_direct_awards_open", "tender_id", unique=True, postgresql_where="state IN ('asked', 'approved')"),
        Index("ix_direct_awards_waiting", "decided_at", "id", postgresql_where="state = 'approved'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    state: Mapped[str] = mapped_column(default=DirectState.ASKED)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    amount_won: Mapped[Won]
    ceiling_won: Mapped[Won]
    action: Mapped[str]
    ground: Mapped[str]
    legal_basis: Mapped[str]
    reason: Mapped[str]
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contracted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lapsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lapse_reason: Mapped[str] = mapped_column(default="")

    tender: Mapped[Tender] = relationship()
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    @property
    def audit_subject(self) -> str:
        return f"direct:{self.id}"

    @property
    def audit_tender(self) -> str | None:
        return self.tender.reference
