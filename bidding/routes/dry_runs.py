"""The dry run of a draft: sample bids in, who would win and why out. Nothing is stored, nothing is logged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app import time
from app.auth import current_actor, requires
from app.forms import Form
from bidding import dry_run_texts
from bidding.dry_run import MOST_DRAW, DryRun, Sample, run, spread
from bidding.dry_run_texts import line_error_text
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.routes.drafts import STEPS, own_draft
from bidding.sample_lines import MOST_CHARACTERS, read_samples, write_samples
from bidding.schemas import DryRunIn
from bidding.services import rulebook
from bidding.services.box import draw_rule_of, terms_as
from bidding.services.schedule import notice_findings

NAME = "dry-run"


@blueprint.route("/agency/tenders/<uuid:tender_id>/dry-run", methods=["GET", "POST"])
@requires("tender:view-own")
def dry_run(tender_id: UUID) -> ResponseReturnValue:
    """Sample bids through the notice's own rule. POST so that no sample stands in an address; nothing is kept."""
    tender = own_draft(tender_id, current_actor())
    missing = missing_terms(tender)
    form = Form(DryRunIn(), {"draw": 1})
    if missing:
        return _page(tender, form, missing=missing)
    data = form.load(request.form) if request.method == "POST" else DryRunIn().load({})
    samples = _samples(tender, form) if data is not None else []
    if data is None or not samples:
        return _page(tender, form), 422
    draw = data["draw"] % MOST_DRAW + 1 if "next" in request.form else data["draw"]
    form.values |= {"draw": draw, "bids": write_samples(samples)}
    return _page(tender, form, made=_run(tender, samples, draw))


def missing_terms(tender: Tender) -> list[tuple[str, str]]:
    """What a dry run cannot do without: (field, step in which it is entered)."""
    needs = [("base_amount_won", "amount", tender.base_amount_won)]
    if tender.method != "lowest":
        needs.append(("floor_rate", "method", tender.floor_rate))
    return [(field, step) for field, step, value in needs if value is None]


def _samples(tender: Tender, form: Form) -> list[Sample]:
    """The bids as typed or uploaded, or spread where nothing was given or where that was asked for."""
    text = _uploaded(request.files.get("file")) or form.value("bids")
    if "spread" in request.form or not text.strip():
        assert tender.base_amount_won is not None
        return list(spread(tender.base_amount_won, tender.floor_rate, tender.a_value_won))
    samples, errors = read_samples(text)
    for error in errors:
        form.add_error("bids", line_error_text(error))
    form.values["bids"] = text
    return [] if errors else samples


def _uploaded(sent: FileStorage | None) -> str:
    """The text of the file, whether it was saved as UTF-8 or as Korean spreadsheet programs save."""
    content = sent.read(MOST_CHARACTERS * 4) if sent is not None else b""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp949", errors="replace")


def _run(tender: Tender, samples: list[Sample], draw: int) -> DryRun:
    return run(terms_as(tender, NAME, rulebook.current_version()), draw_rule_of(tender), samples, draw)


def _page(tender: Tender, form: Form, made: DryRun | None = None, missing: Any = ()) -> str:
    now = time.now()
    return render_template(
        "bidding/draft/dry_run.html",
        tender=tender,
        form=form,
        made=made,
        evaluation=made.evaluation if made else None,
        remarks=dry_run_texts.remarks(made) if made else [],
        strip=dry_run_texts.strip(made.evaluation) if made else "",
        missing=missing,
        step=NAME,
        step_names=list(STEPS),
        findings=notice_findings(tender, now),
        now=now,
        title=_("Dry run"),
    )
