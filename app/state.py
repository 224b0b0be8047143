"""Transition tables: who may move what, from where, to where.

One table per subject. The code path (`fire`), the database's CHECKs (`checks`) and the audit event all read it,
so none can drift from another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint

from app import audit
from app.auth.actor import Actor
from app.errors import Forbidden, IllegalTransition


@dataclass(frozen=True, slots=True)
class Row:
    """One permitted move.

    `event` names it (imperative); `audit` is the type written to the log; `stamp` the column that takes the
    instant; `is_open` whether the log entry is public in clear (never with personal data) or a sealed commitment.
    """

    event: str
    source: StrEnum
    target: StrEnum
    permission: str
    audit: str
    stamp: str | None = None
    is_open: bool = True


class Machine:
    def __init__(self, subject: str, states: type[StrEnum], *rows: Row) -> None:
        self.subject, self.states, self.rows = subject, states, rows
        self._by_key = {(row.event, row.source): row for row in rows}
        if len(self._by_key) != len(rows):
            raise ValueError(f"{subject}: two rows share an event and a source")

    def checks(self) -> list[CheckConstraint]:
        """Database checks that say what the table says: known states, and the instant that a stamped state implies."""
        names = ", ".join(f"'{state}'" for state in self.states)
        arrivals: dict[StrEnum, set[str | None]] = {}
        for row in self.rows:
            if row.source != row.target:
                arrivals.setdefault(row.target, set()).add(row.stamp)
        always = [(state, next(iter(stamps))) for state, stamps in arrivals.items() if len(stamps) == 1]
        return [CheckConstraint(f"state IN ({names})", name="state_known")] + [
            CheckConstraint(f"state <> '{state}' OR {stamp} IS NOT NULL", name=f"{state}_has_{stamp}")
            for state, stamp in always
            if stamp
        ]

    def find(self, thing: Any, event: str) -> Row | None:
        return self._by_key.get((event, thing.state))

    def allows(self, thing: Any, event: str, actor: Actor) -> bool:
        """Whether the table lets `actor` do `event` now; for showing a button, never for deciding."""
        row = self.find(thing, event)
        return row is not None and row.permission in actor.permissions

    def fire(self, thing: Any, event: str, actor: Actor, now: datetime, **facts: Any) -> audit.Event:
        """Move `thing` and write the audit event in the same transaction, or refuse.

        `thing` has `state` and `audit_subject` (a string that names it in the log); a thing that belongs to a
        tender has `audit_tender` too. `facts` become the event's body and must be free of personal data where
        the row is open.

        Raises IllegalTransition (no row leads out of the present state by this event) or Forbidden (it does, but
        `actor` lacks its permission).
        """
        row = self.find(thing, event)
        if row is None:
            raise IllegalTransition(
                f"{self.subject} in state {thing.state} cannot {event}",
                subject=self.subject,
                state=thing.state,
                event=event,
            )
        if row.permission not in actor.permissions:
            raise Forbidden(f"{self.subject} {event} needs {row.permission}", permission=row.permission)
        before = str(thing.state)
        thing.state = row.target
        if row.stamp:
            setattr(thing, row.stamp, now)
        return audit.emit(
            row.audit,
            actor,
            now,
            subject=thing.audit_subject,
            tender=getattr(thing, "audit_tender", None),
            is_open=row.is_open,
            before=before,
            after=str(row.target),
            **facts,
        )
