"""Everything out of the ordinary that a tender can go through, done right and done wrong: what its bundle says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.time import from_wire, wire
from app.tlog.canon import jcs, parse
from bidding import bundle
from bidding.verify import verdict_of, verify
from tests.bidding.authenticator import Authenticator
from tests.bidding.full_world import FullWorld
from tests.bidding.stories import TWO_OF_THREE, bids, event_of, files_of, verdict, warnings
from tests.bidding.world import CLOSES, Json

# ---- fallback


def test_the_last_group_is_in_force_and_every_change_is_told() -> None:
    world = FullWorld(**TWO_OF_THREE)
    bids(world)
    world.close()
    world.open(2, tried=(0, 1))
    assert verdict(world) is None
    assert len(warnings(world, "V04")) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"approvals": ["person:1", "person:1"]}, "V04"),
        ({"approvals": [], "reason": "absent"}, "V04"),
        ({"approvals": [], "reason": "no-answer"}, None),
        ({"group": ["A", "Z"]}, "V15"),
        ({"group": ["A", "B"]}, "V15"),  # the pieces are of another
        ({"lane": "docs"}, "V04"),  # no group of that lane came before
    ],
)
def test_another_group_needs_two_persons_or_the_rule_and_its_own_pieces(changes: Json, code: str | None) -> None:
    world = FullWorld(**TWO_OF_THREE)
    bids(world)
    world.close()
    world.open(2, tried=(0,))
    event_of(world, "opening.fallback").update(changes)
    assert verdict(world) == code


def test_pieces_of_a_group_that_was_given_up_may_lie_beside() -> None:
    world = FullWorld(**TWO_OF_THREE)
    bids(world)
    world.close()
    world.open(2, tried=(0,))
    opened = [stmt for stmt in world.items if world.items[stmt].envelope]
    world.pieces.append(world.pieces_note("A", {stmt: world.piece("A", world.items[stmt].envelope) for stmt in opened}))
    assert verdict(world) is None


# ---- pieces as the log knows them


def logged_pieces(world: FullWorld, spoil: Callable[[Json], Any] = lambda _: None) -> None:
    at = next(number for number, (event, _) in enumerate(world.log) if event["type"] == "opening.opened")
    opened = world.log.pop(at)
    for holder, signed in zip(("A", "B"), world.pieces, strict=True):
        told: Json = {"lane": "price", "holder": holder, "note_sha256": hashlib.sha256(signed.encode()).hexdigest()}
        spoil(told)
        world.emit("opening.pieces", from_wire(opened[0]["at"]), **told)
    world.log.append(opened)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda _: None, None),
        (lambda told: told.update(note_sha256="00" * 32), "V15"),
        (lambda told: told.update(holder="C"), "V15"),
    ],
)
def test_pieces_are_those_that_the_log_knows(spoil: Callable[[Json], Any], code: str | None) -> None:
    world = FullWorld(**TWO_OF_THREE)
    bids(world)
    world.close()
    world.open()
    logged_pieces(world, spoil)
    assert verdict(world) == code


# ---- cancellations


def cancelled() -> tuple[FullWorld, str]:
    world = FullWorld()
    stmts = bids(world)
    world.close()
    world.cancel(stmts[0])
    world.open()
    world.award()
    return world, stmts[0]


def test_a_cancelled_bid_stays_in_the_list_and_is_never_opened() -> None:
    world, gone = cancelled()
    assert verdict(world) is None
    files = files_of(world)
    assert gone in files["list.json"].decode()
    assert gone not in files["opening.jsonl"].decode()
    assert f"envelopes/{gone}.json" not in files
    receipt = verify(world.bundle(), keys=world.parts().keys, receipt=world.receipts[gone])
    assert verdict_of(receipt) is None
    assert any("was cancelled" in check.text for check in receipt if check.code == "V24")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda event: event["stmts"][0].update(approvals=["person:1"]), "V08"),
        (lambda event: event["stmts"].append(event["stmts"][0]), "V08"),
        (lambda event: event["stmts"][0].update(stmt="00" * 32), "V08"),
        (lambda event: event.update(stmts=[]), "V08"),
    ],
)
def test_a_cancellation_is_of_a_listed_bid_once_and_by_two(spoil: Callable[[Json], Any], code: str) -> None:
    world, _ = cancelled()
    spoil(event_of(world, "tender.cancellations"))
    assert verdict(world) == code


def test_nothing_is_cancelled_once_the_group_is_fixed() -> None:
    world, _ = cancelled()
    at = next(n for n, (event, _) in enumerate(world.log) if event["type"] == "tender.cancellations")
    world.log[at], world.log[at + 1] = world.log[at + 1], world.log[at]
    assert verdict(world) == "V04"


# ---- outages


def outage(hours: float = 1.5) -> FullWorld:
    world = FullWorld()
    bids(world)
    world.postpone_for_outage(CLOSES - timedelta(hours=1), CLOSES - timedelta(hours=1) + timedelta(hours=hours))
    world.close()
    world.open()
    return world


def test_an_outage_may_move_a_deadline_that_has_passed() -> None:
    world = outage()
    assert verdict(world) is None
    assert len(warnings(world, "V07")) == 1


ENDED = CLOSES + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("outage.declared", {"began": wire(CLOSES + timedelta(seconds=1))}, "V07"),
        ("outage.declared", {"began": wire(ENDED), "ended": wire(ENDED)}, "V07"),
        ("outage.declared", {"outage": "another"}, "V07"),
        ("outage.declared", {"approvals": ["person:1", "person:3"]}, "V07"),
        ("outage.declared", {"announced": wire(CLOSES - timedelta(hours=2))}, "V07"),
        ("tender.deadline_changed", {"new": wire(ENDED + timedelta(hours=2))}, "V07"),
        ("tender.deadline_changed", {"outage": None}, "V07"),
        ("tender.deadline_changed", {"approvals": ["person:1"]}, "V07"),
    ],
)
def test_an_outage_moves_only_what_it_touched_and_by_its_rule(kind: str, changes: Json, code: str) -> None:
    world = outage()
    event_of(world, kind).update(changes)
    if "new" in changes:
        event_of(world, "tender.closed").update(closes_at=changes["new"])
    assert verdict(world) == code


def test_a_disaster_gives_two_days() -> None:
    world = outage(hours=25)
    assert verdict(world) == "V07"  # two hours are not enough then
    new = wire(CLOSES + timedelta(hours=24, minutes=10) + timedelta(hours=48))
    event_of(world, "tender.deadline_changed").update(new=new)
    event_of(world, "tender.closed").update(closes_at=new, closed_at=new)
    assert verdict(world) is None


# ---- documents, passkeys, programs


def test_documents_are_in_by_their_envelope_alone() -> None:
    world = FullWorld(takes_docs=True)
    stmts = bids(world, with_docs=True)
    world.close()
    world.open()
    assert verdict(world) is None
    files = files_of(world)
    for change in ("gone", "edited", "extra"):
        spoiled, path = dict(files), f"envelopes/{stmts[0]}.docs.json"
        if change == "gone":
            del spoiled[path]
        elif change == "edited":
            value = parse(spoiled[path])
            value["files"][1]["ct_len"] += 1
            spoiled[path] = jcs(value)
        else:
            spoiled[f"envelopes/{world.seeds[0]['stmt']}.docs.json"] = spoiled[path]
        assert verdict(world, bundle.pack(spoiled)) == "V14"
    del files["khkeys/A.docs.note"]
    assert verdict(world, bundle.pack(files)) == "V06"


def test_documents_in_a_box_that_takes_none_are_refused() -> None:
    world, other = FullWorld(), FullWorld(takes_docs=True)
    ctx = world.ctx("1000000001", 1)
    world.submit("1000000001", ctx, world.items[world.seeds[0]["stmt"]].envelope, other.documents("1000000001", 1))
    world.close()
    world.emit("tender.failed", world.closes)
    assert verdict(world) == "V09"


@pytest.mark.parametrize("cose_alg", [-7, -8, -257])
def test_a_passkey_signs_bids(cose_alg: int) -> None:
    world = FullWorld()
    world.passkeys = {"1000000001": Authenticator(cose_alg=cose_alg)}
    bids(world, 2)
    world.close()
    world.open()
    assert verdict(world) is None
    event_of(world, "supplier.key_added")["origins"] = ["https://evil.example"]
    assert verdict(world) == "V10"


def test_a_program_that_was_not_announced_is_told() -> None:
    world = FullWorld()
    bids(world)
    world.emit("client.release", CLOSES, sha256="c2" * 32, version="1")
    world.close()
    world.open()
    assert verdict(world) is None
    assert "3 bid(s) were sealed by a program" in warnings(world, "V09")[0]
