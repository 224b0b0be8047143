"""B18: a bundle of a thousand bids written, and checked by the offline verifier with all keys pinned.

The floor is the cryptography alone, in the same run: as many signatures verified and price payloads decrypted.
"""

from __future__ import annotations

import resource
import time as clock
from datetime import timedelta

from app.time import wire
from benchmarks.table import Line, line
from bidding import bundle, pins
from bidding.sealing import open_with_key
from bidding.statement import SupplierKey, verify_signature
from bidding.verify import is_sound, verify
from tests.bidding.full_world import FullWorld
from tests.bidding.world import START

BIDS = 1_000
TWO_OF_THREE = (("A", "B"), ("A", "C"), ("B", "C"))


def tender(count: int) -> FullWorld:
    """Awarded, with `count` bids, two keyholders of three, two witnesses of three."""
    world = FullWorld(holders=("A", "B", "C"), groups=TWO_OF_THREE, witnesses=3)
    world.closes = START + timedelta(minutes=count + 10)
    world.log[0][0]["closes_at"] = wire(world.closes)
    for number in range(count):
        world.bid(f"12{number:08d}", 225_000_000 + 7 * number, (1 + number % 15, 1 + (number + 3) % 15))
    world.close()
    world.see(world.closes + timedelta(seconds=10))
    world.open()
    world.award()
    return world


def floor(world: FullWorld) -> float:
    """Seconds of processor time for the signatures and payloads alone."""
    ceks = {one.found.stmt: one.cek for one in world.lines if one.cek is not None}
    added = (event for event, _ in world.log if event["type"] == "supplier.key_added")
    keys = {event["kid"]: SupplierKey.from_entry(event) for event in added}
    began = clock.process_time()
    for entry in world.entries:
        item = world.items[entry.stmt]
        assert item.signature is not None
        verify_signature(entry.stmt, item.signature, keys[item.signature["kid"]])
        open_with_key(item.envelope, ceks[entry.stmt])
    return clock.process_time() - began


def run(count: int = BIDS) -> list[Line]:
    """The lines of this benchmark; it needs no store."""
    world = tender(count)
    parts, pinned = world.parts(), pins.parse(world.pin_file())
    began = clock.process_time()
    data = bundle.write(parts)
    writing = clock.process_time() - began
    least = floor(world)
    began, watched = clock.process_time(), clock.perf_counter()
    report = verify(data, pinned=pinned)
    used, waited = clock.process_time() - began, clock.perf_counter() - watched
    assert is_sound(report), [str(check) for check in report]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        line("B18", f"bundle of {count:,} bids written, processor time", writing, "s"),
        line("B18", "its size", len(data) / 1e6, "MB"),
        line("B18", "it verified, V01 to V25, processor time", used, "s", least, "a small multiple"),
        line("B18", "the same by the clock", waited, "s", aim="<= 20 s"),
        line("B18", "largest memory of the process, test data included", memory, "MB"),
    ]
