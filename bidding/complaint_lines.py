"""The lines of a tender's trace, each by a key that a link can carry: what a complaint is tied to. Pure.

`price.2`: the third line of the common arithmetic. `bid.<stmt>`: where a bid was placed; `bid.<stmt>.1`: a line of its
arithmetic. `out.<stmt>`: an exclusion by the registry. `review.<sha256>`: a decision after the opening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def find_line(evaluation: Mapping[str, Any], reviews: Sequence[Mapping[str, Any]], key: str) -> Json | None:
    """The line under `key`, as it stands now: a copy to keep. None where there is no such line."""
    family, _, rest = key.partition(".")
    finders = {"price": _price, "bid": _bid, "out": _exclusion}
    if family in finders:
        found = finders[family](evaluation, rest)
    elif family == "review":
        found = _review(reviews, rest)
    else:
        found = None
    return None if found is None else {"key": key, **found}


def _price(evaluation: Mapping[str, Any], rest: str) -> Json | None:
    step = _nth(evaluation["arithmetic"], rest)
    return None if step is None else {"stmt": None, **step}


def _bid(evaluation: Mapping[str, Any], rest: str) -> Json | None:
    stmt, _, number = rest.partition(".")
    placing = next((one for one in evaluation["placings"] if one["stmt"] == stmt), None)
    if placing is None:
        return None
    named = {"stmt": stmt, "supplier": placing["supplier"]}
    if not number:
        place = "-" if placing["rank"] is None else str(placing["rank"])
        return {**named, "label": "place", "expression": str(placing["reason"]), "value": place}
    step = _nth(placing["arithmetic"], number)
    return None if step is None else {**named, **step}


def _exclusion(evaluation: Mapping[str, Any], rest: str) -> Json | None:
    found = next((one for one in evaluation["exclusions"] if one["stmt"] == rest), None)
    if found is None:
        return None
    return {"stmt": rest, "label": "exclusion", "expression": str(found["reason"]), "value": found["legal_basis"]}


def _review(reviews: Sequence[Mapping[str, Any]], rest: str) -> Json | None:
    found = next((one for one in reviews if one["sha256"] == rest), None)
    if found is None:
        return None
    reason = str(found["reason"] or found["kind"])
    return {"stmt": found["stmt"], "label": "review", "expression": reason, "value": str(found["result"])}


def _nth(steps: Sequence[Mapping[str, Any]], number: str) -> Json | None:
    if not number.isascii() or not number.isdigit() or int(number) >= len(steps):
        return None
    step = steps[int(number)]
    return {name: step[name] for name in ("label", "expression", "value")}
