"""When too few keyholders are left: two officers decide, bidders give the keys of their own bids again."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import DeadlinePassed, InvalidInput, NotFound
from app.forms import Form
from app.tlog.canon import unb64u
from bidding.routes import blueprint
from bidding.schemas import RecoveryIn, SuppliedKeyIn
from bidding.services import recovery
from bidding.services.access import get_tender, is_own


def _own_id(reference: str) -> UUID:
    tender = get_tender(reference, current_actor())
    if not is_own(tender, current_actor()):
        raise NotFound("another agency's tender")
    return tender.id


@blueprint.post("/tenders/<reference>/recovery")
@requires("tender:draft", step_up=True)
def ask_recovery(reference: str) -> ResponseReturnValue:
    tender_id = _own_id(reference)
    data = Form(RecoveryIn()).load(request.form)
    if data is None:
        flash(_("Give a reason and an end that lies ahead."), "error")
    else:
        try:
            with transaction():
                recovery.ask_recovery(tender_id, data["reason"], data["until_at"], current_actor(), time.now())
            flash(_("Proposed. A second person of your agency decides."), "success")
        except InvalidInput:
            flash(_("Give a reason and an end that lies ahead."), "error")
    return redirect(url_for("bidding.manage_tender", reference=reference))


@blueprint.post("/tenders/<reference>/recovery/approve")
@requires("tender:approve", step_up=True)
def approve_recovery(reference: str) -> ResponseReturnValue:
    tender_id = _own_id(reference)
    try:
        with transaction():
            recovery.approve_recovery(tender_id, current_actor(), time.now())
        flash(_("In force. Every bidder has been told, and the log names the key and the end."), "success")
    except DeadlinePassed:
        flash(_("Its end has passed: propose it again."), "error")
    return redirect(url_for("bidding.manage_tender", reference=reference))


@blueprint.post("/bids/<uuid:bid_id>/recovery")
@requires("bid:submit")
def supply_key(bid_id: UUID) -> ResponseReturnValue:
    data = Form(SuppliedKeyIn()).load(request.form)
    if data is None:
        flash(_("This is not a sealed key: it has 107 letters and figures."), "error")
    else:
        try:
            with transaction():
                recovery.supply_key(bid_id, unb64u(data["sealed"].strip()), current_actor())
            flash(_("Your key was taken in, sealed. It is opened with all others at the end."), "success")
        except DeadlinePassed:
            flash(_("Too late: the keys have been opened."), "error")
        except (InvalidInput, ValueError):
            flash(_("This is not a sealed key: it has 107 letters and figures."), "error")
    return redirect(url_for("bidding.bid_page", bid_id=bid_id))
