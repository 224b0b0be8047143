"""수의계약 after a failure: the officer asks, the approver decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import InvalidInput, NotEligible, NotFound
from app.forms import Form
from bidding import queries
from bidding.eligibility import told_ineligible
from bidding.routes import blueprint
from bidding.routes.failures import direct_page, lapse_page
from bidding.routes.manage import own_tender
from bidding.schemas import DirectIn, ReasonIn
from bidding.services import direct
from suppliers.front import Ineligible


@blueprint.post("/tenders/<reference>/direct")
@requires("direct:ask")
def ask_direct(reference: str) -> ResponseReturnValue:
    tender, form = own_tender(reference), Form(DirectIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return direct_page(reference, form)
    try:
        with transaction():
            direct.ask_direct(tender.id, actor=current_actor(), now=time.now(), **data)
    except InvalidInput as error:
        field = error.facts["field"]
        form.add_error(field, _wrong(field))
        return direct_page(reference, form)
    except NotEligible as refusal:
        form.add_error("business_number", _ineligible(refusal))
        return direct_page(reference, form)
    flash(_("A second person of your agency has to approve this contract."), "success")
    return redirect(url_for("bidding.after_failure", reference=reference))


@blueprint.post("/tenders/<reference>/direct/<uuid:direct_id>/approve")
@requires("direct:decide", step_up=True)
def approve_direct(reference: str, direct_id: UUID) -> ResponseReturnValue:
    _of(reference, direct_id)
    try:
        with transaction():
            direct.approve_direct(direct_id, current_actor(), time.now())
    except NotEligible as refusal:
        flash(_ineligible(refusal), "danger")
    else:
        flash(_("It is decided and public, and the contract is being drafted."), "success")
    return redirect(url_for("bidding.after_failure", reference=reference))


@blueprint.post("/tenders/<reference>/direct/<uuid:direct_id>/refuse")
@requires("direct:decide")
def refuse_direct(reference: str, direct_id: UUID) -> ResponseReturnValue:
    _of(reference, direct_id)
    with transaction():
        direct.refuse_direct(direct_id, current_actor(), time.now())
    flash(_("The contract was refused; the other roads are open again."), "success")
    return redirect(url_for("bidding.after_failure", reference=reference))


@blueprint.post("/tenders/<reference>/direct/<uuid:direct_id>/lapse")
@requires("direct:decide", step_up=True)
def lapse_direct(reference: str, direct_id: UUID) -> ResponseReturnValue:
    _of(reference, direct_id)
    form = Form(ReasonIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return lapse_page(reference, form)
    with transaction():
        direct.lapse_direct(direct_id, data["reason"], current_actor(), time.now())
    flash(_("The contract was given up; the other roads are open again."), "success")
    return redirect(url_for("bidding.after_failure", reference=reference))


def _of(reference: str, direct_id: UUID) -> None:
    found = queries.direct_of(own_tender(reference).id)
    if found is None or found.id != direct_id:
        raise NotFound("no such contract", what="direct")


def _wrong(field: str) -> str:
    words = {
        "amount_won": _("More than the estimated price, or the base amount where none was drawn."),
        "business_number": _("No firm on the register has this number."),
    }
    return str(words.get(field, _("It needs its reason.")))


def _ineligible(refusal: NotEligible) -> str:
    """The registry's words are to the firm itself; the agency reads the first sentence as of that firm."""
    facts = {name: value for name, value in refusal.facts.items() if name != "reason"}
    meaning, _step = told_ineligible(Ineligible(refusal.facts["reason"], facts))
    return str(_("This firm cannot be contracted with. What it is told: %(words)s", words=meaning))
