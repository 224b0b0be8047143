"""A reverse auction in the published bundle: what holds passes, and no tampering with it goes unseen."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest

from bidding import bundle
from bidding.verify import verdict_of, verify
from tests.bidding.insider import Insider
from tests.bidding.second_verifier import assert_agreed
from tests.bidding.tampering_auction import CLASSES, auctioned
from tests.bidding.world import World


def test_an_honest_auction_passes_and_says_who_was_first() -> None:
    world, value = auctioned()
    report = verify(world.bundle(auction=value))
    assert_agreed(world.bundle(auction=value))
    assert verdict_of(report) is None
    (found,) = (check for check in report if check.code == "V28")
    assert (str(found.result), "4 bid(s) of 3" in found.text, "218000000" in found.text) == ("PASS", True, True)
    assert value["ranking"][0]["stmt"] == world.evaluation.placings[2].stmt  # type: ignore[union-attr]


def test_without_an_auction_there_is_none_to_check() -> None:
    world = World()
    for number, won in enumerate((225_000_000, 226_000_000), start=1):
        world.bid(f"12481009{number:02d}", won, (number, number + 3))
    world.close()
    world.open()
    results = {check.code: str(check.result) for check in verify(world.bundle())}
    assert results["V28"] == "SKIP"
    _, value = auctioned()
    assert verdict_of(verify(world.bundle(auction=value))) == "V28"
    assert_agreed(world.bundle(auction=value))


@pytest.mark.parametrize("name", CLASSES)
def test_tampering_with_an_auction_is_found(name: str) -> None:
    world, value = auctioned()
    kept = bundle.read(world.bundle(auction=value)).files
    files = {path: data for path, data in kept.items() if path != "MANIFEST"}
    held = {key: world.keys[key] for key in ("log", "agency", "receipt")}
    insider = Insider(deepcopy(files), held, world.names, random.Random(name))
    CLASSES[name](insider)
    assert insider.files != files
    spoiled = bundle.pack(insider.files)
    assert verdict_of(verify(spoiled)) == "V28"
    assert_agreed(spoiled)
