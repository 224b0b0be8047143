"""Cosigned checkpoints: enough witnesses, published and archived, and nobody waits for one that is away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import keys
from app.audit import evidence, policies, sequencer, witnessing
from app.audit.models import Cosignature
from app.audit.witness_client import WitnessFailed
from app.audit.witnessing import Attendant, attendants
from app.config import ConfigurationError
from app.db import db
from app.embedded.postgres import Postgres
from app.errors import TemporarilyUnavailable
from app.tlog import checkpoint, merkle, note
from tests import stores
from tests.app.audit import logbook
from tests.app.audit.witnesses import serving, three, write_policy


@pytest.fixture
def witnessed(app: Flask, tmp_path: Path) -> Iterator[dict[str, Attendant]]:
    """The log with three real witnesses, two of which are a quorum."""
    witnesses = three(tmp_path)
    write_policy(app, tmp_path, witnesses)
    with ExitStack() as stack:
        app.config["NARU_WITNESSES"] = {name: stack.enter_context(serving(one)) for name, one in witnesses.items()}
        yield {one.client.name: one for one in attendants(app)}


def settle(cluster: Postgres) -> None:
    """Wait for the next whole second of the database: the witnesses look at checkpoints of seconds past."""
    with psycopg.connect(cluster.url("postgres", stores.DATABASE)) as connection:
        connection.execute("SELECT pg_sleep(ceil(extract(epoch FROM now())) - extract(epoch FROM now()) + 0.01)")


def grow(cluster: Postgres, count: int = 3) -> int:
    """Write events, sequence them; the new size."""
    logbook.write(count)
    sequencer.run_step()
    settle(cluster)
    return evidence.latest_checkpoint()[1].size


def test_two_of_three_cosign_and_everybody_may_read_it(
    app: Flask, client: FlaskClient, cluster: Postgres, witnessed: dict[str, Attendant]
) -> None:
    size = grow(cluster)
    assert witnessed["W1"].turn()
    with pytest.raises(TemporarilyUnavailable):
        evidence.cosigned_checkpoint()
    assert not evidence.is_witnessed(size - 1)
    assert client.get("/log/cosigned").status_code == 404
    assert witnessed["W3"].turn()
    signed, covered = evidence.cosigned_checkpoint()
    assert covered.size == size
    assert evidence.is_witnessed(size - 1)
    assert not evidence.is_witnessed(size)
    assert set(policies.in_force().policy.open(signed).times) == {"W1", "W3"}
    assert client.get("/log/cosigned").text == client.get("/log/checkpoint").text == signed
    assert client.get("/log/policy").text == Path(app.config["NARU_POLICY"]).read_text()


def test_the_third_line_is_added_and_nobody_is_asked_twice(
    app: Flask, cluster: Postgres, witnessed: dict[str, Attendant]
) -> None:
    size = grow(cluster)
    assert [one.turn() for one in witnessed.values()] == [True, True, True]
    assert [one.turn() for one in witnessed.values()] == [False, False, False]
    signed, _ = evidence.cosigned_checkpoint()
    assert set(policies.in_force().policy.open(signed).times) == {"W1", "W2", "W3"}
    kept = db.session.scalars(select(Cosignature.witness).where(Cosignature.size == size))
    assert set(kept) == {"W1", "W2", "W3"}


def test_the_archive_keeps_one_checkpoint_for_each_interval(
    app: Flask, cluster: Postgres, witnessed: dict[str, Attendant], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    for is_kept in (True, False, True):
        for one in witnessed.values():
            monkeypatch.setattr(witnessing, "CALM_CADENCE", 0.0 if is_kept else 60.0)
            sizes.append(grow(cluster)) if one.client.name == "W1" else None
            one.turn()
    kept = db.session.scalars(select(Cosignature.size).distinct().order_by(Cosignature.size))
    assert list(kept) == [sizes[0], sizes[2]]
    assert evidence.cosigned_checkpoint()[1].size == sizes[2]
    archived = evidence.archived_checkpoints([0, sizes[0] - 1, sizes[0], sizes[1]], sizes[2])
    assert [one.size for one in archived] == [sizes[0], sizes[2]]
    assert all(policies.in_force().policy.is_met(one.signed) for one in archived)
    roots = [checkpoint.parse(note.text_of(one.signed)).root for one in archived]
    proof = evidence.consistency_proof(sizes[0], sizes[2])
    assert merkle.verify_consistency(sizes[0], sizes[2], proof, *roots)
    assert evidence.archived_checkpoints([sizes[0]], sizes[1]) == []


def test_around_closings_the_archive_is_denser(app: Flask) -> None:
    from app import time

    witnessing.register_busy("a test", lambda _now: False)
    assert witnessing.cadence(time.now()) == witnessing.CALM_CADENCE
    witnessing.register_busy("a test", lambda _now: True)
    assert witnessing.cadence(time.now()) == witnessing.BUSY_CADENCE
    del witnessing._busy["a test"]


def test_a_new_clockwork_learns_what_the_witnesses_know(
    app: Flask, cluster: Postgres, witnessed: dict[str, Attendant]
) -> None:
    grow(cluster)
    for one in witnessed.values():
        one.turn()
    size = grow(cluster)
    again = attendants(app)
    assert [one.client.known for one in again] == [0, 0, 0]
    assert [one.turn() for one in again] == [True, True, True]
    assert evidence.cosigned_checkpoint()[1].size == size


def test_a_witness_that_never_answers_delays_neither_the_log_nor_the_others(
    app: Flask, cluster: Postgres, witnessed: dict[str, Attendant]
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        app.config["NARU_WITNESSES"]["W2"] = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        stopping = threading.Event()
        logbook.write(3)
        sequencer.run_step()
        threads = witnessing.start(app, lambda: True, stopping)
        until = monotonic() + 9  # the deaf one is waited for ten seconds
        while not evidence.is_witnessed(2) and monotonic() < until:
            sleep(0.1)
        stopping.set()
        assert evidence.is_witnessed(2)
        assert sequencer.run_step() == 0
    for thread in threads:
        thread.join(15)


def test_a_witness_that_is_away_or_answers_nonsense_is_a_failure_and_no_cosignature(
    app: Flask, cluster: Postgres, witnessed: dict[str, Attendant], tmp_path: Path
) -> None:
    grow(cluster)
    witnessed["W1"].client.url = "http://127.0.0.1:9"
    with pytest.raises(WitnessFailed, match="does not answer"):
        witnessed["W1"].turn()
    witnessed["W2"].client.url = app.config["NARU_WITNESSES"]["W3"]  # another's signature under its address
    with pytest.raises(WitnessFailed, match="without a line of its own"):
        witnessed["W2"].turn()
    assert not evidence.is_witnessed(0)
    assert db.session.scalar(select(func.count()).select_from(Cosignature)) == 0


def test_without_witnesses_the_newest_signed_checkpoint_is_enough(app: Flask, client: FlaskClient) -> None:
    logbook.write(2)
    sequencer.run_step()
    assert attendants(app) == []
    assert evidence.cosigned_checkpoint() == evidence.latest_checkpoint()
    assert evidence.is_witnessed(1)
    assert policies.in_force().sha256 is None
    assert client.get("/log/policy").text == f"log {keys.vkey_of('log')}\nquorum none\n"
    assert evidence.archived_checkpoints([0, 1], 2) == []


@pytest.mark.parametrize(
    ("content", "why"), [("quorum", "line 1 of the policy"), ("quorum none\n", "does not name this log's key")]
)
def test_a_policy_that_cannot_be_right_is_named(app: Flask, tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "policy.txt"
    app.config["NARU_POLICY"] = str(path)
    with pytest.raises(ConfigurationError, match="No such file"):
        policies.in_force()
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=why):
        policies.in_force()
