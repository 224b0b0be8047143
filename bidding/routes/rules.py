"""The rule data as everybody may read them: every table with its history, its sources and how sure it is; downloads."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app import time
from app.auth import public
from app.errors import NotFound
from app.exports import attachment
from app.forms import Form
from app.time import kst_date
from bidding import labels, rule_labels, rule_views
from bidding.queries_rules import versions_in_force
from bidding.routes import blueprint
from bidding.rules.data import Book, archived, canonical
from bidding.schemas import RulesIn
from bidding.services import rulebook


@blueprint.get("/rules")
@public
def rules_page() -> ResponseReturnValue:
    """Every table of one version; without a version the one in force. Filters that do not fit are named, left out."""
    form = Form(RulesIn())
    data = form.load(request.args) or {}
    wanted = rule_views.Wanted(
        on=data.get("on") or kst_date(time.now()),
        regime=data.get("regime", ""),
        kind=data.get("kind", ""),
        words=data.get("q", ""),
    )
    form.values["on"] = wanted.on.isoformat()
    current = rulebook.current_version()
    book = _book(data.get("version") or current)
    return render_template(
        "bidding/rules.html",
        form=form,
        wanted=wanted,
        book=book,
        current=current,
        sections=rule_views.sections(book, wanted),
        counts=rule_views.counts(book),
        versions=versions_in_force(),
        certainties=rule_labels.CERTAINTY,
        certainty_long=rule_labels.CERTAINTY_LONG,
        tones=rule_views.TONE,
        titles=rule_labels.TABLE,
        leads=rule_labels.LEAD,
        regimes=labels.REGIME,
        kinds=labels.KIND,
        is_first_format=book.version in archived(),
    )


@blueprint.get("/rules/<version>.json")
@public
def rules_json(version: str) -> ResponseReturnValue:
    """All files of a version: the bytes whose SHA-256 names it (for those of the first format: see docs/rules.md)."""
    book = _book(version)
    headers = {"Content-Disposition": attachment(f"naru-rules-{version}.json")}
    return Response(canonical(book.texts), mimetype="application/json", headers=headers)


@blueprint.get("/rules/<version>/<name>.toml")
@public
def rules_toml(version: str, name: str) -> ResponseReturnValue:
    """One file of a version as it is kept."""
    text = _book(version).texts.get(name)
    if text is None:
        raise NotFound(f"no file {name} in {version}")
    headers = {"Content-Disposition": attachment(f"{name}.toml")}
    return Response(text, content_type="application/toml; charset=utf-8", headers=headers)


def _book(version: str) -> Book:
    book = rulebook.book_of(version)
    if book is None:
        raise NotFound(f"no rule data {version}")
    return book
