"""A form of somebody else's page does nothing here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from app.auth import public


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture(scope="session", autouse=True)
def _form(built_app: Flask) -> None:
    """A page with a form, and where it goes. Added once, before the application serves anything in this process."""
    if "test_form" in built_app.view_functions:
        return

    @public
    def test_form() -> str:
        return render_template_string("{{ csrf_token() }}")

    @public
    def test_act() -> str:
        return "done"

    built_app._got_first_request = False
    built_app.add_url_rule("/test/form", view_func=test_form)
    built_app.add_url_rule("/test/act", view_func=test_act, methods=["POST"])


def token(client: FlaskClient) -> str:
    return client.get("/test/form").text


def test_the_page_s_own_form_is_taken(guarded: FlaskClient) -> None:
    assert guarded.post("/test/act", data={"csrf_token": token(guarded)}).text == "done"


def test_a_script_of_the_page_sends_the_token_in_a_header(guarded: FlaskClient) -> None:
    assert guarded.post("/test/act", json={}, headers={"X-CSRFToken": token(guarded)}).status_code == 200


@pytest.mark.parametrize("sent", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}])
def test_without_the_token_nothing_is_done(guarded: FlaskClient, sent: dict[str, str]) -> None:
    token(guarded)
    response = guarded.post("/test/act", data=sent)
    assert response.status_code in (400, 403)
    assert response.text != "done"


def test_a_token_of_another_session_is_refused(app: Flask, guarded: FlaskClient) -> None:
    stolen = token(app.test_client())
    token(guarded)
    assert guarded.post("/test/act", data={"csrf_token": stolen}).status_code in (400, 403)


SITES = [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403)]
ORIGINS = [("http://localhost", 200), ("https://elsewhere.example", 403), ("null", 403)]


@pytest.mark.parametrize(("site", "status"), SITES)
def test_what_the_browser_says_about_the_sender_is_believed(guarded: FlaskClient, site: str, status: int) -> None:
    sent = {"csrf_token": token(guarded)}
    assert guarded.post("/test/act", data=sent, headers={"Sec-Fetch-Site": site}).status_code == status


@pytest.mark.parametrize(("origin", "status"), ORIGINS)
def test_an_older_browser_names_its_origin(guarded: FlaskClient, origin: str, status: int) -> None:
    sent = {"csrf_token": token(guarded)}
    assert guarded.post("/test/act", data=sent, headers={"Origin": origin}).status_code == status


def test_reading_is_free_for_links_from_everywhere(guarded: FlaskClient) -> None:
    assert guarded.get("/test/form", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(guarded: FlaskClient) -> None:
    cookies = guarded.get("/test/form").headers.getlist("Set-Cookie")
    (cookie,) = [cookie for cookie in cookies if re.match(r"naru=", cookie)]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
