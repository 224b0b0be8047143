"""A build of the bidding client that this site has served: what `client` in a statement may name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Instant, db


class ClientRelease(db.Model):
    """`sha256` is the build's name in statements and in the log entry `client.release`. Rows are never changed."""

    __tablename__ = "client_releases"
    __table_args__ = (
        CheckConstraint("build IN ('browser', 'offline', 'cli')", name="build_known"),
        CheckConstraint("length(sha256) = 64", name="sha256_is_sha256"),
        Index("ix_client_releases_released_at", "released_at"),
    )

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    build: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(32))
    files: Mapped[dict[str, Any]] = mapped_column(JSONB)
    released_at: Mapped[Instant]

    @property
    def audit_subject(self) -> str:
        return subject_of(self.sha256)


def subject_of(sha256: str) -> str:
    return f"client:{sha256}"
