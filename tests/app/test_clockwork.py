"""One leads, the others wait; whoever leads keeps the log up to date and the jobs moving."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import audit, jobs, time
from app.auth import system
from app.clockwork import LEADER_LOCK, Clockwork
from app.db import db, transaction


@pytest.fixture
def two(app: Flask) -> Iterator[tuple[Clockwork, Clockwork]]:
    pair = (Clockwork(app), Clockwork(app))
    yield pair
    for clockwork in pair:
        clockwork.resign()


def test_only_one_leads(two: tuple[Clockwork, Clockwork]) -> None:
    first, second = two
    assert first.beat() is True
    assert second.beat() is False
    assert first.beat() is True


def test_the_other_takes_over_when_the_leader_goes(two: tuple[Clockwork, Clockwork]) -> None:
    first, second = two
    first.beat()
    first.resign()
    assert second.beat() is True
    assert first.beat() is False


def test_a_leader_whose_connection_is_cut_notices_and_the_other_takes_over(two: tuple[Clockwork, Clockwork]) -> None:
    first, second = two
    first.beat()
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
    db.session.execute(cut, {"key": LEADER_LOCK})
    db.session.rollback()
    with pytest.raises(SQLAlchemyError):
        first.beat()
    assert first.is_leading is False
    assert second.beat() is True


def test_a_beat_gives_every_event_its_place_in_the_log(app: Flask, two: tuple[Clockwork, Clockwork]) -> None:
    with transaction():
        event = audit.emit("config.test", system(), time.now(), subject="test")
    event_id = event.id
    assert audit.find_index(event_id) is None
    db.session.rollback()
    two[0].beat()
    assert audit.find_index(event_id) is not None


def test_a_beat_hands_over_what_is_due(
    app: Flask, two: tuple[Clockwork, Clockwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_sweeps", {})
    jobs.register_job("test.tick", lambda: None)
    with transaction():
        jobs.enqueue("test.tick", "one", due_at=time.now())
    app.extensions["redis"].flushall()
    two[0].beat()
    assert len(jobs.queue()) == 1


def test_it_goes_on_after_a_failure_and_stops_when_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clockwork, beats = Clockwork(app), []

    def beat() -> bool:
        beats.append(1)
        if len(beats) == 1:
            raise RuntimeError("the first goes wrong")
        clockwork.stop()
        return True

    monkeypatch.setattr(clockwork, "beat", beat)
    monkeypatch.setattr("app.clockwork.PAUSE_SECONDS", 0.01)
    runner = threading.Thread(target=clockwork.run)
    runner.start()
    runner.join(10)
    assert not runner.is_alive()
    assert len(beats) == 2
