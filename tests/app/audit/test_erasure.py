"""A sealed entry can be erased once the log says so: its words are gone, its leaf and every proof stay."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from app import audit, keys, time
from app.audit import checking, erasure, evidence, sequencer
from app.audit.models import Event
from app.audit.queries import get_entry
from app.auth import system
from app.db import db, transaction
from app.embedded.postgres import Postgres
from app.errors import IllegalTransition
from app.tlog import proof
from tests import stores
from tests.app.audit import logbook
from tests.builders import make_person
from tests.signing_in import sign_in


@pytest.fixture
def sealed(app: Flask) -> int:
    """The place of a sealed entry between open ones."""
    logbook.write(2)
    sequencer.run_step()
    event = logbook.write(1, is_open=False)[0]
    sequencer.run_step()
    logbook.write(2)
    sequencer.run_step()
    place = audit.find_index(event.id)
    assert place is not None
    return place


def run(app: Flask, *arguments: str) -> str:
    result = FlaskCliRunner(app).invoke(args=["audit", *arguments])
    return f"{result.exit_code}: {result.output}"


def findings(app: Flask) -> list[str]:
    with sequencer.connect(app.config["DATABASE_URL"]) as connection:
        return checking.check(connection, sequencer.publication_of(app), keys.vkey_of("log")).findings


def test_what_it_said_is_gone_and_every_proof_still_holds(app: Flask, client: FlaskClient, sealed: int) -> None:
    before = get_entry(sealed)[1].leaf
    assert run(app, "erase", str(sealed), "--reason", "PIPA 21", "--yes") == f"0: Entry {sealed} is erased.\n"
    db.session.expire_all()
    event = get_entry(sealed)[1]
    assert (event.salt, event.body, event.actor, event.subject, event.tender) == (None, b"", "erased", "erased", None)
    assert event.leaf == before
    sequencer.run_step()
    proved = proof.parse(client.get(f"/log/proof/{sealed}").text)
    assert proof.verify(proved, before, keys.name_of("log"), [keys.vkey_of("log")]).size == 6
    assert findings(app) == []
    assert "6 entries recomputed, 0 of them sealed, 1 erased" in run(app, "verify")
    assert run(app, "erase", str(sealed), "--reason", "again", "--yes") == f"0: Entry {sealed} was erased before.\n"
    [said] = evidence.logged_about([f"entry:{sealed}"], ["log.erased"])
    assert (said.event["reason"], said.event["ref"]) == ("PIPA 21", sealed)


def test_the_page_says_so_and_even_an_auditor_reads_nothing(app: Flask, client: FlaskClient, sealed: int) -> None:
    erasure.erase(sealed, "PIPA 21", system(), time.now(), app.config["DATABASE_OWNER_URL"])
    assert "This entry was erased" in client.get(f"/log/{sealed}?lang=en").text
    sign_in(client, make_person(["auditor"]))
    assert "Read the sealed entry" not in client.get(f"/log/{sealed}?lang=en").text
    assert client.post(f"/log/{sealed}/read").status_code == 404
    assert client.get("/log?lang=en").status_code == 200
    assert evidence.logged([get_entry(sealed)[1].id]) == []
    with pytest.raises(ValueError, match="nothing to reveal"), transaction():
        audit.reveal(get_entry(sealed)[1], sealed, system(), time.now())


def test_an_open_entry_and_one_that_is_still_needed_are_not_erased(app: Flask, sealed: int) -> None:
    assert "entry 0 is open" in run(app, "erase", "0", "--reason", "x", "--yes")
    erasure.register_keeper("a test", lambda event: "a test needs it" if event.type == "tender.published" else None)
    try:
        with pytest.raises(IllegalTransition, match="still needed: a test needs it"):
            erasure.erase(sealed, "x", system(), time.now(), app.config["DATABASE_OWNER_URL"])
    finally:
        del erasure._keepers["a test"]
    db.session.rollback()
    assert get_entry(sealed)[1].salt is not None


def refused(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> bool:
    try:
        connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


ERASE = (
    "UPDATE audit.event SET salt = NULL, body = '', actor = 'erased', subject = 'erased', tender = NULL WHERE NOT open"
)


def test_the_database_lets_nobody_erase_in_silence(app: Flask, cluster: Postgres, sealed: int) -> None:
    for role in ("naru_app", "naru_sequencer", "naru_auditor"):
        with psycopg.connect(cluster.url(role, stores.DATABASE), autocommit=True) as connection:
            assert refused(connection, f"SELECT audit.erase({sealed})"), role
    with psycopg.connect(cluster.url("naru_owner", stores.DATABASE), autocommit=True) as connection:
        assert refused(connection, f"SELECT audit.erase({sealed})")  # nothing in the log says so
        assert refused(connection, ERASE)
        with transaction():
            audit.emit("log.erased", system(), time.now(), subject=f"entry:{sealed}", ref=sealed, reason="x")
        for change in (", leaf = leaf || 'x'", ", c = sha256('x')", ", at = now()", ", type = 'bid.refused'"):
            assert refused(connection, ERASE.replace(" WHERE", f"{change} WHERE")), change
        assert refused(connection, "UPDATE audit.event SET salt = NULL WHERE NOT open")
        assert refused(connection, ERASE.replace("NOT open", "open"))
        connection.execute(f"SELECT audit.erase({sealed})".encode())
        assert refused(connection, "UPDATE audit.event SET salt = sha256('x'), body = '{}' WHERE NOT open")
    db.session.expire_all()
    assert db.session.get_one(Event, get_entry(sealed)[1].id).is_erased


def test_an_erasure_that_nothing_in_the_log_tells_of_is_found(app: Flask, cluster: Postgres, sealed: int) -> None:
    with psycopg.connect(cluster.url("postgres", stores.DATABASE), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(ERASE.encode())
    assert findings(app) == [f"entry {sealed} was erased, and no entry says so"]
