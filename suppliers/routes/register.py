"""Registering without an account: the draft belongs to this browser until the mailed link makes it an account's."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import OrganisationKind, current_actor, loading, public
from app.auth.people import get_person
from app.db import db, transaction
from app.errors import AlreadyDone, NotFound, TooManyTries
from app.forms import Form
from app.i18n import language
from suppliers import wording
from suppliers.links import find_link_id
from suppliers.models import Supplier
from suppliers.routes import blueprint
from suppliers.routes.steps import draft_id, handle_section, next_step, progress, render_step, steps_of, summary
from suppliers.schemas import PasswordIn, PersonIn
from suppliers.services.registration import (
    confirm_email,
    empty_draft,
    find_usable_link,
    mail_link,
    name_applicant,
    what_is_missing,
)


def _link(step: str) -> str:
    return url_for("suppliers.register_check") if step == "check" else url_for("suppliers.register_step", section=step)


def _find_draft() -> Supplier | None:
    value = draft_id()
    return None if value is None else db.session.get(Supplier, UUID(value))


def _is_mine_already(supplier: Supplier | None) -> bool:
    return supplier is not None and supplier.organisation_id is not None


@blueprint.get("/register")
@public
def register() -> ResponseReturnValue:
    """What registering takes, and where to begin or go on."""
    if current_actor().organisation_kind == OrganisationKind.SUPPLIER:
        return redirect(url_for("suppliers.mine"))
    draft = _find_draft()
    return render_template("suppliers/register.html", draft=None if _is_mine_already(draft) else draft)


@blueprint.post("/register")
@public
def begin() -> ResponseReturnValue:
    """Forget a draft that this browser holds and begin anew. Nothing is stored before the first step is."""
    session.pop("registration", None)
    return redirect(_link("firm"))


@blueprint.route("/register/<section>", methods=["GET", "POST"])
@public
def register_step(section: str) -> ResponseReturnValue:
    """One step of an applicant without an account."""
    supplier = _find_draft()
    if _is_mine_already(supplier):
        return redirect(url_for("suppliers.mine"))
    if supplier is None:
        if section != "firm":
            return redirect(url_for("suppliers.register"))
        return _first_step()
    if section == "person":
        return _person_step(supplier)
    return handle_section(supplier, section, _link)


def _first_step() -> ResponseReturnValue:
    """Nothing is stored, and no cookie set, before the first step holds something good."""
    supplier = empty_draft(language(), time.now())
    response = handle_section(supplier, "firm", _link)
    if supplier in db.session:
        session["registration"] = str(supplier.id)
    return response


def _person_step(supplier: Supplier) -> ResponseReturnValue:
    form = Form(PersonIn(), {"name": supplier.applicant_name or "", "email": supplier.applicant_email or ""})
    if request.method == "POST" and (entered := form.load(request.form)) is not None:
        try:
            with transaction():
                mailed = name_applicant(supplier, entered["name"], entered["email"], time.now())
        except TooManyTries:
            form.add_error("email", _("A link was mailed to this registration just now. Please wait a moment."))
            return render_step(supplier, "person", _link, form=form), 429
        if mailed is not None:
            flash(
                _("We have sent a link to %(email)s. Open it to set your password.", email=entered["email"]), "success"
            )
        return redirect(_link("check") if request.args.get("from") == "check" else _link(next_step(supplier, "person")))
    return render_step(supplier, "person", _link, form=form), 422 if request.method == "POST" else 200


@blueprint.get("/register/check")
@public
def register_check() -> ResponseReturnValue:
    """Everything on one page, and what still lacks. Sending comes after the mailed link."""
    supplier = _find_draft()
    if supplier is None:
        return redirect(url_for("suppliers.register"))
    if _is_mine_already(supplier):
        return redirect(url_for("suppliers.mine"))
    return render_template(
        "suppliers/register_check.html",
        supplier=supplier,
        link=_link,
        summary=summary(supplier.working_profile),
        missing=what_is_missing(supplier),
        wording=wording,
        progress=progress(supplier, "check"),
        previous=steps_of(supplier)[-1],
    )


@blueprint.post("/register/mail")
@public
def mail_again() -> ResponseReturnValue:
    """Another link; the older ones stop working."""
    supplier = _find_draft()
    if supplier is None:
        return redirect(url_for("suppliers.register"))
    try:
        with transaction():
            mail_link(supplier, time.now())
        flash(_("We have sent a new link to %(email)s.", email=supplier.applicant_email), "success")
    except TooManyTries:
        flash(_("A link was mailed to this registration just now. Please wait a moment."), "warning")
    return redirect(_link("check"))


@blueprint.route("/register/verify/<token>", methods=["GET", "POST"])
@public
def verify(token: str) -> ResponseReturnValue:
    """The mailed link. Opening it changes nothing (mail filters open links too); the password's POST uses it up."""
    now = time.now()
    link_id = find_link_id(token, current_app.config["SECRET_KEY"])
    link = find_usable_link(link_id, now) if link_id is not None else None
    if link is None or link_id is None:
        return render_template("suppliers/verify_gone.html"), 410
    supplier = db.session.get_one(Supplier, link.supplier_id)
    form = Form(PasswordIn(supplier.applicant_name or "", link.email))
    password = form.load(request.form) if request.method == "POST" else None
    if password is None:
        page = render_template("suppliers/verify.html", form=form, link=link, supplier=supplier)
        return page, 422 if form.errors else 200
    try:
        with transaction():
            person_id = confirm_email(link_id, password, now).id
    except (AlreadyDone, NotFound):
        return render_template("suppliers/verify_gone.html"), 410
    with transaction():
        loading.start(get_person(person_id), now)
    flash(_("Your e-mail address is verified and your account is ready."), "success")
    return redirect(url_for("suppliers.mine"))
