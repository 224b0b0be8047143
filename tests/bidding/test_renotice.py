"""재공고: the failed notice again, next 차수, the same terms, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app import time
from app.db import db, transaction
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput
from bidding import queries
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import announce, draft
from bidding.services.box import terms_of
from bidding.services.drafting import RENOTICE_EDITABLE, add_attachment, discard_draft, save_draft
from bidding.services.renotice import KEPT, renotice
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import PLAN, an_agency, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def failed(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    """For want of bids."""
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        add_attachment(tender.id, "시방서.pdf", b"%PDF-1.4 spec", agency.officer, now)
        announce(agency, tender, keyholder, now)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


def again(failed: Tender, agency: Agency) -> Tender:
    with transaction():
        return renotice(failed.id, agency.officer, time.now())


def schedule() -> dict[str, object]:
    now = time.now()
    hour = timedelta(hours=1)
    return {"bids_from_at": now - hour, "closes_at": now + hour, "opens_at": now + 2 * hour}


def test_number_and_terms_stay_and_the_ord_is_the_next(failed: Tender, agency: Agency, keyholder: Panel) -> None:
    draft = again(failed, agency)
    assert {name: getattr(draft, name) for name in KEPT} == {name: getattr(failed, name) for name in KEPT}
    assert [one.name for one in queries.attachments(draft.id)] == ["시방서.pdf"]
    assert (draft.first_ord, draft.previous_id, draft.state) == (1, failed.id, TenderState.DRAFT)
    with transaction():
        save_draft(draft.id, schedule(), agency.officer)
        announce(agency, draft, keyholder, time.now())
    assert draft.reference == f"{failed.number}-001"
    assert terms_of(draft).is_rebid


def test_it_is_made_once(failed: Tender, agency: Agency) -> None:
    draft = again(failed, agency)
    with pytest.raises(AlreadyDone):
        again(failed, agency)
    with transaction():
        discard_draft(draft.id, agency.officer, time.now())
    assert again(failed, agency)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_amount_won", 1),
        ("floor_rate", 80_000),
        ("title", "다른 사업의 이름"),
        ("regions", ["26"]),
        ("kind", "goods"),
    ],
)
def test_price_and_conditions_cannot_be_changed_on_the_way(
    failed: Tender, agency: Agency, name: str, value: object
) -> None:
    draft = again(failed, agency)
    with pytest.raises(InvalidInput) as refusal, transaction():
        save_draft(draft.id, {name: value}, agency.officer)
    assert refusal.value.facts["field"] == name
    assert name not in RENOTICE_EDITABLE


def test_what_a_form_merely_spells_otherwise_is_no_change(failed: Tender, agency: Agency) -> None:
    with transaction():
        failed.description, failed.sizes = "첫째 줄\n둘째 줄", ["small", "micro"]
    draft = again(failed, agency)
    with transaction():
        save_draft(draft.id, {"description": "첫째 줄\r\n둘째 줄", "sizes": ["micro", "small"]}, agency.officer)


def test_only_what_failed_is_announced_again_and_only_by_its_officer(
    failed: Tender, agency: Agency, keyholder: Panel
) -> None:
    other = an_agency(2)
    for actor in (agency.approver, other.officer):
        with pytest.raises(Forbidden), transaction():
            renotice(failed.id, actor, time.now())
    running = published(agency, keyholder)
    with pytest.raises(IllegalTransition):
        again(running, agency)
