"""Throw-away PostgreSQL and Valkey for one test process, and the databases in them.

Each xdist worker has its own pair: starting one takes a second, and nothing is shared that could make two tests meet.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from app.embedded import postgres, valkey
from app.embedded.postgres import Postgres
from app.embedded.valkey import Valkey

TEMPLATE = "naru_template"
DATABASE = "naru_test"


@contextmanager
def started() -> Iterator[tuple[Postgres, Valkey]]:
    home = Path(tempfile.mkdtemp(prefix="naru-test-"))
    home.chmod(0o755)
    cluster = postgres.launch(home / "postgres", is_throw_away=True)
    try:
        store = valkey.launch(home / "valkey", is_throw_away=True)
        try:
            yield cluster, store
        finally:
            store.stop()
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def superuser(cluster: Postgres, database: str = "postgres") -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(cluster.url("postgres", database), autocommit=True) as connection:
        yield connection


def make_empty(cluster: Postgres, name: str) -> None:
    with superuser(cluster) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        postgres.create_database(connection, name)


def clone(cluster: Postgres, name: str, template: str = TEMPLATE) -> None:
    """`name` anew, as a copy of `template` with its rights."""
    with superuser(cluster) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        make = sql.SQL("CREATE DATABASE {} OWNER naru_owner TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(make.format(sql.Identifier(name), sql.Identifier(template)))


def urls(cluster: Postgres, database: str) -> dict[str, str]:
    """The three database settings for `database`, each with its own role."""
    return {
        "DATABASE_URL": cluster.url("naru_app", database),
        "DATABASE_OWNER_URL": cluster.url("naru_owner", database),
        "SEQUENCER_DATABASE_URL": cluster.url("naru_sequencer", database),
    }
