"""Publishing a tender's bundle once everything in it is covered by a signed checkpoint."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import files, keys
from app.audit import evidence
from app.db import db
from app.errors import TemporarilyUnavailable
from app.tlog.canon import parse
from bidding import bundle
from bidding.models import Award, Bid, Bundle, Opening, Tender
from bidding.opening import from_json, write_lines
from bidding.services import recovery
from bidding.services.box import LOT
from bidding.services.bundle_log import bid_entries, client_entries, key_entries, policy_of, seen_by_others, story_of
from bidding.services.closing import list_of
from bidding.services.evidence import logged
from bidding.services.release import releases_of
from bidding.states import BidState, TenderState

Json = dict[str, Any]


def publish_bundle(tender_id: UUID, stage: str, now: datetime) -> None:
    """Make and keep the bundle of `stage` (`opening` or `award`). TemporarilyUnavailable while the log is behind."""
    tender = db.session.get_one(Tender, tender_id)
    opening = db.session.get(Opening, tender_id)
    if tender.state == TenderState.AUCTION:
        return  # its bundle names the bidders
    if opening is None or db.session.get(Bundle, (tender_id, stage)) is not None:
        return
    content = bundle.write(gather(tender, opening, stage))
    values = {
        "tender_id": tender_id,
        "stage": stage,
        "sha256": files.store(content),
        "size": len(content),
        "made_at": now,
    }
    db.session.execute(insert(Bundle).values(**values).on_conflict_do_nothing())


def gather(tender: Tender, opening: Opening, stage: str) -> bundle.BundleParts:
    """Everything that a checker needs, as it stands in the database, with proofs against a cosigned checkpoint."""
    signed, checkpoint = evidence.cosigned_checkpoint()
    bids = list(db.session.scalars(select(Bid).where(Bid.tender_id == tender.id).order_by(Bid.stmt)))
    entries = [*story_of(tender, stage), *bid_entries(bids), *key_entries(bids), *client_entries(bids)]
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
        award=award_json(tender) if stage == "award" else None,
        docs_khkeys=tender.khkeys("docs"),
        policy=policy_of(tender),
        archived=seen_by_others(entries, checkpoint.size),
    )


def _seed_items(tender: Tender) -> list[bundle.SealedItem]:
    return [bundle.SealedItem(seed["stmt"], seed["statement"], seed["envelope"]) for seed in tender.seeds]


def _item(bid: Bid) -> bundle.SealedItem:
    is_cancelled = bid.state == BidState.CANCELLED
    docs = parse(bid.docs_envelope) if bid.docs_envelope is not None and not is_cancelled else None
    envelope = {} if is_cancelled else parse(bid.envelope)
    return bundle.SealedItem(bid.stmt, parse(bid.statement), envelope, bid.signature, docs)


def _pieces(tender: Tender) -> list[str]:
    """Of the price lane alone, from the holders of the group that opened it."""
    return [release.note for release in releases_of(tender, "price")]


def award_json(tender: Tender) -> Json:
    """`award.json` of the bundle: what two persons confirmed."""
    award = db.session.scalars(select(Award).where(Award.tender_id == tender.id, Award.place == 1)).one()
    bid = db.session.get_one(Bid, award.bid_id)
    return {
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
