"""Being asked to stop (Ctrl-C, `make stop`), and heard only where nothing is half done.

A signal may come at any instruction: between the birth of a child and the note that it exists, inside a lock of the
standard library. So its handler only remembers; waiting is what it interrupts.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop."""


class StopRequest:
    """Whether it came. `pause` and `waiting` raise Stopped when it has come or comes; nothing else does."""

    def __init__(self) -> None:
        self.has_come = False
        self._is_waiting = False

    def listen(self) -> None:
        for number in SIGNALS:
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.has_come = True
        if self._is_waiting:
            self._is_waiting = False  # once: a second Ctrl-C must not interrupt the stopping
            raise Stopped

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A stretch that may be cut short at any point."""
        self._is_waiting = True
        try:
            if self.has_come:
                raise Stopped
            yield
        finally:
            self._is_waiting = False

    def pause(self, seconds: float) -> None:
        with self.waiting():
            time.sleep(seconds)
