"""Steps of a review for tests of the services and of pages."""

from __future__ import annotations

from sqlalchemy import select

from app import time
from app.db import db, transaction
from bidding.models import Award, Bid, BidReview, Opening, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.review import Kind
from bidding.services.awarding import confirm_award, propose_award, shown_digest
from bidding.services.review_asking import ask_for_documents
from bidding.services.review_papers import add_file, submit_documents
from bidding.services.reviewing import Ground, confirm, open_case, proposal_digest, propose_result
from bidding.services.standings import standing_of

VOID = Ground("instructions-breach", "국가계약법 시행규칙 제44조제1항제11호", "입찰유의서 제7조를 어겼습니다.")
REFUSED = Ground("contract-refused", "국가계약법 시행령 제38조", "정한 기일까지 계약을 체결하지 않았습니다.")


def bid_ranked(tender: Tender, rank: int) -> Bid:
    return db.session.scalars(select(Bid).where(Bid.tender_id == tender.id, Bid.rank == rank)).one()


def agree(review: BidReview, agency: Agency) -> BidReview:
    """The second person confirms what was proposed."""
    with transaction():
        return confirm(review.id, proposal_digest(review), agency.approver, time.now())


def take_out(tender: Tender, rank: int, agency: Agency, kind: Kind = Kind.DISQUALIFICATION, why: Ground = VOID) -> Bid:
    """Two persons take a bid out of the running."""
    bid = bid_ranked(tender, rank)
    with transaction():
        case = open_case(tender.id, bid.id, kind, agency.officer, time.now())
        propose_result(case.id, why, why.explanation, agency.officer, time.now())
    agree(case, agency)
    return bid


def ask(tender: Tender, bid: Bid, agency: Agency) -> BidReview:
    with transaction():
        return ask_for_documents(tender.id, bid.id, "실적증명서, 경영상태 확인서", agency.officer, time.now())


def hand_in(review: BidReview, bidder: Bidder, content: bytes = b"%PDF-1.7 record of works") -> None:
    with transaction():
        add_file(review.id, "실적증명서.pdf", content, bidder.actor, time.now())
    with transaction():
        submit_documents(review.id, 180_000, "", bidder.actor, time.now())


def shown(tender: Tender) -> str:
    return shown_digest(db.session.get_one(Opening, tender.id), standing_of(tender))


def award(tender: Tender, agency: Agency) -> Award:
    with transaction():
        propose_award(tender.id, shown(tender), agency.officer, time.now())
    with transaction():
        return confirm_award(tender.id, shown(tender), agency.approver, time.now())
