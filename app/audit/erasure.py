"""Erasing a sealed entry's event and salt (PIPA): the leaf stays, and nobody can tell any more what it was about.

Only the owner of the tables may do it (`flask audit erase`), only for a sealed entry that has its place, and only after
an open entry `log.erased` says so: the database enforces all three.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.audit.emission import emit
from app.audit.models import Event
from app.audit.queries import get_entry
from app.audit.sequencer import connect
from app.auth import Actor
from app.db import transaction
from app.errors import IllegalTransition

_keepers: dict[str, Callable[[Event], str | None]] = {}


def register_keeper(name: str, keeps: Callable[[Event], str | None]) -> None:
    """`keeps(event)`: why this event is still needed; None where it is not."""
    _keepers[name] = keeps


def erase(index: int, reason: str, actor: Actor, now: datetime, owner_url: str) -> bool:
    """Erase the sealed entry `index`; False where it was erased before. `reason` is public: the legal ground.

    Raises NotFound, or IllegalTransition for an open entry or one that is still needed. Safe to run again: what is
    announced and not erased, because this died between, is erased then.
    """
    with transaction():
        _, event = get_entry(index)
        if event.is_open:
            raise IllegalTransition(f"entry {index} is open: it holds nothing that could be erased")
        if event.is_erased:
            return False
        if why := next(filter(None, (keeps(event) for keeps in _keepers.values())), None):
            raise IllegalTransition(f"entry {index} is still needed: {why}")
        emit("log.erased", actor, now, subject=f"entry:{index}", ref=index, reason=reason)
    with connect(owner_url) as connection:
        row = connection.execute("SELECT audit.erase(%s)", [index]).fetchone()
    return row == (True,)
