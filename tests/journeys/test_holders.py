"""The pages that say who can open a box, with three keyholders: accessible, and none wider than its window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.auth import Role
from app.auth.models import Person
from app.db import db
from bidding.keyholders import configured
from tests.axe import look_everywhere as look
from tests.bidding.conftest import Later, later
from tests.bidding.holding import House, house
from tests.bidding.staging import an_agency, bidders, published
from tests.builders import make_person
from tests.journeys.test_deadlines import page_of

__all__ = ["later", "page_of"]


@pytest.fixture
def three(app: Flask, tmp_path: Path, later: Later) -> Iterator[House]:
    with house(app, tmp_path / "keyholders", later) as built:
        yield built


def test_who_can_open_is_said_on_every_page_that_asks_for_trust(three: House, page_of: Callable[..., Page]) -> None:
    agency = an_agency()
    tender = published(agency, configured())
    people = {
        "tender": agency.officer, "manage": agency.officer, "bid": bidders(1)[0].actor
    }  # fmt: skip
    for name, actor in people.items():
        page = page_of(db.session.get_one(Person, actor.person_id))
        page.goto(f"/tenders/{tender.reference}" + ("" if name == "tender" else f"/{name}"))
        expect(page.get_by_text("키 보관자 3곳 가운데 어느 2곳이든 함께하면 투찰서가 열립니다.").first).to_be_attached()
        look(page, f"holders-{name}")
    operator = page_of(make_person([Role.OPERATOR]))
    operator.goto("/operator/keyholders")
    look(operator, "holders-operator")
