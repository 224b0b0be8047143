"""A pytest plugin for runs without the stores: leaves out every test that needs one, forgets what an earlier run read.

`-p tests.mutation.pure --noconftest`: a test that asks for a fixture of a conftest.py, directly or not, is not run.
"""

from __future__ import annotations

import pytest

from bidding.rules.data import archived, shipped


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if is_pure(item)]
    config.hook.pytest_deselected(items=[item for item in items if not is_pure(item)])
    items[:] = kept


def is_pure(item: pytest.Item) -> bool:
    """Whether all its fixtures are there."""
    info = getattr(item, "_fixtureinfo", None)
    return info is None or all(name == "request" or name in info.name2fixturedefs for name in info.names_closure)


def pytest_sessionstart() -> None:
    """A mutant of the loader must load: the process that it was forked from has."""
    shipped.cache_clear()
    archived.cache_clear()
