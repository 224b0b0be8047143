"""Pieces of the group in force: asked of services, given by people, kept as they come (protocol 3.9, 3.10).

A request is the same for both: the story of the tender in the log with proofs, the frozen list, and a batch of what is
to be opened. A service answers it over HTTP; a member's page gets it as it is, checks it, gives back the same note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select

from app import audit
from app.audit.evidence import LogEntry, cosigned_checkpoint, latest_checkpoint, logged_of
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, KeyholderRefused, TemporarilyUnavailable
from app.tlog import note
from app.tlog.canon import digest, parse, unb64u
from app.tlog.checkpoint import Checkpoint
from bidding.keyholder.panel import Failure, Panel, Service, failures_of
from bidding.models import Bid, OpeningGroup, Release, Tender
from bidding.sealing import HolderFault
from bidding.services.access import lock_tender, person_id
from bidding.services.closing import list_of
from bidding.services.evidence import consistency, logged, spoken
from bidding.services.groups import OPENER, fall_back, in_force, is_being_opened
from bidding.services.holders import find_seat
from bidding.states import BidState

Json = dict[str, Any]
log = structlog.get_logger(__name__)
BATCH = 1000  # envelopes a request: 2 to 4 MB
STORY = (
    "tender.published",
    "tender.deadline_changed",
    "tender.closed",
    "tender.cancellations",
    "technical.fixed",
    "tender.unqualified",
    "opening.group",
    "opening.fallback",
    "opening.override",
)


def gather(tender_id: UUID, lane: str, panel: Panel, now: datetime, patience: timedelta) -> bool:
    """Ask every service of the group in force that has not answered; return whether the group is complete.

    Answers are kept whatever the others do. A service that gave wrong pieces is replaced at once, one that refuses or
    is silent once `patience` has passed since its group was fixed: another group is then fixed, and asked next time.
    People give their pieces themselves (`deposit`); while one is waited for, False. Raises TemporarilyUnavailable while
    the log or a service that still has time is not ready: the job comes again.
    """
    tender = db.session.get_one(Tender, tender_id)
    group = in_force(tender_id, lane)
    if not is_being_opened(tender, lane) or group is None or not group.holders:
        return False
    missing = _missing(tender, lane, group)
    services = {one.holder for one in tender.holders if one.kind == "service"} & set(missing)
    failures = _ask(tender, lane, panel, {holder: missing[holder] for holder in services}, now) if services else {}
    if failures:
        return _after(tender, lane, group, failures, now, patience)
    return not _missing(tender, lane, group)


def is_complete(tender: Tender, lane: str) -> bool:
    """Whether every holder of the group in force has given every part."""
    group = in_force(tender.id, lane)
    return group is not None and bool(group.holders) and not _missing(tender, lane, group)


def _after(
    tender: Tender, lane: str, group: OpeningGroup, failures: Mapping[str, Failure | HolderFault], now: datetime,
    patience: timedelta,
) -> bool:  # fmt: skip
    """Another group at once for a wrong piece; for the rest once their time is over. Always False: not complete."""
    for holder, failure in failures.items():
        log.warning("opening.no_pieces", tender=tender.reference, lane=lane, holder=holder, why=str(failure))
    wrong = [holder for holder, failure in failures.items() if isinstance(failure, HolderFault)]
    others = {holder: failure for holder, failure in failures.items() if not isinstance(failure, HolderFault)}
    if wrong:
        fall_back(tender.id, lane, wrong, "wrong-piece", now)
    elif now - group.fixed_at >= patience:
        reasons = set(failures_of(others).values())
        fall_back(tender.id, lane, list(others), reasons.pop() if len(reasons) == 1 else "no-answer", now)
    return False


def _ask(
    tender: Tender, lane: str, panel: Panel, missing: Mapping[str, Collection[int]], now: datetime
) -> dict[str, Failure | HolderFault]:
    """Ask these services for their missing parts, all at once and part by part; keep what comes."""
    who, silent = panel.at_once(Service.who, missing)
    failures: dict[str, Failure | HolderFault] = dict(silent)
    vkeys = tender.holder_vkeys
    for holder, said in who.items():
        if said.vkey != vkeys[holder]:
            failures[holder] = KeyholderRefused("another keyholder than the one that was published", holder=holder)
    common = {holder: request_of(tender, lane, said.seen) for holder, said in who.items() if holder not in failures}
    for number, items in enumerate(parts_of(tender, lane)):
        wanted = [holder for holder in common if holder not in failures and number in missing[holder]]
        if not wanted:
            continue
        part = _items(items)

        def ask(service: Service, part: list[Json] = part) -> str:
            return service.client.ask({**common[service.holder], "items": part}, "pieces", vkeys[service.holder])

        answers, refusals = panel.at_once(ask, wanted)
        failures |= refusals
        for holder, signed in answers.items():
            common[holder]["consistency"] = []  # this checkpoint is the one that it has seen from now on
            if fault := _keep(tender, lane, holder, number, signed, items, now):
                failures[holder] = fault
    return failures


def _keep(
    tender: Tender, lane: str, holder: str, part: int, signed: str, items: Sequence[Json], now: datetime
) -> HolderFault | None:
    """Keep a note, with its fault if its pieces are not the committed ones. Logged."""
    fault = _fault_in(signed, str(tender.holder_vkeys[holder]), tender, lane, holder, items)
    db.session.add(
        Release(
            tender_id=tender.id,
            lane=lane,
            holder=holder,
            part=part,
            note=signed,
            received_at=now,
            fault=fault.code if fault else "",
        )
    )
    sha256 = hashlib.sha256(signed.encode()).hexdigest()
    facts: dict[str, Any] = {"fault": fault.code} if fault else {}
    audit.emit(
        "opening.pieces", OPENER, now, subject=tender.audit_subject, tender=tender.reference,
        lane=lane, holder=holder, part=part, note_sha256=sha256, **facts,
    )  # fmt: skip
    db.session.flush()
    return fault


def _fault_in(
    signed: str, vkey: str, tender: Tender, lane: str, holder: str, items: Sequence[Json]
) -> HolderFault | None:
    """What is wrong with a holder's note: another tender's, not these statements, a piece not committed to."""
    try:
        given = note.open_object(signed, "pieces", [vkey])
        pieces: Json = given["pieces"]
        if (given["tender"], given["lane"], given["holder"]) != (tender.reference, lane, holder):
            return HolderFault(holder, "other-tender")
        if set(pieces) != {item["stmt"] for item in items}:
            return HolderFault(holder, "piece-missing")
        for item in items:
            piece = pieces[item["stmt"]]
            if piece is not None and digest("piece", unb64u(piece)).hex() != item["envelope"]["piece_commits"][holder]:
                return HolderFault(holder, "piece-commitment")
    except (ValueError, KeyError, TypeError, AttributeError):
        return HolderFault(holder, "shape")
    return None


# -- people ------------------------------------------------------------------------------------------------------------


def deposit(tender_id: UUID, lane: str, part: int, signed: str, actor: Actor, now: datetime) -> Release:
    """A member gives its pieces of one part of a lane: the note that a service would have given, by its own key.

    A wrong note is refused and named at once, and nothing is kept of it: the member reads its key file again. Raises
    Forbidden for whoever is not in the group in force, IllegalTransition where nothing is being opened, AlreadyDone
    (given before), InvalidInput with `fault` for a note that is not right.
    """
    tender = lock_tender(tender_id)
    seat = find_seat(tender_id, person_id(actor))
    group = in_force(tender_id, lane)
    if not is_being_opened(tender, lane) or group is None:
        raise IllegalTransition("nothing is being opened", state=tender.state, event="deposit")
    if seat is None or seat.holder not in group.holders:
        raise Forbidden("not in the group that was fixed")
    parts = list(parts_of(tender, lane))
    if not 0 <= part < len(parts):
        raise InvalidInput("no such part", field="part", fault="part")
    if db.session.get(Release, (tender_id, lane, seat.holder, part)) is not None:
        raise AlreadyDone("these pieces were given before")
    fault = _fault_in(signed, str(seat.vkey), tender, lane, seat.holder, parts[part])
    if fault is not None:
        raise InvalidInput(str(fault), field="note", fault=fault.code)
    _keep(tender, lane, seat.holder, part, signed, parts[part], now)
    return db.session.get_one(Release, (tender_id, lane, seat.holder, part))


# -- what is asked -----------------------------------------------------------------------------------------------------


def request_of(tender: Tender, lane: str, seen: int = 0) -> Json:
    """What every request for a lane's pieces shares: the tender's story in the log with proofs, and the list.

    `seen`: the size of the log that the holder saw last, whose continuation is proved; 0 for none. Raises
    TemporarilyUnavailable until closing and group are in a checkpoint that meets the policy.
    """
    told = logged_of(str(tender.reference))
    signed, checkpoint = _head(told)
    entries: dict[str, list[LogEntry]] = {kind: [] for kind in STORY}
    for entry in told:
        is_of_lane = not entry.type.startswith("opening.") or entry.event.get("lane", lane) == lane
        if entry.type in entries and entry.index < checkpoint.size and is_of_lane:
            entries[entry.type].append(entry)
    fallbacks = len(entries["opening.fallback"])
    group = in_force(tender.id, lane)
    if group is None or not entries["opening.group"] or not entries["tender.closed"] or fallbacks != group.number:
        raise TemporarilyUnavailable("the group is not in a signed checkpoint yet")
    proved = {kind: [spoken(event) for event in logged(found, checkpoint.size)] for kind, found in entries.items()}
    return {
        "ask": "pieces",
        "tender": tender.reference,
        "lane": lane,
        "box": tender.box,
        "published": proved["tender.published"][-1],
        "changes": proved["tender.deadline_changed"],
        "closed": proved["tender.closed"][-1],
        "cancellations": proved["tender.cancellations"],
        **_technical(proved if lane == "price" else {}),
        "group": proved["opening.group"][-1],
        "fallbacks": proved["opening.fallback"],
        **({"override": proved["opening.override"][-1]} if entries["opening.override"] else {}),
        "checkpoint": signed,
        "consistency": consistency(seen, checkpoint.size),
        "list": [entry.to_json() for entry in list_of(tender)],
    }


def _technical(proved: Mapping[str, list[Json]]) -> Json:
    """What the price lane is opened after, where proposals are scored."""
    told = {"fixed": proved.get("technical.fixed"), "unqualified": proved.get("tender.unqualified")}
    return {name: entries[-1] for name, entries in told.items() if entries}


def _head(told: Sequence[LogEntry]) -> tuple[str, Checkpoint]:
    """A checkpoint that meets the policy; the newest signed one where two officers overrode a missing quorum."""
    is_overridden = any(entry.type == "opening.override" for entry in told)
    try:
        signed, covered = cosigned_checkpoint()
    except TemporarilyUnavailable:
        if not is_overridden:
            raise
        return latest_checkpoint()
    is_behind = covered.size <= max((entry.index for entry in told if entry.type in STORY), default=-1)
    return latest_checkpoint() if is_overridden and is_behind else (signed, covered)


def parts_of(tender: Tender, lane: str) -> Iterator[list[Json]]:
    """What is to be opened in a lane, as `{stmt, statement, envelope}`: part 0 the seeds (price only), then the bids in
    the order of the list, `BATCH` at a time. Cancelled bids are left out, and the prices of unqualified ones."""
    if lane == "price":
        yield list(tender.seeds)
    rows = select(Bid.stmt, Bid.statement, envelope_column(lane)).where(*_in_lane(tender, lane))
    total = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    for start in range(0, total, BATCH):
        yield [
            {"stmt": stmt, "statement": parse(statement), "envelope": parse(envelope)}
            for stmt, statement, envelope in db.session.execute(rows.order_by(Bid.stmt).limit(BATCH).offset(start))
        ]


def envelope_column(lane: str) -> Any:
    """Where a lane's envelopes lie."""
    return Bid.envelope if lane == "price" else Bid.docs_envelope


def _in_lane(tender: Tender, lane: str) -> tuple[Any, ...]:
    """The bids of the list that have an envelope of this lane and are not cancelled, or unqualified."""
    out = (BidState.CANCELLED, BidState.UNQUALIFIED) if lane == "price" else (BidState.CANCELLED,)
    return Bid.tender_id == tender.id, envelope_column(lane).is_not(None), Bid.state.not_in(out)


def _items(part: Sequence[Json]) -> list[Json]:
    return [{"statement": item["statement"], "envelope": item["envelope"]} for item in part]


def _missing(tender: Tender, lane: str, group: OpeningGroup) -> dict[str, list[int]]:
    """By holder of the group, the parts that have not come."""
    total = len(part_sizes(tender, lane))
    query = select(Release.holder, Release.part).where(
        Release.tender_id == tender.id, Release.lane == lane, Release.fault == ""
    )
    held: dict[str, set[int]] = {}
    for holder, part in db.session.execute(query):
        held.setdefault(holder, set()).add(part)
    lacking = {holder: sorted(set(range(total)) - held.get(holder, set())) for holder in group.holders}
    return {holder: parts for holder, parts in lacking.items() if parts}


def part_sizes(tender: Tender, lane: str) -> list[int]:
    """How many envelopes each part of a lane holds, without reading one."""
    count = select(func.count()).where(*_in_lane(tender, lane))
    total = db.session.scalar(count) or 0
    seeds = [len(tender.seeds)] if lane == "price" else []
    return [*seeds, *(min(BATCH, total - start) for start in range(0, total, BATCH))]


def pieces_of(tender: Tender, lane: str) -> dict[str, dict[str, str | None]]:
    """By holder of the group in force, its piece by statement; None where it found none in the wrap."""
    group = in_force(tender.id, lane)
    found: dict[str, dict[str, str | None]] = {holder: {} for holder in group.holders} if group else {}
    for release in releases_of(tender, lane):
        if release.holder in found:
            vkey = tender.holder_vkeys[release.holder]
            found[release.holder] |= note.open_object(release.note, "pieces", [vkey])["pieces"]
    return found


def releases_of(tender: Tender, lane: str) -> list[Release]:
    """The sound notes of the group in force, by holder and part."""
    group = in_force(tender.id, lane)
    query = select(Release).where(
        Release.tender_id == tender.id,
        Release.lane == lane,
        Release.fault == "",
        Release.holder.in_(group.holders if group else ()),
    )
    return list(db.session.scalars(query.order_by(Release.holder, Release.part)))
