"""적격심사: the price points of a qualification review, and the lowest price that passes.

    score = B - k x |base - R|        R = 100 x (bid - A) / (estimated price - A), half up at the fifth decimal

조달청 시설공사 적격심사세부기준 제9269호, 별표 1-5; services and goods by their own tables. Points are counted in
ten-thousandths (95.0000 is 950000), so that nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from bidding.criteria import POINT, WHOLE
from bidding.price_scoring import NetCost, PriceTable
from bidding.rounding import half_up, show_rate
from bidding.rules.floor import floor_price
from bidding.rules.lowest import judge, rank_lowest_above_floor
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import at_least, estimated_price, show_points
from bidding.scoring import QualificationScoring
from bidding.types import OpenedBid, Placing, Points, Reason, Step, Terms

LEAST = 2 * POINT


TABLES: MappingProxyType[str, PriceTable] = MappingProxyType(
    {
        "works-1": PriceTable(50, Fraction(2), 90, 95, plateau=92_500),
        "works-2a": PriceTable(70, Fraction(4), 90, 95, plateau=91_250),
        "works-2b": PriceTable(70, Fraction(20), 90, 95, plateau=90_250),
        "works-3": PriceTable(80, Fraction(20), 90, 95, plateau=90_250),
        "works-4": PriceTable(90, Fraction(20), 90, 95, plateau=90_250),
        "works-5": PriceTable(90, Fraction(20), 90, 95, plateau=90_250),
    }
)


def price_ratio(amount_won: int, estimated_price_won: int, a_value_won: int = 0) -> int:
    """R in ten-thousandths of the whole (0.8975 is 8975), half up at the fifth decimal.

    ValueError if the A value is not below the estimated price. A bid below the A value counts as nothing.
    """
    if not 0 <= a_value_won < estimated_price_won:
        raise ValueError("the A value must be below the estimated price")
    return half_up(max(amount_won - a_value_won, 0), estimated_price_won - a_value_won, 4)


def price_score(table: PriceTable, amount_won: int, estimated_price_won: int, a_value_won: int = 0) -> int:
    """The price points in ten-thousandths; never below two points.

    On the plateau amounts are compared exactly, not by the rounded ratio. Above the estimated price it does not hold.
    """
    ratio = price_ratio(amount_won, estimated_price_won, a_value_won)
    if table.plateau is not None and _is_on_plateau(table.plateau, amount_won, estimated_price_won, a_value_won):
        ratio = table.plateau // 10
    # ratio is a whole number of hundredths of a percent; the table's base is in percent
    lost = table.slope * abs(table.base * 100 - ratio) * (POINT // 100)
    return max(int(table.full * POINT - lost), LEAST)


def passes(table: PriceTable, points: int, others: int) -> bool:
    """Whether price points and all other points (both ten-thousandths) reach the pass mark."""
    return points + others >= table.pass_mark * POINT


def lowest_passing(table: PriceTable, estimated_price_won: int, a_value_won: int = 0) -> int:
    """The lowest price in whole won that passes for a bidder with all other points.

    Closed form: base - (100 - pass mark) / k - 0.005 percent; the 0.005 is the half up at the fifth decimal.
    """
    if not 0 <= a_value_won < estimated_price_won:
        raise ValueError("the A value must be below the estimated price")
    percent = table.base - Fraction(100 - table.pass_mark) / table.slope - Fraction(5, 1000)
    part = (estimated_price_won - a_value_won) * percent / 100
    return a_value_won - (-part.numerator // part.denominator)


def explain_score(
    table: PriceTable, amount_won: int, estimated_price_won: int, a_value_won: int = 0
) -> tuple[Step, ...]:
    """The lines of arithmetic behind `price_score`."""
    ratio = price_ratio(amount_won, estimated_price_won, a_value_won)
    points = price_score(table, amount_won, estimated_price_won, a_value_won)
    top, bottom = f"({amount_won} - {a_value_won})", f"({estimated_price_won} - {a_value_won})"
    steps = [Step("price-ratio", f"100 x {top} / {bottom}", _percent(ratio))]
    if table.plateau is not None and _is_on_plateau(table.plateau, amount_won, estimated_price_won, a_value_won):
        ratio = table.plateau // 10
        steps.append(Step("plateau", f"{top} >= {show_rate(table.plateau)}% x {bottom}", _percent(ratio)))
    line = f"{table.full} - {table.slope} x |{table.base} - {_percent(ratio)}|"
    steps.append(Step("price-points", f"max({line}, 2)" if points == LEAST else line, show_points(points)))
    return tuple(steps)


def net_cost_limit(net_cost: NetCost, estimated_price_won: int, base_won: int) -> tuple[int, int]:
    """순공사원가 at the estimated price, and the price below which a bid is out; both rounded up to a won.

    >>> net_cost_limit(NetCost(1_000), 2_000, 2_000)
    (1000, 980)
    """
    if min(estimated_price_won, base_won) <= 0:
        raise ValueError("net cost is a part of the base amount")
    cost = -(-net_cost.won * estimated_price_won // base_won)
    return cost, -(-cost * net_cost.rate // WHOLE)


def rank_qualification(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by price, cheapest first, with the points of each price and how many others its review must give.

    Out of the running: above the estimated price, below the floor, below 98 % of the net cost, or so far from the
    table's centre that all other points together would not pass. Without a scoring it ranks as a quote does.
    Equal prices are placed by lot; whose review gives more points is known only later (decision 0034).
    """
    scoring = terms.scoring
    if scoring is None:
        return rank_lowest_above_floor(terms, bids)
    if not isinstance(scoring, QualificationScoring) or terms.floor_rate is None:
        raise ValueError("this method needs a floor and a price table")
    price = estimated_price(terms)
    floor_won = floor_price(price, terms.floor_rate, terms.a_value_won)
    limit_won = None
    if scoring.net_cost is not None:
        _, limit_won = net_cost_limit(scoring.net_cost, price, terms.base_won or 0)
    check_bids(bids)
    judged = [_judge(terms, scoring.table, judge(bid, price, floor_won), price, limit_won) for bid in bids]
    return in_order("qualification", terms, judged)


def explain_qualification(terms: Terms, _placings: Sequence[Placing]) -> tuple[Step, ...]:
    """The net cost at the estimated price, and the price below which a bid is out."""
    scoring = terms.scoring
    if not isinstance(scoring, QualificationScoring) or scoring.net_cost is None:
        return ()
    price, net_cost, base = estimated_price(terms), scoring.net_cost, terms.base_won or 0
    cost, limit = net_cost_limit(net_cost, price, base)
    return (
        Step("net-cost", f"{net_cost.won} x {price} / {base}, up-1", str(cost)),
        Step("net-cost-limit", f"{cost} x {show_rate(net_cost.rate)}%, up-1", str(limit)),
    )


def _judge(terms: Terms, table: PriceTable, placing: Placing, price_won: int, limit_won: int | None) -> Placing:
    amount = placing.amount_won
    assert amount is not None
    steps = list(placing.arithmetic)
    if limit_won is not None:
        steps.append(at_least("against-net-cost", amount, limit_won))
    steps += explain_score(table, amount, price_won, terms.a_value_won)
    points = price_score(table, amount, price_won, terms.a_value_won)
    needed = max(table.pass_mark * POINT - points, 0)
    sign = "<=" if needed <= table.others * POINT else ">"
    steps.append(Step("needed-points", f"{table.pass_mark} - {show_points(points)} {sign} {table.others}", sign))
    reason = placing.reason
    if reason == Reason.VALID and limit_won is not None and amount < limit_won:
        reason = Reason.BELOW_NET_COST
    elif reason == Reason.VALID and sign == ">":
        reason = Reason.CANNOT_PASS
    return replace(placing, reason=reason, arithmetic=tuple(steps), points=Points(price=points, needed=needed))


def _is_on_plateau(plateau: int, amount_won: int, estimated_price_won: int, a_value_won: int) -> bool:
    bid, price = amount_won - a_value_won, estimated_price_won - a_value_won
    return bid <= price and bid * WHOLE >= price * plateau


def _percent(ratio: int) -> str:
    return f"{ratio // 100}.{ratio % 100:02d}"
