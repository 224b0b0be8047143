"""입찰무효: each finding as it is kept, with its result, its note and its article; and what finds nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bidding.rules.data import Certainty, Ground, archived, find_grounds
from bidding.rules.data.schema import GROUNDS
from bidding.rules.validity import LIST, OTHERS, BidFacts, Bond, Finding, check_bids, codes_for, exclusions_from
from bidding.types import Exclusion, Reason

RULE = {"national": "국가계약법 시행규칙 제44조제1항", "local": "지방계약법 시행규칙 제42조"}
REVIEW = "조달청 시설공사 적격심사세부기준 제4조"
TODAY = date(2026, 11, 24)
# What evaluations and decisions wrote before the grounds were rule data: their bytes must stay.
ITEMS = {
    "not-eligible": "제1호",
    "sanctioned": "제1호",
    "business-kind": "제1호",
    "licence-missing": "제1호",
    "region-mismatch": "제1호",
    "representative-sanctioned": "제1호의2",
    "bond-missing": "제2호",
    "late": "제3호",
    "duplicate-bid": "제4호",
    "duplicate-representative": "제4호",
    "statement-missing": "제6호",
    "amounts-differ": "제6호",
    "registration-changed": "제6호의3",
}


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
    assert exclusions_from(found, ["4", "3", "2", "1"], find_grounds("national", TODAY)) == [
        Exclusion("2", "sanctioned", RULE["national"] + "제1호"),
        Exclusion("1", "bond-missing", RULE["national"] + "제2호"),
    ]
    assert exclusions_from(found, ["1"], find_grounds("local", TODAY)) == [
        Exclusion("1", "bond-missing", RULE["local"])
    ]
    assert found["3"][0].to_json() == {"code": "registration-changed", "result": "look", "note": ""}


def test_the_article_of_an_exclusion_is_the_one_of_the_rule_data() -> None:
    ground = Ground("국가계약법 시행규칙 제99조", Certainty.OFFICIAL, {})
    found = check_bids([bid(is_sanctioned=True)], None)
    assert exclusions_from(found, ["1"], {"sanctioned": ground}) == [
        Exclusion("1", "sanctioned", "국가계약법 시행규칙 제99조")
    ]


@pytest.mark.parametrize("on", [date(2019, 1, 1), TODAY])
@pytest.mark.parametrize("regime", ["national", "local"])
def test_every_ground_has_the_article_that_was_always_written(regime: str, on: date) -> None:
    law = "국가계약법" if regime == "national" else "지방계약법"
    known = {code: one.legal_basis for code, one in find_grounds(regime, on).items()}
    voided = {str(one.code): RULE[regime] + (ITEMS.get(one.code, "") if regime == "national" else "") for one in LIST}
    reviewed = dict.fromkeys(("documents-missing", "false-documents", "below-pass-mark"), REVIEW)
    assert known == {
        **voided,
        **reviewed,
        "negotiation-failed": f"{law} 시행령 제43조",
        "contract-refused": f"{law} 시행령 제38조",
    }


def test_the_rule_data_know_every_ground_of_every_decision_and_no_other() -> None:
    kinds = ("disqualification", *OTHERS)
    assert codes_for("refusal") == ("contract-refused",)
    assert codes_for("negotiation") == ("negotiation-failed",)
    assert codes_for("qualification") == ("documents-missing", "false-documents", "below-pass-mark")
    assert codes_for("disqualification") == (*(str(one.code) for one in LIST), "false-documents")
    assert {code for kind in kinds for code in codes_for(kind)} == set(GROUNDS)


@pytest.mark.parametrize("regime", ["national", "local"])
def test_a_number_that_nobody_read_in_the_text_says_so_in_both_languages(regime: str) -> None:
    grounds = find_grounds(regime, TODAY)
    assert grounds["below-pass-mark"].certainty is Certainty.OFFICIAL
    unsure = [one for one in grounds.values() if one.certainty is Certainty.ASSUMED]
    assert unsure
    assert all(one.note["ko"] and one.note["en"] for one in unsure)
    assert grounds["registration-changed"].certainty == ("official" if regime == "national" else "assumed")


def test_a_version_from_before_the_grounds_were_data_leaves_them_to_the_software() -> None:
    old = archived()["2026-11-24-174a3fcb498c"]
    assert "exclusion_grounds" not in old.tables
    assert find_grounds("national", TODAY, book=old) == find_grounds("national", TODAY)
