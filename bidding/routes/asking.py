"""The officer says which documents a bid has to bring."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth import current_actor, requires
from app.db import transaction
from app.errors import InvalidInput
from app.forms import Form
from bidding.routes import blueprint
from bidding.routes.drafts import own_draft, step_page
from bidding.schemas import AskedDocumentIn
from bidding.services import asking


@blueprint.post("/agency/tenders/<uuid:tender_id>/asked")
@requires("tender:draft")
def add_asked_document(tender_id: UUID) -> ResponseReturnValue:
    own_draft(tender_id, current_actor())
    form = Form(AskedDocumentIn())
    data = form.load(request.form)
    if data is not None:
        try:
            with transaction():
                asking.ask_document(tender_id, data, current_actor())
        except InvalidInput as error:
            form.add_error("name", _told(error))
        else:
            flash(_("Bidders are asked for this document."), "success")
            return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="documents", _anchor="asked"))
    return step_page(own_draft(tender_id, current_actor()), "documents", form), 422


def _told(error: InvalidInput) -> str:
    if error.facts.get("fault") == "twice":
        return str(_("A document of this name is asked for already."))
    if error.facts.get("fault") == "many":
        return str(_("Thirty documents are the most that a notice asks for."))
    return str(_("A re-notice keeps price and conditions of the notice it repeats; only its time limits may differ."))


@blueprint.post("/agency/tenders/<uuid:tender_id>/asked/<int:n>/remove")
@requires("tender:draft")
def remove_asked_document(tender_id: UUID, n: int) -> ResponseReturnValue:
    own_draft(tender_id, current_actor())
    try:
        with transaction():
            asking.drop_document(tender_id, n, current_actor())
    except InvalidInput as error:
        flash(_told(error), "error")
    else:
        flash(_("Bidders are no longer asked for it."), "success")
    return redirect(url_for("bidding.draft_step", tender_id=tender_id, step="documents", _anchor="asked"))
