"""Opening: the group fixed in the log, pieces, every envelope or none, the draw, the evaluation (protocol 3.9-3.13).

Each step is its own transaction and finds out by the tender's state whether it has been done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app import audit
from app.db import database_now, db
from app.errors import IllegalTransition, KeyholderRefused
from app.jobs import enqueue
from app.notifications import notify, notify_all
from app.tlog.canon import b64u, jcs, unb64u
from bidding.evaluation import digest_of, evaluate
from bidding.models import Bid, Opening, Tender
from bidding.opening import Line, bids_of, gather_seeds, open_line, recovered_line, write_lines
from bidding.policy import first_group
from bidding.rules.validity import Finding, exclusions_from
from bidding.sealing import HolderFault, Lane
from bidding.services import auctions, cancelling, evaluators, opened, recovery, technical
from bidding.services.access import lock_tender
from bidding.services.box import LOT, terms_of
from bidding.services.exclusions import findings_of
from bidding.services.figures import grounds_of
from bidding.services.groups import NEXT, OPENER, fix_groups, groups_in, is_automatic, leading_lane
from bidding.services.release import is_complete, parts_of, pieces_of
from bidding.states import TENDER, BidState, TenderState
from bidding.types import DrawRule, Evaluation, Fault, OpenedBid, Outcome

Findings = Mapping[str, Sequence[Finding]]  # by statement


def begin_opening(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """Fix the group in the log, or fail the tender for want of bids; return whether there is something to open.

    Cancellations that were granted are frozen first (protocol 3.6). Nothing is opened of a tender with fewer bids than
    it needs (two), cancelled ones not counted: its bids stay sealed for ever. Where people hold keys, who has come
    decides the group: that is `begin_session`.
    """
    tender = lock_tender(tender_id)
    if tender.state in (TenderState.OPENING, TenderState.EVALUATING):
        return True
    at = clock()
    is_hopeless = (tender.bid_count or 0) < tender.minimum_bids
    if not _is_due(tender, at) or not (is_automatic(tender) or is_hopeless):
        return False
    cancelled = _freeze(tender, at)
    if cancelled is None:
        return False
    group = first_group(groups_in(tender, leading_lane(tender)))
    assert group is not None  # a lane has one, or it is none
    _fix(tender, group, at, cancelled)
    return True


def _fix(tender: Tender, group: Sequence[str], at: datetime, cancelled: int, approvals: Sequence[str] = ()) -> None:
    """The groups; and the committee of evaluators, where proposals come first."""
    fix_groups(tender, group, at + NEXT, cancelled=cancelled, approvals=approvals)
    if tender.state == TenderState.EVALUATING:
        evaluators.draw_committee(tender, at + 2 * NEXT)


def begin_prices(
    tender: Tender, at: datetime, group: Sequence[str] | None = None, approvals: Sequence[str] = ()
) -> None:
    """The price lane of a tender whose technical result is fixed: its group goes to the log (the first of the box that
    services form, or the one that has come), and its pieces are asked for."""
    chosen = first_group(groups_in(tender, "price")) if group is None else group
    assert chosen is not None
    cancelled, unqualified = (
        len(cancelling.frozen_of(tender)),
        technical.count_unqualified(tender.id),
    )
    fix_groups(tender, chosen, at, cancelled=cancelled, unqualified=unqualified, approvals=approvals)
    enqueue("bidding.open_tender", f"{tender.id}:prices", due_at=at, tender_id=str(tender.id))


def begin_session(
    tender_id: UUID, group: Sequence[str], approvals: Sequence[str], clock: Callable[[], datetime] = database_now
) -> bool:
    """A committee's session begins: fix the group of those who have come. `approvals`: who started it, by handle.

    The caller has decided who may start it. False where the tender failed for want of bids instead. Raises
    IllegalTransition before the opening time and for a tender that services open alone, InvalidInput for no group.
    """
    tender = lock_tender(tender_id)
    at = clock()
    if not is_automatic(tender) and technical.is_fixed(tender):
        begin_prices(tender, at, group, approvals)
        return True
    if is_automatic(tender) or not _is_due(tender, at):
        raise IllegalTransition("there is no session to begin", state=tender.state, event="begin_session")
    cancelled = _freeze(tender, at)
    if cancelled is None:
        return False
    _fix(tender, group, at, cancelled, approvals)
    return True


def _is_due(tender: Tender, at: datetime) -> bool:
    return tender.state == TenderState.CLOSED and tender.opens_at is not None and at >= tender.opens_at


def _freeze(tender: Tender, at: datetime) -> int | None:
    """Freeze the cancellations; return how many there are, or None: too few bids were left, and the tender failed."""
    cancelled = cancelling.freeze(tender, OPENER, at)
    left = (tender.bid_count or 0) - len(cancelled)
    if left >= tender.minimum_bids:
        return len(cancelled)
    fail(tender, "too-few-bids" if left else "no-bids", at + NEXT)
    return None


def open_bids(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """Open every bid of the frozen list, or none; run the draw; evaluate; keep it all. Whether it is opened now.

    False while pieces of the group in force are missing. Raises KeyholderRefused for a piece that is not the committed
    one: nothing has changed then.
    """
    tender = lock_tender(tender_id)
    if tender.state != TenderState.OPENING:
        return tender.opened_at is not None
    if not is_complete(tender, "price"):
        return False
    _keep_all(tender, _open_all(tender), clock())
    return True


def open_recovered(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """Open with the keys that the bidders gave, after the end of a recovery. Whether it is opened now.

    Where given reserve prices (mode M3) are lost with the keyholders, there is no draw: the tender fails.
    """
    given = recovery.open_keys(tender_id, clock)
    if given is None:
        return False
    tender = lock_tender(tender_id)
    assert tender.box is not None
    rule = DrawRule.from_json(tender.box["draw"])
    ceks = {stmt: unb64u(cek) for stmt, cek in given["ceks"].items()}
    items = [item for part in parts_of(tender, "price") for item in part]
    lines = [recovered_line(rule, item["stmt"], item["envelope"], ceks.get(item["stmt"])) for item in items]
    at = clock()
    if any(isinstance(line.found, Fault) and line.found.supplier.startswith("@") for line in lines):
        fail(tender, "keys-lost", at)
        return False
    _keep_all(tender, lines, at)
    return True


def _keep_all(tender: Tender, lines: Sequence[Line], at: datetime) -> None:
    found = findings_of(tender, [one for one in bids_of([line.found for line in lines]) if isinstance(one, OpenedBid)])
    evaluation = _evaluate(tender, lines, found, at)
    _keep_bids(tender, lines, evaluation, at)
    _keep_opening(tender, lines, evaluation, found, at)
    if tender.state != TenderState.AUCTION:  # its end makes public who has bid
        opened.publish(tender, at)


def fail(tender: Tender, reason: str, at: datetime) -> None:
    """유찰, with its reason; the agency and the bidders hear of it."""
    tender.failure = reason
    _delete_wraps(tender, at)
    TENDER.fire(tender, "fail", OPENER, at, reason=reason, count=tender.bid_count or 0)
    notify(tender.agency_id, "tender.failed", at, href=f"/tenders/{tender.reference}/manage", title=tender.title)
    notify_all(
        opened.bidders_of(tender), "tender.failed", at, href=f"/tenders/{tender.reference}/result", title=tender.title
    )


def _delete_wraps(tender: Tender, at: datetime) -> None:
    """What could still open the prices of cancelled and unqualified bids."""
    cancelling.delete_wraps(tender, OPENER, at)
    technical.delete_wraps(tender, OPENER, at)


def _open_all(tender: Tender) -> list[Line]:
    """Seeds first, then the bids in the order of the list: the lines of `opening.jsonl`."""
    assert tender.box is not None
    rule, lane = DrawRule.from_json(tender.box["draw"]), Lane.from_json(tender.box["lanes"]["price"])
    pieces = pieces_of(tender, "price")
    chosen = lane.groups.index(tuple(pieces))
    lines = []
    for part in parts_of(tender, "price"):
        for item in part:
            stmt = item["stmt"]
            blobs = {holder: _blob(given[stmt]) for holder, given in pieces.items() if stmt in given}
            try:
                lines.append(open_line(rule, lane, chosen, stmt, item["envelope"], blobs))
            except HolderFault as error:
                raise KeyholderRefused(str(error), holder=error.holder) from error
    return lines


def _blob(piece: str | None) -> bytes | None:
    """None: the holder's word that the bidder's wrap does not open."""
    return None if piece is None else unb64u(piece)


def _evaluate(tender: Tender, lines: Sequence[Line], findings: Findings, at: datetime) -> Evaluation:
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
        exclusions=exclusions_from(findings, [bid.stmt for bid in bids], grounds_of(tender, at)),
        technical=technical.result_of(tender),
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
                "quantity": found.quantity if isinstance(found, OpenedBid) else None,
                "rank": placing.rank,
                "reason": str(placing.reason),
            }
        )
    db.session.execute(update(Bid), rows)


def _keep_opening(
    tender: Tender, lines: Sequence[Line], evaluation: Evaluation, findings: Findings, at: datetime
) -> None:
    digest = digest_of(evaluation)
    draw = evaluation.draw.to_json() if evaluation.draw is not None else None
    db.session.add(
        Opening(
            tender_id=tender.id,
            lines=[line.to_json() for line in lines],
            draw=draw,
            evaluation=evaluation.to_json(),
            evaluation_digest=digest,
            findings={stmt: [one.to_json() for one in found] for stmt, found in findings.items()},
            estimated_price_won=evaluation.estimated_price_won,
            floor_price_won=evaluation.floor_price_won,
            made_at=at,
        )
    )
    has_auction = auctions.is_wanted(evaluation)
    TENDER.fire(
        tender,
        "begin_auction" if has_auction else "open",
        OPENER,
        at,
        opening_sha256=hashlib.sha256(write_lines(lines)).hexdigest(),
        draw_sha256=evaluation.draw_sha256,
        evaluation=digest,
        bids=len(evaluation.placings),
    )
    _delete_wraps(tender, at)
    subject = tender.audit_subject
    if draw is not None:
        assert evaluation.draw is not None
        audit.emit(
            "draw.made", OPENER, at, subject=subject, tender=tender.reference,
            draw_sha256=hashlib.sha256(jcs(draw)).hexdigest(), drawn=list(evaluation.draw.drawn),
            estimated_price=None if evaluation.estimated_price_won is None else str(evaluation.estimated_price_won),
        )  # fmt: skip
    audit.emit(
        "evaluation.made", OPENER, at, subject=subject, tender=tender.reference,
        evaluation=digest, outcome=str(evaluation.outcome), lot=LOT,
    )  # fmt: skip
    if evaluation.outcome == Outcome.FAILED:
        fail(tender, "too-few-valid-bids", at)
    elif evaluation.outcome == Outcome.NO_WINNER:
        fail(tender, "none-in-range", at)
    elif has_auction:
        auctions.announce(tender, evaluation, digest, at)
    else:
        opened.tell(tender, at)
