"""Reviews and the standing in the published bundle: what holds passes, and no tampering with them goes unseen."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest

from bidding import bundle
from bidding.types import DrawRule
from bidding.verify import verdict_of, verify
from tests.bidding.insider import Insider
from tests.bidding.tampering_standing import CLASSES
from tests.bidding.world import World


def opened() -> World:
    world = World(rule=DrawRule(base={"1": 250_000_000}))
    for number, amount in enumerate((225_000_000, 226_000_000, 227_000_000, 228_000_000), start=1):
        world.bid(f"12481009{number:02d}", amount, (number, number + 3))
    world.close()
    world.open()
    return world


def ranked(world: World) -> list[str]:
    assert world.evaluation is not None
    return [placing.stmt for placing in world.evaluation.placings if placing.rank is not None]


def reviewed() -> World:
    """The first is disqualified, the second is awarded and does not sign, the third gets it."""
    world = opened()
    world.review(ranked(world)[0], "disqualification")
    world.award_by_standing()
    world.refuse_to_sign()
    world.award_by_standing()
    return world


def results(data: bytes) -> dict[str, str]:
    return {check.code: str(check.result) for check in verify(data) if check.result != "WARN"}


def test_an_award_after_reviews_is_sound_and_goes_to_the_next_in_line() -> None:
    world = reviewed()
    report = verify(world.bundle())
    assert verdict_of(report) is None
    assert {check.code: str(check.result) for check in report}["V26"] != "SKIP"
    assert world.award_json is not None
    assert world.award_json["stmt"] == ranked(world)[2]
    told = [check.text for check in report if check.code == "V26" and check.result == "WARN"]
    assert [("disqualification" in text, "refusal" in text) for text in told] == [(True, False), (False, True)]


def test_without_reviews_nothing_is_asked_and_nothing_has_changed() -> None:
    world = opened()
    world.award()
    assert {"reviews.json", "standing.json"}.isdisjoint(bundle.read(world.bundle()).files)
    assert results(world.bundle())["V26"] == "SKIP"


def test_a_tender_whose_reviews_left_nobody_is_sound_without_an_award() -> None:
    world = opened()
    for stmt in ranked(world):
        world.review(stmt, "disqualification")
    assert verdict_of(verify(world.bundle())) is None
    assert world.standing().outcome == "exhausted"


def test_an_award_that_was_undone_leaves_none() -> None:
    world = opened()
    world.review(ranked(world)[0], "disqualification")
    world.award_by_standing()
    kept = world.award_json
    world.refuse_to_sign()
    assert verdict_of(verify(world.bundle())) is None
    assert results(world.bundle())["V23"] == "SKIP"
    world.award_json = kept
    assert verdict_of(verify(world.bundle())) == "V23"


@pytest.mark.parametrize("name", CLASSES)
def test_tampering_with_reviews_is_found(name: str) -> None:
    world = reviewed()
    files = {path: data for path, data in bundle.read(world.bundle()).files.items() if path != "MANIFEST"}
    held = {key: world.keys[key] for key in ("log", "agency", "receipt")}
    insider = Insider(deepcopy(files), held, world.names, random.Random(name))
    tamper, code = CLASSES[name]
    tamper(insider)
    assert insider.files != files
    assert verdict_of(verify(bundle.pack(insider.files))) == code
