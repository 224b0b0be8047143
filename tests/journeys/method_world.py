"""One agency, four firms and a committee's pool, signed up once for all stories of a module, and their browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from app import time
from app.auth.models import Person
from app.auth.people import actor_for
from app.db import db, transaction
from bidding.rehearsal.cast import Agency, Bidder, make_supplier
from tests.bidding.conftest import Later, Stage, a_holder, served_panel
from tests.bidding.evaluating import pool
from tests.bidding.staging import PASSWORD, an_agency, bidders
from tests.conftest import fresh_app, pages, served
from tests.fresh import FreshDatabase
from tests.signing_in import sign_in_page

OWN = "한나루정보"  # the firm that bids in the browser


@dataclass
class World:
    app: Flask
    stage: Stage
    agency: Agency
    firm: Person
    rivals: list[Bidder]
    evaluators: list[Person]
    url: str
    new_page: Callable[..., Page]
    _pages: dict[str, Page] = field(default_factory=dict)

    def page_of(self, who: str) -> Page:
        """The browser of `officer`, `approver` or `firm`, signed in; of `reader` not, and narrow."""
        if who not in self._pages:
            size = {"width": 390, "height": 844} if who == "reader" else {"width": 1280, "height": 900}
            self._pages[who] = self.new_page(bypass_csp=True, viewport=size)
        page = self._pages[who]
        if who != "reader":
            sign_in_page(self.app, page, self.person(who), self.url)
        return page

    def person(self, who: str) -> Person:
        if who == "firm":
            return db.session.merge(self.firm)
        return db.session.get_one(Person, getattr(self.agency, who).person_id)

    @property
    def own(self) -> Any:
        return actor_for(self.person("firm"))

    def today(self) -> None:
        """What the browsers do happens now, whatever deadline the last story went ahead to."""
        self.stage.later.ahead = timedelta()


@pytest.fixture(scope="module")
def world(
    built_app: Flask, fresh_database: FreshDatabase, browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder, later = tmp_path_factory.mktemp("methods"), Later()
    with (
        fresh_app(built_app, fresh_database, folder) as app,
        served_panel(app, a_holder(app, folder), later) as panel,
        served(app) as server,
        pages(browser, server) as new_page,
    ):
        app.config["NARU_AUCTION_LEAD"] = 60
        with transaction():
            firm = make_supplier(70, OWN, "Hannaru Information", PASSWORD, time.now(), email="bid@hannaru.example")
        stage, people = Stage(panel, later), pool(4)
        yield World(app, stage, an_agency(), firm, bidders(2), people, server.url, new_page)
