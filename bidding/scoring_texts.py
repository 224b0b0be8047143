"""The terms of a method in words: what a notice's `scoring` says, for the tender's page, drafts and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import formats
from app.i18n import language
from bidding import labels
from bidding.criteria import Tech
from bidding.method_texts import METHODS
from bidding.models import Tender
from bidding.price_scoring import BestValuePrice, PriceFormula, PriceTable
from bidding.rounding import show_rate
from bidding.rules.steps import show_points
from bidding.scoring import (
    AuctionScoring,
    BestValueScoring,
    NegotiationScoring,
    QualificationScoring,
    QuantityScoring,
    SaleScoring,
    Scoring,
    TwoStageScoring,
    read_scoring,
)

Row = tuple[str, Any]

CERTAINTY: Mapping[str, Any] = {
    "official": _l("read in the published text"),
    "secondary": _l("from a secondary source: check it"),
    "assumed": _l("assumed: check it"),
}
CATEGORY: Mapping[str, Any] = {
    "": _l("General"),
    "specialised": _l("Specialised works"),
    "electrical": _l("Electrical, telecommunication and fire works"),
    "other-works": _l("Other works"),
    "facility": _l("Facility services (cleaning, guarding)"),
    "transport-and-software": _l("Passenger transport, software"),
    "insurance": _l("Insurance"),
    "engineering": _l("Engineering services"),
    "small-business-competition": _l("Competition among small businesses"),
}
VARIANT: Mapping[str, Any] = {
    "standard": _l("the usual formula"),
    "lifted": _l("lowest bid lifted to the low mark"),
    "flat": _l("flat points below the low mark"),
}
BELOW_LOW: Mapping[str, Any] = {
    "line": _l("counts as one at the low mark"),
    "flat": _l("gets a flat part of the points"),
}
LOWEST_OVER: Mapping[str, Any] = {
    "valid": _l("of all valid bids; every price is opened"),
    "qualified": _l("of the qualified bids; no other price is opened"),
}
REFERENCE: Mapping[str, Any] = {
    "estimated-price": _l("the estimated price that is drawn"),
    "given": _l("an amount that the notice gives"),
}
FORM: Mapping[str, Any] = {
    "simultaneous": _l("Simultaneous: specification and price at once"),
    "separate": _l("Separate: the price after the specification"),
}
FORMULA: Mapping[str, Any] = {
    "lowest-over-bid": _l("Points × lowest bid ÷ bid"),
    "linear": _l("Points × (ceiling − bid) ÷ (ceiling − lowest bid)"),
    "budget-share": _l("Points × (ceiling − bid) ÷ ceiling"),
}
DROP: Mapping[str, Any] = {
    "none": _l("Every evaluator counts"),
    "extremes": _l("The highest and the lowest evaluator are left out"),
}


def scoring_rows(scoring: Scoring | None) -> list[Row]:
    """Label and text of each term, in the language of the page; the criteria have a table of their own."""
    if scoring is None:
        return []
    rows = _ROWS[type(scoring)](scoring)
    return [*(_technical(scoring.technical) if scoring.technical is not None else []), *rows]


def _points(full: int) -> str:
    return str(_("%(points)s points", points=full))


def _technical(technical: Tech) -> list[Row]:
    rows = [(_("Technical points"), _points(technical.full))]
    if technical.threshold is not None:
        least = _("%(rate)s %% of them", rate=show_rate(technical.threshold).rstrip("0").rstrip("."))
        rows.append((_("Least technical points to qualify"), least))
    rows.append((_("Evaluators"), _("%(least)s at least", least=technical.least_evaluators)))
    if technical.drop != "none":
        rows.append((_("Extremes"), str(DROP[technical.drop])))
    if technical.rank_gap is not None:
        rows.append((_("Fixed gap between ranks"), show_points(technical.rank_gap)))
    if technical.is_blind:
        rows.append((_("Names of the firms"), _("Evaluators do not see whose proposal they read")))
    return rows


def _table_text(table: PriceTable) -> str:
    formula = _("%(full)s − %(slope)s × |%(base)s − R|", full=table.full, slope=table.slope, base=table.base)
    if table.plateau is None:
        return str(formula)
    return f"{formula}, {_('plateau from %(rate)s', rate=formats.percent(table.plateau, 0))}"


def _qualification(scoring: QualificationScoring) -> list[Row]:
    rows = [
        (_("Price points of the review"), _table_text(scoring.table)),
        (_("Passes with"), _("%(mark)s points of 100", mark=scoring.table.pass_mark)),
    ]
    if scoring.net_cost is not None:
        facts = {"rate": formats.percent(scoring.net_cost.rate, 0), "won": _won(scoring.net_cost.won)}
        rows.append((_("Net cost of the work (순공사원가)"), _("bids under %(rate)s of %(won)s are out", **facts)))
    return rows


def _price_rows(price: PriceFormula) -> list[Row]:
    reference = str(REFERENCE[price.reference]) if price.reference_won is None else _won(price.reference_won)
    steps = {"extra": price.extra, "mark": price.break_at, "low": price.low}
    rows = [
        (_("Price points"), _points(price.full)),
        (_("Reference price"), reference),
        (_("From %(mark)s %% of it on", mark=price.break_at), _("%(full)s × lowest bid ÷ bid", full=price.full)),
        (
            _("Below %(mark)s %% of it", mark=price.break_at),
            _("up to %(extra)s points are added from %(mark)s down to %(low)s %%", **steps),
        ),
        (_("A bid under %(low)s %% of it", low=price.low), str(BELOW_LOW[price.below_low])),
        (_("Lowest bid"), str(LOWEST_OVER[price.lowest_over])),
    ]
    if price.is_lowest_lifted:
        rows.append((_("Lowest bid under the low mark"), _("counts as one at the low mark")))
    return rows


def _ceiling(won: int | None) -> list[Row]:
    return [] if won is None else [(_("At most paid"), _won(won))]


def _negotiation(scoring: NegotiationScoring) -> list[Row]:
    return [*_price_rows(scoring.price), *_ceiling(scoring.ceiling_won)]


def _best_value(scoring: BestValueScoring) -> list[Row]:
    return [*_best_value_price(scoring.price), *_ceiling(scoring.ceiling_won)]


def _best_value_price(price: BestValuePrice) -> list[Row]:
    return [(_("Price points"), _points(price.full)), (_("Formula of the price points"), str(FORMULA[price.formula]))]


def _two_stage(scoring: TwoStageScoring) -> list[Row]:
    return [(_("Form"), str(FORM[scoring.form]))]


def _quantity(scoring: QuantityScoring) -> list[Row]:
    return [(_("Quantity wanted"), f"{scoring.quantity:,} {scoring.unit}")]


def _sale(scoring: SaleScoring) -> list[Row]:
    return [] if scoring.minimum_won is None else [(_("Least price, published"), _won(scoring.minimum_won))]


def _auction(scoring: AuctionScoring) -> list[Row]:
    lang = language()
    return [
        (_("Rounds"), str(scoring.rounds)),
        (_("Length of a round"), formats.duration(scoring.round_seconds, lang)),
        (
            _("Least step down"),
            _("%(rate)s of the lowest price of the first round", rate=formats.percent(scoring.step_rate, 0)),
        ),
        (
            _("Extension"),
            _(
                "%(longer)s longer after a bid in the last %(last)s",
                longer=formats.duration(scoring.extend_seconds, lang),
                last=formats.duration(scoring.last_seconds, lang),
            ),
        ),
    ]


_ROWS: Mapping[type, Any] = {
    QualificationScoring: _qualification,
    NegotiationScoring: _negotiation,
    BestValueScoring: _best_value,
    TwoStageScoring: _two_stage,
    QuantityScoring: _quantity,
    SaleScoring: _sale,
    AuctionScoring: _auction,
}


def scoring_of_tender(tender: Tender) -> Scoring | None:
    """The scoring that stands in a tender; None also for a draft whose terms cannot be read yet."""
    try:
        return read_scoring(tender.method, tender.scoring)
    except ValueError:
        return None


def method_cards() -> list[dict[str, Any]]:
    """Every method with a line on what it is and when it is used, as options of a form."""
    return [
        {"value": code, "label": labels.METHOD[code], "hint": f"{text.gist} {text.when}"}
        for code, text in METHODS.items()
    ]


def points_text(points: int) -> str:
    """Ten-thousandths as people write them."""
    return show_points(points)


def band_text(min_won: int, below_won: int | None) -> str:
    """For which amounts a row of the rule tables holds."""
    if below_won is None:
        return str(_("from %(low)s", low=_short(min_won))) if min_won else str(_("every amount"))
    if not min_won:
        return str(_("under %(high)s", high=_short(below_won)))
    return str(_("%(low)s to under %(high)s", low=_short(min_won), high=_short(below_won)))


def depth_of(code: str) -> int:
    """How far a criterion is indented: `1` is 0, `1.1` is 1."""
    return code.count(".")


def _won(amount: int) -> str:
    return formats.won(amount, language())


def _short(amount: int) -> str:
    return formats.won_short(amount, language())


def words() -> dict[str, Any]:
    """For the templates of bidding."""
    return {
        "CERTAINTY": CERTAINTY,
        "CATEGORY": CATEGORY,
        "scoring_rows": scoring_rows,
        "scoring_of_tender": scoring_of_tender,
        "points_text": points_text,
        "band_text": band_text,
        "depth_of": depth_of,
        "category_options": lambda: list(CATEGORY.items()),
        "below_low_options": lambda: list(BELOW_LOW.items()),
        "lowest_over_options": lambda: list(LOWEST_OVER.items()),
        "reference_options": lambda: list(REFERENCE.items()),
        "form_options": lambda: list(FORM.items()),
        "formula_options": lambda: list(FORMULA.items()),
        "VARIANT": VARIANT,
        "method_cards": method_cards,
        "drop_options": lambda: list(DROP.items()),
    }
