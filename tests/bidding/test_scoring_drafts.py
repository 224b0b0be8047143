"""The terms of a method, from the officer's form to the notice: nothing typed is lost, and what conflicts is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.criteria_rows import Row, RowError, full_of, read_rows, typed_rows
from bidding.method_examples import example_of
from bidding.models import Tender
from bidding.notice_terms import METHODS
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.scoring import read_scoring
from bidding.services.drafting import save_draft
from bidding.services.schedule import notice_findings
from tests.bidding.staging import PLAN, an_agency
from tests.builders import sign_in

PROPOSAL = {"name": "제안서", "hint": "", "required": True, "max_bytes": 50_000_000}


class TestRows:
    def test_codes_follow_the_levels_and_sums_the_parts(self) -> None:
        criteria, errors = read_rows(
            [
                Row("1", "계획", ""),
                Row("2", "이해도", "20"),
                Row("1", "", ""),
                Row("2", "방법", "30"),
                Row("1", "인력", "30"),
            ]
        )
        assert not errors
        assert [(one["code"], one["full"], one["parent"]) for one in criteria] == [
            ("1", 50, None), ("1.1", 20, "1"), ("1.2", 30, "1"), ("2", 30, None),
        ]  # fmt: skip
        assert full_of(criteria) == 80

    def test_what_a_form_shows_is_read_again(self) -> None:
        criteria = example_of("negotiation").terms.to_json()["scoring"]["technical"]["criteria"]
        assert read_rows(typed_rows(criteria)) == (criteria, [])

    @pytest.mark.parametrize(
        ("rows", "error"),
        [
            ([], RowError(0, "no-criteria")),
            ([Row("2", "부분", "5")], RowError(1, "no-parent")),
            ([Row("1", "가", "5"), Row("3", "나", "5")], RowError(2, "no-parent")),
            ([Row("9", "가", "5")], RowError(1, "no-parent")),
            ([Row("1", "", "5")], RowError(1, "name")),
            ([Row("1", "가" * 201, "5")], RowError(1, "name")),
            ([Row("1", "가", "0")], RowError(1, "points")),
            ([Row("1", "가", "101")], RowError(1, "points")),
            ([Row("1", "가", "1.5")], RowError(1, "points")),
            ([Row("1", "가", "٥")], RowError(1, "points")),
            ([Row("1", "가", "")], RowError(0, "leaf-without-points", "1")),
            ([Row("1", "가", "9"), Row("2", "나", "5")], RowError(0, "parts-differ", "1: 5 ≠ 9")),
            ([Row("1", f"{n}", "1") for n in range(101)], RowError(0, "too-many")),
        ],
    )
    def test_each_mistake_is_named_by_its_row(self, rows: list[Row], error: RowError) -> None:
        assert read_rows(rows) == ([], [error])


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency) -> Tender:
    now = time.now()
    with transaction():
        return draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))


@pytest.fixture
def officer(client: FlaskClient, agency: Agency) -> FlaskClient:
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    return client


def choose(tender: Tender, agency: Agency, method: str, **more: Any) -> None:
    with transaction():
        save_draft(tender.id, {"method": method, **more}, agency.officer)


CRITERIA = {
    "criterion_level": ["1", "2", "2", "1", "1"],
    "criterion_name": ["수행 계획", "이해도", "방법", "인력", ""],
    "criterion_points": ["", "20", "30", "30", ""],
    "least_evaluators": "7",
    "threshold": "85",
    "drop": "extremes",
}
NEGOTIATION = CRITERIA | {
    "reference": "given", "reference_won": "100,000,000", "mark": "80", "low": "60", "extra": "2",
    "below_low": "line", "lowest_over": "qualified", "ceiling_won": "100,000,000",
}  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "qualification": {"with_table": "true", "full": "80", "slope": "20", "base": "90", "pass_mark": "95",
                      "plateau": "90.25", "net_cost_won": "70,000,000", "net_cost_rate": "98"},
    "negotiation": NEGOTIATION,
    "two-stage": CRITERIA | {"form": "separate"},
    "desired-quantity": {"quantity": "1000", "unit": "대"},
    "sale": {"minimum_won": ""},
    "best-value": CRITERIA | {"formula": "linear", "ceiling_won": "100000000"},
    "reverse-auction": {"rounds": "3", "round_seconds": "600", "step_rate": "0.5", "extend_seconds": "120",
                        "last_seconds": "60"},
}  # fmt: skip


SHOWN = {
    "qualification": 'value="90.250"',
    "negotiation": "수행 계획",
    "two-stage": "이해도",
    "desired-quantity": 'value="1000"',
    "sale": "f-minimum_won",
    "best-value": "인력",
    "reverse-auction": 'value="0.500"',
}


class TestForms:
    @pytest.mark.parametrize("method", sorted(FORMS))
    def test_what_is_entered_stands_in_the_draft_as_notices_carry_it_and_is_shown_again(
        self, officer: FlaskClient, tender: Tender, agency: Agency, method: str
    ) -> None:
        choose(tender, agency, method)
        href = f"/agency/tenders/{tender.id}/draft/scoring"
        assert officer.get(href).status_code == 200
        answer = officer.post(href, data=FORMS[method])
        assert answer.status_code == 302, answer.get_data(as_text=True)
        assert read_scoring(method, tender.scoring) is not None
        shown = officer.get(href).get_data(as_text=True)
        again = officer.post(href, data=FORMS[method] | {"stay": "1"})
        assert again.location.endswith("/draft/scoring")
        assert SHOWN[method] in shown

    def test_the_tree_and_the_formula_of_a_negotiation(
        self, officer: FlaskClient, tender: Tender, agency: Agency
    ) -> None:
        choose(tender, agency, "negotiation", draw_mode="M0")
        officer.post(f"/agency/tenders/{tender.id}/draft/scoring", data=NEGOTIATION)
        assert tender.scoring is not None
        assert tender.scoring["technical"]["full"] == 80
        assert tender.scoring["price"] | {"full": 20, "reference_won": "100000000"} == tender.scoring["price"]
        text = officer.get(f"/agency/tenders/{tender.id}/draft/check?lang=en").get_data(as_text=True)
        assert "1.2 방법" in text
        assert "20 × lowest bid ÷ bid" in text

    def test_without_a_table_a_review_goes_without_scoring(
        self, officer: FlaskClient, tender: Tender, agency: Agency
    ) -> None:
        choose(tender, agency, "qualification")
        assert officer.post(f"/agency/tenders/{tender.id}/draft/scoring", data={}).status_code == 302
        assert tender.scoring is None

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"criterion_points": ["", "20", "many", "30", ""]}, "Criterion in row 3"),
            ({"criterion_points": ["60", "20", "30", "30", ""]}, "20 + 30 ≠ 60"),
            ({"criterion_points": ["", "50", "50", "30", ""]}, "at most 100 are possible"),
            ({"criterion_points": ["", "40", "30", "30", ""]}, "nothing is left for the price"),
            ({"criterion_name": ["", "", "", "", ""], "criterion_points": [""] * 5}, "Give one criterion at least"),
            ({"threshold": "101"}, "between 0 and 100"),
            ({"reference_won": ""}, "Give the amount that the price points refer to"),
            ({"low": "80"}, "The low mark lies below"),
            ({"extra": "2.5"}, "a whole number or a fraction"),
            ({"rank_gap": "4"}, "up to 3"),
        ],
    )
    def test_what_does_not_fit_is_told_and_nothing_typed_is_lost(
        self, officer: FlaskClient, tender: Tender, agency: Agency, changes: dict[str, Any], told: str
    ) -> None:
        choose(tender, agency, "negotiation")
        answer = officer.post(f"/agency/tenders/{tender.id}/draft/scoring?lang=en", data=NEGOTIATION | changes)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert told in text
        if "criterion_name" not in changes:
            assert "수행 계획" in text
        assert tender.scoring is None

    def test_more_rows_keep_what_was_typed_and_save_nothing(
        self, officer: FlaskClient, tender: Tender, agency: Agency
    ) -> None:
        choose(tender, agency, "negotiation")
        sent = CRITERIA | {"more": "1", "least_evaluators": ""}
        answer = officer.post(f"/agency/tenders/{tender.id}/draft/scoring", data=sent)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert text.count('name="criterion_name"') == 10
        assert "이해도" in text
        assert tender.scoring is None

    def test_the_rule_tables_propose_the_table_of_the_band(
        self, officer: FlaskClient, tender: Tender, agency: Agency
    ) -> None:
        choose(tender, agency, "qualification", kind="works", estimated_value_won=500_000_000)
        href = f"/agency/tenders/{tender.id}/draft/scoring?lang=en"
        text = officer.get(href).get_data(as_text=True)
        assert "제9269호 별표 3" in text
        assert "read in the published text" in text
        electrical = officer.get(f"{href}&category=electrical").get_data(as_text=True)
        assert "별표 2-" in electrical

    def test_another_method_asks_for_its_terms_anew(self, tender: Tender, agency: Agency) -> None:
        example = example_of("negotiation").terms.to_json()["scoring"]
        choose(tender, agency, "negotiation", scoring=example, draw_mode="M0")
        choose(tender, agency, "best-value")
        assert tender.scoring is None
        choose(tender, agency, "quote")
        assert tender.scoring is None

    @pytest.mark.parametrize(
        ("method", "following"), [("quote", "who"), ("lowest", "who"), ("negotiation", "scoring"), ("sale", "scoring")]
    )
    def test_the_step_comes_only_where_a_method_has_terms(
        self, officer: FlaskClient, tender: Tender, method: str, following: str
    ) -> None:
        sent = {"method": method, "range_percent": "2", "floor_rate": "88"}
        answer = officer.post(f"/agency/tenders/{tender.id}/draft/method", data=sent)
        assert answer.location.endswith(f"/draft/{following}")


@pytest.fixture
def found(tender: Tender, agency: Agency) -> Any:
    def codes(method: str, **more: Any) -> dict[str, str]:
        choose(tender, agency, method, **more)
        return {one.finding.code: one.finding.severity for one in notice_findings(tender, time.now())}

    return codes


class TestConflicts:
    @pytest.mark.parametrize("method", [one for one in METHODS if one not in ("quote", "lowest", "qualification")])
    def test_terms_that_are_missing_bar_the_submission(self, found: Any, method: str) -> None:
        assert found(method)["terms-missing"] == "error"

    @pytest.mark.parametrize("method", METHODS)
    def test_the_terms_of_the_examples_have_no_error(self, found: Any, method: str) -> None:
        example = example_of(method)
        values = {
            "scoring": example.terms.scoring.to_json() if example.terms.scoring else None,
            "floor_rate": example.terms.floor_rate,
            "draw_mode": example.rule.mode,
            "asked_documents": [PROPOSAL] if example.terms.technical else [],
        }
        assert "error" not in found(method, **values).values()

    def test_scored_proposals_must_be_asked_for(self, found: Any) -> None:
        example = example_of("two-stage").terms.to_json()["scoring"]
        assert found("two-stage", scoring=example)["proposal-not-asked"] == "error"
        assert "proposal-not-asked" not in found("two-stage", scoring=example, asked_documents=[PROPOSAL])

    def test_no_reserve_prices_where_the_method_needs_them(self, found: Any) -> None:
        assert found("quote", draw_mode="M0")["needs-reserve-prices"] == "error"

    def test_a_formula_that_refers_to_a_price_that_is_not_made(self, found: Any) -> None:
        scoring = example_of("negotiation").terms.to_json()["scoring"]
        scoring["price"] |= {"reference": "estimated-price", "reference_won": None}
        assert found("negotiation", scoring=scoring, draw_mode="M0")["reference-not-made"] == "error"
        assert "reference-not-made" not in found("negotiation", scoring=scoring, draw_mode="M2")

    def test_a_table_of_another_band_and_a_floor_that_is_not_its_own(self, found: Any) -> None:
        """별표 3 (3 to 10억) for 20억, with the floor of the older table."""
        scoring = example_of("qualification").terms.to_json()["scoring"]
        codes = found(
            "qualification", scoring=scoring, kind="works", estimated_value_won=2_000_000_000, floor_rate=87_745
        )
        assert codes["table-of-another-band"] == "warning"
        assert codes["floor-not-of-table"] == "warning"
        right = found(
            "qualification", scoring=scoring, kind="works", estimated_value_won=500_000_000, floor_rate=89_745
        )
        assert not {"table-of-another-band", "floor-not-of-table", "floor-differs"} & set(right)
        assert right["no-net-cost"] == "warning"

    def test_a_sale_has_one_price(self, found: Any) -> None:
        assert found("sale", scoring={}, draw_mode="M0")["sale-without-price"] == "error"
        assert found("sale", scoring={"minimum_won": "5"}, draw_mode="M2")["sale-with-two-prices"] == "error"

    def test_thresholds_and_evaluators_are_minded(self, found: Any) -> None:
        scoring = example_of("negotiation").terms.to_json()["scoring"]
        scoring["technical"] |= {"threshold": None, "drop": "extremes", "least_evaluators": 3}
        codes = found("negotiation", scoring=scoring, draw_mode="M0")
        assert codes["no-threshold"] == codes["drop-needs-more"] == "warning"
        scoring["technical"] |= {"threshold": 70_000}
        assert found("negotiation", scoring=scoring)["threshold-unusual"] == "warning"

    def test_an_auction_stands_on_no_provision(self, found: Any) -> None:
        scoring = example_of("reverse-auction").terms.to_json()["scoring"]
        assert found("reverse-auction", scoring=scoring, draw_mode="M0")["method-without-provision"] == "warning"
