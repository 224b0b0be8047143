"""What everybody may read: the register of contracts and a contract's page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from app import time
from app.auth import current_actor, public
from app.db import db
from app.exports import cell
from app.forms import Form, flatten
from app.paging import paginate
from contracts import labels, queries, rules
from contracts.models import Contract
from contracts.queries import Wanted
from contracts.routes import blueprint
from contracts.schemas import RegisterIn
from contracts.services.figures import figures_of
from contracts.states import IN_FORCE
from contracts.views import account_of, active_filters, penalty_if_delivered, penalty_lines, steps_of, timeline_of

EXPORT_ROWS = 5000
# KONEPS's names for the columns of a contract (공공데이터개방표준 계약정보).
COLUMNS = (
    "cntrctNo",
    "bidNtceNo",
    "cntrctNm",
    "bsnsDivNm",
    "cntrctInsttNm",
    "rprsntCorpNm",
    "cntrctAmt",
    "cntrctCnclsDate",
    "cntrctPrd",
    "state",
)


@blueprint.get("/contracts")
@public
def register() -> ResponseReturnValue:
    """The register. A filter that does not fit is named and filters nothing."""
    form, wanted = _wanted()
    page = paginate(queries.register(wanted), request.args.get("page", 1, int))
    return render_template(
        "contracts/register.html",
        form=form,
        page=page,
        chips=active_filters(form),
        labels=labels,
        wanted=wanted,
        state_options=[(str(state), labels.STATE[state]) for state in IN_FORCE],
        kind_options=list(labels.KIND.items()),
    )


def _wanted() -> tuple[Form, Wanted]:
    form = Form(RegisterIn())
    wanted = form.load(request.args)
    if wanted is None:
        entered = {name: value for name, value in request.args.items() if value and name not in form.errors}
        try:
            wanted = RegisterIn().load(entered)
        except ValidationError as error:
            form.errors |= flatten(error.messages)
            wanted = Wanted()
    return form, wanted


@blueprint.get("/contracts.csv")
@public
def register_csv() -> ResponseReturnValue:
    """The register's present selection, at most 5,000 rows, with KONEPS's column names."""
    _form, wanted = _wanted()
    response = Response(_written(wanted), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=contracts.csv"
    return response


def _written(wanted: Wanted) -> str:
    written = io.StringIO()
    written.write("\ufeff")  # spreadsheet programs read the Korean as UTF-8 by it
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(wanted))
    return written.getvalue()


def _rows(wanted: Wanted) -> Iterator[list[str]]:
    for contract in db.session.scalars(queries.register(wanted).limit(EXPORT_ROWS)):
        yield [cell(value) for value in _values(contract)]


def _values(contract: Contract) -> tuple[Any, ...]:
    return (
        contract.number,
        contract.tender_reference,
        contract.title,
        contract.kind,
        contract.agency.name_ko,
        contract.supplier.name_ko,
        contract.amount_won,
        time.kst_date(contract.concluded_at) if contract.concluded_at else "",
        f"{contract.starts_on} ~ {contract.due_on}",
        contract.state,
    )


@blueprint.get("/contracts/<number>")
@public
def page(number: str) -> ResponseReturnValue:
    """One contract as everybody may see it: what, who, how much, and its whole course with log entries."""
    contract = queries.get_public(number)
    penalty = penalty_if_delivered(contract, time.kst_date(time.now()))
    return render_template(
        "contracts/page.html",
        contract=contract,
        is_practice=contract.is_practice,
        labels=labels,
        steps=steps_of(contract, is_public=True),
        timeline=timeline_of(contract, is_public=True),
        account=account_of(contract),
        penalty=penalty,
        penalty_lines=penalty_lines(penalty) if penalty else [],
        rules=rules,
        figures=figures_of(contract),
        is_side=queries.is_side(contract, current_actor()) if current_actor().is_signed_in else False,
    )
