"""The evaluator's desk: the pool, one's committees, the declaration, proposals and their score sheets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import audit, quarantine, time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import InvalidInput, NotFound, StaleConfirmation
from app.exports import attachment
from app.forms import Form
from bidding.criteria import Tech
from bidding.document_labels import KIND
from bidding.evaluation_places import task_of
from bidding.evaluation_schemas import DeclarationIn, PoolIn, read_sheet, shown_sheet
from bidding.file_types import safe_name
from bidding.models import EvaluationSeat, Evaluator, Proposal, Tender
from bidding.routes import blueprint
from bidding.routes.bid_documents import stream
from bidding.services import evaluators, proposals, sheets
from bidding.services.technical import find_committee, tech_of


@blueprint.route("/evaluations", methods=["GET", "POST"])
@requires("proposal:evaluate")
def evaluations() -> ResponseReturnValue:
    """One's committees, and what one is entered in the pool with."""
    actor, now = current_actor(), time.now()
    me = db.session.get(Evaluator, actor.person_id)
    is_in = me is not None and me.left_at is None
    form = Form(PoolIn(), {"expertise": me.fields, "affiliation": me.affiliation} if me else {})
    data = form.load(request.form) if request.method == "POST" else None
    if data is not None:
        with transaction():
            evaluators.enter_pool(data["expertise"], data["affiliation"], actor, now)
        flash(_("Entered. Committees are drawn by lot among those of the field that is wanted."), "success")
        return redirect(url_for("bidding.evaluations"))
    seats = [(seat, task_of(seat)) for seat in evaluators.my_seats(actor)]
    page = render_template("bidding/evaluation/desk.html", seats=seats, form=form, is_in=is_in)
    return page, 422 if form.errors else 200


@blueprint.post("/evaluations/leave")
@requires("proposal:evaluate")
def leave_evaluators() -> ResponseReturnValue:
    with transaction():
        evaluators.leave_pool(current_actor(), time.now())
    flash(_("You are in no pool any more. Seats that you have stay yours."), "success")
    return redirect(url_for("bidding.evaluations"))


@blueprint.route("/evaluations/<uuid:tender_id>", methods=["GET", "POST"])
@requires("proposal:evaluate")
def evaluation_seat(tender_id: UUID) -> ResponseReturnValue:
    """One committee: first the declaration, then the proposals, in the end the signature."""
    seat, form = evaluators.get_seat(tender_id, current_actor()), Form(DeclarationIn())
    data = form.load(request.form) if request.method == "POST" else None
    if data is not None and _declared(tender_id, data, form):
        return redirect(url_for("bidding.evaluation_seat", tender_id=tender_id))
    return _seat_page(seat, form), 422 if form.errors else 200


def _declared(tender_id: UUID, data: dict[str, Any], form: Form) -> bool:
    has_conflict = data["conflict"] == "yes"
    facts = {"has_conflict": has_conflict, "note": data["note"], "keeps_secret": data["keeps_secret"]}
    try:
        with transaction():
            evaluators.declare(tender_id, **facts, actor=current_actor(), now=time.now())
    except InvalidInput as refusal:
        words = {
            "note": _("Say which bidder, and what the interest is."),
            "keeps_secret": _("Without this promise nobody evaluates."),
        }
        name = str(refusal.facts.get("field", ""))
        form.add_error(name, words.get(name, _("Choose one of the options.")))
        return False
    said = _("Declared: you have left this committee, and the next one of the drawn order takes the seat.")
    flash(said if has_conflict else _("Declared. You can read the proposals now."), "success")
    return True


def _seat_page(seat: EvaluationSeat, form: Form) -> str:
    tender, actor, task = seat.tender, current_actor(), task_of(seat)
    tech, committee = tech_of(tender), find_committee(tender.id)
    has_begun = committee is not None and committee.begun_at is not None
    may_read = has_begun and seat.has_conflict is False and seat.left_at is None
    found = [one for one in proposals.proposals_of(tender.id) if one.is_readable] if may_read else []
    own = sheets.own_sheets(tender.id, actor) if may_read else {}
    lines = [_line(one, own.get(one.bid_id), tech) for one in found]
    return render_template(
        "bidding/evaluation/seat.html",
        tender=tender,
        seat=seat,
        task=task,
        tech=tech,
        form=form,
        bidders=proposals.bidders_of(tender) if task == "declare" else [],
        has_begun=has_begun,
        lines=lines,
        done=sum(line["is_complete"] for line in lines),
        digest=sheets.signed_digest(tender, actor) if may_read and seat.submitted_at is None else None,
    )


def _line(proposal: Proposal, sheet: Any, tech: Tech) -> dict[str, Any]:
    return {
        "letter": proposal.letter,
        "scored": len(sheet.scores) if sheet else 0,
        "of": len(tech.leaves),
        "total": sum(sheet.scores.values()) if sheet else None,
        "is_complete": sheets.is_complete(tech, sheet),
    }


@blueprint.route("/evaluations/<uuid:tender_id>/proposals/<letter>", methods=["GET", "POST"])
@requires("proposal:evaluate")
def evaluation_proposal(tender_id: UUID, letter: str) -> ResponseReturnValue:
    """One proposal with its files and the sheet for it. A script sends the form as it is typed; so does the button."""
    actor = current_actor()
    proposal = proposals.get_proposal(tender_id, letter, actor)
    seat = evaluators.get_seat(tender_id, actor)
    tender = seat.tender
    tech, sheet = tech_of(tender), sheets.own_sheets(tender_id, actor).get(proposal.bid_id)
    if request.method == "GET":
        _record(tender, f"proposal {letter}")
        typed: Any = shown_sheet(tech, sheet)
        errors: dict[str, str] = {}
    else:
        scores, comments, errors = read_sheet(tech, request.form)
        typed = request.form
        if not errors:
            with transaction():
                sheets.save_sheet(tender_id, letter, scores, comments, actor, time.now())
            if request.headers.get("X-Requested-With") == "autosave":
                return {"saved": len(scores), "of": len(tech.leaves)}
            flash(_("Saved. You can change it until you sign."), "success")
            return redirect(url_for("bidding.evaluation_proposal", tender_id=tender_id, letter=letter))
        if request.headers.get("X-Requested-With") == "autosave":
            return {"errors": {name: str(text) for name, text in errors.items()}}, 422
    letters = [one.letter for one in proposals.proposals_of(tender_id) if one.is_readable]
    place = letters.index(letter)
    page = render_template(
        "bidding/evaluation/proposal.html",
        tender=tender,
        seat=seat,
        tech=tech,
        letter=letter,
        files=proposals.files_of(tender, proposal),
        FILE_KIND=KIND,
        typed=typed,
        errors=errors,
        is_signed=seat.submitted_at is not None,
        previous=letters[place - 1] if place else None,
        following=letters[place + 1] if place + 1 < len(letters) else None,
    )
    return page, 422 if errors else 200


@blueprint.get("/evaluations/<uuid:tender_id>/proposals/<letter>/files/<int:n>")
@requires("proposal:evaluate")
def evaluation_file(tender_id: UUID, letter: str, n: int) -> ResponseReturnValue:
    """One cleared file, as a download; in a blind evaluation under the proposal's letter."""
    actor = current_actor()
    proposal = proposals.get_proposal(tender_id, letter, actor)
    tender = evaluators.get_seat(tender_id, actor).tender
    found = next((one for one in proposals.files_of(tender, proposal) if one.n == n), None)
    if found is None:
        raise NotFound("no such cleared document")
    file = quarantine.open_cleared(proposal.bid_id, n)
    _record(tender, f"proposal {letter}, file {n}")
    response: Response = stream(file)
    response.headers["Content-Disposition"] = attachment(safe_name(found.name or f"{letter}-{n}", found.kind))
    response.headers["Content-Length"] = str(found.size)
    return response


@blueprint.post("/evaluations/<uuid:tender_id>/sign")
@requires("proposal:evaluate", step_up=True)
def sign_sheets(tender_id: UUID) -> ResponseReturnValue:
    """All sheets at once, by the hash of the scores that the page showed."""
    try:
        with transaction():
            sheets.submit_sheets(tender_id, request.form.get("digest", ""), current_actor(), time.now())
    except (InvalidInput, StaleConfirmation):
        flash(_("Not signed: a score has changed or is missing. Look at the list again."), "error")
        return redirect(url_for("bidding.evaluation_seat", tender_id=tender_id))
    flash(_("Signed. Your scores are sealed in the log until the result is fixed; nobody can change them."), "success")
    return redirect(url_for("bidding.evaluation_seat", tender_id=tender_id))


def _record(tender: Tender, what: str) -> None:
    with transaction():
        audit.read_access(current_actor(), time.now(), subject=tender.audit_subject, what=what)
