"""The officer's tenders: the list, the draft in steps, and its way to the approver."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema

from app import time
from app.auth import Actor, current_actor, requires
from app.db import db, transaction
from app.errors import InvalidInput, KeyholderRefused, NotFound, RuleBroken, TemporarilyUnavailable
from app.forms import Form
from app.regions import REGIONS
from bidding import queries
from bidding.context import finding_text
from bidding.keyholders import configured
from bidding.lot_views import lots_shown
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.schemas import (
    ASKED_MB,
    AmountIn,
    AskedDocumentIn,
    MethodIn,
    NewTenderIn,
    ReservePricesIn,
    WhatIn,
    WhenIn,
    WhoIn,
)
from bidding.scoring import SCORINGS
from bidding.services import drafting
from bidding.services.access import is_own
from bidding.services.lots import rows_of
from bidding.services.publishing import submit_for_review, take_back
from bidding.services.schedule import floor_advice, lot_findings, notice_findings, proposed_schedule
from bidding.states import TenderState
from bidding.views import local_input, percent_input

STEPS: dict[str, type[Schema] | None] = {
    "what": WhatIn,
    "amount": AmountIn,
    "method": MethodIn,
    "scoring": None,  # by `draft_scoring`
    "who": WhoIn,
    "when": WhenIn,
    "documents": None,
    "check": None,
}
TABS = {
    "drafts": (TenderState.DRAFT, TenderState.IN_REVIEW),
    "open": queries.SEALED,
    "done": (TenderState.AWARDED, TenderState.CONTRACTED, TenderState.FAILED, TenderState.CANCELLED),
}


@blueprint.get("/agency/tenders")
@requires("tender:view-own")
def agency_tenders() -> ResponseReturnValue:
    tab = request.args.get("tab", "")
    number = request.args.get("page", 1, int)
    if tab == "decide":
        page = queries.waiting_for(current_actor(), number)
    else:
        page = queries.agency_tenders(current_actor(), TABS.get(tab, ()), number)
    return render_template("bidding/agency_tenders.html", page=page, tab=tab, now=time.now())


@blueprint.route("/agency/tenders/new", methods=["GET", "POST"])
@requires("tender:draft")
def new_tender() -> ResponseReturnValue:
    form = Form(NewTenderIn())
    if request.method == "POST" and (data := form.load(request.form)) is not None:
        with transaction():
            tender = drafting.start_draft(current_actor(), time.now(), **data)
            tender_id = tender.id
        return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="what"))
    return render_template("bidding/new_tender.html", form=form)


@blueprint.route("/agency/tenders/<uuid:tender_id>/draft/<step>", methods=["GET", "POST"])
@requires("tender:draft")
def draft_step(tender_id: UUID, step: str) -> ResponseReturnValue:
    """One question group of the draft. POST saves it and goes on; `save` alone stays."""
    tender = own_draft(tender_id, current_actor())
    if step not in STEPS:
        raise NotFound(f"no step {step}")
    if not tender.is_first_lot:  # a lot is drafted with its notice
        return redirect(url_for("bidding.draft_step", tender_id=rows_of(tender)[0].id, step=step))
    schema = STEPS[step]
    filled = proposed_values(tender, step, time.now())
    form = Form(schema(), typed_values(tender) | filled) if schema else _other_form(step)
    data = form.load(request.form) if request.method == "POST" and schema else None
    if data is not None and _saved(tender_id, step, data, form):
        following = step if "stay" in request.form else _after(step, data)
        return redirect(url_for("bidding.draft_step", tender_id=tender_id, step=following))
    return step_page(own_draft(tender_id, current_actor()), step, form, filled)


def _other_form(step: str) -> Form:
    return Form(AskedDocumentIn(), {"max_mb": ASKED_MB}) if step == "documents" else Form(ReservePricesIn())


def step_page(tender: Tender, step: str, form: Form, filled: Collection[str] = ()) -> str:
    """`filled`: fields that the form proposes a value for and that were never saved: they are not called missing."""
    now = time.now()
    return render_template(
        f"bidding/draft/{step}.html",
        tender=tender,
        form=form,
        step=step,
        step_names=list(STEPS),
        findings=[
            found
            for lot in rows_of(tender)
            for found in lot_findings(lot, now)
            if found.finding.code != "missing" or found.finding.field not in filled
        ],
        filled=filled,
        advice=floor_advice(tender, now) if step == "method" else None,
        attachments=queries.attachments(tender.id) if step in ("documents", "check") else [],
        lots=lots_shown(tender, current_actor()) if step == "check" else None,
        regions=REGIONS,
        now=now,
    )


@blueprint.post("/agency/tenders/<uuid:tender_id>/autosave/<step>")
@requires("tender:draft")
def autosave(tender_id: UUID, step: str) -> ResponseReturnValue:
    """Save-as-you-go: what fits is saved, what does not is named. Answers JSON."""
    schema = STEPS.get(step)
    if schema is None:
        raise NotFound(f"no step {step}")
    form = Form(schema())
    data = form.load(request.form)
    if data is None:
        return {"saved": False, "errors": form.errors}, 422
    if not _saved(tender_id, step, data, form):
        return {"saved": False, "errors": form.errors}, 422
    now = time.now()
    return {"saved": True, "at": time.wire(now), "findings": _findings_json(tender_id, step, now)}


def _findings_json(tender_id: UUID, step: str, now: datetime) -> list[dict[str, str]]:
    """What the rules say of this step as it is saved now, for the page that is still open."""
    placed = notice_findings(own_draft(tender_id, current_actor()), now)
    return [
        {
            "field": one.finding.field,
            "severity": one.finding.severity,
            "text": finding_text(one.finding),
            "basis": _("Legal basis: %(basis)s", basis=one.finding.legal_basis),
        }
        for one in placed
        if one.step == step
    ]


def _saved(tender_id: UUID, step: str, data: dict[str, Any], form: Form) -> bool:
    values = method_values(data) if step == "method" else data
    try:
        with transaction():
            drafting.save_draft(tender_id, values, current_actor())
    except InvalidInput as error:
        told = (
            _("A re-notice keeps price and conditions of the notice it repeats; only its time limits may differ.")
            if error.facts.get("fault") == "renotice"
            else _("Bids begin first, then comes the deadline, then the opening.")
        )
        form.add_error(error.facts.get("field", "closes_at"), told)
        return False
    return True


def method_values(data: dict[str, Any]) -> dict[str, Any]:
    """The form asks for ±2 or ±3 percent; the tender keeps the range in thousandths of a percent."""
    width = int(data["range_percent"]) * 1000
    rest = {name: value for name, value in data.items() if name != "range_percent"}
    return rest | {"range_low": 100_000 - width, "range_high": 100_000 + width}


@blueprint.post("/agency/tenders/<uuid:tender_id>/files")
@requires("tender:draft")
def add_file(tender_id: UUID) -> ResponseReturnValue:
    sent = [one for one in request.files.getlist("file") if one.filename]
    try:
        with transaction():
            for one in sent:
                drafting.add_attachment(tender_id, one.filename or "", one.read(), current_actor(), time.now())
    except InvalidInput:
        flash(
            _("This file was not taken: it is empty, larger than 20 MB, one too many, or of a kind that could run."),
            "error",
        )
    else:
        flash(_("The file was added.") if sent else _("Choose a file first."), "success" if sent else "error")
    return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="documents"))


@blueprint.post("/agency/tenders/<uuid:tender_id>/files/<uuid:attachment_id>/remove")
@requires("tender:draft")
def remove_file(tender_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    with transaction():
        drafting.remove_attachment(tender_id, attachment_id, current_actor())
    flash(_("The file was removed."), "success")
    return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="documents"))


@blueprint.post("/agency/tenders/<uuid:tender_id>/submit")
@requires("tender:draft", step_up=True)
def submit_tender(tender_id: UUID) -> ResponseReturnValue:
    """To the approver. Makes the box; broken rules are shown on the check page instead."""
    form = Form(ReservePricesIn())
    data = form.load(request.form)
    if data is None:
        form.errors = {"prices": [_("The reserve prices could not be read: give fifteen amounts or none.")]}
        return step_page(own_draft(tender_id, current_actor()), "check", form), 422
    try:
        with transaction():
            submit_for_review(tender_id, current_actor(), time.now(), panel=configured(), prices=data["prices"])
    except (TemporarilyUnavailable, KeyholderRefused) as error:
        holder = error.facts.get("holder", "")
        form.errors = {"holders": [_("Keyholder %(holder)s did not answer as it should: no box can be made now. Your "
                                     "draft is kept; try again in a moment.", holder=holder)]}  # fmt: skip
        return step_page(own_draft(tender_id, current_actor()), "check", form), 503
    except RuleBroken:  # the check page says which
        return step_page(own_draft(tender_id, current_actor()), "check", form), 422
    except InvalidInput as error:
        low, high = (f"{error.facts.get(name, 0):,}" for name in ("low", "high"))
        told = _("Give fifteen prices between %(low)s and %(high)s won, or none.", low=low, high=high)
        form.add_error("prices", told)
        return step_page(own_draft(tender_id, current_actor()), "check", form), 422
    flash(_("Sent to the approver. A second person of your agency publishes it."), "success")
    return redirect(url_for("bidding.review_tender", tender_id=tender_id))


@blueprint.post("/agency/tenders/<uuid:tender_id>/take-back")
@requires("tender:draft")
def take_back_tender(tender_id: UUID) -> ResponseReturnValue:
    with transaction():
        take_back(tender_id, current_actor(), time.now())
    flash(_("Taken back to draft. Its box is void; the next submission makes a new one."), "success")
    return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="check"))


@blueprint.post("/agency/tenders/<uuid:tender_id>/discard")
@requires("tender:draft")
def discard_tender(tender_id: UUID) -> ResponseReturnValue:
    with transaction():
        drafting.discard_draft(tender_id, current_actor(), time.now())
    flash(_("The draft was discarded."), "success")
    return redirect(url_for("bidding.agency_tenders"))


def own_draft(tender_id: UUID, actor: Actor) -> Tender:
    tender = db.session.get(Tender, tender_id)
    if tender is None or not is_own(tender, actor):
        raise NotFound(f"no draft {tender_id}")
    return tender


def typed_values(tender: Tender) -> dict[str, Any]:
    """The draft as a person would type it."""
    shown: dict[str, Any] = {name: getattr(tender, name) for name in drafting.EDITABLE}
    for name in ("bids_from_at", "closes_at", "opens_at"):
        value: datetime | None = shown[name]
        shown[name] = local_input(value)
    shown["title"] = tender.notice_title
    shown["floor_rate"] = percent_input(tender.floor_rate)
    shown["bid_bond_rate"] = percent_input(tender.bid_bond_rate)
    shown["range_percent"] = "3" if tender.range_high == 103_000 else "2"
    return {name: "" if value is None else value for name, value in shown.items()}


def proposed_values(tender: Tender, step: str, now: datetime) -> dict[str, str]:
    """What a step that was never filled in starts from: the rule tables' floor rate, the law's earliest times."""
    if step == "method" and tender.floor_rate is None and (advice := floor_advice(tender, now)) is not None:
        return {"floor_rate": percent_input(advice.rate)}
    if step == "when" and tender.bids_from_at is None and tender.closes_at is None and tender.opens_at is None:
        earliest = proposed_schedule(tender, now)
        names = ("bids_from_at", "closes_at", "opens_at") if earliest is not None else ()
        return {name: local_input(getattr(earliest, name).replace(microsecond=0)) for name in names}
    return {}


def _after(step: str, data: dict[str, Any]) -> str:
    """The step that follows; methods without terms of their own have none of the step that asks for them."""
    names = [name for name in STEPS if name != "scoring" or data.get("method") in SCORINGS]
    return names[min(names.index(step) + 1, len(names) - 1)]
