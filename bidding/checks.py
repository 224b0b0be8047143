"""What the offline verifier reports, and the state that its checks build up for one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bidding.bundle import Bundle, Keys, LoggedEvent

Json = dict[str, Any]


class Result(StrEnum):
    PASS = "PASS"  # noqa: S105  a verdict, no password
    FAIL = "FAIL"
    WARN = "WARN"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `code` is V and two digits (protocol 3.15)."""

    result: Result
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.result:<4} {self.code} {self.text}"


class Broken(ValueError):
    """A check found what must not be. The message says what."""


class Skipped(Exception):
    """A check does not apply to this bundle."""


def require(truth: object, message: str) -> None:
    """Raise Broken with `message` unless `truth`."""
    if not truth:
        raise Broken(message)


@dataclass(slots=True)
class Case:
    """A bundle under examination. Checks run in order; what a later one needs, an earlier one has set."""

    bundle: Bundle
    keys: Keys
    is_pinned: bool
    receipt: str | None = None
    warnings: list[str] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)
    size: int = 0
    box: Json = field(default_factory=dict)
    box_id: str = ""
    notice: Json = field(default_factory=dict)
    entries: list[Json] = field(default_factory=list)
    items: dict[str, Json] = field(default_factory=dict)  # statements/<stmt>.json of seeds and bids
    envelopes: dict[str, Json] = field(default_factory=dict)
    seeds: list[Json] = field(default_factory=list)
    lines: list[Json] = field(default_factory=list)  # opening.jsonl as published
    cancelled: set[str] = field(default_factory=set)  # statements that two officers let their bidders take back
    blobs: dict[str, dict[str, bytes | None]] = field(default_factory=dict)  # stmt -> holder -> blob
    chosen: int = 0
    opened: list[Any] = field(default_factory=list)  # opening.Line, recomputed
    evaluation: Any = None  # types.Evaluation, recomputed

    def of_type(self, kind: str) -> list[LoggedEvent]:
        """The entries of a type, in the order of the log."""
        return [entry for entry in self.events if entry.event.get("type") == kind]

    def one(self, kind: str) -> LoggedEvent:
        """The only entry of a type. Broken if there is none, or another."""
        found = self.of_type(kind)
        require(len(found) == 1, f"{len(found)} entries {kind}, not one")
        return found[0]

    def published(self) -> Json:
        return self.one("tender.published").event

    def deadline(self) -> str:
        """The deadline in force at the end, as a wire instant."""
        changes = self.of_type("tender.deadline_changed")
        return str(changes[-1].event["new"] if changes else self.published()["closes_at"])


CheckFunction = Callable[[Case], str]
