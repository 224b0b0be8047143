"""One's own account: name, language, mail, roles, where one is signed in, recovery codes, password."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import time
from app.auth import Actor, current_actor, loading, people, recovery, sessions, signing_in
from app.auth.guard import signed_in
from app.auth.models import Person
from app.auth.routes import blueprint
from app.auth.routes.places import local_path, origin
from app.auth.routes.signing import AFTER, refuse_weak, wait_message
from app.auth.schemas import WRONG_PASSWORD, MeIn, PasswordIn
from app.db import transaction
from app.errors import InvalidInput, NotFound, StepUpRequired
from app.forms import Form
from app.i18n import COOKIE, COOKIE_SECONDS


def myself() -> tuple[Actor, Person]:
    actor = current_actor()
    if actor.person_id is None:
        raise NotFound("not signed in")
    return actor, people.get_person(actor.person_id)


def keep_language(response: Response, language: str) -> None:
    """What was chosen here holds over what this browser was told before."""
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=is_secure)


@blueprint.route("/me", methods=["GET", "POST"])
@signed_in
def me() -> Any:
    from app.notifications.sending import set_wants_mail, wants_mail

    actor, person = myself()
    form = Form(MeIn(), {"name": person.name, "locale": person.locale, "wants_mail": wants_mail(person.id)})
    if request.method == "GET" or (typed := form.load(request.form)) is None:
        page = render_template(
            "auth/me.html",
            form=form,
            person=person,
            open_sessions=sessions.list_open(person.id, time.now()),
            recovery_codes=recovery.count_recovery_codes(person.id),
        )
        return page, 200 if request.method == "GET" else 422
    with transaction():
        people.change_own_details(person, typed["name"], typed["locale"], actor, time.now())
        set_wants_mail(person.id, typed["wants_mail"])
    response = redirect(url_for("auth.me"), 303)
    keep_language(response, typed["locale"])
    flash(_("Saved."), "success")
    return response


@blueprint.post("/me/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    actor, person = myself()
    with transaction():
        people.end_sessions(person, actor, time.now(), only=session_id)
    if session_id == actor.session_id:
        loading.drop()
        return redirect(url_for("auth.sign_in"), 303)
    flash(_("That device is signed out."), "success")
    return redirect(url_for("auth.me") + "#sessions", 303)


@blueprint.post("/me/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    actor, person = myself()
    with transaction():
        people.end_sessions(person, actor, time.now(), keep=actor.session_id)
    flash(_("You are signed out on every other device."), "success")
    return redirect(url_for("auth.me") + "#sessions", 303)


@blueprint.post("/me/recovery-codes")
@signed_in
def renew_recovery_codes() -> Any:
    """Shown in the answer itself and never again, so there is nothing to redirect to."""
    actor, person = myself()
    if not actor.is_stepped_up:
        raise StepUpRequired
    with transaction():
        codes = recovery.renew_recovery_codes(person, actor, time.now())
    return render_template("auth/recovery_codes.html", codes=codes)


@blueprint.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> Any:
    actor, person = myself()
    form = Form(PasswordIn(), {"next": request.args.get("next", "")})
    if request.method == "GET" or (typed := form.load(request.form)) is None:
        return _password_page(form, person, 200 if request.method == "GET" else 422)
    try:
        with transaction():
            now = time.now()
            attempt = signing_in.confirm_password(person, typed["present"], origin(), now)
            if attempt.person is not None:
                _change(person, typed, actor)
    except InvalidInput as error:
        refuse_weak(form, error)
        return _password_page(form, person, 422)
    if attempt.person is None:
        form.add_error("present", wait_message(attempt.wait_seconds) if attempt.wait_seconds else str(WRONG_PASSWORD))
        return _password_page(form, person, 429 if attempt.wait_seconds else 422)
    flash(_("Your new password is set. Every other device has been signed out."), "success")
    return redirect(local_path(typed["next"], AFTER), 303)


def _change(person: Person, typed: dict[str, str], actor: Actor) -> None:
    now = time.now()
    assert actor.session_id is not None
    people.must_be_new(person, typed["password"])
    people.set_password(person, typed["password"], actor, now, must_change=False, keep_session=actor.session_id)
    loading.carry(sessions.step_up(actor.session_id, now), now)


def _password_page(form: Form, person: Person, status: int) -> Response:
    form.values |= {"present": "", "password": "", "again": ""}
    return current_app.make_response((render_template("auth/password.html", form=form, person=person), status))
