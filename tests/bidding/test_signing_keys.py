"""A bidder's signing key: enrolled with proof that its holder has it, in the log, revocable, nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import audit, time
from app.auth import Actor, Role
from app.auth.models import Person
from app.db import db, transaction
from app.errors import AlreadyDone, BadSignature, Forbidden, InvalidInput, NotFound
from app.ids import new_id
from app.tlog.canon import b64u, parse
from bidding.models import SigningKey
from bidding.services.signing_keys import (
    LIVE_KEYS_A_PERSON,
    Enrolment,
    enrol_key,
    enrolment_bytes,
    find_live_key,
    list_keys,
    list_live_keys,
    revoke_key,
)
from suppliers.models import Supplier
from tests.builders import actor_of, make_person
from tests.suppliers.building import NOON, make_supplier

WORD = "a fresh word"
SignIn = Callable[..., Any]


@pytest.fixture
def supplier(app: Flask) -> Supplier:
    return make_supplier(people=2)


def number_of(supplier: Supplier) -> str:
    return str(supplier.business_number)


def people_of(supplier: Supplier) -> list[Person]:
    mine = select(Person).where(Person.organisation_id == supplier.organisation_id)
    return list(db.session.scalars(mine.order_by(Person.email)))


def bidder_of(supplier: Supplier, number: int = 0) -> Actor:
    return actor_of(people_of(supplier)[number])


def enrolment(
    key: Ed25519PrivateKey, supplier: str, *, kid: UUID | None = None, word: str = WORD, label: str = "Work laptop"
) -> Enrolment:
    kid, public = kid or new_id(), b64u(key.public_key().public_bytes_raw())
    return Enrolment(kid, public, label, b64u(key.sign(enrolment_bytes(kid, public, word, supplier))))


def enrolled(supplier: Supplier, number: int = 0) -> SigningKey:
    with transaction():
        asked = enrolment(Ed25519PrivateKey.generate(), number_of(supplier))
        return enrol_key(asked, WORD, number_of(supplier), bidder_of(supplier, number), NOON)


def bodies(kind: str) -> list[dict[str, Any]]:
    found = db.session.scalars(select(audit.Event).where(audit.Event.type == kind).order_by(audit.Event.at))
    return [parse(event.body) for event in found]


def test_an_enrolled_key_is_live_and_stands_in_the_open_log_without_its_person(supplier: Supplier) -> None:
    key = enrolled(supplier)
    person = people_of(supplier)[0]
    assert find_live_key(key.kid, person.id) == key
    [body] = bodies("supplier.key_added")
    assert body["kid"] == key.kid
    assert body["public"] == b64u(key.public)
    assert body["supplier"] == number_of(supplier)
    [event] = db.session.scalars(select(audit.Event).where(audit.Event.type == "supplier.key_added"))
    assert event.is_open
    for personal in (person.name, person.email, key.label, str(person.id)):
        assert personal not in event.body.decode()


@pytest.mark.parametrize("spoilt", ["challenge", "supplier", "kid", "public", "signature"])
def test_a_key_that_its_holder_did_not_prove_is_refused(supplier: Supplier, spoilt: str) -> None:
    asked = enrolment(Ed25519PrivateKey.generate(), number_of(supplier))
    other = enrolment(Ed25519PrivateKey.generate(), number_of(supplier))
    kid = other.kid if spoilt == "kid" else asked.kid
    public = other.public if spoilt == "public" else asked.public
    signature = other.signature if spoilt == "signature" else asked.signature
    changed = Enrolment(kid, public, asked.label, signature)
    word = "another word" if spoilt == "challenge" else WORD
    number = "1248100998" if spoilt == "supplier" else number_of(supplier)
    with pytest.raises(BadSignature), transaction():
        enrol_key(changed, word, number, bidder_of(supplier), NOON)
    assert db.session.scalar(select(SigningKey)) is None
    assert bodies("supplier.key_added") == []


def test_what_is_no_key_is_refused_by_name(supplier: Supplier) -> None:
    for public in ("AA", "!" * 43, "A" * 42):
        with pytest.raises(InvalidInput), transaction():
            enrol_key(Enrolment(new_id(), public, "x", "A" * 86), WORD, number_of(supplier), bidder_of(supplier), NOON)


@pytest.mark.parametrize(
    ("label", "is_taken"), [("", False), ("   ", False), ("x", True), ("x" * 80, True), ("x" * 81, False)]
)
def test_a_key_has_a_name_of_1_to_80_characters(supplier: Supplier, label: str, is_taken: bool) -> None:
    asked = enrolment(Ed25519PrivateKey.generate(), number_of(supplier), label=label)
    if is_taken:
        with transaction():
            assert enrol_key(asked, WORD, number_of(supplier), bidder_of(supplier), NOON).label == label
    else:
        with pytest.raises(InvalidInput), transaction():
            enrol_key(asked, WORD, number_of(supplier), bidder_of(supplier), NOON)


def test_asking_again_after_a_lost_answer_changes_nothing(supplier: Supplier) -> None:
    asked = enrolment(Ed25519PrivateKey.generate(), number_of(supplier))
    for later in range(2):
        with transaction():
            enrol_key(asked, WORD, number_of(supplier), bidder_of(supplier), NOON + timedelta(minutes=later))
    assert len(list_live_keys(people_of(supplier)[0].id)) == 1
    assert len(bodies("supplier.key_added")) == 1


def test_one_key_has_one_holder_and_one_name(supplier: Supplier) -> None:
    pair, kid = Ed25519PrivateKey.generate(), new_id()
    with transaction():
        enrol_key(enrolment(pair, number_of(supplier), kid=kid), WORD, number_of(supplier), bidder_of(supplier), NOON)
    same_key = enrolment(pair, number_of(supplier))
    same_kid = enrolment(Ed25519PrivateKey.generate(), number_of(supplier), kid=kid)
    colleagues = enrolment(pair, number_of(supplier), kid=kid)
    for asked, person in ((same_key, 0), (same_kid, 0), (colleagues, 1)):
        with pytest.raises(AlreadyDone), transaction():
            enrol_key(asked, WORD, number_of(supplier), bidder_of(supplier, person), NOON)


def test_a_person_has_at_most_ten_live_keys(supplier: Supplier) -> None:
    keys = [enrolled(supplier) for _ in range(LIVE_KEYS_A_PERSON)]
    with pytest.raises(InvalidInput):
        enrolled(supplier)
    enrolled(supplier, number=1)  # a colleague's do not count
    with transaction():
        revoke_key(keys[0].id, number_of(supplier), bidder_of(supplier), lambda: NOON)
    enrolled(supplier)


def test_nobody_but_a_bidder_enrols_a_key(supplier: Supplier) -> None:
    officer = actor_of(make_person([Role.OFFICER]))
    with pytest.raises(Forbidden), transaction():
        enrol_key(enrolment(Ed25519PrivateKey.generate(), "1"), WORD, "1", officer, NOON)


def test_a_revoked_key_signs_no_more_but_stays_known(supplier: Supplier) -> None:
    key = enrolled(supplier)
    later = NOON + timedelta(hours=1)
    for _ in range(2):  # twice is once
        with transaction():
            revoke_key(key.id, number_of(supplier), bidder_of(supplier), lambda: later)
    person = people_of(supplier)[0]
    assert supplier.organisation_id is not None
    assert find_live_key(key.kid, person.id) is None
    assert list_live_keys(person.id) == []
    assert [(one.id, one.revoked_at, name) for one, name in list_keys(supplier.organisation_id)] == [
        (key.id, later, person.name)
    ]
    [body] = bodies("supplier.key_revoked")
    assert (body["kid"], body["supplier"]) == (key.kid, number_of(supplier))


def test_a_colleagues_key_is_revoked_by_the_administrator_only(app: Flask) -> None:
    plain = make_supplier(people=2, roles=(Role.SUPPLIER_BIDDER,))
    key = enrolled(plain, number=0)
    with pytest.raises(Forbidden), transaction():
        revoke_key(key.id, number_of(plain), bidder_of(plain, 1), lambda: NOON)
    admin = make_person([Role.SUPPLIER_ADMIN], organisation=people_of(plain)[0].organisation)
    with transaction():
        revoke_key(key.id, number_of(plain), actor_of(admin), lambda: NOON)
    assert key.revoked_at is not None


def test_another_companys_key_does_not_exist_for_us(supplier: Supplier) -> None:
    key = enrolled(supplier)
    stranger = make_supplier()
    with pytest.raises(NotFound), transaction():
        revoke_key(key.id, number_of(stranger), bidder_of(stranger), lambda: NOON)
    assert find_live_key(key.kid, people_of(stranger)[0].id) is None


@pytest.mark.parametrize("kid", ["", "x", "{kid}", "0198C0DE-0000-7000-8000-000000000001"])
def test_a_kid_has_one_spelling(supplier: Supplier, kid: str) -> None:
    key = enrolled(supplier)
    assert find_live_key(kid.replace("kid", key.kid), key.person_id) is None
    assert find_live_key(key.kid.upper(), key.person_id) is None


# ---- over the web


def challenge(client: FlaskClient) -> dict[str, str]:
    answer = client.post("/api/my/signing-keys/challenge", json={})
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})


def body_for(asked: dict[str, str], pair: Ed25519PrivateKey | None = None) -> dict[str, str]:
    made = enrolment(
        pair or Ed25519PrivateKey.generate(), asked["supplier"], kid=UUID(asked["kid"]), word=asked["challenge"]
    )
    return {
        "kid": asked["kid"],
        "challenge": asked["challenge"],
        "public": made.public,
        "label": made.label,
        "signature": made.signature,
    }


@pytest.fixture
def signed_in(client: FlaskClient, supplier: Supplier, sign_in: SignIn) -> FlaskClient:
    sign_in(client, people_of(supplier)[0])
    return client


def test_a_browser_enrols_lists_and_sees_its_key(signed_in: FlaskClient) -> None:
    asked = challenge(signed_in)
    answer = signed_in.post("/api/my/signing-keys", json=body_for(asked))
    assert answer.status_code == 201
    listed = signed_in.get("/api/my/signing-keys").json
    assert listed is not None
    assert [key["kid"] for key in listed["keys"]] == [asked["kid"]]
    assert "Work laptop" in signed_in.get("/my/signing-keys").text


def test_a_challenge_is_for_one_person_and_one_key(
    app: Flask, signed_in: FlaskClient, supplier: Supplier, sign_in: SignIn
) -> None:
    asked = challenge(signed_in)
    moved = body_for(asked | {"kid": str(new_id())})
    assert signed_in.post("/api/my/signing-keys", json=moved).status_code == 403
    colleague = app.test_client()
    sign_in(colleague, people_of(supplier)[1])
    assert colleague.post("/api/my/signing-keys", json=body_for(asked)).status_code == 403
    forged = body_for(asked | {"challenge": asked["challenge"][:-2] + "xx"})
    assert signed_in.post("/api/my/signing-keys", json=forged).status_code == 422


@pytest.mark.parametrize(
    "change", [{"extra": "1"}, {"public": "A"}, {"kid": "x"}, {"label": None}, {"signature": "A" * 87}]
)
def test_an_enrolment_of_another_shape_is_refused(signed_in: FlaskClient, change: dict[str, Any]) -> None:
    answer = signed_in.post("/api/my/signing-keys", json=body_for(challenge(signed_in)) | change)
    assert answer.status_code == 422
    assert (answer.json or {})["code"] == "invalid-input"


def test_a_key_is_enrolled_only_with_the_password_entered_just_now(
    client: FlaskClient, supplier: Supplier, sign_in: SignIn
) -> None:
    sign_in(client, people_of(supplier)[0], now=time.now() - timedelta(minutes=6))
    for path in ("/api/my/signing-keys/challenge", "/api/my/signing-keys"):
        answer = client.post(path, json={})
        assert (answer.status_code, (answer.json or {})["code"]) == (403, "step-up-required")


def test_the_page_revokes_a_key(signed_in: FlaskClient) -> None:
    asked = challenge(signed_in)
    signed_in.post("/api/my/signing-keys", json=body_for(asked))
    answer = signed_in.post(f"/my/signing-keys/{asked['kid']}/revoke")
    assert answer.status_code == 303
    assert (signed_in.get("/api/my/signing-keys").json or {}) == {"keys": []}


def test_keys_are_no_page_for_officers(client: FlaskClient, app: Flask, sign_in: SignIn) -> None:
    sign_in(client, make_person([Role.OFFICER]))
    assert client.get("/my/signing-keys").status_code == 403
    assert client.get("/api/my/signing-keys").status_code == 403
