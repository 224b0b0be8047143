"""The reverse auction over the web: its page, what the page asks for again and again, and the bidders' lower prices."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import keys, time
from app.auth import current_actor, public, requires
from app.db import database_now, transaction
from app.errors import BadEnvelope, NotFound
from app.i18n import language
from app.time import wire
from app.tlog import note
from app.tlog.canon import jcs, parse
from bidding import queries
from bidding.auction_chart import falling
from bidding.auction_texts import auction_texts
from bidding.auction_views import Board, Phase, Row, clock_time
from bidding.models import AuctionBid, Tender
from bidding.routes import blueprint
from bidding.routes.keys import shown_site
from bidding.rules.auction_result import statement_hash
from bidding.services import auction_watch, auctions
from bidding.services.access import get_tender, is_own
from bidding.services.refusing import REFUSALS, refuse
from bidding.views import steps_of

Json = dict[str, Any]
MOST_BYTES = 32 * 1024


@blueprint.get("/tenders/<reference>/auction")
@public
def auction_page(reference: str) -> ResponseReturnValue:
    """Prices under letters, round and time, the fall of the prices; for its bidders the form to go lower."""
    tender = get_tender(reference, current_actor())
    board, now = auction_watch.load(reference), database_now()
    own = _own_row(tender, board)
    phase = board.phase_at(now)
    can_bid = own is not None and phase in (Phase.WAITING, Phase.RUNNING)
    return render_template(
        "bidding/auction.html",
        tender=tender,
        steps=steps_of(tender),
        board=board,
        clock_time=clock_time,
        phase=phase,
        running=board.round_at(now),
        own=own,
        is_own_tender=is_own(tender, current_actor()),
        can_bid=can_bid,
        chart=falling(board),
        now=now,
        page=_page_facts(tender, board, own, can_bid=can_bid),
    )


def _own_row(tender: Tender, board: Board) -> Row | None:
    actor = current_actor()
    if actor.organisation_id is None or not actor.may("bid:submit"):
        return None
    bid = queries.find_own_bid(tender.id, actor.organisation_id)
    return board.row_of(bid.stmt) if bid is not None else None


def _page_facts(tender: Tender, board: Board, own: Row | None, *, can_bid: bool) -> Json:
    facts: Json = {
        "reference": tender.reference,
        "lang": language(),
        "state": board.to_json(),
        "own": own.label if own is not None else None,
        "urls": {
            "state": url_for("bidding.api_auction", reference=tender.reference),
            "board": url_for("bidding.auction_board", reference=tender.reference, lang=language()),
        },
        "texts": auction_texts(),
    }
    if can_bid and own is not None:
        entrant = next(one for one in board.auction.start.entrants if one.label == own.label)
        facts |= {
            "person": str(current_actor().person_id),
            "site": shown_site(),
            "bid": entrant.bid,
            "receipt_vkey": keys.vkey_of("receipt"),
        }
        facts["urls"] |= {
            "bids": url_for("bidding.api_auction_bid", reference=tender.reference),
            "keys": url_for("bidding.api_signing_keys"),
        }
    return facts


@blueprint.get("/tenders/<reference>/auction/board")
@public
def auction_board(reference: str) -> ResponseReturnValue:
    """The prices, their picture and the bids, as a part of the page: what changes with each bid."""

    def make(board: Board) -> str:
        words = {"board": board, "own": None, "chart": falling(board), "clock_time": clock_time}
        return render_template("bidding/_auction_board.html", **words)

    return _changing(*auction_watch.part(reference, f"board:{language()}", make), "text/html; charset=utf-8")


@blueprint.get("/api/tenders/<reference>/auction")
@public
def api_auction(reference: str) -> ResponseReturnValue:
    """The auction as it stands, for programs: 304 until the next bid."""
    version, text = auction_watch.part(reference, "json", lambda board: jcs(board.to_json()).decode())
    return _changing(version, text, "application/json")


def _changing(version: str, text: str, kind: str) -> ResponseReturnValue:
    response = Response(text, content_type=kind)
    response.set_etag(version)
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


@blueprint.get("/tenders/<reference>/auction.json")
@public
def auction_file(reference: str) -> ResponseReturnValue:
    """Every accepted bid with its signature, the chain and the final ranking; once the auction is over."""
    tender = get_tender(reference, current_actor())
    result = auctions.result_of(tender.id)
    if result is None:
        raise NotFound("no auction that is over")
    return Response(jcs(result), content_type="application/json")


@blueprint.post("/api/tenders/<reference>/auction/bids")
@requires("bid:submit")
def api_auction_bid(reference: str) -> ResponseReturnValue:
    """Take a signed, lower price: 201 with its receipt, 200 with the same one when it had been taken before."""
    stmt, actor = None, current_actor()
    try:
        statement, signature = _read(request.get_data(cache=False))
        stmt = statement_hash(statement)
        with transaction():
            taken = auctions.offer(reference, statement, signature, actor)
            told, is_new = _receipt_json(taken.row, reference), taken.is_new
    except REFUSALS as refusal:
        with transaction():
            refusal.facts["refusal"] = refuse(reference, stmt, refusal, actor, time.now())
        raise
    return told, 201 if is_new else 200


def _read(body: bytes) -> tuple[Json, Json]:
    """Statement and signature of the canonical body. Raises BadEnvelope."""
    try:
        value = parse(body) if len(body) <= MOST_BYTES else None
    except ValueError as error:
        raise BadEnvelope(f"the body is not canonical: {error}", part="body", fault="shape") from error
    if not isinstance(value, dict) or set(value) != {"statement", "signature"}:
        raise BadEnvelope("the body is not a bid of an auction", part="body", fault="shape")
    if not all(isinstance(part, dict) for part in value.values()):
        raise BadEnvelope("the body is not a bid of an auction", part="body", fault="shape")
    return value["statement"], value["signature"]


def _receipt_json(row: AuctionBid, reference: str) -> Json:
    """With the signed receipt: the same bytes whenever it is made."""
    receipt = auctions.receipt_of(row, reference, current_app.config["NARU_LOG_ORIGIN"])
    signed = note.sign_object("auction-receipt", receipt, keys.name_of("receipt"), keys.load("receipt"))
    return {"receipt": signed, "record": row.record, "amount": str(row.amount_won), "received": wire(row.received_at)}
