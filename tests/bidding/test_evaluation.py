"""From what the box held to every bid placed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tlog.canon import jcs, parse
from bidding.draw import Seeds, draw_lots
from bidding.evaluation import digest_of, draw_sha256, evaluate
from bidding.opening import Line, bids_of, from_json, gather_seeds, read_lines, seed_holders, write_lines
from bidding.rules.failure import next_steps
from bidding.sealing import Lane
from bidding.types import (
    DrawRule,
    Evaluation,
    Exclusion,
    Fault,
    NoticeTerms,
    OpenedBid,
    Outcome,
    ReservePrices,
    Seed,
    Verdict,
)

RULE = DrawRule(base={"1": 100_000_000})
TERMS = NoticeTerms("R26BK00000001-000", "quote", 88_000, "test")
SEEDS = Seeds(agency=b"\1" * 32, contributions=(b"\2" * 32,))
BOX, ROOT = "0a" * 32, "0b" * 32


def bid(number: int, amount_won: int = 90_000_000, picks: tuple[int, ...] = (1, 2)) -> OpenedBid:
    return OpenedBid(f"{number:064x}", f"s{number}", amount_won, picks, bytes([number % 256]) * 32, f"b{number}")


def fault(number: int, verdict: Verdict = Verdict.MALFORMED) -> Fault:
    return Fault(f"{number:064x}", f"s{number}", verdict, "ciphertext", f"b{number}")


def run(found: list[OpenedBid | Fault], terms: NoticeTerms = TERMS, **options: Any) -> Evaluation:
    return evaluate(terms, RULE, box_id=BOX, box_root=ROOT, found=found, **{"seeds": SEEDS, **options})


def placed(evaluation: Evaluation) -> dict[int, tuple[int | None, str]]:
    return {int(placing.stmt, 16): (placing.rank, str(placing.reason)) for placing in evaluation.placings}


def test_everybody_is_placed_or_told_why_not() -> None:
    found: list[OpenedBid | Fault] = [
        bid(1, 90_000_000),
        bid(2, 88_500_000 + 2_000_000),
        bid(3, 1),
        bid(4, 10**9),
        fault(5),
        fault(6, Verdict.INVALID),
        bid(7, 89_900_000),
    ]
    exclusions = (Exclusion(bid(7).stmt, "sanctioned", "국가계약법 제27조"),)
    evaluation = run(found, exclusions=exclusions)
    assert evaluation.outcome is Outcome.RANKED
    assert placed(evaluation) == {
        1: (1, "valid"),
        2: (2, "valid"),
        3: (None, "below-floor"),
        4: (None, "above-estimated-price"),
        5: (None, "malformed"),
        6: (None, "invalid"),
        7: (None, "sanctioned"),
    }
    assert evaluation.winner is not None
    assert evaluation.winner.supplier == "s1"
    assert evaluation.valid == 4


def test_two_valid_bids_are_enough_and_one_is_not() -> None:
    two, one = run([bid(1), bid(2, 10**9)]), run([bid(1), fault(2)])
    assert (two.outcome, two.valid) == (Outcome.RANKED, 2)
    assert (one.outcome, one.valid, one.draw, one.winner) == (Outcome.FAILED, 1, None, None)
    assert placed(one) == {1: (None, "too-few-valid-bids"), 2: (None, "malformed")}
    assert one.arithmetic[0].expression == "1 < 2"
    assert one.draw_sha256 is None


def test_an_excluded_bid_is_not_counted_as_valid() -> None:
    excluded = (Exclusion(bid(2).stmt, "duplicate-representative"),)
    assert run([bid(1), bid(2)], exclusions=excluded).outcome is Outcome.FAILED


def test_a_notice_may_ask_for_one_bid_only() -> None:
    assert run([bid(1)], replace(TERMS, minimum_valid=1)).outcome is Outcome.RANKED


def test_without_bids_no_seeds_are_needed() -> None:
    assert run([], seeds=None).outcome is Outcome.FAILED
    with pytest.raises(ValueError, match="no seeds"):
        run([bid(1), bid(2)], seeds=None)


def test_nobody_between_floor_and_estimated_price_is_no_winner() -> None:
    evaluation = run([bid(1, 1), bid(2, 10**9)])
    assert (evaluation.outcome, evaluation.winner) == (Outcome.NO_WINNER, None)
    assert evaluation.draw is not None
    assert [step.action for step in evaluation.next_steps] == ["rebid", "renotice"]


def test_the_lowest_price_method_knows_no_floor() -> None:
    evaluation = run([bid(1, 1), bid(2)], replace(TERMS, method="lowest", floor_rate=None))
    assert (evaluation.floor_price_won, placed(evaluation)[1]) == (None, (1, "valid"))


def test_ties_fall_by_the_lot_of_this_draw() -> None:
    found: list[OpenedBid | Fault] = [bid(n, 90_000_000) for n in range(1, 8)]
    evaluation = run(found)
    assert evaluation.draw is not None
    expected = draw_lots(evaluation.draw.seed_n, "1", 90_000_000, [one.stmt for one in found])
    assert [placing.stmt for placing in evaluation.placings] == expected
    assert all(placing.is_tied for placing in evaluation.placings)


def test_an_exclusion_moves_neither_seed_nor_price() -> None:
    found: list[OpenedBid | Fault] = [bid(n, 90_000_000 + n, (n, n + 1)) for n in range(1, 6)]
    plain = run(found)
    excluded = run(found, exclusions=(Exclusion(found[0].stmt, "sanctioned"),))
    assert plain.draw == excluded.draw
    assert placed(excluded)[2][0] == 1


def test_a_faulty_bid_leaves_the_draw_to_the_others() -> None:
    assert run([bid(1), bid(2), fault(3)]).draw == run([bid(1), bid(2)]).draw


@pytest.mark.parametrize(
    "options",
    [
        {"found": [bid(1), bid(1)]},
        {"found": [bid(1), fault(1)]},
        {"found": [bid(1), bid(2)], "exclusions": (Exclusion("ff" * 32, "sanctioned"),)},
        {"found": [bid(1), bid(2)], "exclusions": (Exclusion(bid(1).stmt, "a"), Exclusion(bid(1).stmt, "b"))},
        {"found": [bid(1), bid(2)], "terms": replace(TERMS, method="beauty")},
    ],
)
def test_nonsense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"twice|unknown method"):
        run(**options)


def test_officers_confirm_all_of_it() -> None:
    """The digest changes with every figure, the draw included."""
    base = run([bid(1), bid(2)])
    others = [
        run([bid(1), bid(2, 90_000_001)]),
        run([bid(1), bid(2, picks=(4, 5))]),
        run([bid(1), bid(2)], replace(TERMS, rule_version="other")),
        run([bid(1), bid(2), fault(3)]),
        run([bid(1), bid(2)], seeds=replace(SEEDS, agency=b"\3" * 32)),
    ]
    assert len({digest_of(evaluation) for evaluation in (base, *others)}) == 6
    assert digest_of(base) == digest_of(run([bid(1), bid(2)]))
    assert base.draw is not None
    assert base.to_json()["draw_sha256"] == draw_sha256(base.draw)


@settings(max_examples=40)
@given(st.lists(st.integers(85_000_000, 103_000_000), min_size=2, max_size=25))
def test_an_evaluation_is_canonical_and_whole(amounts: list[int]) -> None:
    found: list[OpenedBid | Fault] = [bid(n, won, (n % 15 + 1, (n + 3) % 15 + 1)) for n, won in enumerate(amounts)]
    evaluation = run(found)
    value = evaluation.to_json()
    assert parse(jcs(value)) == value
    assert {placing["stmt"] for placing in value["placings"]} == {one.stmt for one in found}
    assert evaluation.draw is not None
    price, floor = evaluation.estimated_price_won, evaluation.floor_price_won
    assert price is not None
    assert floor is not None
    in_range = sorted(won for won in amounts if floor <= won <= price)
    assert [placing.amount_won for placing in evaluation.placings if placing.rank] == in_range


def test_the_floor_and_the_price_are_shown_line_by_line() -> None:
    evaluation = run([bid(1), bid(2)])
    assert [step.label for step in evaluation.arithmetic] == [
        "valid-bids",
        "drawn-numbers",
        "estimated-price",
        "floor-price",
    ]
    assert evaluation.arithmetic[3].value == str(evaluation.floor_price_won)


# ---- what the law allows next


@pytest.mark.parametrize(
    ("terms", "outcome", "actions"),
    [
        (TERMS, Outcome.RANKED, []),
        (TERMS, Outcome.FAILED, ["rebid", "renotice", "single-quote"]),
        (TERMS, Outcome.NO_WINNER, ["rebid", "renotice"]),
        (replace(TERMS, is_rebid=True), Outcome.FAILED, ["rebid", "renotice", "negotiated-contract"]),
        (replace(TERMS, method="qualification"), Outcome.FAILED, ["rebid", "renotice"]),
    ],
)
def test_after_a_failure_the_law_allows_some_roads(terms: NoticeTerms, outcome: Outcome, actions: list[str]) -> None:
    for regime, law in (("national", "국가계약법"), ("local", "지방계약법")):
        steps = next_steps(replace(terms, regime=regime), outcome)
        assert [step.action for step in steps] == actions
        assert all(step.legal_basis.startswith(law) for step in steps)


# ---- terms and lines as they are kept


def test_terms_survive_the_notice() -> None:
    terms = replace(TERMS, a_value_won=5, is_rebid=True)
    assert NoticeTerms.from_json(terms.to_json()) == terms
    for change in ({"extra": 1}, {"a_value": "05"}, {"a_value": None}, {"lot": None, "x": 1}):
        with pytest.raises(ValueError, match="terms"):
            NoticeTerms.from_json({**terms.to_json(), **change})


LINES = [
    Line(Seed("01" * 32, "@agency", b"\1" * 32), b"\2" * 32, "b0"),
    Line(ReservePrices("02" * 32, "@prices", tuple(range(1, 16))), b"\2" * 32, "b1"),
    Line(bid(3), b"\3" * 32, "b3"),
    Line(fault(4), None, "b4"),
    Line(fault(5, Verdict.INVALID), b"\5" * 32, "b5"),
]


def test_lines_of_an_opening_survive() -> None:
    data = write_lines(LINES)
    assert [from_json(line) for line in read_lines(data)] == LINES
    assert read_lines(b"") == []
    for broken in (data[:-1], b"[]\n", b"{} \n", b"x\n"):
        with pytest.raises(ValueError):
            read_lines(broken)
    with pytest.raises(ValueError, match="line"):
        from_json({**LINES[2].to_json(), "extra": 1})


def test_seeds_are_not_bids() -> None:
    faulty_seed = Fault("06" * 32, "@A", Verdict.MALFORMED, "wrap")
    found = [line.found for line in LINES]
    assert bids_of([*found, faulty_seed]) == [bid(3), fault(4), fault(5, Verdict.INVALID)]


LANE = Lane({"A": b"\0" * 32, "B": b"\1" * 32}, (("A", "B"),))
GIVEN = DrawRule(base={"1": 1}, mode="M3", kind="given")
M1 = replace(RULE, mode="M1")


@pytest.mark.parametrize(
    ("rule", "holders"),
    [(RULE, ("@agency", "@A", "@B")), (M1, ("@agency",)), (GIVEN, ("@agency", "@prices"))],
)
def test_each_mode_asks_for_its_own_seeds(rule: DrawRule, holders: tuple[str, ...]) -> None:
    assert seed_holders(rule, LANE) == holders


def test_seeds_are_gathered_in_the_order_of_the_box() -> None:
    seeds = [
        Seed("01" * 32, "@B", b"\3" * 32),
        Seed("02" * 32, "@A", b"\2" * 32),
        Seed("03" * 32, "@agency", b"\1" * 32),
    ]
    assert gather_seeds(RULE, LANE, seeds) == Seeds(b"\1" * 32, (b"\2" * 32, b"\3" * 32))
    prices = ReservePrices("04" * 32, "@prices", (1, 2))
    assert gather_seeds(GIVEN, LANE, [prices, seeds[2], bid(1)]).given_won == (1, 2)


@pytest.mark.parametrize(
    "found",
    [
        [],
        [Seed("03" * 32, "@agency", b"\1" * 32)],
        [Seed(f"{n:064x}", holder, b"\1" * 32) for n, holder in enumerate(("@agency", "@A", "@B", "@C"))],
        [Seed(f"{n:064x}", holder, b"\1" * 32) for n, holder in enumerate(("@agency", "@A", "@B", "@B"))],
    ],
)
def test_a_seed_missing_or_too_many_stops_the_draw(found: list[Seed]) -> None:
    with pytest.raises(ValueError, match="the draw needs"):
        gather_seeds(RULE, LANE, found)
