"""The bidder's side of a review: what is asked, until when, its papers and its own estimate, and what was decided."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from app import time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import InvalidInput, NotFound
from app.forms import Form
from bidding import review_labels, review_views
from bidding.models import Bid, BidReview
from bidding.review_schemas import SubmitIn
from bidding.routes import blueprint
from bidding.rules.steps import show_points
from bidding.services import review_papers, reviewing


@blueprint.get("/bids/<uuid:bid_id>/review")
@requires("bid:submit")
def bid_review_page(bid_id: UUID) -> ResponseReturnValue:
    return _page(_own_bid(bid_id), Form(SubmitIn()))


def _page(bid: Bid, form: Form) -> ResponseReturnValue:
    page = render_template(
        "bidding/bid_reviews.html",
        bid=bid,
        tender=bid.tender,
        reviews=[
            {
                "it": review,
                "timeline": review_views.own_timeline(review),
                "due_at": review_papers.due_at(review),
                "fields": review_views.fields_of(review),
                "objection_until": review_views.objection_until(review),
            }
            for review in reviewing.shown_to_bidder(bid.id)
        ],
        form=form,
        now=time.now(),
        show_points=show_points,
        R_KIND=review_labels.KIND,
        R_RESULT=review_labels.RESULT,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/bids/<uuid:bid_id>/review/<uuid:review_id>/files")
@requires("bid:submit")
def add_bid_review_file(bid_id: UUID, review_id: UUID) -> ResponseReturnValue:
    review = _own(bid_id, review_id)
    try:
        given = [one for one in request.files.getlist("file") if one.filename]
        with transaction():
            for one in given:
                review_papers.add_file(review.id, one.filename or "", one.read(), current_actor(), time.now())
        if not given:
            flash(_("Choose a file first."), "error")
    except (InvalidInput, RequestEntityTooLarge):
        flash(_("This file is not taken: choose a document of up to 20 MB."), "error")
    return redirect(url_for("bidding.bid_review_page", bid_id=bid_id))


@blueprint.post("/bids/<uuid:bid_id>/review/<uuid:review_id>/files/<uuid:file_id>/remove")
@requires("bid:submit")
def remove_bid_review_file(bid_id: UUID, review_id: UUID, file_id: UUID) -> ResponseReturnValue:
    review = _own(bid_id, review_id)
    with transaction():
        review_papers.remove_file(review.id, file_id, current_actor(), time.now())
    return redirect(url_for("bidding.bid_review_page", bid_id=bid_id))


@blueprint.post("/bids/<uuid:bid_id>/review/<uuid:review_id>/submit")
@requires("bid:submit")
def submit_bid_review(bid_id: UUID, review_id: UUID) -> ResponseReturnValue:
    review, form = _own(bid_id, review_id), Form(SubmitIn())
    data = form.load(request.form)
    if data is None:
        return _page(review.bid, form)
    try:
        with transaction():
            review_papers.submit_documents(
                review.id, data["own_points"], data["own_note"], current_actor(), time.now()
            )
    except InvalidInput:
        form.add_error("file", _("Add at least one document first."))
        return _page(_own_bid(bid_id), form)
    flash(_("Your documents are with the agency. It cannot be changed any more."), "success")
    return redirect(url_for("bidding.bid_review_page", bid_id=bid_id))


def _own_bid(bid_id: UUID) -> Bid:
    bid = db.session.get(Bid, bid_id)
    if bid is None or bid.organisation_id != current_actor().organisation_id:
        raise NotFound(f"no bid {bid_id}")
    return bid


def _own(bid_id: UUID, review_id: UUID) -> BidReview:
    bid = _own_bid(bid_id)
    review = db.session.get(BidReview, review_id)
    if review is None or review.bid_id != bid.id:
        raise NotFound("no such review", what="review")
    return review
