"""Questions and answers: public, without the asker, while bids are taken, answered once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import AlreadyDone, DeadlinePassed, Forbidden, NotFound
from app.ids import new_id
from bidding.keyholder.panel import Panel
from bidding.models import Question, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.services.questions import answer, ask
from tests.bidding.staging import an_agency, bidders, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return published(agency, keyholder)


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


def asked(tender: Tender, bidder: Bidder) -> Question:
    with transaction():
        return ask(tender.id, "현장 설명회가 있습니까?", bidder.actor, time.now())


def test_question_and_answer_are_public_and_the_asker_is_not(
    tender: Tender, agency: Agency, bidder: Bidder, client: FlaskClient
) -> None:
    question = asked(tender, bidder)
    page = client.get(f"/tenders/{tender.reference}").text
    assert "현장 설명회가 있습니까?" in page
    with transaction():
        answer(question.id, "없습니다.", agency.officer, time.now())
    page = client.get(f"/tenders/{tender.reference}").text
    assert "없습니다." in page
    assert "공급사 1" not in page
    assert bidder.business_number not in page
    events = {event.type: event for event in db.session.scalars(select(Event).where(Event.tender == tender.reference))}
    assert not events["tender.question_asked"].is_open
    assert events["tender.question_answered"].is_open


def test_questions_end_with_the_deadline(tender: Tender, bidder: Bidder) -> None:
    assert tender.closes_at is not None
    with pytest.raises(DeadlinePassed), transaction():
        ask(tender.id, "늦은 질문입니다, 될까요?", bidder.actor, tender.closes_at)


def test_only_suppliers_ask_and_only_the_agencys_own_answers(tender: Tender, agency: Agency, bidder: Bidder) -> None:
    nobody = replace(bidder.actor, organisation_id=None)
    for actor in (agency.officer, nobody):
        with pytest.raises(Forbidden), transaction():
            ask(tender.id, "질문을 할 수 있습니까?", actor, time.now())
    question = asked(tender, bidder)
    for actor in (an_agency(2).officer, bidder.actor):
        with pytest.raises(Forbidden), transaction():
            answer(question.id, "네.", actor, time.now())


def test_an_answer_is_given_once(tender: Tender, agency: Agency, bidder: Bidder) -> None:
    question = asked(tender, bidder)
    with transaction():
        answer(question.id, "네.", agency.officer, time.now())
    with pytest.raises(AlreadyDone), transaction():
        answer(question.id, "아니요.", agency.officer, time.now())
    with pytest.raises(NotFound), transaction():
        answer(new_id(), "네.", agency.officer, time.now())
    with pytest.raises(IntegrityError, match="answered_has_answered_at"), transaction():
        question.answered_at = None
