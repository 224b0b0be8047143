"""A second witness of every event: after the commit its leaf hash goes to this process's own log as well.

The operator ships that log, or the file NARU_SINK, to another machine; a monitor there (`app.audit.monitor --sink`)
raises the alarm for a hash that is not in the log within a minute. Whoever then takes an event out of the database,
even before it reached the tree, is found: the hash is in the file and nowhere else. `flask audit verify --sink FILE`
looks for the same.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import event, inspect

from app import time
from app.audit.models import Event
from app.audit.sink_lines import COMMITTED
from app.db import db
from app.lines import say
from app.time import wire
from app.tlog import merkle

log = logging.getLogger("audit.sink")
_KEY = "audit-emitted"


def remember(written: Event) -> None:
    """Tell of `written` once the session has committed. What a savepoint takes back is not told."""
    db.session.info.setdefault(_KEY, []).append((written, merkle.leaf_hash(written.leaf).hex()))


def told(leaf: bytes) -> None:
    """Tell of an event that a statement of its own wrote and committed (`app.direct`)."""
    _tell([merkle.leaf_hash(leaf).hex()])


def _tell(leaves: list[str]) -> None:
    """To this process's log, and where NARU_SINK names a file, one line at its end: several processes may share it."""
    say(log, COMMITTED, leaves=leaves)
    if path := current_app.config["NARU_SINK"]:
        line = json.dumps({"event": COMMITTED, "at": wire(time.now()), "leaves": leaves})
        try:
            with Path(path).open("ab", buffering=0) as file:
                file.write(f"{line}\n".encode())
        except OSError as error:  # the event is committed: all that can be done is to say so
            say(log, "audit.sink_away", path=path, error=str(error))


@event.listens_for(db.session, "after_commit")
def _committed(session: Any) -> None:
    if session.in_nested_transaction():
        return
    leaves = [leaf for written, leaf in session.info.pop(_KEY, []) if inspect(written).persistent]
    if leaves:
        _tell(leaves)


@event.listens_for(db.session, "after_rollback")
def _forget(session: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_KEY, None)
