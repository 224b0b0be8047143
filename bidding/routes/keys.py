"""Signing keys over the web: one page for people, JSON for the browser that makes a key or a passkey."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature as BadToken
from itsdangerous import URLSafeTimedSerializer

from app.auth import current_actor, requires
from app.db import database_now, transaction
from app.errors import Forbidden, InvalidInput, NotFound
from app.ids import new_id
from app.time import wire
from app.tlog.canon import b64u
from bidding.bid_texts import keys_texts
from bidding.key_schemas import EnrolmentIn, PasskeyIn
from bidding.models.signing_key import SigningKey
from bidding.routes import blueprint
from bidding.services.passkeys import Site, registration_challenge, registration_options
from bidding.services.signing_keys import (
    enrol_key,
    enrol_passkey,
    last_uses,
    list_keys,
    list_live_keys,
    revoke_key,
)
from suppliers.front import get_summary

CHALLENGE_SECONDS = 300
OFFLINE_SECONDS = 24 * 3600  # a challenge that is carried to another machine and back


@blueprint.get("/my/signing-keys")
@requires("bid:submit")
def signing_keys() -> ResponseReturnValue:
    actor = current_actor()
    assert actor.organisation_id is not None
    page = {
        "person": str(actor.person_id),
        "site": shown_site(),
        "urls": {
            "keys": url_for("bidding.api_signing_keys"),
            "step_up": "/step-up?" + urlencode({"next": url_for("bidding.signing_keys", enrol=1)}),
            "step_up_plain": "/step-up?" + urlencode({"next": url_for("bidding.signing_keys")}),
        },
        "texts": keys_texts(),
    }
    return render_template(
        "bidding/signing_keys.html",
        keys=list_keys(actor.organisation_id),
        used=last_uses(actor.organisation_id),
        me=actor.person_id,
        page=page,
    )


@blueprint.post("/my/signing-keys/<uuid:kid>/revoke")
@requires("bid:submit")
def revoke_signing_key(kid: UUID) -> ResponseReturnValue:
    with transaction():
        key = revoke_key(kid, _supplier(), current_actor())
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
    """A name for a new key and a fresh word that it has to sign, good for five minutes and for this person only.

    With `offline` true the word is good for a day: it is carried to a machine without a network, and answered there.
    `passkey` is what to ask the browser for when the key is to be a passkey; null where this site can have none.
    """
    kid = new_id()
    is_offline = (request.get_json(silent=True) or {}).get("offline") is True
    word = _tokens().dumps({"kid": str(kid), "person": str(current_actor().person_id), "offline": is_offline})
    supplier = _supplier()
    return {"kid": str(kid), "challenge": word, "supplier": supplier, "passkey": _passkey_options(kid, word, supplier)}


@blueprint.post("/api/my/signing-keys")
@requires("bid:submit", step_up=True)
def api_enrol_signing_key() -> ResponseReturnValue:
    challenge, enrolment = EnrolmentIn().load(request.get_json())
    _check_challenge(challenge, enrolment.kid)
    with transaction():
        key = enrol_key(enrolment, challenge, _supplier(), current_actor(), database_now())
        shown = _shown(key)
    return shown, 201


@blueprint.post("/api/my/signing-keys/passkeys")
@requires("bid:submit", step_up=True)
def api_enrol_passkey() -> ResponseReturnValue:
    """Registration and first signature of a passkey, as `navigator.credentials` gave them."""
    challenge, enrolment = PasskeyIn().load(request.get_json())
    _check_challenge(challenge, enrolment.kid)
    site = our_site()
    if site is None:
        raise NotFound("this site has no name that a passkey could belong to")
    with transaction():
        key = enrol_passkey(enrolment, challenge, _supplier(), site, current_actor(), database_now())
        shown = _shown(key)
    return shown, 201


def _passkey_options(kid: UUID, word: str, supplier: str) -> dict[str, Any] | None:
    site, actor = our_site(), current_actor()
    assert actor.person_id is not None
    if site is None:
        return None
    mine = [key.credential_id for key in list_live_keys(actor.person_id) if key.credential_id is not None]
    challenge = registration_challenge(kid, word, supplier)
    name = f"{actor.name} · {supplier}"
    return registration_options(site, person_id=actor.person_id, name=name, challenge=challenge, enrolled=mine)


def our_site() -> Site | None:
    """The host and origin that people use, or None where the address is a bare number: passkeys belong to names."""
    parts = urlsplit(current_app.config["NARU_BASE_URL"])
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        default = {"https": 443, "http": 80}.get(parts.scheme)
        port = f":{parts.port}" if parts.port not in (None, default) else ""
        return Site(host, (f"{parts.scheme}://{host}{port}",))
    return None


def shown_site() -> dict[str, Any] | None:
    """For the pages' scripts."""
    site = our_site()
    return {"rp_id": site.rp_id, "origins": site.origins} if site else None


def _tokens() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="bidding.signing-key")


def _check_challenge(word: str, kid: UUID) -> None:
    try:
        asked = _tokens().loads(word, max_age=OFFLINE_SECONDS)
        if not asked["offline"]:
            _tokens().loads(word, max_age=CHALLENGE_SECONDS)
    except BadToken as error:
        raise InvalidInput("the challenge is not ours or too old", field="challenge") from error
    if (asked["kid"], asked["person"]) != (str(kid), str(current_actor().person_id)):
        raise Forbidden("a challenge made for someone else")


def _supplier() -> str:
    """Business registration number of the caller's organisation."""
    organisation = current_actor().organisation_id
    assert organisation is not None  # only a supplier's roles hold bid:submit
    return get_summary(organisation).business_number


def _shown(key: SigningKey) -> dict[str, Any]:
    shown = {"kid": key.kid, "alg": key.alg, "label": key.label, "enrolled_at": wire(key.enrolled_at)}
    return shown | ({"credential": b64u(key.credential_id)} if key.credential_id is not None else {})
