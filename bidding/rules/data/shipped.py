"""The rule data that come with this software, read once and kept for good."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bidding.rules.data.loading import load
from bidding.rules.data.rows import Book
from bidding.rules.data.schema import FILES


@cache
def shipped() -> Book:
    """The book of this software. RuleDataError would be a fault of the release: a test loads it."""
    folder = files(__package__).joinpath("tables")
    return load({name: folder.joinpath(f"{name}.toml").read_text("utf-8") for name in FILES})
