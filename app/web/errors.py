"""The one place where a refusal becomes an answer: problem+json (RFC 9457) for programs, a helpful page for people."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from app.errors import DomainError, NotSignedIn, PasswordChangeRequired, StepUpRequired
from app.forms import flatten
from app.i18n import language, told
from app.time import wire
from app.web.refusals import OF_STATUS, REFUSALS, Refusal, spell

log = structlog.get_logger(__name__)
# Facts that an answer to a program carries as they are: a signed refusal, where an upload stands, what is missing.
FOR_PROGRAMS = frozenset({"refusal", "received", "missing", "fault", "most_won"})


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, on_domain_error)
    app.register_error_handler(ValidationError, on_validation_error)
    app.register_error_handler(DataError, on_data_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(InternalServerError, on_failure)


def wants_json() -> bool:
    """Whether a program asks: an /api address, a JSON body, or JSON preferred over HTML."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    wanted = [kind for kind, _quality in request.accept_mimetypes if kind != "*/*"]
    return bool(wanted) and wanted[0] in ("application/json", "application/problem+json")


def on_domain_error(error: DomainError) -> AnyResponse:
    log.info("refused", code=error.code, reason=str(error))
    if not wants_json() and (place := _way_on(error)):
        return redirect(place)
    findings = error.facts.get("findings")
    return answer(error.code, error.status, facts=error.facts, findings=findings if isinstance(findings, list) else ())


def _way_on(error: DomainError) -> str | None:
    """Where a person is sent instead of being refused, with the way back."""
    target = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else _same_site_referrer()
    if isinstance(error, NotSignedIn):
        return "/sign-in?" + urlencode({"next": target})
    if isinstance(error, StepUpRequired):
        return "/step-up?" + urlencode({"next": target})
    if isinstance(error, PasswordChangeRequired):
        return "/password?" + urlencode({"next": target})
    return None


def _same_site_referrer() -> str:
    """The page that the form was on, as a path; the address posted to where the browser did not say."""
    host, referrer = request.host_url, request.referrer or ""
    return "/" + referrer.removeprefix(host) if referrer.startswith(host) else request.path


def on_validation_error(error: ValidationError) -> AnyResponse:
    return answer("invalid-input", 422, errors=flatten(error.messages))


def on_data_error(error: DataError) -> AnyResponse:
    """A value that no column holds (a NUL in a text, a number beyond 64 bits): what was sent is at fault."""
    log.warning("refused", code="invalid-input", reason=repr(error.orig))
    return answer("invalid-input", 422)


def on_csrf_error(error: CSRFError) -> AnyResponse:
    log.info("refused", code="form-expired", reason=error.description)
    return answer("form-expired", 400)


def on_http_error(error: HTTPException) -> Any:
    """Werkzeug's own refusals. Redirects and ready-made responses pass through."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error.get_response()
    if error.code >= 500 and error.code != 503:
        return on_failure(error)
    response = answer(OF_STATUS.get(error.code, "bad-request"), error.code)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def answer(
    code: str,
    status: int,
    *,
    facts: Mapping[str, Any] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    findings: Any = (),
) -> Response:
    """The response for a refusal. `errors` are messages by field; `findings` what a rule found."""
    title, meaning, step = REFUSALS.get(code, REFUSALS["refused"]).filled(facts or {})
    by_field = {name: [told(message) for message in messages] for name, messages in (errors or {}).items()}
    if wants_json():
        problem: dict[str, Any] = {"type": f"urn:naru:problem:{code}", "title": title, "status": status}
        problem |= {"detail": f"{meaning} {step}", "code": code, "instance": request.path, "request_id": request_id()}
        if by_field:
            problem["errors"] = by_field
        if findings:
            problem["findings"] = [str(finding) for finding in findings]
        # Programs need not read instants, or what is in FOR_PROGRAMS, out of a sentence.
        problem |= {name: wire(fact) for name, fact in (facts or {}).items() if isinstance(fact, datetime)}
        problem |= {name: fact for name, fact in (facts or {}).items() if name in FOR_PROGRAMS}
        response = jsonify(problem)
        response.mimetype = "application/problem+json"
    else:
        page = render_template(
            "errors/refusal.html", code=code, title=title, meaning=meaning, step=step,
            errors=by_field, findings=findings, reason=_reason(facts or {}),
        )  # fmt: skip
        response = Response(page, mimetype="text/html")
    response.status_code = status
    return response


def _reason(facts: Mapping[str, Any]) -> str | None:
    """What the error itself says to the person, where whoever raised it gave a `reason`."""
    return spell(facts["reason"]) if facts.get("reason") else None


def request_id() -> str:
    """The number by which this request is found in the log."""
    given = g.get("request_id") or structlog.contextvars.get_contextvars().get("request_id")
    if not given:
        given = g.request_id = uuid.uuid4().hex[:16]
    return str(given)


def on_failure(error: Exception) -> Response:
    """An error that nobody foresaw. Nothing here needs the database, the session or the menu."""
    original = getattr(error, "original_exception", None) or error
    log.error("request.failed", request_id=request_id(), path=request.path, error=repr(original))
    try:
        words = REFUSALS["failed"].filled({})
        lang, number_label, home = language(), _("Number of this error"), _("Front page")
    except Exception:  # noqa: BLE001 - even the catalogues may be what failed
        words, lang, number_label, home = _plain(REFUSALS["failed"]), "en", "Number of this error", "Front page"
    title, meaning, step = words
    if wants_json():
        told_to = {"type": "urn:naru:problem:failed", "title": title, "status": 500, "detail": f"{meaning} {step}"}
        response = jsonify(told_to | {"code": "failed", "request_id": request_id()})
        response.mimetype = "application/problem+json"
    else:
        labels = {"lang": lang, "number_label": number_label, "home": home, "number": request_id()}
        page = render_failure(title, meaning, step, **labels)
        response = Response(page, mimetype="text/html")
    response.status_code = 500
    return response


def _plain(refusal: Refusal) -> tuple[str, str, str]:
    """The English sentences, read without a catalogue."""
    return tuple(str(part._args[0]) for part in (refusal.title, refusal.meaning, refusal.next))  # type: ignore[return-value]


def render_failure(title: str, meaning: str, step: str, **facts: str) -> str:
    """The 500 page: a template of its own that extends nothing and asks nobody."""
    from flask import current_app

    template = current_app.jinja_env.get_template("errors/failure.html")
    return template.render(title=title, meaning=meaning, step=step, **facts)


__all__ = ["answer", "init_app", "on_domain_error", "on_failure", "request_id", "wants_json"]
