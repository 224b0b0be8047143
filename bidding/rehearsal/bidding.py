"""A bidder's program in Python: the same format as the browser's, sealed here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.ids import new_id
from bidding.client_build import client_hash
from bidding.models import Bid, Tender
from bidding.payload import make_price
from bidding.rehearsal.cast import Bidder
from bidding.rehearsal.documents import Document, seal_documents
from bidding.sealing import Lane, make_ctx, seal_envelope
from bidding.services.box import LOT
from bidding.services.submission import SealedBid, submit_bid
from bidding.statement import make_statement, sign_statement, statement_hash


def seal(
    tender: Tender,
    bidder: Bidder,
    amount_won: int,
    picks: Sequence[int],
    now: datetime,
    documents: Sequence[Document] = (),
    quantity: int | None = None,
) -> SealedBid:
    """Seal and sign a bid for the tender's published box; its documents are uploaded first."""
    assert tender.box is not None
    assert tender.box_id is not None
    assert tender.reference is not None
    ctx = make_ctx(
        box=tender.box_id, tender=tender.reference, lot=LOT, supplier=bidder.business_number, bid=str(new_id())
    )
    plain = make_price(amount_won, picks, quantity=quantity)
    _, envelope = seal_envelope(ctx, Lane.from_json(tender.box["lanes"]["price"]), plain)
    docs = seal_documents(tender, bidder, ctx, documents, now) if documents else None
    statement = make_statement(
        ctx, envelope, notice_sha256=str(tender.notice_sha256), client=client_hash(), made=now, docs=docs
    )
    return SealedBid(statement, sign_statement(statement_hash(statement), bidder.kid, bidder.key), envelope, docs)


def bid(
    tender: Tender,
    bidder: Bidder,
    amount_won: int,
    picks: Sequence[int],
    now: datetime,
    documents: Sequence[Document] = (),
    quantity: int | None = None,
) -> Bid:
    """Seal, sign and submit. Raises as `submit_bid`."""
    sealed = seal(tender, bidder, amount_won, picks, now, documents, quantity)
    return submit_bid(str(tender.reference), sealed, bidder.actor, now).bid
