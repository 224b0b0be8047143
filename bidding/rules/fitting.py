"""Whether the parts of a notice fit each other: method, floor, scoring and draw. Asked when a box is made, and again
by whoever evaluates it."""

from __future__ import annotations

from bidding.draw_rule import DrawRule
from bidding.notice_terms import FLOORED, UNPRICED, NoticeTerms
from bidding.scoring import BestValueScoring, NegotiationScoring, QualificationScoring, QuantityScoring, SaleScoring

OLDEST = ("quote", "qualification", "lowest")  # what these need of floor and price, their rules ask for themselves


def check_fit(terms: NoticeTerms, rule: DrawRule) -> None:
    """ValueError for a notice that cannot be evaluated as it stands."""
    if rule.mode == "M0" and terms.method not in UNPRICED:
        raise ValueError(f"{terms.method} needs an estimated price")
    if terms.method not in (*FLOORED, *OLDEST) and terms.floor_rate is not None:
        raise ValueError(f"{terms.method} knows no floor")
    wanted = terms.scoring.quantity if isinstance(terms.scoring, QuantityScoring) else None
    if rule.quantity != wanted:
        raise ValueError("the box asks for another quantity than the notice")
    _check_scoring(terms, rule)


def _check_scoring(terms: NoticeTerms, rule: DrawRule) -> None:
    scoring, is_unpriced = terms.scoring, rule.mode == "M0"
    if isinstance(scoring, SaleScoring) and is_unpriced != (scoring.minimum_won is not None):
        raise ValueError("a sale has one estimated price, drawn or published")
    if isinstance(scoring, QualificationScoring) and scoring.net_cost is not None and terms.lot not in rule.base:
        raise ValueError("the net cost is a part of the base amount, and there is none")
    if not is_unpriced:
        return
    if isinstance(scoring, NegotiationScoring) and scoring.price.reference != "given":
        raise ValueError("the price formula refers to an estimated price that is not made")
    if isinstance(scoring, BestValueScoring) and scoring.price.formula != "lowest-over-bid" and not scoring.ceiling_won:
        raise ValueError("this formula needs a ceiling")
