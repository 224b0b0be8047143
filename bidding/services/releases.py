"""Releases of the bidding client: each build that this site serves is in the log before long, once.

A statement's `client` that is no release is warned of, never refused: who builds an own client may bid with it, and
what it sealed is checked like any other bid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import audit
from app.auth import system
from app.db import db
from bidding.models.client_release import ClientRelease, subject_of


@dataclass(frozen=True, slots=True)
class Build:
    """One build: `name` is browser, offline or cli; `files` their SHA-256 by path."""

    name: str
    sha256: str
    version: str
    files: Mapping[str, str]


def release(build: Build, now: datetime) -> bool:
    """Enter and log the build; False, and nothing written, when it had been released before."""
    facts = {"build": build.name, "version": build.version, "files": dict(build.files)}
    values: dict[str, Any] = {"sha256": build.sha256, **facts}
    added = insert(ClientRelease).values(**values, released_at=now).on_conflict_do_nothing()
    if db.session.scalar(added.returning(ClientRelease.sha256)) is None:
        return False
    subject = subject_of(build.sha256)
    audit.emit("client.release", system(), now, subject=subject, **values)
    return True


def missing(builds: Sequence[Build]) -> list[Build]:
    """Those that are not released yet."""
    named = [build.sha256 for build in builds]
    there = set(db.session.scalars(select(ClientRelease.sha256).where(ClientRelease.sha256.in_(named))))
    return [build for build in builds if build.sha256 not in there]


def is_released(sha256: str) -> bool:
    """Whether a statement's `client` is a release of this site."""
    return db.session.get(ClientRelease, sha256) is not None


def list_releases(limit: int = 100) -> list[ClientRelease]:
    """Newest first."""
    newest = select(ClientRelease).order_by(ClientRelease.released_at.desc(), ClientRelease.build).limit(limit)
    return list(db.session.scalars(newest))
