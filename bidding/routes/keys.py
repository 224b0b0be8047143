"""Signing keys over the web: one page for people, JSON for the browser that makes a key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature as BadToken
from itsdangerous import URLSafeTimedSerializer

from app.auth import current_actor, requires
from app.db import transaction
from app.errors import Forbidden, InvalidInput
from app.ids import new_id
from app.time import now, wire
from bidding.bid_texts import keys_texts
from bidding.key_schemas import EnrolmentIn
from bidding.models.signing_key import SigningKey
from bidding.routes import blueprint
from bidding.services.signing_keys import enrol_key, list_keys, list_live_keys, revoke_key
from suppliers.front import get_summary

CHALLENGE_SECONDS = 300


@blueprint.get("/my/signing-keys")
@requires("bid:submit")
def signing_keys() -> ResponseReturnValue:
    actor = current_actor()
    assert actor.organisation_id is not None
    page = {
        "person": str(actor.person_id),
        "urls": {
            "keys": url_for("bidding.api_signing_keys"),
            "step_up": "/step-up?" + urlencode({"next": url_for("bidding.signing_keys", enrol=1)}),
        },
        "texts": keys_texts(),
    }
    keys = list_keys(actor.organisation_id)
    return render_template("bidding/signing_keys.html", keys=keys, me=actor.person_id, page=page)


@blueprint.post("/my/signing-keys/<uuid:kid>/revoke")
@requires("bid:submit")
def revoke_signing_key(kid: UUID) -> ResponseReturnValue:
    with transaction():
        key = revoke_key(kid, _supplier(), current_actor(), now())
        label = key.label
    flash(_("The signing key “%(label)s” no longer signs bids.", label=label), "success")
    return redirect(url_for("bidding.signing_keys"), 303)


@blueprint.get("/api/my/signing-keys")
@requires("bid:submit")
def api_signing_keys() -> ResponseReturnValue:
    """The caller's own live keys, newest first."""
    person = current_actor().person_id
    assert person is not None
    return {"keys": [_shown(key) for key in list_live_keys(person)]}


@blueprint.post("/api/my/signing-keys/challenge")
@requires("bid:submit", step_up=True)
def api_signing_key_challenge() -> ResponseReturnValue:
    """A name for a new key and a fresh word that it has to sign, good for five minutes and for this person only."""
    kid = str(new_id())
    word = _tokens().dumps({"kid": kid, "person": str(current_actor().person_id)})
    return {"kid": kid, "challenge": word, "supplier": _supplier()}


@blueprint.post("/api/my/signing-keys")
@requires("bid:submit", step_up=True)
def api_enrol_signing_key() -> ResponseReturnValue:
    challenge, enrolment = EnrolmentIn().load(request.get_json())
    _check_challenge(challenge, enrolment.kid)
    with transaction():
        key = enrol_key(enrolment, challenge, _supplier(), current_actor(), now())
        shown = _shown(key)
    return shown, 201


def _tokens() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="bidding.signing-key")


def _check_challenge(word: str, kid: UUID) -> None:
    try:
        asked = _tokens().loads(word, max_age=CHALLENGE_SECONDS)
    except BadToken as error:
        raise InvalidInput("the challenge is not ours or too old", field="challenge") from error
    if asked != {"kid": str(kid), "person": str(current_actor().person_id)}:
        raise Forbidden("a challenge made for someone else")


def _supplier() -> str:
    """Business registration number of the caller's organisation."""
    organisation = current_actor().organisation_id
    assert organisation is not None  # only a supplier's roles hold bid:submit
    return get_summary(organisation).business_number


def _shown(key: SigningKey) -> dict[str, Any]:
    return {"kid": key.kid, "alg": key.alg, "label": key.label, "enrolled_at": wire(key.enrolled_at)}
