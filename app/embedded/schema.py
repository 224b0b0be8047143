"""Where the database stands against the migrations of this code, without building the application."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from app.embedded.process import CannotStart


class Standing(StrEnum):
    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"


def plain(url: str) -> str:
    """SQLAlchemy's spelling of a PostgreSQL URL as the driver's own."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def standing(url: str, migrations: Path) -> Standing:
    """How far the database at `url` has been migrated. Raises CannotStart where a newer version has been there."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    try:
        connection = psycopg.connect(plain(url), connect_timeout=5)
    except psycopg.OperationalError as error:
        raise CannotStart(f"The database cannot be reached: {error}") from error
    with connection:
        if connection.execute("SELECT to_regclass('public.alembic_version') IS NULL").fetchone() == (True,):
            return Standing.EMPTY
        row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    if row is None:
        return Standing.EMPTY
    if row[0] not in known:
        raise CannotStart(
            f"The database is from a newer version of Naru (it is at migration {row[0]}, which this copy does not "
            "know).\nUpdate this copy of Naru, or, if it is demonstration data, empty it with `make reset`."
        )
    return Standing.CURRENT if row[0] == scripts.get_current_head() else Standing.BEHIND


def is_bare(url: str) -> bool:
    """Whether nobody has been entered yet: no organisation, or not even the table."""
    with psycopg.connect(plain(url), connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('public.organisations') IS NULL").fetchone() == (True,):
            return True
        return connection.execute("SELECT EXISTS (SELECT FROM public.organisations)").fetchone() == (False,)


def recreate(superuser_url: str, name: str) -> None:
    """Drop `name` with whatever is in it; the launcher makes it again."""
    with psycopg.connect(plain(superuser_url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
