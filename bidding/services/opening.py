"""Opening: the group fixed in the log, pieces, every envelope or none, the draw, the evaluation (protocol 3.9-3.13).

Each step is its own transaction and finds out by the tender's state whether it has been done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app import audit
from app.auth import Actor, system
from app.db import database_now, db
from app.errors import KeyholderRefused
from app.jobs import enqueue
from app.notifications import notify, notify_all
from app.tlog.canon import b64u, jcs, parse, unb64u
from bidding.evaluation import digest_of, evaluate
from bidding.models import Bid, Opening, Tender
from bidding.opening import Line, bids_of, gather_seeds, open_line, write_lines
from bidding.sealing import HolderFault, Lane
from bidding.services import cancelling
from bidding.services.access import lock_tender
from bidding.services.box import LOT, Keyholder, terms_of
from bidding.services.exclusions import exclusions_of
from bidding.services.release import ask_for_pieces, pieces_in
from bidding.states import TENDER, BidState, TenderState
from bidding.types import DrawRule, Evaluation, Fault, OpenedBid, Outcome, Verdict

OPENER: Actor = system("tender:open")
CHOSEN_GROUP = 0  # one local keyholder, one group
FAULT_OF_WRAP = "wrap"
NEXT = timedelta(microseconds=1)  # so that the log keeps the order in which things were decided


def begin_opening(tender_id: UUID, holder: str, clock: Callable[[], datetime] = database_now) -> bool:
    """Fix the group in the log, or fail the tender for want of bids; return whether there is something to open.

    Cancellations that were granted are frozen first (protocol 3.6). Nothing is opened of a tender with fewer bids than
    it needs (two), cancelled ones not counted: its bids stay sealed for ever.
    """
    tender = lock_tender(tender_id)
    if tender.state == TenderState.OPENING:
        return True
    at = clock()
    if tender.state != TenderState.CLOSED or tender.opens_at is None or at < tender.opens_at:
        return False
    cancelled = cancelling.freeze(tender, OPENER, at)
    left = (tender.bid_count or 0) - len(cancelled)
    if left < tender.minimum_bids:
        fail(tender, "too-few-bids" if left else "no-bids", at + NEXT)
        return False
    # Said again here, so that no keyholder can be shown the group without the cancellations.
    told: dict[str, Any] = {"cancelled": len(cancelled)} if cancelled else {}
    TENDER.fire(tender, "fix_group", OPENER, at + NEXT, lane="price", group=[holder], **told)
    if tender.asked_documents:
        audit.emit(
            "opening.group", OPENER, at + 2 * NEXT, subject=tender.audit_subject, tender=tender.reference,
            lane="docs", group=[holder], **told,
        )  # fmt: skip
    return True


def open_bids(tender_id: UUID, keyholder: Keyholder, clock: Callable[[], datetime] = database_now) -> None:
    """Open every bid of the frozen list, or none; run the draw; evaluate; keep it all.

    Raises TemporarilyUnavailable or KeyholderRefused: nothing has changed then, and the job comes again.
    """
    tender = lock_tender(tender_id)
    if tender.state != TenderState.OPENING:
        return
    if tender.holder_vkeys.get(keyholder.who.holder) != keyholder.who.vkey:
        raise KeyholderRefused("another keyholder than the one that was published", holder=keyholder.who.holder)
    notes = ask_for_pieces(tender, keyholder, clock())
    pieces = pieces_in(notes, keyholder.who.vkey)
    lines = _open_all(tender, keyholder.who.holder, pieces)
    evaluation = _evaluate(tender, lines)
    at = clock()
    _keep_bids(tender, lines, evaluation, at)
    _keep_opening(tender, lines, evaluation, at)
    enqueue("bidding.publish_bundle", f"{tender.id}:opening", due_at=at, tender_id=str(tender.id), stage="opening")
    enqueue("bidding.issue_opening_record", str(tender.id), due_at=at, tender_id=str(tender.id))


def fail(tender: Tender, reason: str, at: datetime) -> None:
    """유찰, with its reason; the agency and the bidders hear of it."""
    tender.failure = reason
    cancelling.delete_wraps(tender, OPENER, at)
    TENDER.fire(tender, "fail", OPENER, at, reason=reason, count=tender.bid_count or 0)
    notify(tender.agency_id, "tender.failed", at, href=f"/tenders/{tender.reference}/manage", title=tender.title)
    notify_all(_bidders(tender), "tender.failed", at, href=f"/tenders/{tender.reference}/result", title=tender.title)


def _open_all(tender: Tender, holder: str, pieces: dict[str, str | None]) -> list[Line]:
    """Seeds first, then the bids in the order of the list: the lines of `opening.jsonl`."""
    assert tender.box is not None
    rule, lane = DrawRule.from_json(tender.box["draw"]), Lane.from_json(tender.box["lanes"]["price"])
    envelopes = [(seed["stmt"], seed["envelope"]) for seed in tender.seeds]
    in_the_running = Bid.tender_id == tender.id, Bid.state != BidState.CANCELLED
    rows = select(Bid.stmt, Bid.envelope).where(*in_the_running).order_by(Bid.stmt)
    envelopes += [(stmt, parse(envelope)) for stmt, envelope in db.session.execute(rows)]
    lines = []
    for stmt, envelope in envelopes:
        if stmt not in pieces:
            raise KeyholderRefused(f"no piece for {stmt}", holder=holder)
        piece = pieces[stmt]
        if piece is None:
            context = envelope["ctx"]
            fault = Fault(stmt, context["supplier"], Verdict.MALFORMED, FAULT_OF_WRAP, context["bid"])
            lines.append(Line(fault, None, context["bid"]))
            continue
        try:
            lines.append(open_line(rule, lane, CHOSEN_GROUP, stmt, envelope, {holder: unb64u(piece)}))
        except HolderFault as error:
            raise KeyholderRefused(str(error), holder=error.holder) from error
    return lines


def _evaluate(tender: Tender, lines: Sequence[Line]) -> Evaluation:
    assert tender.box is not None
    assert tender.box_id is not None
    assert tender.box_root is not None
    rule, lane = DrawRule.from_json(tender.box["draw"]), Lane.from_json(tender.box["lanes"]["price"])
    found = [line.found for line in lines]
    bids = bids_of(found)
    return evaluate(
        terms_of(tender),
        rule,
        box_id=tender.box_id,
        box_root=tender.box_root,
        seeds=gather_seeds(rule, lane, found),
        found=bids,
        exclusions=exclusions_of(tender, [bid for bid in bids if isinstance(bid, OpenedBid)]),
    )


def _keep_bids(tender: Tender, lines: Sequence[Line], evaluation: Evaluation, at: datetime) -> None:
    """One update for all bids. Ranks are given at once: no bid is ever open without its place or its reason."""
    placings = {placing.stmt: placing for placing in evaluation.placings}
    rows: list[dict[str, Any]] = []
    ids = dict(db.session.execute(select(Bid.stmt, Bid.id).where(Bid.tender_id == tender.id)).all())
    for line in lines:
        if line.found.stmt not in ids:
            continue  # a seed
        placing, found = placings[line.found.stmt], line.found
        is_open = isinstance(found, OpenedBid)
        state = (
            BidState.OPENED
            if is_open
            else BidState(str(found.verdict))
            if isinstance(found, Fault)
            else BidState.INVALID
        )
        rows.append(
            {
                "id": ids[found.stmt],
                "state": state,
                "opened_at": at,
                "amount_won": found.amount_won if isinstance(found, OpenedBid) else None,
                "picks": list(found.picks) if isinstance(found, OpenedBid) else None,
                "nonce": b64u(found.nonce) if isinstance(found, OpenedBid) else None,
                "cek": b64u(line.cek) if line.cek is not None else None,
                "fault": found.reason if isinstance(found, Fault) else None,
                "rank": placing.rank,
                "reason": str(placing.reason),
            }
        )
    db.session.execute(update(Bid), rows)


def _keep_opening(tender: Tender, lines: Sequence[Line], evaluation: Evaluation, at: datetime) -> None:
    digest = digest_of(evaluation)
    draw = evaluation.draw.to_json() if evaluation.draw is not None else None
    db.session.add(
        Opening(
            tender_id=tender.id,
            lines=[line.to_json() for line in lines],
            draw=draw,
            evaluation=evaluation.to_json(),
            evaluation_digest=digest,
            estimated_price_won=evaluation.estimated_price_won,
            floor_price_won=evaluation.floor_price_won,
            made_at=at,
        )
    )
    TENDER.fire(
        tender,
        "open",
        OPENER,
        at,
        opening_sha256=hashlib.sha256(write_lines(lines)).hexdigest(),
        draw_sha256=evaluation.draw_sha256,
        evaluation=digest,
        bids=len(evaluation.placings),
    )
    cancelling.delete_wraps(tender, OPENER, at)
    subject = tender.audit_subject
    if draw is not None:
        assert evaluation.draw is not None
        audit.emit(
            "draw.made", OPENER, at, subject=subject, tender=tender.reference,
            draw_sha256=hashlib.sha256(jcs(draw)).hexdigest(), drawn=list(evaluation.draw.drawn),
            estimated_price=str(evaluation.draw.estimated_price_won),
        )  # fmt: skip
    audit.emit(
        "evaluation.made", OPENER, at, subject=subject, tender=tender.reference,
        evaluation=digest, outcome=str(evaluation.outcome), lot=LOT,
    )  # fmt: skip
    if evaluation.outcome == Outcome.FAILED:
        fail(tender, "too-few-valid-bids", at)
    elif evaluation.outcome == Outcome.NO_WINNER:
        fail(tender, "none-in-range", at)
    else:
        _tell_opened(tender, at)


def _tell_opened(tender: Tender, at: datetime) -> None:
    notify(tender.agency_id, "tender.opened", at, href=f"/tenders/{tender.reference}/award", title=tender.title)
    notify_all(_bidders(tender), "tender.opened", at, href=f"/tenders/{tender.reference}/result", title=tender.title)


def _bidders(tender: Tender) -> Sequence[UUID]:
    return db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id)).all()
