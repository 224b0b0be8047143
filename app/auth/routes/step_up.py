"""The password again, before an act that binds; what was typed on the page before is carried through.

When a guarded POST comes too late after the last password, its answer is this page with the form's values inside it.
After the password they are shown as one button that sends them where they were going: no script, nothing lost but
chosen files.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from app import time
from app.auth import current_actor, loading, people, sessions, signing_in
from app.auth.guard import signed_in
from app.auth.routes import blueprint
from app.auth.routes.places import is_served, local_path, origin
from app.auth.routes.signing import AFTER, wait_message
from app.auth.schemas import WRONG_PASSWORD, StepUpIn
from app.db import transaction
from app.errors import StepUpRequired
from app.forms import Form

PREFIX = "carried."  # before the name of every value of the form that is waiting
MOST_CARRIED = 500
Values = list[tuple[str, str]]


@blueprint.route("/step-up", methods=["GET", "POST"])
@signed_in
def step_up() -> Any:
    form = Form(StepUpIn(), {"next": request.args.get("next", "")})
    carried = [(key.removeprefix(PREFIX), value) for key, value in _all(request.form) if key.startswith(PREFIX)]
    action = request.form.get("action", "")
    if request.method == "GET" or (typed := form.load(request.form)) is None:
        return _page(form, action, carried, 200 if request.method == "GET" else 422)
    actor = current_actor()
    assert actor.person_id is not None and actor.session_id is not None  # noqa: PT018 - @signed_in says both
    with transaction():
        now = time.now()
        person = people.get_person(actor.person_id)
        attempt = signing_in.confirm_password(person, typed["password"], origin(), now)
        if attempt.person is not None:
            token = sessions.step_up(actor.session_id, now)
            signing_in.note_stepped_up(person, actor, origin(), now)
            loading.carry(token, now)
    if attempt.person is None:
        form.add_error("password", wait_message(attempt.wait_seconds) if attempt.wait_seconds else str(WRONG_PASSWORD))
        return _page(form, action, carried, 429 if attempt.wait_seconds else 422)
    back = local_path(typed["next"], AFTER)
    if carried and action.startswith("/") and not action.startswith("//") and is_served(action, "POST"):
        return render_template("auth/go_on.html", action=action, carried=carried, back=back)
    return redirect(back, 303)


def ask_again(error: StepUpRequired) -> Response:
    """The answer to a StepUpRequired: this page with the refused form inside; problem+json for programs."""
    from app.web.errors import on_domain_error, wants_json

    has_files = any(file.filename for file in request.files.values())  # a browser cannot be given them back
    if wants_json() or request.method in ("GET", "HEAD") or has_files:
        return on_domain_error(error)
    waiting = [(key, value) for key, value in _all(request.form) if key != "csrf_token"]
    if not waiting:  # a form of one button: the button alone must be enough to send it again
        waiting = [("confirmed", "1")]
    referrer = (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    form = Form(StepUpIn(), {"next": local_path(referrer, AFTER)})
    return _page(form, request.path, waiting[:MOST_CARRIED], error.status)


def _page(form: Form, action: str, carried: Values, status: int) -> Response:
    form.values["password"] = ""
    page = render_template("auth/step_up.html", form=form, action=action, carried=carried, prefix=PREFIX)
    return current_app.make_response((page, status))


def _all(values: Any) -> Values:
    return list(values.items(multi=True))
