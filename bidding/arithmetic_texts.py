"""Lines of arithmetic as people read them. The records keep digits, signs and codes; only what is shown differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app import formats
from app.i18n import language
from bidding import complaint_words, labels, review_labels, scoring_texts

Line = Mapping[str, str]
COMPARISONS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "="}
_SIGNS = {" <= ": " ≤ ", " >= ": " ≥ ", " x ": " × ", " / ": " ÷ ", " - ": " − "}
# Four digits and more that are no part of a rate, a code or a number already grouped.
_LONG = re.compile(r"(?<![\w.,#-])\d{4,}(?![\w%]|[.,-]\d)")
_CODE = re.compile(r"(?<![\w-])[a-z]+(?:-[a-z0-9]+)*(?![\w-])")
WON = {
    "agreed-amount", "auction-bid", "base-amount", "difference", "estimated-price", "first-price", "floor-price",
    "lowest-price", "net-cost", "net-cost-limit", "reference-price", "won-in-all",
}  # fmt: skip
_CODES: Mapping[str, Any] = {
    **labels.ROUNDING,
    **labels.REASON,
    **review_labels.KIND,
    **review_labels.RESULT,
    **scoring_texts.REFERENCE,
    **scoring_texts.LOWEST_OVER,
}


def arithmetic_text(line: Line) -> str:
    """One line with its label, figures grouped: `Bid against the floor: 90,000,000 ≥ 88,000,000`."""
    return f"{_label(line)}: {_said(line)}"


def line_text(line: Line | None) -> str:
    """A disputed line as people read it; nothing for none."""
    return f"{complaint_words.LINE.get(line['label']) or _label(line)}: {_said(line)}" if line else ""


def columns_of(line: Line) -> tuple[str, str, str]:
    """The same for a table: what is computed, how, and what comes out."""
    expression, value = _spoken(line["expression"]), line["value"]
    return _label(line), expression, COMPARISONS.get(value) or _shown(line)


def _label(line: Line) -> str:
    return str(labels.STEP_LINE.get(line["label"], line["label"]))


def _said(line: Line) -> str:
    expression, value = _spoken(line["expression"]), line["value"]
    if value in COMPARISONS:
        return expression
    if value == "-":
        return expression
    return _shown(line) if value == line["expression"] else f"{expression} → {_shown(line)}"


def _shown(line: Line) -> str:
    value = line["value"]
    is_won = line["label"] in WON and value.isdecimal()
    return formats.won(int(value), language()) if is_won else _spoken(value)


def _spoken(text: str) -> str:
    text = _CODE.sub(lambda found: str(_CODES.get(found[0], found[0])), text)
    text = _LONG.sub(lambda found: f"{int(found[0]):,}", text)
    for sign, shown in _SIGNS.items():
        text = text.replace(sign, shown)
    return text
