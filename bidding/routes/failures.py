"""After a failure (유찰): the guided page of the agency, and the rebid that it prepares."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import InvalidInput, NotFound, RuleBroken
from app.forms import Form
from bidding import queries
from bidding.context import finding_text
from bidding.failure_views import roads_of
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.routes.manage import own_tender
from bidding.schemas import DirectIn, ReasonIn, RebidIn
from bidding.services.direct import ceiling_of, road_of, single_bidder
from bidding.services.renotice import rebid, renotice
from bidding.states import TenderState
from bidding.views import local_input


@blueprint.get("/tenders/<reference>/after-failure")
@requires("tender:view-own")
def after_failure(reference: str) -> ResponseReturnValue:
    """Which rule failed on which figures, and every road that is open, with its dates."""
    return _page(_failed(reference))


def _page(
    tender: Tender, form: Form | None = None, direct_form: Form | None = None, lapse_form: Form | None = None
) -> ResponseReturnValue:
    """The form that did not fit comes back with what was typed."""
    now = time.now()
    roads = roads_of(tender, now)
    earliest = next(road.earliest for road in roads if road.earliest is not None)
    values = {
        "bidders": "all",
        "closes_at": local_input(earliest.closes_at),
        "opens_at": local_input(earliest.opens_at),
    }
    page = render_template(
        "bidding/after_failure.html",
        tender=tender,
        roads=roads,
        follower=queries.follower_of(tender.id),
        form=form or Form(RebidIn(), values),
        direct_form=direct_form or Form(DirectIn()),
        lapse_form=lapse_form or Form(ReasonIn()),
        direct_road=road_of(tender),
        names_firm=single_bidder(tender) is None,
        ceiling_won=ceiling_of(tender),
    )
    return page, 422 if form or direct_form or lapse_form else 200


def direct_page(reference: str, form: Form) -> ResponseReturnValue:
    return _page(_failed(reference), direct_form=form)


def lapse_page(reference: str, form: Form) -> ResponseReturnValue:
    return _page(_failed(reference), lapse_form=form)


@blueprint.post("/tenders/<reference>/rebid")
@requires("tender:draft")
def rebid_tender(reference: str) -> ResponseReturnValue:
    """재입찰: a draft with the same number; the approver publishes it."""
    tender, form = _failed(reference), Form(RebidIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return _page(tender, form)
    now = time.now()
    try:
        with transaction():
            draft_id = rebid(tender.id, current_actor(), now, bids_from_at=now, **data).id
    except RuleBroken as broken:
        for finding in broken.facts["findings"]:
            form.add_error(finding.field, finding_text(finding))
        return _page(_failed(reference), form)
    except InvalidInput as error:
        form.add_error(error.facts.get("field", "closes_at"), _("The deadline comes first, then the opening."))
        return _page(_failed(reference), form)
    flash(_("The rebid is a draft with the same terms. Look it through and send it to the approver."), "success")
    return redirect(url_for("bidding.draft_step", tender_id=draft_id, step="check"))


@blueprint.post("/tenders/<reference>/renotice")
@requires("tender:draft")
def renotice_tender(reference: str) -> ResponseReturnValue:
    """재공고: a draft with the failed tender's number, next 차수, the same terms, and the earliest schedule."""
    tender, now = own_tender(reference), time.now()
    with transaction():
        draft = renotice(tender.id, current_actor(), now)
        road = next(road for road in roads_of(tender, now) if road.action == "renotice")
        assert road.earliest is not None  # a road that takes bids has its days
        draft.bids_from_at, draft.closes_at = now, road.earliest.closes_at
        draft.opens_at = road.earliest.opens_at
        draft_id = draft.id
    flash(_("A new draft with the same terms was made. Set its schedule and send it to the approver."), "success")
    return redirect(url_for("bidding.draft_step", tender_id=draft_id, step="when"))


def _failed(reference: str) -> Tender:
    tender = own_tender(reference)
    if tender.state != TenderState.FAILED:
        raise NotFound("it has not failed")
    return tender
