"""Who could have opened a tender, and what becomes of it when keys are lost or nobody looks on."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog import note
from app.tlog.canon import b64u, jcs
from bidding import pins
from bidding.sealing import box_id
from bidding.verify import verdict_of, verify
from tests.bidding.full_world import APPROVALS, FullWorld
from tests.bidding.stories import TWO_OF_THREE, bids, event_of, verdict, warnings
from tests.bidding.world import Json

# ---- who holds the keys


@pytest.mark.parametrize(
    ("settings", "is_single"),
    [
        ({}, True),
        (TWO_OF_THREE, True),
        ({**TWO_OF_THREE, "operators": (("A", "조달청"), ("B", "감사원"), ("C", "협회"))}, False),
        ({**TWO_OF_THREE, "operators": (("A", "조달청"), ("B", "조달청"), ("C", "협회"))}, True),
        ({**TWO_OF_THREE, "operators": (("A", "조달청"),)}, True),
    ],
)
def test_who_could_open_alone_is_said(settings: Json, is_single: bool) -> None:
    world = FullWorld(**settings)
    world.close()
    world.emit("tender.failed", world.closes)
    assert any("single-operator" in text for text in warnings(world, "V06")) == is_single


def test_the_log_names_the_keyholders_own_keys() -> None:
    world = FullWorld(names_holders=True)
    world.close()
    world.emit("tender.failed", world.closes)
    assert verdict(world) is None
    event_of(world, "tender.published")["holders"] = {"A": world.vkey("agency")}
    assert verdict(world) == "V06"


# ---- lost keys


def recovered(without: int = 0) -> FullWorld:
    world = FullWorld(**TWO_OF_THREE)
    stmts = bids(world, 4)
    world.close()
    world.recover(stmts[:without])
    return world


def test_lost_keys_are_made_good_by_the_bidders_and_who_gives_none_is_out() -> None:
    world = recovered(without=1)
    assert verdict(world) is None
    assert [line.to_json().get("reason") for line in world.lines].count("not-recovered") == 1
    assert warnings(world, "V15")


@pytest.mark.parametrize("change", ["another key", "another file", "no word of it", "pieces beside", "a key too many"])
def test_a_recovery_is_the_one_that_the_log_knows(change: str) -> None:
    world = recovered()
    assert world.recovery is not None
    if change == "another key":
        world.recovery["ceks"][world.entries[0].stmt] = b64u(bytes(32))
        event_of(world, "opening.recovered")["recovery_sha256"] = hashlib.sha256(jcs(world.recovery)).hexdigest()
        assert verdict(world) == "V17"
        return
    if change == "another file":
        world.recovery["ceks"][world.entries[0].stmt] = b64u(bytes(32))
    if change == "no word of it":
        world.log = [(event, salt) for event, salt in world.log if event["type"] != "opening.recovered"]
    if change == "pieces beside":
        world.pieces.append(world.pieces_note("A", {}))
    if change == "a key too many":
        world.recovery["ceks"]["ab" * 32] = b64u(bytes(32))
    assert verdict(world) == "V15"


def test_a_release_without_the_quorum_is_told_and_needs_two() -> None:
    world = FullWorld()
    bids(world)
    world.close()
    world.emit("opening.override", world.closes + timedelta(minutes=20), reason="witnesses down", approvals=APPROVALS)
    world.open()
    assert verdict(world) is None
    assert "opening.override" in warnings(world, "V04")[0]
    event_of(world, "opening.override")["approvals"] = ["person:1"]
    assert verdict(world) == "V04"


def test_an_entry_of_the_tender_is_not_hidden() -> None:
    world = FullWorld()
    bids(world)
    world.close()
    world.open()
    at = next(n for n, (event, _) in enumerate(world.log) if event["type"] == "opening.group")
    world.log[at] = (world.log[at][0], bytes(32))
    assert verdict(world) == "V03"


def test_a_swapped_key_of_the_box_is_seen_whoever_signs_it() -> None:
    """P3: the operator puts its own key in a holder's place, and signs box and key anew with what it has."""
    world = FullWorld(**TWO_OF_THREE, names_holders=True)
    own = X25519PrivateKey.generate()
    pub = b64u(own.public_key().public_bytes_raw())
    world.box["lanes"]["price"]["holders"][0]["pub"] = pub
    event_of(world, "tender.published")["box"] = box_id(world.box)
    world.box_id = box_id(world.box)
    for signer in ("A", "agency"):
        key = note.open_object(world.khkeys["A"], "khkey", [world.vkey("A")])
        notes = {**world.khkeys}
        if signer == "agency":
            notes["A"] = world.sign("khkey", {**key, "pub": pub}, "agency")
        world.close()
        world.emit("tender.failed", world.closes)
        report = verify(world.bundle(khkeys=notes), pinned=pins.parse(world.pin_file()))
        assert verdict_of(report) == "V06"
        del world.log[-2:]
