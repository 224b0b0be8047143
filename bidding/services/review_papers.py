"""What a bidder that is asked gives: files, its own estimate of the points, and the word that this is all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.auth import Actor
from app.db import db
from app.errors import DeadlinePassed, Forbidden, IllegalTransition, InvalidInput, NotFound
from app.notifications import notify
from bidding.models import BidReview, ReviewFile
from bidding.services.access import person_id
from bidding.services.drafting import take_file
from bidding.services.review_asking import lock_asked, lock_review
from bidding.states import REVIEW, ReviewState

MOST_FILES = 30
WAITING = (ReviewState.REQUESTED, ReviewState.SUPPLEMENT)


def due_at(review: BidReview) -> datetime | None:
    """Until when documents are taken; None where none are waited for."""
    if review.state == ReviewState.REQUESTED:
        return review.documents_due_at
    return review.supplement_due_at if review.state == ReviewState.SUPPLEMENT else None


def add_file(review_id: UUID, name: str, content: bytes, actor: Actor, now: datetime) -> ReviewFile:
    """A document of the bidder; the same bytes twice are one. Raises DeadlinePassed, InvalidInput (size, number,
    kind), IllegalTransition, NotFound."""
    review = _waiting(review_id, actor, now)
    return _add(review, name, content, actor, now, is_agencys=False)


def add_own_file(review_id: UUID, name: str, content: bytes, actor: Actor, now: datetime) -> ReviewFile:
    """Evidence that the agency itself has, for a decision on its way."""
    review = lock_review(review_id, actor)
    if not actor.may("review:propose"):
        raise Forbidden("only an officer adds evidence", permission="review:propose")
    if review.state in (ReviewState.PROPOSED, ReviewState.DECIDED, ReviewState.DROPPED):
        raise IllegalTransition("its evidence stands", subject="review", state=review.state, event="add_file")
    return _add(review, name, content, actor, now, is_agencys=True)


def _add(review: BidReview, name: str, content: bytes, actor: Actor, now: datetime, *, is_agencys: bool) -> ReviewFile:
    taken = take_file(name, content)
    same = select(ReviewFile).where(ReviewFile.review_id == review.id, ReviewFile.sha256 == taken.sha256)
    if (found := db.session.scalar(same)) is not None:
        return found
    held = db.session.scalar(select(func.count()).where(ReviewFile.review_id == review.id)) or 0
    if held >= MOST_FILES:
        raise InvalidInput("too many files", field="file")
    file = ReviewFile(
        review_id=review.id,
        is_agencys=is_agencys,
        name=taken.name,
        media_type=taken.media_type,
        size=len(content),
        sha256=taken.sha256,
        added_by_id=person_id(actor),
        added_at=now,
    )
    db.session.add(file)
    return file


def remove_file(review_id: UUID, file_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a file back before it is submitted. What was submitted once stays."""
    review = _waiting(review_id, actor, now)
    file = db.session.get(ReviewFile, file_id)
    if file is None or file.review_id != review.id or file.is_agencys:
        raise NotFound("no such file", what="file")
    if review.submitted_at is not None and file.added_at <= review.submitted_at:
        raise IllegalTransition("it was submitted", subject="review", state=review.state, event="remove_file")
    db.session.delete(file)


def submit_documents(review_id: UUID, own_points: int | None, note: str, actor: Actor, now: datetime) -> BidReview:
    """That is all. Raises DeadlinePassed, InvalidInput without a file, IllegalTransition, NotFound."""
    review = _waiting(review_id, actor, now)
    given = [file for file in review.files if not file.is_agencys]
    if not given:
        raise InvalidInput("no document was given", field="file")
    review.own_points = own_points if own_points is not None else review.own_points
    review.own_note = note.strip() or review.own_note
    hashes = [file.sha256 for file in given]
    REVIEW.fire(review, "submit", actor, now, stmt=review.bid.stmt, files=hashes, own_points=review.own_points)
    href = f"/tenders/{review.tender.reference}/reviews/{review.id}"
    notify(review.tender.agency_id, "review.submitted", now, href=href, title=review.tender.title)
    return review


def _waiting(review_id: UUID, actor: Actor, now: datetime) -> BidReview:
    review = lock_asked(review_id, actor)
    due = due_at(review)
    if review.state not in WAITING or due is None:
        raise IllegalTransition("no documents are waited for", subject="review", state=review.state, event="submit")
    if now >= due:
        raise DeadlinePassed("the time for the documents is over", deadline_at=due)
    return review
