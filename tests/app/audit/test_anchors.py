"""Time-stamp tokens over checkpoints, by a real authority (`openssl ts`) on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import time
from app.audit import anchors, evidence, sequencer
from app.audit.anchors import TokenRefused
from app.audit.models import Anchor
from app.db import db, transaction
from app.errors import TemporarilyUnavailable
from app.jobs import run_due
from app.tlog import note
from tests.app.audit import logbook, tsa


@pytest.fixture
def authority(app: Flask, tmp_path: Path) -> Iterator[tsa.Authority]:
    made = tsa.Authority(tmp_path / "tsa")
    with tsa.serving(made) as url:
        app.config.update(NARU_TSA_URL=url, NARU_TSA_CERTS=str(made.certs))
        yield made


def tokens() -> list[Anchor]:
    db.session.rollback()
    return list(db.session.scalars(select(Anchor).order_by(Anchor.size)))


def test_the_newest_checkpoint_is_stamped_once_an_hour(app: Flask, authority: tsa.Authority) -> None:
    logbook.write(3)
    sequencer.run_step()
    began = time.now()
    assert run_due(began, {"audit.anchor"}) == 1
    assert run_due(began, {"audit.anchor"}) == 0
    [token] = tokens()
    assert token.size == 3
    assert abs(token.at - began) < timedelta(seconds=10)
    assert anchors.time_in(token.token) == token.at
    logbook.write(1)
    sequencer.run_step()
    assert run_due(began + timedelta(hours=1), {"audit.anchor"}) == 1
    assert [token.size for token in tokens()] == [3, 4]
    assert authority.asked == 2


def test_openssl_itself_accepts_the_token_over_the_text_of_the_checkpoint(
    app: Flask, authority: tsa.Authority, tmp_path: Path
) -> None:
    logbook.write(3)
    sequencer.run_step()
    anchors.anchor()
    [archived] = evidence.anchored_checkpoints(0, 3)
    assert archived.token is not None
    (tmp_path / "token.tsr").write_bytes(archived.token)
    (tmp_path / "text").write_text(note.text_of(archived.signed))
    command = ["openssl", "ts", "-verify", "-data", "text", "-in", "token.tsr", "-CAfile", str(authority.certs)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (tmp_path / "text").write_text(note.text_of(archived.signed) + "\n")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_a_closing_gets_a_token_that_covers_it(app: Flask, authority: tsa.Authority) -> None:
    with transaction():
        anchors.anchor_soon(time.now(), logbook.TENDER, "tender.published")
        anchors.anchor_soon(time.now() + timedelta(seconds=1), logbook.TENDER, "tender.published")
    with pytest.raises(TemporarilyUnavailable):
        anchors.anchor(logbook.TENDER, "tender.published")
    logbook.write(2)
    sequencer.run_step()
    later = time.now() + timedelta(seconds=5)
    assert run_due(later, {"audit.anchor"}) == 3  # the hour's, and both that were promised
    assert [token.size for token in tokens()] == [2]
    assert authority.asked == 1


def test_a_token_of_another_authority_or_over_something_else_is_not_kept(
    app: Flask, authority: tsa.Authority, tmp_path: Path
) -> None:
    logbook.write(1)
    sequencer.run_step()
    other = tsa.Authority(tmp_path / "other")
    app.config["NARU_TSA_CERTS"] = str(other.certs)
    with pytest.raises(TokenRefused, match="not a valid token"):
        anchors.anchor()
    assert tokens() == []
    app.config["NARU_TSA_CERTS"] = str(authority.certs)
    token, _ = anchors.request_token(b"one thing")
    with pytest.raises(TokenRefused):
        anchors.verify_token(token, b"another", anchors._certificates())
    with pytest.raises(TokenRefused, match="Nonce"):
        anchors.verify_token(token, b"one thing", anchors._certificates(), nonce=1)
    with pytest.raises(TokenRefused):
        anchors.verify_token(token[:-9], b"one thing", anchors._certificates())


def test_an_authority_that_is_away_or_sends_elsewhere_leaves_the_job_waiting(
    app: Flask, authority: tsa.Authority
) -> None:
    logbook.write(1)
    sequencer.run_step()
    app.config["NARU_TSA_URL"] = "http://127.0.0.1:9/"
    assert run_due(time.now(), {"audit.anchor"}) == 0
    assert tokens() == []
    with pytest.raises(TokenRefused, match="does not answer"):
        anchors.anchor()


def test_without_an_authority_nothing_is_promised(app: Flask) -> None:
    logbook.write(1)
    sequencer.run_step()
    with transaction():
        anchors.anchor_soon(time.now(), logbook.TENDER, "tender.published")
    assert run_due(time.now(), {"audit.anchor"}) == 0
    assert anchors.latest() is None
