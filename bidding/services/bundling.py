"""Publishing a tender's bundle once everything in it is covered by a signed checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import files, keys
from app.audit import evidence
from app.db import db
from app.errors import TemporarilyUnavailable
from app.jobs import enqueue
from app.tlog.canon import parse
from bidding import bundle
from bidding.models import Award, Bid, Bundle, Opening, Tender
from bidding.opening import from_json, write_lines
from bidding.review import Review
from bidding.services import auctions, recovery, technical
from bidding.services.box import LOT
from bidding.services.bundle_log import bid_entries, client_entries, key_entries, policy_of, seen_by_others, story_of
from bidding.services.closing import list_of
from bidding.services.evidence import logged
from bidding.services.release import releases_of
from bidding.services.standings import decided_reviews, standing_after
from bidding.standing import Standing, has_standing
from bidding.states import BidState, TenderState

Json = dict[str, Any]


def publish_bundle(tender_id: UUID, stage: str, now: datetime) -> None:
    """Make and keep the bundle of `stage` (see Bundle). TemporarilyUnavailable while the log is behind."""
    tender = db.session.get_one(Tender, tender_id)
    opening = db.session.get(Opening, tender_id)
    if tender.state == TenderState.AUCTION:
        return  # its bundle names the bidders
    if opening is None or db.session.get(Bundle, (tender_id, stage)) is not None:
        return
    award = None
    if stage.startswith("award"):
        award = first_award(tender_id)
        if award is None or award.confirmed_at is None or award.stage != stage:
            return  # it was undone before it was published
    content = bundle.write(gather(tender, opening, stage, award))
    values = {
        "tender_id": tender_id,
        "stage": stage,
        "sha256": files.store(content),
        "size": len(content),
        "made_at": now,
    }
    db.session.execute(insert(Bundle).values(**values).on_conflict_do_nothing())
    if stage != "opening":
        enqueue("bidding.issue_report", f"{tender_id}:{stage}", due_at=now, tender_id=str(tender_id), stage=stage)


def gather(tender: Tender, opening: Opening, stage: str, award: Award | None = None) -> bundle.BundleParts:
    """Everything that a checker needs, as it stands in the database, with proofs against a cosigned checkpoint."""
    signed, checkpoint = evidence.cosigned_checkpoint()
    bids = list(db.session.scalars(select(Bid).where(Bid.tender_id == tender.id).order_by(Bid.stmt)))
    reviews = [] if stage == "opening" else decided_reviews(tender.id, award.review_count if award else None)
    standing = standing_after(tender, opening, reviews) if _goes_by_one(opening, reviews, stage) else None
    entries = [*story_of(tender, stage, len(reviews)), *bid_entries(bids), *key_entries(bids), *client_entries(bids)]
    entries += evidence.logged(technical.signed_entries(tender))
    if any(entry.index >= checkpoint.size for entry in entries):
        raise TemporarilyUnavailable("the log is not that far yet")
    assert tender.notice_sha256 is not None  # published, by CHECK
    assert tender.box_note is not None
    found = recovery.find_recovery(tender.id)
    is_recovered = found is not None and found.done_at is not None
    return bundle.BundleParts(
        notice=parse(files.load(tender.notice_sha256)),
        box_note=tender.box_note,
        khkeys=tender.khkeys("price"),
        keys=bundle.Keys(
            log=keys.vkey_of("log"),
            agency=keys.vkey_of("agency"),
            receipt=keys.vkey_of("receipt"),
            holders=tender.holder_vkeys,
        ),
        checkpoint=signed,
        events=sorted(logged(entries, checkpoint.size), key=lambda event: event.index),
        seeds=[{"holder": seed["statement"]["supplier"], "stmt": seed["stmt"]} for seed in tender.seeds],
        entries=list_of(tender),
        items=[*_seed_items(tender), *map(_item, bids)],
        pieces=[] if is_recovered else _pieces(tender),
        recovery=recovery.recovered(tender) if is_recovered else None,
        opening=write_lines(map(from_json, opening.lines)),
        draw=opening.draw,
        evaluation=opening.evaluation,
        technical=technical.fixed_json(tender),
        auction=auctions.result_of(tender.id),
        award=award_json(tender, award, standing) if award is not None else None,
        reviews=[review.to_json() for review in reviews],
        standing=standing.to_json() if standing is not None else None,
        docs_khkeys=tender.khkeys("docs"),
        policy=policy_of(tender),
        archived=seen_by_others(entries, checkpoint.size),
    )


def _seed_items(tender: Tender) -> list[bundle.SealedItem]:
    return [bundle.SealedItem(seed["stmt"], seed["statement"], seed["envelope"]) for seed in tender.seeds]


def _item(bid: Bid) -> bundle.SealedItem:
    is_out = bid.state in (BidState.CANCELLED, BidState.UNQUALIFIED)
    docs = parse(bid.docs_envelope) if bid.docs_envelope is not None and not is_out else None
    envelope = {} if is_out else parse(bid.envelope)
    return bundle.SealedItem(bid.stmt, parse(bid.statement), envelope, bid.signature, docs)


def _pieces(tender: Tender) -> list[str]:
    """Of the price lane alone, from the holders of the group that opened it."""
    return [release.note for release in releases_of(tender, "price")]


def first_award(tender_id: UUID) -> Award | None:
    return db.session.scalar(select(Award).where(Award.tender_id == tender_id, Award.place == 1))


def _goes_by_one(opening: Opening, reviews: Sequence[Review], stage: str) -> bool:
    return stage != "opening" and has_standing(opening.evaluation["terms"], reviews)


def award_json(tender: Tender, award: Award, standing: Standing | None) -> Json:
    """`award.json` of the bundle: what two persons confirmed."""
    bid = db.session.get_one(Bid, award.bid_id)
    made: Json = {
        "v": 1,
        "type": "award",
        "tender": tender.reference,
        "lot": LOT,
        "stmt": bid.stmt,
        "supplier": bid.supplier,
        "amount": str(award.amount_won),
        "evaluation": award.evaluation_digest,
        "disqualified": [],
        "approvals": [f"person:{award.proposed_by_id}", f"person:{award.confirmed_by_id}"],
    }
    if standing is None:
        return made
    several = tender.method == "desired-quantity" or tender.framework_winners
    winners = {"winners": [winner.to_json() for winner in standing.winners]} if several else {}
    return made | {"standing": award.standing_digest} | winners
