"""The agency's side of a technical evaluation, and what the public sees of it once the prices are open."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import audit, time
from app.auth import current_actor, public, requires
from app.db import database_now, transaction
from app.errors import IllegalTransition, InvalidInput, NotFound, StaleConfirmation
from app.forms import Form
from bidding import queries
from bidding.evaluation_schemas import PlanIn, SeatAskIn
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.rules.outliers import outliers
from bidding.rules.technical import read_sheets
from bidding.schemas import ReasonIn
from bidding.services import evaluators, fixing, proposals, seats_asked, sheets
from bidding.services.access import get_tender, is_own
from bidding.services.box import scores_proposals
from bidding.services.technical import find_committee, fixed_json, tech_of
from bidding.states import TenderState
from bidding.views import steps_of
from suppliers.front import summaries

EARLY = (TenderState.DRAFT, TenderState.IN_REVIEW, TenderState.PUBLISHED)


@blueprint.get("/tenders/<reference>/evaluation")
@requires("tender:view-own")
def tender_evaluation(reference: str) -> ResponseReturnValue:
    """The committee: planned before the deadline, then drawn; how far its sheets are; in the end the result."""
    return _page(_own(reference), _plan_form(reference))


@blueprint.post("/tenders/<reference>/evaluation")
@requires("evaluation:propose")
def plan_evaluation(reference: str) -> ResponseReturnValue:
    tender, form = _own(reference), _plan_form(reference)
    data = form.load(request.form)
    if data is not None and _planned(tender, data, form):
        flash(_("Planned. The pool is frozen at the deadline, the committee drawn from it at the opening."), "success")
        return redirect(url_for("bidding.tender_evaluation", reference=reference))
    return _page(_own(reference), form), 422


def _plan_form(reference: str) -> Form:
    tender = _own(reference)
    committee = find_committee(tender.id)
    least = tech_of(tender).least_evaluators
    chosen = {"seats": committee.seats, "expertise": committee.fields} if committee else {"seats": least}
    return Form(PlanIn(), chosen)


def _planned(tender: Tender, data: dict[str, Any], form: Form) -> bool:
    try:
        with transaction():
            evaluators.plan_committee(tender.id, data["seats"], data["expertise"], current_actor(), time.now())
    except InvalidInput as refusal:
        name = str(refusal.facts.get("field", ""))
        form.add_error(name, _("At least as many evaluators as the notice asks, and at most 50."))
        return False
    return True


def _page(tender: Tender, form: Form, ask_form: Form | None = None) -> str:
    committee, actor = find_committee(tender.id), current_actor()
    seats = evaluators.seats_of(tender.id)
    all_in = bool(seats) and tender.state == TenderState.EVALUATING and sheets.are_all_in(tender)
    shown = committee.technical if committee is not None else None
    if shown is None and all_in and committee is not None and committee.begun_at is not None:
        shown = fixing.compute_result(tender)
    if seats:
        with transaction():
            what = "committee and sheets" if shown else "committee"
            audit.read_access(actor, time.now(), subject=tender.audit_subject, what=what)
    return render_template(
        "bidding/evaluation/manage.html",
        tender=tender,
        steps=steps_of(tender),
        actor=actor,
        tech=tech_of(tender),
        committee=find_committee(tender.id),
        is_early=tender.state in EARLY and (committee is None or committee.pool is None),
        pool_size=len(evaluators.eligible(tender, committee.fields if committee else ())),
        seats=evaluators.seats_of(tender.id),
        progress={one.code: one for one in sheets.progress_of(tender)},
        form=form,
        ask_form=ask_form or Form(SeatAskIn()),
        ask=seats_asked.open_ask(tender.id),
        vacancies=seats_asked.vacancies(tender),
        nameable=seats_asked.nameable(tender) if seats_asked.vacancies(tender) else [],
        result=_result(tender, shown) if shown else None,
        comments=fixing.comments_of(tender) if shown else {},
        all_in=all_in,
        reason_form=Form(ReasonIn()),
    )


def _result(tender: Tender, technical: dict[str, Any]) -> dict[str, Any]:
    """The result by proposal, with firms' names and letters, and what lies far from the rest."""
    found = {one.bid.stmt: one for one in proposals.proposals_of(tender.id)}
    firms = summaries([one.bid.organisation_id for one in found.values()])
    sheets_by = {sheet["stmt"]: sheet["scores"] for sheet in technical["sheets"]}
    lines = [
        {**one, "letter": found[one["stmt"]].letter, "firm": firms.get(found[one["stmt"]].bid.organisation_id),
         "scores": sheets_by[one["stmt"]]}
        for one in technical["results"] if one["stmt"] in found
    ]  # fmt: skip
    lines.sort(key=lambda line: (-line["points"], len(line["letter"]), line["letter"]))
    letters = {stmt: one.letter for stmt, one in found.items()}
    far = outliers(tech_of(tender), read_sheets(technical))
    return {"evaluators": technical["evaluators"], "lines": lines, "outliers": far, "letters": letters}


@blueprint.post("/tenders/<reference>/evaluation/propose")
@requires("evaluation:propose", step_up=True)
def propose_technical(reference: str) -> ResponseReturnValue:
    tender = _own(reference)
    try:
        with transaction():
            fixing.propose_result(tender.id, current_actor(), time.now())
    except IllegalTransition:
        flash(_("Not yet: a sheet is missing."), "error")
        return redirect(url_for("bidding.tender_evaluation", reference=reference))
    flash(_("Proposed. A second person of your agency fixes it."), "success")
    return redirect(url_for("bidding.tender_evaluation", reference=reference))


@blueprint.post("/tenders/<reference>/evaluation/fix")
@requires("evaluation:approve", step_up=True)
def fix_technical(reference: str) -> ResponseReturnValue:
    tender = _own(reference)
    try:
        with transaction():
            fixing.fix_result(tender.id, request.form.get("sha256", ""), current_actor(), database_now)
    except StaleConfirmation:
        flash(_("The result is another by now: look at it again."), "error")
        return redirect(url_for("bidding.tender_evaluation", reference=reference))
    flash(
        _("Fixed, and in the log. The prices of those who qualify are opened now; all others stay sealed."), "success"
    )
    return redirect(url_for("bidding.tender_evaluation", reference=reference))


@blueprint.post("/tenders/<reference>/evaluation/send-back")
@requires("evaluation:approve")
def return_technical(reference: str) -> ResponseReturnValue:
    tender = _own(reference)
    data = Form(ReasonIn()).load(request.form)
    if data is None:
        flash(_("Say why, so that the officer knows what to change."), "error")
        return redirect(url_for("bidding.tender_evaluation", reference=reference))
    with transaction():
        fixing.return_result(tender.id, data["reason"], current_actor(), time.now())
    flash(_("Sent back to the officer."), "success")
    return redirect(url_for("bidding.tender_evaluation", reference=reference))


@blueprint.post("/tenders/<reference>/evaluation/seats/<kind>")
@requires("evaluation:propose", step_up=True)
def ask_seat(reference: str, kind: str) -> ResponseReturnValue:
    """Replace an absent evaluator, or name one into an empty seat: a second person decides."""
    tender, form = _own(reference), Form(SeatAskIn())
    data = form.load(request.form)
    if data is not None:
        try:
            with transaction():
                seats_asked.ask_change(tender.id, kind, data["person"], data["reason"], current_actor(), time.now())
        except InvalidInput:
            form.add_error("person", _("Choose one of the options."))
    if form.errors:
        return _page(_own(reference), _plan_form(reference), form), 422
    flash(_("A second person of your agency has to approve it."), "success")
    return redirect(url_for("bidding.tender_evaluation", reference=reference))


@blueprint.post("/tenders/<reference>/evaluation/asks/<uuid:ask_id>/approve")
@requires("evaluation:approve", step_up=True)
def approve_seat(reference: str, ask_id: UUID) -> ResponseReturnValue:
    with transaction():
        seats_asked.approve_change(ask_id, current_actor(), time.now())
    flash(_("Logged. The new evaluator has been told."), "success")
    return redirect(url_for("bidding.tender_evaluation", reference=reference))


@blueprint.post("/tenders/<reference>/evaluation/asks/<uuid:ask_id>/withdraw")
@requires("tender:view-own")
def withdraw_seat(reference: str, ask_id: UUID) -> ResponseReturnValue:
    with transaction():
        seats_asked.withdraw_change(ask_id, current_actor(), time.now())
    flash(_("Withdrawn: the committee stays as it is."), "success")
    return redirect(url_for("bidding.tender_evaluation", reference=reference))


@blueprint.get("/tenders/<reference>/technical")
@public
def tender_technical(reference: str) -> ResponseReturnValue:
    """The technical result as it was fixed: every score by criterion and evaluator's code. Public with the prices."""
    tender = get_tender(reference, current_actor())
    technical = fixed_json(tender)
    if technical is None or not queries.has_result(tender):
        raise NotFound("no technical result")
    return render_template(
        "bidding/evaluation/result.html",
        tender=tender,
        tech=tech_of(tender),
        result=_result(tender, technical),
        committee=find_committee(tender.id),
    )


def _own(reference: str) -> Tender:
    tender = get_tender(reference, current_actor())
    if not is_own(tender, current_actor()) or not scores_proposals(tender):
        raise NotFound("no technical evaluation")
    return tender
