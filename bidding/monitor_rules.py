"""What must hold between a tender's open entries, for a monitor that sees nothing but the log (protocol 4.9). Pure.

Entries come in the order of the log, which is the order of cause for one tender's entries, though not always that of
their instants. What is not an open entry of a tender is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.audit.watch_rules import Entry
from app.time import from_wire

Json = dict[str, Any]
BY_TWO = frozenset(
    {
        "tender.published",
        "tender.deadline_changed",
        "award.confirmed",
        "opening.fallback",
        "opening.recovery",
        "opening.override",
    }
)
GROUP = ("opening.group",)
WANTS = {
    "opening.pieces": GROUP,
    "opening.fallback": GROUP,
    "opening.opened": GROUP,
    "bid.opened": GROUP,
    "award.proposed": ("opening.opened",),
    "award.confirmed": ("opening.opened",),
    "tender.cancellations": ("tender.closed",),
}
OVER = frozenset({"tender.failed", "tender.cancelled", "tender.contracted"})
ONLY_ONCE = ("tender.published", "tender.closed", "opening.opened")
REMEMBERED = (*ONLY_ONCE, "opening.group")


class TenderRules:
    """`name` is the word under which alarms and the memory go."""

    name = "tender"

    def __init__(self) -> None:
        self._tenders: dict[str, Json] = {}
        self._outages: set[str] = set()

    def take(self, entry: Entry) -> Iterator[str]:
        event = entry.event
        if event is None:
            return
        kind = event["type"]
        if kind == "outage.declared":
            self._outages.add(str(event.get("outage")))
        if kind == "reveal":
            yield from self._check_reveal(entry.index, event)
            return
        if kind in BY_TWO and "approvals" not in event:
            yield f"{kind} (entry {entry.index}) names nobody who approved it"
        tender = event.get("tender")
        if isinstance(tender, str) and kind.partition(".")[0] in ("tender", "opening", "award", "bid"):
            case = self._tenders.setdefault(tender, {})
            try:
                found = list(self._check(case, kind, event))
            except (KeyError, TypeError, ValueError) as error:
                found = [f"not as an entry of that type is written ({error})"]
            yield from (f"{tender}: {kind} (entry {entry.index}): {one}" for one in found)
            if kind in REMEMBERED:
                case.setdefault(kind, entry.index)
            if kind in OVER:
                self._tenders[tender] = {name: case[name] for name in REMEMBERED if name in case}

    def tick(self, now: datetime) -> Iterator[str]:
        return iter(())

    def dump(self) -> Any:
        return {"tenders": self._tenders, "outages": sorted(self._outages)}

    def load(self, value: Any) -> None:
        self._tenders = dict(value["tenders"]) if value else {}
        self._outages = set(value["outages"]) if value else set()

    def _check(self, case: Json, kind: str, event: Json) -> Iterator[str]:
        if kind in ONLY_ONCE and kind in case:
            yield f"there is one already, entry {case[kind]}"
        elif kind == "tender.published":
            case.update(closes_at=event["closes_at"], opens_at=event["opens_at"])
        elif kind == "tender.deadline_changed":
            yield from self._check_change(case, event)
        elif kind == "tender.closed":
            yield from _check_closed(case, event)
        elif kind == "opening.group":
            yield from _check_group(case, event)
        elif kind == "bid.submitted":
            yield "a bid is for the sealed part of the log"
        yield from (f"before {wanted}" for wanted in WANTS.get(kind, ()) if wanted not in case)

    def _check_change(self, case: Json, event: Json) -> Iterator[str]:
        if "tender.published" not in case or "tender.closed" in case:
            yield "out of time: before the notice, or after the closing"
            return
        if event["old"] != case["closes_at"]:
            yield f"it changes {event['old']}, and the deadline was {case['closes_at']}"
        old, new = from_wire(case["closes_at"]), from_wire(event["new"])
        outage = event.get("outage")
        if new < old or (new == old and outage is None):
            yield "the deadline is not later than before"
        if outage is None and from_wire(event["at"]) >= old:
            yield "the deadline had passed, and no outage is given"
        if outage is not None and str(outage) not in self._outages:
            yield f"no outage {outage} was declared"
        if from_wire(event["opens_at"]) < new:
            yield "the opening lies before the closing"
        case.update(closes_at=event["new"], opens_at=event["opens_at"])

    def _check_reveal(self, index: int, event: Json) -> Iterator[str]:
        inner = event.get("event")
        if not isinstance(inner, dict) or inner.get("type") != "bid.submitted":
            return
        tender, ref = str(inner.get("tender")), event.get("ref")
        closed = self._tenders.get(tender, {}).get("tender.closed")
        if closed is None:
            yield f"{tender}: entry {index} reveals a bid before the closing"
        elif isinstance(ref, int) and ref > closed:
            yield f"{tender}: entry {index} reveals a bid (entry {ref}) that came after the closing"


def _check_closed(case: Json, event: Json) -> Iterator[str]:
    if "tender.published" not in case:
        yield "of a tender that was never published"
        return
    deadline = from_wire(case["closes_at"])
    if event["closes_at"] != case["closes_at"]:
        yield f"closed by the deadline {event['closes_at']}, and {case['closes_at']} was in force"
    if min(from_wire(event["at"]), from_wire(event["closed_at"])) < deadline:
        yield "closed before the deadline"


def _check_group(case: Json, event: Json) -> Iterator[str]:
    if "tender.closed" not in case:
        yield "a group before the closing"
    elif "opens_at" in case and from_wire(event["at"]) < from_wire(case["opens_at"]):
        yield f"a group before the opening time {case['opens_at']}"
