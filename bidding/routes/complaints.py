"""Complaints: the public register, the short form of a supplier, the page on which an agency decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import audit, files, time
from app.auth import Actor, current_actor, public, requires, signed_in
from app.db import transaction
from app.errors import InvalidInput, NotFound, RuleBroken
from app.exports import attachment
from app.forms import Form
from bidding import complaint_queries as queries
from bidding import complaint_words
from bidding.complaint_lines import find_line
from bidding.complaint_schemas import AppealIn, ComplaintIn, DecisionIn, OutcomeIn, RegisterIn
from bidding.complaint_states import DECIDED
from bidding.complaint_views import evidence_of, is_party, is_public, limits_of, timeline_of
from bidding.context import finding_text
from bidding.models import Complaint, Tender
from bidding.queries import find_opening
from bidding.routes import blueprint
from bidding.services import complaining, complaint_decisions, remedies, standings
from bidding.services.access import get_tender, is_own
from bidding.services.complaining import Filing
from bidding.services.complaint_decisions import Decision, proposal_digest


@blueprint.get("/complaints")
@public
def complaints_page() -> ResponseReturnValue:
    """The register: every complaint and what became of it, without who complains."""
    form = Form(RegisterIn())
    data = form.load(request.args) or {}
    page = queries.register(queries.Wanted(**data), request.args.get("page", 1, int))
    return render_template(
        "bidding/complaints/register.html",
        page=page,
        form=form,
        figures=queries.figures(),
        is_filtered=any(data.values()),
    )


@blueprint.get("/complaints/<number>")
@public
def complaint_page(number: str) -> ResponseReturnValue:
    """What everybody may read; the two sides see all of it, and an official's reading is recorded."""
    return _page(number, "", None)


def _page(number: str, failed: str, form: Form | None) -> ResponseReturnValue:
    complaint, actor = queries.get_complaint(number), current_actor()
    party = is_party(complaint, actor)
    if is_own(complaint.tender, actor) and not is_public(complaint):
        with transaction():
            audit.read_access(actor, time.now(), subject=complaint.audit_subject, what="complaint")
        complaint = queries.get_complaint(number)
    forms = {"decision": Form(DecisionIn()), "appeal": Form(AppealIn()), "outcome": Form(OutcomeIn())}
    if form is not None:
        forms[failed] = form
    page = render_template(
        "bidding/complaints/page.html",
        complaint=complaint,
        tender=complaint.tender,
        is_party=party,
        is_agency=is_own(complaint.tender, actor),
        is_public=is_public(complaint),
        timeline=timeline_of(complaint),
        evidence=evidence_of(complaint),
        forms=forms,
        decisions=[(str(state), complaint_words.STATE[state]) for state in DECIDED],
        remedies=[(one, complaint_words.REMEDY[one]) for one in remedies.open_to(complaint)],
        digest=proposal_digest(complaint) if complaint.proposal else "",
        actor=actor,
    )
    return page, 422 if form is not None else 200


@blueprint.get("/tenders/<reference>/complaints/new")
@requires("complaint:file")
def new_complaint(reference: str) -> ResponseReturnValue:
    tender = get_tender(reference, current_actor())
    key = request.args.get("line", "")
    values = {"act": request.args.get("act", "evaluation" if key else ""), "line": key}
    return _form_page(tender, Form(ComplaintIn(), values), 200)


def _form_page(tender: Tender, form: Form, status: int) -> ResponseReturnValue:
    opening, key = find_opening(tender.id), str(form.value("line"))
    reviews = [{**one.to_json(), "sha256": one.sha256} for one in standings.decided_reviews(tender.id)] if key else []
    line = find_line(opening.evaluation, reviews, key) if opening is not None and key else None
    limits = limits_of(tender, time.now())
    page = render_template("bidding/complaints/new.html", tender=tender, form=form, line=line, limits=limits)
    return page, status


@blueprint.post("/tenders/<reference>/complaints")
@requires("complaint:file")
def file_complaint(reference: str) -> ResponseReturnValue:
    tender, form = get_tender(reference, current_actor()), Form(ComplaintIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return _form_page(tender, form, 422)
    sent = [(one.filename or "", one.read()) for one in request.files.getlist("file") if one.filename]
    try:
        with transaction():
            filed = complaining.file_complaint(tender.id, Filing(**data, files=sent), current_actor(), time.now())
            number = filed.number
    except RuleBroken as broken:
        for finding in broken.facts["findings"]:
            form.add_error(finding.field, finding_text(finding))
        return _form_page(get_tender(reference, current_actor()), form, 422)
    except InvalidInput as error:
        form.add_error(error.facts.get("field", "act"), _unfit(error))
        return _form_page(get_tender(reference, current_actor()), form, 422)
    flash(_("Your complaint is filed. The agency has been told."), "success")
    return redirect(url_for("bidding.complaint_page", number=number))


def _unfit(error: InvalidInput) -> str:
    if error.facts.get("fault") == "no-bidder":
        return str(_("Only those who have bid can complain of this."))
    told: dict[str, str] = {
        "act": _("This has not been done in this tender."),
        "known_on": _("Enter the day on which you learned of it: today or before."),
        "line": _("There is no such line."),
        "file": _("A file was not taken: it is empty, larger than 20 MB, one too many, or of a kind that could run."),
    }
    return str(told.get(error.facts.get("field", ""), _("Choose one of the options.")))


@blueprint.get("/complaints/<number>/files/<sha256>")
@signed_in
def complaint_file(number: str, sha256: str) -> ResponseReturnValue:
    """An attachment, for the two sides alone; an official's reading is recorded."""
    complaint, actor = queries.get_complaint(number), current_actor()
    held = next((one for one in complaint.files if one.sha256 == sha256), None)
    if held is None or not is_party(complaint, actor):
        raise NotFound("no such file of this complaint")
    name = held.name
    if is_own(complaint.tender, actor):
        with transaction():
            audit.read_access(actor, time.now(), subject=complaint.audit_subject, what=f"file {sha256}")
    response = Response(files.load(sha256), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.post("/complaints/<number>/accept")
@requires("complaint:handle")
def accept_complaint(number: str) -> ResponseReturnValue:
    return _act(number, complaint_decisions.accept, _("Admitted. Decide on its substance now."))


@blueprint.post("/complaints/<number>/propose")
@requires("complaint:handle")
def propose_complaint(number: str) -> ResponseReturnValue:
    form = Form(DecisionIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return _page(number, "decision", form)
    try:
        return _act(
            number,
            lambda *given: complaint_decisions.propose(given[0], Decision(**data), *given[1:]),
            _("Proposed. A second person of your agency confirms it."),
        )
    except InvalidInput as error:
        told = _("This remedy goes with a complaint that is upheld, and must be possible.")
        form.add_error(error.facts.get("field", "text"), told)
        return _page(number, "decision", form)


@blueprint.post("/complaints/<number>/confirm")
@requires("complaint:decide", step_up=True)
def confirm_complaint(number: str) -> ResponseReturnValue:
    digest = request.form.get("digest", "")
    return _act(
        number,
        lambda *given: complaint_decisions.confirm(given[0], digest, *given[1:]),
        _("Decided. It is public, and its remedy is carried out."),
    )


@blueprint.post("/complaints/<number>/send-back")
@requires("complaint:decide")
def send_back_complaint(number: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    try:
        return _act(
            number,
            lambda *given: complaint_decisions.send_back(given[0], reason, *given[1:]),
            _("The proposal went back to the officer."),
        )
    except InvalidInput:  # after the question whose tender it is
        flash(_("Say why, so that the officer knows what to change."), "error")
        return redirect(url_for("bidding.complaint_page", number=number))


@blueprint.post("/complaints/<number>/withdraw")
@requires("complaint:file")
def withdraw_complaint(number: str) -> ResponseReturnValue:
    return _act(number, complaining.withdraw, _("Your complaint is withdrawn."))


@blueprint.post("/complaints/<number>/appeal")
@requires("complaint:file")
def appeal_complaint(number: str) -> ResponseReturnValue:
    form = Form(AppealIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return _page(number, "appeal", form)
    try:
        return _act(
            number,
            lambda *given: complaining.appeal(given[0], data["reason"], *given[1:]),
            _("Recorded: the complaint is before the committee."),
        )
    except RuleBroken as broken:
        for finding in broken.facts["findings"]:
            form.add_error(finding.field, finding_text(finding))
        return _page(number, "appeal", form)


@blueprint.post("/complaints/<number>/suspend")
@requires("complaint:handle")
def suspend_complaint(number: str) -> ResponseReturnValue:
    is_suspended = request.form.get("suspended") == "1"
    return _act(number, lambda *given: complaint_decisions.suspend(given[0], is_suspended, *given[1:]), _("Recorded."))


@blueprint.post("/complaints/<number>/recommend")
@requires("complaint:handle")
def recommend_complaint(number: str) -> ResponseReturnValue:
    form = Form(OutcomeIn())
    data: dict[str, Any] | None = form.load(request.form)
    if data is None:
        return _page(number, "outcome", form)
    try:
        return _act(
            number,
            lambda *given: complaint_decisions.recommend(
                given[0], data["outcome"], data["text"], data["on"], *given[1:]
            ),
            _("Recorded. Both sides have been told."),
        )
    except InvalidInput as error:
        form.add_error(error.facts.get("field", "on"), _("A day between the appeal and today."))
        return _page(number, "outcome", form)


@blueprint.post("/complaints/<number>/close")
@requires("complaint:handle")
def close_complaint(number: str) -> ResponseReturnValue:
    return _act(number, complaint_decisions.close, _("Closed."))


def _act(number: str, do: Callable[[str, Actor, datetime], Complaint], done: str) -> ResponseReturnValue:
    with transaction():
        do(number, current_actor(), time.now())
    flash(done, "success")
    return redirect(url_for("bidding.complaint_page", number=number))
