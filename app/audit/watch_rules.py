"""What a monitor asks of the entries themselves, whatever the log is about. Pure: entries in, sentences out.

A rule set sees every entry once, in the order of the log. What it must remember goes through `dump` and `load`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.time import from_wire
from app.tlog import canon

MMD = timedelta(seconds=60)  # the longest that an event may wait for its place
STATUS_EVERY = timedelta(minutes=10)
MAX_OFFSET_US = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in its place; `event` is None where it is sealed. `leaf(n)` gives the bytes of an earlier entry."""

    index: int
    event: dict[str, Any] | None
    leaf: Callable[[int], bytes]


class Rules(Protocol):
    name: str

    def take(self, entry: Entry) -> Iterator[str]:
        """What is wrong with this entry after those before it."""
        ...

    def tick(self, now: datetime) -> Iterator[str]:
        """What is wrong at `now` though no entry says so: something is missing."""
        ...

    def dump(self) -> Any:
        """What must be remembered, as JSON holds it."""
        ...

    def load(self, value: Any) -> None:
        """Be as when `dump` gave `value`; None is the beginning."""
        ...


class EntryRules:
    """Reveals open the leaf they name; approvals are of different persons; the clock keeps within its bounds."""

    name = "entries"

    def __init__(self) -> None:
        self._status_at: str | None = None

    def take(self, entry: Entry) -> Iterator[str]:
        event = entry.event
        if event is None:
            return
        approvals = event.get("approvals")
        if approvals is not None and not _is_by_two(approvals):
            yield f"entry {entry.index} ({event['type']}): its approvals are not of two different persons"
        if event["type"] == "reveal":
            yield from self._check_reveal(entry, event)
        if event["type"] == "clock.status":
            self._status_at = event["at"]
            yield from _check_clock(entry.index, event)

    def tick(self, now: datetime) -> Iterator[str]:
        if self._status_at is not None and now - from_wire(self._status_at) > 2 * STATUS_EVERY:
            yield f"the clock's status was last told at {self._status_at}"

    def dump(self) -> Any:
        return {"status_at": self._status_at}

    def load(self, value: Any) -> None:
        self._status_at = value["status_at"] if value else None

    def _check_reveal(self, entry: Entry, event: dict[str, Any]) -> Iterator[str]:
        try:
            ref, salt = event["ref"], canon.unb64u(event["salt"])
            commitment = canon.digest("event", salt + canon.jcs(event["event"]))
            is_right = 0 <= ref < entry.index and entry.leaf(ref) == canon.jcs({"c": commitment.hex(), "v": 1})
        except (KeyError, TypeError, ValueError):
            is_right, ref = False, event.get("ref")
        if not is_right:
            yield f"entry {entry.index} reveals something else than entry {ref} holds"


def _is_by_two(approvals: Any) -> bool:
    is_list = isinstance(approvals, list) and all(isinstance(one, str) and one for one in approvals)
    return is_list and len(set(approvals)) == len(approvals) >= 2


def _check_clock(index: int, event: dict[str, Any]) -> Iterator[str]:
    offset = event.get("offset_us")
    if isinstance(offset, int) and abs(offset) > MAX_OFFSET_US:
        yield f"entry {index}: the clock is off by {offset} µs"
    if event.get("state") in ("alarm", "hold"):
        yield f"entry {index}: the clock's state is {event['state']}"


def read_entry(index: int, leaf: bytes, fetch: Callable[[int], bytes]) -> Entry:
    """The entry that a leaf holds. ValueError where it is neither an open nor a sealed one, to the byte."""
    value = canon.parse(leaf)
    if not isinstance(value, dict) or value.get("v") != 1:
        raise ValueError("not an entry of version 1")
    if value.keys() == {"c", "v"} and isinstance(value["c"], str) and len(value["c"]) == 64:
        return Entry(index, None, fetch)
    event = value.get("e")
    if value.keys() != {"e", "v"} or not isinstance(event, dict):
        raise ValueError("neither an open nor a sealed entry")
    if not all(isinstance(event.get(name), str) for name in ("type", "at", "actor", "subject")):
        raise ValueError("an event without type, time, actor or subject")
    from_wire(event["at"])
    return Entry(index, event, fetch)
