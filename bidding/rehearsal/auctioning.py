"""A bidder's program in an auction: the same statement as the browser's, signed here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.db import database_now
from bidding.models import Auction, Bid, Tender
from bidding.rehearsal.cast import Bidder
from bidding.rules.auction_result import make_statement, statement_hash
from bidding.services import auctions
from bidding.statement import sign_statement

Json = dict[str, Any]


def sign_offer(auction: Auction, bid: Bid, bidder: Bidder, amount_won: int, number: int, now: datetime) -> Json:
    """The body that is posted: `bid` lowered to `amount_won` in round `number`, after the last record there is."""
    start = auctions.start_of(auction)
    prev = auction.head
    statement = make_statement(start, bid=bid.stmt, number=number, amount_won=amount_won, prev=prev, made=now)
    return {"statement": statement, "signature": sign_statement(statement_hash(statement), bidder.kid, bidder.key)}


def lower(
    tender: Tender, bid: Bid, bidder: Bidder, amount_won: int, clock: Callable[[], datetime] = database_now
) -> auctions.Taken:
    """Sign and offer in the round that runs by `clock`. Raises as `auctions.offer`."""
    auction = auctions.find_auction(tender.id)
    assert auction is not None
    now = clock()
    number = auctions.state_of(auction).round_at(now) or 1
    body = sign_offer(auction, bid, bidder, amount_won, number, now)
    return auctions.offer(str(tender.reference), body["statement"], body["signature"], bidder.actor, clock)
