"""The harness: real PostgreSQL, Valkey, SMTP and Chromium, thrown away afterwards.

Each test that asks for `app` gets a database of its own, cloned from one that was migrated once; commits are real.
Outside it nothing is simulated: time is a value that services take, so no clock needs to be moved.
"""

from __future__ import annotations

import contextvars
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app import direct
from app.db import db
from app.embedded.postgres import Postgres
from app.embedded.process import free_port
from app.embedded.valkey import Valkey
from app.web.limits import limiter
from tests import stores
from tests.browsing import Contexts
from tests.fresh import FreshDatabase
from wsgi import create_app

# Commands and sub-processes that a test starts must not find the stores of a system that runs beside it.
os.environ["NARU_ENV"] = "test"


# What waits for real deadlines and browsers goes first, so that no process is left alone with it at the end.
LONGEST_FIRST = ("journeys/test_methods", "journeys/test_committee", "test_replay_system", "test_faults", "journeys/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((at for at, part in enumerate(LONGEST_FIRST) if part in str(item.path)), len(LONGEST_FIRST))

    items.sort(key=place)


class Client(FlaskClient):
    """Each request runs in a context of its own, as in a server: nothing of the test's session or `g` shows through.

    Afterwards what the test holds is read again from the database.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        if db.session.registry.has():
            db.session.expire_all()
        return response


class Mailbox(list[EmailMessage]):
    """Every mail that reached the test's SMTP server, oldest first."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.append(mail)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self if address in str(mail["To"])]


@pytest.fixture(scope="session")
def started() -> Iterator[tuple[Postgres, Valkey]]:
    with stores.started() as pair:
        yield pair


@pytest.fixture(scope="session")
def cluster(started: tuple[Postgres, Valkey]) -> Postgres:
    return started[0]


@pytest.fixture(scope="session")
def valkey(started: tuple[Postgres, Valkey]) -> Valkey:
    return started[1]


@pytest.fixture(scope="session")
def smtp() -> Iterator[tuple[Mailbox, int]]:
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture
def mailbox(smtp: tuple[Mailbox, int]) -> Mailbox:
    smtp[0].clear()
    return smtp[0]


@pytest.fixture(scope="session")
def settings(
    cluster: Postgres, valkey: Valkey, smtp: tuple[Mailbox, int], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the application of this test process runs with."""
    return stores.urls(cluster, stores.DATABASE) | {
        "NARU_ENV": "test",
        "TESTING": True,
        "REDIS_URL": valkey.url,
        "NARU_VAR": str(tmp_path_factory.mktemp("var")),
        "NARU_KEYS_DIR": str(tmp_path_factory.mktemp("keys")),
        "NARU_BASE_URL": "http://localhost",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": smtp[1],
        "WTF_CSRF_ENABLED": False,  # the tests of CSRF and all journeys in the browser switch it on
        "SERVER_NAME": None,
    }


@pytest.fixture(scope="session")
def template(cluster: Postgres, settings: dict[str, Any]) -> str:
    """Name of a database that `flask db upgrade` filled from nothing; tests clone it."""
    stores.make_empty(cluster, stores.TEMPLATE)
    migrating = create_app(settings | stores.urls(cluster, stores.TEMPLATE))
    with migrating.app_context():
        upgrade()
        db.engine.dispose()
    return stores.TEMPLATE


@pytest.fixture(scope="session")
def built_app(template: str, settings: dict[str, Any]) -> Flask:
    limiter.enabled = True  # an application without it may have been built before, and there is one for all
    flask_app = create_app(settings)
    flask_app.test_client_class = Client
    limiter.enabled = False  # its own tests switch it on
    return flask_app


@pytest.fixture(scope="session")
def fresh_database(cluster: Postgres, template: str) -> FreshDatabase:
    return FreshDatabase(cluster, template)


@pytest.fixture
def app(built_app: Flask, fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Flask]:
    """The whole application on a database and a data folder of its own, its context pushed."""
    with fresh_app(built_app, fresh_database, tmp_path) as flask_app:
        yield flask_app


@contextmanager
def fresh_app(built_app: Flask, fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Flask]:
    """The same for as long as one likes: a module whose stories share a world has it once."""
    built_app.config["NARU_VAR"] = str(tmp_path / "var")
    built_app.config.update(NARU_POLICY="", NARU_WITNESSES={}, NARU_SIGNER="", NARU_TSA_URL="", NARU_SINK="")
    with built_app.app_context():
        db.engine.dispose()
        direct.close()
        fresh_database.renew()
        built_app.extensions["redis"].flushall()
        for part in ("log", "signer"):  # a fresh database has a fresh audit log; its signer would refuse to go back
            shutil.rmtree(Path(built_app.config["NARU_VAR"]) / part, ignore_errors=True)
        yield built_app
        db.session.remove()
        db.engine.dispose()
        direct.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Any]:
    """`sign_in(client, person)`: a real session for `person`, its password entered just now."""
    from tests.signing_in import sign_in as open_for

    return open_for


@pytest.fixture
def sign_in_page(app: Flask, live_server: LiveServer) -> Callable[[Any, Any], None]:
    """`sign_in_page(page, person)`: the same for a browser's page and its context."""
    from tests.signing_in import sign_in_page as open_for

    return lambda page, person: open_for(app, page, person, live_server.url)


class LiveServer:
    """The application behind real HTTP, several requests at a time, CSRF protection on."""

    def __init__(self, flask_app: Flask) -> None:
        self.app = flask_app
        # Threads start with an empty context, so each request has its own.
        self._server = make_server("127.0.0.1", 0, flask_app, threaded=True)
        self.port = self._server.port
        self.url = f"http://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


@pytest.fixture(scope="session")
def one_server(built_app: Flask) -> Iterator[LiveServer]:
    """One for all tests of a process: browser contexts that are used again keep their base address."""
    server = LiveServer(built_app)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def live_server(app: Flask, one_server: LiveServer) -> Iterator[LiveServer]:
    with _at_address(app, one_server.url):
        yield one_server


@contextmanager
def served(app: Flask) -> Iterator[LiveServer]:
    """A server of one's own, for as long as one likes."""
    server = LiveServer(app)
    with _at_address(app, server.url):
        server.start()
        yield server
        server.stop()


@contextmanager
def _at_address(app: Flask, url: str) -> Iterator[None]:
    before = {name: app.config[name] for name in ("WTF_CSRF_ENABLED", "NARU_BASE_URL")}
    app.config.update(WTF_CSRF_ENABLED=True, NARU_BASE_URL=url)
    yield
    app.config.update(before)


def chromium_path() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


EXPECT_MS = 20_000  # a machine that does much else at the same time is slow, and right nevertheless
# Nothing but the page: no updates, no sync, no safe-browsing lists, no first-run pages.
CHROMIUM_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--metrics-recording-only",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once per test process."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=EXPECT_MS)
    path = chromium_path()
    if path is None:
        message = "Chromium is missing. On Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    flags = list(CHROMIUM_FLAGS) + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        started_browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield started_browser
        started_browser.close()


@pytest.fixture(scope="session")
def contexts(browser: Any, one_server: LiveServer) -> Contexts:
    return Contexts(browser, one_server.url)


@pytest.fixture
def new_page(contexts: Contexts, live_server: LiveServer) -> Iterator[Callable[..., Any]]:
    """`new_page(**options)`: a page in a context (cookies, keys) of its own; one for each person of a story."""
    yield contexts.new_page
    contexts.give_back()


@contextmanager
def pages(browser: Any, server: LiveServer) -> Iterator[Callable[..., Any]]:
    """The same for as long as one likes, in contexts of its own."""
    contexts = []

    def make(**options: Any) -> Any:
        chosen = {"base_url": server.url, "locale": "ko-KR", "timezone_id": "Asia/Seoul"} | options
        context = browser.new_context(**chosen)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    return new_page()


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parent.parent
