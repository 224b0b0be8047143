"""`flask audit verify` is silent over a good log and names whatever is not."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app import audit, keys
from app.audit import checking, sequencer, sink_lines
from app.audit.checking import Report
from app.db import db, transaction
from app.embedded.postgres import Postgres
from app.tlog import merkle
from tests import stores
from tests.app.audit import logbook


@pytest.fixture
def log(app: Flask) -> Flask:
    """A log of 300 entries, 40 of them sealed, under three checkpoints."""
    logbook.write(100)
    sequencer.run_step()
    logbook.write(40, is_open=False)
    sequencer.run_step()
    logbook.write(160)
    sequencer.run_step()
    return app


def check(app: Flask, *, is_quick: bool = False) -> Report:
    with sequencer.connect(app.config["DATABASE_URL"]) as connection:
        return checking.check(connection, sequencer.publication_of(app), keys.vkey_of("log"), is_quick=is_quick)


def run(app: Flask, *arguments: str) -> Any:
    return FlaskCliRunner(app).invoke(args=["audit", *arguments])


def tamper(cluster: Postgres, *statements: str) -> None:
    """As a superuser who means it: the triggers do not fire."""
    with psycopg.connect(cluster.url("postgres", stores.DATABASE), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


EVENT = "UPDATE audit.event SET {} WHERE id = (SELECT event_id FROM audit.leaf WHERE idx = {})"


def test_a_good_log_is_silent(log: Flask) -> None:
    logbook.write(2)
    report = check(log)
    assert report.findings == []
    assert (report.entries, report.sealed, report.checkpoints, report.pending) == (300, 40, 3, 2)
    assert report.files == 2 * 2 + 1
    result = run(log, "verify")
    assert result.exit_code == 0, result.output
    assert "300 entries recomputed, 40 of them sealed" in result.output
    assert "as it should be" in result.output


def test_an_empty_log_is_silent(app: Flask) -> None:
    assert check(app).findings == []
    sequencer.run_step()
    assert check(app).findings == []


def test_entries_that_are_committed_but_not_yet_signed_are_no_difference(log: Flask) -> None:
    logbook.write(3)
    with sequencer.connect(log.config["SEQUENCER_DATABASE_URL"]) as connection:
        sequencer.sequence_once(connection)
    assert check(log).findings == []


FIFTH = "(SELECT event_id FROM audit.leaf WHERE idx = 5)"
SEALED = "(SELECT min(l.idx) FROM audit.leaf l JOIN audit.event e ON e.id = l.event_id WHERE NOT e.open)"


@pytest.mark.parametrize("is_quick", [False, True])
def test_each_change_in_the_database_is_named(log: Flask, cluster: Postgres, is_quick: bool) -> None:
    """One database, many changes, each undone before the next."""
    cases = [
        (EVENT.format("body = replace(convert_from(body, 'UTF8'), ':1', ':2')::bytea", 7), "its leaf is not"),
        (EVENT.format("leaf = leaf || 'x'", 7), "its leaf is not that of its event"),
        (EVENT.format("salt = sha256('x')", SEALED), "its commitment is not"),
        (EVENT.format("body = '{}'", SEALED), "its commitment is not"),
        (EVENT.format("c = sha256('x')", SEALED), "its commitment is not"),
        ("UPDATE audit.leaf SET lh = sha256('x') WHERE idx = 9", "entry 9: its leaf hash is not"),
        (f"DELETE FROM audit.event WHERE id = {FIFTH}", "entry 5: its event is gone"),
        ("DELETE FROM audit.leaf WHERE idx = 5", "entry 5 is missing"),
        ("DELETE FROM audit.leaf WHERE idx = 299", "a checkpoint of 300 entries is there, but there are 299"),
        ("UPDATE audit.tree SET size = 299", "the tree row is not"),
        ("UPDATE audit.tree SET root = sha256('x')", "the tree row is not"),
        ("UPDATE audit.tree SET frontier = frontier || frontier", "the tree row is not"),
        ("UPDATE audit.checkpoint SET root = sha256('x') WHERE size = 140", "checkpoint 140: its root is not"),
        ("UPDATE audit.checkpoint SET note = replace(note, '140', '141') WHERE size = 140", "checkpoint 140: "),
        ("UPDATE audit.checkpoint SET size = 141 WHERE size = 140", "checkpoint 141: its root is not"),
        ("INSERT INTO audit.pending SELECT id, at, leaf, tender FROM audit.event LIMIT 1", "neither in the tree"),
        ("UPDATE audit.leaf SET event_id = gen_random_uuid() WHERE idx = 3", "entry 3: its event is gone"),
    ]  # fmt: skip
    if not is_quick:
        cases += [
            (EVENT.format("type = 'tender.cancelled'", 7), "entry 7: the column type"),
            (EVENT.format("actor = 'else'", 7), "entry 7: the column actor"),
            (EVENT.format("subject = 'else'", 7), "entry 7: the column subject"),
            (EVENT.format("tender = NULL", 7), "entry 7: the column tender"),
            (EVENT.format("at = at + interval '1 microsecond'", 7), "entry 7: the column at"),
        ]
    with psycopg.connect(cluster.url("postgres", stores.DATABASE)) as connection:
        connection.autocommit = True
        connection.execute("SET session_replication_role = replica")
        connection.execute("CREATE SCHEMA kept")
        for table in ("event", "leaf", "tree", "checkpoint", "pending"):
            connection.execute(f"CREATE TABLE kept.{table} AS TABLE audit.{table}".encode())
        for statement, complaint in cases:
            connection.execute(statement.encode())
            findings = check(log, is_quick=is_quick).findings
            assert any(complaint in finding for finding in findings), (statement, findings)
            for table in ("event", "leaf", "tree", "checkpoint", "pending"):
                connection.execute(f"DELETE FROM audit.{table}".encode())
                connection.execute(f"INSERT INTO audit.{table} SELECT * FROM kept.{table}".encode())
        connection.execute("DROP SCHEMA kept CASCADE")
    assert check(log, is_quick=is_quick).findings == []


def test_each_change_of_a_published_file_is_named(log: Flask) -> None:
    folder = logbook.folder(log)
    for name in (
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ):
        path = folder / name
        before = path.read_bytes()
        for changed in (
            before[:40] + bytes([before[40] ^ 1]) + before[41:] if len(before) > 40 else b"",
            before[:-1],
            None,
        ):
            if changed is None:
                path.unlink()
            else:
                path.write_bytes(changed)
            findings = check(log).findings
            assert any("published" in finding for finding in findings), (name, changed, findings)
            path.write_bytes(before)
    assert check(log).findings == []


def test_a_checkpoint_of_another_key_is_named(log: Flask) -> None:
    with sequencer.connect(log.config["DATABASE_URL"]) as connection:
        findings = checking.check(connection, sequencer.publication_of(log), keys.vkey_of("agency")).findings
    assert "checkpoint 100: no signature by a known key" in findings


def test_a_published_log_longer_than_the_database_is_named(log: Flask, cluster: Postgres) -> None:
    tamper(
        cluster,
        "DELETE FROM audit.leaf WHERE idx >= 140",
        "DELETE FROM audit.checkpoint WHERE size > 140",
    )
    assert "a checkpoint of 300 entries is published, but there are 140" in check(log).findings


def test_the_command_ends_with_one_and_names_the_difference(log: Flask, cluster: Postgres) -> None:
    tamper(cluster, EVENT.format("actor = 'else'", 7))
    result = run(log, "verify")
    assert result.exit_code == 1
    assert "DIFFERENT: entry 7: the column actor says something else than the event" in result.output
    assert run(log, "verify", "--quick").exit_code == 0  # it says that it does not read the JSON


def test_a_wholly_ruined_log_gives_a_bounded_report(log: Flask, cluster: Postgres) -> None:
    tamper(cluster, "UPDATE audit.leaf SET lh = sha256('x')")
    assert len(check(log).findings) == checking.MAX_FINDINGS


def test_an_event_that_was_taken_out_before_it_reached_the_tree_is_found_by_the_second_sink(
    log: Flask, cluster: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "audit.sink"), contextlib.suppress(RuntimeError):
        (kept,) = logbook.write(1)
        (taken,) = logbook.write(1, is_open=False)
        with transaction():
            audit.emit("tender.cancelled", logbook.OFFICER, logbook.NOW, subject="rolled back")
            db.session.flush()
            raise RuntimeError
    told = [record.getMessage() for record in caplog.records if record.name == "audit.sink"]
    file = tmp_path / "processes.log"
    file.write_text("\n".join(["not ours", '{"event": "audit.committed", "lea', *told]))
    assert list(sink_lines.read(told)) == [merkle.leaf_hash(event.leaf).hex() for event in (kept, taken)]
    assert run(log, "verify", "--sink", str(file)).exit_code == 0
    tamper(
        cluster,
        f"DELETE FROM audit.event WHERE id = '{taken.id}'",
        f"DELETE FROM audit.pending WHERE event_id = '{taken.id}'",
    )
    sequencer.run_step()
    assert run(log, "verify").exit_code == 0  # the database alone does not tell
    result = run(log, "verify", "--sink", str(file))
    assert result.exit_code == 1
    assert f"{merkle.leaf_hash(taken.leaf).hex()} was committed and is not in the log" in result.output


def test_what_a_savepoint_took_back_is_not_told(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "audit.sink"), transaction():
        audit.emit("tender.published", logbook.OFFICER, logbook.NOW, subject="kept")
        with contextlib.suppress(RuntimeError), db.session.begin_nested():
            audit.emit("tender.cancelled", logbook.OFFICER, logbook.NOW, subject="taken back")
            db.session.flush()
            raise RuntimeError
    lines = [record for record in caplog.records if record.name == "audit.sink"]
    assert len(lines) == 1
    assert len(json.loads(lines[0].getMessage())["leaves"]) == 1


def test_the_status_tells_size_key_and_what_waits(log: Flask) -> None:
    result = run(log, "status")
    assert result.exit_code == 0, result.output
    assert "tree         300 entries" in result.output
    assert keys.vkey_of("log") in result.output
    assert "published    300 entries" in result.output
    assert "waiting      0 events" in result.output


def test_the_status_warns_of_events_that_wait_too_long(log: Flask) -> None:
    with transaction():
        audit.emit("tender.published", logbook.OFFICER, datetime(2020, 1, 1, tzinfo=UTC), subject="x")
    result = run(log, "status")
    assert result.exit_code == 1
    assert "LATE: an event has waited" in result.output
