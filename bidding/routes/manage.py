"""The agency's decisions on a tender: approving it, answering, changing it, awarding it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import HoldersNotReady, InvalidInput, NotFound, RuleBroken
from app.forms import Form
from bidding import consortium_views, queries, result_queries
from bidding.context import finding_text
from bidding.lot_views import lots_shown
from bidding.models import Tender
from bidding.result_views import result_lines
from bidding.review_labels import OUTCOME
from bidding.routes import blueprint
from bidding.routes.drafts import own_draft
from bidding.schemas import AnswerIn, CorrectionIn, DigestIn, ExtensionIn, QuestionIn, ReasonIn, RecoveryIn
from bidding.services import awarding, drills, lot_limits, questions, revisions, witnessing
from bidding.services.access import get_tender, is_own
from bidding.services.lots import boxes_digest, rows_of
from bidding.services.publishing import publish, send_back
from bidding.services.readiness import unready
from bidding.services.schedule import lot_findings
from bidding.services.standings import standing_of
from bidding.views import local_input, postponed, steps_of


@blueprint.get("/agency/tenders/<uuid:tender_id>/review")
@requires("tender:view-own")
def review_tender(tender_id: UUID) -> ResponseReturnValue:
    """Everything the approver needs on one page: the notice, its box, the rules with their legal basis."""
    tender = own_draft(tender_id, current_actor())
    rows = rows_of(tender)
    if not tender.is_first_lot:  # a lot is reviewed with its notice
        return redirect(url_for("bidding.review_tender", tender_id=rows[0].id))
    if tender.state == "draft":
        return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="check"))
    return render_template(
        "bidding/review.html",
        tender=tender,
        steps=steps_of(tender),
        findings=[found for lot in rows for found in lot_findings(lot, time.now())],
        attachments=queries.attachments(tender_id),
        waiting=sorted({holder for lot in rows for holder in unready(lot)}),
        lots=lots_shown(tender, current_actor()),
        boxes=boxes_digest(rows),
        form=Form(ReasonIn()),
    )


@blueprint.post("/agency/tenders/<uuid:tender_id>/publish")
@requires("tender:approve", step_up=True)
def publish_tender(tender_id: UUID) -> ResponseReturnValue:
    try:
        with transaction():
            reference = publish(tender_id, request.form.get("box_id", ""), current_actor(), time.now()).reference
    except HoldersNotReady as refusal:
        holders = ", ".join(refusal.facts["holders"])
        flash(_("Not published: these keyholders are not ready: %(holders)s.", holders=holders), "error")
        return redirect(url_for("bidding.review_tender", tender_id=tender_id))
    except RuleBroken:  # a period has run out since; the page says which
        flash(_("It cannot be published like this any more: see what the rules say. Send it back."), "error")
        return redirect(url_for("bidding.review_tender", tender_id=tender_id))
    flash(_("Published. Suppliers can bid until the deadline."), "success")
    return redirect(url_for("bidding.tender_page", reference=reference))


@blueprint.post("/agency/tenders/<uuid:tender_id>/send-back")
@requires("tender:approve")
def send_back_tender(tender_id: UUID) -> ResponseReturnValue:
    form = Form(ReasonIn())
    data = form.load(request.form)
    if data is None:
        flash(_("Say why, so that the officer knows what to change."), "error")
        return redirect(url_for("bidding.review_tender", tender_id=tender_id))
    with transaction():
        send_back(tender_id, data["reason"], current_actor(), time.now())
    flash(_("Sent back to the officer."), "success")
    return redirect(url_for("bidding.agency_tenders"))


@blueprint.get("/tenders/<reference>/manage")
@requires("tender:view-own")
def manage_tender(reference: str) -> ResponseReturnValue:
    return _manage_page(own_tender(reference), "", None)


def _manage_page(tender: Tender, failed: str, form: Form | None) -> ResponseReturnValue:
    """The agency's room of a published tender; `failed` names the form that did not load, shown as typed."""
    now = time.now()
    is_late = drills.is_postponement_proposed(tender, now)
    closes_at, opens_at = postponed(tender) if is_late else (tender.closes_at, tender.opens_at)
    schedule = {"closes_at": local_input(closes_at), "opens_at": local_input(opens_at)}
    texts = {"description": tender.description, "delivery_place": tender.delivery_place}
    forms = {
        "extension": Form(ExtensionIn(), schedule),
        "correction": Form(CorrectionIn(), texts),
        "cancellation": Form(ReasonIn()),
        "override": Form(ReasonIn()),
        "answer": Form(AnswerIn()),
        "recovery": Form(RecoveryIn()),
    }
    if form is not None:
        forms[failed] = form
    page = render_template(
        "bidding/manage.html",
        tender=tender,
        steps=steps_of(tender),
        lots=lots_shown(tender, current_actor()),
        questions=queries.questions(tender.id),
        revisions=queries.revisions(tender.id, in_force_only=False),
        forms=forms,
        failed=failed,
        is_postponement_proposed=is_late,
        witnessed=witnessing.of_opening(tender, now),
        now=now,
    )
    return page, 422 if form is not None else 200


@blueprint.post("/tenders/<reference>/questions")
@requires("question:ask")
def ask_question(reference: str) -> ResponseReturnValue:
    tender = get_tender(reference, current_actor())
    form = Form(QuestionIn())
    data = form.load(request.form)
    if data is None:
        return render_template("bidding/ask.html", tender=tender, form=form), 422
    with transaction():
        questions.ask(tender.id, data["question"], current_actor(), time.now())
    flash(_("Your question is public now, without your name. The agency has been told."), "success")
    return redirect(url_for("bidding.tender_page", reference=reference, _anchor="questions"))


@blueprint.get("/tenders/<reference>/questions/new")
@requires("question:ask")
def ask_page(reference: str) -> ResponseReturnValue:
    return render_template("bidding/ask.html", tender=get_tender(reference, current_actor()), form=Form(QuestionIn()))


@blueprint.post("/tenders/<reference>/questions/<uuid:question_id>/answer")
@requires("tender:answer")
def answer_question(reference: str, question_id: UUID) -> ResponseReturnValue:
    tender, form = own_tender(reference), Form(AnswerIn())
    data = form.load(request.form)
    if data is None:
        return _manage_page(tender, "answer", form)
    with transaction():
        questions.answer(question_id, data["answer"], current_actor(), time.now())
    flash(_("The answer is public."), "success")
    return redirect(url_for("bidding.manage_tender", reference=reference))


@blueprint.post("/tenders/<reference>/revisions/<kind>")
@requires("tender:draft")
def ask_revision(reference: str, kind: str) -> ResponseReturnValue:
    schemas = {"extension": ExtensionIn, "correction": CorrectionIn, "cancellation": ReasonIn, "override": ReasonIn}
    if kind not in schemas:
        raise NotFound(f"no revision {kind}")
    tender, form = own_tender(reference), Form(schemas[kind]())
    data = form.load(request.form)
    if data is None:
        return _manage_page(tender, kind, form)
    reason = data.pop("reason")
    try:
        with transaction():
            revisions.ask_revision(tender.id, kind, reason, data, current_actor(), time.now())
    except RuleBroken as broken:
        for finding in broken.facts["findings"]:
            form.add_error(finding.field, finding_text(finding))
        return _manage_page(own_tender(reference), kind, form)
    except InvalidInput as error:
        if error.facts.get("field") != "changes":
            raise
        form.add_error("description", _("Nothing is changed yet."))
        return _manage_page(own_tender(reference), kind, form)
    flash(_("A second person of your agency has to approve this change before it is in force."), "success")
    return redirect(url_for("bidding.manage_tender", reference=reference))


@blueprint.post("/tenders/<reference>/revisions/<uuid:revision_id>/approve")
@requires("tender:approve", step_up=True)
def approve_revision(reference: str, revision_id: UUID) -> ResponseReturnValue:
    with transaction():
        revisions.approve_revision(revision_id, current_actor(), time.now())
    flash(_("The change is in force, and those who have bid have been told."), "success")
    return redirect(url_for("bidding.manage_tender", reference=reference))


@blueprint.post("/tenders/<reference>/revisions/<uuid:revision_id>/refuse")
@requires("tender:approve")
def refuse_revision(reference: str, revision_id: UUID) -> ResponseReturnValue:
    with transaction():
        revisions.refuse_revision(revision_id, current_actor(), time.now())
    flash(_("The change was refused; the notice stays as it was."), "success")
    return redirect(url_for("bidding.manage_tender", reference=reference))


@blueprint.get("/tenders/<reference>/award")
@requires("tender:view-own")
def award_page(reference: str) -> ResponseReturnValue:
    """The evaluation line by line, and the confirmation of its digest."""
    tender = own_tender(reference)
    opening = queries.find_opening(tender.id)
    if opening is None:
        return redirect(url_for("bidding.manage_tender", reference=reference))
    page = result_queries.result_bids(tender.id, result_queries.ResultFilter(), request.args.get("page", 1, int))
    standing = standing_of(tender)
    return render_template(
        "bidding/award.html",
        standing=standing,
        digest=awarding.shown_digest(opening, standing),
        OUTCOME=OUTCOME,
        tender=tender,
        steps=steps_of(tender),
        opening=opening,
        page=page,
        lines=result_lines(page.items, opening, standing),
        award=queries.find_award(tender.id),
        awards=queries.awards(tender.id),
        lots=lots_shown(tender, current_actor()),
        limit_waits=lot_limits.waits_for(tender),
        limited=lot_limits.limited_winners(tender) if tender.state == "opened" else [],
        joint=consortium_views.disclosed(tender),
        words=consortium_views,
        actor=current_actor(),
    )


@blueprint.post("/tenders/<reference>/award/propose")
@requires("award:propose", step_up=True)
def propose_award(reference: str) -> ResponseReturnValue:
    return _decide(reference, awarding.propose_award, _("Proposed. A second person of your agency confirms it."))


@blueprint.post("/tenders/<reference>/award/confirm")
@requires("award:confirm", step_up=True)
def confirm_award(reference: str) -> ResponseReturnValue:
    return _decide(
        reference, awarding.confirm_award, _("Awarded. The bidders have been told; the contract's draft is being made.")
    )


@blueprint.post("/tenders/<reference>/award/pass-over/<uuid:bid_id>")
@requires("review:propose")
def pass_over(reference: str, bid_id: UUID) -> ResponseReturnValue:
    """Propose to pass over a bid whose bidder has won as many lots as the notice allows."""
    tender = own_tender(reference)
    with transaction():
        words = _("The bidder has reached the limit of the notice.")
        lot_limits.propose_passing_over(tender.id, bid_id, words, current_actor(), time.now())
    flash(_("Proposed. A second person of your agency confirms it."), "success")
    return redirect(url_for("bidding.award_page", reference=reference))


def _decide(reference: str, decide: Callable[..., object], done: str) -> ResponseReturnValue:
    tender = own_tender(reference)
    data = DigestIn().load({"digest": request.form.get("digest", "")})
    with transaction():
        decide(tender.id, data["digest"], current_actor(), time.now())
    flash(done, "success")
    return redirect(url_for("bidding.award_page", reference=reference))


@blueprint.post("/tenders/<reference>/award/reconsider")
@requires("award:confirm")
def reconsider_award(reference: str) -> ResponseReturnValue:
    tender, form = own_tender(reference), Form(ReasonIn())
    data = form.load(request.form)
    if data is None:
        flash(_("Say why the proposal goes back."), "error")
        return redirect(url_for("bidding.award_page", reference=reference))
    with transaction():
        awarding.reconsider_award(tender.id, data["reason"], current_actor(), time.now())
    flash(_("The proposal went back to the officer."), "success")
    return redirect(url_for("bidding.award_page", reference=reference))


def own_tender(reference: str) -> Tender:
    """A tender of the actor's agency. NotFound for any other's."""
    tender = get_tender(reference, current_actor())
    if not is_own(tender, current_actor()):
        raise NotFound("another agency's tender")
    return tender
