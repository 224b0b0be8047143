"""The dry run: the real rule on sample bids, nothing kept, and lines that say what is wrong with them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from bidding.dry_run import OTHER_DRAWS, DryRun, Sample, run
from bidding.models import Bid, Opening, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.rules.floor import floor_price
from bidding.sample_bids import spread
from bidding.sample_lines import Columns, LineError, read_samples, write_samples
from bidding.services.drafting import save_draft, start_draft
from bidding.types import DrawRule, NoticeTerms, Outcome, Reason
from tests.bidding.staging import PLAN, an_agency
from tests.builders import sign_in

BASE = 100_000_000
RULE = DrawRule(base={"1": BASE})
TERMS = NoticeTerms("dry-run", "quote", 88_000, "test")
PLAIN = Columns()
LOWEST = NoticeTerms("dry-run", "lowest", None, "test")


def tried(*wons: int, terms: NoticeTerms = TERMS, rule: DrawRule = RULE, draw: int = 1) -> DryRun:
    return run(terms, rule, [Sample(chr(ord("A") + place), won) for place, won in enumerate(wons)], draw)


class TestWhatWouldWin:
    def test_the_lowest_at_or_above_the_floor_of_the_throw_away_draw(self) -> None:
        made = tried(80_000_000, 90_000_000, 95_000_000, 120_000_000)
        draw = made.evaluation.draw
        assert draw is not None
        assert draw.estimated_price_won is not None
        assert 98_000_000 <= draw.estimated_price_won <= 102_000_000
        assert made.evaluation.floor_price_won == floor_price(draw.estimated_price_won, 88_000)
        assert [(one.supplier, one.rank, one.reason) for one in made.evaluation.placings] == [
            ("B", 1, Reason.VALID),
            ("C", 2, Reason.VALID),
            ("A", None, Reason.BELOW_FLOOR),
            ("D", None, Reason.ABOVE_ESTIMATED_PRICE),
        ]

    def test_one_won_below_the_floor_is_out_and_the_floor_itself_wins(self) -> None:
        floor = tried(90_000_000, 95_000_000).evaluation.floor_price_won
        assert floor is not None
        made = tried(floor - 1, floor)  # the same names and number of bids: the same draw
        assert made.evaluation.floor_price_won == floor
        assert made.evaluation.winner is not None
        assert made.evaluation.winner.supplier == "B"

    def test_the_same_number_is_the_same_draw_and_another_is_another(self) -> None:
        one, again, other = (tried(90_000_000, 95_000_000, draw=number) for number in (1, 1, 2))
        assert one == again
        assert one.seed != other.seed
        assert one.evaluation.estimated_price_won != other.evaluation.estimated_price_won

    def test_other_draws_tell_whether_the_draw_decides(self) -> None:
        assert tried(90_000_000, 95_000_000).wins == {"A": OTHER_DRAWS}
        near = tried(88_000_000, 88_010_000, 99_000_000).wins
        assert near.total() == OTHER_DRAWS
        assert len(near) > 1

    def test_too_few_bids_fail_without_a_draw(self) -> None:
        made = tried(90_000_000)
        assert (made.evaluation.outcome, made.evaluation.draw) == (Outcome.FAILED, None)
        assert not made.wins

    @pytest.mark.parametrize("mode", ["M1", "M2", "M3"])
    def test_every_way_of_making_prices_can_be_tried(self, mode: str) -> None:
        rule = DrawRule(base={"1": BASE}, mode=mode, kind="given" if mode == "M3" else "segments")
        price = tried(90_000_000, 95_000_000, rule=rule).evaluation.estimated_price_won
        assert price is not None
        assert 98_000_000 <= price <= 102_000_000

    def test_names_twice_or_no_bids_are_refused(self) -> None:
        for samples in ([], [Sample("A", 1), Sample("A", 2)]):
            with pytest.raises(ValueError, match="samples"):
                run(TERMS, RULE, samples, 1)


class TestSpread:
    def test_it_lies_around_the_floor_and_the_price_and_never_changes(self) -> None:
        bids = spread(TERMS, BASE)
        wons = [one.amount_won for one in bids]
        floor = floor_price(BASE, 88_000)
        assert bids == spread(TERMS, BASE)
        assert floor in wons
        assert BASE in wons
        assert min(wons) < floor
        assert max(wons) > BASE
        assert wons == sorted(set(wons))

    def test_the_smallest_amount_still_gives_bids_of_a_won_at_least(self) -> None:
        assert all(one.amount_won >= 1 for one in spread(LOWEST, 1))

    def test_without_a_floor_it_begins_far_below(self) -> None:
        assert min(one.amount_won for one in spread(LOWEST, BASE)) == 60_000_000


class TestLines:
    @pytest.mark.parametrize(
        "text",
        [
            "가 상사; 98,500,000원\n나 상사;99000000",
            "가 상사\t98,500,000\n나 상사\t99,000,000",
            '업체,금액\r\n가 상사,"98,500,000"\r\n나 상사,99000000\r\n',
            "\ufeff# 표본\n\n가 상사 ; 98500000\n나 상사; 99,000,000 원",
        ],
    )
    def test_what_spreadsheets_copy_and_save_is_read(self, text: str) -> None:
        assert read_samples(text, PLAIN) == ([Sample("가 상사", 98_500_000), Sample("나 상사", 99_000_000)], [])

    def test_what_is_written_is_read_again(self) -> None:
        bids = list(spread(TERMS, BASE))
        assert read_samples(write_samples(bids), PLAIN) == (bids, [])

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("A; 1\nB", LineError(2, "too-few-columns", "B")),
            ("A; 1\nB, 98,500,000", LineError(2, "too-many-columns", "B, 98,500,000")),
            ("A; 1\n; 5", LineError(2, "name")),
            ("A; 1\nB; 0", LineError(2, "amount", "0")),
            ("A; 1\nB; 1.5", LineError(2, "amount", "1.5")),
            ("A; 1\nB; -5", LineError(2, "amount", "-5")),
            ("A; 1\nB; ٣", LineError(2, "amount", "٣")),
            (f"A; 1\nB; {10**15 + 1}", LineError(2, "amount", str(10**15 + 1))),
            ("A; 1\nA; 2", LineError(2, "name-twice", "A")),
            ("A; 1\n" + "B" * 61 + "; 2", LineError(2, "name", "B" * 60)),
        ],
    )
    def test_an_error_names_its_line_and_what_stands_there(self, text: str, error: LineError) -> None:
        samples, errors = read_samples(text, PLAIN)
        assert errors == [error]
        assert samples == [Sample("A", 1)]

    def test_nothing_too_many_and_too_much_are_told(self) -> None:
        assert read_samples(" \n# nobody\n", PLAIN) == ([], [LineError(0, "none")])
        assert read_samples("\n".join(f"N{n}; {n}" for n in range(1, 52)), PLAIN)[1] == [LineError(0, "too-many")]
        assert read_samples("x" * 10_001, PLAIN) == ([], [LineError(0, "too-long")])


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


class TestPage:
    def test_it_shows_the_outcome_at_once_with_bids_spread_for_the_officer(
        self, officer: FlaskClient, tender: Tender
    ) -> None:
        text = officer.get(f"/agency/tenders/{tender.id}/dry-run?lang=en").get_data(as_text=True)
        assert "would win with" in text
        assert "Nothing here is a bid" in text
        assert "throw-away seed" in text.lower()

    def test_what_was_typed_is_worked_out_and_stands_there_again(self, officer: FlaskClient, tender: Tender) -> None:
        sent = {"bids": "가 상사; 92,000,000\n나 상사; 91,000,000", "draw": "7"}
        text = officer.post(f"/agency/tenders/{tender.id}/dry-run?lang=en", data=sent).get_data(as_text=True)
        assert "나 상사 would win with" in text
        assert "가 상사; 92,000,000" in text
        following = officer.post(f"/agency/tenders/{tender.id}/dry-run", data=sent | {"next": "1"})
        assert 'value="8"' in following.get_data(as_text=True)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
    def test_a_file_is_read_as_korean_spreadsheets_save_it(
        self, officer: FlaskClient, tender: Tender, encoding: str
    ) -> None:
        file = (BytesIO('업체,금액\n다 상사,"93,000,000"\n라 상사,94000000\n'.encode(encoding)), "bids.csv")
        answer = officer.post(f"/agency/tenders/{tender.id}/dry-run?lang=en", data={"file": file})
        assert "다 상사 would win with" in answer.get_data(as_text=True)

    def test_a_line_that_does_not_fit_is_named_and_nothing_typed_is_lost(
        self, officer: FlaskClient, tender: Tender
    ) -> None:
        answer = officer.post(f"/agency/tenders/{tender.id}/dry-run?lang=en", data={"bids": "A; 5\nB; many"})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "Line 2: Enter an amount in whole won" in text
        assert "B; many" in text

    def test_a_number_of_the_draw_that_is_none_is_told(self, officer: FlaskClient, tender: Tender) -> None:
        for draw in ("0", "10000", "x"):
            answer = officer.post(f"/agency/tenders/{tender.id}/dry-run", data={"bids": "A; 5\nB; 6", "draw": draw})
            assert answer.status_code == 422
            assert "A; 5" in answer.get_data(as_text=True)

    def test_what_is_missing_is_asked_for_first(self, officer: FlaskClient, agency: Agency) -> None:
        with transaction():
            bare = start_draft(agency.officer, time.now(), title="금액 없는 공고", kind="goods", is_practice=True)
            bare_id = bare.id
        text = officer.get(f"/agency/tenders/{bare_id}/dry-run?lang=en").get_data(as_text=True)
        assert "#f-base_amount_won" in text
        assert "#f-floor_rate" in text
        assert "would win" not in text

    def test_no_trace_of_it_is_left(self, officer: FlaskClient, tender: Tender) -> None:
        def traces() -> list[int | None]:
            return [db.session.scalar(select(func.count()).select_from(table)) for table in (Bid, Opening, Event)]

        before = traces()
        officer.post(f"/agency/tenders/{tender.id}/dry-run", data={"bids": "A; 91000000\nB; 92000000"})
        assert traces() == before

    def test_the_approver_may_try_it_too_and_another_agency_may_not(
        self, client: FlaskClient, agency: Agency, tender: Tender
    ) -> None:
        sign_in(client, db.session.get_one(Person, agency.approver.person_id))
        assert client.get(f"/agency/tenders/{tender.id}/dry-run").status_code == 200
        sign_in(client, db.session.get_one(Person, an_agency(2).officer.person_id))
        assert client.get(f"/agency/tenders/{tender.id}/dry-run").status_code == 404

    def test_the_lowest_price_is_warned_of(self, officer: FlaskClient, tender: Tender, agency: Agency) -> None:
        with transaction():
            save_draft(tender.id, {"method": "lowest"}, agency.officer)
        text = officer.get(f"/agency/tenders/{tender.id}/dry-run?lang=en").get_data(as_text=True)
        assert "any lower bid would beat" in text
