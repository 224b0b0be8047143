"""Proposals before prices, in two stages and weighted: from the notice to an award that both verifiers read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from app import files
from app.db import db
from app.tlog.canon import digest, jcs, parse
from bidding import bundle
from bidding.checks import Result
from bidding.models import Bundle, Opening
from bidding.verify import verify
from tests.bidding.conftest import Stage
from tests.bidding.evaluating import TECH, TWO_STAGE, Evaluation, evaluating, work
from tests.bidding.reviewing import award
from tests.bidding.second_verifier import Case, disagreements

Json = dict[str, Any]
Files = dict[str, bytes]
AMOUNTS = (90_000_000, 85_000_000, 95_000_000)
SHARES = {0: 86, 1: 84, 2: 95}  # percent of the technical points; 85 are asked
BEST: Json = {"technical": TECH, "price": {"full": 20, "formula": "lowest-over-bid"}, "ceiling_won": None}
OPEN_TO_ALL: Json = BEST | {"technical": TECH | {"threshold": None}, "ceiling_won": "100000000"}


@dataclass(frozen=True)
class Story:
    """`order`: numbers of the bids as they must be ranked, the winner first; who is missing is never opened."""

    key: str
    method: str
    scoring: Json
    order: tuple[int, ...]
    totals: tuple[int, ...]
    more: Json = field(default_factory=dict)

    @property
    def left_out(self) -> set[int]:
        return set(SHARES) - set(self.order)


# The cheapest does not pass. Of those who do, two stages take the cheaper, and the weighing the better proposal.
STORIES = [
    Story("at-once", "two-stage", TWO_STAGE | {"form": "simultaneous"}, (0, 2), (688_000, 760_000)),
    Story("separate", "two-stage", TWO_STAGE, (0, 2), (688_000, 760_000)),
    Story("weighted", "best-value", BEST, (2, 0), (949_474, 888_000)),
    Story("weighted-open-to-all", "best-value", OPEN_TO_ALL, (2, 0, 1), (938_947, 876_889, 872_000),
          {"draw_mode": "M0"}),
]  # fmt: skip


def awarded(stage: Stage, story: Story) -> Evaluation:
    """The committee scores, two officers fix what it found, those who pass are opened, two officers award."""
    made = evaluating(stage, AMOUNTS, method=story.method, scoring=story.scoring, **story.more)
    assert made.tender.state == "evaluating"
    made.score(SHARES)
    assert all(one.amount_won is None for one in made.bids)
    made.fix(stage)
    work(stage)
    db.session.expire_all()
    assert made.tender.state == "opened"
    award(made.tender, made.agency)
    work(stage)
    db.session.expire_all()
    assert made.tender.state == "awarded"
    return made


def inside_of(made: Evaluation) -> Files:
    found = db.session.get_one(Bundle, (made.tender.id, "award"))
    return {path: data for path, data in bundle.read(files.load(found.sha256)).files.items() if path != "MANIFEST"}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_only_who_passes_is_opened_and_both_verifiers_read_the_award(app: Flask, stage: Stage, story: Story) -> None:
    made = awarded(stage, story)
    assert [made.bids[number].rank for number in story.order] == list(range(1, len(story.order) + 1))
    for number, kept in enumerate(made.bids):
        is_out = number in story.left_out
        assert (kept.state, kept.amount_won) == (("unqualified", None) if is_out else ("opened", AMOUNTS[number]))
        assert (parse(kept.envelope)["wraps"] == {}) is is_out  # nobody can open it any more
    placings = db.session.get_one(Opening, made.tender.id).evaluation["placings"]
    assert [(one["stmt"], one["points"]["total"]) for one in placings] == [
        (made.bids[number].stmt, total) for number, total in zip(story.order, story.totals, strict=True)
    ]
    inside = inside_of(made)
    assert parse(inside["award.json"])["stmt"] == made.bids[story.order[0]].stmt
    sound, spoiled = bundle.pack(inside), [spoil(inside, tamper) for tamper in TAMPERS]
    results = {check.code: check.result for check in verify(sound) if check.result is not Result.WARN}
    assert set(results.values()) == {Result.PASS, Result.SKIP}
    assert {results[code] for code in ("V19", "V20", "V21", "V22", "V23", "V27")} == {Result.PASS}
    for packed, (first, *others) in zip(spoiled, TAMPERS.values(), strict=True):
        found = failing(packed)
        assert found[0] == first
        assert set(found) >= set(others)
    assert disagreements([Case(one) for one in (sound, *spoiled)]) == []


def failing(packed: bytes) -> tuple[str, ...]:
    """The checks that fail, the first of them first."""
    return tuple(check.code for check in verify(packed) if check.result is Result.FAIL)


def spoil(inside: Files, tamper: Callable[[Files], None]) -> bytes:
    changed = dict(inside)
    tamper(changed)
    return bundle.pack(changed)


def reason_otherwise(inside: Files) -> None:
    """One evaluator's points move from a criterion to another: no result changes, and the files agree."""
    technical = parse(inside["technical.json"])
    given = technical["sheets"][-1]["scores"]["E1"]
    given["1"], given["2.1"] = given["1"] + 10_000, given["2.1"] - 10_000
    inside["technical.json"] = jcs(technical)
    fixed = {"technical_sha256": sha256(inside["technical.json"]).hexdigest()}
    inside["evaluation.json"] = jcs(parse(inside["evaluation.json"]) | fixed)
    evaluation = {"evaluation": digest("evaluation", inside["evaluation.json"]).hex()}
    inside["award.json"] = jcs(parse(inside["award.json"]) | evaluation)


def weigh_otherwise(inside: Files) -> None:
    """The first two change places."""
    evaluation = parse(inside["evaluation.json"])
    first, second = evaluation["placings"][:2]
    first["rank"], second["rank"] = 2, 1
    evaluation["placings"][:2] = [second, first]
    inside["evaluation.json"] = jcs(evaluation)


def award_otherwise(inside: Files) -> None:
    """To the second in line."""
    second = parse(inside["evaluation.json"])["placings"][1]
    told = {name: second[name] for name in ("stmt", "supplier", "amount")}
    inside["award.json"] = jcs(parse(inside["award.json"]) | told)


# the check that fails first, and others that must
TAMPERS = {reason_otherwise: ("V21", "V27"), weigh_otherwise: ("V21",), award_otherwise: ("V23",)}
