"""A second witness of every event: after the commit its leaf hash goes to this process's own log as well.

The operator ships that log to another machine. Whoever then takes an event out of the database, even before it reached
the tree, is found by `flask audit verify --sink FILE`: the hash is in the file and nowhere else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import event, inspect

from app.audit.models import Event
from app.db import db
from app.lines import say
from app.tlog import merkle

log = logging.getLogger("audit.sink")
COMMITTED = "audit.committed"
_KEY = "audit-emitted"


def remember(written: Event) -> None:
    """Tell of `written` once the session has committed. What a savepoint takes back is not told."""
    db.session.info.setdefault(_KEY, []).append((written, merkle.leaf_hash(written.leaf).hex()))


def told(leaf: bytes) -> None:
    """Tell of an event that a statement of its own wrote and committed (`app.direct`)."""
    say(log, COMMITTED, leaves=[merkle.leaf_hash(leaf).hex()])


def read(lines: Iterable[str]) -> Iterator[str]:
    """The leaf hashes (hex) in lines of a log; other lines are passed over."""
    for line in lines:
        if COMMITTED in line:
            try:
                entry = json.loads(line[line.index("{") :])
            except ValueError:
                continue  # a line that was cut off
            if entry.get("event") == COMMITTED:
                yield from entry["leaves"]


@event.listens_for(db.session, "after_commit")
def _tell(session: Any) -> None:
    if session.in_nested_transaction():
        return
    leaves = [leaf for written, leaf in session.info.pop(_KEY, []) if inspect(written).persistent]
    if leaves:
        say(log, COMMITTED, leaves=leaves)


@event.listens_for(db.session, "after_rollback")
def _forget(session: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_KEY, None)
