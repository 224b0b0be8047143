"""An agency, and thousands of suppliers with a bidder, an enrolled key and a living session each.

One supplier is registered by the services; the others are its rows again with names of their own, written in bulk,
since what is measured is their bids and not their registration.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select

from app import time
from app.auth.models import Organisation, Person, PersonRole, Session
from app.auth.sessions import hash_token
from app.db import db, transaction
from app.ids import new_id
from app.tlog.canon import jcs
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.models.signing_key import SigningKey
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Agency, Bidder, business_number, enrol, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, draft
from bidding.services.submission import SealedBid
from suppliers.models import Supplier

PASSWORD = "four quiet herons wade"
PLAN = Plan("도로 정비 설계 용역", 100_000_000)
TO_DEADLINE = timedelta(hours=6)
BATCH = 1000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in bidder. `headers` are what its browser sends."""

    bidder: Bidder
    headers: dict[str, str]


def an_agency() -> Agency:
    with transaction():
        return make_agency(
            "B550001", "측정청", "Agency", PASSWORD, time.now(), mail="agency.example", names=("김담당", "이승인")
        )


def published(agency: Agency, holder: Panel) -> Tender:
    """A practice tender that takes bids for hours."""
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + TO_DEADLINE)
        announce(agency, tender, holder, now)
    return tender


def crowd(app: Flask, count: int) -> list[Caller]:
    """`count` suppliers, each with one signed-in bidder."""
    now = time.now()
    with transaction():
        first = enrol(make_supplier(1, "공급사 1", "Supplier 1", PASSWORD, now, email="bidder1@example.kr"), now)
    of = _Copier(first, now)
    callers = []
    for start in range(2, count + 2, BATCH):
        with transaction():
            callers += of.copies(app, range(start, min(start + BATCH, count + 2)))
    return callers


class _Copier:
    def __init__(self, first: Bidder, now: datetime) -> None:
        self.first, self.now = first, now
        self.person = _row(Person, Person.id == first.actor.person_id)
        self.organisation = _row(Organisation, Organisation.id == first.actor.organisation_id)
        self.supplier = _row(Supplier, Supplier.organisation_id == first.actor.organisation_id)
        self.key = _row(SigningKey, SigningKey.person_id == first.actor.person_id)
        self.roles = db.session.scalars(
            select(PersonRole.role).where(PersonRole.person_id == first.actor.person_id)
        ).all()

    def copies(self, app: Flask, serials: Sequence[int]) -> list[Caller]:
        made = [self._copy(serial) for serial in serials]
        for model in (Organisation, Person, PersonRole, Supplier, SigningKey, Session):
            table: Any = model.__table__
            db.session.execute(insert(table), [row for rows, _, _ in made for row in rows[model]])
        return [Caller(bidder, headers_of(app, token)) for _, bidder, token in made]

    def _copy(self, serial: int) -> tuple[dict[Any, list[Row]], Bidder, str]:
        organisation, person, kid = new_id(), new_id(), new_id()
        key, token, number = Ed25519PrivateKey.generate(), secrets.token_urlsafe(32), business_number(serial)
        rows: dict[Any, list[Row]] = {
            Organisation: [self.organisation | {"id": organisation, "code": number}],
            Person: [
                self.person | {"id": person, "organisation_id": organisation, "email": f"bidder{serial}@example.kr"}
            ],
            PersonRole: [
                {"person_id": person, "role": role, "organisation_kind": self.person["organisation_kind"]}
                for role in self.roles
            ],
            Supplier: [
                self.supplier
                | {
                    "id": new_id(),
                    "organisation_id": organisation,
                    "business_number": number,
                    "registration_number": 1_000_000 + serial,
                }
            ],
            SigningKey: [
                self.key
                | {
                    "id": kid,
                    "person_id": person,
                    "organisation_id": organisation,
                    "public": key.public_key().public_bytes_raw(),
                }
            ],
            Session: [self._session(person, token)],
        }
        return rows, self._bidder(organisation, person, number, kid, key), token

    def _session(self, person: UUID, token: str) -> Row:
        return {
            "id": new_id(),
            "person_id": person,
            "token_hash": hash_token(token),
            "device": "Chrome · Linux",
            "created_at": self.now,
            "last_seen_at": self.now,
            "expires_at": self.now + timedelta(hours=12),
            "stepped_up_at": self.now,
        }

    def _bidder(self, organisation: UUID, person: UUID, number: str, kid: UUID, key: Ed25519PrivateKey) -> Bidder:
        actor = replace(self.first.actor, handle=f"person:{person}", person_id=person, organisation_id=organisation)
        return Bidder(actor, number, str(kid), key)


def _row(model: Any, which: Any) -> Row:
    table = model.__table__
    return dict(db.session.execute(select(table).where(which)).mappings().one())


def headers_of(app: Flask, token: str) -> dict[str, str]:
    """Cookie and CSRF token as the server itself writes them for the session `token`."""
    with app.app_context(), app.test_request_context():
        from flask import session

        csrf = generate_csrf()
        content = {"_user_id": token, "_fresh": True, "csrf_token": session["csrf_token"]}
        interface = app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        serializer = interface.get_signing_serializer(app)
        assert serializer is not None
        cookie = serializer.dumps(content)
    return {
        "Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie}",
        "X-CSRFToken": csrf,
        "Sec-Fetch-Site": "same-origin",
        "Accept": "application/json",
        "Accept-Language": "ko-KR,ko;q=0.9",
    }


def body_of(sealed: SealedBid) -> bytes:
    """The one POST of a bid, in its canonical spelling."""
    return jcs(
        {
            "statement": sealed.statement,
            "signature": sealed.signature,
            "env_price": sealed.envelope,
            "env_docs": None,
        }
    )


def sealed_by(tender: Tender, caller: Caller, number: int) -> SealedBid:
    """A bid around the floor, different for each `number`."""
    amount_won = 86_000_000 + number * 791_917 % 14_000_000
    picks = (number % 15 + 1, (number + 7) % 15 + 1)
    return seal(tender, caller.bidder, amount_won, picks, time.now())
