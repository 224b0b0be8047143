"""Random tenders for verifiers to agree on: every policy, every mode, faults, ties, and whatever else can happen.

`random_world(seed)` gives the same story for the same seed (its keys and nonces, and so its hashes, are fresh each
time), and `random_bundles(count, seed)` the bundles of many, with what the verifier holds beside them.

    python -m tests.bidding.random_bundles FOLDER [COUNT] [SEED]

writes FOLDER/<n>.zip, <n>.policy.txt, <n>.receipt.note and <n>.checkpoint.note where there are such.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from bidding import payload
from bidding.payload import LENGTH
from bidding.sealing import seal_envelope
from bidding.types import DrawRule, Exclusion
from tests.bidding.authenticator import Authenticator
from tests.bidding.full_world import FullWorld, near_closing
from tests.bidding.world import CLOSES, START

Groups = tuple[tuple[str, ...], ...]
BASE = 250_000_000


def of(holders: str, needed: int) -> Groups:
    return tuple(combinations(holders, needed))


POLICIES: dict[str, Groups] = {
    "1/1": of("A", 1),
    "2/2": of("AB", 2),
    "2/3": of("ABC", 2),
    "3/5": of("ABCDE", 3),
    "S+2/3": tuple(("S", *group) for group in of("ABC", 2)),
}
GIVEN = tuple(BASE * (980 + 3 * number) // 1000 for number in range(15))


@dataclass(frozen=True, slots=True)
class Sample:
    """A bundle, and what a verifier may hold beside it: a pin file, a receipt, an older checkpoint."""

    name: str
    data: bytes
    policy: str
    receipt: str | None
    old_checkpoint: str | None
    world: FullWorld


def random_world(seed: int) -> FullWorld:
    """A finished tender, or one that failed, or was never opened."""
    chance = random.Random(seed)
    world = _published(chance)
    for number in range(chance.choice((0, 1, 2, 3, 5, 8, 13))):
        _bid(world, chance, number + 1)
    _see(world, chance)
    _postpone(world, chance)
    world.close()
    if world.witness_keys:
        world.see(world.closes + timedelta(seconds=chance.choice((3, 30, 300))))
        if chance.random() < 0.5:
            world.stamp(world.closes + timedelta(seconds=chance.choice((4, 60, 600))))
    _cancel(world, chance)
    standing = [entry.stmt for entry in world.entries if entry.stmt not in world.cancelled]
    if len(standing) < 2:
        world.emit("tender.failed", world.closes + timedelta(hours=1), reason="too-few-bids")
        return world
    _open(world, chance, standing)
    assert world.evaluation is not None
    if world.evaluation.winner is not None and chance.random() < 0.8:
        world.award(_disqualified(world, chance))
    return world


def random_bundles(count: int, seed: int = 0) -> Iterator[Sample]:
    for number in range(count):
        world = random_world(seed + number)
        chance = random.Random(f"own {seed + number}")
        receipts = list(world.receipts.values())
        seen = world.sights[-1] if world.sights else None
        kept = world.checkpoint_of(*seen) if seen is not None and chance.random() < 0.7 else None
        receipt = chance.choice(receipts) if receipts and chance.random() < 0.7 else None
        yield Sample(f"{seed + number:05d}", world.bundle(), world.pin_file(), receipt, kept, world)


def _published(chance: random.Random) -> FullWorld:
    groups = POLICIES[chance.choice(sorted(POLICIES))]
    mode = chance.choice(("M1", "M2", "M2", "M3"))
    rounding = chance.choice(("down-1", "up-1", "up-10", "up-100", "up-1000"))
    method, floor = chance.choice((("quote", 88_000), ("qualification", 87_745), ("lowest", None)))
    shape: dict[str, Any] = {"kind": "given"} if mode == "M3" else {}
    if mode != "M3" and chance.random() < 0.5:
        shape = {"kind": "split", "lo": 97_000, "hi": 103_000}
    practice = mode == "M3" and chance.random() < 0.3
    if practice:
        shape["order"] = "given"
    holders = tuple(sorted({holder for group in groups for holder in group}))
    runs = tuple((holder, f"기관 {holder}") for holder in holders)
    return FullWorld(
        rule=DrawRule(base={"1": BASE}, mode=mode, round=rounding, **shape),
        holders=holders,
        groups=groups,
        method=method,
        floor_rate=floor,
        given=GIVEN if mode == "M3" else (),
        tender="T26BK00000001-000" if practice else "R26BK00000001-000",
        witnesses=chance.choice((0, 0, 1, 3)),
        takes_docs=chance.random() < 0.3,
        names_holders=chance.random() < 0.5,
        operators=runs if chance.random() < 0.5 else (),
    )


def _bid(world: FullWorld, chance: random.Random, number: int) -> None:
    supplier = f"12481{chance.randrange(1000):03d}{number:02d}"
    if chance.random() < 0.3:
        world.passkeys[supplier] = Authenticator(cose_alg=chance.choice((-7, -7, -8)))
    if chance.random() < 0.2:
        world.next_at = near_closing() + timedelta(seconds=number)
    # Few different prices, so that some are equal; some below the floor, some above every estimate.
    amount = BASE * chance.choice((70, 88, 89, 89, 90, 90, 91, 95, 110)) // 100
    picks = tuple(chance.sample(range(1, 16), 2))
    ctx = world.ctx(supplier, number)
    docs = world.documents(supplier, number) if world.takes_docs and chance.random() < 0.6 else None
    fault = chance.random()
    if fault < 0.07:  # invalid: a proper envelope around what is no bid
        plain = chance.choice((b"\0" * LENGTH, payload.make_seed(), _wrong_price(amount), _wrong_price(amount, (3, 3))))
        world.submit(supplier, ctx, seal_envelope(ctx, world.lane, plain)[1], docs)
    elif fault < 0.14:  # malformed: commitments that its own envelope does not keep
        envelope = seal_envelope(ctx, world.lane, payload.make_price(amount, picks))[1]
        holder = world.groups[0][0]
        broken = chance.choice(("cek", "ct", "wrap"))
        if broken == "cek":
            envelope["cek_commit"] = "00" * 32
        elif broken == "ct":
            envelope["ct"] = envelope["ct"][:-6] + ("AAAAAA" if envelope["ct"][-6:] != "AAAAAA" else "BBBBBA")
        else:
            envelope["wraps"][holder] = "A" * len(envelope["wraps"][holder])
        world.submit(supplier, ctx, envelope, docs)
    else:
        world.submit(supplier, ctx, seal_envelope(ctx, world.lane, payload.make_price(amount, picks))[1], docs)


def _wrong_price(amount: int, picks: tuple[int, ...] = (1, 99)) -> bytes:
    return payload.make_price(amount, picks)


def _see(world: FullWorld, chance: random.Random) -> None:
    """The witnesses looked while bids came in, now and then too late, or too few of them."""
    if world.witness_keys:
        last = max((entry.received for entry in world.entries), default="")
        at = near_closing() + timedelta(minutes=2) if last > "2026-11-12" else START + timedelta(minutes=20)
        world.see(at, *chance.sample(sorted(world.witness_keys), chance.randint(1, len(world.witness_keys))))


def _postpone(world: FullWorld, chance: random.Random) -> None:
    way = chance.random()
    if way < 0.15:
        world.extend(days=chance.randint(1, 9))
    elif way < 0.3:
        world.postpone_for_outage(CLOSES - timedelta(minutes=40), CLOSES + timedelta(minutes=chance.choice((-20, 30))))


def _cancel(world: FullWorld, chance: random.Random) -> None:
    if world.entries and chance.random() < 0.25:
        world.cancel(
            *(entry.stmt for entry in chance.sample(world.entries, chance.randint(1, min(2, len(world.entries)))))
        )


def _open(world: FullWorld, chance: random.Random, standing: list[str]) -> None:
    excluded: tuple[Exclusion, ...] = ()
    if chance.random() < 0.2:
        excluded = (Exclusion(chance.choice(standing), "sanctioned", "국가계약법 제27조"),)
    order = list(range(len(world.groups)))
    chance.shuffle(order)
    tried = tuple(order[1 : chance.choice((1, 1, 2, 3))])
    is_whole = all(world.can_open(stmt) for stmt in world.opened_order())
    if chance.random() < 0.1 and is_whole:
        world.recover(without=standing[:1] if chance.random() < 0.5 and len(standing) > 2 else ())
    else:
        world.open(order[0], excluded, tried)


def _disqualified(world: FullWorld, chance: random.Random) -> tuple[dict[str, Any], ...]:
    assert world.evaluation is not None
    ranked = [placing.stmt for placing in world.evaluation.placings if placing.rank is not None]
    if len(ranked) < 2 or chance.random() < 0.7:
        return ()
    why = {"reason": "documents-missing", "legal_basis": "국가계약법 시행령 제42조"}
    return ({"stmt": ranked[0], **why, "approvals": ["person:3", "person:4"]},)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    given = sys.argv[2:4]
    count, seed = (int(word) for word in [*given, *("100", "0")[len(given) :]])
    for sample in random_bundles(count, seed):
        (folder / f"{sample.name}.zip").write_bytes(sample.data)
        (folder / f"{sample.name}.policy.txt").write_text(sample.policy)
        for ending, text in (("receipt", sample.receipt), ("checkpoint", sample.old_checkpoint)):
            if text is not None:
                (folder / f"{sample.name}.{ending}.note").write_text(text)


if __name__ == "__main__":
    main()
