"""A whole evaluation as rows with KONEPS's field names: every bid with rank, reason, rate, points and its trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.time import KST
from bidding.rounding import show_rate
from bidding.rules.steps import show_points

Json = dict[str, Any]
COLUMNS = (
    *("opengRank", "prcbdrBizno", "prcbdrNm", "bidprcAmt", "bidprcrt", "drwtNo1", "drwtNo2", "bidprcDt"),
    *("techEvlVal", "bidPrceEvlVal", "totalEvlAmtVal", "rmrk", "statement", "trace"),
)


def row_of(line: Mapping[str, Any]) -> Json:
    """One line of `views.result_lines`. Absent figures are None; money and points are decimal texts, exact."""
    bid, placing, firm = line["bid"], line["placing"], line["firm"]
    picks, points = bid.picks or [], placing.get("points") or {}
    return {
        "opengRank": bid.rank,
        "prcbdrBizno": bid.supplier,
        "prcbdrNm": firm.name_ko if firm else None,
        "bidprcAmt": None if bid.amount_won is None else str(bid.amount_won),
        "bidprcrt": None if placing.get("rate") is None else show_rate(placing["rate"]),
        "drwtNo1": picks[0] if picks else None,
        "drwtNo2": picks[1] if len(picks) > 1 else None,
        "bidprcDt": bid.received_at.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S"),
        "techEvlVal": _points(points.get("technical")),
        "bidPrceEvlVal": _points(points.get("price")),
        "totalEvlAmtVal": _points(points.get("total")),
        "rmrk": bid.reason,
        "statement": bid.stmt,
        "trace": [f"{step['label']}: {step['expression']} = {step['value']}" for step in placing.get("arithmetic", [])],
    }


def flat(row: Json) -> list[Any]:
    """The same as cells of a table: the trace a line below the other."""
    return ["\n".join(row[name]) if name == "trace" else row[name] for name in COLUMNS]


def _points(points: int | None) -> str | None:
    return None if points is None else show_points(points)
