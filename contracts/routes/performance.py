"""Delivery, inspection, invoice, payment, closing and termination over HTTP."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import Actor, requires
from contracts.routes import blueprint
from contracts.routes.desk import carry_out
from contracts.services import performance
from contracts.types import Inspection


@blueprint.post("/contracts/<number>/deliver")
@requires("contract:deliver")
def deliver(number: str) -> ResponseReturnValue:
    def act(data: dict[str, str], actor: Actor) -> None:
        performance.notify_delivery(number, data["note"], actor, time.now())

    return carry_out(number, "deliver", _("The agency was told. Until when it inspects is shown here."), act)


@blueprint.post("/contracts/<number>/inspect")
@requires("contract:inspect", step_up=True)
def inspect(number: str) -> ResponseReturnValue:
    def act(data: Inspection, actor: Actor) -> None:
        performance.inspect_delivery(number, data, actor, time.now())

    return carry_out(number, "inspect", _("The result of the inspection is recorded."), act)


@blueprint.post("/contracts/<number>/invoice")
@requires("contract:invoice")
def invoice(number: str) -> ResponseReturnValue:
    def act(_data: None, actor: Actor) -> None:
        performance.invoice_contract(number, actor, time.now())

    return carry_out(number, "invoice", _("The invoice was sent. Until when the agency pays is shown here."), act)


@blueprint.post("/contracts/<number>/pay")
@requires("contract:pay", step_up=True)
def pay(number: str) -> ResponseReturnValue:
    def act(data: dict[str, Any], actor: Actor) -> None:
        performance.record_payment(number, data["paid_on"], actor, time.now())

    return carry_out(number, "pay", _("The payment is recorded."), act)


@blueprint.post("/contracts/<number>/close")
@requires("contract:close")
def close(number: str) -> ResponseReturnValue:
    def act(_data: None, actor: Actor) -> None:
        performance.close_contract(number, actor, time.now())

    return carry_out(number, "close", _("The contract is closed."), act)


@blueprint.post("/contracts/<number>/terminate")
@requires("contract:terminate", step_up=True)
def terminate(number: str) -> ResponseReturnValue:
    def act(data: dict[str, str], actor: Actor) -> None:
        performance.terminate_contract(number, data["reason"], actor, time.now())

    return carry_out(number, "terminate", _("The contract is terminated."), act)
