"""Database handle, column types, and the one place that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, ClauseElement, DateTime, Dialect, MetaData, event, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import Pool
from sqlalchemy.types import TypeDecorator

__all__ = ["Base", "Instant", "UtcDateTime", "Won", "database_now", "db", "spelled", "transaction"]


class Base(DeclarativeBase):
    """Every constraint has a name, so that a migration and an error message can say it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


if TYPE_CHECKING:
    from app import _db_types as db  # so that `class Tender(db.Model)` is checked like any other class
else:
    db = SQLAlchemy(model_class=Base)

# Whole won. A 32-bit column would stop at 2.1 billion, an ordinary tender.
Won = Annotated[int, mapped_column(BigInteger)]


class UtcDateTime(TypeDecorator[datetime]):
    """An instant (`timestamptz`). A naive datetime is refused, never guessed at; what comes back is aware and UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


Instant = Annotated[datetime, mapped_column(UtcDateTime)]


IDLE_SECONDS = 1.0


@event.listens_for(Pool, "checkin")
def _lay_down(_connection: Any, record: Any) -> None:
    record.info["laid_down"] = monotonic()


@event.listens_for(Pool, "checkout")
def _look_over(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection whether it still lives once it has lain idle, as a restarted database leaves them.

    Asking each time would be one more journey to the database in every request; within a second of its last answer
    the statement itself is the question, and the pool drops all of its connections with the first that fails.
    """
    if monotonic() - record.info.get("laid_down", monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.execute("")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError("the connection has gone while it lay idle") from error


@contextmanager
def transaction() -> Iterator[None]:
    """Commit everything done inside, or nothing.

    Entry points (routes, jobs, commands) open it; services never commit. What must leave the database
    (mail, RQ hints) is a row written inside it and carried out after it.
    """
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def spelled(statement: ClauseElement) -> str:
    """The SQL of a statement without values, for `db.session.connection().exec_driver_sql(sql, parameters)`.

    Spelled once, at import, for the few statements that every request runs: building and looking one up costs more
    than running it. Parameters go as psycopg takes them; nothing is flushed first. ValueError where the statement
    holds values of its own.
    """
    compiled = statement.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    if held := [name for name, value in compiled.params.items() if value is not None]:
        raise ValueError(f"write out {', '.join(held)}: only parameters may be left open")
    return str(compiled)


def database_now() -> datetime:
    """The database server's clock at this moment (UTC), not the start of the transaction.

    The only clock that decides whether a bid is in time (decision 7).
    """
    instant: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return instant.astimezone(UTC)
