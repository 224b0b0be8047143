"""Bidders that do not give up: each sends its bid again, the same bytes, until it holds a receipt or a refusal."""

from __future__ import annotations

import json
import threading
import time as stopwatch
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from app.tlog.canon import parse
from bidding.statement import statement_hash

PATIENCE = 120.0  # seconds until a bid without any answer counts as lost
PAUSE = 0.05
TO_TRY_AGAIN = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bid ready to be sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def stmt(self) -> str:
        return statement_hash(parse(self.body)["statement"])


@dataclass(slots=True)
class Outcome:
    """What came of all bids: receipts by `stmt`, refusals, and how often an answer stayed out."""

    receipts: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Bidders:
    """`count` threads that share `bids`. `is_done` once all are answered; `stop()` ends them early."""

    def __init__(self, port: int, bids: Iterator[Sealed], count: int) -> None:
        self._port, self._bids = port, bids
        self._take, self._stopping = threading.Lock(), threading.Event()
        self.outcome = Outcome()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> Outcome:
        """No new bids; wait until those under way have their answer."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE + 10)
        return self.outcome

    @property
    def is_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self._stopping.is_set():
            with self._take:
                bid = next(self._bids, None)
            if bid is None:
                return
            self._send(bid)

    def _send(self, bid: Sealed) -> None:
        end = stopwatch.monotonic() + PATIENCE
        while stopwatch.monotonic() < end:
            status, body = self._ask(bid)
            with self.outcome.lock:
                self.outcome.tries[str(status) if status else "no answer"] += 1
            if status in (200, 201):
                with self.outcome.lock:
                    self.outcome.receipts[bid.stmt] = json.loads(body)["receipt"]
                return
            if status and status not in TO_TRY_AGAIN:
                with self.outcome.lock:
                    self.outcome.refused.append(f"{status} {body[:300]!r}")
                return
            stopwatch.sleep(PAUSE)
        with self.outcome.lock:
            self.outcome.unanswered.append(bid.stmt)

    def _ask(self, bid: Sealed) -> tuple[int, bytes]:
        """Status 0 where no answer came: the bid may or may not have been taken in."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=15)
        try:
            connection.request("POST", bid.path, bid.body, {**bid.headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()
