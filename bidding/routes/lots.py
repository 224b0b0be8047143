"""The lots of a draft: a page of its own beside the draft's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import IllegalTransition, InvalidInput, NotFound
from app.forms import Form
from bidding.consortium_schemas import TermsIn
from bidding.consortium_views import KIND
from bidding.lot_schemas import LimitIn, LotIn
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.routes.drafts import STEPS, own_draft
from bidding.rules.joint import JointTerms
from bidding.services import drafting, lot_drafting
from bidding.services.lots import rows_of
from bidding.views import percent_input


@blueprint.get("/agency/tenders/<uuid:tender_id>/lots")
@requires("tender:draft")
def draft_lots(tender_id: UUID) -> ResponseReturnValue:
    """The lots of the notice, each with its amounts, and how much of them one bidder may win."""
    return _lots_page(own_draft(tender_id, current_actor()), {})


def _lots_page(tender: Tender, failed: dict[str, Form]) -> ResponseReturnValue:
    """`failed`: a form that did not load, by its name (`new` or `limit`), shown as typed."""
    rows = rows_of(tender)
    group = tender.lot_group
    limit = {}
    if group is not None:
        order = ", ".join(map(str, group.award_order))
        limit = {"max_lots": group.max_lots or "", "max_won": group.max_won or "", "award_order": order}
    page = render_template(
        "bidding/draft/lots.html",
        tender=tender,
        rows=rows,
        form=next(iter(failed.values()), Form(LotIn())),
        new=failed.get("new") or Form(LotIn(), {"a_value_won": 0}),
        limit=failed.get("limit") or Form(LimitIn(), limit),
        terms=failed.get("terms") or Form(TermsIn(), _typed_terms(tender)),
        joint_kinds=list(KIND.items()),
        step="lots",
        step_names=list(STEPS),
        findings=[],
        now=time.now(),
    )
    return page, 422 if failed else 200


def _typed(lot: Tender) -> dict[str, Any]:
    names = ("lot_name", "lot_text", "estimated_value_won", "base_amount_won", "a_value_won")
    return {name: "" if (value := getattr(lot, name)) is None else value for name in names}


def _typed_terms(tender: Tender) -> dict[str, Any]:
    joint = tender.joint or {"kinds": [], "max_members": 5, "min_share": 0}
    least = percent_input(joint["min_share"]) if joint["min_share"] else ""
    return joint | {"min_share": least, "framework_winners": tender.framework_winners or ""}


@blueprint.post("/agency/tenders/<uuid:tender_id>/terms")
@requires("tender:draft")
def save_terms(tender_id: UUID) -> ResponseReturnValue:
    """Whether firms may bid together, and how many win."""
    form = Form(TermsIn())

    def put(data: dict[str, Any]) -> object:
        joint = None
        if data["kinds"]:
            kinds = tuple(kind for kind in KIND if kind in data["kinds"])
            joint = JointTerms(kinds, data["max_members"], data["min_share"] or 0).to_json()
        values = {"joint": joint, "framework_winners": data["framework_winners"]}
        return drafting.save_draft(tender_id, values, current_actor())

    return _done(tender_id, "terms", form, put, _("Saved."))


@blueprint.post("/agency/tenders/<uuid:tender_id>/lots")
@requires("tender:draft")
def add_lot(tender_id: UUID) -> ResponseReturnValue:
    form = Form(LotIn())
    return _done(
        tender_id,
        "new",
        form,
        lambda data: lot_drafting.add_lot(tender_id, data, current_actor(), time.now()),
        _("The lot was added. Give the first lot its name, too."),
    )


@blueprint.route("/agency/tenders/<uuid:tender_id>/lots/<int:lot_no>", methods=["GET", "POST"])
@requires("tender:draft")
def draft_lot(tender_id: UUID, lot_no: int) -> ResponseReturnValue:
    """One lot: its name, what it is, its amounts."""
    tender = own_draft(tender_id, current_actor())
    lot = next((row for row in rows_of(tender) if row.lot_no == lot_no), None)
    if lot is None or lot.lot_group is None:
        raise NotFound(f"no lot {lot_no}")
    form = Form(LotIn(), _typed(lot))
    data = form.load(request.form) if request.method == "POST" else None
    if data is not None:
        try:
            with transaction():
                lot_drafting.save_lot(tender_id, lot_no, data, current_actor())
        except InvalidInput as error:
            form.add_error(str(error.facts.get("field", "lot_name")), _told(error))
        else:
            flash(_("The lot was saved."), "success")
            return redirect(url_for("bidding.draft_lots", tender_id=tender_id))
    tender = own_draft(tender_id, current_actor())
    names = list(STEPS)
    page = render_template(
        "bidding/draft/lot.html", tender=tender, lot=lot, form=form, step="lots", step_names=names, findings=[]
    )
    return page, 422 if form.errors else 200


@blueprint.post("/agency/tenders/<uuid:tender_id>/lots/limit")
@requires("tender:draft")
def limit_lots(tender_id: UUID) -> ResponseReturnValue:
    form = Form(LimitIn())

    def put(data: dict[str, Any]) -> object:
        order = [int(one) for one in data["award_order"].split(",") if one.strip()]
        return lot_drafting.set_limit(tender_id, data["max_lots"], data["max_won"], order, current_actor())

    return _done(tender_id, "limit", form, put, _("The limit was saved."))


@blueprint.post("/agency/tenders/<uuid:tender_id>/lots/<int:lot_no>/remove")
@requires("tender:draft")
def remove_lot(tender_id: UUID, lot_no: int) -> ResponseReturnValue:
    own_draft(tender_id, current_actor())
    try:
        with transaction():
            lot_drafting.remove_lot(tender_id, lot_no, current_actor())
        flash(_("The lot was removed."), "success")
    except IllegalTransition:
        flash(_("This lot stays: the first one stands for the notice, and what was submitted has its number."), "error")
    return redirect(url_for("bidding.draft_lots", tender_id=tender_id))


def _done(
    tender_id: UUID, name: str, form: Form, act: Callable[[dict[str, Any]], object], told: str
) -> ResponseReturnValue:
    """Load, act, and go back to the page; what does not fit is shown there as it was typed."""
    own_draft(tender_id, current_actor())
    data = form.load(request.form)
    if data is not None:
        try:
            with transaction():
                act(data)
        except InvalidInput as error:
            form.add_error(str(error.facts.get("field", "lot_name")), _told(error))
        else:
            flash(told, "success")
            return redirect(url_for("bidding.draft_lots", tender_id=tender_id))
    return _lots_page(own_draft(tender_id, current_actor()), {name: form})


def _told(error: InvalidInput) -> str:
    if error.facts.get("fault") == "renotice":
        return str(
            _("A re-notice keeps price and conditions of the notice it repeats; only its time limits may differ.")
        )
    if "max" in error.facts:
        return str(_("A notice has %(max)s lots at most.", max=error.facts["max"]))
    if "most" in error.facts:
        return str(_("At most %(most)s: with as many as there are lots nothing is limited.", most=error.facts["most"]))
    if error.facts.get("field") == "award_order":
        return str(_("Name each lot once."))
    return str(_("Another lot has this name."))
