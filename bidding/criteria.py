"""The criteria of a technical evaluation, as the notice fixes them: a tree whose leaves are scored.

A pure value, read strictly: a notice is a stranger's file to whoever verifies it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

POINT = 10_000  # ten-thousandths
WHOLE = 100_000  # 100 % in thousandths of a percent
MEMBERS = {"criteria", "full", "threshold", "drop", "rank_gap", "least_evaluators", "blind"}
CRITERION = {"code", "name", "full", "parent"}
DROPS = ("none", "extremes")
MOST_CRITERIA = 100
MOST_EVALUATORS = 100
LARGEST_GAP = 30_000  # 차등점수제: at most three points between two ranks
CODE = re.compile(r"[1-9][0-9]{0,2}(\.[1-9][0-9]{0,2}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Criterion:
    """`full` in whole points; `parent` is the code of the criterion that this one is part of."""

    code: str
    name: str
    full: int
    parent: str | None

    def to_json(self) -> Json:
        return {"code": self.code, "name": self.name, "full": self.full, "parent": self.parent}


@dataclass(frozen=True, slots=True)
class Tech:
    """A notice's member `technical`, checked. `threshold` is a rate of `full`, `rank_gap` in ten-thousandths."""

    criteria: tuple[Criterion, ...]
    full: int
    threshold: int | None
    drop: str
    rank_gap: int | None
    least_evaluators: int
    is_blind: bool

    @property
    def leaves(self) -> Mapping[str, int]:
        """Full points of what is scored, by code, in the order of the notice."""
        parents = {one.parent for one in self.criteria}
        return {one.code: one.full for one in self.criteria if one.code not in parents}

    def qualifies(self, points: int) -> bool:
        """Whether technical points (ten-thousandths) reach the threshold; equal is in."""
        return self.threshold is None or points * WHOLE >= self.full * POINT * self.threshold

    def to_json(self) -> Json:
        return {
            "criteria": [one.to_json() for one in self.criteria],
            "full": self.full,
            "threshold": self.threshold,
            "drop": self.drop,
            "rank_gap": self.rank_gap,
            "least_evaluators": self.least_evaluators,
            "blind": self.is_blind,
        }


def is_int(value: object, low: int, high: int) -> bool:
    """Whether `value` is a whole number (True is none) from `low` to `high`."""
    return type(value) is int and low <= value <= high


def read_tech(rule: Json) -> Tech:
    """ValueError for anything that is no member `technical` of a notice."""
    try:
        return _read(rule)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a technical rule: {error}") from error


def _read(rule: Json) -> Tech:
    if set(rule) != MEMBERS or not isinstance(rule["criteria"], list):
        raise ValueError("a technical rule has other members")
    if not 1 <= len(rule["criteria"]) <= MOST_CRITERIA:
        raise ValueError(f"a technical rule has 1 to {MOST_CRITERIA} criteria")
    tech = Tech(
        criteria=tuple(map(_criterion, rule["criteria"])),
        full=_count(rule["full"], 1, 100),
        threshold=None if rule["threshold"] is None else _count(rule["threshold"], 1, WHOLE),
        drop=rule["drop"],
        rank_gap=None if rule["rank_gap"] is None else _count(rule["rank_gap"], 1, LARGEST_GAP),
        least_evaluators=_count(rule["least_evaluators"], 1, MOST_EVALUATORS),
        is_blind=rule["blind"],
    )
    if tech.drop not in DROPS or type(tech.is_blind) is not bool:
        raise ValueError("a technical rule drops none or the extremes, and is blind or not")
    _check_tree(tech)
    return tech


def _criterion(one: Json) -> Criterion:
    code, name, parent = one["code"], one["name"], one["parent"]
    if set(one) != CRITERION or not isinstance(code, str) or not CODE.fullmatch(code):
        raise ValueError("not a criterion")
    if not isinstance(name, str) or not name.strip() or not (parent is None or isinstance(parent, str)):
        raise ValueError(f"criterion {code} has no name, or no proper parent")
    return Criterion(code, name, _count(one["full"], 1, 100), parent)


def _count(value: Any, least: int, most: int) -> int:
    if not is_int(value, least, most):
        raise ValueError(f"{value!r} is not from {least} to {most}")
    return int(value)


def _check_tree(tech: Tech) -> None:
    """Codes differ, a parent stands before its parts, and parts make up their whole."""
    parts: dict[str | None, int] = {None: 0}
    for one in tech.criteria:
        if one.code in parts or one.parent not in parts:
            raise ValueError(f"criterion {one.code} is there twice, or before its parent")
        parts[one.parent] += one.full
        parts[one.code] = 0
    if parts[None] != tech.full:
        raise ValueError("the criteria do not add up to the full points")
    for one in tech.criteria:
        if parts[one.code] not in (0, one.full):
            raise ValueError(f"the parts of criterion {one.code} do not add up to it")
