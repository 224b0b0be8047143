"""What a notice may say of its scoring: everything else is no notice."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from app.tlog.canon import jcs, parse
from bidding.draw_rule import DrawRule
from bidding.notice_terms import METHODS, NoticeTerms
from bidding.price_scoring import BestValuePrice, NetCost, PriceFormula, PriceTable
from bidding.rules import RULES
from bidding.rules.fitting import check_fit
from bidding.rules.ranking import ORDER
from bidding.scoring import read_scoring
from tests.bidding.rules.methods import BASE, SCORING, Json, formula, rule_of, tech, terms_of


def test_every_method_has_its_rule_its_order_and_a_notice_to_test_it() -> None:
    assert set(METHODS) == set(RULES) == set(ORDER) == set(SCORING)


@pytest.mark.parametrize("method", METHODS)
def test_scoring_survives_the_notice(method: str) -> None:
    terms = terms_of(method)
    again = NoticeTerms.from_json(parse(jcs(terms.to_json())))
    assert again == terms
    assert ("scoring" in terms.to_json()) is (SCORING[method] is not None)


def test_a_qualification_may_go_without_its_table() -> None:
    assert read_scoring("qualification", None) is None


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each object and each leaf of a JSON value is."""
    if isinstance(value, dict):
        yield at
        for name in value:
            yield from paths(value[name], (*at, name))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from paths(one, (*at, i))
    else:
        yield at


def changed(value: Json, at: tuple[Any, ...], new: Any) -> Any:
    """A copy of `value` with `new` there; an object gets a member more."""
    copied = copy.deepcopy(value)
    if not at:
        return {**copied, "more": new} if isinstance(copied, dict) else new
    inside = copied
    for name in at[:-1]:
        inside = inside[name]
    there = inside[at[-1]]
    inside[at[-1]] = {**there, "more": new} if isinstance(there, dict) else new
    return copied


WRONG: tuple[Any, ...] = (True, 1.5, -1, 10**17, "", "01", "x", [], {})
SCORED = [(method, scoring) for method, scoring in SCORING.items() if scoring is not None]


@pytest.mark.parametrize(("method", "scoring"), SCORED)
def test_every_leaf_of_the_wrong_kind_is_refused(method: str, scoring: Json) -> None:
    tried = 0
    for at in paths(scoring):
        for wrong in WRONG:
            if at[-1:] in (("name",), ("unit",)) and isinstance(wrong, str) and wrong:
                continue  # the officer's own words
            if at[-1:] in (("blind",), ("lifted",)) and wrong is True:
                continue
            tried += 1
            with pytest.raises(ValueError):
                read_scoring(method, changed(scoring, at, wrong))
    assert tried >= len(WRONG)


@pytest.mark.parametrize(("method", "scoring"), SCORED)
def test_every_member_that_is_missing_is_missed(method: str, scoring: Json) -> None:
    for at in paths(scoring):
        if not at or isinstance(at[-1], int):
            continue
        copied = copy.deepcopy(scoring)
        inside = copied
        for name in at[:-1]:
            inside = inside[name]
        del inside[at[-1]]
        with pytest.raises(ValueError):
            read_scoring(method, copied)


@pytest.mark.parametrize("method", ["quote", "lowest"])
def test_methods_of_price_alone_have_no_scoring(method: str) -> None:
    with pytest.raises(ValueError, match="no scoring"):
        read_scoring(method, {})


@pytest.mark.parametrize("method", [method for method, _ in SCORED if method != "qualification"])
def test_a_method_that_needs_its_scoring_does_not_go_without(method: str) -> None:
    with pytest.raises(ValueError, match="needs its scoring"):
        read_scoring(method, None)


@pytest.mark.parametrize(
    ("method", "scoring"),
    [
        ("negotiation", {"technical": tech(80), "price": formula(10), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(reference="given"), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(reference_won="5"), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(low=80), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(extra="4/2"), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(extra="2/1"), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(extra="1/0"), "ceiling_won": None}),
        ("negotiation", {"technical": tech(80), "price": formula(), "ceiling_won": "0"}),
        ("best-value", {"technical": tech(80), "price": {"full": 40, "formula": "linear"}, "ceiling_won": None}),
        ("best-value", {"technical": tech(60), "price": {"full": 40, "formula": "magic"}, "ceiling_won": None}),
        ("two-stage", {"technical": tech(100), "form": "both"}),
        ("desired-quantity", {"quantity": 0, "unit": "톤"}),
        ("desired-quantity", {"quantity": 1, "unit": ""}),
        ("sale", {"minimum_won": "0"}),
        ("sale", {"minimum_won": None}),
    ],
)
def test_what_does_not_fit_together_is_refused(method: str, scoring: Json) -> None:
    with pytest.raises(ValueError):
        read_scoring(method, scoring)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PriceTable(1, Fraction(2), 90, 95),
        lambda: PriceTable(80, Fraction(0), 90, 95),
        lambda: PriceTable(80, Fraction(2), 101, 95),
        lambda: PriceTable(80, Fraction(2), 90, 95, plateau=0),
        lambda: NetCost(0),
        lambda: NetCost(1, 100_001),
        lambda: PriceFormula(20, extra=Fraction(-1)),
        lambda: PriceFormula(20, lowest_over="all"),
        lambda: BestValuePrice(100, "linear"),
    ],
)
def test_a_table_or_formula_out_of_range_is_none(make: Any) -> None:
    with pytest.raises(ValueError):
        make()


UNPRICED = DrawRule.none()


@pytest.mark.parametrize(
    ("terms", "rule", "why"),
    [
        (terms_of("lowest"), UNPRICED, "lowest needs an estimated price"),
        (terms_of("two-stage"), UNPRICED, "two-stage needs an estimated price"),
        (terms_of("negotiation"), UNPRICED, "refers to an estimated price"),
        (terms_of("best-value"), UNPRICED, "needs a ceiling"),
        (terms_of("sale"), UNPRICED, "one estimated price"),
        (terms_of("sale", {"minimum_won": "1"}), DrawRule(base={"1": BASE}), "one estimated price"),
        (terms_of("desired-quantity"), DrawRule(base={"1": BASE}), "another quantity"),
        (terms_of("desired-quantity"), DrawRule(base={"1": BASE}, quantity=999), "another quantity"),
        (terms_of("lowest"), DrawRule(base={"1": BASE}, quantity=1), "another quantity"),
        (terms_of("qualification"), DrawRule(base={"2": BASE}), "part of the base amount"),
        (
            NoticeTerms("T", "sale", 88_000, "test", scoring=read_scoring("sale", {})),
            DrawRule(base={"1": BASE}),
            "sale knows no floor",
        ),
    ],
)
def test_a_notice_that_cannot_be_evaluated_is_refused(terms: NoticeTerms, rule: DrawRule, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_fit(terms, rule)


@pytest.mark.parametrize("method", METHODS)
def test_the_usual_notice_of_each_method_fits(method: str) -> None:
    terms = terms_of(method)
    check_fit(terms, rule_of(terms))


@pytest.mark.parametrize(
    ("method", "scoring"),
    [
        (
            "negotiation",
            {"technical": tech(80), "price": formula(reference="given", reference_won="9"), "ceiling_won": "9"},
        ),
        (
            "best-value",
            {"technical": tech(60), "price": {"full": 40, "formula": "lowest-over-bid"}, "ceiling_won": None},
        ),
        ("best-value", {"technical": tech(60), "price": {"full": 40, "formula": "linear"}, "ceiling_won": "9"}),
        ("sale", {"minimum_won": "9"}),
        ("reverse-auction", SCORING["reverse-auction"]),
    ],
)
def test_some_methods_go_without_an_estimated_price(method: str, scoring: Json) -> None:
    check_fit(terms_of(method, scoring), UNPRICED)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "M0"},
        {"kind": "none"},
        {"base": {"1": 1}, "mode": "M0", "kind": "none", "lo": 0, "hi": 0, "n": 0, "pick": 0, "choose": 0},
        {"mode": "M0", "kind": "none", "lo": 0, "hi": 0, "n": 0, "pick": 2, "choose": 0, "round": "exact"},
        {"mode": "M0", "kind": "none", "lo": 0, "hi": 0, "n": 0, "pick": 0, "choose": 0, "round": "up-1"},
        {"quantity": 0},
        {"quantity": True},
    ],
)
def test_a_draw_without_prices_has_nothing_else(changes: Json) -> None:
    with pytest.raises(ValueError):
        DrawRule(**{"base": {}, **changes})


@pytest.mark.parametrize("rule", [UNPRICED, DrawRule(base={"1": BASE}, quantity=7)])
def test_a_draw_survives_the_box(rule: DrawRule) -> None:
    assert DrawRule.from_json(parse(jcs(rule.to_json()))) == rule
