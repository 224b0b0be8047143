"""유찰: the rule that failed, with the very figures; and the roads out, each with its first day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.time import KST
from bidding.calendar import Schedule, check_schedule, earliest_schedule, limits_from
from bidding.rules.data import NoticePeriod, find_notice_period
from bidding.rules.failure import Failure, explain_evaluation, explain_exhausted, explain_sealed, next_steps
from bidding.rules.roads import Case, Road, open_roads
from bidding.types import NoticeTerms, Outcome, Step

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 10:00 in Korea
FIVE = find_notice_period("national", "services", "qualification", 90_000_000, MONDAY.date(), is_renotice=True)
LIMITS = limits_from(None, "national", MONDAY.date())


def placing(reason: str, amount: int | None) -> dict[str, Any]:
    return {"stmt": f"{reason}{amount}", "reason": reason, "amount": None if amount is None else str(amount)}


def evaluation(outcome: str, placings: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    terms = {"regime": "national", "minimum_valid": 2}
    given = {"estimated_price": "100000000", "floor_price": "88000000", "valid": len(placings)} | more
    return {"terms": terms, "outcome": outcome, "placings": placings, **given}


def test_too_few_bids_says_how_many_were_left_and_why() -> None:
    found = explain_sealed("too-few-bids", "local", received=2, cancelled=1, needed=2)
    assert dict(found.facts) == {"received": 2, "cancelled": 1, "left": 1, "needed": 2}
    assert [(step.label, step.expression, step.value) for step in found.steps] == [
        ("bids-left", "2 - 1", "1"),
        ("valid-bids", "1 < 2", "<"),
    ]
    assert found.legal_basis == "지방계약법 시행령 제11조"


@pytest.mark.parametrize(
    ("code", "legal_basis"),
    [
        ("keys-lost", "docs/protocol.md"),
        ("too-few-proposals", "국가계약법 시행령 제11조"),
        ("none-qualified", "국가계약법 시행령 제42조"),
    ],
)
def test_what_failed_before_any_price_names_its_rule_and_has_no_line(code: str, legal_basis: str) -> None:
    found = explain_sealed(code, "national", received=3, cancelled=1, needed=2)
    assert found == Failure(code, legal_basis, {"received": 3, "cancelled": 1, "left": 2, "needed": 2})


def test_no_bids_at_all_has_one_line() -> None:
    found = explain_sealed("no-bids", "national", received=0, cancelled=0, needed=2)
    assert found == Failure(
        "no-bids",
        "국가계약법 시행령 제11조",
        {"received": 0, "cancelled": 0, "left": 0, "needed": 2},
        (Step("valid-bids", "0 < 2", "<"),),
    )


def test_too_few_valid_bids_names_what_the_others_were() -> None:
    placings = [
        placing("too-few-valid-bids", 90_000_000),
        placing("sanctioned", 91_000_000),
        placing("malformed", None),
        placing("malformed", None),
    ]
    found = explain_evaluation(evaluation("failed", placings, valid=1, estimated_price=None, floor_price=None))
    assert found == Failure(
        "too-few-valid-bids",
        "국가계약법 시행령 제11조",
        {"received": 4, "valid": 1, "invalid": 3, "needed": 2},
        (Step("valid-bids", "1 < 2", "<"),),
        (("malformed", 2), ("sanctioned", 1)),
    )


@pytest.mark.parametrize(
    ("amounts", "code", "figures"),
    [
        ([100_000_001, 130_000_000], "all-above", {"lowest_won": 100_000_001, "over_won": 1}),
        ([87_999_999, 50_000_000], "all-below", {"highest_won": 87_999_999, "under_won": 1}),
        ([110_000_000, 80_000_000], "none-between", {"over_won": 10_000_000, "under_won": 8_000_000}),
    ],
)
def test_nobody_in_range_shows_who_came_nearest_and_by_how_much(
    amounts: list[int], code: str, figures: dict[str, int]
) -> None:
    above = [placing("above-estimated-price", won) for won in amounts if won > 100_000_000]
    below = [placing("below-floor", won) for won in amounts if won < 88_000_000]
    found = explain_evaluation(evaluation("no-winner", above + below))
    assert found.code == code
    assert figures.items() <= found.facts.items()
    assert found.steps[-1].label == "difference"


def told(found: Failure) -> list[tuple[str, str, str]]:
    return [(step.label, step.expression, step.value) for step in found.steps]


@pytest.mark.parametrize("given", [{"estimated_price": "90000000"}, {"estimated_price": None}])
def test_a_sale_that_nobody_pays_enough_for_names_the_price_to_reach(given: dict[str, Any]) -> None:
    made = evaluation("no-winner", [placing("below-estimated-price", won) for won in (89_999_999, 5)], **given)
    made["terms"]["scoring"] = {} if given["estimated_price"] else {"minimum_won": "90000000"}
    assert explain_evaluation(made) == Failure(
        "all-below-price",
        "국가계약법 시행령 제42조",
        {"nearest_won": 89_999_999, "limit_won": 90_000_000, "apart_won": 1},
        (
            Step("against-estimated-price", "89999999 < 90000000", "<"),
            Step("difference", "90000000 - 89999999", "1"),
        ),
        (("below-estimated-price", 2),),
    )


def test_a_ceiling_that_nobody_keeps_is_named() -> None:
    above = [placing("above-ceiling", won) for won in (90_000_003, 90_000_002)]
    made = evaluation("no-winner", [placing("above-estimated-price", 120_000_000), *above, placing("not-qualified", 1)])
    made["terms"]["scoring"] = {"ceiling_won": "90000000"}
    found = explain_evaluation(made)
    assert (found.code, found.facts["apart_won"]) == ("all-above-ceiling", 2)
    assert told(found)[0] == ("against-ceiling", "90000002 > 90000000", ">")
    assert dict(found.out) == {"above-ceiling": 2, "above-estimated-price": 1, "not-qualified": 1}


def test_bids_whose_points_can_never_suffice_are_not_said_to_lie_out_of_range() -> None:
    found = explain_evaluation(evaluation("no-winner", [placing("cannot-pass", 94_000_000)] * 2))
    assert (found.code, found.facts["hopeless"]) == ("none-can-pass", 2)


def test_prices_on_both_sides_are_told_in_full() -> None:
    placings = [
        placing("above-estimated-price", 100_000_003),
        placing("below-floor", 87_999_998),
        placing("below-floor", 1),
        placing("below-floor", None),
    ]
    assert explain_evaluation(evaluation("no-winner", placings)) == Failure(
        "none-between",
        "국가계약법 시행령 제42조",
        {
            "price_won": 100_000_000,
            "floor_won": 88_000_000,
            "above": 1,
            "below": 2,
            "lowest_won": 100_000_003,
            "over_won": 3,
            "highest_won": 87_999_998,
            "under_won": 2,
        },
        (
            Step("against-estimated-price", "100000003 > 100000000", ">"),
            Step("difference", "100000003 - 100000000", "3"),
            Step("against-floor", "87999998 < 88000000", "<"),
            Step("difference", "88000000 - 87999998", "2"),
        ),
        (("below-floor", 3), ("above-estimated-price", 1)),
    )


def test_where_nobody_missed_a_price_there_is_none_to_show() -> None:
    placings = [placing("below-net-cost", 5)]
    found = explain_evaluation(evaluation("no-winner", placings, estimated_price=None, floor_price=None))
    facts = {"price_won": 0, "floor_won": 0, "above": 0, "below": 0}
    assert found == Failure("none-in-range", "국가계약법 시행령 제42조", facts, (), (("below-net-cost", 1),))


@pytest.mark.parametrize("regime", ["national", "local"])
def test_the_roads_after_a_failure_stand_on_the_law_of_the_regime(regime: str) -> None:
    law = "국가계약법" if regime == "national" else "지방계약법"

    def roads_of(outcome: Outcome, method: str = "lowest", **more: Any) -> list[str]:
        found = next_steps(NoticeTerms("R26BK00000001-000", method, None, "test", regime=regime, **more), outcome)
        assert all(step.legal_basis.startswith(law) for step in found)
        return [step.action for step in found]

    assert roads_of(Outcome.RANKED) == []
    assert roads_of(Outcome.FAILED) == ["rebid", "renotice"]
    assert roads_of(Outcome.FAILED, is_rebid=True) == ["rebid", "renotice", "negotiated-contract"]
    assert roads_of(Outcome.FAILED, "quote") == ["rebid", "renotice", "single-quote"]
    assert roads_of(Outcome.NO_WINNER, "quote") == ["rebid", "renotice"]


def test_a_tender_with_a_winner_has_not_failed() -> None:
    with pytest.raises(ValueError, match="not failed"):
        explain_evaluation(evaluation("ranked", [placing("valid", 90_000_000)]))


def test_a_ranking_that_ran_out_counts_who_fell_out_and_why() -> None:
    reasons = ("sanctioned", "disqualified", "refused", "valid", "refused")
    standing = {"placings": [placing(reason, 1) for reason in reasons]}
    found = explain_exhausted(standing, "national")
    out = (("refused", 2), ("disqualified", 1), ("sanctioned", 1))  # of equally many by their codes
    assert found == Failure("exhausted", "국가계약법 시행령 제42조", {"out": 4}, (), out)


# -- roads -------------------------------------------------------------------------------------------------------------


def roads(**changes: Any) -> dict[str, Road]:
    usual: dict[str, Any] = {"regime": "national", "method": "qualification", "bids": 0, "is_renoticed": False}
    case = Case(**(usual | changes))
    return {road.action: road for road in open_roads(case, FIVE, LIMITS, MONDAY)}


def test_after_a_first_notice_nobody_contracts_without_competition() -> None:
    assert list(roads()) == ["rebid", "renotice", "cancel"]
    assert list(roads(bids=3)) == ["rebid", "renotice", "cancel"]


@pytest.mark.parametrize(("regime", "law"), [("national", "국가계약법"), ("local", "지방계약법")])
def test_each_road_stands_on_its_article_and_ground(regime: str, law: str) -> None:
    articles = {"rebid": "제20조제1항", "renotice": "제20조제2항"}
    if regime == "local":
        articles = {"rebid": "제19조제1항", "renotice": "제19조제2항"}
    found = roads(regime=regime)
    assert {name: (road.legal_basis, road.why, road.needs_ground) for name, road in found.items()} == {
        "rebid": (f"{law} 시행령 {articles['rebid']}", "no-winner", False),
        "renotice": (f"{law} 시행령 {articles['renotice']}", "no-winner", False),
        "cancel": (f"{law} 시행령 제33조", "no-need", False),
    }
    article = "제27조제1항" if regime == "national" else "제26조제1항"
    negotiated: list[tuple[str, bool, dict[str, Any]]] = [
        ("renotice-failed", False, {"is_renoticed": True}),
        ("single-bidder", True, {"bids": 1}),
    ]
    for why, needs_ground, case in negotiated:
        road = roads(regime=regime, **case)["negotiated-contract"]
        assert road == Road("negotiated-contract", f"{law} 시행령 {article}", why, needs_ground)
    quote = roads(regime=regime, method="quote", bids=1, is_renoticed=True)
    assert quote["single-quote"] == Road("single-quote", f"{law} 시행령 제30조제1항", "one-quote", needs_ground=True)
    assert "negotiated-contract" not in quote


def test_a_practice_tender_is_repeated_within_the_hour() -> None:
    found = roads(is_practice=True)
    for name in ("rebid", "renotice"):
        earliest = found[name].earliest
        assert earliest is not None
        assert earliest.closes_at == MONDAY + timedelta(hours=1)


def test_a_single_bidder_opens_it_on_a_ground_that_the_officer_states() -> None:
    road = roads(bids=1)["negotiated-contract"]
    assert (road.why, road.needs_ground, road.legal_basis) == ("single-bidder", True, "국가계약법 시행령 제27조제1항")
    assert roads(bids=1, method="quote")["single-quote"].legal_basis == "국가계약법 시행령 제30조제1항"


def test_a_renotice_that_failed_opens_it_without_a_further_ground() -> None:
    road = roads(is_renoticed=True)["negotiated-contract"]
    assert (road.why, road.needs_ground) == ("renotice-failed", False)


def test_a_rebid_may_close_after_two_days_and_a_renotice_after_five_that_count() -> None:
    found = roads()
    rebid, renotice = found["rebid"].earliest, found["renotice"].earliest
    assert rebid is not None
    assert renotice is not None
    assert rebid.closes_at == MONDAY + timedelta(hours=48)
    assert rebid.days is None
    assert renotice.closes_at.astimezone(KST) == datetime(2026, 11, 30, 10, tzinfo=KST)  # Sunday does not do
    assert renotice.days is not None
    assert len(renotice.days.counted) >= 5


@pytest.mark.parametrize("hours", range(0, 24 * 14, 5))
@pytest.mark.parametrize("is_rebid", [True, False])
def test_the_earliest_schedule_is_lawful_and_a_working_day_earlier_is_not(hours: int, is_rebid: bool) -> None:
    posted_at = MONDAY + timedelta(hours=hours, minutes=7)
    period: NoticePeriod | None = None if is_rebid else FIVE
    found = earliest_schedule(posted_at, period, LIMITS)

    def complaints(earlier: timedelta) -> tuple[Any, ...]:
        return check_schedule(
            Schedule(
                posted_at, posted_at, found.closes_at - earlier, found.opens_at - earlier, "services", "qualification",
                90_000_000, is_renotice=not is_rebid, is_rebid=is_rebid,
            )
        )  # fmt: skip

    assert complaints(timedelta()) == ()
    assert complaints(timedelta(hours=1)) != ()
    assert complaints(timedelta(days=1)) != ()
