"""A supplier's own registration: where it stands, what to do next, editing, certificate, history."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import documents, time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import AlreadyDone, IllegalTransition, InvalidInput, NotFound
from app.forms import Form
from app.i18n import language
from app.time import kst_date
from suppliers import queries, rules, wording
from suppliers.documents import certificate
from suppliers.history import history_of
from suppliers.models import Supplier
from suppliers.profiles import differences
from suppliers.routes import blueprint
from suppliers.routes.steps import handle_section, last_comments, progress, steps_of, summary
from suppliers.schemas import AnswerIn
from suppliers.services import registration
from suppliers.states import EDITABLE, REGISTERED, SupplierState


def _link(step: str) -> str:
    return url_for("suppliers.my_check") if step == "check" else url_for("suppliers.my_step", section=step)


def _get_mine(*, lock: bool = False) -> Supplier:
    supplier = queries.find_supplier_of(current_actor().organisation_id)
    if supplier is None:
        raise NotFound("the organisation is not a supplier", what="supplier")
    if lock:
        db.session.refresh(supplier, with_for_update=True)
    return supplier


def steps_of_state(supplier: Supplier) -> list[dict[str, Any]]:
    """Where a registration stands: entering, review, registered; what failed is marked."""
    state = supplier.state
    is_in = supplier.registered_at is not None
    entering = "current" if state in ("draft", "returned") else "done"
    review = {"submitted": "current", "refused": "failed", "changes_pending": "current"}.get(
        state, "done" if is_in else "todo"
    )
    if state in ("draft", "returned"):
        review = "todo"
    registered = {"expired": "failed"}.get(state, "done" if is_in and state == "active" else "todo")
    if state == "changes_pending":
        registered = "done"
    return [
        {"label": _("Entered"), "state": entering, "at": None},
        {
            "label": _("Review by the registrar"),
            "state": review,
            "at": supplier.submitted_at if review != "todo" else None,
        },
        {"label": _("Registered"), "state": registered, "at": supplier.registered_at if is_in else None},
    ]


@blueprint.get("/my/supplier")
@requires("supplier:read-own")
def mine() -> ResponseReturnValue:
    """Where the registration stands and what to do next."""
    supplier, now = _get_mine(), time.now()
    on = kst_date(now)
    changed = differences(supplier.profile, supplier.working_profile) if supplier.registered_at else ()
    return render_template(
        "suppliers/mine.html",
        supplier=supplier,
        steps=steps_of_state(supplier),
        summary=summary(supplier.profile if supplier.registered_at else supplier.working_profile),
        changes=[wording.spell_difference(each) for each in changed],
        missing=registration.what_is_missing(supplier),
        review=last_comments(supplier),
        refused=_last_refusal(supplier),
        may_renew=supplier.state == SupplierState.ACTIVE
        and supplier.valid_until_on is not None
        and rules.may_renew(supplier.valid_until_on, on),
        expiring=queries.expiring(supplier, on),
        sanctions=[(each, sanction_state(each, on)) for each in queries.sanctions_of(supplier.id)],
        may_edit=current_actor().may("supplier:edit") and supplier.state in EDITABLE,
        certificates=documents.issued_about(supplier.audit_subject, "supplier-certificate")[:5],
        wording=wording,
        today=on,
    )


def _last_refusal(supplier: Supplier) -> Any:
    latest = next(iter(queries.reviews_of(supplier.id)), None)
    return latest if latest is not None and latest.decision == "refused" else None


def sanction_state(sanction: Any, on: Any) -> str:
    """What a sanction is on the day `on`: a key of `wording.SANCTION_STATES`."""
    return queries.state_on(sanction, on)


@blueprint.route("/my/supplier/edit/<section>", methods=["GET", "POST"])
@requires("supplier:edit")
def my_step(section: str) -> ResponseReturnValue:
    """One step, edited by the supplier's administrator."""
    supplier = _get_mine()
    if section not in steps_of(supplier):
        raise NotFound(f"no section {section}")
    if supplier.state not in EDITABLE:
        flash(_("What you sent is under review. Take it back to change it."), "warning")
        return redirect(url_for("suppliers.mine"))
    return handle_section(supplier, section, _link)


@blueprint.route("/my/supplier/check", methods=["GET", "POST"])
@requires("supplier:edit")
def my_check() -> ResponseReturnValue:
    """Everything on one page; sending it for review."""
    form = Form(AnswerIn())
    if request.method == "POST" and (entered := form.load(request.form)) is not None:
        return _submit(entered["answer"], form)
    page = _check_page(_get_mine(), form)
    return page, 422 if form.errors else 200


def _submit(answer: str, form: Form) -> ResponseReturnValue:
    try:
        with transaction():
            supplier = _get_mine(lock=True)
            registration.submit(
                supplier, current_actor(), time.now(), answer, is_renewal=request.form.get("renew") == "1"
            )
    except InvalidInput as refusal:
        form.add_error("", _why_not_sent(refusal))
        return _check_page(_get_mine(), form), 422
    except AlreadyDone:
        form.add_error("", _("Another supplier has been registered with this business number meanwhile."))
        return _check_page(_get_mine(), form), 409
    flash(_("Sent. The registrar looks at it next; you will be told by mail."), "success")
    return redirect(url_for("suppliers.mine"))


def _why_not_sent(refusal: InvalidInput) -> Any:
    if refusal.facts.get("missing"):
        names = [str(wording.FIELDS[what.partition(".")[2]]) for what in refusal.facts["missing"]]
        return _("Still missing: %(what)s.", what=", ".join(names))
    if refusal.facts.get("field") == "renewal":
        return _("Renewal opens sixty days before the registration ends.")
    return _("There is nothing to review: what you changed is in force already.")


def _check_page(supplier: Supplier, form: Form) -> str:
    changed = differences(supplier.profile, supplier.working_profile) if supplier.registered_at else ()
    renew = (
        request.args.get("renew") == "1" or request.form.get("renew") == "1" or supplier.state == SupplierState.EXPIRED
    )
    return render_template(
        "suppliers/my_check.html",
        supplier=supplier,
        form=form,
        link=_link,
        summary=summary(supplier.working_profile),
        changes=[wording.spell_difference(each) for each in changed],
        missing=registration.what_is_missing(supplier),
        review=last_comments(supplier),
        progress=progress(supplier, "check"),
        renew=renew,
        wording=wording,
    )


@blueprint.post("/my/supplier/take-back")
@requires("supplier:edit")
def take_back() -> ResponseReturnValue:
    """Take back what waits for the registrar."""
    with transaction():
        registration.take_back(_get_mine(lock=True), current_actor(), time.now())
    flash(_("Taken back. You can change it and send it again."), "success")
    return redirect(url_for("suppliers.mine"))


@blueprint.post("/my/supplier/discard")
@requires("supplier:edit")
def discard() -> ResponseReturnValue:
    """Throw away changes that were not sent."""
    with transaction():
        registration.discard_changes(_get_mine(lock=True), current_actor())
    flash(_("Your unsent changes are gone; what is registered has not changed."), "success")
    return redirect(url_for("suppliers.mine"))


@blueprint.post("/my/supplier/reopen")
@requires("supplier:edit")
def reopen() -> ResponseReturnValue:
    """Start again after a refusal."""
    with transaction():
        registration.reopen(_get_mine(lock=True), current_actor(), time.now())
    flash(_("You can change your application and send it again."), "success")
    return redirect(url_for("suppliers.mine"))


@blueprint.post("/my/supplier/certificate")
@requires("supplier:read-own")
def issue_certificate() -> ResponseReturnValue:
    """A certificate of what is registered now, in the page's language."""
    now = time.now()
    with transaction():
        supplier = _get_mine()
        if supplier.state not in REGISTERED or supplier.state == SupplierState.EXPIRED:
            raise IllegalTransition("not registered", subject="supplier", state=supplier.state, event="certificate")
        issued = documents.issue(
            certificate(supplier, kst_date(now), language()),
            subject=supplier.audit_subject,
            now=now,
            actor=current_actor(),
            is_public=False,
            owner_id=supplier.organisation_id,
        )
        code = issued.code
    flash(_("The certificate is issued. Anyone can check it by its code: %(code)s", code=code), "success")
    return redirect(url_for("suppliers.mine") + "#certificates")


@blueprint.get("/my/supplier/history")
@requires("supplier:read-own")
def my_history() -> ResponseReturnValue:
    """Everything that happened to the registration, newest first."""
    supplier = _get_mine()
    return render_template(
        "suppliers/history.html",
        supplier=supplier,
        items=history_of(supplier),
        reviews=queries.reviews_of(supplier.id),
        wording=wording,
    )
