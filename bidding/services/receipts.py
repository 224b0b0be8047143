"""The receipt of a bid as a document (접수증). The signed note is the proof; the PDF is for the files."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app import documents
from app.auth import Actor, system
from app.documents.models import IssuedDocument
from app.errors import Forbidden
from bidding.documents import ReceiptFacts, bid_receipt
from bidding.models import Bid
from suppliers.front import format_business_number, get_summary

Lang = Literal["ko", "en"]


def receipt_document_subject(bid: Bid) -> str:
    return f"bid:{bid.id}"


def issue_receipt_document(bid: Bid, lang: str, actor: Actor, now: datetime) -> IssuedDocument:
    """The PDF in `lang`; made once, the same one ever after. Only the bidder and auditors may read it.

    The system issues it, not the person: the log's entry would else tell that this supplier has just bid somewhere.
    Raises Forbidden for another organisation's bid.
    """
    if actor.organisation_id != bid.organisation_id:
        raise Forbidden("another supplier's bid")
    wanted: Lang = "ko" if lang == "ko" else "en"
    subject = receipt_document_subject(bid)
    for issued in documents.issued_about(subject, "bid-receipt"):
        if issued.lang == wanted:
            return issued
    return documents.issue(
        bid_receipt(_facts(bid, wanted), wanted),
        subject=subject,
        now=now,
        actor=system(),
        is_public=False,
        owner_id=bid.organisation_id,
    )


def _facts(bid: Bid, lang: Lang) -> ReceiptFacts:
    tender, supplier = bid.tender, get_summary(bid.organisation_id)
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    return ReceiptFacts(
        receipt_number=bid.receipt_number,
        reference=tender.display_number,
        title=tender.title,
        agency_name=_name(tender.agency.name_ko, tender.agency.name_en, lang),
        supplier_name=_name(supplier.name_ko, supplier.name_en, lang),
        business_number=format_business_number(supplier.business_number),
        statement_sha256=bid.stmt,
        received_at=bid.received_at,
        bids_until_at=tender.closes_at,
        opening_at=tender.opens_at,
        is_practice=tender.is_practice,
    )


def _name(korean: str, english: str | None, lang: Lang) -> str:
    return english if lang == "en" and english else korean
