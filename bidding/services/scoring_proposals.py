"""What the rule data propose for the terms of a method; the officer's own figures win over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.time import kst_date
from bidding.models import Tender
from bidding.rounding import show_rate
from bidding.rules.data import (
    Certainty,
    Gap,
    find_figure,
    find_gap,
    find_negotiation_formula,
    find_or_national,
    find_score_table,
    negotiation_variants,
    score_categories,
)
from bidding.services import rulebook

_COMMITTEE = {"drop": "extremes", "least_evaluators": 7}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`values` by the names of the form; `basis` and `certainty` of the row that they are from (empty: our own).

    `choices`: other rows that may be asked for, under the name `choice`. `gap`: why there is none.
    """

    values: Mapping[str, Any]
    basis: str = ""
    certainty: Certainty | None = None
    choice: str = ""
    choices: tuple[str, ...] = ()
    chosen: str = ""
    gap: Gap | None = None


def propose(tender: Tender, chosen: str, now: datetime) -> Proposal:
    """For the tender's method; `chosen` is a category of tables or a variant of the formula, of several."""
    if tender.method == "qualification":
        return _table(tender, chosen, now)
    base = "" if tender.base_amount_won is None else tender.base_amount_won
    if tender.method == "negotiation":
        return _formula(tender, chosen, now, base)
    own: dict[str, dict[str, Any]] = {
        "two-stage": _committee(tender, now),
        "best-value": _COMMITTEE | {"ceiling_won": base, "threshold": ""},
        "sale": {"minimum_won": base if tender.draw_mode == "M0" else ""},
        "reverse-auction": {
            "rounds": 3, "round_seconds": 600, "step_rate": "0.500", "extend_seconds": 120, "last_seconds": 60,
        },
    }  # fmt: skip
    return Proposal(own.get(tender.method, {}))


def _committee(tender: Tender, now: datetime) -> dict[str, Any]:
    """How proposals are scored; the threshold where the regime goes by a part of the technical points."""
    on, book = kst_date(now), rulebook.book_for(tender)
    usual = find_figure(tender.regime, "technical-threshold-rate", on, book=book)
    return _COMMITTEE | {"threshold": show_rate(usual.value) if usual is not None else ""}


def _table(tender: Tender, category: str, now: datetime) -> Proposal:
    book, on, won = rulebook.book_for(tender), kst_date(now), tender.estimated_value_won or 0
    choices = ("", *score_categories(tender.regime, tender.kind, book=book))
    category = category if category in choices else ""
    row = find_score_table(tender.regime, tender.kind, won, on, category, book=book) if won else None
    net_cost_rate = show_rate(find_or_national(tender.regime, "net-cost-rate", on, book=book).value)
    if row is None:
        key = {"regime": tender.regime, "kind": tender.kind, "category": category}
        gap = find_gap("score_tables", key, on, won, book=book)
        return Proposal({"net_cost_rate": net_cost_rate}, choice="category", choices=choices, chosen=category, gap=gap)
    values = row.to_scoring() | {"with_table": True, "net_cost_rate": net_cost_rate}
    values["plateau"] = "" if row.plateau is None else show_rate(row.plateau)
    return Proposal(values, row.legal_basis, row.certainty, "category", choices, category)


def _formula(tender: Tender, variant: str, now: datetime, base: int | str) -> Proposal:
    book, on = rulebook.book_for(tender), kst_date(now)
    choices = negotiation_variants(tender.regime, on, book=book)
    variant = variant if variant in choices else "standard"
    row = find_negotiation_formula(tender.regime, on, variant=variant, book=book)
    values: dict[str, Any] = _committee(tender, now) | {
        "ceiling_won": base,
        "reference_won": base,
        "mark": 80,
        "low": 60,
        "extra": "2",
    }
    if row is None:
        return Proposal(values)
    values |= {name: value for name, value in row.to_scoring().items() if name not in ("full", "reference_won")}
    if tender.draw_mode == "M0":
        values["reference"] = "given"
    # Whose price is opened is a choice of this system: only the qualified, unless the notice says otherwise.
    values["lowest_over"] = "qualified"
    return Proposal(values, row.legal_basis, row.certainty, "variant", choices, variant)
