"""Asking to cancel a bid, and the two officers' decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from app import audit, time
from app.auth import current_actor, requires
from app.db import database_now, db, transaction
from app.errors import BadEnvelope, NotFound
from app.forms import Form
from app.time import wire
from app.tlog.canon import parse
from bidding import labels
from bidding.bid_texts import cancel_texts
from bidding.cancel_request import LEAST_REASON, LONGEST_REASON
from bidding.models import Bid, Cancellation, Tender
from bidding.routes import blueprint
from bidding.routes.keys import shown_site
from bidding.schemas import CancelIn, ProposalIn
from bidding.services import cancelling
from bidding.services.access import get_tender, is_own
from bidding.services.box import BID_STATEMENT_MAX
from bidding.states import BidState, TenderState
from suppliers.front import format_business_number, summaries

ASKABLE = cancelling.ASKABLE


@blueprint.get("/bids/<uuid:bid_id>/cancellation")
@requires("bid:submit")
def cancellation_page(bid_id: UUID) -> ResponseReturnValue:
    """What a cancellation means, the form that asks for it, and what became of the request."""
    bid = _own_bid(bid_id)
    tender, now = bid.tender, database_now()
    asked = db.session.get(Cancellation, bid_id)
    may_ask = asked is None and tender.state in ASKABLE and tender.opens_at is not None and now < tender.opens_at
    return render_template(
        "bidding/cancellation.html",
        bid=bid,
        tender=tender,
        asked=asked,
        may_ask=may_ask and bid.state == BidState.SUBMITTED,
        page=_page_facts(bid) if may_ask else None,
        least=LEAST_REASON,
        most=LONGEST_REASON,
        decisions=labels.CANCELLATION,
        is_practice=tender.is_practice,
    )


def _page_facts(bid: Bid) -> dict[str, Any]:
    """What the script needs to make the request and sign it."""
    return {
        "person": str(current_actor().person_id),
        "site": shown_site(),
        "request": {
            "v": 1,
            "type": "cancel",
            "tender": bid.tender.reference,
            "bid": str(bid.id),
            "supplier": bid.supplier,
            "stmt": bid.stmt,
        },
        "server_time": wire(database_now()),
        "urls": {
            "keys": url_for("bidding.api_signing_keys"),
            "ask": url_for("bidding.api_ask_cancellation", bid_id=bid.id),
            "done": url_for("bidding.cancellation_page", bid_id=bid.id),
        },
        "texts": cancel_texts(),
    }


@blueprint.post("/api/bids/<uuid:bid_id>/cancellation")
@requires("bid:submit")
def api_ask_cancellation(bid_id: UUID) -> ResponseReturnValue:
    """The signed request, `{request, signature}` in canonical JSON."""
    body = request.get_data(cache=False)
    if len(body) > BID_STATEMENT_MAX:
        raise BadEnvelope("the body is too large", part="body", fault="size")
    try:
        loaded = CancelIn().load(parse(body))
    except (ValueError, ValidationError) as error:
        raise BadEnvelope(f"the body is no request: {error}", part="body", fault="shape") from error
    with transaction():
        asked = cancelling.ask_cancellation(
            bid_id, loaded["request"], loaded["signature"], current_actor(), database_now()
        )
        told = {"bid": str(bid_id), "request": asked.request_sha256, "asked": wire(asked.asked_at)}
    return told, 201


@blueprint.get("/tenders/<reference>/cancellations")
@requires("tender:view-own")
def cancellations_page(reference: str) -> ResponseReturnValue:
    """The requests of one tender. Who has bid is no official's business before the opening: reading it is recorded."""
    tender = _own(reference)
    asked = cancelling.requests_of(tender.id)
    if asked and tender.opened_at is None:
        with transaction():
            audit.read_access(current_actor(), time.now(), subject=str(tender.reference), what="cancellations")
    firms = summaries([one.bid.organisation_id for one in asked])
    return render_template(
        "bidding/cancellations.html",
        tender=tender,
        asked=asked,
        firms=firms,
        number=format_business_number,
        form=Form(ProposalIn()),
        decisions=labels.CANCELLATION,
        is_open=tender.state in ASKABLE,
    )


@blueprint.post("/tenders/<reference>/cancellations/<uuid:bid_id>/propose")
@requires("cancellation:propose")
def propose_cancellation(reference: str, bid_id: UUID) -> ResponseReturnValue:
    _own(reference)
    data = Form(ProposalIn()).load(request.form)
    if data is None:
        flash(_("Choose what should be done, and say why."), "error")
        return redirect(url_for("bidding.cancellations_page", reference=reference))
    with transaction():
        cancelling.propose_decision(bid_id, data["proposal"], data["reason"], current_actor(), time.now())
    flash(_("Proposed. A second person of your agency has to confirm it."), "success")
    return redirect(url_for("bidding.cancellations_page", reference=reference))


@blueprint.post("/tenders/<reference>/cancellations/<uuid:bid_id>/confirm")
@requires("cancellation:approve", step_up=True)
def confirm_cancellation(reference: str, bid_id: UUID) -> ResponseReturnValue:
    _own(reference)
    with transaction():
        cancelling.confirm_decision(bid_id, request.form.get("proposal", ""), current_actor(), time.now())
    flash(_("Decided. The bidder has been told."), "success")
    return redirect(url_for("bidding.cancellations_page", reference=reference))


@blueprint.post("/tenders/<reference>/cancellations/<uuid:bid_id>/send-back")
@requires("cancellation:approve")
def return_cancellation(reference: str, bid_id: UUID) -> ResponseReturnValue:
    _own(reference)
    with transaction():
        cancelling.return_proposal(bid_id, current_actor(), time.now())
    flash(_("Sent back: the request is undecided again."), "success")
    return redirect(url_for("bidding.cancellations_page", reference=reference))


def _own(reference: str) -> Tender:
    tender = get_tender(reference, current_actor())
    if not is_own(tender, current_actor()) or tender.state == TenderState.DRAFT:
        raise NotFound("another agency's tender")
    return tender


def _own_bid(bid_id: UUID) -> Bid:
    bid = db.session.get(Bid, bid_id)
    if bid is None or bid.organisation_id != current_actor().organisation_id:
        raise NotFound(f"no bid {bid_id}")
    return bid
