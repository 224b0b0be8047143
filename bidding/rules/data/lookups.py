"""What the rule data say of one tender or contract on one day. Pure: the book is handed in, else it is the shipped one.

`on` is a day in Korea. Lookups that answer None have nothing to propose; `find_gap` tells why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from bidding.rules.data.answers import (
    ComplaintPeriods,
    FloorRate,
    Gap,
    Ground,
    HolderProposal,
    Method,
    NegotiationFormula,
    NoticePeriod,
    PriceRange,
    QuoteLimit,
    ScoreTable,
)
from bidding.rules.data.rows import Book, Certainty, Row, Value
from bidding.rules.data.shipped import shipped


def find_method(regime: str, method: str, on: date, *, book: Book | None = None) -> Method | None:
    """What a method is and which terms its notice needs."""
    row = (book or shipped()).find_known("methods", {"regime": regime, "method": method}, on)
    if row is None:
        return None
    needs, may_have = row.values["needs"], row.values["may_have"]
    assert isinstance(needs, tuple)  # by its schema
    assert isinstance(may_have, tuple)
    return Method(method, row.text_of("ranks_by"), needs, may_have, row.legal_basis, row.certainty, row.is_own)


def find_floor(
    regime: str,
    kind: str,
    method: str,
    estimated_value_won: int,
    on: date,
    category: str = "",
    *,
    book: Book | None = None,
) -> FloorRate | None:
    """The floor that the data propose for a tender of that 추정가격 published on that day, or None."""
    key = {"regime": regime, "kind": kind, "category": category, "method": method}
    row = (book or shipped()).find_known("floor_rates", key, on, estimated_value_won)
    return None if row is None else FloorRate(row.number_of("rate"), category, row.legal_basis, row.certainty)


def floor_categories(regime: str, kind: str, *, book: Book | None = None) -> tuple[str, ...]:
    """The categories that have floors of their own, besides the general one (`""`)."""
    return _categories(book, "floor_rates", regime, kind)


def score_categories(regime: str, kind: str, *, book: Book | None = None) -> tuple[str, ...]:
    """The categories that have score tables of their own, besides the general one (`""`)."""
    return _categories(book, "score_tables", regime, kind)


def _categories(book: Book | None, table: str, regime: str, kind: str) -> tuple[str, ...]:
    rows = (book or shipped()).tables.get(table, ())
    names = (str(row.key["category"]) for row in rows if (row.key["regime"], row.key["kind"]) == (regime, kind))
    return tuple(dict.fromkeys(name for name in names if name))


def find_score_table(
    regime: str, kind: str, estimated_value_won: int, on: date, category: str = "", *, book: Book | None = None
) -> ScoreTable | None:
    """The price table of a qualification review of that 추정가격, or None."""
    key = {"regime": regime, "kind": kind, "category": category}
    row = (book or shipped()).find_known("score_tables", key, on, estimated_value_won)
    if row is None:
        return None
    return ScoreTable(
        row.text_of("code"),
        row.number_of("full"),
        Fraction(row.text_of("slope")),
        row.number_of("base"),
        row.number_of("pass_mark"),
        row.number_of("plateau") if "plateau" in row.values else None,
        row.legal_basis,
        row.certainty,
    )


def find_negotiation_formula(
    regime: str, on: date, category: str = "", variant: str = "standard", *, book: Book | None = None
) -> NegotiationFormula | None:
    """The price formula of a negotiated contract in one of its variants (see `negotiation_variants`), or None."""
    key = {"regime": regime, "category": category, "variant": variant}
    row = (book or shipped()).find_known("negotiation_prices", key, on)
    if row is None:
        return None
    return NegotiationFormula(
        variant,
        row.number_of("full"),
        row.text_of("reference"),
        row.number_of("mark"),
        row.number_of("low"),
        Fraction(row.text_of("extra")),
        bool(row.values["lifted"]),
        row.text_of("below_low"),
        row.text_of("lowest_over"),
        row.legal_basis,
        row.certainty,
    )


def negotiation_variants(regime: str, on: date, category: str = "", *, book: Book | None = None) -> tuple[str, ...]:
    """The variants of the formula that the data know, the standard one first."""
    rows = (book or shipped()).holding("negotiation_prices", on)
    key = (regime, category)
    return tuple(str(row.key["variant"]) for row in rows if (row.key["regime"], row.key["category"]) == key)


def find_notice_period(
    regime: str,
    kind: str,
    method: str,
    estimated_value_won: int,
    on: date,
    *,
    is_urgent: bool = False,
    is_renotice: bool = False,
    book: Book | None = None,
) -> NoticePeriod:
    """How long the notice must stand. ValueError if the data know no period for that regime and day.

    The row of the method decides, else that of the kind, else the general one.
    """
    occasion = "renotice" if is_renotice else "urgent" if is_urgent else "ordinary"
    for group in (("any", method), (kind, "any"), ("any", "any")):
        key = {"regime": regime, "kind": group[0], "method": group[1], "occasion": occasion}
        row = (book or shipped()).find_known("notice_periods", key, on, estimated_value_won)
        if row is not None:
            return NoticePeriod(
                row.text_of("code"),
                row.number_of("days"),
                bool(row.values["working"]),
                row.legal_basis,
                row.certainty is Certainty.OFFICIAL,
            )
    raise ValueError(f"no notice period is known for {regime} {kind} on {on}")


def find_price_range(regime: str, on: date, *, book: Book | None = None) -> PriceRange:
    """The range and manner of reserve prices. ValueError for an unknown regime or a day before the data begin."""
    row = needed_row(book, "price_ranges", {"regime": regime}, on)
    return PriceRange(
        row.text_of("kind"),
        row.number_of("lo"),
        row.number_of("hi"),
        row.number_of("above"),
        row.number_of("below"),
        row.legal_basis,
    )


def find_quote_limit(regime: str, kind: str, on: date, category: str = "", *, book: Book | None = None) -> QuoteLimit:
    """Up to which 추정가격 quotes may be called for. ValueError if the data know none."""
    row = needed_row(book, "quote_limits", {"regime": regime, "kind": kind, "category": category}, on)
    return QuoteLimit(row.number_of("max_won"), row.legal_basis, row.certainty)


def find_holder_policy(
    regime: str, estimated_value_won: int, on: date, *, from_won: int | None = None, book: Book | None = None
) -> HolderProposal:
    """Who should hold the keys of a tender of that 추정가격. `from_won`: the agency's own amount for a committee.

    ValueError if the data know nothing of that day.
    """
    table, key = "holder_policies", {"regime": regime}
    if from_won is None:
        row = needed_row(book, table, key, on, estimated_value_won)
        least = row.min_won
    else:  # the agency draws the line elsewhere: below it the first row, from it on the last
        rows = [row for row in (book or shipped()).holding(table, on) if row.key == key]
        if not rows:
            raise ValueError(f"no keyholders are known for {regime} on {on}")
        row, least = (rows[-1], from_won) if estimated_value_won >= from_won else (rows[0], 0)
    is_verified = row.certainty is Certainty.OFFICIAL
    return HolderProposal(row.text_of("policy"), least, row.is_own, row.legal_basis, is_verified)


def find_complaint_periods(regime: str, on: date, *, book: Book | None = None) -> ComplaintPeriods:
    """The days of a complaint made of an act of that day. ValueError if the data know none."""
    row = needed_row(book, "complaint_periods", {"regime": regime}, on)
    return ComplaintPeriods(
        row.number_of("days_from_act"),
        row.number_of("days_from_knowing"),
        row.number_of("decision_days"),
        row.number_of("review_days"),
        row.number_of("review_decision_days"),
        row.number_of("acceptance_days") if "acceptance_days" in row.values else None,
        row.legal_basis,
        row.certainty,
    )


def find_grounds(regime: str, on: date, *, book: Book | None = None) -> Mapping[str, Ground]:
    """Every ground on which a bid goes out, by its code, in the order of the file. A kept version from before they were
    data leaves them to the software's rows of that day."""
    for one in (book or shipped(), shipped()):
        rows = [row for row in one.holding("exclusion_grounds", on) if row.key["regime"] == regime and row.is_known]
        if rows:
            break
    return {str(row.key["ground"]): Ground(row.legal_basis, row.certainty, row.note) for row in rows}


def find_gap(table: str, key: Mapping[str, Value], on: date, won: int = 0, *, book: Book | None = None) -> Gap | None:
    """Why the data give no figure for that key; None where they do, or have no such series on that day."""
    row = (book or shipped()).find(table, key, on, won)
    return None if row is None or row.is_known else Gap(row.standing, row.why, row.legal_basis)


def needed_row(book: Book | None, table: str, key: Mapping[str, Value], on: date, won: int = 0) -> Row:
    row = (book or shipped()).find_known(table, key, on, won)
    if row is None:
        raise ValueError(f"no {table.replace('_', ' ')[:-1]} is known for {', '.join(map(str, key.values()))} on {on}")
    return row
