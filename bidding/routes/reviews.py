"""The agency's side of reviews: who is in line, asking for documents, points, proposals, the second person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from app import audit, files, time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import InvalidInput, NotFound
from app.exports import attachment
from app.forms import Form
from bidding import labels, queries, review_labels, review_views, rule_labels, rule_views
from bidding.models import BidReview, ReviewFile, Tender
from bidding.review import Kind
from bidding.review_schemas import AskIn, PointsIn, ReturnIn, VerdictIn, WantedIn
from bidding.routes import blueprint
from bidding.rules.scoring_fields import FIELDS, score_field
from bidding.rules.steps import show_points
from bidding.services import review_asking, review_papers, reviewing
from bidding.services.access import get_tender, is_own
from bidding.services.figures import grounds_of
from bidding.services.standings import line_up
from bidding.standing import table_of
from bidding.views import steps_of

CASES = (Kind.DISQUALIFICATION, Kind.REFUSAL, Kind.NEGOTIATION)


@blueprint.get("/tenders/<reference>/reviews")
@requires("tender:view-own")
def line_up_page(reference: str) -> ResponseReturnValue:
    """Who is in line, who is out and by which decision, and what is to be done next."""
    usual = {"asked_for": _("Records of performance, state of the business")}
    return _line_up(_opened(reference), Form(AskIn(), usual))


def _line_up(tender: Tender, form: Form) -> ResponseReturnValue:
    standing = line_up(tender)
    if standing is None:
        return redirect(url_for("bidding.manage_tender", reference=tender.reference))
    reviews = reviewing.reviews_of(tender.id)
    page = render_template(
        "bidding/reviews.html",
        tender=tender,
        steps=steps_of(tender),
        standing=standing,
        line=review_views.line_of(tender, standing, reviews),
        form=form,
        actor=current_actor(),
        **_words(),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/tenders/<reference>/reviews/<uuid:bid_id>/ask")
@requires("review:propose")
def ask_review(reference: str, bid_id: UUID) -> ResponseReturnValue:
    tender, form = _opened(reference), Form(AskIn())
    data = form.load(request.form)
    if data is None:
        return _line_up(tender, form)
    with transaction():
        review = review_asking.ask_for_documents(
            tender.id,
            bid_id,
            data["asked_for"],
            current_actor(),
            time.now(),
            with_finances=data["with_finances"],
        )
    flash(_("The bidder was asked, and told until when."), "success")
    return _to(review)


@blueprint.post("/tenders/<reference>/reviews/<uuid:bid_id>/open/<kind>")
@requires("review:propose")
def open_review(reference: str, bid_id: UUID, kind: str) -> ResponseReturnValue:
    """Begin a disqualification, a refusal to sign or a negotiation's outcome; nothing is decided by it."""
    tender = _opened(reference)
    if kind not in CASES:
        raise NotFound(f"no case {kind}")
    with transaction():
        review = reviewing.open_case(tender.id, bid_id, Kind(kind), current_actor(), time.now())
    return _to(review)


@blueprint.get("/tenders/<reference>/bids/<uuid:bid_id>/checks")
@requires("tender:view-own")
def bid_checks(reference: str, bid_id: UUID) -> ResponseReturnValue:
    """The whole list of what makes a bid void, and what is known of each ground."""
    tender = _opened(reference)
    bid = review_asking.bid_of(tender, bid_id)
    return render_template(
        "bidding/bid_checks.html",
        tender=tender,
        bid=bid,
        firm=review_views.firm_of(bid),
        rows=review_views.checks_of(bid, queries.find_opening(tender.id), time.now()),
        TONES={"out": "danger", "look": "warning", "ok": "success", "officer": "info", "intake": "neutral"},
        RESULTS=review_labels.CHECKED,
        CERTAINTY=rule_labels.CERTAINTY,
        SURE=rule_views.TONE,
    )


@blueprint.get("/tenders/<reference>/reviews/<uuid:review_id>")
@requires("tender:view-own")
def review_page(reference: str, review_id: UUID) -> ResponseReturnValue:
    return _page(_own(reference, review_id), "", None)


def _page(review: BidReview, failed: str, form: Form | None) -> ResponseReturnValue:
    opening = queries.find_opening(review.tender_id)
    assert opening is not None  # a review is of an opened bid
    scoring = opening.evaluation["terms"].get("scoring") or {}
    forms = {"points": Form(PointsIn()), "result": Form(VerdictIn()), "supplement": Form(WantedIn())}
    if form is not None:
        forms[failed] = form
    if review.files:
        with transaction():  # who has looked at a bidder's papers is on the record
            audit.read_access(current_actor(), time.now(), subject=review.audit_subject, what="review documents")
    page = render_template(
        "bidding/review_case.html",
        tender=review.tender,
        review=review,
        firm=review_views.firm_of(review.bid),
        timeline=review_views.timeline_of(review),
        fields=review_views.fields_of(review),
        field_names=review_views.field_names(review, FIELDS),
        table=table_of(scoring) if review.kind == Kind.QUALIFICATION else None,
        due_at=review_papers.due_at(review),
        digest=reviewing.proposal_digest(review) if review.result else "",
        grounds=review_views.reasons_for(review),
        forms=forms,
        failed=failed,
        now=time.now(),
        actor=current_actor(),
        **_words(),
    )
    return page, 422 if form is not None else 200


@blueprint.get("/tenders/<reference>/reviews/<uuid:review_id>/files/<uuid:file_id>")
@requires("tender:view-own")
def review_file(reference: str, review_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """One file, always as a download: nothing of a stranger's runs in this origin."""
    review = _own(reference, review_id)
    file = db.session.get(ReviewFile, file_id)
    if file is None or file.review_id != review.id:
        raise NotFound("no such file", what="file")
    with transaction():
        what = f"review file: {file.sha256}"
        audit.read_access(current_actor(), time.now(), subject=review.audit_subject, what=what)
    response = Response(files.load(file.sha256), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = attachment(file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/tenders/<reference>/reviews/<uuid:review_id>/files")
@requires("review:propose")
def add_review_file(reference: str, review_id: UUID) -> ResponseReturnValue:
    review = _own(reference, review_id)
    try:
        given = request.files.get("file")
        with transaction():
            name, content = (given.filename or "", given.read()) if given else ("", b"")
            review_papers.add_own_file(review.id, name, content, current_actor(), time.now())
    except (InvalidInput, RequestEntityTooLarge):
        flash(_("This file is not taken: choose a document of up to 20 MB."), "error")
    return _to(review)


@blueprint.post("/tenders/<reference>/reviews/<uuid:review_id>/supplement")
@requires("review:propose")
def ask_review_supplement(reference: str, review_id: UUID) -> ResponseReturnValue:
    review, form = _own(reference, review_id), Form(WantedIn())
    data = form.load(request.form)
    if data is None:
        return _page(review, "supplement", form)
    with transaction():
        review_asking.ask_supplement(review.id, data["wanted"], current_actor(), time.now())
    flash(_("The bidder was asked for the supplement, once and for three days."), "success")
    return _to(review)


@blueprint.post("/tenders/<reference>/reviews/<uuid:review_id>/points")
@requires("review:propose")
def propose_review_points(reference: str, review_id: UUID) -> ResponseReturnValue:
    """The points field by field; whether it passes follows from them."""
    review, form = _own(reference, review_id), Form(PointsIn())
    data = form.load(request.form)
    pairs = zip(request.form.getlist("name"), request.form.getlist("typed"), strict=False)
    if data is not None:
        try:
            fields = [score_field(name, typed) for name, typed in pairs if typed.strip()]
            with transaction():
                reviewing.propose_points(review.id, fields, data["explanation"], current_actor(), time.now())
        except (ValueError, InvalidInput):
            form.add_error("fields", _("Enter points as numbers, for example 14.8312, each field once."))
            data = None
    if data is None:
        return _page(_own(reference, review_id), "points", form)
    flash(_("Proposed. A second person of your agency decides."), "success")
    return _to(review)


@blueprint.post("/tenders/<reference>/reviews/<uuid:review_id>/result")
@requires("review:propose")
def propose_review_result(reference: str, review_id: UUID) -> ResponseReturnValue:
    review, form = _own(reference, review_id), Form(VerdictIn())
    data = form.load(request.form)
    if data is not None and data["result"] == "fail" and not (data["ground"] and data["explanation"]):
        form.add_error("ground", _("A bid is taken out with a reason and an explanation for its bidder."))
        data = None
    if data is None:
        return _page(review, "result", form)
    ground, agreed = None, data["agreed_won"]
    if data["result"] == "fail":
        known = grounds_of(review.tender, time.now()).get(data["ground"])
        basis = data["legal_basis"] or (known.legal_basis if known is not None else "")
        ground = reviewing.Ground(data["ground"], basis, data["explanation"])
    try:
        with transaction():
            reviewing.propose_result(
                review.id, ground, data["explanation"], current_actor(), time.now(), agreed_won=agreed
            )
    except InvalidInput as error:
        if error.facts.get("field") != "agreed_won":
            raise
        form.add_error("agreed_won", _("It is not above the amount bid, the estimated price, or the notice's limit."))
        return _page(_own(reference, review_id), "result", form)
    flash(_("Proposed. A second person of your agency decides."), "success")
    return _to(review)


@blueprint.post("/tenders/<reference>/reviews/<uuid:review_id>/confirm")
@requires("review:confirm", step_up=True)
def confirm_review(reference: str, review_id: UUID) -> ResponseReturnValue:
    review = _own(reference, review_id)
    with transaction():
        reviewing.confirm(review.id, request.form.get("proposal", ""), current_actor(), time.now())
    flash(_("Decided and logged. The bidder has been told."), "success")
    return redirect(url_for("bidding.line_up_page", reference=reference))


@blueprint.post("/tenders/<reference>/reviews/<uuid:review_id>/send-back")
@requires("review:confirm")
def return_review(reference: str, review_id: UUID) -> ResponseReturnValue:
    review = _own(reference, review_id)
    data = Form(ReturnIn()).load(request.form)
    if data is None:
        flash(_("Say why, so that the officer knows what to change."), "error")
        return _to(review)
    with transaction():
        reviewing.send_back(review.id, data["reason"], current_actor(), time.now())
    flash(_("Sent back: nothing has changed for the bid."), "success")
    return _to(review)


@blueprint.post("/tenders/<reference>/reviews/end")
@requires("review:confirm", step_up=True)
def end_reviews(reference: str) -> ResponseReturnValue:
    """유찰: nobody is left in line."""
    tender = _opened(reference)
    with transaction():
        reviewing.end_without_winner(tender.id, current_actor(), time.now())
    flash(_("The tender has failed; the page says what is possible next."), "success")
    return redirect(url_for("bidding.manage_tender", reference=reference))


def _words() -> dict[str, Any]:
    return {
        "R_KIND": review_labels.KIND,
        "R_RESULT": review_labels.RESULT,
        "R_STATE": review_labels.STATE,
        "R_TONE": review_labels.TONE,
        "OUTCOME": review_labels.OUTCOME,
        "show_points": show_points,
        "reason_options": lambda grounds: [(code, f"{labels.REASON[code]} · {basis}") for code, basis in grounds],
    }


def _to(review: BidReview) -> ResponseReturnValue:
    return redirect(url_for("bidding.review_page", reference=review.tender.reference, review_id=review.id))


def _opened(reference: str) -> Tender:
    tender = get_tender(reference, current_actor())
    if not is_own(tender, current_actor()):
        raise NotFound("another agency's tender")
    return tender


def _own(reference: str, review_id: UUID) -> BidReview:
    tender = _opened(reference)
    review = db.session.get(BidReview, review_id)
    if review is None or review.tender_id != tender.id:
        raise NotFound("no such review", what="review")
    return review
