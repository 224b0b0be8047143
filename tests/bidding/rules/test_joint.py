"""Agreements of consortia: shares that make a whole, parts that are named, the day before the deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.rules.joint import (
    WHOLE,
    Agreement,
    Fault,
    JointKind,
    JointTerms,
    Member,
    agreed_until,
    apportion,
    faults_of,
    shares_left,
)

TERMS = JointTerms((JointKind.JOINT, JointKind.DIVIDED, JointKind.MAIN), 3, 10_000)
JOINT = Agreement("R26BK00000001-000", JointKind.JOINT, (Member("1", 60_000), Member("2", 40_000)))
DIVIDED = Agreement("R26BK00000001-000", JointKind.DIVIDED, (Member("1", 0, "설계"), Member("2", 0, "시공")))


def codes(agreement: Agreement, terms: JointTerms = TERMS) -> list[str]:
    return [fault.code for fault in faults_of(agreement, terms)]


@pytest.mark.parametrize("agreement", [JOINT, DIVIDED, replace(JOINT, kind=JointKind.MAIN)])
def test_a_whole_agreement_has_no_fault(agreement: Agreement) -> None:
    assert codes(agreement) == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((Member("1", 60_000), Member("2", 39_999)), ["shares-not-whole"]),
        ((Member("1", 60_000), Member("2", 40_001)), ["shares-not-whole"]),
        ((Member("1", 90_001), Member("2", 9_999)), ["share-too-small"]),
        ((Member("1", 90_000), Member("2", 10_000)), []),
        ((Member("1", WHOLE),), ["number-of-members"]),
        ((Member("1", 50_000), Member("1", 50_000)), ["member-twice"]),
        (tuple(Member(str(n), 25_000) for n in range(4)), ["number-of-members"]),
    ],
)
def test_what_is_wrong_with_shares_is_said(members: tuple[Member, ...], expected: list[str]) -> None:
    assert codes(replace(JOINT, members=members)) == expected


def test_parts_are_named_where_each_does_its_own_and_have_no_shares() -> None:
    assert codes(replace(DIVIDED, members=(Member("1", 0, "설계"), Member("2", 0, " ")))) == ["part-missing"]
    assert codes(replace(DIVIDED, members=(Member("1", 1, "설계"), Member("2", 0, "시공")))) == ["share-not-asked"]


def test_only_kinds_of_the_notice_are_allowed() -> None:
    assert codes(JOINT, replace(TERMS, kinds=(JointKind.DIVIDED,))) == ["kind-not-allowed"]
    assert codes(replace(JOINT, kind="other"), replace(TERMS, kinds=("other",))) == ["kind-not-allowed"]


def test_a_share_of_nothing_is_too_small_even_where_the_notice_sets_no_least() -> None:
    members = (Member("1", WHOLE), Member("2", 0))
    assert codes(replace(JOINT, members=members), replace(TERMS, min_share=0)) == ["share-too-small"]


def test_a_fault_names_the_member_and_the_figures() -> None:
    assert faults_of(replace(JOINT, members=(Member("1", WHOLE),)), TERMS) == [
        Fault("number-of-members", facts={"least": 2, "most": 3})
    ]
    twice = (Member("2", 30_000), Member("1", 30_000), Member("2", 40_000))
    assert faults_of(replace(JOINT, members=twice), TERMS) == [Fault("member-twice", "2")]
    small = (Member("1", 90_001), Member("2", 9_998))
    assert faults_of(replace(JOINT, members=small), TERMS) == [
        Fault("share-too-small", "2", {"least": 10_000}),
        Fault("shares-not-whole", facts={"total": 99_999}),
    ]
    parts = (Member("1", 0, "설계"), Member("2", 3, " "))
    assert faults_of(replace(DIVIDED, members=parts), TERMS) == [
        Fault("part-missing", "2"),
        Fault("share-not-asked", "2"),
    ]
    assert faults_of(replace(JOINT, kind="other"), TERMS) == [Fault("kind-not-allowed")]


def test_as_many_members_as_the_notice_allows_may_bid_together_and_each_may_have_the_least() -> None:
    assert codes(replace(JOINT, members=(Member("1", 80_000), Member("2", 10_000), Member("3", 10_000)))) == []
    least = (Member("1", WHOLE - 1), Member("2", 1))
    assert codes(replace(JOINT, members=least), replace(TERMS, min_share=0)) == []


def test_terms_and_agreements_have_one_spelling() -> None:
    spelt = {"kinds": ["joint", "divided", "main-contractor"], "max_members": 3, "min_share": 10_000}
    assert TERMS.to_json() == spelt
    assert JointTerms.from_json(spelt) == TERMS
    assert DIVIDED.to_json() == {
        "v": 1,
        "type": "consortium",
        "tender": "R26BK00000001-000",
        "kind": "divided",
        "members": [{"supplier": "1", "share": 0, "part": "설계"}, {"supplier": "2", "share": 0, "part": "시공"}],
    }
    assert DIVIDED.lead == "1"


def test_the_hash_names_every_word_of_the_agreement() -> None:
    changed = [
        replace(JOINT, kind=JointKind.MAIN),
        replace(JOINT, members=JOINT.members[::-1]),
        replace(JOINT, members=(Member("1", 60_001), Member("2", 39_999))),
        replace(JOINT, members=(Member("1", 60_000, "x"), Member("2", 40_000))),
        replace(JOINT, tender="R26BK00000001L02-000"),
    ]
    assert len({JOINT.sha256, *(one.sha256 for one in changed)}) == len(changed) + 1


def test_it_is_concluded_before_midnight_in_korea_of_the_day_of_the_deadline() -> None:
    closes_at = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)  # 10:00 in Korea
    assert agreed_until(closes_at, 1) == datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    early = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)  # midnight itself
    assert agreed_until(early, 1) == early
    assert agreed_until(early - timedelta(seconds=1), 1) == early - timedelta(days=1)
    assert agreed_until(closes_at, 1, is_practice=True) == closes_at
    assert agreed_until(closes_at, 1).tzinfo is UTC


def test_a_member_that_is_void_leaves_its_share_to_the_others_in_proportion() -> None:
    members = (Member("1", 50_000), Member("2", 30_000), Member("3", 20_000))
    left = shares_left(members, {"3"})
    assert [(one.supplier, one.share) for one in left] == [("1", 62_500), ("2", 37_500)]
    assert shares_left(members, set()) == members
    named = (Member("1", 50_000, "설계"), Member("2", 30_000), Member("3", 20_000))
    assert shares_left(named, {"2"}) == (Member("1", 71_429, "설계"), Member("3", 28_571))
    assert [one.part for one in shares_left(DIVIDED.members, {"2"})] == ["설계"]
    with pytest.raises(ValueError, match="lead"):
        shares_left(members, {"1"})


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=10).filter(any))
def test_nothing_is_lost_in_cutting_and_nobody_is_off_by_a_whole(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_what_is_left_over_goes_to_the_largest_remainders_and_of_equal_ones_to_the_earlier() -> None:
    assert apportion(10, [1, 5, 2]) == [1, 6, 3]  # 1.25, 6.25, 2.5
    assert apportion(10, [5, 1, 1]) == [7, 2, 1]  # 7.14, 1.43, 1.43
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]
    assert apportion(7, [1]) == [7]


def test_there_is_nothing_to_cut_by_without_weights() -> None:
    for weights in ([0], [-1, 2]):
        with pytest.raises(ValueError, match="weights"):
            apportion(10, weights)
