"""Methods in plain words: each has its page, and its example is what the engine makes of it at that moment."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from bidding.arithmetic_texts import arithmetic_text
from bidding.method_examples import example_of
from bidding.method_texts import METHODS as TEXTS
from bidding.notice_terms import METHODS
from bidding.rules import RULES
from bidding.rules.fitting import check_fit
from bidding.sample_bids import spread
from bidding.sample_lines import columns_of, read_samples, write_samples
from bidding.types import NoticeTerms, Outcome, Reason


def test_every_method_that_the_engine_knows_is_explained() -> None:
    assert set(TEXTS) == set(RULES) == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
class TestExample:
    def test_its_notice_can_be_read_as_notices_are(self, method: str) -> None:
        example = example_of(method)
        assert NoticeTerms.from_json(example.terms.to_json()) == example.terms
        check_fit(example.terms, example.rule)

    def test_somebody_wins_and_somebody_does_not(self, method: str) -> None:
        made = example_of(method).worked()
        assert made.evaluation.outcome is Outcome.RANKED
        assert made.evaluation.winner is not None
        assert made.evaluation.winner.arithmetic or method == "reverse-auction"
        assert len({str(one.reason) for one in made.placings}) > 1 or method == "reverse-auction"

    def test_bids_spread_for_it_fit_it(self, method: str) -> None:
        terms = example_of(method).terms
        samples = spread(terms, 100_000_000)
        assert read_samples(write_samples(samples), columns_of(terms)) == (list(samples), [])
        assert len(samples) >= 5

    @pytest.mark.parametrize("lang", ["ko", "en"])
    def test_its_page_shows_the_figures_of_the_engine(
        self, app: Flask, client: FlaskClient, method: str, lang: str
    ) -> None:
        answer = client.get(f"/methods/{method}?lang={lang}")
        text = re.sub(r"\s+", " ", answer.get_data(as_text=True))
        assert answer.status_code == 200
        winner = example_of(method).worked().evaluation.winner
        assert winner is not None
        assert f"{winner.amount_won:,}" in text
        for step in winner.arithmetic:
            with app.test_request_context(f"/?lang={lang}"):
                assert str(escape(arithmetic_text(step.to_json()))) in text
        main = text[text.index("<main") : text.index("</main>")]
        for href in set(re.findall(r'href="(/[^"#?]*)"', main)):
            assert client.get(href).status_code == 200, href


class TestWhatTheExamplesTeach:
    def test_a_proposal_below_the_threshold_is_never_opened(self) -> None:
        made = example_of("negotiation").worked()
        assert [(one.supplier, one.amount_won, one.reason) for one in made.unopened] == [
            ("D", None, Reason.NOT_QUALIFIED)
        ]
        assert "D" not in {one.supplier for one in made.evaluation.placings}

    def test_the_best_total_leads_and_not_the_lowest_price(self) -> None:
        made = example_of("negotiation").worked()
        winner, lowest = made.evaluation.winner, min(one.amount_won or 0 for one in made.evaluation.placings)
        assert winner is not None
        assert winner.amount_won != lowest

    def test_the_last_one_taken_gives_a_part_only(self) -> None:
        placings = example_of("desired-quantity").worked().evaluation.placings
        taken = [(one.quantity, one.allotted) for one in placings if one.rank]
        assert sum(allotted or 0 for _, allotted in taken) == 1000
        assert (300, 100) in taken

    def test_a_sale_goes_to_the_highest(self) -> None:
        winner = example_of("sale").worked().evaluation.winner
        assert winner is not None
        assert winner.amount_won == 61_500_000


def test_an_unknown_method_has_no_page(client: FlaskClient) -> None:
    assert client.get("/methods/raffle").status_code == 404


def test_the_page_of_all_leads_to_each(client: FlaskClient) -> None:
    text = client.get("/methods").get_data(as_text=True)
    assert all(f'href="/methods/{method}"' in text for method in METHODS)


class TestCalculator:
    def test_the_floor_at_both_ends_and_at_the_base_amount(self, client: FlaskClient) -> None:
        """T-S11 as the base amount itself; the ends by the rates of the outer segments."""
        answer = client.get("/calculator/floor?base_amount_won=135,898,725&floor_rate=89.745&lang=en")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "121,962,311" in text
        assert "no prediction" in text

    def test_the_points_of_a_review_by_the_table_of_the_day(self, client: FlaskClient) -> None:
        """T-S1 and T-S2: one won decides. Before 2026-01-30 the older table passes the lower amount too."""
        asked = "/calculator/score?kind=works&estimated_value_won=500000000&estimated_price_won=1000000000&lang=en"
        passing = client.get(f"{asked}&amount_won=897450000&on=2026-02-01").get_data(as_text=True)
        failing = client.get(f"{asked}&amount_won=897449999&on=2026-02-01").get_data(as_text=True)
        older = client.get(f"{asked}&amount_won=877450000&on=2026-01-29").get_data(as_text=True)
        assert "75.0000" in passing
        assert "Passes with all other points" in passing
        assert "74.8000" in failing
        assert "Does not pass" in failing
        assert "897,450,000" in failing
        assert "Passes with all other points" in older

    def test_a_price_above_the_estimated_price_is_told(self, client: FlaskClient) -> None:
        asked = "kind=works&estimated_value_won=500000000&estimated_price_won=1000000000&amount_won=1000000001&lang=en"
        assert "out of the running" in client.get(f"/calculator/score?{asked}").get_data(as_text=True)

    def test_where_the_tables_know_nothing_it_says_why(self, client: FlaskClient) -> None:
        asked = "regime=local&kind=goods&estimated_value_won=50000000&estimated_price_won=5&amount_won=5&lang=en"
        answer = client.get(f"/calculator/score?{asked}")
        assert answer.status_code == 422
        assert "The local tables of goods were not found" in answer.get_data(as_text=True)

    @pytest.mark.parametrize(
        ("more", "points"),
        [("", "14.5000"), ("&lifted=true", "17.0000"), ("&below_low=flat", "12.0000"), ("&full=10", "8.2500")],
    )
    def test_the_variants_of_a_negotiated_price(self, client: FlaskClient, more: str, points: str) -> None:
        """T-N2: the lowest bid at half the reference price, by each variant that was seen."""
        asked = "reference_won=100000000&lowest_won=50000000&amount_won=50000000&full=20"
        asked = asked.replace("&full=20", "") if "full" in more else asked
        text = client.get(f"/calculator/negotiation?{asked}{more}&lang=en").get_data(as_text=True)
        assert points in text

    @pytest.mark.parametrize(
        ("query", "name"),
        [
            ("floor?base_amount_won=abc&floor_rate=88", "base_amount_won"),
            ("floor?base_amount_won=100&floor_rate=101", "floor_rate"),
            ("floor?base_amount_won=1000&floor_rate=88&a_value_won=1000", "a_value_won"),
            ("negotiation?reference_won=5&lowest_won=5&amount_won=4", "amount_won"),
            ("negotiation?reference_won=5&lowest_won=5&amount_won=5&low=80&mark=80", "low"),
            ("score?kind=x&estimated_value_won=1&estimated_price_won=1&amount_won=1", "kind"),
        ],
    )
    def test_what_does_not_fit_is_named_at_its_field_and_kept(self, client: FlaskClient, query: str, name: str) -> None:
        answer = client.get(f"/calculator/{query}")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert f'href="#f-{name}"' in text
        assert f'id="f-{name}-error"' in text

    def test_an_unknown_part_is_not_there(self, client: FlaskClient) -> None:
        assert client.get("/calculator/lottery").status_code == 404
