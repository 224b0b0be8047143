"""The rule data that come with this software, and those that came with earlier ones. Read once, kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from bidding.rules.data import first_format
from bidding.rules.data.loading import load
from bidding.rules.data.rows import Book
from bidding.rules.data.schema import FILES

# Versions of released software, each a folder of `archive/` with the files of its time, and how they are read.
ARCHIVE = MappingProxyType({"2026-11-24-174a3fcb498c": (first_format.FILES, first_format.read_first_format)})


@cache
def shipped() -> Book:
    """The book of this software. RuleDataError would be a fault of the release: a test loads it."""
    folder = files(__package__).joinpath("tables")
    return load({name: folder.joinpath(f"{name}.toml").read_text("utf-8") for name in FILES})


@cache
def archived() -> Mapping[str, Book]:
    """The books of earlier releases by version."""
    folder = files(__package__).joinpath("archive")
    return MappingProxyType(
        {
            version: read({name: folder.joinpath(version, f"{name}.toml").read_text("utf-8") for name in names})
            for version, (names, read) in ARCHIVE.items()
        }
    )


def shipped_versions() -> Mapping[str, Book]:
    """Every book that this software brings along, by version."""
    return MappingProxyType({**archived(), shipped().version: shipped()})
