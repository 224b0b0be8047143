"""A pytest plugin for runs without the stores: leaves out every test that needs one, and takes the chance out.

`-p tests.mutation.pure --noconftest`: a test that asks for a fixture of a conftest.py, directly or not, is not run.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings

# Without chance, so that a verdict stays; few examples, and no search for the smallest one: any failure is enough.
settings.register_profile(
    "mutants",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if is_pure(item)]
    config.hook.pytest_deselected(items=[item for item in items if not is_pure(item)])
    items[:] = kept


def is_pure(item: pytest.Item) -> bool:
    """Whether all its fixtures are there."""
    info = getattr(item, "_fixtureinfo", None)
    return info is None or all(name == "request" or name in info.name2fixturedefs for name in info.names_closure)
