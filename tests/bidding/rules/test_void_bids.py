"""입찰무효: each finding as it is kept, with its result, its note and its article; and what finds nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bidding.rules.validity import LIST, BidFacts, Bond, Finding, basis_of, check_bids, exclusions_from, grounds_for
from bidding.types import Exclusion, Reason

RULE = {"national": "국가계약법 시행규칙 제44조제1항", "local": "지방계약법 시행규칙 제42조"}
REVIEW = "조달청 시설공사 적격심사세부기준 제4조"


def bid(number: int = 1, **facts: Any) -> BidFacts:
    return BidFacts(str(number), 90_000_000, **facts)


def test_a_person_and_a_name_behind_one_bid_alone_are_nothing_to_find() -> None:
    one = bid(1, people=frozenset({"a"}), names=frozenset({"김철수"}))
    other = bid(2, people=frozenset({"b"}), names=frozenset({"이영희"}))
    assert check_bids([one, other], None) == {}


def test_one_person_behind_two_bids_and_a_name_that_two_share_are_told_apart() -> None:
    same, name = frozenset({"a", "x"}), frozenset({"김철수"})
    facts = [bid(1, people=same, names=name), bid(2, people=frozenset({"a"}), names=name), bid(3, names=name), bid(4)]
    out = [Finding(Reason.DUPLICATE_REPRESENTATIVE, "out")]
    look = [Finding(Reason.DUPLICATE_REPRESENTATIVE, "look", "same-name")]
    assert check_bids(facts, None) == {"1": out, "2": out, "3": look}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (
            {"ineligible": frozenset({"region", "licence", "licence-expired"})},
            [
                Finding("licence-missing", "out", "licence, licence-expired, region"),
                Finding("region-mismatch", "out", "licence, licence-expired, region"),
            ],
        ),
        (
            {"ineligible": frozenset({"size"}), "is_other_now": True},
            [Finding("not-eligible", "look", "size")],
        ),
        ({"is_sanctioned": True}, [Finding(Reason.SANCTIONED, "out")]),
        (
            {"is_sanctioned": True, "ineligible": frozenset({"sanctioned"})},
            [Finding("sanctioned", "out", "sanctioned")],
        ),
        ({"has_sanctioned_person": True}, [Finding(Reason.REPRESENTATIVE_SANCTIONED, "out")]),
        ({"changed": "before"}, [Finding(Reason.REGISTRATION_CHANGED, "out")]),
        ({"changed": "after"}, [Finding(Reason.REGISTRATION_CHANGED, "look")]),
    ],
)
def test_each_fact_is_one_finding(facts: dict[str, Any], found: list[Finding]) -> None:
    assert check_bids([bid(**facts)], None) == {"1": found}


@pytest.mark.parametrize(
    ("bond", "note"),
    [
        (None, "none"),
        (Bond("undertaking", None, is_in_time=False), "late"),
        (Bond("cash", 4_499_999, is_in_time=True), "too-small"),
    ],
)
def test_a_bond_that_is_missing_late_or_too_small_puts_a_bid_out(bond: Bond | None, note: str) -> None:
    assert check_bids([bid(bond=bond)], 5_000) == {"1": [Finding(Reason.BOND_MISSING, "out", note)]}
    assert check_bids([bid(bond=Bond("cash", 4_500_000, is_in_time=True))], 5_000) == {}


def test_the_first_finding_that_puts_a_bid_out_excludes_it_on_its_article() -> None:
    found = check_bids(
        [
            bid(1, changed="after", bond=Bond("cash", 1, is_in_time=True)),
            bid(2, is_sanctioned=True, has_sanctioned_person=True, bond=Bond("undertaking", None, is_in_time=True)),
            bid(3, changed="after", bond=Bond("undertaking", None, is_in_time=True)),
        ],
        5_000,
    )
    assert exclusions_from(found, ["4", "3", "2", "1"], "national") == [
        Exclusion("2", "sanctioned", RULE["national"] + "제1호"),
        Exclusion("1", "bond-missing", RULE["national"] + "제2호"),
    ]
    assert exclusions_from(found, ["1"], "local") == [Exclusion("1", "bond-missing", RULE["local"])]
    assert found["3"][0].to_json() == {"code": "registration-changed", "result": "look", "note": ""}


@pytest.mark.parametrize("regime", ["national", "local"])
def test_every_ground_of_a_decision_has_its_law(regime: str) -> None:
    law = "국가계약법" if regime == "national" else "지방계약법"
    refusing = f"{law} 시행령 제38조"
    assert grounds_for("refusal", regime) == (("contract-refused", refusing),)
    assert grounds_for("negotiation", regime) == (("negotiation-failed", f"{law} 시행령 제43조"),)
    reviewed = [(code, REVIEW) for code in ("documents-missing", "false-documents", "below-pass-mark")]
    assert list(grounds_for("qualification", regime)) == reviewed
    voided = [(str(one.code), RULE[regime] + (one.item if regime == "national" else "")) for one in LIST]
    assert list(grounds_for("disqualification", regime)) == [*voided, ("false-documents", REVIEW)]
    assert basis_of("something-else", regime) == RULE[regime]
