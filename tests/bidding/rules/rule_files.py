"""The files of the rule data with a change in them, and what the loader says of it: what its tests share."""

from __future__ import annotations

import pytest

from bidding.rules import data
from bidding.rules.data import Problem

Texts = dict[str, str]


def problems_of(texts: Texts) -> list[Problem]:
    """Everything that is wrong with them; they are refused, and the refusal reads as its problems do."""
    with pytest.raises(data.RuleDataError) as caught:
        data.load(texts)
    assert str(caught.value) == "; ".join(str(problem) for problem in caught.value.problems)
    return list(caught.value.problems)


def first(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def without_row(text: str, number: int) -> str:
    """The file without its row of that number (from 1)."""
    parts = text.split("[[row]]")
    return "[[row]]".join(parts[:number] + parts[number + 1 :])
