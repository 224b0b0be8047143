"""Short ways to tell a tender's story and to ask the verifier about it."""

from __future__ import annotations

from typing import Any

from bidding import bundle, payload, pins
from bidding.checks import Check, Result
from bidding.sealing import seal_envelope
from bidding.verify import verdict_of, verify
from tests.bidding.full_world import FullWorld
from tests.bidding.world import Json

TWO_OF_THREE: dict[str, Any] = {"holders": ("A", "B", "C"), "groups": (("A", "B"), ("A", "C"), ("B", "C"))}


def bids(world: FullWorld, count: int = 3, *, with_docs: bool = False) -> list[str]:
    stmts = []
    for number in range(1, count + 1):
        supplier = f"100000000{number}"
        if not with_docs:
            stmts.append(world.bid(supplier, 225_000_000 + number))
            continue
        ctx = world.ctx(supplier, number)
        envelope = seal_envelope(ctx, world.lane, payload.make_price(225_000_000 + number, (1, 2)))[1]
        stmts.append(world.submit(supplier, ctx, envelope, world.documents(supplier, number)))
    return stmts


def report_of(world: FullWorld, data: bytes | None = None) -> list[Check]:
    return verify(data if data is not None else world.bundle(), pinned=pins.parse(world.pin_file()))


def verdict(world: FullWorld, data: bytes | None = None) -> str | None:
    return verdict_of(report_of(world, data))


def warnings(world: FullWorld, code: str) -> list[str]:
    return [check.text for check in report_of(world) if check.code == code and check.result is Result.WARN]


def files_of(world: FullWorld) -> dict[str, bytes]:
    return {path: data for path, data in bundle.read(world.bundle()).files.items() if path != "MANIFEST"}


def event_of(world: FullWorld, kind: str) -> Json:
    return next(event for event, _ in world.log if event["type"] == kind)
