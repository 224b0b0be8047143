"""Keyholders that are ready: tested again, accepted though one is not; the operator's list of services."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import AlreadyDone, HoldersNotReady
from app.forms import Form
from bidding import queries
from bidding.keyholders import configured
from bidding.policy import Medium
from bidding.routes import blueprint
from bidding.schemas import ReasonIn
from bidding.services import readiness
from bidding.services.lots import lock_notice
from bidding.services.publishing import accept_unready


@blueprint.post("/agency/tenders/<uuid:tender_id>/holders/test")
@requires("tender:view-own")
def test_holders(tender_id: UUID) -> ResponseReturnValue:
    """Ask the services once more to open a fresh envelope from their back-up."""
    with transaction():
        rows = lock_notice(tender_id, current_actor())
        results = {
            f"{lot.lot_name} {holder}".strip(): is_opened
            for lot in rows
            for holder, is_opened in readiness.test_services(lot, configured(), Medium.RESTORED, time.now()).items()
        }
    if all(results.values()):
        flash(_("Every service opened its test envelope."), "success")
    else:
        failed = ", ".join(holder for holder, is_opened in results.items() if not is_opened)
        flash(_("Not opened by: %(holders)s.", holders=failed), "error")
    return redirect(url_for("bidding.review_tender", tender_id=tender_id))


@blueprint.post("/agency/tenders/<uuid:tender_id>/holders/accept")
@requires("tender:draft", step_up=True)
def accept_holders(tender_id: UUID) -> ResponseReturnValue:
    """The officer's half of publishing though a keyholder is not ready; the approver's is the publication."""
    form = Form(ReasonIn())
    data = form.load(request.form)
    if data is None:
        flash(_("Say why it should be published all the same."), "error")
    else:
        try:
            with transaction():
                accept_unready(tender_id, data["reason"], current_actor(), time.now())
            flash(_("Noted. The approver decides by publishing; the reason is public."), "success")
        except HoldersNotReady:
            flash(_("Too few keyholders are ready: one more could not fail without the bids being lost."), "error")
        except AlreadyDone:
            flash(_("Every keyholder is ready: no exception is needed."), "success")
    return redirect(url_for("bidding.review_tender", tender_id=tender_id))


@blueprint.get("/operator/keyholders")
@requires("keyholder:watch")
def keyholder_health() -> ResponseReturnValue:
    """How each keyholder service did in its last tests, and how many openings it is needed for."""
    return render_template(
        "bidding/keyholders.html",
        panel=configured(),
        tests=queries.last_service_tests(),
        needed=queries.openings_ahead(),
        alarms=queries.unready_tenders(),
        now=time.now(),
    )
