"""The page of those who watch the log, in both languages, wide and narrow, with and without witnesses."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import keys, time
from app.audit import anchors, sequencer
from app.audit.witnessing import attendants
from app.embedded.postgres import Postgres
from tests import axe
from tests.app.audit import logbook, tsa
from tests.app.audit.test_witnessing import settle
from tests.app.audit.witnesses import serving, three, write_policy

SHOTS = os.environ.get("NARU_SCREENSHOTS")


@pytest.fixture
def watched(app: Flask, cluster: Postgres, tmp_path: Path) -> Any:
    """Two of three witnesses have cosigned, and an authority has stamped the tree."""
    logbook.write(1234)
    sequencer.run_step()
    authority = tsa.Authority(tmp_path / "tsa")
    witnesses = three(tmp_path)
    write_policy(app, tmp_path, witnesses)
    with ExitStack() as stack:
        app.config["NARU_WITNESSES"] = {name: stack.enter_context(serving(one)) for name, one in witnesses.items()}
        app.config["NARU_TSA_URL"] = stack.enter_context(tsa.serving(authority))
        app.config["NARU_TSA_CERTS"] = str(authority.certs)
        settle(cluster)
        for one in attendants(app)[:2]:
            one.turn()
        anchors.anchor()
        yield time.now()


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_who_watches_the_log_is_shown(watched: Any, new_page: Callable[..., Any], language: str, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 900}, locale=language, bypass_csp=True)
    for name in ("log", "log/witnesses"):
        page.goto(f"/{name}?lang={language}")
        assert axe.violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name.replace('/', '-')}-{language}-{width}.png", full_page=True)
    text = page.inner_text("main")
    assert "W1" in text
    assert "witness.example/w3" in text
    assert ("증인 3곳 중 2곳" if language == "ko" else "2 of 3 witnesses") in text
    assert ("서명한 적 없음" if language == "ko" else "Never yet") in text
    assert keys.vkey_of("log") in text
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename == "1234.tsr"


def test_a_log_without_witnesses_says_so(new_page: Callable[..., Any], app: Flask) -> None:
    page = new_page(bypass_csp=True)
    logbook.write(1)
    sequencer.run_step()
    page.goto("/log/witnesses?lang=en")
    assert axe.violations(page) == []
    assert "This log has no witnesses" in page.inner_text("main")
    assert "No time-stamp tokens" in page.inner_text("main")
