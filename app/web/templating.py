"""What every template may use: filters for figures and times, and the frame's own facts (menu, person, language)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.routing import BuildError

from app import charts, formats, portal, time
from app.auth import current_actor
from app.i18n import LANGUAGES, language, told
from app.time import KST, wire


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        won=_in_language(formats.won),
        won_short=_in_language(formats.won_short),
        won_units=formats.won_units,
        won_words=_in_language(formats.won_words),
        kst=formats.kst,
        kst_micro=formats.kst_micro,
        kst_date=_in_language(formats.kst_day),
        kst_short=_in_language(formats.kst_short),
        relative=relative,
        duration=_in_language(formats.duration),
        iso=iso,
        percent=formats.percent,
        file_size=formats.file_size,
        told=told,
        choices=choices,
        chosen=chosen,
        typed=typed,
        slug=slug,
        page_numbers=page_numbers,
    )
    app.jinja_env.globals.update(
        here=here,
        with_query=with_query,
        href_of=href_of,
        asset=asset,
        script_words=script_words,
        search_place=search_place,
        sign_in_url=sign_in_url,
        log_url=log_url,
        log_entry_url=log_entry_url,
        chart_bars=charts.bars,
        charts=charts,
    )
    app.context_processor(_frame)


def _in_language(spell: Callable[[Any, str], str]) -> Callable[[Context, Any], str]:
    """A filter that speaks the page's language. Taking the context keeps Jinja from working it out while compiling."""

    @pass_context
    def filtered(_context: Context, value: Any) -> str:
        return spell(value, language())

    return filtered


@pass_context
def relative(_context: Context, instant: datetime) -> str:
    return formats.relative(instant, time.now(), language())


def _frame() -> dict[str, Any]:
    """The names that base.html reads. Nothing here touches the database but the counts that features registered."""
    actor = current_actor()
    return {
        "lang": language(),
        "actor": actor,
        "navigation": _navigation(),
        "person_menu": _person_menu(),
        "session_ends_at": g.get("session_ends_at"),
        "styleguide_shown": current_app.config.get("NARU_ENV") != "production",
    }


def _navigation() -> list[dict[str, Any]]:
    shown = [
        {"href": href, "label": item.label}
        for item in portal.navigation(current_actor())
        if (href := href_of(item.endpoint))
    ]
    matching = [item["href"] for item in shown if _is_under(request.path, item["href"])]
    nearest = max(matching, key=len, default=None)
    return [item | {"is_here": item["href"] == nearest} for item in shown]


def _is_under(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))


def _person_menu() -> list[dict[str, Any]]:
    actor = current_actor()
    if not actor.is_signed_in:
        return []
    return [
        {"href": href, "label": item.label, "count": count(actor) if count else 0}
        for item, count in portal.person_menu(actor)
        if (href := href_of(item.endpoint))
    ]


def here(**changes: Any) -> str:
    """This page's address with query values changed; None takes one away. The language is left to its cookie."""
    if request.routing_exception is None and request.method in ("GET", "HEAD"):
        values: dict[str, list[str]] = {key: request.args.getlist(key) for key in request.args if key != "lang"}
    else:
        values = {}
    for key, value in changes.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
    query = urlencode(values, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def with_query(endpoint: str, *without: str, **parts: Any) -> str:
    """The endpoint's address (`parts` of it) with this page's query, less `without`. Never by
    `url_for(**request.args)`: a query may name its own arguments (`endpoint`, `_scheme`)."""
    values = [(key, value) for key, value in request.args.items(multi=True) if key not in without]
    return url_for(endpoint, **parts) + (f"?{urlencode(values)}" if values else "")


def href_of(endpoint: str, **values: Any) -> str | None:
    """The endpoint's address, or None where no package brings it."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


@lru_cache(maxsize=256)
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(filename: str) -> str:
    """A static file's address with its content's hash, so that browsers may keep it for long."""
    path = Path(current_app.static_folder or "") / filename
    if not path.exists():
        return url_for("static", filename=filename)
    return url_for("static", filename=filename, v=_version(path, path.stat().st_mtime_ns))


def search_place() -> dict[str, str] | None:
    """Where the header's search box leads: what a feature registered, or nothing."""
    place = portal.search()
    href = href_of(place.endpoint) if place else None
    return {"href": href, "label": str(place.label), "parameter": place.parameter} if place and href else None


def sign_in_url() -> str:
    """The sign-in page, leading back to this one."""
    if request.path.startswith("/sign-") or request.path == "/" or request.method not in ("GET", "HEAD"):
        return "/sign-in"
    return "/sign-in?" + urlencode({"next": request.full_path.rstrip("?")})


def log_url() -> str:
    return href_of("audit.explorer") or href_of("audit.index") or "/log"


def log_entry_url(index: int) -> str:
    return href_of("audit.entry", index=index) or f"/log/entries/{index}"


def iso(instant: datetime) -> str:
    return wire(instant)


def slug(text: Any) -> str:
    """An id made of a label; Korean letters stay."""
    return re.sub(r"[^\w]+", "-", str(text).strip().lower()).strip("-") or "x"


def choices(options: Iterable[Any]) -> list[dict[str, Any]]:
    """Options as `value`, `label`, `hint`: from a mapping, pairs or triples, mappings, or plain values."""
    items = options.items() if isinstance(options, Mapping) else options
    return [_choice(item) for item in items]


def _choice(item: Any) -> dict[str, Any]:
    if isinstance(item, Mapping):
        return {"value": item["value"], "label": item["label"], "hint": item.get("hint")}
    if isinstance(item, tuple | list):
        value, label, *rest = item
        return {"value": value, "label": label, "hint": rest[0] if rest else None}
    return {"value": item, "label": item, "hint": None}


def chosen(value: Any) -> list[str]:
    """The chosen values as strings, whether one was chosen or several."""
    if value is None:
        return []
    many = isinstance(value, list | tuple | set | frozenset)
    return [str(item) for item in value] if many else [str(value)]


def typed(value: Any, kind: str) -> str:
    """A stored value as an input element spells it; what was typed stays as it was typed."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(KST)
        return local.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%dT%H:%M:%S")
    if kind == "won" and isinstance(value, int):
        return f"{value:,}"
    return str(value)


def page_numbers(page: Any) -> list[int | None]:
    """Numbers to link: the first, the last, two on either side; None where some are left out."""
    wanted = {1, page.pages, *range(page.number - 2, page.number + 3)}
    numbers = sorted(number for number in wanted if 1 <= number <= max(page.pages, page.number))
    shown: list[int | None] = []
    for number in numbers:
        if shown and shown[-1] is not None and number - shown[-1] > 1:
            shown.append(None)
        shown.append(number)
    return shown


def script_words() -> dict[str, str]:
    """The sentences that the scripts show, in the page's language. `{x}` is filled by the script."""
    return {
        "lang": language() if language() in LANGUAGES else "ko",
        "left": _("{time} left"),
        "over": _("the time is over"),
        "saved": _("Saved at {time}"),
        "saving": _("Saving…"),
        "unsaved": _("Not saved. It is kept on this page; check the connection and try again."),
        "leave": _("There are changes that are not saved yet."),
        "copied": _("Copied"),
        "copy": _("Copy"),
        "cancel": _("Cancel"),
        "ends": _("You will be signed out in {time}. Save your work or stay signed in."),
        "ended": _("Your session has ended. Sign in again in another window; what you typed stays on this page."),
        "stay": _("Stay signed in"),
        "characters": _("{count} characters left"),
        "sending": _("Sending…"),
    }
