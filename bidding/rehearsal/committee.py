"""A committee member's program in Python: the same notes as the browser's, made here. For rehearsals and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app import keys as own_keys
from app.audit.evidence import latest_checkpoint
from app.auth import Actor
from app.db import db
from app.ids import new_id
from app.time import wire
from app.tlog import note
from app.tlog.canon import b64u
from bidding.keyfile import Keys, key_name, make_keys
from bidding.models import Tender
from bidding.payload import make_seed
from bidding.sealing import BidderFault, Lane, make_ctx, open_with_key, open_wrap, seal_envelope
from bidding.services.committee import give_pieces, waiting_parts
from bidding.services.holders import add_seed, find_seat, lanes_of, register_keys
from bidding.services.readiness import answer_test, start_test
from bidding.services.release import parts_of, request_of
from bidding.statement import make_statement

Json = dict[str, Any]
NO_CLIENT = "0" * 64
LOT = "1"


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a seat, and the keys that they carry. They stay in memory: nobody here writes a key file."""

    actor: Actor
    tender_id: UUID
    keys: Keys

    @property
    def tender(self) -> Tender:
        return db.session.get_one(Tender, self.tender_id)


def sit_down(tender: Tender, actor: Actor, now: datetime) -> Member:
    """Make keys, and register their public halves."""
    seat = find_seat(tender.id, actor.person_id)
    assert seat is not None
    signed, checkpoint = latest_checkpoint()
    assert signed
    log = {
        "origin": checkpoint.origin,
        "vkey": own_keys.vkey_of("log"),
        "size": checkpoint.size,
        "root": b64u(checkpoint.root),
    }
    keys = make_keys(
        tender=str(tender.reference),
        holder=seat.holder,
        lanes=lanes_of(tender),
        log=log,
        agency=own_keys.vkey_of("agency"),
        created=wire(now),
    )
    register_keys(tender.id, keys.vkey, {lane: khkey(keys, lane) for lane in keys.lanes}, actor, now)
    return Member(actor, tender.id, keys)


def khkey(keys: Keys, lane: str) -> str:
    """The note that publishes a lane's key."""
    about = {"tender": keys.tender, "lane": lane, "holder": keys.holder, "suite": "S1"}
    return sign(keys, "khkey", {**about, "pub": keys.public(lane), "created": keys.created})


def sign(keys: Keys, kind: str, value: Json) -> str:
    return note.sign_object(kind, {"v": 1, "type": kind, **value}, key_name(keys.holder), keys.note)


def prove(member: Member, medium: str, now: datetime) -> bool:
    """Open a fresh test envelope."""
    test = start_test(member.tender_id, medium, member.actor, now)
    keys = member.keys
    texts = {
        lane: open_with_key(envelope, open_wrap(envelope, keys.holder, keys.lanes[lane]))
        for lane, envelope in test.envelopes.items()
    }
    return answer_test(test.id, texts, member.actor, now)


def contribute(member: Member, now: datetime) -> None:
    """Seal a contribution to the draw, and forget it."""
    keys, tender = member.keys, member.tender
    assert tender.box is not None
    lane = Lane.from_json(tender.box["lanes"]["price"])
    ctx = make_ctx(box=str(tender.box_id), tender=keys.tender, lot=LOT, supplier=f"@{keys.holder}", bid=str(new_id()))
    _, envelope = seal_envelope(ctx, lane, make_seed())
    statement = make_statement(ctx, envelope, notice_sha256=str(tender.notice_sha256), client=NO_CLIENT, made=now)
    add_seed(tender.id, sign(keys, "khseed", {"statement": statement, "envelope": envelope}), member.actor, now)


def pieces_note(member: Member, lane: str, items: Sequence[Json], closed_index: int) -> str:
    """What the member gives for these envelopes; null where the bidder's wrap does not open."""
    keys = member.keys
    pieces = {item["stmt"]: _piece(item["envelope"], keys, lane) for item in items}
    about = {"tender": keys.tender, "lane": lane, "holder": keys.holder, "closed_idx": closed_index}
    return sign(keys, "pieces", {**about, "pieces": pieces})


def give(member: Member, now: datetime) -> None:
    """Give every part that is asked of the member."""
    tender = member.tender
    for lane, part, _ in waiting_parts(tender, member.keys.holder) or []:
        items = list(parts_of(tender, lane))[part]
        closed_index = request_of(tender, lane)["closed"]["index"]
        give_pieces(tender.id, lane, part, pieces_note(member, lane, items, closed_index), member.actor, now)


def _piece(envelope: Json, keys: Keys, lane: str) -> str | None:
    try:
        return b64u(open_wrap(envelope, keys.holder, keys.lanes[lane]))
    except BidderFault:
        return None
