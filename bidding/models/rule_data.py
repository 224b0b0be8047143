"""Versions of the rule data that were ever in force or pinned here, and the changes that two operators made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.states import RULES, RulesState


class RuleVersion(db.Model):
    """All files of a version, as they were hashed. Written once: the application may neither change nor delete it."""

    __tablename__ = "rule_versions"
    __table_args__ = (CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_spelled"),)

    version: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)  # file name without .toml to its text
    kept_at: Mapped[Instant]


class RuleChange(db.Model):
    """A change of the rule data: drafted, proposed by one operator, adopted by another.

    `texts` are the files that differ from those of `base_version`; `sha256` names the whole that was proposed, and
    `version` what it became. The version in force is that of the change adopted last, else the one of the software.
    """

    __tablename__ = "rule_changes"
    __table_args__ = (
        *RULES.checks(),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint(
            "state NOT IN ('proposed', 'adopted') OR proposed_by_id IS NOT NULL", name="proposed_has_person"
        ),
        CheckConstraint("state NOT IN ('proposed', 'adopted') OR sha256 IS NOT NULL", name="proposed_has_sha256"),
        CheckConstraint("(state = 'adopted') = (version IS NOT NULL)", name="adopted_has_version"),
        CheckConstraint("(state = 'adopted') = (decided_by_id IS NOT NULL)", name="adopted_has_person"),
        Index("uq_rule_changes_version", "version", unique=True),
        Index("ix_rule_changes_adopted", text("decided_at DESC"), postgresql_where=text("state = 'adopted'")),
        Index("ix_rule_changes_created", text("created_at DESC")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(default=RulesState.DRAFT)
    base_version: Mapped[str] = mapped_column(ForeignKey(RuleVersion.version))
    reason: Mapped[str] = mapped_column(default="")
    texts: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    sha256: Mapped[str | None]
    version: Mapped[str | None] = mapped_column(ForeignKey(RuleVersion.version))
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[Instant]
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    base: Mapped[RuleVersion] = relationship(foreign_keys=[base_version])

    @property
    def audit_subject(self) -> str:
        return f"rules:{self.id}"
