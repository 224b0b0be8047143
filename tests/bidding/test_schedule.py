"""What the rules say of a draft: what is missing, what must change, and when an extension is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from app.errors import RuleBroken
from bidding.models import Tender
from bidding.services.schedule import extension_findings, notice_findings, refuse_errors

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday 10:00 in Korea
CLOSES = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)  # Monday 11:00


def tender(**changes: object) -> Tender:
    """A complete real tender, not in any database."""
    fields: dict[str, object] = {
        "id": uuid4(), "title": "도로 정비 설계 용역", "kind": "services", "regime": "national", "method": "quote",
        "estimated_value_won": 40_000_000, "base_amount_won": 44_000_000, "a_value_won": 0, "floor_rate": 88_000,
        "range_low": 98_000, "range_high": 102_000, "is_practice": False, "is_urgent": False, "urgent_reason": "",
        "deadline_reason": "", "bids_from_at": NOW, "closes_at": CLOSES, "opens_at": CLOSES + timedelta(hours=1),
    }  # fmt: skip
    return Tender(**(fields | changes))


def errors(made: Tender) -> set[str]:
    return {found.finding.code for found in notice_findings(made, NOW) if found.finding.severity == "error"}


def test_a_proper_notice_has_no_errors(app: Flask) -> None:
    assert errors(tender()) == set()


@pytest.mark.parametrize("name", ["estimated_value_won", "base_amount_won", "bids_from_at", "closes_at", "floor_rate"])
def test_what_is_missing_is_named_and_refused(app: Flask, name: str) -> None:
    found = notice_findings(tender(**{name: None}), NOW)
    assert ("missing", name) in {(one.finding.code, one.finding.field) for one in found}
    assert found[0].finding.severity == "error"  # errors first
    with pytest.raises(RuleBroken):
        refuse_errors(one.finding for one in found)


def test_an_opening_an_hour_after_the_deadline_has_its_exact_edge(app: Flask) -> None:
    short = tender(opens_at=CLOSES + timedelta(hours=1) - timedelta(seconds=1))
    assert errors(short) == {"opening-too-soon"}


def test_an_extension_adds_five_days_and_not_four(app: Flask) -> None:
    def codes(days: int) -> set[str]:
        later = CLOSES + timedelta(days=days)
        return {one.code for one in extension_findings(tender(), later, later + timedelta(hours=1), NOW)}

    assert "correction-too-short" in codes(4)
    assert "correction-too-short" not in codes(7)
    assert "only-later" in codes(0)
    assert "only-later" in codes(-1)
