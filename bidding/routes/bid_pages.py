"""Pages of the bidder: the bid itself, its receipt, and the list of one's bids. The price never comes through here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from app import audit, keys, time
from app.audit.proving import prove
from app.audit.sequencer import publication_of
from app.auth import current_actor, requires
from app.db import database_now, db, transaction
from app.errors import NotFound
from app.i18n import language
from app.time import wire
from app.tlog.canon import parse
from bidding import consortium_views, labels, queries
from bidding.bid_texts import bid_texts, receipt_texts
from bidding.document_labels import DOCUMENT_REASON, DOCUMENT_STATE, DOCUMENT_TONE
from bidding.eligibility import FIRST_ROUND, demands_of, requirements_of, told_ineligible
from bidding.models import Bid, Tender
from bidding.routes import blueprint
from bidding.routes.keys import shown_site
from bidding.services.access import get_tender
from bidding.services.docs_lane import documents_of_bid
from bidding.services.receipts import issue_receipt_document
from bidding.services.releases import is_released
from bidding.states import TenderState
from suppliers.front import Ineligible, format_business_number, get_summary, why_ineligible


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why the actor cannot bid in this tender at this moment."""

    code: str
    at: datetime
    href: str = ""
    text: str = ""
    help: str = ""

ABOVE_ANY = 10**9  # a rate that no price reaches


@blueprint.get("/tenders/<reference>/bid")
@requires("bid:submit")
def bid_start(reference: str) -> ResponseReturnValue:
    """The page on which a bid is checked, typed, sealed, signed and sent; its scripts do all of it in the browser."""
    tender = get_tender(reference, current_actor())
    organisation = own_organisation()
    now = database_now()
    supplier = get_summary(organisation)
    why_not = _why_not(tender, organisation, now)
    draw = (tender.box or {}).get("draw") or {}
    picks = {"pick": draw["pick"], "of": draw["rule"]["n"]} if draw.get("pick") else None
    return render_template(
        "bidding/bid.html",
        tender=tender,
        supplier=supplier,
        business_number=format_business_number(supplier.business_number),
        demands=demands_of(tender),
        method=labels.METHOD[tender.method],
        why_not=why_not,
        refusals=queries.refusals_of(tender.id, organisation),
        refusal_words=labels.REFUSAL,
        picks=picks,
        quantity=_quantity_of(tender),
        page=None if why_not else _page_facts(tender, picks, now),
        is_practice=tender.is_practice,
        joint=consortium_views.own_in(tender, organisation) if tender.joint else [],
        own=organisation,
        has_stamps=bool(current_app.config["NARU_TSA_URL"]),
    )


def _why_not(tender: Tender, organisation: UUID, now: datetime) -> WhyNot | None:
    if bid := queries.find_own_bid(tender.id, organisation):
        return WhyNot("already", bid.received_at, href=url_for("bidding.bid_page", bid_id=bid.id))
    if tender.closes_at is not None and now >= tender.closes_at:
        return WhyNot("late", now)
    if tender.state != TenderState.PUBLISHED:
        return WhyNot("state", now)
    if tender.bids_from_at is not None and now < tender.bids_from_at:
        return WhyNot("not-yet", now)
    if why := why_ineligible(organisation, requirements_of(tender), now):
        text, help_ = told_ineligible(why)
        return WhyNot("ineligible", now, text=text, help=help_)
    joint = consortium_views.binding(tender, organisation)
    if joint is not None and joint.lead_id != organisation:
        text, help_ = told_ineligible(Ineligible("joint-member", {}))
        return WhyNot("ineligible", now, text=text, help=help_)
    if queries.is_shut_out(tender, organisation):
        text, help_ = FIRST_ROUND
        return WhyNot("ineligible", now, text=str(text), help=str(help_))
    return None


def _quantity_of(tender: Tender) -> dict[str, Any] | None:
    """The most that one bid may offer and its unit (희망수량), or None."""
    most = ((tender.box or {}).get("draw") or {}).get("quantity")
    return {"most": most, "unit": (tender.scoring or {})["unit"]} if most else None


def _page_facts(tender: Tender, picks: dict[str, int] | None, now: datetime) -> dict[str, Any]:
    """What the scripts of the page need to know; no script asks for more than its own tender."""
    assert tender.closes_at is not None
    here = url_for("bidding.bid_start", reference=tender.reference, enrol=1)
    return {
        "reference": tender.reference,
        "lang": language(),
        "person": str(current_actor().person_id),
        "site": shown_site(),
        "picks": picks,
        "quantity": _quantity_of(tender),
        "closes_at": wire(tender.closes_at),
        "server_time": wire(now),
        "terms": {
            "base": str(tender.base_amount_won),
            "low": tender.range_low,
            # A sale has no price too high, and without reserve prices there is no estimated price to be above.
            "high": ABOVE_ANY if tender.method == "sale" or tender.draw_mode == "M0" else tender.range_high,
            "floor": tender.floor_rate,
        },
        "urls": {
            "box": f"/api/tenders/{tender.reference}/box",
            "blobs": "/api/blobs",
            "bids": f"/api/tenders/{tender.reference}/bids",
            "keys": url_for("bidding.api_signing_keys"),
            "csrf": url_for("bidding.api_csrf_token"),
            "stamps": url_for("bidding.api_stamp"),
            "receipt": "/bids/%(bid)s",
            "receipt_pdf": "/bids/%(bid)s/receipt.pdf",
            "proof": "/bids/%(bid)s/proof",
            "step_up": "/step-up?" + urlencode({"next": here}),
            "sign_in": "/sign-in",
            "tender": url_for("bidding.tender_page", reference=tender.reference),
        },
        "texts": bid_texts(),
    }


@blueprint.get("/my/bids")
@requires("bid:submit")
def my_bids() -> ResponseReturnValue:
    """Every bid of the caller's organisation, newest first."""
    page = queries.my_bids(own_organisation(), request.args.get("page", 1, int))
    return render_template("bidding/my_bids.html", page=page, labels=labels, reasons=labels.REASON, now=time.now())


@blueprint.get("/bids/<uuid:bid_id>")
@requires("bid:submit")
def bid_page(bid_id: UUID) -> ResponseReturnValue:
    """The receipt of one's own bid, kept for good; after the opening also what came of it."""
    bid = _own_bid(bid_id)
    return render_template(
        "bidding/bid_receipt.html",
        bid=bid,
        tender=bid.tender,
        supplier=get_summary(bid.organisation_id),
        business_number=format_business_number(bid.supplier),
        page=_receipt_facts(bid),
        documents=documents_of_bid(bid.id),
        DOCUMENT_STATE=DOCUMENT_STATE,
        DOCUMENT_TONE=DOCUMENT_TONE,
        DOCUMENT_REASON=DOCUMENT_REASON,
        client=_client_of(bid),
        reasons=labels.REASON,
        now=database_now(),
        is_practice=bid.tender.is_practice,
    )


def _client_of(bid: Bid) -> dict[str, Any]:
    """Which program sealed it, and whether that is one of this site's. A warning, never a refusal."""
    named = str(parse(bid.statement)["client"])
    return {"sha256": named, "is_released": is_released(named)}


def _receipt_facts(bid: Bid) -> dict[str, Any]:
    """What the page's script needs to check the receipt by itself."""
    return {
        "bid": {"tender": bid.tender.reference, "bid": str(bid.id), "stmt": bid.stmt},
        "vkeys": {name: keys.vkey_of(name) for name in ("receipt", "log")},
        "urls": {"note": f"/bids/{bid.id}/receipt.note", "proof": f"/bids/{bid.id}/proof"},
        "texts": receipt_texts(),
    }


@blueprint.get("/bids/<uuid:bid_id>/receipt.pdf")
@requires("bid:submit")
def bid_receipt_pdf(bid_id: UUID) -> ResponseReturnValue:
    """The receipt as a PDF, issued when it is first asked for."""
    with transaction():
        issued = issue_receipt_document(_own_bid(bid_id), language(), current_actor(), time.now())
        code = issued.code
    return redirect(f"/documents/{code}.pdf")


@blueprint.get("/bids/<uuid:bid_id>/proof")
@requires("bid:submit")
def bid_proof(bid_id: UUID) -> ResponseReturnValue:
    """That the bid's sealed entry is in the public log, as a c2sp.org/tlog-proof with the salt; 202 until it is."""
    bid = _own_bid(bid_id)
    index = audit.find_index(bid.event_id)
    proved = prove(publication_of(current_app), index) if index is not None else None
    if proved is None:
        return "not in a published checkpoint yet\n", 202, {"Content-Type": "text/plain", "Retry-After": "1"}
    return replace(proved.proof, extra=bid.salt).text, 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/api/my/csrf-token")
@requires("bid:submit")
def api_csrf_token() -> ResponseReturnValue:
    """A fresh token for a page that stayed open while its person signed in again elsewhere."""
    return {"csrf_token": generate_csrf()}


def own_organisation() -> UUID:
    """The supplier that the actor acts for. Raises NotFound for whoever acts for none."""
    organisation = current_actor().organisation_id
    if organisation is None:
        raise NotFound("no organisation")
    return organisation


def _own_bid(bid_id: UUID) -> Bid:
    bid = db.session.get(Bid, bid_id)
    if bid is None or bid.organisation_id != current_actor().organisation_id:
        raise NotFound(f"no bid {bid_id}")
    return bid
