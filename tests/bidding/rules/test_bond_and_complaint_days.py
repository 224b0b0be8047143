"""Bonds to the won, and the days of bonds and complaints to the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bidding.rules.bonds import bond_of, bond_until, is_enough
from bidding.rules.complaints import FilingLimit, end_of, filing_limit, last_day, standstill_end
from bidding.rules.data import find_complaint_periods


def test_a_won_begun_is_a_won_of_the_bond_however_large_the_bid() -> None:
    assert bond_of(90_000_000, 5_000) == 4_500_000
    assert bond_of(90_000_001, 5_000) == 4_500_001
    assert bond_of(20, 5_000) == 1
    assert bond_of(10**18 + 1, 5_000) == 5 * 10**16 + 1  # no float could tell
    assert type(bond_of(90_000_000, 5_000)) is int


def test_a_bond_of_no_amount_covers_nothing_unless_it_is_an_undertaking() -> None:
    assert is_enough("undertaking", None, 10**12, 5_000)
    assert not is_enough("guarantee", None, 20, 5_000)
    assert is_enough("guarantee", 1, 20, 5_000)
    assert not is_enough("guarantee", 1, 21, 5_000)


def test_a_bond_is_there_before_the_day_of_the_deadline_begins_in_korea() -> None:
    """10:00 in Korea on 3 December: midnight was 15:00 of the day before in UTC."""
    until = bond_until(datetime(2026, 12, 3, 1, 0, tzinfo=UTC), 1)
    assert until == datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    assert until.tzinfo is UTC
    assert bond_until(until, 1) == until


def test_a_day_ends_with_the_first_instant_of_the_next_one_in_korea() -> None:
    ends = end_of(date(2026, 11, 24))
    assert ends == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert ends.tzinfo is UTC
    assert standstill_end(datetime(2026, 11, 24, 15, 0, tzinfo=UTC), 1) == end_of(date(2026, 11, 26))


def test_a_complaint_is_in_time_from_the_day_of_the_act_to_the_last_day() -> None:
    act, known = date(2026, 11, 2), date(2026, 11, 20)
    limit = filing_limit(find_complaint_periods("national", act), act, known)
    assert limit == FilingLimit(act, known, last_day(act, 30), last_day(known, 25))
    assert limit.last_on == date(2026, 12, 2)
    allowed = [limit.allows(date(2026, month, day)) for month, day in ((11, 1), (11, 2), (12, 2), (12, 3))]
    assert allowed == [False, True, True, False]


def test_an_act_is_known_on_its_day_at_the_earliest() -> None:
    act = date(2026, 11, 2)
    periods = find_complaint_periods("national", act)
    assert filing_limit(periods, act, act).known_on == act
    with pytest.raises(ValueError, match="before it is done"):
        filing_limit(periods, act, date(2026, 11, 1))
