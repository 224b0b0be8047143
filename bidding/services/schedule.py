"""The rules of the law on one tender as it stands: what is missing, what must change, what to mind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import config
from app.errors import RuleBroken
from app.time import KST, kst_date
from bidding.calendar import (
    OFFICE_FROM,
    Earliest,
    Finding,
    Schedule,
    check_extension,
    check_schedule,
    earliest_schedule,
    limits_from,
    next_working_day,
)
from bidding.models import Tender
from bidding.notice_terms import FLOORED
from bidding.rules.data import (
    Book,
    FloorRate,
    HolderProposal,
    find_floor,
    find_holder_policy,
    find_notice_period,
    find_price_range,
    find_quote_limit,
)
from bidding.services import rulebook
from bidding.services.figures import limits_of
from bidding.services.method_findings import SCORING_FIELDS, method_findings
from bidding.states import TenderState
from bidding.types import WHOLE

# The step of the draft in which each field stands.
STEP_OF = {
    "title": "what",
    "estimated_value_won": "amount",
    "base_amount_won": "amount",
    "a_value_won": "amount",
    "method": "method",
    "floor_rate": "method",
    "range_high": "method",
    "draw_mode": "method",
    "asked_documents": "documents",
    **dict.fromkeys(SCORING_FIELDS, "scoring"),
    "urgent_reason": "when",
    "holder_policy": "holders",
    "members": "holders",
}
VAT = 110  # percent of an amount without VAT


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding and the step of the draft in which it can be mended."""

    step: str
    finding: Finding


def notice_findings(tender: Tender, now: datetime) -> list[Placed]:
    """Every finding on the draft, were it published at `now`; errors first. Of one lot where the notice has several."""
    book = rulebook.book_for(tender)
    found = [*_missing(tender), *_amounts(tender, now, book), *_timing(tender, now, book), *_keys(tender, now, book)]
    found += [*method_findings(tender, now, book), *_rules_changed(tender), *_lots(tender)]
    placed = [Placed(STEP_OF.get(finding.field, "when"), finding) for finding in found]
    return sorted(placed, key=lambda one: one.finding.severity != "error")


def lot_findings(tender: Tender, now: datetime) -> list[Placed]:
    """The findings of a lot as its notice's draft shows them: those of later lots only where they are the lot's own."""
    found = notice_findings(tender, now)
    if tender.is_first_lot:
        return found
    return [Placed("lots", one.finding) for one in found if one.step == "amount"]


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Raise RuleBroken with every error among `findings`."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise RuleBroken("rules forbid it", findings=errors)


def extension_findings(tender: Tender, closes_at: datetime, opens_at: datetime, now: datetime) -> list[Finding]:
    """What the calendar says of moving the deadline and the opening of a published tender."""
    assert tender.closes_at is not None  # published, by CHECK
    found = check_extension(
        old_closes_at=tender.closes_at,
        closes_at=closes_at,
        opens_at=opens_at,
        now=now,
        limits=limits_of(tender, now),
        deadline_reason=tender.deadline_reason,
        is_practice=tender.is_practice,
    )
    return list(found)


def floor_advice(tender: Tender, now: datetime, book: Book | None = None) -> FloorRate | None:
    """What the rule tables propose as floor for this tender, or None where they know nothing."""
    if tender.estimated_value_won is None or tender.method not in FLOORED:
        return None
    book = book or rulebook.book_for(tender)
    return find_floor(tender.regime, tender.kind, tender.method, tender.estimated_value_won, kst_date(now), book=book)


def proposed_schedule(tender: Tender, now: datetime, book: Book | None = None) -> Earliest | None:
    """The earliest times that the law allows where the notice is published on the next working day (practice: now).

    None where the estimated value, on which the period depends, is not known yet.
    """
    book = book or rulebook.book_for(tender)
    if tender.is_practice:
        return earliest_schedule(now, None, limits_from(book, tender.regime, kst_date(now)), is_practice=True)
    if tender.estimated_value_won is None:
        return None
    posted_at = datetime.combine(next_working_day(kst_date(now)), OFFICE_FROM, KST)
    period = find_notice_period(
        tender.regime,
        tender.kind,
        tender.method,
        tender.estimated_value_won,
        kst_date(posted_at),
        is_urgent=tender.is_urgent,
        is_renotice=tender.previous_id is not None and not tender.rbid_no,
        book=book,
    )
    return earliest_schedule(posted_at, period, limits_from(book, tender.regime, kst_date(posted_at)))


def _lots(tender: Tender) -> list[Finding]:
    """The scoring holds for every lot, so that figures of one of them have no place in it."""
    is_of_one = tender.lot_group_id is not None and _names_figures(tender.scoring or {})
    return [Finding("figures-of-one-lot", "error", "method", "docs/protocol.md")] if is_of_one else []


def _names_figures(scoring: Mapping[str, Any]) -> bool:
    """Whether an amount or a quantity stands anywhere in it."""
    return any(
        _names_figures(value) if isinstance(value, dict) else value is not None and name.endswith(("won", "quantity"))
        for name, value in scoring.items()
    )


def _rules_changed(tender: Tender) -> list[Finding]:
    """A notice is published under the rule data in force: what was submitted under others is submitted anew."""
    if tender.state != TenderState.IN_REVIEW or tender.rule_version == rulebook.current_version():
        return []
    return [Finding("rules-changed", "error", "method", "docs/rules.md")]


def _missing(tender: Tender) -> list[Finding]:
    needed = ("estimated_value_won", "base_amount_won", "bids_from_at", "closes_at", "opens_at")
    findings = [
        Finding("missing", "error", name, "국가계약법 시행령 제36조")
        for name in needed
        if getattr(tender, name) is None
    ]
    if tender.method in FLOORED and tender.floor_rate is None:
        findings.append(Finding("missing", "error", "floor_rate", "국가계약법 시행령 제42조"))
    return findings


def _amounts(tender: Tender, now: datetime, book: Book) -> list[Finding]:
    findings = []
    on = kst_date(now)
    estimated, base = tender.estimated_value_won, tender.base_amount_won
    is_for_one = tender.method == "desired-quantity"  # base amount and bids are for one
    if estimated and base and not is_for_one and not estimated <= base <= estimated * VAT // 100 + 1:
        findings.append(Finding("base-and-estimate-apart", "warning", "base_amount_won", "국가계약법 시행규칙 제2조"))
    if base and tender.a_value_won >= base * tender.range_low // WHOLE:
        # The floor is the A value and a part of what lies above it: it must stay below every estimated price.
        findings.append(Finding("a-value-too-high", "error", "a_value_won", "계약예규 적격심사기준"))
    if estimated and tender.method == "quote" and not tender.is_practice:
        limit = find_quote_limit(tender.regime, tender.kind, on, book=book)
        if estimated > limit.max_won:
            findings.append(
                Finding("above-quote-limit", "error", "method", limit.legal_basis, {"limit_won": limit.max_won})
            )
    advised = floor_advice(tender, now, book)
    if advised and tender.floor_rate and advised.rate != tender.floor_rate:
        findings.append(Finding("floor-differs", "warning", "floor_rate", advised.legal_basis, {"rate": advised.rate}))
    expected = find_price_range(tender.regime, on, book=book)
    if (tender.range_low, tender.range_high) != (expected.lo, expected.hi):
        findings.append(
            Finding(
                "range-differs",
                "warning",
                "range_high",
                expected.legal_basis,
                {"low": expected.lo, "high": expected.hi},
            )
        )
    if tender.method == "lowest" and not tender.is_practice:
        findings.append(Finding("lowest-is-exceptional", "warning", "method", "국가계약법 시행령 제42조 제3항"))
    return findings


def holder_proposal(tender: Tender, now: datetime, book: Book | None = None) -> HolderProposal | None:
    """Who should hold the keys by the rule tables, or by the agency's own amount; None without an estimated value."""
    if tender.estimated_value_won is None:
        return None
    from_won = config.current("NARU_COMMITTEE_FROM")
    book = book or rulebook.book_for(tender)
    return find_holder_policy(tender.regime, tender.estimated_value_won, kst_date(now), from_won=from_won, book=book)


def _keys(tender: Tender, now: datetime, book: Book) -> list[Finding]:
    findings = []
    proposal = holder_proposal(tender, now, book)
    if proposal and proposal.policy != "services" and tender.holder_policy == "services" and not tender.is_practice:
        facts = {"limit_won": proposal.from_won}
        findings.append(Finding("committee-proposed", "warning", "holder_policy", proposal.legal_basis, facts))
    if tender.holder_policy != "services" and tender.state == "draft":
        members = [one for one in tender.holders if one.kind == "member"]
        basis = "docs/protocol.md"
        if not members:
            findings.append(Finding("members-missing", "error", "members", basis))
        elif keyless := [one.name for one in members if one.vkey is None]:
            findings.append(Finding("members-without-keys", "error", "members", basis, {"names": ", ".join(keyless)}))
    return findings


def _timing(tender: Tender, now: datetime, book: Book | None = None) -> list[Finding]:
    if tender.bids_from_at is None or tender.closes_at is None or tender.opens_at is None:
        return []
    schedule = Schedule(
        posted_at=now,
        bids_from_at=tender.bids_from_at,
        closes_at=tender.closes_at,
        opens_at=tender.opens_at,
        kind=tender.kind,
        method=tender.method,
        estimated_value_won=tender.estimated_value_won or 0,
        regime=tender.regime,
        deadline_reason=tender.deadline_reason,
        is_urgent=tender.is_urgent,
        urgent_reason=tender.urgent_reason,
        is_renotice=tender.previous_id is not None and not tender.rbid_no,
        is_rebid=bool(tender.rbid_no),
        is_practice=tender.is_practice,
        book=book,
    )
    return list(check_schedule(schedule))
