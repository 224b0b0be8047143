"""Jobs: promised in the transaction, hinted to RQ, never lost, run to the end once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from rq import SimpleWorker
from sqlalchemy import select

from app import jobs, time
from app.db import db, transaction
from app.embedded.process import free_port
from app.jobs import Job, JobState, Promise, enqueue, register_job, register_sweep, run, run_due, sweep


@pytest.fixture
def done() -> Iterator[list[str]]:
    """What the handler `test.note` was given, in order."""
    seen: list[str] = []
    register_job("test.note", lambda word: seen.append(word))
    yield seen
    jobs._handlers.pop("test.note", None)


@pytest.fixture(autouse=True)
def _without_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the features derive from an empty database would be counted too."""
    monkeypatch.setattr(jobs, "_sweeps", {})


def promise(word: str, **more: Any) -> None:
    with transaction():
        enqueue("test.note", word, due_at=time.now(), word=word, **more)


def rows() -> list[Job]:
    db.session.expire_all()
    return list(db.session.scalars(select(Job).where(Job.kind.startswith("test.")).order_by(Job.key)))


def work_hints(app: Flask) -> None:
    """What a worker process does with everything in RQ now, here and at once."""
    jobs.bind_worker(app)
    queues = [jobs.queue(), jobs.queue(jobs.BULK_QUEUE)]
    worker = SimpleWorker(queues, connection=app.extensions["redis"], serializer="json")
    Context().run(worker.work, burst=True, logging_level="ERROR")


def in_thread(app: Flask, act: Callable[[], Any]) -> threading.Thread:
    def inside() -> None:
        with app.app_context():
            act()

    return threading.Thread(target=inside)


def test_a_rolled_back_transaction_leaves_neither_row_nor_hint(app: Flask, done: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        enqueue("test.note", "one", due_at=time.now(), word="one")
        raise ZeroDivisionError
    assert rows() == []
    assert len(jobs.queue()) == 0


def test_a_committed_promise_is_hinted_at_once_and_done_by_a_worker(app: Flask, done: list[str]) -> None:
    promise("one")
    assert len(jobs.queue()) == 1
    work_hints(app)
    assert done == ["one"]
    (row,) = rows()
    assert (row.state, row.attempts) == (JobState.DONE, 1)
    assert row.done_at is not None


def test_nothing_is_hinted_before_the_commit_even_after_a_savepoint(app: Flask, done: list[str]) -> None:
    with transaction():
        with db.session.begin_nested():
            enqueue("test.note", "one", due_at=time.now(), word="one")
        assert len(jobs.queue()) == 0
    assert len(jobs.queue()) == 1


def test_a_savepoint_that_is_rolled_back_does_not_forget_the_others(app: Flask, done: list[str]) -> None:
    with transaction():
        enqueue("test.note", "kept", due_at=time.now(), word="kept")
        inner = db.session.begin_nested()
        enqueue("test.note", "dropped", due_at=time.now(), word="dropped")
        inner.rollback()
    assert [row.key for row in rows()] == ["kept"]
    work_hints(app)
    assert done == ["kept"]


def test_the_same_promise_again_changes_nothing(app: Flask, done: list[str]) -> None:
    promise("one")
    promise("one")
    assert len(rows()) == 1
    assert run_due(time.now()) == 1
    promise("one")
    assert run_due(time.now()) == 0
    assert done == ["one"]


def test_a_promise_nobody_can_keep_is_refused(app: Flask) -> None:
    with pytest.raises(LookupError), transaction():
        enqueue("test.unknown", "one", due_at=time.now())


def test_flushall_in_the_middle_loses_nothing(app: Flask, done: list[str]) -> None:
    for word in ("a", "b", "c"):
        promise(word)
    app.extensions["redis"].flushall()
    assert len(jobs.queue()) == 0
    assert sweep(time.now()) == 3
    work_hints(app)
    assert sorted(done) == ["a", "b", "c"]
    assert sweep(time.now()) == 0


def test_what_is_bulk_waits_for_the_rest(app: Flask, done: list[str]) -> None:
    register_job("test.mail", lambda word: done.append(word), is_bulk=True)
    with transaction():
        for number in range(3):
            enqueue("test.mail", f"mail {number}", due_at=time.now(), word="mail")
    promise("closing")
    work_hints(app)
    assert done == ["closing", "mail", "mail", "mail"]


def test_a_heap_of_bulk_does_not_keep_the_rest_from_the_workers(
    app: Flask, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HINTS_A_SWEEP", 2)
    register_job("test.mail", lambda word: done.append(word), is_bulk=True)
    with transaction():
        for number in range(3):
            enqueue("test.mail", f"mail {number}", due_at=time.now() - timedelta(hours=1), word="mail")
    promise("closing")
    app.extensions["redis"].flushall()
    sweep(time.now())
    work_hints(app)
    assert "closing" in done


def test_without_redis_the_transaction_commits_and_the_sweeper_catches_up(app: Flask, done: list[str]) -> None:
    real = app.extensions["redis"]
    app.extensions["redis"] = Redis(host="127.0.0.1", port=free_port(), socket_connect_timeout=0.2)
    try:
        promise("one")
    finally:
        app.extensions["redis"].close()
        app.extensions["redis"] = real
    assert [row.state for row in rows()] == [JobState.WAITING]
    sweep(time.now())
    work_hints(app)
    assert done == ["one"]


def test_a_job_is_due_at_its_very_instant_and_not_before(app: Flask, done: list[str]) -> None:
    due = time.now() + timedelta(hours=1)
    with transaction():
        enqueue("test.note", "later", due_at=due, word="later")
    assert len(jobs.queue()) == 0
    assert run_due(due - timedelta(microseconds=1)) == 0
    assert run_due(due) == 1
    assert done == ["later"]


def test_a_hint_before_its_time_does_nothing(app: Flask, done: list[str]) -> None:
    with transaction():
        enqueue("test.note", "later", due_at=time.now() + timedelta(hours=1), word="later")
    assert run(rows()[0].id) is False
    assert done == []


def test_a_job_given_twice_is_done_once(app: Flask, done: list[str]) -> None:
    promise("one")
    job_id = rows()[0].id
    assert run(job_id) is True
    assert run(job_id) is False
    assert done == ["one"]


def test_two_workers_with_the_same_job_do_it_once(app: Flask) -> None:
    entered, leave, count = threading.Event(), threading.Event(), []

    def slow() -> None:
        count.append(1)
        entered.set()
        assert leave.wait(20)

    register_job("test.slow", slow)
    with transaction():
        enqueue("test.slow", "one", due_at=time.now())
    job_id: UUID = rows()[0].id
    db.session.rollback()
    first = in_thread(app, lambda: run(job_id))
    first.start()
    assert entered.wait(20)
    assert run(job_id) is False  # the other has it in hand
    leave.set()
    first.join(20)
    assert len(count) == 1
    assert rows()[0].state == JobState.DONE


def test_a_sweep_brings_back_what_follows_from_the_database_even_a_deleted_row(app: Flask, done: list[str]) -> None:
    register_sweep("test", lambda now: [Promise("test.note", "derived", now, {"word": "derived"})])
    assert sweep(time.now()) == 1
    with transaction():
        db.session.delete(rows()[0])
    app.extensions["redis"].flushall()
    assert sweep(time.now()) == 1
    work_hints(app)
    assert done == ["derived"]


def test_a_sweep_that_fails_does_not_stop_the_others(app: Flask, done: list[str]) -> None:
    def broken(_now: Any) -> list[Promise]:
        raise RuntimeError("this one is broken")

    register_sweep("test", broken)
    promise("one")
    assert sweep(time.now()) == 1


def test_a_failure_is_noted_waits_longer_each_time_and_is_given_up_in_the_end(app: Flask) -> None:
    def fail() -> None:
        db.session.execute(select(Job).where(Job.key == 1))  # leaves the transaction broken

    register_job("test.fail", fail)
    now = time.now()
    with transaction():
        enqueue("test.fail", "one", due_at=now)
    pauses = []
    for _ in range(jobs.MAX_ATTEMPTS):
        assert run_due(now) == 0
        row = rows()[0]
        pauses.append(int((row.due_at - now).total_seconds()))
        now = row.due_at
    assert pauses[:4] == [2, 4, 8, 16]
    assert max(pauses) == 300
    assert row.state == JobState.GIVEN_UP
    assert row.last_error is not None
    assert row.last_error.startswith("ProgrammingError")
    assert run_due(now) == 0


def test_a_job_that_kills_its_worker_is_given_up_too(app: Flask) -> None:
    class Killed(BaseException):
        """Stands for the end of the process: nothing of ours runs after it."""

    def die() -> None:
        raise Killed

    register_job("test.die", die)
    promised = time.now()
    with transaction():
        enqueue("test.die", "one", due_at=promised)
    job_id = rows()[0].id
    for _ in range(jobs.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            run(job_id)
        db.session.rollback()
    assert run(job_id) is False
    assert rows()[0].state == JobState.GIVEN_UP


def test_a_failed_job_is_done_at_the_next_try(app: Flask, done: list[str]) -> None:
    tries: list[int] = []

    def fail_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("not now")

    register_job("test.once", fail_once)
    now = time.now()
    with transaction():
        enqueue("test.once", "one", due_at=now)
    assert run_due(now) == 0
    assert run_due(now + timedelta(seconds=2)) == 1
    row = rows()[0]
    assert (row.state, row.last_error, row.attempts) == (JobState.DONE, None, 2)
