"""A tender whose keys are five people's, from the pure modules, and what a member's browser is told at its opening."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any

from app.time import wire
from app.tlog import merkle
from app.tlog.canon import b64u, digest, jcs
from app.tlog.checkpoint import open_checkpoint
from bidding.keyfile import Keys, key_name
from tests.bidding.world import CLOSES, START, Json, World

FIVE = ("M1", "M2", "M3", "M4", "M5")
THREE_OF_FIVE = tuple(combinations(FIVE, 3))
OPENS = CLOSES + timedelta(hours=1)
PASSPHRASE = "나루터에서 만난 다섯 사람"


@dataclass
class CommitteeWorld(World):
    """`request()` is what the server tells a member; `keys_of(holder)` is what the member's file holds."""

    holders: tuple[str, ...] = FIVE
    groups: tuple[tuple[str, ...], ...] = THREE_OF_FIVE
    policy: str = ""

    def _publish(self) -> None:
        for holder in self.holders:
            self.names[holder] = key_name(holder)
        super()._publish()
        self.seen = open_checkpoint(self.parts().checkpoint, [self.vkey("log")])

    def emit(self, kind: str, at: Any, salt: bytes | None = None, /, **facts: Any) -> int:
        if kind == "tender.published":
            facts["holders"] = {holder: self.vkey(holder) for holder in self.holders}
        if kind == "tender.closed":
            facts["opens_at"] = wire(self.closes + timedelta(hours=1))
        return super().emit(kind, at, salt, **facts)

    def keys_of(self, holder: str, **changes: Any) -> Keys:
        log = {
            "origin": self.seen.origin,
            "vkey": self.vkey("log"),
            "size": self.seen.size,
            "root": b64u(self.seen.root),
        }
        made: Json = {
            "tender": self.tender,
            "holder": holder,
            "log": log,
            "agency": self.vkey("agency"),
            "created": wire(START),
            "note": self.keys[holder],
            "lanes": {"price": self.lane_keys[holder]},
        }
        return Keys(**(made | changes))

    def close_and_fix(self, group: tuple[str, ...], **facts: Any) -> None:
        self.close()
        self.fix(group, **facts)

    def fix(self, group: tuple[str, ...], kind: str = "opening.group", **facts: Any) -> None:
        self.emit(kind, OPENS, lane="price", group=list(group), **facts)

    def request(self, **changes: Any) -> Json:
        """What the server says of the opening; `changes` replace members."""
        parts = self.parts()
        spoken: list[Json] = [
            {
                "index": entry.index,
                "event": entry.event,
                "proof": [base64.b64encode(step).decode() for step in entry.proof],
            }
            for entry in parts.events
        ]

        def of(kind: str) -> list[Json]:
            return [entry for entry in spoken if entry["event"]["type"] == kind]

        told: Json = {
            "tender": self.tender,
            "lane": "price",
            "box": self.box,
            "box_note": parts.box_note,
            "published": spoken[0],
            "changes": of("tender.deadline_changed"),
            "cancellations": of("tender.cancellations"),
            "closed": of("tender.closed")[-1],
            "group": of("opening.group")[-1],
            "fallbacks": of("opening.fallback"),
            "checkpoint": parts.checkpoint,
            "consistency": self.consistency(),
            "policy": self.policy or None,
            "list": [entry.to_json() for entry in self.entries],
        }
        return told | changes

    def consistency(self) -> list[str]:
        leaves = [
            jcs({"e": event, "v": 1}) if salt is None else jcs({"c": digest("event", salt + jcs(event)).hex(), "v": 1})
            for event, salt in self.log
        ]
        node = merkle.memory([merkle.leaf_hash(leaf) for leaf in leaves])
        proof = merkle.consistency_proof(self.seen.size, len(leaves), node)
        return [base64.b64encode(step).decode() for step in proof]

    def told_items(self) -> list[Json]:
        return [{"statement": item.statement, "envelope": item.envelope} for item in self.items.values()]


def with_three_bids(**settings: Any) -> CommitteeWorld:
    """Three sealed bids; not closed yet."""
    world = CommitteeWorld(**settings)
    for number, amount in enumerate((225_000_000, 226_000_000, 227_000_000), start=1):
        world.bid(f"12481009{number:02d}", amount, (number, number + 3))
    return world
