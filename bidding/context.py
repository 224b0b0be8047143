"""Words and small functions that every template of bidding uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app import charts
from app.audit.labels import label_of
from app.auth import current_actor
from app.auth.models import Organisation, Person
from app.db import database_now
from app.documents import issued_about
from app.formats import kst
from app.i18n import language
from app.regions import REGIONS, region_name
from app.time import from_wire
from bidding import (
    complaint_queries,
    complaint_words,
    consortium_views,
    draw_charts,
    failure_views,
    failure_words,
    holder_views,
    labels,
    outage_views,
    queries,
    result_charts,
    result_views,
    scoring_texts,
    session_views,
)
from bidding.arithmetic_texts import arithmetic_text, line_text
from bidding.bid_texts import resupply_texts
from bidding.box_code import box_code
from bidding.calendar import Finding
from bidding.models import Opening, Tender, TenderHolder
from bidding.rounding import show_rate
from bidding.services import standstill
from bidding.services.box import scores_proposals
from bidding.services.holders import missing_seeds
from bidding.services.readiness import last_tests, unready
from bidding.states import TenderState
from suppliers.front import LICENCES, SupplierSummary, licence_name

WORDS: Mapping[str, Mapping[str, Any]] = {
    "STATE": labels.STATE,
    "TONE": labels.TONE,
    "KIND": labels.KIND,
    "METHOD": labels.METHOD,
    "REGIME": labels.REGIME,
    "DRAW": labels.DRAW,
    "DRAW_SHORT": labels.DRAW_SHORT,
    "ROUNDING": labels.ROUNDING,
    "SIZE": labels.SIZE,
    "FAILURE": labels.FAILURE,
    "REASON": labels.REASON,
    "REVISION": labels.REVISION,
    "FIELD": labels.FIELD,
    "DOCUMENT": labels.DOCUMENT,
    "TASK": labels.TASK,
    "ATTENDANCE": labels.ATTENDANCE,
    "FALLBACK_REASON": labels.FALLBACK_REASON,
    "HOLDER_POLICY": labels.HOLDER_POLICY,
    "MEDIUM": labels.MEDIUM,
    "HOLDER_FAULT": labels.HOLDER_FAULT,
    "SEAT_TASK": labels.SEAT_TASK,
    "SEAT_TONE": labels.SEAT_TONE,
    "LEFT_REASON": labels.LEFT_REASON,
    "COMPLAINT": complaint_words.STATE,
    "COMPLAINT_TONE": complaint_words.TONE,
    "COMPLAINT_ACT": complaint_words.ACT,
    "REMEDY": complaint_words.REMEDY,
    "ROAD": failure_words.ROAD,
    "ROAD_TEXT": failure_words.ROAD_TEXT,
    "GROUND": failure_words.GROUND,
    "REBID_BIDDERS": failure_words.BIDDERS,
}


def agency_name(agency: Organisation) -> str:
    return agency.name_in(language())


def firm_name(firm: SupplierSummary) -> str:
    return firm.name_en if language() == "en" and firm.name_en else firm.name_ko


def agency_href(tender: Tender) -> str:
    """Where the agency goes on with this tender."""
    if tender.state == TenderState.DRAFT:
        return url_for(
            "bidding.draft_step", tender_id=tender.id, step="what" if not tender.base_amount_won else "check"
        )
    if tender.state == TenderState.IN_REVIEW:
        return url_for("bidding.review_tender", tender_id=tender.id)
    if tender.state in (TenderState.OPENED, TenderState.PROPOSED):
        return url_for("bidding.award_page", reference=tender.reference)
    return url_for("bidding.manage_tender", reference=tender.reference)


def opening_exists(tender: Tender) -> bool:
    return tender.opened_at is not None


def documents_of(tender: Tender) -> list[Any]:
    return [one for one in issued_about(tender.audit_subject) if one.is_public]


def finding_text(finding: Finding) -> str:
    """What a rule says, filled with its facts."""
    facts = dict(finding.facts) | {"field": str(labels.FIELD.get(finding.field, finding.field))}
    for name in ("rate", "low", "high"):
        if name in facts:
            facts[name] = show_rate(facts[name])
    if "limit_won" in facts:
        facts["limit_won"] = f"{facts['limit_won']:,}"
    text = labels.FINDING.get(finding.code)
    # The catalogues write a bare percent sign after a figure.
    return str(text).replace(" % ", " %% ").replace(" %.", " %%.") % facts if text else finding.code


def evidence_items(evidence: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = {**labels.EVENT, **complaint_words.EVENT}
    return [{**entry, "title": known.get(entry["title"]) or label_of(entry["title"])} for entry in evidence]


def draw_rows(opening: Opening) -> list[dict[str, Any]]:
    if opening.draw is None:
        return []
    drawn = set(opening.draw["drawn"])
    pairs = zip(opening.draw["prices"], opening.draw["counts"], strict=True)
    return [
        {"number": number, "won": int(won), "count": count, "is_drawn": number in drawn}
        for number, (won, count) in enumerate(pairs, start=1)
    ]


def pick_chart(opening: Opening) -> Markup:
    """How often each of the fifteen numbers was picked; the drawn ones stand out by a mark and by colour."""
    rows = [
        (
            f"{row['number']}▲" if row["is_drawn"] else str(row["number"]),
            row["count"],
            "success" if row["is_drawn"] else "neutral",
        )
        for row in draw_rows(opening)
    ]
    return charts.columns(rows, _("times"), _("How often each number was picked (▲ drawn)"), height=96)


def shown_change(field: str, value: Any) -> str:
    if field.endswith("_at") and isinstance(value, str):
        return kst(from_wire(value))
    return _("(empty)") if value in ("", None) else str(value)


def named_holders(holders: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names[holder] for holder in holders)


def candidate_options(candidates: Iterable[Person], members: Iterable[TenderHolder]) -> list[tuple[str, str]]:
    """Who may be named: the members there are come first, in their order, whatever was searched for."""
    named = [(str(one.person_id), f"{one.name} · {one.operator}") for one in members]
    known = {value for value, _label in named}
    found = [(str(one.id), f"{one.name} · {agency_name(one.organisation)}") for one in candidates]
    return named + [option for option in found if option[0] not in known]


def context() -> dict[str, Any]:
    """Everything above, for `app.context_processor`-like registration on the blueprint."""
    return (
        dict(WORDS)
        | scoring_texts.words()
        | session_views.words()
        | {
            "current_actor": current_actor,
            "agency_name": agency_name,
            "firm_name": firm_name,
            "agency_href": agency_href,
            "opening_exists": opening_exists,
            "joint_told": consortium_views.terms_told,
            "winner_name": consortium_views.winner_name,
            "documents_of": documents_of,
            "finding_text": finding_text,
            "arithmetic_text": arithmetic_text,
            "evidence_items": evidence_items,
            "line_text": line_text,
            "complaints_of": lambda tender: complaint_queries.of_tender(tender.id),
            "standstill_of": standstill.block_of,
            "draw_rows": draw_rows,
            "result_chart": result_charts.result_chart,
            "pick_chart": pick_chart,
            "show_options": result_views.show_options,
            "rate_chart": draw_charts.rate_chart,
            "numbering_chart": draw_charts.numbering_chart,
            "story_pick_chart": draw_charts.story_pick_chart,
            "draw_texts": draw_charts.draw_texts,
            "direct_of": queries.direct_of,
            "failure_of": failure_views.failure_of,
            "failure_text": failure_words.failure_text,
            "family_of": failure_views.family_of,
            "place_text": failure_words.place_text,
            "bidder_options": lambda: list(failure_words.BIDDERS.items()),
            "recovery_of": holder_views.recovery_of,
            "recovery_asked": holder_views.recovery_asked,
            "key_given_at": holder_views.key_given_at,
            "resupply_texts": resupply_texts,
            "opening_rule": holder_views.opening_rule,
            "planned_rule": holder_views.planned_rule,
            "last_tests": last_tests,
            "shown_change": shown_change,
            "box_code": box_code,
            "postponements_of": outage_views.postponements_of,
            "hold_of": outage_views.hold_of,
            "database_now": database_now,
            "cancellations_asked": queries.cancellations_asked,
            "region_names": lambda codes: ", ".join(region_name(code, language()) for code in codes),
            "licence_names": lambda codes: ", ".join(licence_name(code, language()) for code in codes),
            "size_names": lambda codes: ", ".join(str(labels.SIZE[code]) for code in codes),
            "expertise_options": lambda: list(labels.EXPERTISE.items()),
            "scores_proposals": scores_proposals,
            "kind_options": lambda: list(labels.KIND.items()),
            "method_options": lambda: list(labels.METHOD.items()),
            "regime_options": lambda: list(labels.REGIME.items()),
            "rounding_options": lambda: list(labels.ROUNDING.items()),
            "draw_options": lambda: list(labels.DRAW.items()),
            "holder_policy_options": lambda: list(labels.HOLDER_POLICY.items()),
            "candidate_options": candidate_options,
            "unready_holders": unready,
            "missing_seeds": missing_seeds,
            "named_holders": named_holders,
            "holder_options": lambda holders, names: [(one, names[one]) for one in holders],
            "group_options": lambda groups, names: [(",".join(one), named_holders(one, names)) for one in groups],
            "fallback_reason_options": lambda: list(labels.FALLBACK_REASON.items()),
            "size_options": lambda: list(labels.SIZE.items()),
            "region_options": lambda: [(code, region_name(code, language())) for code in REGIONS],
            "licence_options": lambda: [(code, licence_name(code, language())) for code in LICENCES],
        }
    )
