"""The supplier's self-check: each condition judged by itself, today and at the deadline, and nobody learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.self_check import Bidding, Check, Company, check_bidding, check_company, worst
from suppliers.front import Requirements, Standing
from suppliers.models import Supplier
from tests.bidding.staging import PLAN, an_agency, bidders, place, published
from tests.builders import sign_in

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
CLOSES = NOW + timedelta(days=10)
GOOD = Standing(
    state="active",
    registered_at=NOW - timedelta(days=100),
    valid_until_on=date(2027, 12, 31),
    region="11",
    size="small",
    kinds=("services",),
    licences=(("1468", date(2026, 1, 1), None),),
    sanctioned_until_on=None,
)
ASKED = Requirements("services", ("11",), ("1468",), ("small",), registered_before_on=date(2026, 12, 4))


def company(standing: Standing | None = GOOD, then: Standing | None = None, **more: Any) -> dict[str, Check]:
    found = check_company(Company(standing, then or standing, **more), ASKED, NOW, CLOSES)
    return {one.code: one for one in found}


class TestCompany:
    def test_a_sound_firm_passes_every_line_and_compares_its_names(self) -> None:
        found = company()
        assert {code: one.result for code, one in found.items()} == {
            "registration": "pass", "registered-in-time": "pass", "sanction": "pass", "business-kind": "pass",
            "region": "pass", "licence": "pass", "size": "pass", "registered-name": "look", "representatives": "look",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"region": "26"}, {"region"}),
            ({"size": "large"}, {"size"}),
            ({"kinds": ("goods",)}, {"business-kind"}),
            ({"licences": ()}, {"licence"}),
            ({"sanctioned_until_on": date(2027, 1, 1)}, {"sanction"}),
            ({"valid_until_on": date(2026, 11, 23)}, {"registration"}),
            ({"state": "draft"}, {"registration"}),
            ({"registered_at": NOW + timedelta(days=10)}, {"registered-in-time"}),
            (
                {"region": "26", "size": "large", "sanctioned_until_on": date(2027, 1, 1)},
                {"region", "size", "sanction"},
            ),
        ],
    )
    def test_each_fault_is_told_by_its_own_line_and_none_hides_behind_another(
        self, changes: dict[str, Any], failed: set[str]
    ) -> None:
        found = company(replace(GOOD, **changes))
        assert {code for code, one in found.items() if one.result == "fail"} == failed

    def test_what_ends_before_the_deadline_is_a_warning(self) -> None:
        ends = replace(
            GOOD, licences=(("1468", date(2026, 1, 1), date(2026, 11, 30)),), valid_until_on=date(2026, 12, 1)
        )
        barred = replace(ends, sanctioned_until_on=date(2027, 1, 1))
        found = company(ends, barred)
        assert {code for code, one in found.items() if one.result == "warn"} == {"licence", "registration", "sanction"}

    def test_a_firm_that_is_not_registered_is_told_just_that(self) -> None:
        found = company(None)
        assert found["registration"].result == "fail"
        assert "sanction" not in found
        assert "registered-name" not in found

    def test_a_name_entered_anew_and_a_barred_namesake_are_warned_of(self) -> None:
        found = company(changed=("name_ko",), namesakes=("한강상사",))
        assert (found["registered-name"].result, found["representatives"].result) == ("warn", "look")
        assert found["namesake-barred"].facts == {"firms": "한강상사"}

    def test_conditions_that_the_notice_does_not_set_have_no_line(self) -> None:
        found = check_company(Company(GOOD, GOOD), Requirements("services"), NOW, CLOSES)
        assert not {"region", "licence", "size", "registered-in-time"} & {one.code for one in found}


class TestBidding:
    @pytest.mark.parametrize(
        ("state", "result"), [("open", "pass"), ("not-yet", "warn"), ("late", "fail"), ("closed", "fail")]
    )
    def test_the_time_is_a_line(self, state: str, result: str) -> None:
        assert check_bidding(Bidding(state, False, 1))[0] == Check(f"time-{state}", result)

    def test_a_bid_that_was_sent_stands_for_the_time(self) -> None:
        assert check_bidding(Bidding("late", True, 1))[0] == Check("bid-sent", "pass")

    def test_required_documents_are_to_be_made_ready_and_a_key_is_missed(self) -> None:
        found = {one.code: one.result for one in check_bidding(Bidding("open", False, 0, asked=2, required=1))}
        assert found == {"time-open": "pass", "documents": "look", "signing-key": "warn"}
        assert check_bidding(Bidding("open", False, 1, asked=1))[1].result == "pass"

    @pytest.mark.parametrize(
        ("facts", "code", "result"),
        [
            ({"bond": "given"}, "bond-given", "pass"),
            ({"bond": "open"}, "bond-open", "warn"),
            ({"bond": "late"}, "bond-late", "fail"),
            ({"joint": "alone"}, "joint-alone", "pass"),
            ({"joint": "forming"}, "joint-forming", "warn"),
            ({"joint": "lead"}, "joint-lead", "pass"),
            ({"joint": "member"}, "joint-member", "fail"),
        ],
    )
    def test_bond_and_joint_agreement_are_lines_where_the_notice_has_them(
        self, facts: dict[str, str], code: str, result: str
    ) -> None:
        found = {
            one.code: one.result
            for one in check_bidding(
                Bidding("open", False, 1, bond=facts.get("bond", ""), joint=facts.get("joint", ""))
            )
        }
        assert found[code] == result
        assert not any(one.code.startswith(("bond", "joint")) for one in check_bidding(Bidding("open", False, 1)))

    def test_the_gravest_result_counts(self) -> None:
        results = ["pass", "look", "warn", "fail"]
        for n in range(1, 5):
            assert worst([Check("region", one) for one in results[:n]]) == results[n - 1]


class TestPage:
    @pytest.fixture
    def agency(self, app: Flask) -> Agency:
        return an_agency()

    @pytest.fixture
    def bidder(self, app: Flask) -> Bidder:
        return bidders(1)[0]

    @pytest.fixture
    def tender(self, agency: Agency, bidder: Bidder, keyholder: Panel) -> Tender:
        return published(agency, keyholder, replace(PLAN, more={"regions": ["50"]}))

    def test_it_says_what_keeps_from_bidding_and_what_to_do(
        self, client: FlaskClient, tender: Tender, bidder: Bidder
    ) -> None:
        sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
        text = client.get(f"/tenders/{tender.reference}/self-check?lang=en").get_data(as_text=True)
        assert "As it stands, your company cannot bid" in text
        assert "This tender is reserved for companies in" in text
        assert "공급사 1" in text or "Supplier 1" in text

    def test_a_bond_and_a_joint_bid_have_their_lines(
        self, client: FlaskClient, agency: Agency, bidder: Bidder, keyholder: Panel
    ) -> None:
        joint = {"kinds": ["joint"], "max_members": 3, "min_share": 10_000}
        tender = published(agency, keyholder, replace(PLAN, more={"bid_bond_rate": 5_000, "joint": joint}))
        sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
        text = client.get(f"/tenders/{tender.reference}/self-check?lang=en").get_data(as_text=True)
        assert "5.000% of the bid amount" in text or "its time is over since" in text
        assert "you are in no consortium and bid alone" in text

    def test_looking_leaves_no_event(self, client: FlaskClient, tender: Tender, bidder: Bidder) -> None:
        sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
        before = db.session.scalar(select(func.count()).select_from(Event))
        assert client.get(f"/tenders/{tender.reference}/self-check").status_code == 200
        assert db.session.scalar(select(func.count()).select_from(Event)) == before

    def test_a_name_that_waits_for_approval_is_warned_of(
        self, client: FlaskClient, agency: Agency, bidder: Bidder, keyholder: Panel
    ) -> None:
        tender = published(agency, keyholder)
        with transaction():
            supplier = db.session.scalar(
                select(Supplier).where(Supplier.organisation_id == bidder.actor.organisation_id)
            )
            assert supplier is not None
            supplier.working = supplier.working | {"name_ko": "새 이름 주식회사"}
        sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
        text = client.get(f"/tenders/{tender.reference}/self-check?lang=en").get_data(as_text=True)
        assert "new name that is not registered yet" in text
        assert "Nothing keeps you from bidding, but mind what is marked" in text

    def test_who_has_bid_is_told_so(
        self, client: FlaskClient, agency: Agency, bidder: Bidder, keyholder: Panel
    ) -> None:
        tender = published(agency, keyholder)
        place(tender, bidder, 95_000_000)
        sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
        text = client.get(f"/tenders/{tender.reference}/self-check?lang=en").get_data(as_text=True)
        assert "Already received" in text
        assert time.now() < (tender.closes_at or time.now())
