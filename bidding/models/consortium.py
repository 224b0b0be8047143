"""Joint bids (공동수급): who bids together on one tender, and what each has agreed to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.tender import Tender
from bidding.rules.joint import Agreement, Member
from bidding.states import CONSORTIUM, ConsortiumState


class Consortium(db.Model):
    """The bid of `lead` is the bid of all, once the agreement is concluded; from then on nothing of it changes.

    A trigger (`bidding.consortium_ddl`) lets it be concluded only with the agreement of every member to the very same
    hash, whole shares, and no bid of any of them.
    """

    __tablename__ = "consortia"
    __table_args__ = (
        *CONSORTIUM.checks(),
        CheckConstraint("kind IN ('joint', 'divided', 'main-contractor')", name="kind_known"),
        CheckConstraint("state <> 'concluded' OR length(agreement_sha256) = 64", name="concluded_has_agreement"),
        Index("ix_consortia_tender", "tender_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=ConsortiumState.FORMING)
    agreement_sha256: Mapped[str | None]
    created_at: Mapped[Instant]
    concluded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dissolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    tender: Mapped[Tender] = relationship()
    members: Mapped[list[ConsortiumMember]] = relationship(
        order_by="ConsortiumMember.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def agreement(self) -> Agreement:
        """As it stands: what each member is asked to agree to."""
        members = tuple(Member(one.organisation.code, one.share, one.part) for one in self.members)
        return Agreement(str(self.tender.reference), self.kind, members)

    @property
    def audit_subject(self) -> str:
        return f"consortium:{self.id}"

    @property
    def audit_tender(self) -> str | None:
        return self.tender.reference


class ConsortiumMember(db.Model):
    """A firm in a consortium; position 0 leads. `share` in thousandths of a percent.

    `is_bound`: the lead, and whoever has agreed; a firm is bound once in each tender. `void_reason`: a defect found at
    the opening, which takes out this member alone.
    """

    __tablename__ = "consortium_members"
    __table_args__ = (
        UniqueConstraint("consortium_id", "position"),
        Index("uq_consortium_members_bound", "tender_id", "organisation_id", unique=True, postgresql_where="is_bound"),
        Index("ix_consortium_members_organisation", "organisation_id", "consortium_id"),
        CheckConstraint("share BETWEEN 0 AND 100000", name="share_in_range"),
        CheckConstraint("position BETWEEN 0 AND 9", name="position_in_range"),
        CheckConstraint("position > 0 OR void_reason = ''", name="lead_is_not_void"),
        CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by_id IS NULL) AND (agreed_at IS NULL) = (agreed_sha256 IS NULL)",
            name="agreed_by_somebody",
        ),
    )

    consortium_id: Mapped[UUID] = mapped_column(ForeignKey(Consortium.id), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    position: Mapped[int]
    share: Mapped[int] = mapped_column(default=0)
    part: Mapped[str] = mapped_column(default="")
    is_bound: Mapped[bool] = mapped_column(default=False)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agreed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    agreed_sha256: Mapped[str | None]
    void_reason: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
