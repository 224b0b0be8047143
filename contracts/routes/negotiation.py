"""The three steps over HTTP: read, check who, call one service, go back to the page of work."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import Actor, current_actor, requires
from app.db import transaction
from app.errors import IllegalTransition, RuleBroken
from app.forms import Form
from contracts import labels, queries, rules
from contracts.models import Contract
from contracts.routes import blueprint
from contracts.routes.desk import carry_out, note_findings
from contracts.schemas import TermsIn
from contracts.services import agreement, drafting
from contracts.services.figures import figures_of
from contracts.states import ContractState


@blueprint.route("/contracts/<number>/terms", methods=["GET", "POST"])
@requires("contract:draft")
def terms(number: str) -> ResponseReturnValue:
    """The terms of a draft, with what the law says beside each."""
    actor = current_actor()
    contract = queries.get_own(number, actor)
    if contract.state != ContractState.DRAFTED:
        raise IllegalTransition("only a draft has terms to settle", subject="contract", state=contract.state)
    form = Form(TermsIn(), _typed(contract))
    if request.method == "POST" and (data := form.load(request.form)) is not None:
        try:
            with transaction():
                drafting.set_terms(number, data, actor, time.now())
        except RuleBroken as error:
            if not note_findings(form, error):
                raise
        else:
            flash(_("The terms are saved."), "success")
            return redirect(url_for("contracts.work", number=number))
    page = render_template(
        "contracts/terms.html",
        contract=contract,
        is_practice=contract.is_practice,
        form=form,
        labels=labels,
        figures=figures_of(contract),
        delay_options=_delay_options(contract),
    )
    return page, 422 if form.errors else 200


def _delay_options(contract: Contract) -> list[tuple[str, str]]:
    """Each class that fits the kind, with its daily rate under both laws."""
    options = []
    by_regime = {regime: figures_of(contract, regime) for regime in rules.Regime}
    for delay_class in rules.CLASSES_OF_KIND[contract.kind]:
        rates = [
            f"{labels.REGIME[regime]} {rules.per_mille(rules.delay_rate(delay_class, figures))}"
            for regime, figures in by_regime.items()
            if delay_class in figures.daily_rates
        ]
        options.append((str(delay_class), f"{labels.DELAY_CLASS[delay_class]} ({', '.join(rates)})"))
    return options


def _typed(contract: Contract) -> dict[str, Any]:
    return {
        "starts_on": contract.starts_on.isoformat() if contract.starts_on else "",
        "due_on": contract.due_on.isoformat() if contract.due_on else "",
        "delivery_place": contract.delivery_place,
        "payment_terms": contract.payment_terms,
        "special_terms": contract.special_terms,
        "delay_class": contract.delay_class,
        "regime": contract.regime,
        "lang": contract.lang,
    }


@blueprint.post("/contracts/<number>/send")
@requires("contract:send", step_up=True)
def send(number: str) -> ResponseReturnValue:
    def act(data: dict[str, str], actor: Actor) -> None:
        drafting.send_contract(number, data["digest"], actor, time.now())

    return carry_out(number, "send", _("The contract was sent to the supplier."), act)


@blueprint.post("/contracts/<number>/withdraw")
@requires("contract:send")
def withdraw(number: str) -> ResponseReturnValue:
    def act(_data: None, actor: Actor) -> None:
        drafting.withdraw_contract(number, actor, time.now())

    return carry_out(number, "withdraw", _("The contract was taken back. You can change its terms."), act)


@blueprint.post("/contracts/<number>/redraft")
@requires("contract:send")
def redraft(number: str) -> ResponseReturnValue:
    def act(_data: None, actor: Actor) -> None:
        drafting.redraft_contract(number, actor, time.now())

    return carry_out(number, "redraft", _("The contract is a draft again. You can change its terms."), act)


@blueprint.post("/contracts/<number>/agree")
@requires("contract:agree", step_up=True)
def agree(number: str) -> ResponseReturnValue:
    def act(data: dict[str, Any], actor: Actor) -> None:
        agreement.agree_to_contract(number, data["sha256"], data["bond_reference"], actor, time.now())

    return carry_out(number, "agree", _("You have agreed. The agency now confirms the contract."), act)


@blueprint.post("/contracts/<number>/decline")
@requires("contract:agree")
def decline(number: str) -> ResponseReturnValue:
    def act(data: dict[str, str], actor: Actor) -> None:
        agreement.decline_contract(number, data["reason"], actor, time.now())

    return carry_out(number, "decline", _("You have declined. The agency reads your reason."), act)


@blueprint.post("/contracts/<number>/confirm")
@requires("contract:confirm", step_up=True)
def confirm(number: str) -> ResponseReturnValue:
    def act(data: dict[str, Any], actor: Actor) -> None:
        agreement.confirm_contract(number, data["sha256"], actor, time.now())

    return carry_out(number, "confirm", _("The contract is concluded."), act)
