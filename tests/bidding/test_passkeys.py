"""A passkey is enrolled by two ceremonies that belong together, stands in the log, signs bids, and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import audit, files, time
from app.auth.models import Person
from app.auth.people import actor_for
from app.db import database_now, db, transaction
from app.errors import AlreadyDone, BadSignature, InvalidInput
from app.ids import new_id
from app.tlog.canon import b64u, jcs, parse
from bidding import webauthn
from bidding.bundle import pack, read
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, SigningKey, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.services.passkeys import Site, enrolment_challenge, registration_challenge
from bidding.services.signing_keys import (
    PasskeyEnrolment,
    enrol_passkey,
    enrolment_claim,
    last_uses,
    revoke_key,
)
from bidding.services.submission import SealedBid, submit_bid
from bidding.statement import statement_hash
from bidding.verify import verify
from tests.bidding.authenticator import AT, ORIGIN, RP_ID, UP, UV, Authenticator
from tests.bidding.conftest import Stage
from tests.bidding.second_verifier import Case, first_opinion, second_opinion
from tests.bidding.staging import an_agency, bidders, place, published

WORD = "a fresh word"
SITE = Site(RP_ID, (ORIGIN,))
SignIn = Callable[..., Any]


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


def person_of(bidder: Bidder) -> Person:
    assert bidder.actor.person_id is not None
    return db.session.get_one(Person, bidder.actor.person_id)


def asked(
    passkey: Authenticator,
    supplier: str,
    *,
    word: str = WORD,
    kid: UUID | None = None,
    label: str = "Phone",
    **wrong: Any,
) -> PasskeyEnrolment:
    """What a browser sends for `passkey`. `wrong`: `registered` and `signed` are what is wrong with either ceremony."""
    kid = kid or new_id()
    credential = passkey.register(registration_challenge(kid, word, supplier), **wrong.get("registered", {}))
    claim = enrolment_claim(kid, b64u(passkey.public), word, supplier)
    return PasskeyEnrolment(kid, credential, label, passkey.sign(enrolment_challenge(claim), **wrong.get("signed", {})))


def enrolled(passkey: Authenticator, bidder: Bidder, **more: Any) -> SigningKey:
    with transaction():
        enrolment = asked(passkey, bidder.business_number, **more)
        return enrol_passkey(enrolment, WORD, bidder.business_number, SITE, bidder.actor, database_now())


def bodies(kind: str) -> list[dict[str, Any]]:
    found = db.session.scalars(select(audit.Event).where(audit.Event.type == kind).order_by(audit.Event.at))
    return [parse(event.body) for event in found]


@pytest.mark.parametrize("cose_alg", webauthn.ALGORITHMS)
def test_an_enrolled_passkey_stands_in_the_open_log_with_all_that_verifies_it(bidder: Bidder, cose_alg: int) -> None:
    passkey = Authenticator(cose_alg)
    key = enrolled(passkey, bidder)
    assert (key.alg, key.cose_alg, key.credential_id, key.sign_count) == (
        "webauthn", cose_alg, passkey.credential_id, 1,
    )  # fmt: skip
    body = bodies("supplier.key_added")[-1]
    assert {name: body[name] for name in ("alg", "kid", "public", "cose_alg", "rp_id", "origins", "supplier")} == {
        "alg": "webauthn", "kid": key.kid, "public": b64u(passkey.public), "cose_alg": cose_alg, "rp_id": RP_ID,
        "origins": [ORIGIN], "supplier": bidder.business_number,
    }  # fmt: skip
    assert b64u(passkey.credential_id) not in str(body)  # it would tell one person's keys at several firms together


@pytest.mark.parametrize(
    "wrong",
    [
        {"registered": {"flags": UP | AT}},
        {"registered": {"flags": UV | AT}},
        {"registered": {"origin": "https://evil.example"}},
        {"signed": {"flags": UP}},
        {"signed": {"origin": "https://evil.example"}},
        {"signed": {"rp_id": "evil.example"}},
        {"signed": {"more": {"crossOrigin": True}}},
    ],
)
def test_what_is_wrong_with_either_ceremony_enrols_nothing(bidder: Bidder, wrong: Any) -> None:
    with pytest.raises(BadSignature):
        enrolled(Authenticator(), bidder, **wrong)
    assert db.session.scalar(select(SigningKey).where(SigningKey.alg == "webauthn")) is None


@pytest.mark.parametrize("spoilt", ["word", "supplier", "kid", "other-key", "bid"])
def test_the_proof_is_for_this_word_this_firm_and_this_key(bidder: Bidder, spoilt: str) -> None:
    number, passkey = bidder.business_number, Authenticator()
    good = asked(passkey, number)
    kid, assertion = good.kid, good.assertion
    word = "another word" if spoilt == "word" else WORD
    firm = "1248100998" if spoilt == "supplier" else number
    if spoilt == "kid":
        kid = new_id()
    if spoilt == "other-key":
        assertion = asked(Authenticator(), number, kid=kid).assertion
    if spoilt == "bid":  # an old signature of the same passkey for something else
        assertion = passkey.sign(bytes(32))
    with pytest.raises(BadSignature), transaction():
        enrol_passkey(
            PasskeyEnrolment(kid, good.credential, "x", assertion), word, firm, SITE, bidder.actor, time.now()
        )


def test_a_broken_registration_is_refused_by_name(bidder: Bidder) -> None:
    good = asked(Authenticator(), bidder.business_number)
    for credential in (
        {},
        {"id": "x"},
        {**good.credential, "response": {"clientDataJSON": "", "attestationObject": ""}},
    ):
        with pytest.raises(BadSignature), transaction():
            broken = PasskeyEnrolment(good.kid, credential, "x", good.assertion)
            enrol_passkey(broken, WORD, bidder.business_number, SITE, bidder.actor, time.now())


def test_one_passkey_is_enrolled_once(bidder: Bidder) -> None:
    passkey = Authenticator()
    key = enrolled(passkey, bidder)
    assert enrolled(passkey, bidder, kid=key.id).id == key.id  # the answer was lost: asked again
    with pytest.raises(AlreadyDone):
        enrolled(passkey, bidder)
    same_credential = Authenticator(credential_id=passkey.credential_id)
    with pytest.raises(IntegrityError):
        enrolled(same_credential, bidder)
    assert len([one for one in bodies("supplier.key_added") if one["alg"] == "webauthn"]) == 1
    with pytest.raises(InvalidInput):
        enrolled(Authenticator(), bidder, label=" ")


def test_the_database_keeps_whole_passkeys_and_bare_browser_keys(bidder: Bidder) -> None:
    key = enrolled(Authenticator(), bidder)
    for change in (
        "cose_alg = NULL",
        "rp_id = NULL",
        "cose_alg = -35",
        "origins = '{}'",
        "alg = 'Ed25519'",
        "alg = 'x'",
    ):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE signing_keys SET {change} WHERE id = :id"), {"id": key.id})
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text("UPDATE signing_keys SET rp_id = 'x' WHERE alg = 'Ed25519'"))


# ---- bids


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


def sealed_with(tender: Tender, bidder: Bidder, passkey: Authenticator, kid: str, **wrong: Any) -> SealedBid:
    sealed = seal(tender, bidder, 90_000_000, (1, 2), time.now())
    signed = passkey.sign(bytes.fromhex(statement_hash(sealed.statement)), **wrong)
    return SealedBid(sealed.statement, {"alg": "webauthn", "kid": kid, **signed}, sealed.envelope)


def submit(tender: Tender, sealed: SealedBid, bidder: Bidder) -> Bid:
    return submit_bid(str(tender.reference), sealed, bidder.actor, time.now()).bid


@pytest.mark.parametrize("cose_alg", webauthn.ALGORITHMS)
def test_a_bid_signed_with_a_passkey_is_taken_in(tender: Tender, bidder: Bidder, cose_alg: int) -> None:
    passkey = Authenticator(cose_alg)
    key = enrolled(passkey, bidder)
    bid = submit(tender, sealed_with(tender, bidder, passkey, key.kid), bidder)
    assert last_uses(bid.organisation_id) == {key.kid: bid.received_at}


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"flags": UP}, "user-unverified"),
        ({"flags": UV}, "user-absent"),
        ({"origin": "https://evil.example"}, "origin"),
        ({"rp_id": "evil.example"}, "rp-id"),
        ({"more": {"crossOrigin": True}}, "cross-origin"),
    ],
)
def test_a_bid_with_a_wrong_passkey_signature_is_refused(
    tender: Tender, bidder: Bidder, wrong: Any, fault: str
) -> None:
    passkey = Authenticator()
    key = enrolled(passkey, bidder)
    with pytest.raises(BadSignature) as refusal:
        submit(tender, sealed_with(tender, bidder, passkey, key.kid, **wrong), bidder)
    assert refusal.value.facts["fault"] == fault
    assert db.session.scalar(select(Bid)) is None


def test_a_signature_is_not_taken_for_another_bid_or_from_a_colleagues_firm(tender: Tender, bidder: Bidder) -> None:
    passkey = Authenticator()
    key = enrolled(passkey, bidder)
    first, second = (sealed_with(tender, bidder, passkey, key.kid) for _ in range(2))
    with pytest.raises(BadSignature):
        submit(tender, SealedBid(second.statement, first.signature, second.envelope), bidder)
    (stranger,) = bidders(1, first=2)
    with pytest.raises(BadSignature):
        submit(tender, sealed_with(tender, stranger, passkey, key.kid), stranger)


def test_a_revoked_passkey_signs_no_bid(tender: Tender, bidder: Bidder) -> None:
    passkey = Authenticator()
    key = enrolled(passkey, bidder)
    with transaction():
        revoke_key(key.id, bidder.business_number, bidder.actor)
    with pytest.raises(BadSignature):
        submit(tender, sealed_with(tender, bidder, passkey, key.kid), bidder)


def test_a_revocation_waits_for_the_bid_that_is_being_taken_in(app: Flask, bidder: Bidder) -> None:
    """Else a bid with a receipt could stand in the log behind the revocation of its key."""
    key_id, number, actor = UUID(bidder.kid), bidder.business_number, bidder.actor
    revoked: list[datetime] = []

    def revoke() -> None:
        with app.app_context(), transaction():
            key = revoke_key(key_id, number, actor)
            assert key.revoked_at is not None
            revoked.append(key.revoked_at)

    with transaction():  # as the acceptance of a bid holds it
        db.session.execute(text("SELECT 1 FROM signing_keys WHERE id = :id FOR KEY SHARE"), {"id": key_id})
        other = threading.Thread(target=revoke)
        other.start()
        other.join(0.5)
        assert other.is_alive()
        received = database_now()
    other.join(10)
    assert revoked[0] > received


def test_a_key_revoked_after_the_checks_signs_nothing(app: Flask, tender: Tender, bidder: Bidder) -> None:
    reference, sealed = str(tender.reference), seal(tender, bidder, 90_000_000, (1, 2), time.now())
    refused: list[BadSignature] = []

    def bid() -> None:
        with app.app_context(), pytest.raises(BadSignature) as refusal:
            submit_bid(reference, sealed, bidder.actor, time.now())
        refused.append(refusal.value)

    with transaction():
        revoke_key(UUID(bidder.kid), bidder.business_number, bidder.actor)
        other = threading.Thread(target=bid)  # it sees a live key, and waits for this transaction at the barrier
        other.start()
        other.join(1)
        assert other.is_alive()
    other.join(10)
    assert "just been revoked" in str(refused[0])
    assert db.session.scalar(select(Bid)) is None


def test_the_bundle_verifies_offline_also_after_the_passkey_is_revoked(stage: Stage) -> None:
    tender = published(an_agency(), stage.keyholder)
    mine = bidders(2)
    passkeys = [Authenticator(-7), Authenticator(-257)]
    kids = [enrolled(passkey, bidder).id for passkey, bidder in zip(passkeys, mine, strict=True)]
    for bidder, passkey, kid in zip(mine, passkeys, kids, strict=True):
        submit(tender, sealed_with(tender, bidder, passkey, str(kid)), bidder)
    stage.close(tender)
    stage.open(tender)
    with transaction():
        revoke_key(kids[0], mine[0].business_number, mine[0].actor)
    stage.work()
    data = bundle_of(tender)
    report = {check.code: check for check in verify(data)}
    assert report["V10"].result.name == "PASS", report["V10"]
    assert all(check.result.name != "FAIL" for check in report.values())
    [second] = second_opinion([Case(data)])  # written from the protocol's text alone, in another language
    assert second.verdict is None, second.why(str(second.verdict))
    assert second.results["V10"] == "PASS"


def test_both_verifiers_refuse_a_passkey_bid_that_was_tampered_with(stage: Stage) -> None:
    tender = published(an_agency(), stage.keyholder)
    (bidder, plain) = bidders(2)
    passkey = Authenticator()
    key = enrolled(passkey, bidder)
    submit(tender, sealed_with(tender, bidder, passkey, key.kid), bidder)
    place(tender, plain, 91_000_000)
    stage.close(tender)
    stage.open(tender)
    stage.work()
    files_ = dict(read(files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256)).files)
    path = next(path for path, data in files_.items() if path.startswith("statements/") and b"webauthn" in data)
    item = parse(files_[path])
    stmt = bytes.fromhex(path.removeprefix("statements/").removesuffix(".json"))
    wrong = [
        passkey.sign(bytes(32)),
        passkey.sign(stmt, flags=UP),
        passkey.sign(stmt, flags=UV),
        passkey.sign(stmt, origin="https://evil.example"),
        passkey.sign(stmt, rp_id="evil.example"),
        passkey.sign(stmt, more={"crossOrigin": True}),
        passkey.sign(stmt, kind="webauthn.create"),
        Authenticator().sign(stmt),
        {**passkey.sign(stmt), "signature": b64u(b"\x30\x00")},
    ]
    cases = []
    for parts in wrong:
        spoilt = {**files_, path: jcs({**item, "signature": {"alg": "webauthn", "kid": key.kid, **parts}})}
        spoilt.pop("MANIFEST")
        cases.append(Case(pack(spoilt)))
    good = {**files_, path: jcs({**item, "signature": {"alg": "webauthn", "kid": key.kid, **passkey.sign(stmt)}})}
    good.pop("MANIFEST")
    for case, second in zip(cases, second_opinion(cases), strict=True):
        assert (first_opinion(case).verdict, second.verdict) == ("V10", "V10"), second.lines
    [fine] = second_opinion([Case(pack(good))])  # the same key over the same statement once more is no forgery
    assert (first_opinion(Case(pack(good))).verdict, fine.verdict) == (None, None)


def bundle_of(tender: Tender) -> bytes:
    """The published bundle: the revocation is in it, after the bid."""
    data = files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256)
    assert b"supplier.key_revoked" in b"".join(read(data).files.values())
    return data


# ---- over the web


@pytest.fixture
def signed_in(app: Flask, client: FlaskClient, bidder: Bidder, sign_in: SignIn) -> FlaskClient:
    sign_in(client, person_of(bidder))
    return client


def here(app: Flask) -> Authenticator:
    return Authenticator(rp_id="localhost", origin=app.config["NARU_BASE_URL"])


def body_for(passkey: Authenticator, answer: dict[str, Any]) -> dict[str, Any]:
    made = asked(passkey, answer["supplier"], word=answer["challenge"], kid=UUID(answer["kid"]))
    return {
        "kid": answer["kid"], "challenge": answer["challenge"], "credential": made.credential,
        "assertion": made.assertion, "label": made.label,
    }  # fmt: skip


def challenge(client: FlaskClient) -> dict[str, Any]:
    answer = client.post("/api/my/signing-keys/challenge", json={})
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})


def test_a_browser_is_asked_for_a_verified_key_of_the_right_kind(app: Flask, signed_in: FlaskClient) -> None:
    answer = challenge(signed_in)
    options = answer["passkey"]
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["attestation"] == "none"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    made = registration_challenge(UUID(answer["kid"]), answer["challenge"], answer["supplier"])
    assert options["challenge"] == b64u(made)
    assert options["excludeCredentials"] == []
    passkey = here(app)
    assert signed_in.post("/api/my/signing-keys/passkeys", json=body_for(passkey, answer)).status_code == 201
    [known] = challenge(signed_in)["passkey"]["excludeCredentials"]
    assert known["id"] == b64u(passkey.credential_id)
    listed = (signed_in.get("/api/my/signing-keys").json or {})["keys"]
    assert [one.get("credential") for one in listed] == [b64u(passkey.credential_id), None]
    page = signed_in.get("/my/signing-keys?lang=en").text
    assert "Passkey" in page
    assert "localhost" in page


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"credential": {}},
        {"credential": None},
        {"assertion": []},
        {"label": ""},
        {"kid": "x"},
        {"challenge": "x"},
    ],
)
def test_an_enrolment_of_another_shape_is_refused(app: Flask, signed_in: FlaskClient, change: Any) -> None:
    body = body_for(here(app), challenge(signed_in)) | change
    answer = signed_in.post("/api/my/signing-keys/passkeys", json=body)
    assert (answer.status_code, (answer.json or {})["code"]) == (422, "invalid-input")


def test_a_site_without_a_name_has_no_passkeys(app: Flask, signed_in: FlaskClient) -> None:
    before = app.config["NARU_BASE_URL"]
    app.config["NARU_BASE_URL"] = "http://192.0.2.7:8080"
    try:
        answer = challenge(signed_in)
        assert answer["passkey"] is None
        body = body_for(Authenticator(), answer)
        assert signed_in.post("/api/my/signing-keys/passkeys", json=body).status_code == 404
    finally:
        app.config["NARU_BASE_URL"] = before


def test_a_passkey_is_enrolled_only_with_the_password_entered_just_now(
    client: FlaskClient, bidder: Bidder, sign_in: SignIn
) -> None:
    sign_in(client, person_of(bidder), now=time.now() - timedelta(minutes=6))
    answer = client.post("/api/my/signing-keys/passkeys", json={})
    assert (answer.status_code, (answer.json or {})["code"]) == (403, "step-up-required")


def test_the_bidders_person_is_the_passkeys_person(bidder: Bidder) -> None:
    key = enrolled(Authenticator(), bidder)
    assert key.person_id == actor_for(person_of(bidder)).person_id
