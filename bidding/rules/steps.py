"""Lines of arithmetic that several rules show. Digits, signs and codes only: they read alike in every language."""

from __future__ import annotations

from typing import TypeVar

from bidding.criteria import POINT
from bidding.rounding import bid_rate, show_rate
from bidding.types import Step, Terms

Kind = TypeVar("Kind")


def scoring_of(terms: Terms, kind: type[Kind]) -> Kind:
    """The scoring that the method asks for. ValueError where the notice has none, or that of another."""
    if isinstance(terms.scoring, kind):
        return terms.scoring
    raise ValueError(f"this method needs its scoring ({kind.__name__})")


def estimated_price(terms: Terms) -> int:
    """The estimated price in won. ValueError where none was made (mode M0) or it is not positive."""
    if terms.estimated_price_won is None or terms.estimated_price_won <= 0:
        raise ValueError("the estimated price must be positive")
    return terms.estimated_price_won


def rate_step(amount_won: int, price_won: int) -> Step:
    """투찰율: the bid against the estimated price, in percent, cut to three decimals."""
    return Step("bid-rate", f"{amount_won} / {price_won}", f"{show_rate(bid_rate(amount_won, price_won))}%")


def at_most(label: str, amount_won: int, limit_won: int) -> Step:
    sign = "<=" if amount_won <= limit_won else ">"
    return Step(label, f"{amount_won} {sign} {limit_won}", sign)


def at_least(label: str, amount_won: int, limit_won: int) -> Step:
    sign = ">=" if amount_won >= limit_won else "<"
    return Step(label, f"{amount_won} {sign} {limit_won}", sign)


def show_points(points: int) -> str:
    """Ten-thousandths as people write points: 649600 is `64.9600`."""
    return f"{points // POINT}.{points % POINT:04d}"


def show_hundredths(hundredths: int) -> str:
    """Hundredths of a won, without noughts at the end: 8800000080 is `88000000.8`."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
