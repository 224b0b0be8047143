"""Refusals reach people as helpful pages in their language, and programs as problem+json."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from flask_babel import force_locale
from marshmallow import ValidationError

import app.errors
from app.auth import public
from app.errors import DeadlinePassed, DomainError, NotSignedIn, RuleBroken, StepUpRequired
from app.factory import build_app
from app.web.errors import on_domain_error, on_failure, on_validation_error
from app.web.refusals import OF_STATUS, REFUSALS

JSON = {"Accept": "application/json"}
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ERRORS = {
    "deadline": DeadlinePassed(
        deadline_at=datetime(2026, 11, 23, 1, 0, 0, tzinfo=UTC),
        arrived_at=datetime(2026, 11, 23, 1, 0, 0, 1, tzinfo=UTC),
    ),
    "rule": RuleBroken(findings=["입찰 기간이 48시간보다 짧습니다"]),
    "signed-out": NotSignedIn(),
    "validation": ValidationError({"title": ["Missing data for required field."]}),
}


def every_refusal() -> list[type[DomainError]]:
    found, waiting = [], [DomainError]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return [one for one in found if one.__module__ == app.errors.__name__]


@pytest.fixture(scope="module")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The kernel without features and without any store behind it: what refuses needs neither."""
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    settings = {"NARU_ENV": "test", "DATABASE_URL": nowhere, "NARU_VAR": str(tmp_path_factory.mktemp("var"))}
    flask_app = build_app(settings | {"RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False}, features=())

    @public
    def refuse(name: str) -> str:
        if name == "bug":
            raise ZeroDivisionError("a fault of ours with a secret: 8120")
        if name.isdigit():
            abort(int(name))
        raise ERRORS[name]

    flask_app.add_url_rule("/refuse/<name>", "refuse", refuse, methods=["GET", "POST"])
    return flask_app


@pytest.fixture
def client(small_app: Flask) -> FlaskClient:
    small_app.config["PROPAGATE_EXCEPTIONS"] = False
    return small_app.test_client()


@pytest.mark.parametrize("error", every_refusal(), ids=lambda error: error.code)
def test_every_refusal_has_its_texts_in_both_languages(error: type[DomainError], small_app: Flask) -> None:
    refusal = REFUSALS[error.code]
    with small_app.test_request_context():
        for language in ("en", "ko"):
            with force_locale(language):
                told = refusal.filled({})
                assert all(text.strip() for text in told)
                assert ("가" <= max("".join(told)) <= "힣") is (language == "ko")


def test_no_code_is_used_twice_and_every_http_status_leads_to_a_text() -> None:
    codes = [error.code for error in every_refusal()]
    assert len(codes) == len(set(codes))
    assert set(OF_STATUS.values()) <= set(REFUSALS)


def test_a_program_gets_problem_json(client: FlaskClient) -> None:
    response = client.get("/refuse/deadline?lang=en", headers=JSON)
    assert response.status_code == 409
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert problem["code"] == "deadline-passed"
    assert problem["status"] == 409
    assert problem["instance"] == "/refuse/deadline"
    assert problem["title"] == "The deadline has passed"
    assert (
        "deadline 2026-11-23 10:00:00.000000 (UTC+9), arrived 2026-11-23 10:00:00.000001 (UTC+9)" in problem["detail"]
    )


def test_a_person_gets_a_page_that_says_what_happened_and_what_to_do(client: FlaskClient) -> None:
    page = client.get("/refuse/deadline?lang=ko", headers=HTML)
    assert page.status_code == 409
    assert page.mimetype == "text/html"
    assert "마감 시각이 지나 접수되지 않았습니다(마감 2026-11-23 10:00:00.000000 (UTC+9)" in page.text
    assert "이렇게 해 보십시오" in page.text


def test_without_a_wish_the_answer_is_a_page(client: FlaskClient) -> None:
    assert client.get("/refuse/rule").mimetype == "text/html"
    assert client.get("/refuse/rule", headers={"Accept": "*/*"}).mimetype == "text/html"


def test_an_api_address_always_answers_as_a_program_expects(client: FlaskClient) -> None:
    response = client.get("/api/nothing", headers=HTML)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_findings_of_a_rule_are_listed(client: FlaskClient) -> None:
    assert "입찰 기간이 48시간보다 짧습니다" in client.get("/refuse/rule").text
    assert client.get("/refuse/rule", headers=JSON).get_json()["findings"] == ["입찰 기간이 48시간보다 짧습니다"]


def test_validation_messages_are_in_the_readers_language(client: FlaskClient) -> None:
    assert client.get("/refuse/validation?lang=ko", headers=JSON).get_json()["errors"] == {
        "title": ["꼭 입력해야 합니다."]
    }
    assert client.get("/refuse/validation?lang=en", headers=JSON).status_code == 422


def test_who_is_not_signed_in_is_led_there_and_back(client: FlaskClient) -> None:
    response = client.get("/refuse/signed-out?page=2", headers=HTML)
    assert response.status_code == 302
    assert response.location == "/sign-in?next=%2Frefuse%2Fsigned-out%3Fpage%3D2"
    assert client.get("/refuse/signed-out", headers=JSON).status_code == 401


def test_the_password_is_asked_again_and_leads_back_to_the_form_not_to_the_post(small_app: Flask) -> None:
    for referrer, place in (
        ("http://localhost/tenders/7/award", "/step-up?next=%2Ftenders%2F7%2Faward"),
        ("https://evil.example/x", "/step-up?next=%2Fpublish"),
    ):
        with small_app.test_request_context("/publish", method="POST", headers=HTML | {"Referer": referrer}):
            assert on_domain_error(StepUpRequired()).location == place


@pytest.mark.parametrize(("status", "code"), [(404, "not-found"), (413, "too-large"), (429, "too-many-tries")])
def test_werkzeugs_refusals_speak_the_same_way(client: FlaskClient, status: int, code: str) -> None:
    problem = client.get(f"/refuse/{status}", headers=JSON)
    assert (problem.status_code, problem.get_json()["code"]) == (status, code)
    assert client.get(f"/refuse/{status}", headers=HTML).mimetype == "text/html"


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.put("/refuse/rule", headers=HTML)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_fault_of_ours_shows_a_number_and_nothing_else(client: FlaskClient) -> None:
    page = client.get("/refuse/bug", headers=HTML)
    assert page.status_code == 500
    assert "8120" not in page.text
    assert "ZeroDivisionError" not in page.text
    number = page.headers.get("X-Request-ID") or page.text
    assert number in page.text
    problem = client.get("/refuse/bug", headers=JSON).get_json()
    assert problem["code"] == "failed"
    assert len(problem["request_id"]) >= 8


def test_the_failure_page_needs_no_catalogue(small_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError("catalogue unreadable")

    monkeypatch.setattr("app.web.errors.language", broken)
    with small_app.test_request_context(headers=HTML):
        page = on_failure(RuntimeError("x"))
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.get_data(as_text=True)


def test_handlers_answer_outside_of_a_view_too(small_app: Flask) -> None:
    with small_app.test_request_context(headers=JSON):
        assert on_validation_error(ValidationError("x")).status_code == 422
        assert on_domain_error(DomainError()).status_code == 409
