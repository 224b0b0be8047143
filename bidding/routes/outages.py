"""Outages: public pages with their signed statements; the operators' measurement, proposal and confirmation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, public, requires
from app.auth.models import Person
from app.db import database_now, db, transaction
from app.errors import NotFound, StaleConfirmation
from app.forms import Form
from bidding import labels, outage_views
from bidding.models import Outage
from bidding.routes import blueprint
from bidding.schemas import OutageProposalIn
from bidding.services import clock, holding, outages
from bidding.states import OutageState


@blueprint.get("/outages")
@public
def outages_page() -> ResponseReturnValue:
    """Every outage that was measured, newest first."""
    page = outage_views.outages(request.args.get("page", 1, int))
    return render_template("bidding/outages.html", page=page, states=labels.OUTAGE, tones=labels.OUTAGE_TONE)


@blueprint.get("/outages/<uuid:outage_id>")
@public
def outage_page(outage_id: UUID) -> ResponseReturnValue:
    """What was measured, what was decided, every deadline that moved."""
    outage = _outage(outage_id)
    moved = outage_views.moved_by(outage.id, request.args.get("page", 1, int))
    return render_template(
        "bidding/outage.html",
        outage=outage,
        chart=outage_views.chart(outage, database_now()),
        moved=moved,
        states=labels.OUTAGE,
        tones=labels.OUTAGE_TONE,
    )


@blueprint.get("/outages/<uuid:outage_id>/statement.note")
@public
def outage_note(outage_id: UUID) -> ResponseReturnValue:
    """The signed statement of the batch, to download."""
    outage = _outage(outage_id)
    if outage.note is None:
        raise NotFound("nothing has been declared")
    name = f"outage-{outage.began_at:%Y%m%d-%H%M}.note"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Disposition": f"attachment; filename={name}"}
    return outage.note, 200, headers


@blueprint.get("/operations/deadlines")
@requires("outage:propose")
def operations_page() -> ResponseReturnValue:
    """The operator's view: is the intake well, is the clock well, what is held, what has to be decided."""
    now = database_now()
    return render_template(
        "bidding/operations.html",
        guard=clock.guard(),
        clock_states=labels.CLOCK,
        clock_tones=labels.CLOCK_TONE,
        chart=outage_views.last_hour(now),
        measured=outage_views.has_measured(now),
        holds=holding.holds(now),
        bound=holding.BOUND,
        held=outage_views.held(now),
        waiting=outage_views.undecided(),
        states=labels.OUTAGE,
        tones=labels.OUTAGE_TONE,
    )


@blueprint.get("/operations/outages/<uuid:outage_id>")
@requires("outage:propose")
def outage_decision(outage_id: UUID) -> ResponseReturnValue:
    """The measurement, what the rule makes of it, and the two operators' decision."""
    return _decision_page(_outage(outage_id), Form(OutageProposalIn()))


def _decision_page(outage: Outage, form: Form) -> ResponseReturnValue:
    now = database_now()
    is_proposed = outage.state == OutageState.PROPOSED
    announced_at = outage.announced_at if is_proposed and outage.announced_at else outages.announcement_after(now)
    proposer = db.session.get(Person, outage.proposed_by_id) if outage.proposed_by_id else None
    page = render_template(
        "bidding/outage_decision.html",
        outage=outage,
        chart=outage_views.chart(outage, now),
        announced_at=announced_at,
        moves=[] if outage.proposal == "dismiss" and is_proposed else outages.moves_of(outage, announced_at),
        is_late=is_proposed and now >= announced_at,
        is_mine=outage.proposed_by_id == current_actor().person_id,
        proposer=proposer,
        bound_at=_bound(outage),
        form=form,
        states=labels.OUTAGE,
        tones=labels.OUTAGE_TONE,
    )
    return page, 422 if form.errors else 200


def _bound(outage: Outage) -> datetime | None:
    return None if outage.ended_at is None else outage.ended_at + holding.BOUND


@blueprint.post("/operations/outages/<uuid:outage_id>/propose")
@requires("outage:propose")
def propose_outage(outage_id: UUID) -> ResponseReturnValue:
    form = Form(OutageProposalIn())
    data = form.load(request.form)
    if data is None:
        return _decision_page(_outage(outage_id), form)
    with transaction():
        outages.propose(outage_id, data["proposal"], data["reason"], current_actor(), database_now())
    flash(_("Proposed. A second operator has to confirm it before the announced time."), "success")
    return redirect(url_for("bidding.outage_decision", outage_id=outage_id))


@blueprint.post("/operations/outages/<uuid:outage_id>/confirm")
@requires("outage:approve", step_up=True)
def confirm_outage(outage_id: UUID) -> ResponseReturnValue:
    try:
        with transaction():
            outage = outages.confirm(outage_id, request.form.get("plan", ""), current_actor(), database_now())
            count, is_applied = len(outage.plan), outage.state == OutageState.APPLIED
    except StaleConfirmation:
        flash(
            _("It was not confirmed: the announced time has come, or tenders have changed. Propose it anew."), "error"
        )
        return redirect(url_for("bidding.outage_decision", outage_id=outage_id))
    said = _("Applied. %(count)d deadlines have moved; everybody concerned is being told.", count=count)
    flash(said if is_applied else _("Decided: no deadline moves."), "success")
    return redirect(url_for("bidding.outage_page", outage_id=outage_id))


@blueprint.post("/operations/outages/<uuid:outage_id>/send-back")
@requires("outage:approve")
def return_outage(outage_id: UUID) -> ResponseReturnValue:
    with transaction():
        outages.send_back(outage_id, current_actor(), time.now())
    flash(_("Sent back: the outage is undecided again."), "success")
    return redirect(url_for("bidding.outage_decision", outage_id=outage_id))


def _outage(outage_id: UUID) -> Outage:
    outage = db.session.get(Outage, outage_id)
    if outage is None:
        raise NotFound(f"no outage {outage_id}")
    return outage
