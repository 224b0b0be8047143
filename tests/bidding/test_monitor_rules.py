"""The monitor's rules for tenders: a good story is silent, each broken one is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.audit.watch_rules import Entry
from app.time import wire
from bidding.monitor_rules import TenderRules

T = "R26BK00000001-000"
CLOSES = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TWO = ["person:1", "person:2"]
Story = list[dict[str, Any]]


def event(kind: str, at: datetime, **facts: Any) -> dict[str, Any]:
    return {"type": kind, "at": wire(at), "actor": "person:1", "subject": "tender:1", "tender": T, **facts}


def story() -> Story:
    hour, new = timedelta(hours=1), CLOSES + timedelta(days=1)
    change = {"old": wire(CLOSES), "new": wire(new), "opens_at": wire(new + hour), "approvals": TWO}
    return [
        event("tender.submitted", CLOSES - 9 * hour),
        event(
            "tender.published", CLOSES - 8 * hour, closes_at=wire(CLOSES), opens_at=wire(CLOSES + hour), approvals=TWO
        ),
        event("tender.deadline_changed", CLOSES - 2 * hour, **change),
        event("tender.closing", new, closes_at=wire(new)),
        event("tender.closed", new + MINUTE, closes_at=wire(new), closed_at=wire(new + MINUTE), opens_at="x"),
        event("opening.group", new + hour, lane="price", group=["A"]),
        event("opening.pieces", new + hour + MINUTE, lane="price", holder="A"),
        event("opening.opened", new + hour + 2 * MINUTE),
        event("award.proposed", new + 2 * hour),
        event("award.confirmed", new + 3 * hour, approvals=TWO),
        event("tender.contracted", new + 4 * hour),
    ]


def watch(events: Story, rules: TenderRules | None = None, first: int = 100) -> list[str]:
    rules = rules or TenderRules()
    found = []
    for index, one in enumerate(events, first):
        found += list(rules.take(Entry(index, one, lambda _n: b"")))
        kept = json.loads(json.dumps(rules.dump()))  # as between two turns
        rules.load(kept)
    return found


def at(events: Story, kind: str) -> int:
    return next(n for n, one in enumerate(events) if one["type"] == kind)


def change(kind: str, **facts: Any) -> Callable[[Story], Story]:
    def changed(events: Story) -> Story:
        events[at(events, kind)].update(facts)
        return events

    return changed


def without(kind: str) -> Callable[[Story], Story]:
    return lambda events: [one for one in events if one["type"] != kind]


def moved(kind: str, before: str) -> Callable[[Story], Story]:
    def changed(events: Story) -> Story:
        one = events.pop(at(events, kind))
        events.insert(at(events, before), one)
        return events

    return changed


def twice(kind: str) -> Callable[[Story], Story]:
    return lambda events: [*events, dict(events[at(events, kind)])]


def test_a_story_as_it_should_be_is_silent() -> None:
    assert watch(story()) == []


NEW = CLOSES + timedelta(days=1)
EARLY = wire(NEW - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without("tender.published"), "never published"),
        (twice("tender.published"), "there is one already, entry 101"),
        (twice("tender.closed"), "there is one already"),
        (twice("opening.opened"), "there is one already"),
        (change("tender.deadline_changed", old=wire(CLOSES - MINUTE)), "the deadline was"),
        (change("tender.deadline_changed", new=wire(CLOSES - MINUTE)), "not later than before"),
        (change("tender.deadline_changed", new=wire(CLOSES)), "not later than before"),
        (change("tender.deadline_changed", at=wire(CLOSES)), "the deadline had passed"),
        (change("tender.deadline_changed", at=wire(CLOSES), outage="outage:1"), "no outage outage:1 was declared"),
        (change("tender.deadline_changed", opens_at=wire(NEW - MINUTE)), "the opening lies before the closing"),
        (moved("tender.deadline_changed", "opening.group"), "out of time"),
        (moved("tender.deadline_changed", "tender.published"), "out of time"),
        (change("tender.closed", closed_at=EARLY), "closed before the deadline"),
        (change("tender.closed", at=EARLY), "closed before the deadline"),
        (change("tender.closed", closes_at=wire(CLOSES)), "was in force"),
        (without("tender.closed"), "a group before the closing"),
        (change("opening.group", at=wire(NEW + 59 * MINUTE)), "before the opening time"),
        (without("opening.group"), "before opening.group"),
        (moved("opening.pieces", "opening.group"), "before opening.group"),
        (moved("opening.opened", "opening.group"), "before opening.group"),
        (moved("award.confirmed", "opening.opened"), "before opening.opened"),
        (lambda events: [*events[:3], event("bid.submitted", CLOSES), *events[3:]], "sealed part of the log"),
        (lambda events: [*events[:3], event("tender.closed", CLOSES), *events[3:]], "not as an entry of that type"),
    ],
)
def test_a_story_as_it_should_not_be_is_named(spoil: Callable[[Story], Story], said: str) -> None:
    found = watch(spoil(story()))
    assert any(said in one for one in found), found


def test_who_approved_must_be_named() -> None:
    for kind in ("tender.published", "tender.deadline_changed", "award.confirmed"):
        spoiled = story()
        del spoiled[at(spoiled, kind)]["approvals"]
        assert any("names nobody who approved it" in one for one in watch(spoiled))


def test_after_a_declared_outage_a_deadline_may_be_moved_though_it_has_passed() -> None:
    events = story()
    changed = events[at(events, "tender.deadline_changed")]
    changed.update(at=wire(CLOSES + MINUTE), outage="outage:1")
    declared = event("outage.declared", CLOSES, outage="outage:1")
    del declared["tender"]
    assert watch([declared, *events]) == []


def test_bids_are_revealed_after_the_closing_and_only_those_from_before_it() -> None:
    events = story()
    bid = {"type": "bid.submitted", "tender": T, "at": wire(CLOSES)}

    def reveal(ref: int) -> dict[str, Any]:
        return {"type": "reveal", "at": wire(NEW), "actor": "s", "subject": "entry:1", "ref": ref, "event": bid}

    closed = at(events, "tender.closed")
    good = [*events[: closed + 1], reveal(100 + closed - 1), *events[closed + 1 :]]
    assert watch(good) == []
    assert any("came after the closing" in one for one in watch([*events, reveal(100 + closed + 1)]))
    assert any("before the closing" in one for one in watch([*events[:closed], reveal(101)]))


def test_what_is_over_is_remembered_by_four_numbers_only() -> None:
    rules = TenderRules()
    watch(story(), rules)
    assert rules.dump() == {
        "tenders": {T: {"tender.published": 101, "tender.closed": 104, "opening.opened": 107, "opening.group": 105}},
        "outages": [],
    }
