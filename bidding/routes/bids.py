"""The sealed bid over HTTP: the box to seal into, and the one small POST."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from app import keys, time
from app.auth import current_actor, requires
from app.db import database_now, transaction
from app.errors import BadEnvelope, NotFound
from app.time import wire
from app.tlog.canon import parse
from bidding import queries
from bidding.client_build import client_hash
from bidding.models import Bid
from bidding.routes import blueprint
from bidding.schemas import SealedBidIn
from bidding.services.access import get_tender
from bidding.services.box import BID_STATEMENT_MAX, LOT
from bidding.services.refusing import REFUSALS, refuse
from bidding.services.submission import Accepted, SealedBid, submit_bid
from bidding.statement import make_receipt, receipt_note
from suppliers.front import get_summary

Json = dict[str, Any]
BODY = SealedBidIn()  # made once: building a schema costs more than reading with it


@blueprint.get("/api/tenders/<reference>/box")
@requires("bid:submit")
def api_box(reference: str) -> ResponseReturnValue:
    """Everything that a bidder's program needs to seal: box, keys to check it by, times."""
    actor = current_actor()
    tender = get_tender(reference, actor)
    if tender.box is None or tender.box_note is None or actor.organisation_id is None:
        raise NotFound("no box to bid into")
    bid = queries.find_own_bid(tender.id, actor.organisation_id)
    draw = tender.box["draw"]
    return {
        "box": tender.box,
        "box_id": tender.box_id,
        "box_note": tender.box_note,
        "khkeys": [note for lane in tender.box["lanes"] for note in tender.khkeys(lane).values()],
        "vkeys": {name: keys.vkey_of(name) for name in ("agency", "receipt", "log")} | {"holders": tender.holder_vkeys},
        "notice_sha256": tender.notice_sha256,
        "closes_at": wire(tender.closes_at) if tender.closes_at else None,
        "opens_at": wire(tender.opens_at) if tender.opens_at else None,
        "server_time": wire(database_now()),
        "supplier": get_summary(actor.organisation_id).business_number,
        "lot": LOT,
        "client": client_hash(),
        "documents": tender.asked_documents,
        "picks": {"pick": draw["pick"], "of": draw["rule"]["n"]},
        "already": {"bid": str(bid.id)} if bid else None,
    }


@blueprint.post("/api/tenders/<reference>/bids")
@requires("bid:submit")
def api_submit_bid(reference: str) -> ResponseReturnValue:
    """Take a bid in: 201 with its receipt, 200 with the same receipt when it had been taken before."""
    stmt, actor = None, current_actor()
    try:
        sealed = _read(request.get_data(cache=False))
        stmt = sealed.stmt
        accepted = submit_bid(reference, sealed, actor, time.now())
    except REFUSALS as refusal:
        with transaction():
            refusal.facts["refusal"] = refuse(reference, stmt, refusal, actor, time.now())
        raise
    return receipt_json(accepted), 201 if accepted.is_new else 200


def _read(body: bytes) -> SealedBid:
    """The canonical body, as its parts. Raises BadEnvelope."""
    if len(body) > BID_STATEMENT_MAX:
        raise BadEnvelope("the body is too large", part="body", fault="size")
    try:
        value = parse(body)
        loaded = BODY.load(value)
        sealed = SealedBid(loaded["statement"], loaded["signature"], loaded["env_price"], loaded["env_docs"])
        stmt = sealed.stmt
    except (ValueError, ValidationError) as error:
        raise BadEnvelope(f"the body is not a bid: {error}", part="body", fault="shape") from error
    named = request.headers.get("Idempotency-Key")
    if named is not None and named != stmt:
        raise BadEnvelope("the idempotency key is not the statement's hash", part="body", fault="key")
    return sealed


def receipt_json(accepted: Accepted) -> Json:
    return {
        "receipt": receipt_of(accepted, accepted.statement),
        "bid": str(accepted.bid_id),
        "received": wire(accepted.received_at),
        "number": accepted.receipt_number,
    }


def receipt_of(bid: Accepted | Bid, statement: Json) -> str:
    """The signed receipt: the same bytes whenever it is asked for."""
    receipt = make_receipt(
        statement,
        bid.stmt,
        received=bid.received_at,
        commitment=bid.commitment,
        salt=bid.salt,
        origin=current_app.config["NARU_LOG_ORIGIN"],
    )
    return receipt_note(receipt, keys.name_of("receipt"), keys.load("receipt"))


@blueprint.get("/bids/<uuid:bid_id>/receipt.note")
@requires("bid:submit")
def receipt_file(bid_id: Any) -> ResponseReturnValue:
    """The receipt to download."""
    bid = queries.find_bid(bid_id)
    if bid is None or bid.organisation_id != current_actor().organisation_id:
        raise NotFound("no such bid")
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": f"attachment; filename={bid.receipt_number}.note",
    }
    return receipt_of(bid, parse(bid.statement)), 200, headers


@blueprint.get("/refusals/<uuid:refusal_id>/refusal.note")
@requires("bid:submit")
def refusal_file(refusal_id: Any) -> ResponseReturnValue:
    """The signed refusal of a bid, to download."""
    refusal = queries.find_refusal(refusal_id)
    if refusal is None or refusal.organisation_id != current_actor().organisation_id:
        raise NotFound("no such refusal")
    name = f"{refusal.tender.reference}-refusal-{refusal.refused_at:%Y%m%d-%H%M%S}.note"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Disposition": f"attachment; filename={name}"}
    return refusal.note, 200, headers
