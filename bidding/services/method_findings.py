"""Conflicts between a method and the rest of a draft: its terms, its documents, its amounts, the tables of the law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from app.time import kst_date
from bidding.calendar import Finding
from bidding.criteria import Tech
from bidding.models import Tender
from bidding.notice_terms import UNPRICED
from bidding.rules.data import (
    Book,
    Figure,
    find_figure,
    find_method,
    find_or_national,
    find_score_table,
    find_threshold,
    score_categories,
)
from bidding.rules.technical import LEAST_TO_DROP
from bidding.scoring import (
    BestValueScoring,
    NegotiationScoring,
    QualificationScoring,
    SaleScoring,
    Scoring,
    read_scoring,
)

SCORING_FIELDS = (
    "scoring",
    "criteria",
    "threshold",
    "drop",
    "least_evaluators",
    "reference",
    "ceiling_won",
    "minimum_won",
    "with_table",
    "net_cost_won",
)
NEGOTIATION = {"national": "국가계약법 시행령 제43조", "local": "지방계약법 시행령 제43조"}
FEW_EVALUATORS = 3
NET_COST = "국가계약법 제10조제3항"


def method_findings(tender: Tender, now: datetime, book: Book) -> list[Finding]:
    """What is missing or does not fit; errors bar the submission."""
    row = find_method(tender.regime, tender.method, kst_date(now), book=book)
    basis = row.legal_basis if row is not None else "docs/rules.md"
    found = [Finding("method-without-provision", "warning", "method", basis)] if row is None or row.is_own else []
    if tender.draw_mode == "M0" and tender.method not in UNPRICED:
        found.append(Finding("needs-reserve-prices", "error", "draw_mode", basis))
    try:
        scoring = read_scoring(tender.method, tender.scoring)
    except ValueError:
        return [*found, Finding("terms-missing", "error", "scoring", basis)]
    if scoring is not None and scoring.technical is not None:
        usual = find_figure(tender.regime, "technical-threshold-rate", kst_date(now), book=book)
        found += _technical(tender, scoring.technical, basis, usual)
    if isinstance(scoring, NegotiationScoring | BestValueScoring):
        found += _prices(tender, scoring, basis)
    elif isinstance(scoring, SaleScoring):
        found += _sale(tender, scoring, basis)
    elif tender.method == "qualification":
        found += _review(tender, scoring, now, book)
    return found


def _technical(tender: Tender, technical: Tech, basis: str, usual: Figure | None) -> Iterator[Finding]:
    if not any(one["required"] for one in tender.asked_documents):
        yield Finding("proposal-not-asked", "error", "asked_documents", basis)
    if technical.threshold is None:
        yield Finding("no-threshold", "warning", "threshold", NEGOTIATION[tender.regime])
    elif usual is not None and technical.threshold != usual.value:
        yield Finding("threshold-unusual", "warning", "threshold", usual.legal_basis, {"rate": usual.value})
    if technical.least_evaluators < FEW_EVALUATORS and not tender.is_practice:
        facts = {"least": FEW_EVALUATORS}
        yield Finding("few-evaluators", "warning", "least_evaluators", NEGOTIATION[tender.regime], facts)
    if technical.drop == "extremes" and technical.least_evaluators < LEAST_TO_DROP:
        yield Finding("drop-needs-more", "warning", "drop", "docs/protocol.md", {"least": LEAST_TO_DROP})


def _prices(tender: Tender, scoring: NegotiationScoring | BestValueScoring, basis: str) -> Iterator[Finding]:
    is_unpriced, price = tender.draw_mode == "M0", scoring.price
    if isinstance(scoring, NegotiationScoring) and is_unpriced and scoring.price.reference != "given":
        yield Finding("reference-not-made", "error", "reference", basis)
    needs_ceiling = isinstance(scoring, BestValueScoring) and scoring.price.formula != "lowest-over-bid"
    if is_unpriced and needs_ceiling and scoring.ceiling_won is None:
        yield Finding("formula-needs-ceiling", "error", "ceiling_won", basis)
    if is_unpriced and scoring.ceiling_won is None and not needs_ceiling:
        yield Finding("no-ceiling", "warning", "ceiling_won", basis)
    base = tender.base_amount_won
    if scoring.ceiling_won is not None and base is not None and scoring.ceiling_won != base:
        yield Finding("ceiling-differs", "warning", "ceiling_won", basis, {"won": f"{base:,}"})
    if price.full < 10:
        yield Finding("price-counts-little", "warning", "criteria", basis, {"points": price.full})


def _sale(tender: Tender, scoring: SaleScoring, basis: str) -> Iterator[Finding]:
    is_unpriced = tender.draw_mode == "M0"
    if is_unpriced and scoring.minimum_won is None:
        yield Finding("sale-without-price", "error", "minimum_won", basis)
    elif not is_unpriced and scoring.minimum_won is not None:
        yield Finding("sale-with-two-prices", "error", "minimum_won", basis)


def _review(tender: Tender, scoring: Scoring | None, now: datetime, book: Book) -> Iterator[Finding]:
    won, on = tender.estimated_value_won, kst_date(now)
    limit = find_threshold(tender.regime, tender.kind, "comprehensive-review", on, book=book)
    if won is not None and limit is not None and won >= limit.value and not tender.is_practice:
        facts = {"limit_won": limit.value}
        yield Finding("comprehensive-review", "error", "method", limit.legal_basis, facts)
    if not isinstance(scoring, QualificationScoring):
        yield Finding("no-table", "warning", "with_table", "계약예규 적격심사기준")
        return
    yield from _table(tender, scoring, now, book)
    floor = Fraction(scoring.table.base) - Fraction(100 - scoring.table.pass_mark) / scoring.table.slope
    rate = int((floor - Fraction(5, 1000)) * 1000)
    if tender.floor_rate is not None and 0 < rate != tender.floor_rate:
        yield Finding("floor-not-of-table", "warning", "floor_rate", "계약예규 적격심사기준", {"rate": rate})
    if tender.kind != "works" and scoring.net_cost is not None:
        yield Finding("net-cost-of-works", "warning", "net_cost_won", NET_COST)
    elif (
        tender.kind == "works"
        and scoring.net_cost is None
        and (won or 0) < find_or_national(tender.regime, "net-cost-below-won", on, book=book).value
    ):
        yield Finding("no-net-cost", "warning", "net_cost_won", NET_COST)


def _table(tender: Tender, scoring: QualificationScoring, now: datetime, book: Book) -> Iterator[Finding]:
    """Whether the table is one of those that the data have for this amount."""
    won, on = tender.estimated_value_won, kst_date(now)
    if won is None:
        return
    categories = ("", *score_categories(tender.regime, tender.kind, book=book))
    rows = [find_score_table(tender.regime, tender.kind, won, on, one, book=book) for one in categories]
    known = [row for row in rows if row is not None]
    stands = scoring.table.to_json()
    if known and all(row.to_scoring() != stands for row in known):
        facts = {"full": known[0].full, "slope": str(known[0].slope), "base": known[0].base}
        yield Finding("table-of-another-band", "warning", "with_table", known[0].legal_basis, facts)
