"""Issued documents: kept whole, checkable by anyone, readable by whom they concern."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import audit
from app.auth import OrganisationKind, Role, system
from app.db import db, transaction
from app.documents import Document, Paragraph, issue, issued_about
from app.documents.issuing import canonical_code, new_code, read_content
from app.documents.models import DocumentFile, IssuedDocument
from app.errors import Forbidden, NotSignedIn
from tests.builders import actor_of, make_organisation, make_person, sign_in

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def made(number: str = "R26BK00000001-000", **changes: Any) -> IssuedDocument:
    fields: dict[str, Any] = {"subject": "tender:R26BK00000001-000", "now": NOW, "actor": system(), "is_public": True}
    with transaction():
        return issue(Document("notice", number, "입찰공고", "ko", (Paragraph("뷁"),)), **(fields | changes))


def test_the_bytes_are_kept_under_their_hash_and_the_log_says_it(app: Flask) -> None:
    document = made()
    content = db.session.get_one(DocumentFile, document.sha256).content
    assert hashlib.sha256(content).hexdigest() == document.sha256
    assert len(content) == document.size
    (entry,) = audit.entries_about(document.audit_subject)
    assert entry.type == "document.issued"
    assert issued_about("tender:R26BK00000001-000", "notice") == [document]
    assert issued_about("tender:R26BK00000001-000", "contract") == []


def test_a_private_document_says_its_hash_in_the_log_and_nothing_of_what_it_is(app: Flask) -> None:
    document = made(is_public=False, tender="R26BK00000001-000")
    event = db.session.scalars(select(audit.Event).where(audit.Event.subject == document.audit_subject)).one()
    assert document.sha256.encode() in event.body
    assert event.tender is None
    for secret in (document.code, "notice", document.number):
        assert secret.encode() not in event.body


def test_the_database_refuses_bytes_under_another_hash_and_a_document_without_bytes(app: Flask) -> None:
    document = made()
    with pytest.raises(IntegrityError, match="content_has_its_hash"):
        db.session.execute(text("UPDATE document_files SET content = 'x'"))
    db.session.rollback()
    with pytest.raises(IntegrityError, match="fk_issued_documents_sha256"):
        db.session.execute(
            text("UPDATE issued_documents SET sha256 = repeat('0', 64) WHERE id = :id"), {"id": document.id}
        )


def test_issuing_that_is_rolled_back_leaves_neither_row_nor_bytes(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        issue(Document("notice", "1", "공고"), subject="x", now=NOW, actor=system(), is_public=True)
        raise RuntimeError
    assert db.session.scalars(select(DocumentFile)).all() == []
    assert db.session.scalars(select(IssuedDocument)).all() == []


def test_codes_are_typed_as_people_type_them() -> None:
    code = new_code()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert canonical_code(code.lower().replace("-", " ")) == code
    assert canonical_code("oooo-iiii-llll-1234") == "0000-1111-1111-1234"
    assert len({new_code() for _ in range(200)}) == 200


def test_anyone_finds_a_document_by_its_code_and_compares_a_hash(client: FlaskClient) -> None:
    document = made()
    found = client.get("/documents", query_string={"code": document.code.lower()})
    assert found.status_code == 302
    page = client.get(found.location).text
    assert document.sha256 in page
    assert "R26BK00000001-000" in page
    same = client.get(f"/documents/{document.code}?sha256={document.sha256.upper()}").text
    other = client.get(f"/documents/{document.code}?sha256={'0' * 64}").text
    assert "해시가 같습니다" in same
    assert "해시가 다릅니다" in other


def test_an_unknown_code_is_answered_with_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/documents?code=0000-0000-0000-0000")
    assert answer.status_code == 404
    assert "이 번호의 문서가 없습니다" in answer.text
    assert client.get("/documents/0000-0000-0000-0000").status_code == 404
    assert client.get("/documents/0000-0000-0000-0000.pdf").status_code == 404


def test_a_public_document_is_downloaded_by_anyone_byte_for_byte(client: FlaskClient) -> None:
    document = made()
    answer = client.get(f"/documents/{document.code}.pdf")
    assert hashlib.sha256(answer.data).hexdigest() == document.sha256
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    again = client.get(f"/documents/{document.code}.pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_private_document_is_read_by_its_two_sides_and_auditors_and_nobody_else(app: Flask) -> None:
    owner, agency = make_organisation(OrganisationKind.SUPPLIER), make_organisation(OrganisationKind.AGENCY)
    document = made(is_public=False, owner_id=owner.id, agency_id=agency.id)
    readers = [
        (make_person([Role.SUPPLIER_BIDDER], organisation=owner), True, False),
        (make_person([Role.EVALUATOR], organisation=agency), True, True),
        (make_person([Role.AUDITOR]), True, True),
        (make_person([Role.SUPPLIER_ADMIN]), False, False),
        (make_person([Role.OFFICER]), False, False),
        (make_person([Role.OPERATOR]), False, False),
    ]
    for person, may, is_recorded in readers:
        before = accesses()
        if may:
            with transaction():
                assert read_content(document, actor_of(person), NOW).startswith(b"%PDF")
        else:
            with pytest.raises(Forbidden), transaction():
                read_content(document, actor_of(person), NOW)
        assert accesses() - before == is_recorded


def accesses() -> int:
    count = text("SELECT count(*) FROM audit.event WHERE type = 'access.read'")
    return int(db.session.execute(count).scalar_one())


def test_a_stranger_sees_that_a_private_document_is_genuine_but_not_the_file(client: FlaskClient) -> None:
    document = made(is_public=False, owner_id=make_organisation(OrganisationKind.SUPPLIER).id)
    page = client.get(f"/documents/{document.code}").text
    assert document.sha256 in page
    assert f"/documents/{document.code}.pdf" not in page
    assert client.get(f"/documents/{document.code}.pdf").location.startswith("/sign-in")
    with pytest.raises(NotSignedIn):
        from app.auth import ANONYMOUS

        read_content(document, ANONYMOUS, NOW)
    sign_in(client, make_person([Role.OFFICER]))
    assert client.get(f"/documents/{document.code}.pdf").status_code == 403


def test_a_private_file_is_kept_by_no_cache(client: FlaskClient) -> None:
    person = make_person([Role.SUPPLIER_ADMIN])
    document = made(is_public=False, owner_id=person.organisation_id)
    sign_in(client, person)
    answer = client.get(f"/documents/{document.code}.pdf")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_both_pages_are_there_in_english(client: FlaskClient) -> None:
    assert "Verification code" in client.get("/documents?lang=en").text
    assert "This document was issued by Naru" in client.get(f"/documents/{made().code}?lang=en").text
