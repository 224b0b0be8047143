"""A running keyholder, and the clockwork by hand: the log's step and the jobs that are due."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app import keys, time
from app.audit.sequencer import run_step
from app.jobs import run_due
from bidding.keyholder.holder import Holder
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store
from bidding.keyholders import local_keyholder
from bidding.services.box import Keyholder


@pytest.fixture
def holder(app: Flask, tmp_path: Path) -> Holder:
    """The keyholder's program, not served."""
    return Holder(
        name="A",
        store=Store(tmp_path / "keyholder"),
        log_vkey=keys.vkey_of("log"),
        origin=app.config["NARU_LOG_ORIGIN"],
        app_vkey=keys.vkey_of("agency"),
    )


@pytest.fixture
def keyholder(app: Flask, holder: Holder) -> Iterator[Keyholder]:
    """The same behind real HTTP, as the application asks it."""
    server = make_server("127.0.0.1", 0, make_service(holder, time.now), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    before = app.config["NARU_KEYHOLDER_URL"]
    app.config["NARU_KEYHOLDER_URL"] = f"http://127.0.0.1:{server.port}"
    yield local_keyholder()
    app.config["NARU_KEYHOLDER_URL"] = before
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def tick(app: Flask) -> Callable[[], None]:
    """What the clockwork and the worker do in a second: entries get their place, jobs that are due are run."""

    def once() -> None:
        for _ in range(6):
            run_step()
            if run_due(time.now()) == 0:
                break
        run_step()

    return once
