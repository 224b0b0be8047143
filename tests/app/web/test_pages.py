"""The frame of every page: language, menu, addresses, and the pages that belong to no feature."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g, render_template_string
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate

from app import portal
from app.auth import Actor
from app.factory import build_app
from app.forms import Form, flatten
from app.i18n import told
from app.paging import Page
from app.web.templating import choices, here, page_numbers, typed

PUBLIC = ("/", "/how-it-works", "/accessibility", "/styleguide")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The kernel without features and without stores: none of these pages may need them."""
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    settings = {"NARU_ENV": "test", "DATABASE_URL": nowhere, "NARU_VAR": str(tmp_path_factory.mktemp("var"))}
    return build_app(settings | {"RATELIMIT_ENABLED": False}, features=())


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty registries, put back afterwards."""
    for name, empty in (("_nav", []), ("_cards", {}), ("_front", {}), ("_person_items", {}), ("_search", [])):
        monkeypatch.setattr(portal, name, empty)


@pytest.fixture
def client(frame: Flask, registries: None) -> FlaskClient:
    """Without what features of another test's application left in the registries: those need a database."""
    return frame.test_client()


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_public_pages_are_whole_in_both_languages(client: FlaskClient, path: str, language: str) -> None:
    page = client.get(path, query_string={"lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Content-Language"] == language
    body = re.sub(r"<script.*?</script>", "", page.text, flags=re.DOTALL)
    hangul = len(re.findall("[가-힣]", body))
    assert hangul > 100 if language == "ko" else hangul < 40


@pytest.mark.parametrize("path", PUBLIC)
def test_no_page_has_inline_style_or_inline_script(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert 'nonce="' in script


def test_the_language_is_asked_then_remembered_then_the_browsers_then_korean(client: FlaskClient) -> None:
    assert '<html lang="ko">' in client.get("/").text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9,ko;q=0.5"}).text
    assert '<html lang="ko">' in client.get("/", headers={"Accept-Language": "fr"}).text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "ko"}).text
    assert '<html lang="en">' in client.get("/?lang=xx").text
    assert '<html lang="ko">' in client.get("/?lang=ko").text


def test_a_persons_own_language_counts_before_the_browsers(frame: Flask) -> None:
    from app.i18n import select_language

    with frame.test_request_context(headers={"Accept-Language": "ko"}):
        g.person_locale = "en"
        assert select_language() == "en"
    with frame.test_request_context(headers={"Cookie": "lang=ko"}):
        g.person_locale = "en"
        assert select_language() == "ko"


def test_the_language_switch_keeps_the_page_and_its_query(client: FlaskClient) -> None:
    text = client.get("/accessibility?q=책&page=3&lang=ko").text
    assert 'href="/accessibility?q=%EC%B1%85&amp;page=3&amp;lang=en"' in text


def test_addresses_of_this_page_with_other_values(frame: Flask) -> None:
    with frame.test_request_context("/accessibility?page=3&kind=goods&kind=works&lang=en"):
        assert here(page=4) == "/accessibility?page=4&kind=goods&kind=works"
        assert here(page=None, kind=None) == "/accessibility"
        assert here(kind=["services"], page=None) == "/accessibility?kind=services"
    with frame.test_request_context("/accessibility?page=3", method="POST"):
        assert here(lang="en") == "/accessibility?lang=en"


def test_static_files_are_versioned_by_their_content(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/css/tokens\.css\?v=[0-9a-f]{10})"', client.get("/").text)
    assert address
    assert client.get(address[1]).status_code == 200


def test_the_desk_is_for_who_has_signed_in(client: FlaskClient) -> None:
    response = client.get("/desk", headers={"Accept": "text/html"})
    assert response.location == "/sign-in?next=%2Fdesk"


@pytest.mark.usefixtures("registries")
def test_the_menu_shows_what_the_actor_may_see_and_where_they_are(frame: Flask) -> None:
    portal.register_nav(
        portal.NavItem("pages.how_it_works", "Check", order=2),
        portal.NavItem("pages.desk", "Desk", is_personal=True, order=1),
        portal.NavItem("pages.accessibility", "Secret", permission="thing:see", order=3),
        portal.NavItem("nobody.brings_this", "Ghost"),
    )

    def labels(actor: Actor) -> list[str]:
        return [item.label for item in portal.navigation(actor)]

    assert labels(Actor("anonymous")) == ["Check", "Ghost"]
    assert labels(Actor("person:1", person_id=NewId, permissions=frozenset({"thing:see"}))) == [
        "Desk", "Check", "Secret", "Ghost",
    ]  # fmt: skip
    with frame.test_request_context("/how-it-works"):
        text = render_template_string("{% extends 'base.html' %}")
    assert '<a href="/how-it-works" aria-current="page">Check</a>' in text
    assert "Ghost" not in text
    assert "Secret" not in text


NewId: Any = "0190e2c0-0000-7000-8000-000000000001"


@pytest.mark.usefixtures("registries")
def test_the_front_page_shows_what_features_registered_in_their_order(client: FlaskClient) -> None:
    entry = portal.Entry("의자 구매", "/tenders/1", badge="투찰 중", due_at=NOW + timedelta(hours=2))
    portal.register_front("b", lambda now: portal.FrontSection("Newest", entries=[entry], order=2))
    portal.register_front("a", lambda now: portal.FrontSection("Today", empty="None today", order=1))
    portal.register_front("c", lambda now: portal.FrontSection("Figures", figures=[portal.Figure("notices", "1,204")]))
    portal.register_front("d", lambda now: None)
    portal.register_search("pages.how_it_works", "Search tenders")
    text = client.get("/?lang=en").text
    assert text.index("1,204") < text.index("Today") < text.index("None today") < text.index("Newest")
    assert 'data-countdown="2026-11-23T05:00:00.000000Z"' in text
    assert text.count('action="/how-it-works"') == 1


@pytest.mark.usefixtures("registries")
def test_practice_is_said_on_the_page_whichever_way_it_is_told(frame: Flask) -> None:
    with frame.test_request_context("/?lang=en"):
        child = "{% extends 'base.html' %}{% set is_practice = true %}"
        assert "practice-bar" in render_template_string(child)
        assert "practice-bar" in render_template_string("{% extends 'base.html' %}", is_practice=True)
        assert "practice-bar" not in render_template_string("{% extends 'base.html' %}")


class ThingIn(Schema):
    title = fields.String(required=True, validate=validate.Length(min=2, max=5))
    price_won = fields.Integer(required=True, validate=validate.Range(min=1))
    kinds = fields.List(fields.String())


def draw(frame: Flask, template: str, **values: Any) -> str:
    with frame.test_request_context("/?lang=en"):
        return render_template_string('{% import "ui.html" as ui with context %}' + template, **values)


def test_a_field_keeps_what_was_typed_and_ties_its_error_to_the_box(frame: Flask) -> None:
    from werkzeug.datastructures import MultiDict

    form = Form(ThingIn())
    assert form.load(MultiDict({"title": "<b>", "price_won": "12만", "kinds": "a"})) is None
    text = draw(
        frame, '{{ ui.form_errors(form) }}{{ ui.field(form, "price_won", "Price", hint="h", type="won") }}', form=form
    )
    assert 'value="12만"' in text
    assert 'aria-describedby="f-price_won-hint f-price_won-error"' in text
    assert 'aria-invalid="true"' in text
    assert '<a href="#f-price_won">Enter a whole number.</a>' in text
    assert "&lt;b&gt;" in draw(frame, '{{ ui.field(form, "title", "Title") }}', form=form)


def test_choices_remember_what_was_chosen(frame: Flask) -> None:
    form = Form(ThingIn(), {"kinds": ["goods", "works"], "kind": "works"})
    text = draw(
        frame,
        '{{ ui.field(form, "kinds", "Kinds", type="checkboxes", options=kinds) }}'
        '{{ ui.field(form, "kind", "Kind", type="select", options={"goods": "G", "works": "W"}) }}',
        form=form,
        kinds=[("goods", "G"), ("works", "W"), ("x", "X")],
    )
    assert text.count(" checked") == 2
    assert '<option value="works" selected>' in text
    assert len(set(re.findall(r' id="([^"]+)"', text))) == len(re.findall(r' id="([^"]+)"', text))


def test_stored_values_are_spelled_as_inputs_spell_them() -> None:
    assert typed(NOW, "datetime") == "2026-11-23T12:00:00"
    assert typed(NOW, "date") == "2026-11-23"
    assert typed(1_234_000, "won") == "1,234,000"
    assert typed("12만", "won") == "12만"
    assert typed(None, "text") == ""


def test_options_may_come_in_four_shapes() -> None:
    assert choices({"a": "A"}) == choices([("a", "A")]) == choices([{"value": "a", "label": "A"}])
    assert choices(["a"])[0]["label"] == "a"
    assert choices([("a", "A", "why")])[0]["hint"] == "why"


@pytest.mark.parametrize(
    ("number", "total", "numbers"),
    [
        (1, 15, [1]),
        (1, 60, [1, 2, 3]),
        (5, 1000, [1, None, 3, 4, 5, 6, 7, None, 50]),
        (50, 1000, [1, None, 48, 49, 50]),
    ],
)
def test_page_numbers_around_the_present_one(number: int, total: int, numbers: list[int | None]) -> None:
    assert page_numbers(Page([], number, 20, total, False)) == numbers


def test_a_page_beyond_the_capped_count_still_leads_on(frame: Flask) -> None:
    text = draw(frame, "{{ ui.pagination(page) }}", page=Page(list(range(20)), 60, 20, 1000, True))
    assert 'href="/?page=61"' in text
    assert 'href="/?page=59"' in text


@pytest.mark.parametrize(
    ("given", "english"),
    [
        ("Missing data for required field.", "This is required."),
        ("Shorter than minimum length 1.", "This is required."),
        ("Shorter than minimum length 2.", "Enter at least 2 characters."),
        ("Longer than maximum length 5.", "Enter at most 5 characters."),
        ("Must be greater than or equal to 1.", "Enter 1 or more."),
        ("Must be one of: goods, works.", "Choose one of the options."),
        ("Not a valid integer.", "Enter a whole number."),
        ("A sentence of our own.", "A sentence of our own."),
    ],
)
def test_marshmallows_sentences_are_put_in_words_for_people(frame: Flask, given: str, english: str) -> None:
    with frame.test_request_context("/?lang=en"):
        assert told(given) == english
    with frame.test_request_context("/?lang=ko"):
        assert (told(given) != given) == (given != english)


def test_marshmallow_still_says_what_we_translate(frame: Flask) -> None:
    """If a new version words its messages differently, people would read English again."""
    from marshmallow import ValidationError

    class Everything(Schema):
        text = fields.String(validate=validate.Length(min=2, max=3))
        number = fields.Integer(validate=validate.Range(min=5, max=9))
        choice = fields.String(validate=validate.OneOf(["a"]))
        mail = fields.Email()
        day = fields.Date()
        at = fields.AwareDateTime()
        yes = fields.Boolean()
        url = fields.Url()
        identifier = fields.UUID()
        needed = fields.String(required=True)
        pattern = fields.String(validate=validate.Regexp("x"))

    for value in ({"text": "a", "number": 1}, {"text": "abcd", "number": 10}, {"text": 1, "number": "x"}):
        wrong = dict.fromkeys(("choice", "mail", "day", "at", "yes", "url", "identifier", "pattern"), "?")
        with pytest.raises(ValidationError) as refused:
            Everything().load(value | wrong | {"unknown": 1})
        with frame.test_request_context("/?lang=ko"):
            for messages in flatten(refused.value.messages).values():
                for message in messages:
                    assert re.search("[가-힣]", told(message)), message


def test_robots_manifest_and_icon_are_served(client: FlaskClient) -> None:
    assert "Disallow: /desk" in client.get("/robots.txt").text
    manifest = client.get("/manifest.webmanifest?lang=ko")
    assert manifest.mimetype == "application/manifest+json"
    assert manifest.get_json()["short_name"] == "나루"
    assert client.get("/favicon.ico").mimetype == "image/svg+xml"


def test_the_style_guide_is_not_shown_in_production(frame: Flask, client: FlaskClient) -> None:
    before = frame.config["NARU_ENV"]
    frame.config["NARU_ENV"] = "production"
    try:
        assert client.get("/styleguide").status_code == 404
    finally:
        frame.config["NARU_ENV"] = before


def test_the_time_is_the_databases(app: Flask) -> None:
    from app.db import database_now
    from app.time import from_wire

    before = database_now()
    response = app.test_client().get("/time")
    assert before <= from_wire(response.get_json()["now"]) <= database_now()
    assert response.headers["Cache-Control"] == "no-store"


def test_the_time_tells_a_signed_in_person_when_their_session_ends(app: Flask, sign_in: Any) -> None:
    from app import time
    from app.auth import OrganisationKind, Role, system
    from app.auth.people import create_organisation, create_person
    from app.db import transaction
    from app.time import from_wire

    with transaction():
        agency = create_organisation(OrganisationKind.AGENCY, "1234567", "시험기관", "Test", system(), time.now())
        password = "long enough to be a password"
        officer = create_person(agency, "officer@example.kr", "김담당", password, [Role.OFFICER], system(), time.now())
    client = app.test_client()
    assert client.get("/time").get_json()["session_ends_at"] is None
    sign_in(client, officer)
    assert from_wire(client.get("/time").get_json()["session_ends_at"]) > time.now()
    page = client.get("/desk?lang=ko")
    assert page.status_code == 200
    assert 'data-session-ends="' in page.text
    assert "김담당" in page.text
