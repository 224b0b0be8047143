"""One worked example for each method of award: figures chosen to be followed by hand, worked out by the engine itself.

Pure. The page that explains a method shows what `bidding.evaluation.evaluate` makes of these, trace and all, so that
an explanation can never say anything else than what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from bidding.criteria import POINT, Criterion, Tech
from bidding.dry_run import DryRun, Sample, run
from bidding.notice_terms import METHODS
from bidding.price_scoring import BestValuePrice, PriceFormula
from bidding.rules.qualification import TABLES
from bidding.scoring import (
    AuctionScoring,
    BestValueScoring,
    NegotiationScoring,
    QualificationScoring,
    QuantityScoring,
    SaleScoring,
    TwoStageScoring,
)
from bidding.types import DrawRule, NoticeTerms

VERSION = "example"
BASE = 100_000_000
DRAWN = DrawRule(base={"1": BASE}, mode="M1")
# "Understanding", "method", "people", "quality": names are the officer's own words, here in Korean.
TECHNICAL_80 = Tech(
    criteria=(
        Criterion("1", "수행 계획", 50, None),
        Criterion("1.1", "이해도", 20, "1"),
        Criterion("1.2", "방법", 30, "1"),
        Criterion("2", "수행 인력", 30, None),
    ),
    full=80,
    threshold=85_000,
    drop="none",
    rank_gap=None,
    least_evaluators=1,
    is_blind=False,
)
TECHNICAL_60 = Tech((Criterion("1", "품질", 60, None),), 60, None, "none", None, 1, False)


@dataclass(frozen=True, slots=True)
class Example:
    """`terms`, `rule` and `samples` as `bidding.dry_run.run` takes them; `draw` numbers the throw-away draw."""

    terms: NoticeTerms
    rule: DrawRule
    samples: tuple[Sample, ...]
    draw: int = 1

    def worked(self) -> DryRun:
        return run(self.terms, self.rule, self.samples, self.draw)


def _prices(*wons: int) -> tuple[Sample, ...]:
    return tuple(Sample(chr(ord("A") + place), won) for place, won in enumerate(wons))


def _proposals(*pairs: tuple[int, int]) -> tuple[Sample, ...]:
    """(won, technical points in ten-thousandths)."""
    return tuple(Sample(chr(ord("A") + place), won, points) for place, (won, points) in enumerate(pairs))


def _quote() -> Example:
    terms = NoticeTerms("example", "quote", 88_000, VERSION)
    return Example(terms, DRAWN, _prices(86_500_000, 89_000_000, 91_500_000, 99_000_000, 104_000_000))


def _qualification() -> Example:
    scoring = QualificationScoring(TABLES["works-3"])
    terms = NoticeTerms(
        "example", "qualification", 89_745, VERSION, a_value_won=5_000_000, kind="works", scoring=scoring
    )
    return Example(terms, DRAWN, _prices(88_000_000, 91_200_000, 93_000_000, 97_000_000))


def _lowest() -> Example:
    return Example(NoticeTerms("example", "lowest", None, VERSION), DRAWN, _prices(71_000_000, 93_500_000, 104_000_000))


def _negotiation() -> Example:
    price = PriceFormula(full=20, reference="given", reference_won=110_000_000)
    scoring = NegotiationScoring(TECHNICAL_80, price, ceiling_won=110_000_000)
    bids = ((104_000_000, 75 * POINT), (96_000_000, 72 * POINT), (84_000_000, 70 * POINT), (80_000_000, 60 * POINT))
    return Example(
        NoticeTerms("example", "negotiation", None, VERSION, scoring=scoring), DrawRule.none(), _proposals(*bids)
    )


def _two_stage() -> Example:
    scoring = TwoStageScoring(TECHNICAL_80)
    bids = ((95_000_000, 75 * POINT), (91_000_000, 69 * POINT), (86_000_000, 64 * POINT))
    return Example(NoticeTerms("example", "two-stage", None, VERSION, scoring=scoring), DRAWN, _proposals(*bids))


def _quantity() -> Example:
    scoring = QuantityScoring(1000, "대")
    rule = DrawRule(base={"1": 1_000_000}, mode="M1", quantity=1000)
    samples = (
        Sample("A", 930_000, quantity=400),
        Sample("B", 950_000, quantity=500),
        Sample("C", 960_000, quantity=300),
        Sample("D", 970_000, quantity=200),
        Sample("E", 1_050_000, quantity=100),
    )
    return Example(NoticeTerms("example", "desired-quantity", None, VERSION, scoring=scoring), rule, samples)


def _sale() -> Example:
    terms = NoticeTerms("example", "sale", None, VERSION, scoring=SaleScoring(50_000_000))
    return Example(terms, DrawRule.none(), _prices(48_000_000, 50_000_000, 61_500_000))


def _best_value() -> Example:
    scoring = BestValueScoring(TECHNICAL_60, BestValuePrice(40, "lowest-over-bid"), ceiling_won=110_000_000)
    bids = ((106_000_000, 57 * POINT), (94_000_000, 52 * POINT), (88_000_000, 45 * POINT), (112_000_000, 58 * POINT))
    return Example(
        NoticeTerms("example", "best-value", None, VERSION, scoring=scoring), DrawRule.none(), _proposals(*bids)
    )


def _auction() -> Example:
    scoring = AuctionScoring(3, 600, 500, 120, 60)
    terms = NoticeTerms("example", "reverse-auction", None, VERSION, scoring=scoring)
    return Example(terms, DrawRule.none(), _prices(95_000_000, 97_500_000, 99_000_000))


_MAKERS: Mapping[str, Callable[[], Example]] = {
    "quote": _quote,
    "qualification": _qualification,
    "lowest": _lowest,
    "negotiation": _negotiation,
    "two-stage": _two_stage,
    "desired-quantity": _quantity,
    "sale": _sale,
    "best-value": _best_value,
    "reverse-auction": _auction,
}
assert set(_MAKERS) == set(METHODS)


@cache
def example_of(method: str) -> Example:
    """KeyError for an unknown method."""
    return _MAKERS[method]()
