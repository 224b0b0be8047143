"""Issuing documents, finding them by code, and deciding who may read one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import audit
from app.auth import Actor
from app.db import db
from app.documents.layout import Seal, render
from app.documents.model import Document
from app.documents.models import DocumentFile, IssuedDocument
from app.errors import Forbidden, NotFound, NotSignedIn

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing in it is mistaken for another on paper
_MISREAD = str.maketrans("OIL", "011")

# What people call each kind; features fill it with lazy translations.
KINDS: dict[str, Any] = {}


def new_code() -> str:
    """Sixteen random characters (80 bits) in groups of four: not to be guessed, still to be typed."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def canonical_code(typed: str) -> str:
    """What a person meant by `typed`: case, spaces, missing hyphens and look-alike letters are forgiven."""
    letters = "".join(c for c in typed.upper().translate(_MISREAD) if c in ALPHABET)
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def address_of(code: str) -> str:
    return f"{current_app.config['NARU_BASE_URL']}/documents/{code}"


def issue(
    document: Document,
    *,
    subject: str,
    now: datetime,
    actor: Actor,
    is_public: bool,
    owner_id: UUID | None = None,
    agency_id: UUID | None = None,
    tender: str | None = None,
) -> IssuedDocument:
    """Lay out `document`, keep its bytes under their SHA-256, and write `document.issued` to the log.

    `subject` names what it is about ("tender:R26BK00000001-000"). A document that is not public may be read by
    `owner_id`, by `agency_id` and by auditors. The log entry is open and says the hash alone, and for a public
    document also what it is: an entry about a bid receipt must not tell that a bid was placed.
    """
    code = new_code()
    content = render(document, Seal(code, address_of(code), now), _fonts())
    sha256 = hashlib.sha256(content).hexdigest()
    db.session.execute(insert(DocumentFile).values(sha256=sha256, content=content).on_conflict_do_nothing())
    issued = IssuedDocument(
        code=code,
        kind=document.kind,
        number=document.number,
        title=document.title,
        lang=document.lang,
        sha256=sha256,
        size=len(content),
        subject=subject,
        issued_at=now,
        owner_id=owner_id,
        agency_id=agency_id,
        is_public=is_public,
        is_practice=document.is_practice,
    )
    db.session.add(issued)
    db.session.flush()
    facts: dict[str, Any] = {"kind": document.kind, "number": document.number, "code": code} if is_public else {}
    audit.emit(
        "document.issued",
        actor,
        now,
        subject=issued.audit_subject,
        tender=tender if is_public else None,
        sha256=sha256,
        **facts,
    )
    return issued


def _fonts() -> Path:
    folder = current_app.config.get("NARU_FONTS_DIR")
    return Path(folder) if folder else Path(current_app.static_folder or "static") / "vendor" / "fonts"


def get_issued(typed: str) -> IssuedDocument:
    """The document with this code, however it was typed. Raises NotFound."""
    found = db.session.scalar(select(IssuedDocument).where(IssuedDocument.code == canonical_code(typed)))
    if found is None:
        raise NotFound("no document has this code")
    return found


def issued_about(subject: str, kind: str | None = None) -> list[IssuedDocument]:
    """Documents issued about `subject`, newest first; only of `kind` where given."""
    query = select(IssuedDocument).where(IssuedDocument.subject == subject)
    if kind is not None:
        query = query.where(IssuedDocument.kind == kind)
    return list(db.session.scalars(query.order_by(IssuedDocument.issued_at.desc(), IssuedDocument.id.desc())))


def may_read(document: IssuedDocument, actor: Actor) -> bool:
    """Whether `actor` may have the bytes: public ones anyone, others the two sides and auditors."""
    mine = actor.organisation_id is not None and actor.organisation_id in (document.owner_id, document.agency_id)
    return document.is_public or mine or actor.may("document:read")


def read_content(document: IssuedDocument, actor: Actor, now: datetime) -> bytes:
    """The PDF's bytes. An official's reading of a document that is not public is recorded.

    Raises NotSignedIn where signing in could help, else Forbidden.
    """
    if not may_read(document, actor):
        if not actor.is_signed_in:
            raise NotSignedIn
        raise Forbidden("not a party to this document")
    if not document.is_public and actor.organisation_id != document.owner_id:
        audit.read_access(actor, now, subject=document.audit_subject, what=document.kind)
    return db.session.execute(select(DocumentFile.content).where(DocumentFile.sha256 == document.sha256)).scalar_one()
