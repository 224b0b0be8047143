"""입찰보증금: what stands behind a bid, given before it is opened and forfeited if its bidder does not sign."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, Won, db
from bidding.models.tender import Tender


class BidBond(db.Model):
    """One a bidder and tender. `kind`: money, a guarantee (보증서), or an exempt one's undertaking to pay (지급확약).

    `covers_won` is the amount of the guarantee or deposit; whether it is enough for the bid is known at the opening
    only. `number` is the guarantee's or the deposit's, as its giver wrote it.
    """

    __tablename__ = "bid_bonds"
    __table_args__ = (
        CheckConstraint("kind IN ('cash', 'guarantee', 'undertaking')", name="kind_known"),
        CheckConstraint("(kind = 'undertaking') = (covers_won IS NULL)", name="amount_unless_undertaking"),
        CheckConstraint("covers_won > 0", name="amount_positive"),
        CheckConstraint("kind = 'undertaking' OR number <> ''", name="has_number"),
        CheckConstraint("(forfeited_at IS NULL) = (forfeited_won IS NULL)", name="forfeited_has_amount"),
        Index("ix_bid_bonds_organisation", "organisation_id", "given_at"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    kind: Mapped[str]
    covers_won: Mapped[Won | None]
    number: Mapped[str] = mapped_column(default="")
    given_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    given_at: Mapped[Instant]
    forfeited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    forfeited_won: Mapped[Won | None]

    tender: Mapped[Tender] = relationship()
