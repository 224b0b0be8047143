"""Who may bid: each reason, on both sides of each day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.rules import may_renew, missing, months_later, valid_until, why_ineligible, why_no_sanction_period
from suppliers.types import Ineligible, Licence, Profile, Reason, Representative, Requirements, Standing

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
STANDING = Standing(
    state="active",
    registered_at=datetime(2026, 1, 5, 1, 0, tzinfo=UTC),
    valid_until_on=date(2029, 1, 4),
    region="47",
    size="small",
    kinds=("services",),
    licences=(("1468", date(2025, 1, 1), date(2026, 12, 31)),),
    sanctioned_until_on=None,
)
ANYTHING = Requirements()


def why(standing: Standing | None, requirements: Requirements = ANYTHING, on: date = TODAY) -> str | None:
    found = why_ineligible(standing, requirements, on)
    return None if found is None else found.code


def test_a_registered_supplier_may_bid_where_nothing_is_asked() -> None:
    assert why(STANDING) is None


def test_everything_asked_and_had() -> None:
    asked = Requirements("services", ("11", "47"), ("0036", "1468"), ("micro", "small"), TODAY)
    assert why(STANDING, asked) is None


def test_who_is_unknown_or_never_was_approved_is_not_registered() -> None:
    assert why(None) == Reason.NOT_REGISTERED
    assert why(replace(STANDING, registered_at=None, state="draft")) == Reason.NOT_REGISTERED


@pytest.mark.parametrize("state", ["submitted", "returned", "refused", "draft"])
def test_other_states_are_not_active(state: str) -> None:
    assert why(replace(STANDING, state=state)) == Reason.NOT_ACTIVE


def test_changes_under_review_leave_the_old_entry_in_force() -> None:
    assert why(replace(STANDING, state="changes_pending")) is None


def test_the_last_day_of_a_registration_still_counts() -> None:
    assert why(STANDING, on=date(2029, 1, 4)) is None
    assert why(STANDING, on=date(2029, 1, 5)) == Reason.EXPIRED  # also before the sweep has moved its state
    assert why(replace(STANDING, state="expired")) == Reason.EXPIRED


def test_a_sanction_bars() -> None:
    found = why_ineligible(replace(STANDING, sanctioned_until_on=TODAY), ANYTHING, TODAY)
    assert found == Ineligible(Reason.SANCTIONED, {"until_on": "2026-11-23"})


@pytest.mark.parametrize(
    ("registered_at", "expected"),
    [
        (datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), None),  # 23:59:59 in Seoul on the eve
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), Reason.REGISTERED_TOO_LATE),  # midnight of the day itself
    ],
)
def test_registration_is_due_on_the_eve_of_the_deadline_in_korean_time(
    registered_at: datetime, expected: str | None
) -> None:
    assert why(replace(STANDING, registered_at=registered_at), Requirements(registered_before_on=TODAY)) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Requirements(business_kind="works"), Reason.BUSINESS_KIND),
        (Requirements(business_kind="services"), None),
        (Requirements(regions=("11", "26")), Reason.REGION),
        (Requirements(regions=("47",)), None),
        (Requirements(sizes=("micro",)), Reason.SIZE),
        (Requirements(sizes=("micro", "small")), None),
        (Requirements(licence_codes=("0036",)), Reason.LICENCE),
        (Requirements(licence_codes=("0036", "1468")), None),
    ],
)
def test_each_limit_of_a_tender(asked: Requirements, expected: str | None) -> None:
    assert why(STANDING, asked) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2024, 12, 31), Reason.LICENCE_EXPIRED),
        (date(2025, 1, 1), None),
        (date(2026, 12, 31), None),
        (date(2027, 1, 1), Reason.LICENCE_EXPIRED),
    ],
)
def test_a_licence_counts_on_its_first_and_last_day(on: date, expected: str | None) -> None:
    assert why(STANDING, Requirements(licence_codes=("1468",)), on) == expected


def test_a_licence_without_end_never_ends() -> None:
    endless = replace(STANDING, licences=(("1468", date(2025, 1, 1), None),), valid_until_on=date(9999, 1, 1))
    assert why(endless, Requirements(licence_codes=("1468",)), date(2099, 1, 1)) is None


def test_one_valid_licence_among_ended_ones_is_enough() -> None:
    two = (("1468", date(2020, 1, 1), date(2021, 1, 1)), ("1468", date(2025, 1, 1), None))
    assert why(replace(STANDING, licences=two), Requirements(licence_codes=("1468",))) is None


def test_the_register_speaks_before_the_tender() -> None:
    both = replace(STANDING, sanctioned_until_on=TODAY)
    assert why(both, Requirements(business_kind="works")) == Reason.SANCTIONED


@pytest.mark.parametrize(
    ("begins_on", "ends_on", "finding"),
    [
        (TODAY + DAY, date(2026, 12, 23), None),  # exactly one month: 24 Nov to 23 Dec
        (TODAY + DAY, date(2026, 12, 22), "shorter-than-a-month"),
        (TODAY + DAY, date(2028, 11, 23), None),  # exactly two years
        (TODAY + DAY, date(2028, 11, 24), "longer-than-two-years"),
        (TODAY + DAY, TODAY, "ends-before-it-begins"),
        (TODAY, date(2027, 3, 1), "begins-before-it-is-public"),
        (TODAY + DAY, date(2027, 3, 1), None),
    ],
)
def test_a_sanction_lasts_a_month_to_two_years_and_is_public_first(
    begins_on: date, ends_on: date, finding: str | None
) -> None:
    assert why_no_sanction_period(begins_on, ends_on, decided_on=TODAY) == finding


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 11, 23), 24, date(2028, 11, 23)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)), st.integers(0, 60), st.integers(0, 60))
def test_more_months_are_never_earlier(day: date, fewer: int, more: int) -> None:
    assert months_later(day, fewer) <= months_later(day, fewer + more)
    assert months_later(day, 0) == day


def test_a_registration_lasts_three_years_to_the_eve() -> None:
    assert valid_until(date(2026, 11, 23)) == date(2029, 11, 22)


def test_renewal_opens_sixty_days_before_the_end() -> None:
    end = date(2029, 11, 22)
    assert may_renew(end, end - timedelta(days=60))
    assert not may_renew(end, end - timedelta(days=61))


COMPLETE = Profile(
    business_number="1248100998",
    name_ko="나루상사",
    name_en="Naru Trading",
    legal_form="corporation",
    size="small",
    representatives=(Representative("김나루", "대표이사"),),
    region="11",
    address="서울특별시 중구 세종대로 1",
    phone="02-1234-5678",
    kinds=("goods",),
)


def test_a_complete_profile_lacks_nothing() -> None:
    assert missing(COMPLETE, has_verified_email=True) == ()
    assert missing(COMPLETE, has_verified_email=False) == (("person", "email"),)


@pytest.mark.parametrize(
    "name",
    [
        "business_number",
        "name_ko",
        "name_en",
        "legal_form",
        "size",
        "representatives",
        "region",
        "address",
        "phone",
        "kinds",
    ],
)
def test_each_needed_field_is_missed(name: str) -> None:
    without: dict[str, Any] = {name: () if name in ("representatives", "kinds") else ""}
    empty = replace(COMPLETE, **without)
    assert [what for _, what in missing(empty, has_verified_email=True)] == [name]


def test_works_need_a_licence_and_goods_do_not() -> None:
    builder = replace(COMPLETE, kinds=("works",))
    assert missing(builder, has_verified_email=True) == (("licences", "licences"),)
    licensed = replace(builder, licences=(Licence("0002", "건축공사업", "Building works", "1", TODAY),))
    assert missing(licensed, has_verified_email=True) == ()
