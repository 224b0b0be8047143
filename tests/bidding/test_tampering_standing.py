"""Reviews and the standing in the published bundle: what holds passes, and no tampering with them goes unseen."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta

import pytest

from app.tlog.canon import digest, jcs
from bidding import bundle
from bidding.types import DrawRule
from bidding.verify import verdict_of, verify
from tests.bidding.insider import Insider, Json
from tests.bidding.second_verifier import assert_agreed
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


def shared() -> World:
    """700 tonnes from several; the second does not sign, and what it leaves goes down the ranking."""
    rule = DrawRule(base={"1": 250_000}, quantity=700)
    world = World(rule=rule, method="desired-quantity", floor_rate=None, scoring={"quantity": 700, "unit": "톤"})
    for number, quantity in enumerate((300, 200, 400, 600), start=1):
        world.bid(f"12481009{number:02d}", 225_000 + number * 1_000, (number, number + 3), quantity=quantity)
    world.close()
    world.open()
    world.award_by_standing()
    world.review(ranked(world)[1], "refusal", reason="contract-refused", legal_basis="국가계약법 시행령 제38조")
    world.emit("award.refused", world.closes + timedelta(hours=5), stmt=ranked(world)[1])
    world.award_by_standing()
    return world


def test_what_one_of_several_leaves_goes_down_the_ranking_and_the_others_keep_theirs() -> None:
    world = shared()
    assert verdict_of(verify(world.bundle())) is None
    assert_agreed(world.bundle())
    first, _, third, fourth = ranked(world)
    assert [(one.stmt, one.quantity) for one in world.standing().winners] == [(first, 300), (third, 400)]
    assert fourth not in {one.stmt for one in world.standing().winners}


def less_for_the_next(standing: Json) -> None:
    """As before the refusal: what was left is bought from nobody."""
    standing["winners"][1]["quantity"] = 200


def nothing_for_the_first(standing: Json) -> None:
    """As if one refusal undid all."""
    standing["winners"] = standing["winners"][1:]


@pytest.mark.parametrize("change", [less_for_the_next, nothing_for_the_first])
def test_another_share_after_a_refusal_is_found_by_both(change: Callable[[Json], None]) -> None:
    world = shared()
    files = {path: data for path, data in bundle.read(world.bundle()).files.items() if path != "MANIFEST"}
    held = {key: world.keys[key] for key in ("log", "agency", "receipt")}
    insider = Insider(deepcopy(files), held, world.names, random.Random(0))
    standing = insider.json("standing.json")
    change(standing)
    insider.put("standing.json", standing)
    first = {name: standing["winners"][0][name] for name in ("stmt", "supplier", "amount")}
    named = first | {"standing": digest("standing", jcs(standing)).hex()}
    insider.put("award.json", insider.json("award.json") | named | {"winners": standing["winners"]})
    insider.events("award.confirmed")[-1].update(named)
    insider.relog()
    spoiled = bundle.pack(insider.files)
    assert verdict_of(verify(spoiled)) == "V26"
    assert_agreed(spoiled)
