"""The evaluation report of a tender, in both languages: issued once its bundle with the award is published."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import force_locale

from app.db import db
from app.documents import issued_about
from app.documents.models import IssuedDocument
from bidding import queries
from bidding.documents import Lang
from bidding.models import Bundle, Opening, Tender
from bidding.report import evaluation_report
from bidding.report_facts import facts_of
from bidding.services.papers import issue_public

KIND = "evaluation-report"
LANGUAGES: tuple[Lang, ...] = ("ko", "en")


def issue_report(tender_id: UUID, stage: str, now: datetime) -> None:
    """Issue the report on what the bundle of `stage` holds, in each language. Done twice, nothing happens."""
    tender = db.session.get_one(Tender, tender_id)
    opening = db.session.get_one(Opening, tender_id)
    bundle = db.session.get_one(Bundle, (tender_id, stage))
    award = queries.find_award(tender_id) if stage.startswith("award") else None
    if stage.startswith("award") and (award is None or award.stage != stage or award.confirmed_at is None):
        return  # it was undone in between
    known = {(one.number, one.lang) for one in issued_about(tender.audit_subject, KIND)}
    for lang in LANGUAGES:
        with force_locale(lang):
            document = evaluation_report(facts_of(tender, opening, bundle, award), lang)
        if (document.number, lang) not in known:
            issue_public(document, tender, now)


def report_of(tender: Tender, lang: str) -> IssuedDocument | None:
    """The latest report in a language."""
    return next((one for one in issued_about(tender.audit_subject, KIND) if one.lang == lang), None)
