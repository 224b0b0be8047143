"""A database as it was after the migrations, for each test, in a few milliseconds.

Emptying what a test filled is a hundred times cheaper than copying a database. It is done only where that is the same:
where a test changed more than rows (a table, a trigger, a right), or left a great many, the copy is made after all.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import psycopg
from psycopg import sql

from app.embedded.postgres import Postgres
from tests import stores

BULKY = 4 * 1024 * 1024  # bytes: above this, copying is cheaper than deleting and leaving the dead rows behind
_TABLES = """
    SELECT n.nspname, c.relname, pg_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"""
# Whatever is not rows of our tables: each catalogue's number of entries and its latest change.
_CATALOGUES = ("class", "attribute", "trigger", "constraint", "proc", "policy", "namespace", "index", "default_acl")
_SHAPE = " UNION ALL ".join(
    f"SELECT '{catalogue}', count(*), max(xmin::text::bigint) FROM pg_{catalogue}" for catalogue in _CATALOGUES
)
_SEQUENCES = "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences"
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"

Table = tuple[str, str]


@dataclass(slots=True)
class _Known:
    """The database as it was copied: its tables, the rows the migrations put there, and its shape."""

    connection: psycopg.Connection[tuple[object, ...]]
    tables: list[Table]
    seeds: dict[Table, bytes]
    shape: list[tuple[object, ...]]


class FreshDatabase:
    """The one database of a test process, under the same name for every test."""

    def __init__(self, cluster: Postgres, template: str, name: str = stores.DATABASE) -> None:
        self.cluster, self.template, self.name = cluster, template, name
        self._known: _Known | None = None

    def renew(self) -> None:
        """As after the migrations, whatever the last test did; nobody else is connected."""
        known = self._known
        if known is not None:
            with contextlib.suppress(psycopg.Error):
                if self._emptied(known):
                    return
            known.connection.close()
        stores.clone(self.cluster, self.name, self.template)
        self._known = self._learn()

    def _learn(self) -> _Known:
        connection = psycopg.connect(self.cluster.url("postgres", self.name), autocommit=True)
        tables = [(str(schema), str(name)) for schema, name, _ in connection.execute(_TABLES).fetchall()]
        seeds = {table: rows for table in tables if (rows := _copy_out(connection, table))}
        return _Known(connection, tables, seeds, connection.execute(_SHAPE).fetchall())

    def _emptied(self, known: _Known) -> bool:
        connection = known.connection
        connection.execute(_OTHERS, [self.name])
        if connection.execute(_SHAPE).fetchall() != known.shape:
            return False
        if any(isinstance(size, int) and size > BULKY for _, _, size in connection.execute(_TABLES).fetchall()):
            return False
        with connection.transaction():
            # No triggers and no order of foreign keys: the append-only tables are emptied too.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in self._filled(known):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table)))
            for table, rows in known.seeds.items():
                copy = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(*table))
                with connection.cursor() as cursor, cursor.copy(copy) as into:
                    into.write(rows)
            connection.execute(_SEQUENCES)
        return True

    def _filled(self, known: _Known) -> list[Table]:
        probe = sql.SQL("SELECT {number} WHERE EXISTS (SELECT FROM {table})")
        names = [sql.Identifier(*table) for table in known.tables]
        probes = [probe.format(number=number, table=name) for number, name in enumerate(names)]
        found = known.connection.execute(sql.SQL(" UNION ALL ").join(probes)).fetchall()
        return [known.tables[int(str(number))] for (number,) in found]


def _copy_out(connection: psycopg.Connection[tuple[object, ...]], table: Table) -> bytes:
    copy = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*table))
    with connection.cursor() as cursor, cursor.copy(copy) as out:
        return b"".join(bytes(part) for part in out)
