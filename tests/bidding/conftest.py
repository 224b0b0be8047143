"""A running keyholder, and the clockwork by hand: the log's step and the jobs that are due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app import keys, time
from app.audit.sequencer import run_step
from app.db import transaction
from app.jobs import run_due
from bidding.keyholder.holder import Holder
from bidding.keyholder.panel import Panel
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store
from bidding.keyholders import configured
from bidding.models import Tender
from bidding.services.closing import begin_closing, freeze
from bidding.services.opening import begin_opening, open_bids
from bidding.services.release import gather

PATIENCE = timedelta(minutes=1)


@pytest.fixture
def holder(app: Flask, tmp_path: Path) -> Holder:
    """The keyholder's program, not served."""
    return a_holder(app, tmp_path)


def a_holder(app: Flask, tmp_path: Path) -> Holder:
    return Holder(
        name="A",
        store=Store(tmp_path / "keyholder", tmp_path / "keyholder-backup"),
        log_vkey=keys.vkey_of("log"),
        origin=app.config["NARU_LOG_ORIGIN"],
        app_vkey=keys.vkey_of("agency"),
    )


class Later:
    """A clock that can be set ahead: for the keyholder, and for services that take one."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return time.now() + self.ahead

    def set_to(self, instant: datetime) -> None:
        self.ahead = instant - time.now()


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def keyholder(app: Flask, holder: Holder, later: Later) -> Iterator[Panel]:
    """The same behind real HTTP: the panel of one that the application asks."""
    with served_panel(app, holder, later) as panel:
        yield panel


@contextmanager
def served_panel(app: Flask, holder: Holder, later: Later) -> Iterator[Panel]:
    server = make_server("127.0.0.1", 0, make_service(holder, later), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    before = app.config["NARU_KEYHOLDER_URL"]
    app.config["NARU_KEYHOLDER_URL"] = f"http://127.0.0.1:{server.port}"
    yield configured()
    app.config["NARU_KEYHOLDER_URL"] = before
    server.shutdown()
    server.server_close()
    thread.join(5)


@dataclass
class Stage:
    """The clockwork and the worker by hand, on a clock of one's own: nobody waits for a deadline."""

    keyholder: Panel
    later: Later

    def close(self, tender: Tender) -> None:
        assert tender.closes_at is not None
        self.later.set_to(tender.closes_at)
        run_step()
        with transaction():
            assert begin_closing(tender.id, self.later)
        run_step()
        with transaction():
            freeze(tender.id, self.later)
        run_step()

    def open(self, tender: Tender) -> None:
        """From the closing to the evaluation; a tender that fails first stays failed."""
        assert tender.opens_at is not None
        self.later.set_to(tender.opens_at)
        with transaction():
            has_bids = begin_opening(tender.id, self.later)
        run_step()
        if has_bids:
            with transaction():
                assert gather(tender.id, "price", configured(), self.later(), PATIENCE)
            with transaction():
                assert open_bids(tender.id, self.later)
            run_step()

    def work(self) -> None:
        """What is due now: bundles, papers, mail."""
        for _ in range(3):
            run_step()
            run_due(time.now() + timedelta(hours=2))
        run_step()


@pytest.fixture
def stage(app: Flask, keyholder: Panel, later: Later) -> Stage:
    return Stage(keyholder, later)
