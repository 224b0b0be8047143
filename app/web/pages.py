"""The pages that belong to no feature: front page, desk, explanations, the style guide, and what browsers ask for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import portal, time
from app.auth import current_actor, public, signed_in
from app.db import database_now
from app.errors import NotFound
from app.web import styleguide, templating

blueprint = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    templating.init_app(app)
    app.register_blueprint(blueprint)
    portal.register_nav(portal.NavItem("pages.desk", _l("My desk"), order=10, is_personal=True))


@blueprint.get("/")
@public
def home() -> str:
    return render_template("pages/home.html", sections=portal.front(time.now()))


@blueprint.get("/desk")
@signed_in
def desk() -> str:
    now = time.now()
    return render_template("pages/desk.html", cards=portal.cards(current_actor(), now), now=now)


@blueprint.get("/how-it-works")
@public
def how_it_works() -> str:
    return render_template("pages/how_it_works.html")


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    return render_template("pages/accessibility.html")


@blueprint.get("/styleguide")
@public
def show_styleguide() -> str:
    if current_app.config.get("NARU_ENV") == "production":
        raise NotFound("the style guide is for development and practice")
    return render_template("pages/styleguide.html", **styleguide.samples(time.now()))


@blueprint.get("/time")
@public
def server_time() -> Response:
    """The clock that decides whether a bid is in time, for the countdowns: the database server's.

    Being a request, it keeps the session of whoever is signed in; it tells when that ends now.
    """
    ends_at = g.get("session_ends_at")
    response = jsonify(now=time.wire(database_now()), session_ends_at=time.wire(ends_at) if ends_at else None)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    facts: dict[str, Any] = {
        "name": _("Naru public procurement"),
        "short_name": _("Naru"),
        "start_url": "/",
        "display": "browser",
        "background_color": "#ffffff",
        "theme_color": "#0b50d0",
        "icons": [{"src": url_for("static", filename="img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    response = jsonify(facts)
    response.mimetype = "application/manifest+json"
    return response


@blueprint.get("/favicon.ico")
@public
def favicon() -> Response:
    return current_app.send_static_file("img/favicon.svg")


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Everything public may be indexed; pages that only make sense to the person who is signed in need not be."""
    lines = ["User-agent: *", "Disallow: /desk", "Disallow: /sign-in", "Disallow: /step-up", "Allow: /", ""]
    return Response("\n".join(lines), mimetype="text/plain")
