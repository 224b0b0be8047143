"""Sample bids spread around the edges that decide: the same notice gives the same bids. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bidding.criteria import POINT, WHOLE
from bidding.dry_run import Sample
from bidding.rules.floor import floor_price
from bidding.scoring import BestValueScoring, NegotiationScoring, QuantityScoring, SaleScoring
from bidding.types import NoticeTerms

# How far bids lie from the floor (below it, at it, above it) and from the base amount, in thousandths of a percent of
# the base amount; and where they lie without a floor.
_FROM_FLOOR = (-2_000, -100, 0, 50, 500)
_FROM_BASE = (-5_000, -500, 0, 2_500)
_BELOW = (60_000, 75_000, 85_000, 92_000, 97_000, 99_500, 100_000, 102_500)
_SALE = (97_500, 99_500, 100_000, 100_500, 103_000, 110_000, 125_000)
# Technical points in parts of the full ones, as good proposals are dearer and not always: thousandths of a percent.
_TECHNICAL = (70_000, 84_900, 85_000, 88_000, 86_500, 92_000, 96_000, 94_000)
# What each offers in parts of the wanted quantity, likewise.
_QUANTITY = (20_000, 35_000, 20_000, 30_000, 40_000, 25_000, 50_000, 100_000)


def limit_of(terms: NoticeTerms) -> int | None:
    """The amount that the notice itself gives: its ceiling, its reference price or its least price; None where it has
    none and all goes by the estimated price."""
    scoring = terms.scoring
    if isinstance(scoring, SaleScoring):
        return scoring.minimum_won
    if isinstance(scoring, NegotiationScoring):
        return scoring.ceiling_won or scoring.price.reference_won
    return scoring.ceiling_won if isinstance(scoring, BestValueScoring) else None


def spread(terms: NoticeTerms, base_won: int) -> tuple[Sample, ...]:
    """Bids around floor and estimated price, were that `base_won` (the base amount, a ceiling, a least price).

    ValueError as `floor_price`.
    """
    if terms.floor_rate is not None:
        floor_won = floor_price(base_won, terms.floor_rate, terms.a_value_won)
        low = [floor_won + base_won * part // WHOLE for part in _FROM_FLOOR]
        wons = low + [base_won + base_won * part // WHOLE for part in _FROM_BASE]
    else:
        wons = [base_won * part // WHOLE for part in (_SALE if terms.method == "sale" else _BELOW)]
    samples = _named(wons)
    if terms.technical is not None:
        full = terms.technical.full * POINT
        samples = tuple(
            replace(one, points=full * part // WHOLE) for one, part in zip(samples, _TECHNICAL, strict=False)
        )
    if isinstance(terms.scoring, QuantityScoring):
        wanted = terms.scoring.quantity
        samples = tuple(
            replace(one, quantity=max(wanted * part // WHOLE, 1)) for one, part in zip(samples, _QUANTITY, strict=False)
        )
    return samples


def _named(wons: Iterable[int]) -> tuple[Sample, ...]:
    """Bids by amount, named A, B, C…; an amount once."""
    ordered = sorted({max(won, 1) for won in wons})
    return tuple(Sample(chr(ord("A") + place), won) for place, won in enumerate(ordered))
