"""Every committed event gets one place; what was signed is never contradicted; a crash at any point is made good."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from app import audit, keys
from app.audit import durable, sequencer
from app.audit.models import Checkpoint, Event, Leaf, Pending, Tree
from app.audit.publication import Publication
from app.audit.sequencer import LogFault, Sequencer, connect, sequence_once
from app.audit.signer import Signer, SignerRefused
from app.db import db
from app.embedded.postgres import Postgres
from app.tlog import merkle
from app.tlog.tiles import Tile
from tests import stores
from tests.app.audit import logbook


@pytest.fixture
def connection(app: Flask) -> Iterator[sequencer.Connection]:
    with connect(app.config["SEQUENCER_DATABASE_URL"]) as made:
        yield made


def another(app: Flask, folder: Path | None = None, memory: Path | None = None) -> Sequencer:
    """A second sequencer, as in another process: its own connection; by default the same files."""
    var = Path(app.config["NARU_VAR"])
    signer = Signer(keys.load("log"), keys.name_of("log"), memory or var / "signer" / "last")
    return Sequencer(app.config["SEQUENCER_DATABASE_URL"], signer, Publication(folder or var / "log"))


def test_events_get_consecutive_places_and_are_published(app: Flask) -> None:
    events = logbook.write(3) + logbook.write(2, is_open=False)
    assert sequencer.run_step() == 5
    assert sequencer.run_step() == 0
    signed, leaves = logbook.read_published(app)
    assert signed.size == 5
    assert sorted(leaves) == sorted(event.leaf for event in events)
    assert [audit.find_index(event.id) is not None for event in events] == [True] * 5
    assert list(db.session.scalars(select(Leaf.idx).order_by(Leaf.idx))) == [0, 1, 2, 3, 4]
    assert db.session.scalar(select(func.count()).select_from(Pending)) == 0


def test_an_empty_log_has_a_signed_checkpoint_of_size_zero(app: Flask) -> None:
    assert sequencer.run_step() == 0
    signed, leaves = logbook.read_published(app)
    assert (signed.size, signed.root, leaves) == (0, merkle.EMPTY_ROOT, [])


def test_a_step_is_committed_and_visible_to_others(app: Flask, cluster: Postgres) -> None:
    logbook.write(2)
    with connect(app.config["SEQUENCER_DATABASE_URL"]) as connection:
        assert sequence_once(connection) == 2
        with psycopg.connect(cluster.url("postgres", stores.DATABASE)) as other:
            assert other.execute("SELECT size FROM audit.tree").fetchone() == (2,)
            assert other.execute("SELECT count(*) FROM audit.leaf").fetchone() == (2,)


def test_a_connection_with_an_implicit_transaction_is_refused(app: Flask, cluster: Postgres) -> None:
    """On such a connection `transaction()` is a savepoint: the step would succeed and be gone with the connection."""
    logbook.write(1)
    with psycopg.connect(cluster.url("naru_sequencer", stores.DATABASE), autocommit=False) as connection:
        connection.execute("SELECT 1")
        with pytest.raises(ValueError, match="autocommit"):
            sequence_once(connection)


def test_an_event_that_commits_late_is_in_the_next_step(app: Flask, cluster: Postgres) -> None:
    with psycopg.connect(cluster.url("naru_app", stores.DATABASE)) as late:
        early_id = "00000000-0000-7000-8000-000000000001"
        late.execute(
            "INSERT INTO audit.event (id, at, type, actor, subject, open, body, leaf) "
            "VALUES (%s, '2000-01-01+00', 'tender.published', 'x', 'x', true, '{}', 'first by its time')",
            [early_id],
        )
        late.execute(
            "INSERT INTO audit.pending (event_id, at, leaf) VALUES (%s, '2000-01-01+00', 'first by its time')",
            [early_id],
        )
        logbook.write(3)
        assert sequencer.run_step() == 3
        late.commit()
    assert sequencer.run_step() == 1
    assert logbook.read_published(app)[1][3] == b"first by its time"


def test_a_long_queue_is_taken_in_batches_in_the_order_of_time(app: Flask, connection: sequencer.Connection) -> None:
    logbook.write(7)
    assert [sequence_once(connection, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    rows = db.session.execute(select(Event.at, Event.id).join(Leaf, Leaf.event_id == Event.id).order_by(Leaf.idx)).all()
    assert rows == sorted(rows)


def test_a_pending_row_without_its_event_waits_and_stops_nobody(app: Flask, cluster: Postgres) -> None:
    with psycopg.connect(cluster.url("naru_app", stores.DATABASE), autocommit=True) as connection:
        connection.execute("INSERT INTO audit.pending VALUES (gen_random_uuid(), '2000-01-01+00', 'x', NULL)")
    logbook.write(1)
    assert sequencer.run_step() == 1
    assert db.session.scalar(select(func.count()).select_from(Pending)) == 1


def test_growth_over_tile_borders_keeps_all_files_right_and_tidies_partial_ones(app: Flask) -> None:
    for count in (1, 254, 1, 1, 255, 100):
        logbook.write(count)
        sequencer.run_step()
        logbook.read_published(app)
    assert logbook.read_published(app)[0].size == 612
    names = sorted(
        str(path.relative_to(logbook.folder(app))) for path in logbook.folder(app).rglob("*") if path.is_file()
    )
    full = ["tile/0/000", "tile/0/001", "tile/entries/000", "tile/entries/001"]
    assert [name for name in names if ".p/" not in name] == ["checkpoint", *full]
    assert {name.partition(".p/")[0] for name in names if ".p/" in name} == {
        "tile/0/002",
        "tile/entries/002",
        "tile/1/000",
    }


def test_a_partial_tile_that_was_tidied_away_is_still_readable(app: Flask) -> None:
    events = logbook.write(200)
    sequencer.run_step()
    old = logbook.read_published(app)[0]
    logbook.write(100)
    sequencer.run_step()
    publication = sequencer.publication_of(app)
    node = publication.node(old.size)
    assert merkle.root_at(old.size, node) == old.root
    assert len(events) == old.size
    with pytest.raises(LookupError):
        publication.read(Tile(0, 2, 1))


class PowerCut(Exception):
    pass


def _failing_after(monkeypatch: pytest.MonkeyPatch, writes: int, *, is_persisted: bool) -> None:
    """The file write number `writes` (from 0) breaks off, before or after it took effect."""
    real, count = durable.write, 0

    def write(path: Path, content: bytes) -> None:
        nonlocal count
        if count == writes:
            if is_persisted:
                real(path, content)
            raise PowerCut(path.name)
        count += 1
        real(path, content)

    monkeypatch.setattr(durable, "write", write)


@pytest.mark.parametrize("is_persisted", [False, True])
def test_a_crash_at_any_write_is_repaired_by_the_next_step(
    app: Flask, monkeypatch: pytest.MonkeyPatch, is_persisted: bool
) -> None:
    logbook.write(250)
    sequencer.run_step()
    broken = 0
    for writes in range(8):
        logbook.write(3)  # steps over the border of the first tile on the way
        with monkeypatch.context() as patch:
            _failing_after(patch, writes, is_persisted=is_persisted)
            try:
                sequencer.run_step()
            except PowerCut:
                broken += 1
        logbook.write(2)  # more arrives before the process is back
        another(app).step()
        logbook.read_published(app)
    assert broken >= 4
    assert logbook.read_published(app)[0].size == 250 + 8 * 5
    assert db.session.scalar(select(func.count()).select_from(Checkpoint)) == db.session.scalar(
        select(func.count(Checkpoint.root.distinct()))
    )


def test_a_crash_between_commit_and_signature_leaves_one_root_for_each_size(
    app: Flask, connection: sequencer.Connection
) -> None:
    logbook.write(4)
    sequence_once(connection)  # the process dies here: committed, not signed, not published
    logbook.write(1)
    assert sequencer.run_step() == 1
    assert logbook.read_published(app)[0].size == 5


def test_a_lost_folder_is_written_anew_from_the_database(app: Flask) -> None:
    logbook.write(300)
    sequencer.run_step()
    before = logbook.read_published(app)
    shutil.rmtree(logbook.folder(app))
    assert sequencer.run_step() == 0
    assert logbook.read_published(app) == before


def test_a_lost_checkpoint_row_gets_the_same_note_again(app: Flask, cluster: Postgres) -> None:
    logbook.write(3)
    sequencer.run_step()
    signed = (logbook.folder(app) / "checkpoint").read_text()
    with psycopg.connect(cluster.url("postgres", stores.DATABASE), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit.checkpoint")
    shutil.rmtree(logbook.folder(app))
    sequencer.run_step()
    assert db.session.scalars(select(Checkpoint.note)).one() == signed


def test_two_sequencers_at_once_do_not_fork(app: Flask) -> None:
    logbook.write(1)
    pair = [another(app), another(app)]
    faults: list[BaseException] = []
    is_over = threading.Event()

    def turn(mine: Sequencer) -> None:
        try:
            while not is_over.is_set():
                mine.step()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=turn, args=[one]) for one in pair]
    for thread in threads:
        thread.start()
    for _ in range(30):
        logbook.write(4)
    is_over.set()
    for thread in threads:
        thread.join(30)
    pair[0].step()
    assert faults == []
    assert logbook.read_published(app)[0].size == 121
    assert list(db.session.scalars(select(Leaf.idx).order_by(Leaf.idx))) == list(range(121))
    for one in pair:
        one.close()


def test_while_one_sequencer_is_at_work_another_does_nothing(app: Flask, connection: sequencer.Connection) -> None:
    logbook.write(1)
    connection.execute("SELECT pg_advisory_lock(%s)", [sequencer.LOCK])
    other = another(app)
    assert other.step() == 0
    connection.execute("SELECT pg_advisory_unlock(%s)", [sequencer.LOCK])
    assert other.step() == 1
    other.close()


def test_a_lost_connection_is_made_again(app: Flask, cluster: Postgres) -> None:
    logbook.write(1)
    mine = another(app)
    assert mine.step() == 1
    with psycopg.connect(cluster.url("postgres", stores.DATABASE), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'naru_sequencer'")
    logbook.write(1)
    assert mine.step() == 1
    mine.close()


def _tamper(cluster: Postgres, statement: str, values: list[Any] | None = None) -> None:
    """As a superuser who means it: the triggers do not fire."""
    with psycopg.connect(cluster.url("postgres", stores.DATABASE), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.encode(), values)


def test_a_tree_row_that_was_changed_by_hand_stops_the_sequencer(app: Flask, cluster: Postgres) -> None:
    logbook.write(3)
    sequencer.run_step()
    _tamper(cluster, "UPDATE audit.tree SET root = sha256('other')")
    logbook.write(1)
    with pytest.raises(LogFault, match="does not give its root"):
        sequencer.run_step()


def test_a_rewritten_past_is_not_signed(app: Flask, cluster: Postgres) -> None:
    """The database is rewritten consistently and the published files are taken away: the checkpoint row still tells."""
    logbook.write(3)
    sequencer.run_step()
    _tamper(cluster, "UPDATE audit.event SET leaf = '{}' WHERE id = (SELECT event_id FROM audit.leaf WHERE idx = 1)")
    leaves = [
        row[0]
        for row in db.session.execute(select(Event.leaf).join(Leaf, Leaf.event_id == Event.id).order_by(Leaf.idx))
    ]
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(merkle.leaf_hash(leaf))
    _tamper(cluster, "UPDATE audit.tree SET frontier = %s, root = %s", [frontier.to_bytes(), frontier.root()])
    shutil.rmtree(logbook.folder(app))
    logbook.write(1)
    with pytest.raises(LogFault, match="does not continue the checkpoint"):
        sequencer.run_step()
    _tamper(cluster, "DELETE FROM audit.checkpoint")  # and now the signer's own memory is what is left
    with pytest.raises(SignerRefused, match="does not continue"):
        sequencer.run_step()


def test_a_database_set_back_to_an_old_state_is_not_signed(app: Flask, cluster: Postgres, template: str) -> None:
    logbook.write(3)
    sequencer.run_step()
    db.session.remove()
    db.engine.dispose()
    stores.clone(cluster, stores.DATABASE, template)
    logbook.write(1)
    with pytest.raises(LogFault, match="a log of 3 entries is published"):
        sequencer.run_step()
    shutil.rmtree(logbook.folder(app))
    with pytest.raises(SignerRefused):
        sequencer.run_step()


def test_an_event_that_was_taken_out_stops_the_publication(app: Flask, cluster: Postgres) -> None:
    logbook.write(3)
    sequencer.run_step()
    _tamper(cluster, "DELETE FROM audit.event WHERE id = (SELECT event_id FROM audit.leaf WHERE idx = 1)")
    logbook.write(1)
    with pytest.raises(LogFault, match="entries are missing"):
        sequencer.run_step()


def test_the_database_allows_one_row_for_a_place_and_one_root_for_a_size(
    app: Flask, connection: sequencer.Connection
) -> None:
    logbook.write(1)
    sequencer.run_step()
    for statement in (
        "INSERT INTO audit.leaf VALUES (0, gen_random_uuid(), sha256('other'))",
        "INSERT INTO audit.leaf SELECT 1, event_id, lh FROM audit.leaf",
        "INSERT INTO audit.checkpoint VALUES (1, sha256('other'), '', now())",
    ):
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(statement.encode())


class TestSigner:
    """The signer alone, with trees made in memory."""

    hashes = [merkle.leaf_hash(bytes([n])) for n in range(20)]  # noqa: RUF012 - never changed

    def sign(self, signer: Signer, size: int, hashes: list[bytes] | None = None) -> str:
        hashes = hashes or self.hashes
        old = signer.last().size
        proof = merkle.consistency_proof(old, size, merkle.memory(hashes)) if old <= size else []
        return signer.sign(size, merkle.root(hashes[:size]), proof)

    @pytest.fixture
    def signer(self, tmp_path: Path) -> Signer:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Signer(Ed25519PrivateKey.generate(), "naru.example/log", tmp_path / "signer" / "last")

    def test_it_signs_growth_and_the_same_again_with_the_same_bytes(self, signer: Signer) -> None:
        for size in (0, 1, 7, 7, 20):
            assert self.sign(signer, size) == self.sign(signer, size)

    def test_it_refuses_another_tree_of_the_same_size(self, signer: Signer) -> None:
        self.sign(signer, 7)
        with pytest.raises(SignerRefused):
            self.sign(signer, 7, self.hashes[::-1])

    def test_it_refuses_a_smaller_tree_and_a_rewritten_larger_one(self, signer: Signer) -> None:
        self.sign(signer, 7)
        with pytest.raises(SignerRefused):
            self.sign(signer, 6)
        with pytest.raises(SignerRefused):
            self.sign(signer, 12, [self.hashes[0], merkle.leaf_hash(b"changed"), *self.hashes[2:]])
        assert signer.last().size == 7

    def test_it_remembers_after_a_restart(self, signer: Signer) -> None:
        self.sign(signer, 7)
        again = Signer(signer._key, signer.origin, signer._memory)
        with pytest.raises(SignerRefused):
            self.sign(again, 7, self.hashes[::-1])

    def test_a_memory_of_another_log_or_a_damaged_one_signs_nothing(self, signer: Signer) -> None:
        self.sign(signer, 7)
        with pytest.raises(SignerRefused, match=r"naru\.example/log"):
            self.sign(Signer(signer._key, "other.example/log", signer._memory), 9)
        signer._memory.write_text("")
        with pytest.raises(ValueError):
            self.sign(signer, 9)


def test_the_tree_row_is_there_from_the_beginning(app: Flask) -> None:
    tree = db.session.scalars(select(Tree)).one()
    assert (tree.size, tree.frontier, tree.root) == (0, b"", merkle.EMPTY_ROOT)
