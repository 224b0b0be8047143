"""The agency's side of a committee: naming its members in the draft, and the opening room."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import IllegalTransition, InvalidInput
from app.forms import Form
from bidding.committee_schemas import FallbackIn, HoldersIn
from bidding.holder_views import planned_rule
from bidding.keyholders import configured
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.routes.drafts import STEPS, own_draft
from bidding.services import committee, room
from bidding.services.holders import members_of
from bidding.services.schedule import holder_proposal
from bidding.states import TenderState
from bidding.views import steps_of


@blueprint.route("/agency/tenders/<uuid:tender_id>/holders", methods=["GET", "POST"])
@requires("tender:draft")
def draft_holders(tender_id: UUID) -> ResponseReturnValue:
    """Who holds the keys: the services, a committee of three to five persons, or both."""
    tender = own_draft(tender_id, current_actor())
    chosen = [str(seat.person_id) for seat in members_of(tender)]
    form = Form(HoldersIn(), {"holder_policy": tender.holder_policy, "members": chosen})
    data = form.load(request.form) if request.method == "POST" else None
    if data is not None and _named(tender_id, data["holder_policy"], data["members"], form):
        flash(_("Saved. New members have been told; they can make their keys now."), "success")
        return redirect(url_for("bidding.draft_holders", tender_id=tender_id))
    tender = own_draft(tender_id, current_actor())
    words = request.args.get("q", "").strip()[:100]
    page = render_template(
        "bidding/draft/holders.html",
        tender=tender,
        form=form,
        step="holders",
        step_names=list(STEPS),
        findings=[],
        words=words,
        candidates=committee.candidates(words, tender.agency_id),
        members=members_of(tender),
        planned=planned_rule(configured()),
        proposal=holder_proposal(tender, time.now()),
        now=time.now(),
    )
    return page, 422 if request.method == "POST" else 200


def _named(tender_id: UUID, policy: str, members: list[UUID], form: Form) -> bool:
    try:
        with transaction():
            committee.name_members(tender_id, policy, members, current_actor(), time.now())
    except InvalidInput as refusal:
        form.add_error(str(refusal.facts.get("field", "")), _("Choose three to five different keyholders."))
        return False
    return True


@blueprint.get("/tenders/<reference>/room")
@requires("tender:view-own")
def opening_room(reference: str) -> ResponseReturnValue:
    """Who is ready, who is here, who has given; starting the opening, and asking another group."""
    return _room_page(room.room_for(reference, current_actor()), Form(FallbackIn()))


def _room_page(tender: Tender, form: Form) -> ResponseReturnValue:
    now = time.now()
    page = render_template(
        "bidding/room.html",
        tender=tender,
        steps=steps_of(tender),
        room=room.room_of(tender),
        names=committee.seat_names(tender),
        actor=current_actor(),
        form=form,
        is_time=tender.opens_at is not None and now >= tender.opens_at,
        now=now,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/tenders/<reference>/room/attend")
@requires("tender:view-own")
def attend_as_witness(reference: str) -> ResponseReturnValue:
    tender = room.room_for(reference, current_actor())
    with transaction():
        room.attend(tender.id, current_actor(), time.now())
    flash(_("You are recorded as present."), "success")
    return redirect(url_for("bidding.opening_room", reference=reference))


@blueprint.post("/tenders/<reference>/room/start")
@requires("opening:preside", step_up=True)
def start_session(reference: str) -> ResponseReturnValue:
    tender = room.room_for(reference, current_actor())
    try:
        with transaction():
            room.start_session(tender.id, request.form.get("group", "").split(","), current_actor(), time.now())
    except (IllegalTransition, InvalidInput):
        flash(_("The opening could not begin: see who is missing."), "error")
        return redirect(url_for("bidding.opening_room", reference=reference))
    if tender.state == TenderState.FAILED:
        flash(_("Too few bids were left: the tender has failed, and nothing was opened."), "warning")
    else:
        flash(_("The opening has begun. The members of the group have been asked for their pieces."), "success")
    return redirect(url_for("bidding.opening_room", reference=reference))


@blueprint.post("/tenders/<reference>/room/fallback")
@requires("opening:preside", step_up=True)
def ask_fallback(reference: str) -> ResponseReturnValue:
    tender, form = room.room_for(reference, current_actor()), Form(FallbackIn())
    data = form.load(request.form)
    if data is None:
        return _room_page(tender, form)
    try:
        with transaction():
            group = data["group"].split(",")
            room.ask_fallback(tender.id, data["missing"], group, data["reason"], current_actor(), time.now())
    except InvalidInput as refusal:
        form.add_error(str(refusal.facts.get("field", "")), _("Choose a group that does without the missing members."))
        return _room_page(room.room_for(reference, current_actor()), form)
    flash(_("A second person of your agency has to approve this before the other group is asked."), "success")
    return redirect(url_for("bidding.opening_room", reference=reference))


@blueprint.post("/tenders/<reference>/room/fallback/<uuid:ask_id>/approve")
@requires("tender:approve", step_up=True)
def approve_fallback(reference: str, ask_id: UUID) -> ResponseReturnValue:
    with transaction():
        room.approve_fallback(ask_id, current_actor(), time.now())
    flash(_("Logged. The other group has been asked for its pieces."), "success")
    return redirect(url_for("bidding.opening_room", reference=reference))


@blueprint.post("/tenders/<reference>/room/fallback/<uuid:ask_id>/withdraw")
@requires("tender:view-own")
def withdraw_fallback(reference: str, ask_id: UUID) -> ResponseReturnValue:
    with transaction():
        room.withdraw_fallback(ask_id, current_actor(), time.now())
    flash(_("Withdrawn: the present group stays the one that is asked."), "success")
    return redirect(url_for("bidding.opening_room", reference=reference))
