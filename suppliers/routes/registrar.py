"""The registrar's queue and the page of one decision. Every look at an application is recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import audit, time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import AlreadyDone, InvalidInput, StaleConfirmation
from app.forms import Form
from app.paging import paginate
from app.time import kst_date
from suppliers import queries, wording
from suppliers.doubts import doubts_of
from suppliers.history import history_of
from suppliers.models import Review, Supplier
from suppliers.profiles import SECTIONS, differences, from_json
from suppliers.routes import blueprint
from suppliers.routes.public import page_number
from suppliers.routes.steps import summary
from suppliers.schemas import CommentsIn, DecisionIn
from suppliers.services import reviewing


@blueprint.get("/registrar/suppliers")
@requires("supplier:review")
def queue() -> ResponseReturnValue:
    """What waits, longest first; what was decided, newest first."""
    is_decided = request.args.get("show") == "decided"
    page = paginate(queries.decided_reviews() if is_decided else queries.review_queue(), page_number())
    return render_template("suppliers/queue.html", page=page, is_decided=is_decided, wording=wording, now=time.now())


@blueprint.get("/registrar/suppliers/<uuid:supplier_id>")
@requires("supplier:review")
def application(supplier_id: UUID) -> ResponseReturnValue:
    """Everything needed for one decision. Looking is written to the log."""
    supplier = queries.get_supplier(supplier_id)
    with transaction():
        audit.read_access(current_actor(), time.now(), subject=supplier.audit_subject, what="supplier.application")
    return _decision_page(supplier, Form(DecisionIn()), Form(CommentsIn()))


def _decision_page(supplier: Supplier, form: Form, comments: Form) -> str:
    reviews = queries.reviews_of(supplier.id)
    review = next((each for each in reviews if each.decision is None), None)
    profile = from_json(review.proposed) if review else supplier.profile
    changed = differences(supplier.profile, profile) if review and supplier.registered_at else ()
    return render_template(
        "suppliers/application.html",
        supplier=supplier,
        review=review,
        reviews=reviews,
        summary=summary(profile),
        changes=[wording.spell_difference(each) for each in changed],
        doubts=doubts_of(supplier, profile, kst_date(time.now())) if review else [],
        sanctions=[(each, queries.state_on(each, kst_date(time.now()))) for each in queries.sanctions_of(supplier.id)],
        items=history_of(supplier),
        form=form,
        comments=comments,
        sections=list(SECTIONS),
        wording=wording,
        name=profile.name_ko or _("Application"),
    )


@blueprint.post("/registrar/suppliers/<uuid:supplier_id>")
@requires("supplier:review")
def decide(supplier_id: UUID) -> ResponseReturnValue:
    """First show what would be decided, then, confirmed, decide it."""
    supplier = queries.get_supplier(supplier_id)
    form, comments = Form(DecisionIn()), Form(CommentsIn())
    entered, said = form.load(request.form), comments.load(request.form)
    if entered and said and entered["decision"] == "return" and not entered["reason"] and not any(said.values()):
        form.add_error("reason", _("Say what is to be changed: here, or beside the section."))
    if entered is None or said is None or form.errors:
        return _decision_page(supplier, form, comments), 422
    review = db.session.get(Review, entered["review"])
    if review is None or review.supplier_id != supplier.id or review.decision is not None:
        raise StaleConfirmation("decided or taken back meanwhile")
    if request.form.get("confirmed") != "1":
        return _confirmation(supplier, review, entered, said)
    return _carry_out(supplier, form, comments, entered, said)


def _confirmation(supplier: Supplier, review: Review, entered: dict[str, Any], said: dict[str, str]) -> str:
    profile = from_json(review.proposed)
    return render_template(
        "suppliers/confirm_decision.html",
        supplier=supplier,
        review=review,
        profile=profile,
        entered=entered,
        said=said,
        doubts=doubts_of(supplier, profile, kst_date(time.now())) if entered["decision"] == "approve" else [],
        wording=wording,
    )


def _carry_out(
    supplier: Supplier, form: Form, comments: Form, entered: dict[str, Any], said: dict[str, str]
) -> ResponseReturnValue:
    actor, now, review_id = current_actor(), time.now(), entered["review"]
    try:
        with transaction():
            if entered["decision"] == "approve":
                reviewing.approve(supplier, review_id, actor, now)
            elif entered["decision"] == "return":
                reviewing.ask_for_changes(supplier, review_id, said, entered["reason"], actor, now)
            else:
                reviewing.refuse(supplier, review_id, entered["reason"], actor, now)
    except AlreadyDone:
        form.add_error(
            "", _("A supplier is registered with this business number: this application cannot be approved.")
        )
        return _decision_page(supplier, form, comments), 409
    except InvalidInput:
        form.add_error("reason", _("Say what is to be changed: here, or beside the section."))
        return _decision_page(supplier, form, comments), 422
    done = {"approve": _("Approved."), "return": _("Changes asked for."), "refuse": _("Refused.")}
    flash(done[entered["decision"]], "success")
    return redirect(url_for("suppliers.queue"))
