"""The dry run of a draft: sample bids in, who would win and why out. Nothing is stored, nothing is logged."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app import time
from app.auth import current_actor, requires
from app.forms import Form
from bidding import dry_run_texts
from bidding.dry_run import MOST_DRAW, DryRun, Sample, run
from bidding.dry_run_texts import line_error_text
from bidding.models import Tender
from bidding.notice_terms import FLOORED, NoticeTerms
from bidding.routes import blueprint
from bidding.routes.drafts import STEPS, own_draft
from bidding.rules.fitting import check_fit
from bidding.sample_bids import limit_of, spread
from bidding.sample_lines import MOST_CHARACTERS, columns_of, read_samples, write_samples
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
    form = Form(DryRunIn(), {"draw": 1})
    missing = missing_terms(tender)
    if missing:
        return _page(tender, form, missing=missing)
    terms = terms_as(tender, NAME, rulebook.current_version())
    data = form.load(request.form) if request.method == "POST" else DryRunIn().load({})
    samples = _samples(tender, terms, form) if data is not None else []
    if data is None or not samples:
        return _page(tender, form, terms=terms), 422
    draw = data["draw"] % MOST_DRAW + 1 if "next" in request.form else data["draw"]
    form.values |= {"draw": draw, "bids": write_samples(samples)}
    return _page(tender, form, terms=terms, made=run(terms, draw_rule_of(tender), samples, draw))


def missing_terms(tender: Tender) -> list[tuple[str, str]]:
    """What a dry run cannot do without: (field, step in which it is entered)."""
    missing = []
    if tender.base_amount_won is None:
        missing.append(("base_amount_won", "amount"))
    if tender.method in FLOORED and tender.floor_rate is None:
        missing.append(("floor_rate", "method"))
    if not missing and not _is_ready(tender):
        missing.append(("scoring", "scoring"))
    return missing


def _is_ready(tender: Tender) -> bool:
    """Whether the terms can be read and fit each other."""
    try:
        check_fit(terms_as(tender, NAME, rulebook.current_version()), draw_rule_of(tender))
    except ValueError:
        return False
    return True


def _samples(tender: Tender, terms: NoticeTerms, form: Form) -> list[Sample]:
    """The bids as typed or uploaded, or spread where nothing was given or where that was asked for."""
    text = _uploaded(request.files.get("file")) or form.value("bids")
    if "spread" in request.form or not text.strip():
        assert tender.base_amount_won is not None
        return list(spread(terms, limit_of(terms) or tender.base_amount_won))
    samples, errors = read_samples(text, columns_of(terms))
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


def _page(
    tender: Tender,
    form: Form,
    terms: NoticeTerms | None = None,
    made: DryRun | None = None,
    missing: Sequence[tuple[str, str]] = (),
) -> str:
    now = time.now()
    return render_template(
        "bidding/draft/dry_run.html",
        tender=tender,
        form=form,
        made=made,
        evaluation=made.evaluation if made else None,
        remarks=dry_run_texts.remarks(made) if made else [],
        strip=dry_run_texts.strip(made) if made else "",
        missing=missing,
        columns=columns_of(terms) if terms else None,
        step=NAME,
        step_names=list(STEPS),
        findings=notice_findings(tender, now),
        now=now,
        title=_("Dry run"),
    )
