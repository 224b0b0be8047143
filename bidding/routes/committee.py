"""A member's desk and seat: keys, proofs, the contribution, the opening. Who is no member finds nothing here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import audit, files, keys, time
from app.audit.evidence import latest_checkpoint
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import NotFound
from app.i18n import language
from app.tlog.canon import unb64u
from bidding.committee_schemas import AnsweredTestIn, KeysIn, PiecesIn, SeedIn, StartedTestIn
from bidding.committee_texts import member_texts
from bidding.models import Tender
from bidding.policy import threshold
from bidding.routes import blueprint
from bidding.seats import Phase, due_drill, phase_of
from bidding.services import committee, readiness, room
from bidding.services.committee import Seat
from bidding.services.holders import add_seed, lanes_of, members_of, register_keys
from bidding.services.release import parts_of, request_of
from bidding.services.sessions import lanes_asked

Json = dict[str, Any]


@blueprint.get("/committee")
@requires("box:hold")
def committee_seats() -> ResponseReturnValue:
    """What waits for a keyholder, of all its tenders."""
    now = time.now()
    return render_template("bidding/committee/seats.html", seats=committee.list_seats(current_actor(), now), now=now)


@blueprint.get("/committee/<uuid:tender_id>")
@requires("box:hold")
def committee_seat(tender_id: UUID) -> ResponseReturnValue:
    """One page for each phase, with everything needed on it."""
    now = time.now()
    seat = committee.get_seat(tender_id, current_actor(), now)
    phase = phase_of(seat.tender.state)
    return render_template(
        f"bidding/committee/{phase}.html",
        seat=seat,
        tender=seat.tender,
        members=members_of(seat.tender),
        needed=threshold(len(members_of(seat.tender))),
        last=readiness.last_tests(tender_id).get(seat.holder.holder, {}),
        drill=due_drill(seat.tender.closes_at, now),
        room=room.room_of(seat.tender) if phase == Phase.OPENING else None,
        names=committee.seat_names(seat.tender),
        page=_page_facts(seat, phase),
        may_act=current_actor().is_stepped_up,
        step_up=_step_up(tender_id),
        is_practice=seat.tender.is_practice,
        now=now,
    )


def _step_up(tender_id: UUID) -> str:
    return "/step-up?" + urlencode({"next": url_for("bidding.committee_seat", tender_id=tender_id)})


def _page_facts(seat: Seat, phase: Phase) -> Json:
    """What the scripts of the page need to know."""
    tender, holder, here = seat.tender, seat.holder.holder, f"/api/committee/{seat.tender.id}"
    return {
        "phase": phase,
        "lang": language(),
        "expected": {"tender": tender.reference, "holder": holder},
        "file_name": f"{tender.reference}_{holder}.naru-key.json",
        "urls": {
            "facts": f"{here}/facts",
            "keys": f"{here}/keys",
            "tests": f"{here}/tests",
            "test": f"{here}/tests/%(test)s",
            "box": f"{here}/box",
            "seed": f"{here}/seed",
            "opening": f"{here}/opening",
            "items": f"{here}/items",
            "pieces": f"{here}/pieces",
            "step_up": _step_up(tender.id),
        },
        "texts": member_texts(),
    }


# ---- keys and proofs


@blueprint.post("/api/committee/<uuid:tender_id>/facts")
@requires("box:hold", step_up=True)
def api_committee_facts(tender_id: UUID) -> ResponseReturnValue:
    """What goes into a key file: whose seat, which lanes, and the log and the agency as they are now."""
    seat = committee.get_seat(tender_id, current_actor(), time.now())
    signed, _checkpoint = latest_checkpoint()
    return {
        "tender": seat.tender.reference,
        "holder": seat.holder.holder,
        "lanes": list(lanes_of(seat.tender)),
        "checkpoint": signed,
        "log_vkey": keys.vkey_of("log"),
        "agency_vkey": keys.vkey_of("agency"),
    }


@blueprint.post("/api/committee/<uuid:tender_id>/keys")
@requires("box:hold", step_up=True)
def api_committee_keys(tender_id: UUID) -> ResponseReturnValue:
    data = KeysIn().load(request.get_json())
    with transaction():
        register_keys(tender_id, data["vkey"], data["khkeys"], current_actor(), time.now())
    return {"vkey": data["vkey"]}, 201


@blueprint.post("/api/committee/<uuid:tender_id>/tests")
@requires("box:hold")
def api_start_test(tender_id: UUID) -> ResponseReturnValue:
    """A fresh test envelope a lane, sealed to the member alone."""
    medium = StartedTestIn().load(request.get_json())["medium"]
    with transaction():
        test = readiness.start_test(tender_id, medium, current_actor(), time.now())
        return {"test": str(test.id), "envelopes": test.envelopes}, 201


@blueprint.post("/api/committee/<uuid:tender_id>/tests/<uuid:test_id>")
@requires("box:hold")
def api_answer_test(tender_id: UUID, test_id: UUID) -> ResponseReturnValue:
    texts = {lane: _bytes(text) for lane, text in AnsweredTestIn().load(request.get_json())["texts"].items()}
    with transaction():
        is_opened = readiness.answer_test(test_id, texts, current_actor(), time.now())
    seat = committee.get_seat(tender_id, current_actor(), time.now())
    return {"is_opened": is_opened, "is_ready": seat.holder.ready_at is not None}


def _bytes(spelling: str) -> bytes:
    """What a member's browser says was in the envelope; nothing where it could not open it."""
    try:
        return unb64u(spelling)
    except ValueError:
        return b""


# ---- the contribution to the draw


@blueprint.get("/api/committee/<uuid:tender_id>/box")
@requires("box:hold")
def api_committee_box(tender_id: UUID) -> ResponseReturnValue:
    """The box under review, to seal a contribution into."""
    tender = committee.get_seat(tender_id, current_actor(), time.now()).tender
    if tender.box is None:
        raise NotFound("no box yet")
    return {"box": tender.box, "box_id": tender.box_id}


@blueprint.post("/api/committee/<uuid:tender_id>/seed")
@requires("box:hold")
def api_committee_seed(tender_id: UUID) -> ResponseReturnValue:
    data = SeedIn().load(request.get_json())
    with transaction():
        add_seed(tender_id, data["note"], current_actor(), time.now())
    return {"given": True}, 201


# ---- the opening


@blueprint.post("/committee/<uuid:tender_id>/attend")
@requires("box:hold")
def attend_as_member(tender_id: UUID) -> ResponseReturnValue:
    with transaction():
        room.attend(tender_id, current_actor(), time.now())
    return redirect(url_for("bidding.committee_seat", tender_id=tender_id))


@blueprint.get("/api/committee/<uuid:tender_id>/opening")
@requires("box:hold")
def api_committee_opening(tender_id: UUID) -> ResponseReturnValue:
    """Each lane that the member is asked in: the tender's story with proofs, the frozen list, the parts still owed."""
    seat = committee.get_seat(tender_id, current_actor(), time.now())
    tender = _opening(seat)
    waiting = committee.waiting_parts(tender, seat.holder.holder) or []
    assert tender.box is not None  # published, by CHECK
    policy = tender.box["policy"]
    shown = {"box_note": tender.box_note, "policy": files.load(policy).decode() if policy else None}
    seen = request.args.get("seen", 0, int)
    told = []
    for lane in lanes_asked(tender):
        parts = [{"part": part, "envelopes": size} for of_lane, part, size in waiting if of_lane == lane]
        if parts:
            told.append({"request": request_of(tender, lane, seen) | shown, "parts": parts})
    return {"lanes": told}


@blueprint.get("/api/committee/<uuid:tender_id>/items")
@requires("box:hold")
def api_committee_items(tender_id: UUID) -> ResponseReturnValue:
    """The statements and envelopes of one part of a lane."""
    seat = committee.get_seat(tender_id, current_actor(), time.now())
    tender = _opening(seat)
    lane, wanted = request.args.get("lane", "price"), request.args.get("part", 0, int)
    owed = committee.waiting_parts(tender, seat.holder.holder) or []
    if (lane, wanted) not in {(of_lane, part) for of_lane, part, _ in owed}:
        raise NotFound("nothing of this is asked of you")
    with transaction():  # who has bid is not public yet
        audit.read_access(current_actor(), time.now(), subject=tender.audit_subject, what=f"sealed bids, part {wanted}")
    found = next(items for number, items in enumerate(parts_of(tender, lane)) if number == wanted)
    return {"items": [{"statement": item["statement"], "envelope": item["envelope"]} for item in found]}


@blueprint.post("/api/committee/<uuid:tender_id>/pieces")
@requires("box:hold", step_up=True)
def api_committee_pieces(tender_id: UUID) -> ResponseReturnValue:
    data = PiecesIn().load(request.get_json())
    with transaction():
        owed = committee.give_pieces(tender_id, data["lane"], data["part"], data["note"], current_actor(), time.now())
    return {"owed": owed}, 201


def _opening(seat: Seat) -> Tender:
    if not lanes_asked(seat.tender):
        raise NotFound("nothing is being opened")
    return seat.tender
