"""The public PDFs of a tender: notice, opening record, award notice. Each issued once, from the database as it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app.auth import Actor, system
from app.db import db
from app.documents import Document, issue, issued_about
from app.regions import region_name
from bidding import documents
from bidding.box_code import box_code
from bidding.models import Attachment, Award, Bid, Opening, Tender
from bidding.rounding import bid_rate
from bidding.states import TenderState

ISSUER: Actor = system("document:issue")
JOINT_KINDS = {"joint": "공동이행방식", "divided": "분담이행방식", "main-contractor": "주계약자관리방식"}


def issue_notice(tender_id: UUID, now: datetime) -> None:
    tender = db.session.get_one(Tender, tender_id)
    files = db.session.scalars(select(Attachment).where(Attachment.tender_id == tender.id))
    assert tender.base_amount_won is not None  # published, by CHECK
    assert tender.published_at is not None
    assert tender.bids_from_at is not None
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    facts = documents.NoticeFacts(
        reference=str(tender.reference),
        title=tender.title,
        agency_name=tender.agency.name_ko,
        business_kind=tender.kind,
        method=tender.method,
        base_amount_won=tender.base_amount_won,
        range_rates=(tender.range_low, tender.range_high),
        floor_rate=tender.floor_rate,
        published_at=tender.published_at,
        bids_from_at=tender.bids_from_at,
        bids_until_at=tender.closes_at,
        opening_at=tender.opens_at,
        description="\n\n".join(text for text in (tender.description, _lot_told(tender)) if text),
        requirements=_requirements(tender),
        delivery_place=tender.delivery_place,
        delivery_on=tender.delivery_on,
        attachments=tuple(documents.Attachment(one.name, one.sha256) for one in files),
        rule_version=tender.rule_version or "",
        box_code=box_code(tender.box_id) if tender.box_id else "",
        is_practice=tender.is_practice,
    )
    _issue_once(documents.notice(facts), tender, now)


def issue_opening_record(tender_id: UUID, now: datetime) -> None:
    tender = db.session.get_one(Tender, tender_id)
    opening = db.session.get_one(Opening, tender.id)
    assert tender.base_amount_won
    assert tender.opened_at
    facts = documents.OpeningFacts(
        reference=str(tender.reference),
        title=tender.title,
        agency_name=tender.agency.name_ko,
        business_kind=tender.kind,
        method=tender.method,
        base_amount_won=tender.base_amount_won,
        opened_at=tender.opened_at,
        reserve_prices=reserve_prices(opening),
        bids=_bid_lines(tender, opening),
        estimated_price_won=opening.estimated_price_won,
        floor_rate=tender.floor_rate,
        floor_price_won=opening.floor_price_won,
        rounding=tender.rounding,
        failure=tender.failure or "",
        evaluation_sha256=opening.evaluation_digest,
        frozen_root=tender.box_root or "",
        is_practice=tender.is_practice,
    )
    _issue_once(documents.opening_record(facts), tender, now)


def issue_award_notice(tender_id: UUID, now: datetime) -> None:
    tender = db.session.get_one(Tender, tender_id)
    award = db.session.scalar(select(Award).where(Award.tender_id == tender.id, Award.place == 1))
    opening = db.session.get_one(Opening, tender.id)
    if award is None or tender.state not in (TenderState.AWARDED, TenderState.CONTRACTED):
        return  # it was undone in between
    firm = suppliers.front.get_summary(award.organisation_id)
    estimated = opening.estimated_price_won
    assert award.confirmed_at
    facts = documents.AwardFacts(
        reference=str(tender.reference),
        title=tender.title,
        agency_name=tender.agency.name_ko,
        business_kind=tender.kind,
        method=tender.method,
        supplier_name=firm.name_ko,
        business_number=firm.business_number,
        amount_won=award.amount_won,
        estimated_price_won=estimated,
        bid_rate=None if estimated is None else bid_rate(award.amount_won, estimated),
        bid_count=tender.bid_count or 0,
        decided_at=award.confirmed_at,
        is_practice=tender.is_practice,
    )
    _issue_once(documents.award_notice(facts), tender, now, times=award.round)


def _issue_once(document: Document, tender: Tender, now: datetime, times: int = 1) -> None:
    """`times`: the how manieth of its kind this is, where an award was undone and made again."""
    if len(issued_about(tender.audit_subject, document.kind)) < times:
        issue_public(document, tender, now)


def issue_public(document: Document, tender: Tender, now: datetime) -> None:
    """A paper about `tender` that anybody may read."""
    issue(
        document,
        subject=tender.audit_subject,
        now=now,
        actor=ISSUER,
        is_public=True,
        agency_id=tender.agency_id,
        tender=tender.reference,
    )


def _requirements(tender: Tender) -> tuple[str, ...]:
    found = [", ".join(region_name(code, "ko") for code in tender.regions)] if tender.regions else []
    if tender.licence_codes:
        found.append(" 또는 ".join(suppliers.front.licence_name(code, "ko") for code in tender.licence_codes))
    if tender.joint:
        kinds = ", ".join(JOINT_KINDS[kind] for kind in tender.joint["kinds"])
        found.append(f"공동수급 허용: {kinds}, {tender.joint['max_members']}개사까지")
    return tuple(found)


def _lot_told(tender: Tender) -> str:
    """Which lot of the notice this is, and what it is; empty where it has none."""
    if tender.lot_group_id is None:
        return ""
    return f"{tender.lot_no}번 분류: {tender.lot_name}" + (f"\n{tender.lot_text}" if tender.lot_text else "")


def reserve_prices(opening: Opening) -> tuple[documents.ReservePrice, ...]:
    if opening.draw is None:
        return ()
    drawn = set(opening.draw["drawn"])
    pairs = zip(opening.draw["prices"], opening.draw["counts"], strict=True)
    return tuple(
        documents.ReservePrice(number, int(won), count, number in drawn)
        for number, (won, count) in enumerate(pairs, start=1)
    )


def _bid_lines(tender: Tender, opening: Opening) -> tuple[documents.BidLine, ...]:
    bids = list(db.session.scalars(select(Bid).where(Bid.tender_id == tender.id)))
    firms = suppliers.front.summaries([bid.organisation_id for bid in bids])
    by_stmt = {bid.stmt: bid for bid in bids}
    lines = []
    for placing in opening.evaluation["placings"]:
        bid = by_stmt[placing["stmt"]]
        firm = firms.get(bid.organisation_id)
        lines.append(
            documents.BidLine(
                supplier_name=firm.name_ko if firm else bid.supplier,
                business_number=bid.supplier,
                received_at=bid.received_at,
                price_won=bid.amount_won,
                bid_rate=placing["rate"],
                picks=tuple(bid.picks or ()),
                rank=bid.rank,
                reason=bid.reason or "",
            )
        )
    return tuple(lines)
