"""Which rule data hold: those of the change adopted last, else those of the software; and those that a notice pinned.

Books are parsed once for each process and kept, for a version never changes; which one is in force is one indexed row.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db import db
from bidding.models import RuleChange, RuleVersion, Tender
from bidding.rules.data import Book, load_kept, shipped, shipped_versions
from bidding.states import RulesState, TenderState

_books: dict[str, Book] = {}


def current_version() -> str:
    """The version in force."""
    adopted = (
        select(RuleChange.version)
        .where(RuleChange.state == RulesState.ADOPTED)
        .order_by(RuleChange.decided_at.desc())
        .limit(1)
    )
    return db.session.scalar(adopted) or shipped().version


def current() -> Book:
    """The rule data in force."""
    book = book_of(current_version())
    assert book is not None  # an adopted version is kept, by its foreign key
    return book


def book_of(version: str) -> Book | None:
    """The rule data of a version that this installation has used or the software brings along, else None."""
    book = shipped_versions().get(version) or _books.get(version)
    if book is None:
        kept = db.session.get(RuleVersion, version)
        if kept is None:
            return None
        book = _books[version] = load_kept(kept.texts)
    return book


def book_for(tender: Tender) -> Book:
    """What a tender goes by: the version that its notice pinned, or the one in force while it is a draft.

    A version that is not kept here (the notice came from elsewhere, or from before versions were kept) gives the one
    in force: the notice's own figures count in any case.
    """
    is_draft = tender.state == TenderState.DRAFT or tender.rule_version is None
    pinned = None if is_draft else book_of(str(tender.rule_version))
    return pinned or current()


def keep(book: Book, now: datetime) -> None:
    """See that the files of this version stay here, whatever later software brings. Done twice, nothing happens."""
    row = {"version": book.version, "sha256": book.sha256, "texts": dict(book.texts), "kept_at": now}
    db.session.execute(insert(RuleVersion).values(row).on_conflict_do_nothing())
