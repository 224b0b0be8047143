"""The points of a qualification review but the price's, as an officer enters them: field by field.

Each field's final score is rounded UP at the third decimal (조달청 시설공사 적격심사세부기준 제9269호): two decimals
stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bidding.criteria import POINT

KEPT = POINT // 100  # two decimals, in ten-thousandths
TYPED = re.compile(r"(-?)([0-9]{1,3})(?:\.([0-9]{1,8}))?", re.ASCII)
# What a review usually looks at beside the price; an officer may rename them.
FIELDS = ("시공경험·이행실적", "기술능력", "경영상태", "신인도")


@dataclass(frozen=True, slots=True)
class FieldScore:
    """`typed` as the officer wrote it; `points` in ten-thousandths after rounding. Minus points are possible (감점)."""

    name: str
    typed: str
    points: int


def score_field(name: str, typed: str) -> FieldScore:
    """ValueError for anything but a decimal number of at most three digits before the point.

    >>> score_field("경영상태", "14.8312").points
    148400
    """
    found = TYPED.fullmatch(typed.strip())
    if found is None or not name.strip():
        raise ValueError("not a number of points")
    sign, whole, rest = found.groups()
    exact = int(whole + (rest or "").ljust(8, "0")) * (-1 if sign else 1)  # hundred-millionths
    kept = -(-exact // 1_000_000)  # up, also below nought
    return FieldScore(name.strip(), typed.strip(), kept * KEPT)


def sum_fields(fields: Sequence[FieldScore], most: int) -> int:
    """All points but the price's, ten-thousandths, between nought and `most`: credits cannot lift the sum above it.

    ValueError without a field, or with two of one name.
    """
    if not fields or len({field.name for field in fields}) != len(fields):
        raise ValueError("name each field once")
    return max(0, min(sum(field.points for field in fields), most))


def show_field(points: int) -> str:
    """Ten-thousandths as a field's score is written: 148400 is `14.84`."""
    whole, rest = divmod(abs(points), POINT)
    return f"{'-' if points < 0 else ''}{whole}.{rest // KEPT:02d}"
