"""Sanctions by an agency: an officer enters, a second person decides, stays and lifts with the password again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import audit, time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import AlreadyDone, Forbidden, InvalidInput, NotFound, RuleBroken
from app.forms import Form
from app.i18n import language
from app.paging import paginate
from app.time import kst_date
from suppliers import queries, rules, wording
from suppliers.codes import SANCTION_LAWS, law_name
from suppliers.models import Sanction
from suppliers.routes import blueprint
from suppliers.routes.public import page_number
from suppliers.schemas import EndStayIn, LiftIn, ReasonIn, SanctionFormIn, StayIn
from suppliers.services import sanctions as acts


@blueprint.get("/agency/sanctions")
@requires("sanction:read-own")
def agency_sanctions() -> ResponseReturnValue:
    """The agency's own sanctions; what waits for a decision first."""
    agency_id = current_actor().organisation_id
    if agency_id is None:
        raise Forbidden("nobody's agency", permission="sanction:read-own")
    page, on = paginate(queries.sanctions_of_agency(agency_id), page_number()), kst_date(time.now())
    return render_template(
        "suppliers/agency_sanctions.html",
        page=page,
        rows=[(each, queries.state_on(each, on)) for each in page.items],
        wording=wording,
        law_name=law_name,
        format_number=rules.format_business_number,
    )


@blueprint.route("/agency/sanctions/new", methods=["GET", "POST"])
@requires("sanction:propose")
def new_sanction() -> ResponseReturnValue:
    """Enter a sanction."""
    form = Form(SanctionFormIn(), {"business_number": request.args.get("supplier", "")})
    if request.method == "POST" and (entry := form.load(request.form)) is not None:
        try:
            with transaction():
                sanction_id = acts.propose_sanction(entry, current_actor(), time.now()).id
        except NotFound:
            form.add_error("business_number", _("No supplier is registered with this number."))
        except RuleBroken as refusal:
            form.add_error("begins_on", str(wording.PERIOD_FINDINGS[refusal.facts["findings"][0]]))
        except AlreadyDone:
            form.add_error(
                "begins_on", _("Your agency has a sanction of this supplier for some of these days already.")
            )
        else:
            flash(_("Entered. A second person of your agency decides it."), "success")
            return redirect(url_for("suppliers.agency_sanction", sanction_id=sanction_id))
    page = render_template("suppliers/sanction_form.html", form=form, laws=_law_options(), today=kst_date(time.now()))
    return page, 422 if form.errors else 200


def _law_options() -> list[tuple[str, str]]:
    return [
        ("", _("Choose")),
        *((law, f"{law_name(law, language())} {SANCTION_LAWS[law][2]}") for law in SANCTION_LAWS),
    ]


def _get_own(sanction_id: UUID) -> Sanction:
    sanction = queries.get_sanction(sanction_id)
    if sanction.agency_id != current_actor().organisation_id:
        raise NotFound("another agency's sanction", what="sanction")
    return sanction


@blueprint.get("/agency/sanctions/<uuid:sanction_id>")
@requires("sanction:read-own")
def agency_sanction(sanction_id: UUID) -> ResponseReturnValue:
    """One sanction and what may be done with it."""
    sanction = _get_own(sanction_id)
    if sanction.state in ("proposed", "rejected"):
        with transaction():
            audit.read_access(current_actor(), time.now(), subject=sanction.audit_subject, what="sanction.proposal")
    return _sanction_page(sanction, {})


def _sanction_page(sanction: Sanction, forms: dict[str, Form]) -> str:
    schemas = {"reject": ReasonIn, "lift": LiftIn, "stay": StayIn, "end-stay": EndStayIn}
    today, actor = kst_date(time.now()), current_actor()
    return render_template(
        "suppliers/agency_sanction.html",
        sanction=sanction,
        state=queries.state_on(sanction, today),
        forms={name: forms.get(name) or Form(schema()) for name, schema in schemas.items()},
        is_mine=sanction.proposed_by_id == actor.person_id,
        may_decide=actor.may("sanction:decide"),
        wording=wording,
        law_name=law_name,
        number=rules.format_business_number(sanction.supplier.business_number or ""),
        today=today,
    )


@blueprint.post("/agency/sanctions/<uuid:sanction_id>/decide")
@requires("sanction:decide", step_up=True)
def decide_sanction(sanction_id: UUID) -> ResponseReturnValue:
    """The second person decides."""
    sanction = _get_own(sanction_id)
    try:
        with transaction():
            acts.decide_sanction(sanction_id, current_actor(), time.now())
    except RuleBroken as refusal:
        flash(str(wording.PERIOD_FINDINGS[refusal.facts["findings"][0]]), "warning")
        return redirect(url_for("suppliers.agency_sanction", sanction_id=sanction_id))
    flash(_("Decided and public. It binds every agency from %(day)s.", day=sanction.begins_on), "success")
    return redirect(url_for("suppliers.agency_sanction", sanction_id=sanction_id))


@blueprint.post("/agency/sanctions/<uuid:sanction_id>/reject")
@requires("sanction:read-own")
def reject_sanction(sanction_id: UUID) -> ResponseReturnValue:
    """Not decided (by the second person) or withdrawn (by the first)."""
    return _act(
        sanction_id,
        "reject",
        Form(ReasonIn()),
        lambda entered: acts.reject_sanction(sanction_id, entered["reason"], current_actor(), time.now()),
        _("The entry is closed; nothing was decided."),
    )


@blueprint.post("/agency/sanctions/<uuid:sanction_id>/lift")
@requires("sanction:decide", step_up=True)
def lift_sanction(sanction_id: UUID) -> ResponseReturnValue:
    """End it early."""
    return _act(
        sanction_id,
        "lift",
        Form(LiftIn()),
        lambda entered: acts.lift_sanction(
            sanction_id, entered["free_from"], entered["reason"], current_actor(), time.now()
        ),
        _("Lifted."),
    )


@blueprint.post("/agency/sanctions/<uuid:sanction_id>/stay")
@requires("sanction:decide", step_up=True)
def stay_sanction(sanction_id: UUID) -> ResponseReturnValue:
    """A court stays it."""
    return _act(
        sanction_id,
        "stay",
        Form(StayIn()),
        lambda entered: acts.stay_sanction(
            sanction_id,
            entered["begins_on"],
            entered["ends_on"],
            entered["order_reference"],
            current_actor(),
            time.now(),
        ),
        _("The stay is entered."),
    )


@blueprint.post("/agency/sanctions/<uuid:sanction_id>/stays/<uuid:stay_id>/end")
@requires("sanction:decide", step_up=True)
def end_stay(sanction_id: UUID, stay_id: UUID) -> ResponseReturnValue:
    """An open-ended stay ends."""
    return _act(
        sanction_id,
        "end-stay",
        Form(EndStayIn()),
        lambda entered: acts.end_stay(sanction_id, stay_id, entered["last_day"], current_actor(), time.now()),
        _("The stay is ended."),
    )


def _act(
    sanction_id: UUID, name: str, form: Form, act: Callable[[dict[str, Any]], object], done: str
) -> ResponseReturnValue:
    sanction = _get_own(sanction_id)
    entered = form.load(request.form)
    if entered is not None:
        try:
            with transaction():
                act(entered)
        except InvalidInput as refusal:
            form.add_error(
                str(refusal.facts.get("field", "")), _("These days do not fit the sanction. Please check them.")
            )
        except AlreadyDone:
            form.add_error("begins_on", _("A stay covers some of these days already."))
        else:
            flash(done, "success")
            return redirect(url_for("suppliers.agency_sanction", sanction_id=sanction_id))
    return _sanction_page(sanction, {name: form}), 422
