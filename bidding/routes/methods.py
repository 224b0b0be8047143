"""Each method of award in plain words, with an example that the engine works out while the page is drawn."""

from __future__ import annotations

from functools import cache

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from app import time
from app.auth import public
from app.time import kst_date
from bidding import dry_run_texts
from bidding.dry_run import DryRun
from bidding.method_examples import example_of
from bidding.method_texts import METHODS
from bidding.routes import blueprint
from bidding.rules.data import find_method
from bidding.services import rulebook


@blueprint.get("/methods")
@public
def methods() -> ResponseReturnValue:
    """All of them on one page, a line each."""
    return render_template("bidding/methods/index.html", methods=METHODS)


@blueprint.get("/methods/<method>")
@public
def method_page(method: str) -> ResponseReturnValue:
    """One method: when, how, the formula, the example, what to mind, and its figures in the rule tables."""
    if method not in METHODS:
        abort(404)
    on, book = kst_date(time.now()), rulebook.current()
    made = _worked(method)
    return render_template(
        "bidding/methods/method.html",
        method=method,
        text=METHODS[method],
        others=METHODS,
        legal={regime: find_method(regime, method, on, book=book) for regime in ("national", "local")},
        example=example_of(method),
        made=made,
        remarks=dry_run_texts.remarks(made),
        strip=dry_run_texts.strip(made),
        floors=[row for row in book.tables["floor_rates"] if row.key["method"] == method],
        tables=list(book.tables["score_tables"]) if method == "qualification" else [],
        on=on,
    )


@cache
def _worked(method: str) -> DryRun:
    """Pure and always the same: worked out once in each process."""
    return example_of(method).worked()
