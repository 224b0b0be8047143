"""Reading versions and changes of the rule data for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.auth.models import Person
from app.db import db
from bidding.models import RuleChange
from bidding.rules.data import shipped_versions
from bidding.states import RulesState


@dataclass(frozen=True, slots=True)
class InForce:
    """A version; `since_at` is None for those that software brought along. `reason` is the change's own."""

    version: str
    sha256: str
    since_at: datetime | None
    reason: str = ""


def versions_in_force(limit: int = 200) -> list[InForce]:
    """Every version that two operators put in force, newest first, then those of the software."""
    adopted = (
        select(RuleChange)
        .where(RuleChange.state == RulesState.ADOPTED)
        .order_by(RuleChange.decided_at.desc())
        .limit(limit)
    )
    changes = [
        InForce(str(one.version), str(one.sha256), one.decided_at, one.reason) for one in db.session.scalars(adopted)
    ]
    known = {one.version for one in changes}
    own = [InForce(book.version, book.sha256, None) for book in reversed(list(shipped_versions().values()))]
    return changes + [one for one in own if one.version not in known]


def changes_of(limit: int = 50) -> list[RuleChange]:
    """The latest changes in every state, newest first."""
    return list(db.session.scalars(select(RuleChange).order_by(RuleChange.created_at.desc()).limit(limit)))


def names_of(change: RuleChange) -> dict[str, str]:
    """Who drafted, proposed and decided, by the part they had."""
    parts: dict[str, UUID | None] = {
        "created": change.created_by_id,
        "proposed": change.proposed_by_id,
        "decided": change.decided_by_id,
    }
    ids = {one for one in parts.values() if one is not None}
    found = {person.id: person.name for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}
    return {part: found[one] for part, one in parts.items() if one is not None}
