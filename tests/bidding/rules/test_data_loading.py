"""The loader of rule data: each way in which a table can be wrong is refused, and named."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bidding.rules import data
from bidding.rules.data.loading import canonical
from tests.bidding.rules.rule_files import Texts, first, problems_of, without_row


@pytest.fixture
def texts() -> Texts:
    return dict(data.shipped().texts)


def codes_of(texts: Texts) -> list[str]:
    """The codes of all problems, with file and row."""
    return [f"{one.file}:{one.row}:{one.code}" for one in problems_of(texts)]


def test_what_is_shipped_is_whole(texts: Texts) -> None:
    assert data.load(texts).version == data.version()


def test_the_hash_covers_the_names_as_well_as_the_texts(texts: Texts) -> None:
    other = dict(texts)
    other["bonds"], other["figures"] = other["figures"], other["bonds"]
    assert canonical(other) != canonical(texts)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("rate = 87_745", "rate = 87.745", "float"),
        ("rate = 87_745", "rate = 87e3", "float"),
        ("rate = 87_745", "rate = nan", "float"),
        ("below_won = 1_000_000_000", "below_won = 1_000_000_000.0", "float"),
        ('source = "trade"', 'source = "trade"\nnote = { ko = 1.5, en = "x" }', "float"),
        ("rate = 87_745", "rate = true", "wrong-type"),
        ("rate = 87_745", "rate = -1", "wrong-type"),
        ("rate = 87_745", 'rate = "87745"', "wrong-type"),
        ("rate = 87_745\n", "", "missing-member"),
        ("rate = 87_745", "rate = 87_745\nrates = 1", "unknown-member"),
        ("rate = 87_745", "rate = 87_745\nunverified = true", "unknown-member"),
        ('kind = "works"', 'kind = "work"', "not-allowed"),
        ("from = 2019-01-01", 'from = "2019-01-01"', "wrong-type"),
        ("from = 2019-01-01", "from = 2019-01-01T00:00:00", "wrong-type"),
        ("from = 2019-01-01\n", "", "missing-member"),
        ("to = 2026-01-30", "to = 2018-01-30", "days-out-of-order"),
        ('legal_basis = "조달청 시설공사 적격심사세부기준 (2026-01-30 이전)"\n', "", "missing-member"),
        ('source = "trade"\n', "", "missing-member"),
        ('source = "trade"', 'source = "  "', "wrong-type"),
        ('source = "trade"', 'source = "somewhere"', "unknown-source"),
        ('certainty = "secondary"', 'certainty = "official"', "surer-than-its-source"),
        ('certainty = "secondary"', 'certainty = "assumed"', "assumed-without-note"),
        ('certainty = "secondary"\n', "", "missing-member"),
        ('certainty = "secondary"', 'certainty = "sure"', "wrong-type"),
        ('certainty = "secondary"', 'certainty = "secondary"\nnote = { ko = "하나뿐" }', "wrong-type"),
        ("rate = 87_745", 'rate = 87_745\nunknown = { ko = "모름", en = "not known" }', "figure-beside-reason"),
    ],
)
def test_a_row_that_is_not_as_its_table_says_is_refused(texts: Texts, old: str, new: str, code: str) -> None:
    texts["floor_rates"] = first(texts["floor_rates"], old, new)
    assert f"floor_rates:1:{code}" in codes_of(texts)


def test_every_problem_is_told_at_once(texts: Texts) -> None:
    texts["floor_rates"] = texts["floor_rates"].replace("rate = 87_745", "rate = 87.745").replace("86_745", "86.745")
    texts["bonds"] = first(texts["bonds"], "rate = 5_000", "rate = 5.0")
    found = codes_of(texts)
    assert {"floor_rates:1:float", "floor_rates:2:float", "bonds:1:float"} <= set(found)


def test_a_number_in_a_comment_is_no_float(texts: Texts) -> None:
    texts["bonds"] = "# 5.0 percent\n" + texts["bonds"]
    assert data.load(texts).version != data.version()


# ---- days and amounts


def test_a_gap_between_bands_is_refused(texts: Texts) -> None:
    texts["floor_rates"] = without_row(texts["floor_rates"], 2)
    assert codes_of(texts) == ["floor_rates:2:gap-in-amounts"]


def test_a_band_that_ends_where_none_begins_is_refused(texts: Texts) -> None:
    texts["floor_rates"] = without_row(texts["floor_rates"], 4)  # the row that says: above it there is none
    assert codes_of(texts) == ["floor_rates:3:gap-in-amounts"]


def test_bands_that_overlap_are_refused(texts: Texts) -> None:
    texts["floor_rates"] = first(texts["floor_rates"], "below_won = 1_000_000_000", "below_won = 1_000_000_001")
    assert codes_of(texts) == ["floor_rates:2:overlap"]


def test_a_day_left_out_is_refused(texts: Texts) -> None:
    texts["thresholds"] = first(texts["thresholds"], "to = 2025-01-01", "to = 2024-12-31")
    assert codes_of(texts) == ["thresholds:2:gap-in-days"]


def test_a_day_held_twice_is_refused(texts: Texts) -> None:
    texts["thresholds"] = first(texts["thresholds"], "to = 2025-01-01", "to = 2025-01-02")
    assert codes_of(texts) == ["thresholds:2:overlap"]


def test_a_series_that_merely_stops_is_refused(texts: Texts) -> None:
    """What is repealed is told by a row `none`, not by silence."""
    texts["price_ranges"] = first(texts["price_ranges"], "from = 2005-04-01", "from = 2005-04-01\nto = 2026-12-31")
    assert codes_of(texts) == ["price_ranges:1:gap-in-days"]


def test_a_gap_that_is_declared_and_explained_is_no_gap(texts: Texts) -> None:
    texts["floor_rates"] = first(
        texts["floor_rates"], "rate = 86_745", 'unknown = { ko = "못 찾음", en = "not found" }'
    )
    book = data.load(texts)
    row = book.tables["floor_rates"][1]
    assert (row.standing, row.why["en"], dict(row.values)) == (data.Standing.UNKNOWN, "not found", {})


def test_a_declared_gap_without_its_reason_is_refused(texts: Texts) -> None:
    texts["floor_rates"] = first(texts["floor_rates"], "rate = 86_745", "unknown = true")
    assert "floor_rates:2:wrong-type" in codes_of(texts)


def test_a_series_that_must_be_there_and_is_not_is_refused(texts: Texts) -> None:
    texts["price_ranges"] = without_row(texts["price_ranges"], 2)
    assert codes_of(texts) == ["price_ranges:None:missing-series"]


def test_rows_out_of_order_are_refused(texts: Texts) -> None:
    head, one, two, *rest = texts["floor_rates"].split("[[row]]")
    texts["floor_rates"] = "[[row]]".join([head, two, one, *rest])
    assert codes_of(texts) == ["floor_rates:2:unsorted"]


def test_a_series_torn_apart_is_refused(texts: Texts) -> None:
    head, one, *rest = texts["price_ranges"].split("[[row]]")
    second = first(one, "from = 2005-04-01", "from = 2026-01-01")
    texts["price_ranges"] = "[[row]]".join(
        [head, first(one, "from = 2005-04-01", "from = 2005-04-01\nto = 2026-01-01"), *rest, second]
    )
    assert codes_of(texts) == ["price_ranges:3:series-torn-apart"]


# ---- files


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda texts: texts.pop("bonds"), "bonds:None:missing-file"),
        (lambda texts: texts.update(extra="as_of = 2026-01-01"), "extra:None:unknown-file"),
        (lambda texts: texts.update(bonds="as_of = "), "bonds:None:not-toml"),
        (lambda texts: texts.update(bonds="as_of = 2026-01-01"), "bonds:None:no-rows"),
        (lambda texts: texts.update(bonds=re.sub("as_of.*", "", texts["bonds"])), "bonds:None:missing-member"),
        (lambda texts: texts.update(bonds="more = 1\n" + texts["bonds"]), "bonds:None:unknown-member"),
    ],
)
def test_a_file_that_is_missing_strange_or_broken_is_refused(
    texts: Texts, spoil: Callable[[Texts], object], expected: str
) -> None:
    spoil(texts)
    assert expected in codes_of(texts)


def test_a_source_named_twice_is_refused(texts: Texts) -> None:
    texts["sources"] = first(texts["sources"], 'code = "statute-local"', 'code = "statute-national"')
    assert "sources:2:twice" in codes_of(texts)
