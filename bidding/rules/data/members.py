"""Whether a value is what its member may hold. Pure."""

from __future__ import annotations

import re
from typing import Any

from bidding.rules.data.schema import WHOLE_NUMBERS, Member, Unit

FRACTION = re.compile(r"[1-9][0-9]{0,5}(/[1-9][0-9]{0,5})?|0")


def check_value(member: Member, value: Any) -> str:
    """The code of what is wrong with `value`; empty where nothing is."""
    if member.unit in WHOLE_NUMBERS:
        return "" if type(value) is int and value >= 0 else "wrong-type"
    if member.unit is Unit.YES:
        return "" if type(value) is bool else "wrong-type"
    if member.unit is Unit.CODES:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return "wrong-type"
        return "" if set(value) <= set(member.choices) and len(set(value)) == len(value) else "not-allowed"
    if type(value) is not str:
        return "wrong-type"
    if member.unit is Unit.FRACTION:
        return "" if FRACTION.fullmatch(value) else "wrong-type"
    if member.choices:
        return "" if value in member.choices else "not-allowed"
    return "" if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) else "wrong-type"
