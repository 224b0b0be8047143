"""Deciding about a bid after the opening: one officer proposes with reason and evidence, a second person decides.

A decision is a value (`bidding.review`) that the log names by its hash and the bundle carries; what it changes is
computed from all of them (`bidding.standing`), never written down beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.auth import Actor
from app.db import db
from app.errors import Forbidden, IllegalTransition, InvalidInput, SamePerson, StaleConfirmation
from app.notifications import notify
from app.time import wire
from app.tlog.canon import jcs
from bidding.models import BidReview, Opening, Tender
from bidding.review import CODE, Kind, Result, Review
from bidding.rules.scoring_fields import FieldScore, sum_fields
from bidding.services import after_review
from bidding.services.access import lock_own_tender, person_id
from bidding.services.box import LOT
from bidding.services.review_asking import bid_of, find_open, lock_review
from bidding.services.standings import decided_reviews, standing_after, standing_of
from bidding.standing import stand, table_of
from bidding.states import REVIEW, ReviewState, TenderState

PROPOSE, CONFIRM = "review:propose", "review:confirm"
QUALIFYING = "국가계약법 시행령 제42조제1항"
WHILE = {Kind.REFUSAL: TenderState.AWARDED}  # every other decision is made between the opening and the proposal


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a bid is taken out: a code of `bidding.types.Reason`, the law, and words for its bidder."""

    reason: str
    legal_basis: str
    explanation: str


def propose_points(review_id: UUID, fields: Sequence[FieldScore], words: str, actor: Actor, now: datetime) -> BidReview:
    """적격심사: the points field by field; whether the bid passes follows from them and from its price.

    Raises InvalidInput (no table in the notice, fields that cannot be summed), IllegalTransition, Forbidden, NotFound.
    """
    review = lock_review(review_id, actor)
    opening = db.session.get_one(Opening, review.tender_id)
    table = table_of(opening.evaluation["terms"].get("scoring") or {})
    if table is None:
        raise InvalidInput("the notice has no table of points", field="fields")
    try:
        points = sum_fields(fields, table.others * 10_000)
    except ValueError as error:
        raise InvalidInput(str(error), field="fields") from error
    review.fields = [{"name": one.name, "typed": one.typed, "points": one.points} for one in fields]
    review.points = points
    has_passed = _passes(review, opening)
    ground = None if has_passed else Ground("below-pass-mark", QUALIFYING, words)
    return _propose(review, Result.PASS if has_passed else Result.FAIL, ground, words, actor, now)


def propose_result(
    review_id: UUID, ground: Ground | None, words: str, actor: Actor, now: datetime, *, agreed_won: int | None = None
) -> BidReview:
    """The same without points: passed (`ground` None), or failed, say for want of documents.

    `agreed_won`: the price that a negotiation ended with; None, or the bid's own, where it changed nothing.
    InvalidInput where it is above the bid's, the estimated price or the notice's limit.
    """
    review = lock_review(review_id, actor)
    review.points, review.fields = None, []
    opening = db.session.get_one(Opening, review.tender_id)
    review.agreed_won = _agreed(review, opening, agreed_won) if ground is None else None
    scoring = opening.evaluation["terms"].get("scoring") or {}
    if ground is None and review.kind == Kind.QUALIFICATION and table_of(scoring) is not None:
        raise InvalidInput("it passes by its points only", field="fields")
    return _propose(review, Result.FAIL if ground else Result.PASS, ground, words, actor, now)


def _agreed(review: BidReview, opening: Opening, agreed_won: int | None) -> int | None:
    """By trying it, as with points: the standing refuses an amount that is none."""
    if agreed_won is None or agreed_won == review.bid.amount_won:
        return None
    try:
        plain = _as_value(review, Result.PASS, None, ("a", "b"), review.created_at)
        tried = replace(plain, agreed_won=agreed_won)
        stand(opening.evaluation, [tried])
    except ValueError as error:
        raise InvalidInput(str(error), field="agreed_won") from error
    return agreed_won


def open_case(tender_id: UUID, bid_id: UUID, kind: Kind, actor: Actor, now: datetime) -> BidReview:
    """A decision that nobody is asked about first: a disqualification, a negotiation's outcome, a refusal to sign.

    Returns the one that is on its way already, if there is one. Raises IllegalTransition, Forbidden, NotFound.
    """
    tender = lock_own_tender(tender_id, actor)
    if not actor.may(PROPOSE):
        raise Forbidden("only an officer proposes", permission=PROPOSE)
    bid = bid_of(tender, bid_id)
    is_awarded = kind == Kind.REFUSAL and not after_review.is_awarded(bid)
    is_other = kind == Kind.NEGOTIATION and tender.method != "negotiation"
    if tender.state != WHILE.get(kind, TenderState.OPENED) or bid.rank is None or is_awarded or is_other:
        raise IllegalTransition("not now", subject="review", state=tender.state, event=f"open {kind}")
    found = find_open(bid.id, kind)
    if found is not None:
        return found
    review = BidReview(tender=tender, bid=bid, kind=str(kind), state=ReviewState.SUBMITTED, created_at=now)
    db.session.add(review)
    db.session.flush()
    return review


def _passes(review: BidReview, opening: Opening) -> bool:
    """By trying it: the standing refuses a result that is not what the points say."""
    passed = _as_value(review, Result.PASS, None, ("a", "b"), review.created_at)
    try:
        stand(opening.evaluation, [passed])
    except ValueError:
        return False
    return True


def _propose(
    review: BidReview, result: Result, ground: Ground | None, words: str, actor: Actor, now: datetime
) -> BidReview:
    if ground is not None and not (CODE.fullmatch(ground.reason) and ground.legal_basis.strip() and words.strip()):
        raise InvalidInput("a bid is taken out with a reason, its legal basis and an explanation", field="reason")
    if review.tender.state != WHILE.get(Kind(review.kind), TenderState.OPENED):
        raise IllegalTransition("not now", subject="review", state=review.tender.state, event="propose")
    review.result, review.explanation = str(result), words.strip()
    review.reason = ground.reason if ground else ""
    review.legal_basis = ground.legal_basis.strip() if ground else ""
    review.proposed_by_id, review.returned_for = person_id(actor), ""
    facts = {"stmt": review.bid.stmt, "kind": review.kind, "result": review.result, "reason": review.reason}
    REVIEW.fire(review, "propose", actor, now, proposal=proposal_digest(review), **facts)
    href = f"/tenders/{review.tender.reference}/reviews/{review.id}"
    notify(review.tender.agency_id, "review.proposed", now, href=href, title=review.tender.title)
    return review


def proposal_digest(review: BidReview) -> str:
    """What the second person confirms, hex: all that the decision will say, and the words beside it."""
    said: dict[str, Any] = {
        **_as_value(review, Result(str(review.result)), None, ("a", "b"), review.created_at).to_json(),
        "reason": review.reason,
        "legal_basis": review.legal_basis,
        "explanation": review.explanation,
    }
    return hashlib.sha256(jcs(said)).hexdigest()


def confirm(review_id: UUID, proposal: str, actor: Actor, now: datetime) -> BidReview:
    """The second person agrees to what the page showed (`proposal_digest`): it is decided, logged, and counts.

    Raises SamePerson, StaleConfirmation, IllegalTransition, Forbidden, NotFound.
    """
    review = lock_review(review_id, actor)
    if review.state == ReviewState.PROPOSED and review.proposed_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    if review.state == ReviewState.PROPOSED and proposal_digest(review) != proposal:
        raise StaleConfirmation("another proposal stands by now")
    return _decide(review, actor, now)


def send_back(review_id: UUID, reason: str, actor: Actor, now: datetime) -> BidReview:
    """The second person does not agree: the officer looks at it again, or drops it."""
    review = lock_review(review_id, actor)
    if review.state == ReviewState.PROPOSED and review.proposed_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    if not reason.strip():
        raise InvalidInput("say why", field="reason")
    REVIEW.fire(review, "send_back" if review.kind == Kind.QUALIFICATION else "drop", actor, now, reason=reason.strip())
    review.returned_for = reason.strip()
    return review


def record(
    tender: Tender, bid_id: UUID, kind: Kind, ground: Ground, by: tuple[UUID, Actor], now: datetime
) -> BidReview:
    """A decision that two persons have made elsewhere (a complaint upheld, a limit on lots), on a locked tender.

    `by`: who proposed it, and who agrees now.
    """
    proposer, actor = by
    result = Result.PASS if kind == Kind.REINSTATEMENT else Result.FAIL
    review = BidReview(
        tender=tender,
        bid=bid_of(tender, bid_id),
        kind=str(kind),
        state=ReviewState.PROPOSED,
        created_at=now,
        result=str(result),
        reason=ground.reason,
        legal_basis=ground.legal_basis,
        explanation=ground.explanation,
        proposed_by_id=proposer,
        proposed_at=now,
    )
    db.session.add(review)
    db.session.flush()
    return _decide(review, actor, now)


def _decide(review: BidReview, actor: Actor, now: datetime) -> BidReview:
    tender = review.tender
    ground = Ground(review.reason, review.legal_basis, review.explanation)
    approvals = (f"person:{review.proposed_by_id}", actor.handle)
    item = _as_value(review, Result(str(review.result or "fail")), ground, approvals, now)
    before = decided_reviews(tender.id)
    standing_after(tender, db.session.get_one(Opening, tender.id), [*before, item])  # or it is no decision at all
    REVIEW.fire(
        review, "decide", actor, now, stmt=item.stmt, kind=str(item.kind), result=str(item.result),
        review_sha256=item.sha256, approvals=list(approvals),
    )  # fmt: skip
    review.decided_by_id, review.number, review.item = person_id(actor), len(before) + 1, item.to_json()
    db.session.flush()
    after_review.follow(review, actor, now)
    return review


def _as_value(
    review: BidReview, result: Result, ground: Ground | None, approvals: tuple[str, str], at: datetime
) -> Review:
    """`ground` None stands for none that matters: points alone are tried, or the words are added by the caller."""
    plain = Ground("none", "none", "") if result is Result.FAIL else Ground("", "", "")
    said = ground or plain
    return Review(
        tender=str(review.tender.reference),
        lot=LOT,
        stmt=review.bid.stmt,
        kind=review.kind,
        result=str(result),
        approvals=approvals,
        at=wire(at),
        reason=said.reason,
        legal_basis=said.legal_basis,
        points=review.points,
        agreed_won=review.agreed_won if result is Result.PASS else None,
        evidence=tuple(file.sha256 for file in review.files),
    )


def end_without_winner(tender_id: UUID, actor: Actor, now: datetime) -> None:
    """유찰 after the reviews: nobody is left in line. Raises IllegalTransition while somebody is, Forbidden."""
    tender = lock_own_tender(tender_id, actor)
    if not actor.may(CONFIRM):
        raise Forbidden("only an approver ends it", permission=CONFIRM)
    standing = standing_of(tender)
    if tender.state != TenderState.OPENED or standing is None or standing.outcome != "exhausted":
        raise IllegalTransition("somebody is in line", subject="tender", state=tender.state, event="fail")
    after_review.fail(tender, now)


def reviews_of(tender_id: UUID) -> list[BidReview]:
    """Every review of a tender, oldest first, with its bid."""
    query = select(BidReview).where(BidReview.tender_id == tender_id).join(BidReview.bid)
    return list(db.session.scalars(query.order_by(BidReview.created_at, BidReview.id)))


def shown_to_bidder(bid_id: UUID) -> list[BidReview]:
    """Of one's own bid: what one is asked, and what was decided. What is only proposed or dropped is not told."""
    found = db.session.scalars(select(BidReview).where(BidReview.bid_id == bid_id).order_by(BidReview.created_at))
    return [one for one in found if one.asked_by_id is not None or one.state == ReviewState.DECIDED]


def count_open(tender_id: UUID) -> int:
    over = (ReviewState.DECIDED, ReviewState.DROPPED)
    query = select(func.count()).where(BidReview.tender_id == tender_id, BidReview.state.not_in(over))
    return db.session.scalar(query) or 0
