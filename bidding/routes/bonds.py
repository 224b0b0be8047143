"""A bidder's bond for one tender: a small form, and what has been given."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import InvalidInput, NotFound
from app.forms import Form
from bidding.models import Tender
from bidding.review_labels import BOND
from bidding.review_schemas import BondIn
from bidding.routes import blueprint
from bidding.services import bonding
from bidding.services.access import get_tender
from bidding.services.figures import bond_end


@blueprint.get("/tenders/<reference>/bond")
@requires("bid:submit")
def bond_page(reference: str) -> ResponseReturnValue:
    return _page(_asking(reference), Form(BondIn(), {"kind": "guarantee"}))


def _page(tender: Tender, form: Form) -> ResponseReturnValue:
    organisation_id = current_actor().organisation_id
    assert tender.closes_at is not None  # published, by CHECK
    page = render_template(
        "bidding/bond.html",
        tender=tender,
        bond=bonding.find_bond(tender.id, organisation_id) if organisation_id else None,
        until=bond_end(tender),
        now=time.now(),
        form=form,
        BOND=BOND,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/tenders/<reference>/bond")
@requires("bid:submit")
def give_bond(reference: str) -> ResponseReturnValue:
    tender, form = _asking(reference), Form(BondIn())
    data = form.load(request.form)
    if data is None:
        return _page(tender, form)
    try:
        with transaction():
            bonding.give_bond(tender, data["kind"], data["covers_won"], data["number"], current_actor(), time.now())
    except InvalidInput as error:
        form.add_error(error.facts.get("field", "kind"), _("A deposit or guarantee has an amount and a number."))
        return _page(_asking(reference), form)
    flash(_("Your bid bond is entered. Nobody of the agency sees it before the opening."), "success")
    return redirect(url_for("bidding.bond_page", reference=reference))


def _asking(reference: str) -> Tender:
    tender = get_tender(reference, current_actor())
    if tender.bid_bond_rate is None or tender.closes_at is None:
        raise NotFound("this notice asks for no bond", what="bond")
    return tender
