"""Arithmetic as people read it: figures grouped, signs and codes in words; the records stay as they are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from bidding import labels
from bidding.arithmetic_texts import arithmetic_text, line_text

ROOT = Path(__file__).parent.parent.parent / "bidding"


def told(app: Flask, label: str, expression: str, value: str, lang: str = "en") -> str:
    with app.test_request_context(f"/?lang={lang}"), force_locale(lang):
        return arithmetic_text({"label": label, "expression": expression, "value": value})


@pytest.mark.parametrize(
    ("label", "expression", "value", "shown"),
    [
        ("against-ceiling", "104000000 <= 110000000", "<=", "104,000,000 ≤ 110,000,000"),
        ("price-points", "20 x 84000000 / 104000000", "16.1538", "20 × 84,000,000 ÷ 104,000,000 → 16.1538"),
        ("reference-price", "given", "110000000", "an amount that the notice gives → ₩110,000,000"),
        ("floor-price", "100000000 x 87.745%, up-1", "87745000", "100,000,000 × 87.745%, Up to the won → ₩87,745,000"),
        ("base-amount", "100000000", "100000000", "₩100,000,000"),
        ("total-points", "75.0000 + 16.1538", "91.1538", "75.0000 + 16.1538 → 91.1538"),
        ("valid-bids", "4 >= 2", ">=", "4 ≥ 2"),
        ("review", "refusal", "fail", "Contract not signed → out of the running"),
        ("against-pass-mark", "79.0000 + 0.0000", "-", "79.0000 + 0.0000"),
        ("drawn-numbers", "#3 x2, #15 x1", "400123", "#3 x2, #15 x1 → 400,123"),
    ],
)
def test_a_line_is_shown_in_words_and_grouped_figures(
    built_app: Flask, label: str, expression: str, value: str, shown: str
) -> None:
    assert told(built_app, label, expression, value).endswith(f": {shown}")


def test_a_line_is_shown_in_korean_too(built_app: Flask) -> None:
    assert told(built_app, "reference-price", "estimated-price", "99000000", "ko").endswith("→ 99,000,000원")


def test_nothing_is_said_of_no_line(built_app: Flask) -> None:
    with built_app.test_request_context("/"):
        assert line_text(None) == ""


def test_every_line_that_a_rule_writes_has_a_label() -> None:
    written = {
        node.args[0].value
        for path in [*ROOT.glob("*.py"), *(ROOT / "rules").glob("*.py")]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Step", "at_most", "at_least")
        and node.args and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert {"floor-price", "against-ceiling", "auction-bid"} <= written
    assert written - set(labels.STEP_LINE) == set()
