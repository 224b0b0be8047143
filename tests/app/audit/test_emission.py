"""An event is one row with its leaf, written with the business or not at all, and never changed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app import audit
from app.audit import sequencer
from app.audit.emission import body_of, commitment_of, leaf_of
from app.audit.models import Event, Pending
from app.auth import Actor, system
from app.db import db, transaction
from app.embedded.postgres import Postgres
from app.tlog import canon, merkle
from tests import stores

NOW = datetime(2026, 11, 23, 0, 59, 59, 123456, tzinfo=UTC)
OFFICER = Actor("person:1")
TENDER = "R26BK00000001-000"


def test_the_vectors_of_the_protocol_come_out() -> None:
    event = {"at": "2026-11-23T00:59:59.123456Z", "stmt": "cd" * 32, "tender": TENDER, "type": "bid.submitted"}
    commitment = commitment_of(bytes(32), canon.jcs(event))
    assert commitment.hex() == "498bd03082b0a5c6e54e5fec8044b0644a82adad9f953bbcfdacc2aa0e6e3502"
    leaf = leaf_of(canon.jcs(event), commitment)
    assert leaf == canon.jcs({"c": commitment.hex(), "v": 1})
    assert merkle.leaf_hash(leaf).hex() == "f020608aad13c2406437c73daef8b140fd7fc7828ca99925767d76f5d4d137fc"


def test_an_open_leaf_is_the_canonical_form_of_the_event() -> None:
    body = body_of("tender.published", "person:1", NOW, "tender:1", TENDER, {"closes_at": "x"})
    assert leaf_of(body, None) == canon.jcs({"e": canon.parse(body), "v": 1})


def test_an_event_is_written_when_the_transaction_commits(app: Flask) -> None:
    with transaction():
        event = audit.emit("tender.published", OFFICER, NOW, subject="tender:1", tender=TENDER, closes="2026-12-01")
    row = db.session.scalars(select(Event)).one()
    assert canon.parse(row.body) == {
        "type": "tender.published",
        "at": "2026-11-23T00:59:59.123456Z",
        "actor": "person:1",
        "subject": "tender:1",
        "tender": TENDER,
        "closes": "2026-12-01",
    }
    assert (row.at, row.type, row.actor, row.tender, row.is_open) == (NOW, "tender.published", "person:1", TENDER, True)
    pending = db.session.scalars(select(Pending)).one()
    assert (pending.event_id, pending.at, pending.leaf, pending.tender) == (event.id, NOW, row.leaf, TENDER)


def test_an_event_of_a_transaction_that_fails_leaves_nothing(app: Flask) -> None:
    def fail() -> None:
        with transaction():
            audit.emit("tender.published", OFFICER, NOW, subject="tender:1")
            db.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [*db.session.scalars(select(Event.id)), *db.session.scalars(select(Pending.event_id))] == []


def test_a_sealed_event_shows_only_a_commitment_that_its_salt_opens(app: Flask) -> None:
    with transaction():
        event = audit.emit("bid.submitted", OFFICER, NOW, subject="bid:1", is_open=False, stmt="cd" * 32)
        other = audit.emit("bid.submitted", OFFICER, NOW, subject="bid:1", is_open=False, stmt="cd" * 32)
    assert event.salt is not None
    assert event.commitment == commitment_of(event.salt, event.body)
    assert event.leaf == canon.jcs({"c": event.commitment.hex(), "v": 1})
    assert event.commitment != other.commitment  # equal events must not look equal


def test_reading_what_is_not_public_is_recorded_and_sealed(app: Flask) -> None:
    with transaction():
        event = audit.read_access(OFFICER, NOW, subject="document:1", what="contract")
    assert (event.type, event.is_open) == ("access.read", False)
    assert canon.parse(event.body)["what"] == "contract"


def test_a_revealed_entry_carries_what_opens_the_old_leaf(app: Flask) -> None:
    with transaction():
        sealed = audit.emit("bid.submitted", OFFICER, NOW, subject="bid:1", is_open=False)
        shown = canon.parse(audit.reveal(sealed, 7, system(), NOW).body)
    assert shown["ref"] == 7
    assert commitment_of(canon.unb64u(shown["salt"]), canon.jcs(shown["event"])) == sealed.commitment
    with pytest.raises(ValueError, match="nothing to reveal"):
        audit.reveal(Event(salt=None), 7, system(), NOW)


@pytest.mark.parametrize(
    "name",
    ["", "tender", "Tender.published", "tender.", "tender.Published", "weather.rain", "tender.a.b", "x", "reveal.x"],
)
def test_types_outside_the_closed_list_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a type"):
        audit.emit(name, OFFICER, NOW, subject="x")


@pytest.mark.parametrize("facts", [{"rate": 0.5}, {"when": NOW}, {"at": "now"}, {"n": 2**53}, {"가": 1}])
def test_facts_that_the_log_cannot_hold_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        audit.emit("tender.published", OFFICER, NOW, subject="x", **facts)


def test_facts_cannot_pass_for_the_tender() -> None:
    with pytest.raises(ValueError, match="tender"):
        body_of("bid.submitted", "x", NOW, "x", None, {"tender": TENDER})


def test_the_largest_leaf_is_taken_and_one_byte_more_refused(app: Flask) -> None:
    empty = len(leaf_of(body_of("tender.published", "person:1", NOW, "x", None, {"t": ""}), None))
    with transaction():
        event = audit.emit("tender.published", OFFICER, NOW, subject="x", t="a" * (65_535 - empty))
    assert len(event.leaf) == 65_535
    with pytest.raises(ValueError, match="too big"):
        audit.emit("tender.published", OFFICER, NOW, subject="x", t="a" * (65_536 - empty))


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        audit.emit("tender.published", OFFICER, datetime(2026, 1, 1), subject="x")  # noqa: DTZ001


def test_the_database_refuses_an_unknown_type_and_a_half_sealed_event(app: Flask) -> None:
    for change in ({"type": "weather.rain"}, {"salt": bytes(32)}, {"commitment": bytes(32)}, {"is_open": False}):
        event = audit.emit("tender.published", OFFICER, NOW, subject="x")
        for name, value in change.items():
            setattr(event, name, value)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


FORBIDDEN_TO_THE_APPLICATION = (
    "UPDATE audit.event SET type = 'tender.cancelled'",
    "DELETE FROM audit.event",
    "TRUNCATE audit.event",
    "UPDATE audit.pending SET at = now()",
    "DELETE FROM audit.pending",
    "TRUNCATE audit.pending",
    "INSERT INTO audit.leaf VALUES (0, gen_random_uuid(), sha256(''))",
    "UPDATE audit.leaf SET idx = 1",
    "DELETE FROM audit.leaf",
    "TRUNCATE audit.leaf",
    "UPDATE audit.tree SET size = 5",
    "DELETE FROM audit.tree",
    "INSERT INTO audit.checkpoint VALUES (0, sha256(''), '', now())",
    "UPDATE audit.checkpoint SET note = ''",
    "DELETE FROM audit.checkpoint",
    "INSERT INTO audit.cosig VALUES (0, 'W1', '', now())",
    "UPDATE audit.cosig SET line = ''",
    "DELETE FROM audit.cosig",
    "UPDATE audit.anchor SET token = ''",
    "DELETE FROM audit.anchor",
    "ALTER TABLE audit.event DISABLE TRIGGER ALL",
    "DROP TABLE audit.event",
)
FORBIDDEN_TO_ALL = (
    "UPDATE audit.event SET actor = 'else'",
    "DELETE FROM audit.event",
    "TRUNCATE audit.event",
    "TRUNCATE audit.pending",
    "UPDATE audit.pending SET at = now()",
    "UPDATE audit.leaf SET lh = sha256('x')",
    "DELETE FROM audit.leaf",
    "TRUNCATE audit.leaf",
    "UPDATE audit.checkpoint SET note = ''",
    "DELETE FROM audit.checkpoint",
    "TRUNCATE audit.checkpoint",
    "UPDATE audit.cosig SET line = ''",
    "DELETE FROM audit.cosig",
    "TRUNCATE audit.cosig",
    "UPDATE audit.anchor SET token = ''",
    "DELETE FROM audit.anchor",
    "TRUNCATE audit.anchor",
    "DELETE FROM audit.tree",
    "TRUNCATE audit.tree",
    "UPDATE audit.tree SET size = size",
    "UPDATE audit.tree SET size = 0, root = sha256('')",
)


def _refusal(connection: psycopg.Connection[Any], statement: str) -> str:
    """How the database refuses; the empty string where it does not."""
    try:
        connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        return str(error)
    return ""


def test_the_application_may_add_to_the_log_and_nothing_else(app: Flask, cluster: Postgres) -> None:
    with transaction():
        audit.emit("tender.published", OFFICER, NOW, subject="x")
    with psycopg.connect(cluster.url("naru_app", stores.DATABASE), autocommit=True) as connection:
        for statement in FORBIDDEN_TO_THE_APPLICATION:
            assert re.search("permission denied|must be owner", _refusal(connection, statement)), statement


@pytest.mark.parametrize("role", ["naru_owner", "postgres"])
def test_even_the_owner_is_stopped_by_a_trigger(app: Flask, cluster: Postgres, role: str) -> None:
    with transaction():
        audit.emit("tender.published", OFFICER, NOW, subject="x")
    sequencer.run_step()
    with transaction():
        audit.emit("tender.published", OFFICER, NOW, subject="still pending")
    with psycopg.connect(cluster.url("naru_sequencer", stores.DATABASE), autocommit=True) as connection:
        connection.execute("INSERT INTO audit.cosig VALUES (1, 'W1', 'x', now())")
    with psycopg.connect(cluster.url("naru_app", stores.DATABASE), autocommit=True) as connection:
        connection.execute("INSERT INTO audit.anchor VALUES (1, 'rfc3161', 'x', now())")
    with psycopg.connect(cluster.url(role, stores.DATABASE), autocommit=True) as connection:
        for statement in FORBIDDEN_TO_ALL:
            assert re.search("append-only|only grows", _refusal(connection, statement)), statement


def test_the_auditor_reads_all_and_writes_nothing(app: Flask, cluster: Postgres) -> None:
    with psycopg.connect(cluster.url("naru_auditor", stores.DATABASE), autocommit=True) as connection:
        for table in ("event", "pending", "leaf", "tree", "checkpoint", "cosig", "anchor"):
            connection.execute(f"SELECT * FROM audit.{table}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"DELETE FROM audit.{table}".encode())


def test_the_sequencer_cannot_read_what_is_sealed(app: Flask, cluster: Postgres) -> None:
    with psycopg.connect(cluster.url("naru_sequencer", stores.DATABASE), autocommit=True) as connection:
        connection.execute("SELECT id, leaf FROM audit.event")
        for what in ("body", "salt", "c", "actor", "tender", "subject", "type"):
            assert "permission denied" in _refusal(connection, f"SELECT {what} FROM audit.event")


def test_an_event_changed_through_the_session_is_refused(app: Flask) -> None:
    with transaction():
        audit.emit("tender.published", OFFICER, NOW, subject="x")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction():
        db.session.execute(update(Event).values(actor="else"))
