"""A tender whose proposals are scored before its prices, and a committee of evaluators, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app import time
from app.audit.sequencer import run_step
from app.auth import Role
from app.auth.models import Person
from app.db import db, transaction
from app.jobs import run_due
from bidding.criteria import POINT
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Proposal, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.documents import Document
from bidding.rehearsal.stages import Plan
from bidding.services import evaluators, fixing, sheets
from bidding.services.groups import is_documents_first
from bidding.services.opening import begin_opening
from bidding.services.technical import find_committee
from tests.bidding import seats
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, published
from tests.bidding.submitting import PDF, PROPOSAL
from tests.builders import actor_of, make_person

Json = dict[str, Any]
CRITERIA = [
    {"code": "1", "name": "사업 이해도", "full": 30, "parent": None},
    {"code": "2", "name": "수행 방안", "full": 50, "parent": None},
    {"code": "2.1", "name": "방법론", "full": 30, "parent": "2"},
    {"code": "2.2", "name": "투입 인력", "full": 20, "parent": "2"},
]
TECH: Json = {
    "criteria": CRITERIA, "full": 80, "threshold": 85_000, "drop": "none", "rank_gap": None,
    "least_evaluators": 3, "blind": True,
}  # fmt: skip
PRICE: Json = {
    "full": 20, "reference": "estimated-price", "reference_won": None, "mark": 80, "low": 60, "extra": "2",
    "lifted": False, "below_low": "line", "lowest_over": "qualified",
}  # fmt: skip
NEGOTIATION: Json = {"technical": TECH, "price": PRICE, "ceiling_won": None}
TWO_STAGE: Json = {"technical": TECH, "form": "separate"}
FULL = {"1": 30, "2.1": 30, "2.2": 20}


def plan(method: str = "negotiation", scoring: Json | None = None, **more: Any) -> Plan:
    fields = {"asked_documents": [PROPOSAL], "scoring": scoring or NEGOTIATION} | more
    return Plan("정보화 전략 수립 용역", 100_000_000, method=method, floor_rate=None, more=fields)


def pool(count: int, fields: Sequence[str] = ("software",)) -> list[Person]:
    """Evaluators of as many agencies, entered in the pool."""
    people = [make_person([Role.EVALUATOR]) for _ in range(count)]
    for person in people:
        with transaction():
            evaluators.enter_pool(fields, "한빛대학교", actor_of(person), time.now())
    return people


def points(share: float | int, **changes: int) -> dict[str, int]:
    """A sheet with `share` percent of each criterion's points; `changes` in ten-thousandths (`c1`, `c21`)."""
    given = {code: full * POINT * int(share) // 100 for code, full in FULL.items()}
    named = {"c1": "1", "c21": "2.1", "c22": "2.2"}
    return given | {named[name]: score for name, score in changes.items()}


@dataclass
class Evaluation:
    """A tender in evaluation with its cast."""

    agency: Agency
    tender: Tender
    people: list[Person]
    firms: list[Bidder]
    bids: list[Bid] = field(default_factory=list)

    @property
    def seated(self) -> list[Person]:
        """Who sits in the committee now, in the order of the codes."""
        return [seat.person for seat in evaluators.in_force(self.tender.id)]

    def letter_of(self, number: int) -> str:
        """The letter under which the committee meets the bid of `firms[number]`."""
        return db.session.get_one(Proposal, self.bids[number].id).letter

    def declare(self, people: Sequence[Person] | None = None) -> None:
        for person in people or self.seated:
            with transaction():
                evaluators.declare(
                    self.tender.id, has_conflict=False, note="", keeps_secret=True, actor=actor_of(person),
                    now=time.now(),
                )  # fmt: skip

    def save(self, person: Person, shares: Mapping[int, int]) -> None:
        """`shares`: by number of the bid the percent of all points that this person gives."""
        for number, share in shares.items():
            with transaction():
                letter = self.letter_of(number)
                sheets.save_sheet(
                    self.tender.id, letter, points(share), {"": "좋습니다"}, actor_of(person), time.now()
                )  # fmt: skip

    def sign(self, person: Person) -> None:
        digest = sheets.signed_digest(self.tender, actor_of(person))
        assert digest is not None
        with transaction():
            sheets.submit_sheets(self.tender.id, digest, actor_of(person), time.now())

    def score(self, shares: Mapping[int, int]) -> None:
        """Everybody declares, gives the same shares and signs."""
        self.declare()
        for person in self.seated:
            self.save(person, shares)
            self.sign(person)

    def fix(self, stage: Stage) -> None:
        with transaction():
            fixing.propose_result(self.tender.id, self.agency.officer, time.now())
        committee = find_committee(self.tender.id)
        assert committee is not None
        with transaction():
            sha256 = str(committee.technical_sha256)
            fixing.fix_result(self.tender.id, sha256, self.agency.approver, stage.later)
        run_step()


def announced(panel: Panel, *, people: int = 4, method: str = "negotiation", **more: Any) -> Evaluation:
    """A published tender, and evaluators in the pool."""
    agency = an_agency()
    persons = pool(people)
    return Evaluation(agency, published(agency, panel, plan(method, **more)), persons, [])


def hand_in(
    made: Evaluation, amounts: Sequence[int], documents: Mapping[int, Sequence[Document]] | None = None
) -> None:
    """A bid of each amount with a proposal; `documents` replace the proposal of the bid with that number."""
    made.firms = bidders(len(amounts))
    picks = () if made.tender.draw_mode == "M0" else (1, 2)
    for number, (firm, amount) in enumerate(zip(made.firms, amounts, strict=True)):
        proposal = Document("제안서.pdf", PDF + f"% {number}\n".encode(), "application/pdf")
        given = (documents or {}).get(number, (proposal,))
        with transaction():
            made.bids.append(bid(made.tender, firm, amount, picks, time.now(), given))


def time_to_open(committee: seats.Committee, stage: Stage) -> Evaluation:
    """A committee's tender: closed, three bids with proposals, the opening time has come; nobody is there yet."""
    made = Evaluation(committee.agency, seats.announced(committee, stage.keyholder), pool(4), [])
    hand_in(made, (90_000_000, 85_000_000, 95_000_000))
    stage.close(made.tender)
    assert made.tender.opens_at is not None
    stage.later.set_to(made.tender.opens_at)
    return made


def open_proposals(stage: Stage, made: Evaluation) -> None:
    """From the deadline to the committee: closed, the documents' group fixed, opened and looked into."""
    stage.close(made.tender)
    assert made.tender.opens_at is not None
    stage.later.set_to(made.tender.opens_at)
    with transaction():
        assert begin_opening(made.tender.id, stage.later)
    assert is_documents_first(made.tender)
    work(stage)


def work(stage: Stage) -> None:
    """The log and what is due at the stage's time."""
    for _ in range(4):
        run_step()
        run_due(stage.later())
    run_step()


def evaluating(stage: Stage, amounts: Sequence[int] = (90_000_000, 85_000_000, 95_000_000), **more: Any) -> Evaluation:
    """A tender whose proposals lie before its committee."""
    made = announced(stage.keyholder, **more)
    hand_in(made, amounts)
    open_proposals(stage, made)
    return made
