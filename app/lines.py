"""Lines of the process's log that every request or every event writes: JSON at once, without structlog's chain."""

from __future__ import annotations

import json
import logging
from typing import Any

import structlog

from app.time import now, wire

IS_SPELLED = "is_spelled"  # attribute of a record whose message is the whole line (`app.web.logging.Lines`)
_spell = json.JSONEncoder(ensure_ascii=False).encode


def say(logger: logging.Logger, event: str, **facts: Any) -> None:
    """The same line as structlog's, at a fifth of its cost.

    Only for facts whose names are fixed in the code and hide nothing: they are not looked through for secrets.
    """
    if logger.isEnabledFor(logging.INFO):
        about = {"level": "info", "logger": logger.name, "timestamp": wire(now())}
        line = {**facts, "event": event, **structlog.contextvars.get_contextvars(), **about}
        # Made by hand: the logger would first look through the stack for the place it was called from.
        record = logging.LogRecord(logger.name, logging.INFO, "", 0, _spell(line), None, None)
        setattr(record, IS_SPELLED, True)
        logger.handle(record)
