"""Sign in, sign out, forgotten password."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import formats, time
from app.auth import current_actor, loading, passwords, people, recovery, sessions, signing_in, throttle
from app.auth.guard import public
from app.auth.routes import blueprint
from app.auth.routes.places import local_path, origin, remember_device
from app.auth.schemas import WEAKNESSES, ForgottenIn, ResetIn, SignInIn
from app.db import transaction
from app.errors import InvalidInput
from app.forms import Form
from app.i18n import language

AFTER = "/desk"


def wait_message(seconds: int) -> str:
    pause = formats.duration(seconds, language())
    message: str = _("Too many tries. Wait %(time)s, then try again. Nothing is locked for good.", time=pause)
    return message


def refuse_weak(form: Form, error: InvalidInput) -> None:
    """Put a refusal of the services beside the field it is about."""
    weakness = passwords.Weakness(error.facts["reason"])
    form.add_error("password", str(WEAKNESSES[weakness]))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    form = Form(SignInIn(), {"next": request.args.get("next", "")})
    if request.method == "GET" or (typed := form.load(request.form)) is None:
        if request.method == "GET" and current_actor().is_signed_in:
            return redirect(local_path(request.args.get("next"), AFTER), 303)
        return _sign_in_page(form, 200 if request.method == "GET" else 422)
    with transaction():
        now = time.now()
        attempt = signing_in.sign_in(typed["email"], typed["password"], origin(), now)
        if attempt.person is not None:
            _end_present_session()
            loading.start(attempt.person, now)
    form.values["password"] = ""
    if attempt.wait_seconds:
        form.add_error("", wait_message(attempt.wait_seconds))
        response = _sign_in_page(form, 429)
        response.headers["Retry-After"] = str(attempt.wait_seconds)
        return response
    if attempt.person is None:
        form.add_error("", _("E-mail address and password do not match. Check both; capitals matter in the password."))
        return _sign_in_page(form, 422)
    answer = redirect(local_path(typed["next"], AFTER), 303)
    remember_device(answer, attempt.person)
    return answer


def _end_present_session() -> None:
    """Signing in anew ends the session that this browser had."""
    actor = current_actor()
    if actor.session_id is not None and actor.person_id is not None:
        sessions.revoke(actor.session_id, actor.person_id, time.now())


def _sign_in_page(form: Form, status: int) -> Response:
    return current_app.make_response((render_template("auth/sign_in.html", form=form), status))


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """Public, because signing out twice, or after the session ended, is no error."""
    actor = current_actor()
    if actor.session_id is not None and actor.person_id is not None:
        with transaction():
            now = time.now()
            if sessions.revoke(actor.session_id, actor.person_id, now):
                signing_in.note_signed_out(actor, now)
    loading.drop()
    flash(_("You have signed out."), "success")
    return redirect("/", 303)


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> Any:
    form = Form(ForgottenIn())
    if request.method == "GET" or (typed := form.load(request.form)) is None:
        return render_template("auth/forgotten.html", form=form), 200 if request.method == "GET" else 422
    with transaction():
        now = time.now()
        secret = current_app.config["SECRET_KEY"]
        doors = (throttle.mail_door(typed["email"], secret), origin().address_door())
        wait = next((seconds for door in doors if (seconds := throttle.admit(door, now))), 0)
        if not wait:
            recovery.ask_for_code(typed["email"], now)
    if wait:
        form.add_error("", wait_message(wait))
        return render_template("auth/forgotten.html", form=form), 429
    flash(_("If this address has an account, a code is on its way to it. It is good for 30 minutes."), "info")
    return redirect(url_for("auth.reset", email=typed["email"]), 303)


@blueprint.route("/password/reset", methods=["GET", "POST"])
@public
def reset() -> Any:
    form = Form(ResetIn(), {"email": request.args.get("email", "")})
    if request.method == "GET" or (typed := form.load(request.form)) is None:
        return _reset_page(form, 200 if request.method == "GET" else 422)
    wait, person = 0, None
    try:
        people.must_be_strong(typed["password"], typed["email"], "")
        with transaction():
            now = time.now()
            doors = (origin().account_door(typed["email"], None), origin().address_door())
            wait = next((seconds for door in doors if (seconds := throttle.admit(door, now))), 0)
            if not wait:
                codes = (typed["code"], typed["recovery"])
                person = recovery.reset_password(typed["email"], *codes, typed["password"], now)
            if person is not None:
                throttle.forgive(doors[0])
    except InvalidInput as error:
        refuse_weak(form, error)
        return _reset_page(form, 422)
    if person is None:
        wrong = _("The codes do not fit this address, or are used up or too old. Check them, or ask for a new code.")
        form.add_error("", wait_message(wait) if wait else wrong)
        return _reset_page(form, 429 if wait else 422)
    flash(_("Your new password is set. You have been signed out everywhere; sign in with it now."), "success")
    return redirect(url_for("auth.sign_in"), 303)


def _reset_page(form: Form, status: int) -> Response:
    form.values |= {"password": "", "again": ""}
    return current_app.make_response((render_template("auth/reset.html", form=form), status))
