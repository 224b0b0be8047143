"""What the offline verifier reports, and the state that its checks build up for one another (docs/protocol.md 13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.tlog.canon import jcs
from app.tlog.checkpoint import Checkpoint
from app.tlog.policy import NONE, Policy
from bidding.bundle import Bundle, Keys, LoggedEvent
from bidding.pins import Pins

Json = dict[str, Any]
PRICE, DOCS = "price", "docs"
UNDONE = ("award.refused", "award.reopened")  # each ends the award before it


class Result(StrEnum):
    PASS = "PASS"  # noqa: S105  a verdict, no password
    FAIL = "FAIL"
    WARN = "WARN"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `code` is V and two digits."""

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


def same(left: Any, right: Any) -> bool:
    """Whether two values have the same canonical bytes: 1 and true have not."""
    return jcs(left) == jcs(right)


def check_approvals(event: Json, what: str) -> None:
    """Two different handles approved. Broken otherwise."""
    approvals = event.get("approvals")
    is_by_two = isinstance(approvals, list) and len(approvals) == 2 and all(map(_is_handle, approvals))
    require(is_by_two and isinstance(approvals, list) and approvals[0] != approvals[1],
            f"{what} was not approved by two persons")  # fmt: skip


def _is_handle(value: Any) -> bool:
    return isinstance(value, str) and value != ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint of the bundle: its own, or an archived one. `at`: when the quorum had cosigned it, in seconds since
    1970; None where it had not. `imprint`: the SHA-256 of its text, which time stamps are over."""

    checkpoint: Checkpoint
    at: int | None = None
    imprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Own:
    """What the person who checks holds beside the bundle: a receipt and an older checkpoint, both notes.

    `proofs`: consistency proofs that may tie the older checkpoint to the bundle's own.
    """

    receipt: str | None = None
    checkpoint: str | None = None
    proofs: tuple[tuple[bytes, ...], ...] = ()


@dataclass(slots=True)
class Case:
    """A bundle under examination. Checks run in order; what a later one needs, an earlier one has set."""

    bundle: Bundle
    keys: Keys
    pins: Pins = field(default_factory=Pins)
    own: Own = field(default_factory=Own)
    warnings: list[str] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)
    policy: Policy | None = None
    head: Seen = Seen(Checkpoint("", 0, b""))
    archived: list[Seen] = field(default_factory=list)
    box: Json = field(default_factory=dict)
    box_id: str = ""
    notice: Json = field(default_factory=dict)
    deadline: str = ""  # the one in force at the end, as a wire instant
    entries: list[Json] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)  # statements that two officers let their bidders take back
    unqualified: set[str] = field(default_factory=set)  # statements that a technical evaluation leaves out
    items: dict[str, Json] = field(default_factory=dict)  # statements/<stmt>.json of seeds and bids
    envelopes: dict[str, Json] = field(default_factory=dict)
    seeds: list[Json] = field(default_factory=list)
    blobs: dict[str, dict[str, bytes | None]] = field(default_factory=dict)  # stmt -> holder -> blob
    recovered: dict[str, bytes] | None = None  # stmt -> key, where keys of holders were lost
    chosen: int = 0  # the group in force among the price lane's
    is_opened: bool = False
    opened: list[Any] = field(default_factory=list)  # opening.Line, recomputed
    evaluation: Any = None  # types.Evaluation, recomputed

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def of_type(self, kind: str, lane: str | None = None) -> list[LoggedEvent]:
        """The entries of a type, in the order of the log; with `lane` only those of that lane."""
        found = [entry for entry in self.events if entry.event.get("type") == kind]
        return found if lane is None else [entry for entry in found if lane_of(entry) == lane]

    def one(self, kind: str) -> LoggedEvent:
        """The only entry of a type. Broken if there is none, or another."""
        found = self.of_type(kind)
        require(len(found) == 1, f"{len(found)} entries {kind}, not one")
        return found[0]

    def published(self) -> Json:
        return self.one("tender.published").event

    def awards(self) -> list[LoggedEvent] | None:
        """The awards that stand at the end: none, or the last one. None where they do not come by turns."""
        story = [entry for kind in ("award.confirmed", *UNDONE) for entry in self.of_type(kind)]
        standing: list[LoggedEvent] = []
        for entry in sorted(story, key=lambda entry: entry.index):
            if (entry.event["type"] == "award.confirmed") == bool(standing):
                return None
            standing = [] if standing else [entry]
        return standing

    def groups(self) -> list[LoggedEvent]:
        """What was decided of who opens the price lane, in the order of the log: the last is in force."""
        found = [*self.of_type("opening.group", PRICE), *self.of_type("opening.fallback", PRICE)]
        return sorted(found, key=lambda entry: entry.index)

    def sealed(self) -> list[str]:
        """The statements whose envelopes are opened: the seeds in their order, then the bids that stand, in theirs."""
        bids = (entry["stmt"] for entry in self.entries if entry["stmt"] not in self.unopened)
        return [*(seed["stmt"] for seed in self.seeds), *bids]

    @property
    def unopened(self) -> set[str]:
        """The statements of the list of which nothing is ever opened."""
        return self.cancelled | self.unqualified

    def is_documents_first(self) -> bool:
        """Whether proposals are opened and scored before the prices."""
        return self.box.get("first") == DOCS

    def has_witnesses(self) -> bool:
        return self.policy is not None and self.policy.quorum != NONE

    def seen(self) -> Iterator[Seen]:
        """Every checkpoint of the bundle, its own included."""
        yield from self.archived
        yield self.head

    def seen_at(self, index: int) -> int | None:
        """When the quorum had first cosigned a checkpoint that covers this entry, as far as the bundle shows."""
        times = [one.at for one in self.seen() if one.checkpoint.size > index and one.at is not None]
        return min(times, default=None)


def lane_of(entry: LoggedEvent) -> Any:
    return entry.event.get("lane", PRICE)


CheckFunction = Callable[[Case], str]
