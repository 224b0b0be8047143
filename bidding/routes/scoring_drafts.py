"""The step of the draft in which a method's own terms are entered: criteria, formulas, tables, quantities, rounds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from app import time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import InvalidInput
from app.forms import Form
from bidding.criteria_rows import Row, rows_of, typed_rows
from bidding.method_texts import METHODS
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.routes.drafts import STEPS, own_draft
from bidding.scoring_forms import TECHNICAL, make_scoring, typed_scoring
from bidding.scoring_schemas import SCHEMAS
from bidding.scoring_texts import scoring_of_tender
from bidding.services import drafting
from bidding.services.schedule import notice_findings
from bidding.services.scoring_proposals import propose

NAME = "scoring"
MORE_ROWS = 5


@blueprint.route("/agency/tenders/<uuid:tender_id>/draft/scoring", methods=["GET", "POST"])
@requires("tender:draft")
def draft_scoring(tender_id: UUID) -> ResponseReturnValue:
    """POST saves and goes on; `stay` stays; `more` only gives more rows, and nothing that was typed is lost."""
    tender = own_draft(tender_id, current_actor())
    schema = SCHEMAS.get(tender.method, Schema)
    if request.method == "GET":
        return _page(tender, *_shown(tender, schema))
    form, rows = Form(schema()), typed(request.form)
    data = form.load(request.form)
    if "more" in request.form:
        form.errors.clear()
        return _page(tender, form, [*rows, *[Row("1", "", "")] * MORE_ROWS])
    if data is not None and _saved(tender, data, rows, form):
        following = NAME if "stay" in request.form else "who"
        return redirect(url_for("bidding.draft_step", tender_id=tender_id, step=following))
    return _page(own_draft(tender_id, current_actor()), form, rows), 422


def typed(sent: MultiDict[str, str]) -> list[Row]:
    """The rows of the criteria as they were sent."""
    return rows_of(*(sent.getlist(f"criterion_{name}") for name in ("level", "name", "points")))


def _saved(tender: Tender, data: dict[str, object], rows: Sequence[Row], form: Form) -> bool:
    made = make_scoring(tender.method, data, rows, form) if tender.method in SCHEMAS else None
    if form.errors:
        return False
    try:
        with transaction():
            drafting.save_draft(tender.id, {"scoring": made}, current_actor())
    except InvalidInput:
        form.add_error("_schema", _("A re-notice keeps price and conditions of the notice it repeats; only its time "
                                    "limits may differ."))  # fmt: skip
        return False
    return True


def _shown(tender: Tender, schema: type[Schema]) -> tuple[Form, list[Row]]:
    """What stands, or what the rule data propose where nothing does or a proposal was asked for."""
    asked = "category" in request.args or "variant" in request.args
    scoring = tender.scoring if scoring_of_tender(tender) is not None else None
    criteria = (scoring or {}).get("technical", {}).get("criteria", [])
    values = dict(propose(tender, _chosen(), time.now()).values)
    if scoring is not None:
        stands = typed_scoring(tender.method, scoring)
        values = {**stands, **values} if asked else stands
    return Form(schema(), values), typed_rows(criteria, spare=3 if criteria else MORE_ROWS)


def _chosen() -> str:
    return request.args.get("category") or request.args.get("variant") or ""


def _page(tender: Tender, form: Form, rows: Sequence[Row]) -> str:
    now = time.now()
    return render_template(
        "bidding/draft/scoring.html",
        tender=tender,
        form=form,
        rows=rows,
        has_criteria=tender.method in TECHNICAL,
        has_terms=tender.method in SCHEMAS,
        proposal=propose(tender, _chosen(), now),
        text=METHODS[tender.method],
        step=NAME,
        step_names=list(STEPS),
        findings=notice_findings(tender, now),
        now=now,
    )
