"""Issued documents. A row cannot exist without its bytes, nor with bytes of another hash: the database sees to both."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Instant, db
from app.ids import new_id


class DocumentFile(db.Model):
    """The bytes of a document, under their SHA-256 (hex). Never changed."""

    __tablename__ = "document_files"
    __table_args__ = (CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="content_has_its_hash"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class IssuedDocument(db.Model):
    """발급 문서. `code` is printed on every page; who has it may ask whether the document is genuine."""

    __tablename__ = "issued_documents"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$'", name="code_form"),
        CheckConstraint("lang IN ('ko', 'en')", name="lang_known"),
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_issued_documents_subject", "subject", "issued_at"),
        Index("ix_issued_documents_owner", "owner_id", "issued_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    lang: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey(DocumentFile.sha256))
    size: Mapped[int]
    subject: Mapped[str]
    issued_at: Mapped[Instant]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    is_public: Mapped[bool]
    is_practice: Mapped[bool]

    @property
    def audit_subject(self) -> str:
        """How the log names it: by its hash alone, which tells a stranger nothing."""
        return f"document:{self.sha256}"
