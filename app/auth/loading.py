"""Puts the caller into `g.actor` before any view runs: cookie → Flask-Login → session row.

Flask-Login keeps the token in Flask's signed cookie (`__Host-naru` in production) and asks us for whoever carries it.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import LoginManager, current_user, login_user, logout_user

from app import direct, time
from app.auth import sessions
from app.auth.actor import ANONYMOUS
from app.auth.models import Person
from app.auth.sessions import SignedIn
from app.db import transaction
from app.errors import PasswordChangeRequired

login_manager = LoginManager()
# The token is bound to a row that we can end; binding it to address or browser as well only drops mobile users.
login_manager.session_protection = None

WHILE_PASSWORD_IS_DUE = frozenset({"auth.password", "auth.sign_out"})
# Asked by the page on its own: a forgotten window must not keep its session alive, nor need a new password for it.
NO_SIGN_OF_LIFE = frozenset({"pages.server_time", "pages.manifest", "pages.favicon"})


@login_manager.user_loader  # type: ignore[untyped-decorator]
def find_user(token: str) -> SignedIn | None:
    return sessions.find_signed_in(token, time.now(), direct.read)


def load_actor() -> ResponseReturnValue | None:
    """Before each request: who calls. A first password must be changed before anything else is served."""
    g.actor, g.signed_in = ANONYMOUS, None
    if request.endpoint == "static" or "_user_id" not in session:
        return None
    found: SignedIn | None = current_user._get_current_object() if current_user.is_authenticated else None
    if found is None:
        return None
    g.actor, g.signed_in = found.actor, found
    g.person_locale, g.session_ends_at = found.locale, found.ends_at(found.last_seen_at)
    if request.endpoint in NO_SIGN_OF_LIFE and "stay" not in request.args:
        return None
    # Written seldom, so that most requests need no commit of their own before the view's.
    if sessions.is_touch_due(found, now := time.now()):
        with transaction():
            g.session_ends_at = sessions.touch(found, now)
    if found.must_change_password and request.endpoint not in WHILE_PASSWORD_IS_DUE | NO_SIGN_OF_LIFE:
        raise PasswordChangeRequired
    return None


def carry(token: str, now: datetime) -> SignedIn | None:
    """Give this browser the token, in a fresh cookie: whatever the old one held (also the CSRF token) is gone."""
    session.clear()
    found = sessions.find_signed_in(token, now)
    if found is not None:
        login_user(found)
        g.actor, g.signed_in = found.actor, found
        g.person_locale, g.session_ends_at = found.locale, found.ends_at(now)
    return found


def drop() -> None:
    logout_user()
    session.clear()
    g.actor, g.signed_in = ANONYMOUS, None


def start(person: Person, now: datetime) -> SignedIn | None:
    """Sign `person` in here: a new session, its token in this browser. The caller's transaction must commit."""
    _, token = sessions.open_session(person, now, device_label(request.user_agent.string))
    return carry(token, now)


BROWSERS = (("Edg/", "Edge"), ("Whale/", "Whale"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"))
BROWSERS_AFTER = (("Chrome/", "Chrome"), ("Safari/", "Safari"))  # the others name these too
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"))


def device_label(user_agent: str) -> str:
    """`Chrome · Windows`: enough to recognise one's own device, too little to tell people apart."""
    browser = next((name for mark, name in (*BROWSERS, *BROWSERS_AFTER) if mark in user_agent), "")
    system = next((name for mark, name in (*SYSTEMS, ("Linux", "Linux")) if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def describe() -> dict[str, object]:
    """For every template: the name of the person's organisation in the reader's language."""
    found: SignedIn | None = g.get("signed_in")
    if found is None:
        return {"organisation_name": None}
    is_english = str(get_locale()).startswith("en")
    return {"organisation_name": found.organisation_name_en if is_english else found.organisation_name_ko}


def init_app(app: Flask) -> None:
    login_manager.init_app(app, add_context_processor=False)
    app.before_request(load_actor)
    app.context_processor(describe)
