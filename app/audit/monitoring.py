"""One turn of a monitor: read what the log has published since the last turn, and check all of it (protocol 4.9).

It believes the keys in its own policy and nothing else. What it finds are alarms; two checkpoints that contradict each
other are kept, both of them, since they are signed proof against whoever signed.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.audit.reading import LogReader, Unreachable, witness_view
from app.audit.watch_rules import MMD, Rules, read_entry
from app.audit.watch_store import Store
from app.time import from_wire, wire
from app.tlog import merkle, tiles
from app.tlog.checkpoint import Checkpoint
from app.tlog.merkle import HASH_SIZE, Frontier
from app.tlog.policy import Policy
from app.tlog.tiles import ENTRIES, HEIGHT, WIDTH, Tile

COSIGNED_WITHIN = timedelta(minutes=2)
SILENT_FOR = timedelta(minutes=2)  # a log that does not answer for so long is an alarm
MAX_LATE = 20  # late entries told one by one in a turn; beyond that their number says enough


@dataclass(frozen=True, slots=True)
class Alarm:
    """`kind` is a word for programs, `text` a sentence, `evidence` what proves it (notes, by name)."""

    kind: str
    text: str
    evidence: dict[str, str] = field(default_factory=dict)


class Contradiction(Exception):
    """What the log shows now cannot be the continuation of what it showed: nothing of this turn is kept."""

    def __init__(self, alarm: Alarm) -> None:
        super().__init__(alarm.text)
        self.alarm = alarm


class Monitor:
    """`policy_text` is its own copy of the log's policy, where it has one: the log must go on publishing the same."""

    def __init__(
        self, reader: LogReader, policy: Policy, store: Store, rules: Sequence[Rules], policy_text: str | None = None
    ) -> None:
        self.reader, self.policy, self.store, self.rules = reader, policy, store, rules
        self._policy_text = policy_text
        self._load_rules()

    def turn(self, now: datetime, told: Sequence[str] = ()) -> list[Alarm]:
        """Everything found wrong. `told`: leaf hashes (hex) that the second sink has newly told of."""
        with self.store.turn():
            self.store.expect(map(bytes.fromhex, told), wire(now))
        try:
            with self.store.turn():
                return self._look(now) + self._overdue(now)
        except Contradiction as contradiction:
            found = [contradiction.alarm]
        except (Unreachable, ValueError) as error:
            with self.store.turn():
                found = self._silence(now, str(error))
        self._load_rules()  # they saw entries of a turn that is not kept
        return found + self._overdue(now)

    def _look(self, now: datetime) -> list[Alarm]:
        signed = self.reader.text("checkpoint")
        try:
            new = self.policy.open(signed).checkpoint
        except ValueError as error:
            raise Contradiction(Alarm("signature", f"the checkpoint: {error}", {"checkpoint": signed})) from error
        alarms = self._follow(signed, new, now)
        self.store.put("seen_at", wire(now))
        self.store.put("silent_since", None)
        alarms += self._witnesses(new, now) + self._published_policy()
        for one in self.rules:
            alarms += [Alarm(one.name, text) for text in one.tick(now)]
            self.store.put(f"rules:{one.name}", one.dump())
        return alarms

    def _load_rules(self) -> None:
        for one in self.rules:
            one.load(self.store.get(f"rules:{one.name}"))

    # -- the tree ------------------------------------------------------------------------------------------------

    def _follow(self, signed: str, new: Checkpoint, now: datetime) -> list[Alarm]:
        """Take in the entries up to `new`. Raises Contradiction where they do not continue what was seen."""
        kept = self.store.get("note")
        frontier = Frontier()
        if kept is not None:
            old = self.policy.open(kept).checkpoint
            frontier = Frontier.from_bytes(old.size, base64.b64decode(self.store.get("frontier")))
            self._compare(kept, old, signed, new)
        before = self.store.get("seen_at")
        alarms, hashes = self._take(frontier, new, from_wire(before) if before else None)
        if frontier.root() != new.root:
            both = {"checkpoint": signed} | ({"before": kept} if kept is not None else {})
            text = f"the {new.size} entries do not give the signed root, or the past was rewritten"
            raise Contradiction(Alarm("rewritten", text, both))
        alarms += self._tiles(new.size - len(hashes) // HASH_SIZE, new.size, hashes)
        self.store.put("note", signed)
        self.store.put("frontier", base64.b64encode(frontier.to_bytes()).decode())
        return alarms

    def _compare(self, kept: str, old: Checkpoint, signed: str, new: Checkpoint) -> None:
        both = {"before": kept, "checkpoint": signed}
        if new.origin != old.origin:
            raise Contradiction(Alarm("origin", f"the log {old.origin} is now called {new.origin}", both))
        if new.size < old.size:
            raise Contradiction(Alarm("shrink", f"the log had {old.size} entries and has {new.size}", both))
        if new.size == old.size and new.root != old.root:
            raise Contradiction(Alarm("fork", f"two signed roots for {new.size} entries", both))

    def _take(self, frontier: Frontier, new: Checkpoint, before: datetime | None) -> tuple[list[Alarm], bytearray]:
        """Alarms of the new entries, and the leaf hashes from the beginning of their first bundle."""
        old, alarms, late, hashes = frontier.size, [], 0, bytearray()
        for first, leaves in self.reader.bundles(old, new.size) if new.size > old else ():
            fresh = []
            for index, leaf in enumerate(leaves, first):
                leaf_hash = merkle.leaf_hash(leaf)
                hashes += leaf_hash
                if index >= old:
                    frontier.append(leaf_hash)
                    fresh.append(leaf_hash)
                    found, is_late = self._entry(index, leaf, new.size, before)
                    late += is_late
                    alarms += [one for one in found if one.kind != "late" or late <= MAX_LATE]
            self.store.add_leaves(fresh)
        if late > MAX_LATE:
            alarms.append(Alarm("late", f"{late} entries came later than {MMD.seconds} seconds after their event"))
        return alarms, hashes

    def _entry(self, index: int, leaf: bytes, size: int, before: datetime | None) -> tuple[list[Alarm], bool]:
        try:
            entry = read_entry(index, leaf, lambda place: self.reader.leaf(place, size))
        except ValueError as error:
            return [Alarm("entry", f"entry {index}: {error}")], False
        alarms = [Alarm(one.name, text) for one in self.rules for text in one.take(entry)]
        # It was not there when we looked last, though it should have been a minute before.
        if entry.event is None or before is None or from_wire(entry.event["at"]) >= before - MMD:
            return alarms, False
        alarms.append(Alarm("late", f"entry {index} of {entry.event['at']} was not there at {wire(before)}"))
        return alarms, True

    def _tiles(self, old: int, new: int, hashes: bytearray) -> list[Alarm]:
        """Whether the published hash tiles are those of the entries: proofs are made from them."""
        alarms = []
        for tile in tiles.tiles_between(old, new):
            if tile.level == ENTRIES:
                continue
            data = self.reader.tile(tile)
            if tile.level == 0:
                start = (tile.index * WIDTH - old // WIDTH * WIDTH) * HASH_SIZE
                expected = bytes(hashes[start : start + tile.width * HASH_SIZE])
            else:
                expected = tiles.tile_bytes(tile, self._root_of_tile)
            if data != expected:
                alarms.append(Alarm("tile", f"{tile.path} does not hold the hashes of the entries"))
        return alarms

    def _root_of_tile(self, level: int, index: int) -> bytes:
        data = self.reader.tile(Tile(level // HEIGHT - 1, index))
        return merkle.root(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE))

    # -- the others ----------------------------------------------------------------------------------------------

    def _witnesses(self, new: Checkpoint, now: datetime) -> list[Alarm]:
        """The cosigned checkpoint is recent and of the same tree; no witness has been shown another one."""
        if not self.policy.witnesses:
            return []
        alarms, covered = [], -1
        try:
            signed = self.reader.text("cosigned")
            if self.policy.is_met(signed):
                covered = self.policy.open(signed).checkpoint.size
                alarms += self._same_tree("the cosigned checkpoint", signed, new)
        except (Unreachable, ValueError) as error:
            alarms += [Alarm("cosigned", f"the cosigned checkpoint: {error}")] if covered >= 0 else []
        due = self.store.get("to_cosign") or [new.size, wire(now)]
        if covered >= due[0]:
            due = [new.size, wire(now)]
        elif now - from_wire(due[1]) > COSIGNED_WITHIN:
            alarms.append(Alarm("unwitnessed", f"no quorum has cosigned {due[0]} entries since {due[1]}"))
        self.store.put("to_cosign", due)
        for name in self.policy.witnesses:
            if name in self.policy.urls:
                alarms += self._ask_witness(name, new)
        return alarms

    def _ask_witness(self, name: str, new: Checkpoint) -> list[Alarm]:
        try:
            signed = witness_view(self.policy.urls[name], new.origin)
            if name not in self.policy.open(signed).times:
                return [Alarm("witness", f"{name} shows a checkpoint that it did not cosign", {name: signed})]
            return self._same_tree(f"what {name} saw", signed, new)
        except Unreachable:
            return []  # it has its own operator; the quorum is what counts
        except ValueError as error:
            return [Alarm("witness", f"{name}: {error}")]

    def _same_tree(self, what: str, signed: str, new: Checkpoint) -> list[Alarm]:
        """`signed` is of the same tree as `new`, by the published tiles; one that is newer is looked at next time."""
        other = self.policy.open(signed).checkpoint
        if other.size > new.size or self.store.get(f"same:{what}") == signed:
            return []
        if self.reader.root_at(other.size, new.size) == other.root:
            self.store.put(f"same:{what}", signed)
            return []
        both = {"checkpoint": self.store.get("note"), "other": signed}
        return [Alarm("fork", f"{what} is of another tree at {other.size} entries", both)]

    def _published_policy(self) -> list[Alarm]:
        """The log still names the keys and witnesses that we hold."""
        if self._policy_text is None:
            published = self.reader.text("vkey").strip()
            if published not in self.policy.logs:
                return [Alarm("key", f"the log publishes another key: {published}")]
        elif (published := self.reader.text("policy")) != self._policy_text:
            return [Alarm("policy", "the log publishes another policy than the one we hold", {"policy": published})]
        return []

    def _overdue(self, now: datetime) -> list[Alarm]:
        missing = self.store.overdue(wire(now - MMD))
        what = "an event with the leaf hash {} was committed and is not in the log"
        return [Alarm("missing", what.format(one.hex())) for one in missing]

    def _silence(self, now: datetime, why: str) -> list[Alarm]:
        """The first trouble may be a restart; after SILENT_FOR it is an alarm."""
        since = self.store.get("silent_since") or wire(now)
        self.store.put("silent_since", since)
        if now - from_wire(since) < SILENT_FOR and self.store.get("note") is not None:
            return []
        return [Alarm("unreachable", f"the log has not been readable since {since}: {why}")]
