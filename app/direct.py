"""A few connections beside SQLAlchemy's, for the few statements on which a deadline depends.

Who is signed in, and the acceptance of a bid: each one statement, each its own transaction, spelled and prepared once.
These connections are nobody else's, so pages that are slow or many do not keep a bid waiting (a bulkhead); and asking
them costs a fifth of what a session of the ORM costs.
"""

from __future__ import annotations

import os
import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import psycopg
from flask import current_app
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from sqlalchemy import make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from app.db import db
from app.errors import TemporarilyUnavailable

Run = Callable[[str, Mapping[str, Any]], Sequence[Any]]
WAIT_SECONDS = 10.0
_NAMED = re.compile(r"%%|%\((\w+)\)s")
SIZE = "NARU_DIRECT_POOL_SIZE"
# Every statement here finds a few rows by their keys. Without the last setting a plan that was made while a table was
# small, and is kept, would read the table from end to end long after it has grown.
OPTIONS = "-c timezone=UTC -c lock_timeout=4s -c statement_timeout=5s -c enable_seqscan=off"
SILENT_MS = 10_000  # a database that is gone without a word is given up after so long
PREPARED = "prepared"  # where a connection keeps the names of its statements


def run(sql: str, values: Mapping[str, Any], *, named: bool = True) -> Sequence[Any]:
    """The rows of one statement, committed when it returns; plain tuples where not `named`.

    Raises TemporarilyUnavailable where the database does not answer: what was asked may then have been done.
    """
    try:
        held = _pool().connect()
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise TemporarilyUnavailable(f"the database is not there: {error}") from error
    try:
        connection = cast("psycopg.Connection[Any]", held.driver_connection)
        return _ask(connection, held.info.setdefault(PREPARED, {}), sql, values, named=named)
    except psycopg.OperationalError as error:
        held.invalidate()
        raise TemporarilyUnavailable(f"the database does not answer: {error}") from error
    finally:
        held.close()


def read(sql: str, values: Mapping[str, Any], *, named: bool = True) -> Sequence[Any]:
    """As `run`, for a statement that changes nothing: asked once more on fresh connections where the first had gone,
    as a restarted database leaves them."""
    try:
        return run(sql, values, named=named)
    except TemporarilyUnavailable:
        _pool().dispose()
        return run(sql, values, named=named)


def _ask(
    connection: psycopg.Connection[Any],
    prepared: dict[tuple[bytes, tuple[int, ...]], bytes],
    sql: str,
    values: Mapping[str, Any],
    *,
    named: bool,
) -> Sequence[Any]:
    """By libpq's own calls: what psycopg's cursor does besides (waiting in Python, guessing what to prepare) takes as
    long as the question itself. `prepared` names the statements of this connection by text and types."""
    (text, names), turned, line = _numbered(sql), Transformer(connection), connection.pgconn
    sent = turned.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
    known = (text, turned.types or ())
    name = prepared.get(known)
    if name is None:
        name = f"naru{len(prepared)}".encode()
        _done(line, line.prepare(name, text, turned.types))
        prepared[known] = name
    result = _done(line, line.exec_prepared(name, cast("list[bytes]", sent), turned.formats))  # None is NULL
    turned.set_pgresult(result)
    make: Any = _row(tuple(result.fname(column) or b"" for column in range(result.nfields))) if named else tuple
    return turned.load_rows(0, result.ntuples, make)


def _done(line: pq.abc.PGconn, result: pq.abc.PGresult) -> pq.abc.PGresult:
    """The result, if it is one. Raises psycopg's error of its SQLSTATE; OperationalError where nobody answers."""
    if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        return result
    if line.status != pq.ConnStatus.OK:
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)


@lru_cache(maxsize=64)
def _row(names: tuple[bytes, ...]) -> Callable[[Sequence[Any]], Any]:
    kind: Any = namedtuple("Row", [name.decode() for name in names])  # type: ignore[misc]  # the query's own names
    made: Callable[[Sequence[Any]], Any] = kind._make
    return made


@lru_cache(maxsize=64)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """`%(name)s` as the server's own `$1`, and the names in their order: read once, not at every call."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return _NAMED.sub(place, sql).encode(), tuple(names)


def in_session(sql: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """The same within the session's transaction: sees what is not committed yet."""
    db.session.flush()
    return db.session.connection().exec_driver_sql(sql, dict(values)).all()


def close() -> None:
    """Let go of the current application's connections; the next statement makes new ones."""
    held = current_app.extensions.pop("naru-direct", None)
    if held is not None and held[0][0] == os.getpid():
        held[1].dispose()


def _pool() -> QueuePool:
    """This process's pool: a connection must not be shared across a fork, nor outlive its settings."""
    app = current_app
    wanted = (os.getpid(), app.config["DATABASE_URL"])
    held = app.extensions.get("naru-direct")
    if held is None or held[0] != wanted:
        close()
        held = app.extensions.setdefault("naru-direct", (wanted, _make_pool(*wanted[1:], app.config[SIZE])))
    pool: QueuePool = held[1]
    return pool


def _make_pool(url: str, size: int) -> QueuePool:
    """SQLAlchemy's own pool, which connects in the thread that asks: back at once when the database is."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def connect() -> Any:
        return psycopg.connect(
            plain,
            autocommit=True,
            options=OPTIONS,
            connect_timeout=5,
            tcp_user_timeout=SILENT_MS,
        )

    return QueuePool(connect, pool_size=size, max_overflow=0, timeout=WAIT_SECONDS, reset_on_return=None, use_lifo=True)
