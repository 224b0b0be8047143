"""A bidder's program in Python asks to take a bid back, as the browser's does."""

from __future__ import annotations

from datetime import datetime

from app.tlog.canon import parse
from bidding.cancel_request import make_request, request_hash
from bidding.models import Bid, Cancellation
from bidding.rehearsal.cast import Bidder
from bidding.services.cancelling import ask_cancellation
from bidding.statement import sign_statement


def ask_to_cancel(bid: Bid, bidder: Bidder, reason: str, now: datetime) -> Cancellation:
    """Make, sign and enter the request. Raises as `ask_cancellation`."""
    request = make_request(parse(bid.statement), bid.stmt, reason=reason, made=now)
    signature = sign_statement(request_hash(request), bidder.kid, bidder.key)
    return ask_cancellation(bid.id, request, signature, bidder.actor, now)
