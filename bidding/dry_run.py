"""The dry run (모의 개찰): what the notice's own rule makes of sample bids, before the notice stands.

Pure, and nothing is kept. The very function that will evaluate the real bids evaluates these, with a seed that is
made from a small number, shown, and thrown away: another number is another draw. What wins here says nothing of the
estimated price that the real draw will make.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.tlog.canon import jcs
from bidding.criteria import Tech
from bidding.draw import SEED, Seeds, Xof, make_rates, price_at
from bidding.evaluation import evaluate
from bidding.rules.technical import Sheet, score_technical
from bidding.scoring import NegotiationScoring
from bidding.types import (
    DrawRule,
    Evaluation,
    NoticeTerms,
    OpenedBid,
    Placing,
    Reason,
    Technical,
)

MOST_SAMPLES = 50
MOST_DRAW = 9_999
OTHER_DRAWS = 20
BOX_ID, BOX_ROOT = (hashlib.sha256(f"naru dry run {part}".encode()).digest() for part in ("box", "root"))


@dataclass(frozen=True, slots=True)
class Sample:
    """A bid that nobody made. `name` is unique among the samples; `points` the technical points (ten-thousandths) and
    `quantity` how many are offered, where the method has them."""

    name: str
    amount_won: int
    points: int | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What came of it. `seed` is the throw-away seed, hex; `unopened`: proposals that did not qualify, whose prices
    are never opened; `wins`: how often each sample came first under `OTHER_DRAWS` more draws (absent: never)."""

    evaluation: Evaluation
    seed: str
    unopened: tuple[Placing, ...]
    wins: Counter[str]

    @property
    def placings(self) -> tuple[Placing, ...]:
        return (*self.evaluation.placings, *self.unopened)


def run(terms: NoticeTerms, rule: DrawRule, samples: Sequence[Sample], draw_number: int) -> DryRun:
    """Evaluate `samples` as real bids will be. ValueError: samples with the same name, or none, or without the points
    or quantities that the method asks for, or terms that do not fit."""
    if not samples or len({one.name for one in samples}) != len(samples):
        raise ValueError("samples have names of their own, and there is one at least")
    technical = _technical(terms, samples)
    opened = _opened(terms, samples, technical)
    evaluation = _evaluate(terms, rule, opened, technical, draw_number)
    numbers = range(MOST_DRAW + 1, MOST_DRAW + 1 + OTHER_DRAWS)
    others = (_evaluate(terms, rule, opened, technical, number) for number in numbers)
    wins = Counter(other.winner.supplier for other in others if other.winner is not None)
    unopened = tuple(_unopened(one, technical) for one in samples if one not in opened)
    return DryRun(evaluation, _seed(draw_number, "agency").hex(), unopened, wins)


def _technical(terms: NoticeTerms, samples: Sequence[Sample]) -> Technical | None:
    """The technical results by the engine's own function, each sample's points as the total of one evaluator."""
    scoring = terms.technical
    if scoring is None:
        return None
    if any(one.points is None for one in samples):
        raise ValueError("this method needs technical points")
    sheets = [Sheet(statement_of(one.name), {"E1": {"1": one.points or 0}}) for one in samples]
    results = {one.stmt: one for one in score_technical(_totals_only(scoring), sheets)}
    sha256 = hashlib.sha256(jcs([one.to_json() for one in results.values()])).hexdigest()
    return Technical(sha256, results)


def _totals_only(scoring: Tech) -> dict[str, Any]:
    """The same scoring with a single criterion and evaluator: whoever tries gives totals, not sheets."""
    whole = {"code": "1", "name": "total", "full": scoring.full, "parent": None}
    return scoring.to_json() | {"criteria": [whole], "drop": "none", "least_evaluators": 1}


def _opened(terms: NoticeTerms, samples: Sequence[Sample], technical: Technical | None) -> list[Sample]:
    """Whose prices are opened: all, or those that qualify."""
    scoring = terms.scoring
    if technical is None or (isinstance(scoring, NegotiationScoring) and scoring.price.lowest_over == "valid"):
        return list(samples)
    return [one for one in samples if technical.results[statement_of(one.name)].is_qualified]


def _unopened(sample: Sample, technical: Technical | None) -> Placing:
    assert technical is not None
    stmt = statement_of(sample.name)
    result = technical.results[stmt]
    return Placing(stmt, sample.name, None, Reason.NOT_QUALIFIED, arithmetic=result.arithmetic)


def _evaluate(
    terms: NoticeTerms, rule: DrawRule, samples: Sequence[Sample], technical: Technical | None, draw_number: int
) -> Evaluation:
    found = [
        OpenedBid(
            stmt=statement_of(one.name),
            supplier=one.name,
            amount_won=one.amount_won,
            picks=_picks(rule, one.name, draw_number),
            nonce=_seed(draw_number, f"nonce {one.name}"),
            quantity=one.quantity,
        )
        for one in samples
    ]
    return evaluate(
        terms,
        rule,
        box_id=BOX_ID.hex(),
        box_root=BOX_ROOT.hex(),
        seeds=_seeds(terms, rule, draw_number),
        found=found,
        technical=technical,
    )


def statement_of(name: str) -> str:
    """What stands for the statement of a sample bid."""
    return hashlib.sha256(b"naru dry run statement\0" + name.encode()).hexdigest()


def _seeds(terms: NoticeTerms, rule: DrawRule, draw_number: int) -> Seeds:
    agency = _seed(draw_number, "agency")
    if rule.mode == "M3":
        return Seeds(agency, given_won=_given(terms.lot, rule, draw_number))
    return Seeds(agency, contributions=(_seed(draw_number, "keyholder"),))


def _given(lot: str, rule: DrawRule, draw_number: int) -> tuple[int, ...]:
    """Stand-ins for prices that an officer has not given yet: one in each part of the range."""
    spread = replace(rule, mode="M1", kind="segments", order="drawn")
    rates = make_rates(_seed(draw_number, "given"), lot, spread)
    return tuple(price_at(rule.base[lot], rate) for rate in rates)


def _picks(rule: DrawRule, name: str, draw_number: int) -> tuple[int, ...]:
    mixed = Xof(_seed(draw_number, f"picks {name}"), "picks").shuffle(range(1, rule.n + 1))
    return tuple(mixed[: rule.pick])


def _seed(draw_number: int, part: str) -> bytes:
    seed = hashlib.sha256(f"naru dry run {draw_number} {part}".encode()).digest()
    assert len(seed) == SEED
    return seed
