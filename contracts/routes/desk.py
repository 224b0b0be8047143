"""The contract desks of officers and suppliers, and the page on which they work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import audit, documents, time
from app.auth import Actor, current_actor, requires
from app.db import transaction
from app.errors import RuleBroken
from app.forms import Form
from app.paging import paginate
from bidding.front import signing_block
from contracts import labels, queries, rules
from contracts.models import Contract
from contracts.routes import blueprint
from contracts.schemas import AgreeIn, ConfirmIn, DeliveryIn, InspectionIn, PaymentIn, ReasonIn, SendIn
from contracts.services.drafting import terms_of
from contracts.services.figures import figures_of
from contracts.states import BEFORE, ContractState
from contracts.views import account_of, acts_of, penalty_if_delivered, penalty_lines, steps_of, timeline_of

_FORMS: dict[str, Callable[[], Any]] = {
    "send": SendIn,
    "agree": AgreeIn,
    "confirm": ConfirmIn,
    "decline": ReasonIn,
    "terminate": ReasonIn,
    "deliver": DeliveryIn,
    "inspect": InspectionIn,
    "pay": PaymentIn,
}


@blueprint.get("/contracts/desk")
@requires("contract:work")
def desk() -> ResponseReturnValue:
    """The contracts of one's organisation, by state."""
    actor = current_actor()
    wanted = request.args.get("state", "")
    states = [ContractState(wanted)] if wanted in set(ContractState) else []
    return render_template(
        "contracts/desk.html",
        page=paginate(queries.desk(actor, states), request.args.get("page", 1, int)),
        counts=queries.counts(actor),
        wanted=wanted,
        labels=labels,
        is_agency=actor.organisation_kind == "agency",
    )


@blueprint.get("/contracts/<number>/work")
@requires("contract:work")
def work(number: str) -> ResponseReturnValue:
    """Everything about one contract, and the forms for what may be done now. An auditor's reading is recorded."""
    actor, now = current_actor(), time.now()
    contract = queries.get_own(number, actor)
    if not queries.is_side(contract, actor):
        with transaction():
            audit.read_access(actor, now, subject=contract.audit_subject, what="contract")
    return show_work(contract, actor)


def show_work(contract: Contract, actor: Actor, name: str = "", form: Form | None = None) -> ResponseReturnValue:
    """The page of work; `form` is the one with errors, if any."""
    now = time.now()
    forms = {key: Form(schema()) for key, schema in _FORMS.items()}
    forms["pay"].values = {"paid_on": time.kst_date(now).isoformat()}
    if form is not None:
        forms[name] = form
    terms = terms_of(contract)
    penalty = penalty_if_delivered(contract, time.kst_date(now))
    page = render_template(
        "contracts/work.html",
        contract=contract,
        is_practice=contract.is_practice,
        labels=labels,
        rules=rules,
        figures=figures_of(contract),
        acts=acts_of(contract, actor),
        forms=forms,
        digest=terms.digest(contract.number, contract.amount_won) if terms else "",
        issued=documents.issued_about(contract.audit_subject),
        block=signing_block(contract.tender_id, now) if contract.state in BEFORE else None,
        steps=steps_of(contract),
        timeline=timeline_of(contract, is_public=False),
        account=account_of(contract),
        penalty=penalty,
        penalty_lines=penalty_lines(penalty) if penalty else [],
        is_inspector_barred=actor.person_id is not None and actor.person_id == contract.confirmed_by_id,
        is_agency=actor.organisation_id == contract.agency_id,
        now=now,
    )
    return page, 422 if form is not None and form.errors else 200


def carry_out(number: str, name: str, done: str, act: Callable[[Any, Actor], Any]) -> ResponseReturnValue:
    """Read the form `name`, do `act` with its data in one transaction, and return to the page of work.

    What the form or a rule finds wrong is shown beside the field it belongs to, with what was typed.
    """
    actor = current_actor()
    contract = queries.get_own(number, actor)
    schema = _FORMS.get(name)
    form = Form(schema()) if schema else None
    data: Any = None
    if form is not None:
        data = form.load(request.form)
        if data is None:
            return show_work(contract, actor, name, form)
    try:
        with transaction():
            act(data, actor)
    except RuleBroken as error:
        if form is None or not note_findings(form, error):
            raise
        return show_work(queries.get_own(number, actor), actor, name, form)
    flash(done, "success")
    return redirect(url_for("contracts.work", number=number))


def note_findings(form: Form, error: RuleBroken) -> bool:
    """Put what a rule found beside the fields; whether every finding had a field."""
    known = [labels.FINDING[code] for code in error.facts.get("findings", []) if code in labels.FINDING]
    for field, message in known:
        form.add_error(field, str(message))
    return bool(known)
