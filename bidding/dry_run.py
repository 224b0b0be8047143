"""The dry run (모의 개찰): what the notice's own rule makes of sample bids, before the notice stands.

Pure, and nothing is kept. The very function that will evaluate the real bids evaluates these, with a seed that is
made from a small number, shown, and thrown away: another number is another draw. What wins here says nothing of the
estimated price that the real draw will make.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bidding.draw import SEED, Seeds, Xof, make_rates, price_at
from bidding.evaluation import evaluate
from bidding.rules.floor import floor_price
from bidding.types import WHOLE, DrawRule, Evaluation, NoticeTerms, OpenedBid, Placing

MOST_SAMPLES = 50
MOST_DRAW = 9_999
OTHER_DRAWS = 20
BOX_ID, BOX_ROOT = (hashlib.sha256(f"naru dry run {part}".encode()).digest() for part in ("box", "root"))


@dataclass(frozen=True, slots=True)
class Sample:
    """A bid that nobody made. `name` is unique among the samples."""

    name: str
    amount_won: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """What came of it. `seed` is the throw-away seed, hex; `wins`: how often each sample won under `OTHER_DRAWS` more
    draws (absent: never)."""

    evaluation: Evaluation
    seed: str
    wins: Counter[str]


def run(terms: NoticeTerms, rule: DrawRule, samples: Sequence[Sample], draw_number: int) -> DryRun:
    """Evaluate `samples` as real bids will be. ValueError: samples with the same name, or none."""
    if not samples or len({one.name for one in samples}) != len(samples):
        raise ValueError("samples have names of their own, and there is one at least")
    evaluation = _evaluate(terms, rule, samples, draw_number)
    others = (_evaluate(terms, rule, samples, MOST_DRAW + number) for number in range(1, OTHER_DRAWS + 1))
    wins = Counter(other.winner.supplier for other in others if other.winner is not None)
    return DryRun(evaluation, _seed(draw_number, "agency").hex(), wins)


def _evaluate(terms: NoticeTerms, rule: DrawRule, samples: Sequence[Sample], draw_number: int) -> Evaluation:
    found = [
        OpenedBid(
            stmt=statement_of(one.name),
            supplier=one.name,
            amount_won=one.amount_won,
            picks=_picks(rule, one.name, draw_number),
            nonce=_seed(draw_number, f"nonce {one.name}"),
        )
        for one in samples
    ]
    return evaluate(
        terms, rule, box_id=BOX_ID.hex(), box_root=BOX_ROOT.hex(), seeds=_seeds(terms, rule, draw_number), found=found
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


# How far sample bids lie from the floor (below it, at it, above it) and from the base amount, in thousandths of a
# percent of the base amount.
_FROM_FLOOR = (-2_000, -100, 0, 50, 500)
_FROM_BASE = (-5_000, -500, 0, 2_500)
_WITHOUT_FLOOR = (60_000, 75_000, 85_000, 92_000, 97_000, 99_500, 100_000, 102_500)


def spread(base_won: int, floor_rate: int | None, a_value_won: int = 0) -> tuple[Sample, ...]:
    """Sample bids around the edges that decide: the floor and the estimated price, were that the base amount.

    The same figures give the same bids. ValueError as `floor_price`.
    """
    if floor_rate is None:
        return _named(base_won * rate // WHOLE for rate in _WITHOUT_FLOOR)
    floor_won = floor_price(base_won, floor_rate, a_value_won)
    low = (floor_won + base_won * part // WHOLE for part in _FROM_FLOOR)
    high = (base_won + base_won * part // WHOLE for part in _FROM_BASE)
    return _named(won for wons in (low, high) for won in wons)


def _named(wons: Iterator[int]) -> tuple[Sample, ...]:
    """Bids by amount, named A, B, C…; an amount once."""
    ordered = sorted({max(won, 1) for won in wons})
    return tuple(Sample(chr(ord("A") + place), won) for place, won in enumerate(ordered))


def nearest_above(placings: Sequence[Placing], floor_won: int) -> Placing | None:
    """The cheapest ranked bid, where it lies above the floor: whoever bids between the two beats it."""
    first = next((one for one in placings if one.rank == 1), None)
    return first if first is not None and first.amount_won is not None and first.amount_won > floor_won else None
