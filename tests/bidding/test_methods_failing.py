"""유찰 by each method: the rule that failed on the very figures, read by everybody, and the roads the officer has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Opening, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.documents import Document
from bidding.rehearsal.stages import Plan
from tests.bidding.conftest import Stage
from tests.bidding.evaluating import NEGOTIATION, TECH, TWO_STAGE, Evaluation, open_proposals, pool
from tests.bidding.staging import an_agency, bidders, published
from tests.bidding.submitting import PDF, PROPOSAL

Json = dict[str, Any]
TABLE = {"full": 70, "slope": "20", "base": 88, "pass_mark": 85, "plateau": None}
ROUNDS = {"rounds": 3, "round_seconds": 60, "step_rate": 1000, "extend_seconds": 20, "last_seconds": 10}
BEST = {
    "technical": TECH, "price": {"full": 20, "formula": "lowest-over-bid"}, "ceiling_won": "90000000",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`told` and `steps` may name what the opening drew: price and floor."""

    method: str
    amounts: tuple[int, ...] = ()
    told: str = ""
    steps: str = ""
    scoring: Json | None = None
    floor: int | None = None
    more: Json = field(default_factory=dict)
    share: int = 95

    @property
    def has_technical(self) -> bool:
        return "technical" in (self.scoring or {})

    @property
    def plan(self) -> Plan:
        more = {"scoring": self.scoring, "asked_documents": [PROPOSAL] if self.has_technical else []} | self.more
        return Plan("유찰될 사업", 100_000_000, method=self.method, floor_rate=self.floor, more=more)


M0 = {"draw_mode": "M0"}
QUALIFIED_NOBODY = "제안서 2건 가운데 적격이 없습니다"
CASES = [
    Case("quote", (50_000_000, 60_000_000), "가장 높은 60,000,000원도", "60,000,000 < {floor:,}", floor=88_000),
    Case("lowest", (150_000_000, 160_000_000), "가장 낮은 150,000,000원도", "150,000,000 > {price:,}"),
    Case(
        "qualification", (94_000_000, 95_000_000), "2건은 다른 점수를 모두 받아도", "통과 불가 2", floor=80_000,
        scoring={"table": TABLE, "net_cost": None},
    ),
    Case("negotiation", (90_000_000, 91_000_000), QUALIFIED_NOBODY, scoring=NEGOTIATION, share=50),
    Case("two-stage", (90_000_000, 91_000_000), QUALIFIED_NOBODY, scoring=TWO_STAGE, share=50),
    Case(
        "best-value", (90_000_001, 95_000_000), "가장 낮은 입찰 90,000,001원", "90,000,001 > 90,000,000",
        scoring=BEST, more=M0,
    ),
    Case(
        "desired-quantity", (150_000_000, 160_000_000), "가장 낮은 150,000,000원도", "150,000,000 > {price:,}",
        scoring={"quantity": 1, "unit": "대"},
    ),
    Case(
        "sale", (80_000_000, 89_999_999), "가장 높은 입찰 89,999,999원", "89,999,999 < 90,000,000",
        scoring={"minimum_won": "90000000"}, more=M0,
    ),
    Case("reverse-auction", scoring=ROUNDS, more=M0),
]  # fmt: skip


def failed(case: Case, agency: Agency, stage: Stage, amounts: tuple[int, ...]) -> Tender:
    """Announced, bid for, opened as far as it goes."""
    people = pool(4) if case.has_technical else []
    tender, firms = published(agency, stage.keyholder, case.plan), bidders(len(amounts))
    bids = []
    for number, (firm, amount) in enumerate(zip(firms, amounts, strict=True)):
        proposal = Document("제안서.pdf", PDF + f"% {number}\n".encode(), "application/pdf")
        papers = [proposal] if case.has_technical else []
        quantity = 1 if case.method == "desired-quantity" else None
        picks = () if case.more == M0 else (1, 2)
        with transaction():
            bids.append(bid(tender, firm, amount, picks, time.now(), papers, quantity))
    if case.has_technical and len(bids) > 1:
        made = Evaluation(agency, tender, people, firms, bids)
        open_proposals(stage, made)
        made.score(dict.fromkeys(range(len(bids)), case.share))
        made.fix(stage)
        stage.work()
    else:
        stage.close(tender)
        stage.open(tender)
    db.session.expire_all()
    assert tender.state == "failed"
    return tender


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.text.split()).replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.method)
def test_one_bid_alone_stays_sealed_and_the_roads_are_open(
    app: Flask, keyholder: Panel, stage: Stage, client: FlaskClient, sign_in: Callable[..., Any], case: Case
) -> None:
    agency = an_agency()
    tender = failed(case, agency, stage, (91_234_567,))
    page = text_of(client, f"/tenders/{tender.reference}/result?lang=ko")
    assert "1 < 2" in page
    assert "91,234,567" not in page
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    roads = text_of(client, f"/tenders/{tender.reference}/after-failure?lang=ko")
    for road in ("재입찰", "재공고", "수의계약", "국가계약법 시행령"):
        assert road in roads


@pytest.mark.parametrize("case", [case for case in CASES if case.amounts], ids=lambda case: case.method)
def test_the_rule_that_failed_is_told_with_its_figures(
    app: Flask, keyholder: Panel, stage: Stage, client: FlaskClient, sign_in: Callable[..., Any], case: Case
) -> None:
    agency = an_agency()
    tender = failed(case, agency, stage, case.amounts)
    opening = db.session.get(Opening, tender.id)
    drawn = {"price": opening and opening.estimated_price_won, "floor": opening and opening.floor_price_won}
    page = text_of(client, f"/tenders/{tender.reference}/result?lang=ko")
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    after = text_of(client, f"/tenders/{tender.reference}/after-failure?lang=ko")
    for shown in (page, after):
        assert case.told in shown
        assert case.steps.format(**drawn) in shown
    assert "재입찰" in after
    assert "재공고" in after
    if opening is None:  # nobody qualified: no price was ever open
        assert not [amount for amount in case.amounts if f"{amount:,}" in page + after]
    english = text_of(client, f"/tenders/{tender.reference}/after-failure?lang=en")
    assert case.told not in english
