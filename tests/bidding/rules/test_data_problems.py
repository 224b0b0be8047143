"""What the loader says of a fault: file, row, code and every fact that its sentence needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bidding.rules import data
from bidding.rules.data import Problem
from bidding.rules.data.members import check_value
from bidding.rules.data.schema import Member, Unit
from tests.bidding.rules.rule_files import Texts, first, problems_of, without_row

WORKS = "national / works / - / qualification"  # the first series of floor_rates
GOODS = "national / goods / notified-amount"


@pytest.fixture
def texts() -> Texts:
    return dict(data.shipped().texts)


def floors(texts: Texts, old: str, new: str) -> list[Problem]:
    """The problems after one change in the first row of the floors that holds `old`."""
    return problems_of(texts | {"floor_rates": first(texts["floor_rates"], old, new)})


# What stands in a row, what is put there, and what is said of it.
ROW_FAULTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (r"rate = \d+_\d+", "rate = 87.745", "float", {"member": "rate"}),
    (r"rate = \d+_\d+", 'rate = "87745"', "wrong-type", {"member": "rate", "value": "87745"}),
    (r"rate = \d+_\d+\n", "", "missing-member", {"member": "rate"}),
    (r"rate = \d+_\d+", "rate = 87_745\nrates = 1", "unknown-member", {"member": "rates"}),
    (r'kind = "\w+"', 'kind = "work"', "not-allowed", {"member": "kind", "value": "work"}),
    (r'kind = "\w+"\n', "", "missing-member", {"member": "kind"}),
    (r"from = [\d-]+", 'from = "x"', "wrong-type", {"member": "from", "value": "x"}),
    (r"from = [\d-]+\n", "", "missing-member", {"member": "from"}),
    (r"from = ([\d-]+)\nto = [\d-]+", r"from = \1\nto = \1", "days-out-of-order", {}),
    (r"min_won = ([\d_]+)\nbelow_won = [\d_]+", r"min_won = \1\nbelow_won = \1", "amounts-out-of-order", {}),
    (r"below_won = [\d_]+", "below_won = 0", "wrong-type", {"member": "below_won", "value": "0"}),
    (r"below_won = [\d_]+", "below_won = true", "wrong-type", {"member": "below_won", "value": "True"}),
    (r'source = "[\w-]+"\n', "", "missing-member", {"member": "source"}),
    (r'source = "[\w-]+"', 'source = "somewhere"', "unknown-source", {"source": "somewhere"}),
    (r'source = "trade"\ncertainty = "secondary"', 'source = "trade"\ncertainty = "official"', "surer-than-its-source",
     {"source": "trade"}),
    (r'certainty = "\w+"', 'certainty = "assumed"', "assumed-without-note", {}),
    (r'certainty = "\w+"\n', "", "missing-member", {"member": "certainty"}),
    (r'certainty = "\w+"', 'certainty = "sure"', "wrong-type", {"member": "certainty", "value": "sure"}),
    (r"rate = (\d+_\d+)", r"rate = \1\nis_own = 1", "wrong-type", {"member": "is_own", "value": "1"}),
    (r"rate = (\d+_\d+)", r"rate = \1\nis_own = false", "wrong-type", {"member": "is_own", "value": "False"}),
    (r"or_earlier = true", "or_earlier = 1", "wrong-type", {"member": "or_earlier", "value": "1"}),
    (r"rate = \d+_\d+", 'unknown = { ko = "a", en = "b" }\nrate = 1', "figure-beside-reason", {"member": "rate"}),
    (r"rate = \d+_\d+", 'none = { ko = "a", en = "b" }\nunknown = { ko = "a", en = "b" }', "two-reasons", {}),
)  # fmt: skip


def test_each_fault_of_a_row_is_told_once_with_its_facts(texts: Texts) -> None:
    """One row each, all of them in one file: nothing is told of another row, and nothing twice."""
    head, *rows = texts["floor_rates"].split("[[row]]")
    expected: dict[int, Problem] = {}
    for old, new, code, facts in ROW_FAULTS:
        fits = (n for n, row in enumerate(rows) if n + 1 not in expected and re.search(old, row) and "note" not in row)
        place = next(fits)
        rows[place] = re.sub(old, new, rows[place], count=1)
        expected[place + 1] = Problem("floor_rates", place + 1, code, facts)
    found = problems_of(texts | {"floor_rates": "[[row]]".join([head, *rows])})
    assert found == [problem for _, problem in sorted(expected.items())]


@pytest.mark.parametrize(
    "note",
    [
        '{ ko = "가" }',
        '{ ko = "가", en = " " }',
        '{ ko = "가", en = 1 }',
        '{ ko = "가", en = "a", de = "b" }',
        '"가"',
    ],
)
def test_a_note_is_in_both_languages_and_no_other(texts: Texts, note: str) -> None:
    (problem,) = floors(texts, 'source = "trade"', f'source = "trade"\nnote = {note}')
    assert (problem.row, problem.code, problem.facts["member"]) == (1, "wrong-type", "note")


def test_a_float_is_found_however_deep_it_lies(texts: Texts) -> None:
    for hidden in ('{ ko = "가", en = 1.5 }', "[[1, 2.5]]", "[{ a = 1.5 }]"):
        found = floors(texts, 'source = "trade"', f'source = "trade"\nnote = {hidden}')
        assert found == [Problem("floor_rates", 1, "float", {"member": "note"})]


def test_what_a_row_may_say_of_itself_is_kept(texts: Texts) -> None:
    said = 'is_own = true\nnote = { ko = "가", en = "a" }\n'
    old = 'source = "trade"'
    row = data.load(texts | {"floor_rates": first(texts["floor_rates"], old, said + old)}).tables["floor_rates"][0]
    assert (row.or_earlier, row.is_own, dict(row.note)) == (True, True, {"ko": "가", "en": "a"})
    since = first(texts["floor_rates"], "or_earlier = true\n", "")
    assert not data.load(texts | {"floor_rates": since}).tables["floor_rates"][0].or_earlier
    plain = data.load(texts).tables["floor_rates"][0]
    assert (plain.number, dict(plain.values), plain.from_on, plain.to_on) == (
        1,
        {"rate": 87_745},
        date(2019, 1, 1),
        date(2026, 1, 30),
    )
    assert (plain.or_earlier, plain.is_own, dict(plain.note), dict(plain.why)) == (True, False, {}, {})
    assert (plain.min_won, plain.below_won, plain.source, plain.certainty) == (0, 1_000_000_000, "trade", "secondary")
    assert dict(plain.key) == {"regime": "national", "kind": "works", "category": "", "method": "qualification"}


def test_the_two_reasons_for_no_figure_are_told_apart(texts: Texts) -> None:
    for reason in ("unknown", "none"):
        changed = first(texts["floor_rates"], "rate = 87_745", f'{reason} = {{ ko = "가", en = "a" }}')
        row = data.load(texts | {"floor_rates": changed}).tables["floor_rates"][0]
        assert (row.standing, dict(row.why), dict(row.values)) == (reason, {"ko": "가", "en": "a"}, {})


def test_an_assumption_with_its_note_is_taken(texts: Texts) -> None:
    changed = first(
        texts["floor_rates"], 'certainty = "secondary"', 'certainty = "assumed"\nnote = { ko = "가", en = "a" }'
    )
    assert data.load(texts | {"floor_rates": changed}).tables["floor_rates"][0].certainty is data.Certainty.ASSUMED


# ---- days, amounts, series


def test_gaps_and_overlaps_of_amounts_name_series_day_and_won(texts: Texts) -> None:
    second = without_row(texts["floor_rates"], 2)
    assert problems_of(texts | {"floor_rates": second}) == [
        Problem("floor_rates", 2, "gap-in-amounts", {"series": WORKS, "on": "2019-01-01", "won": 1_000_000_000})
    ]
    fourth = without_row(texts["floor_rates"], 4)
    (problem,) = problems_of(texts | {"floor_rates": fourth})
    assert (problem.row, problem.code, problem.facts["series"], problem.facts["won"]) == (
        3,
        "gap-in-amounts",
        WORKS,
        10_000_000_000,
    )
    (problem,) = floors(texts, "below_won = 1_000_000_000", "below_won = 1_000_000_001")
    assert problem == Problem("floor_rates", 2, "overlap", {"series": WORKS, "on": "2019-01-01", "won": 1_000_000_000})


@pytest.mark.parametrize(
    ("to", "code", "facts"),
    [
        ("2024-12-31", "gap-in-days", {"series": GOODS, "on": "2024-12-31"}),
        ("2025-01-02", "overlap", {"series": GOODS, "on": "2025-01-01", "won": 0}),
    ],
)
def test_gaps_and_overlaps_of_days_name_the_series_and_the_day(
    texts: Texts, to: str, code: str, facts: dict[str, Any]
) -> None:
    found = problems_of(texts | {"thresholds": first(texts["thresholds"], "to = 2025-01-01", f"to = {to}")})
    assert found == [Problem("thresholds", 2, code, facts)]


def test_what_stands_in_the_wrong_place_names_its_series(texts: Texts) -> None:
    head, one, two, *rest = texts["floor_rates"].split("[[row]]")
    swapped = "[[row]]".join([head, two, one, *rest])
    assert problems_of(texts | {"floor_rates": swapped}) == [Problem("floor_rates", 2, "unsorted", {"series": WORKS})]
    head, one, *rest = texts["price_ranges"].split("[[row]]")
    ended = first(one, "from = 2005-04-01", "from = 2005-04-01\nto = 2026-01-01")
    torn = "[[row]]".join([head, ended, *rest, first(one, "from = 2005-04-01", "from = 2026-01-01")])
    assert problems_of(texts | {"price_ranges": torn}) == [
        Problem("price_ranges", 3, "series-torn-apart", {"series": "national"})
    ]


def test_a_series_that_is_missing_is_named_by_its_key(texts: Texts) -> None:
    assert problems_of(texts | {"price_ranges": without_row(texts["price_ranges"], 2)}) == [
        Problem("price_ranges", None, "missing-series", {"series": "local"})
    ]


def test_two_faults_of_one_series_are_both_told(texts: Texts) -> None:
    twice = first(texts["floor_rates"], "below_won = 1_000_000_000", "below_won = 1_000_000_001")
    twice = first(twice, "below_won = 10_000_000_000", "below_won = 9_000_000_000")
    found = [(one.row, one.code, one.facts["won"]) for one in problems_of(texts | {"floor_rates": twice})]
    assert found == [(2, "overlap", 1_000_000_000), (4, "gap-in-amounts", 9_000_000_000)]


@pytest.mark.parametrize(
    ("table", "members", "is_needed"),
    [
        ("figures", {"item": "inspection-days"}, True),
        ("figures", {"item": "inspection-crisis-days"}, False),
        ("bonds", {"bond": "contract", "circumstance": "usual"}, True),
        ("bonds", {"bond": "contract", "circumstance": "crisis"}, False),
        ("bonds", {"bond": "bid", "circumstance": "usual"}, False),
    ],
)
def test_a_figure_that_is_computed_with_must_be_known(
    texts: Texts, table: str, members: dict[str, str], *, is_needed: bool
) -> None:
    head, *rows = texts[table].split("[[row]]\n")
    start = "".join(f'{name} = "{code}"\n' for name, code in {"regime": "national", **members}.items())
    (place,) = (place for place, row in enumerate(rows) if row.startswith(start))
    reason = 'unknown = { ko = "모름", en = "not known" }\n'
    rows[place] = re.sub(r"(value|rate) = .*\n(exempt_up_to_won = .*\n)?", reason, rows[place])
    changed = texts | {table: "[[row]]\n".join([head, *rows])}
    if is_needed:
        series = " / ".join(["national", *members.values()])
        assert problems_of(changed) == [Problem(table, place + 1, "must-be-known", {"series": series})]
    else:
        assert data.load(changed).tables[table][place].standing is data.Standing.UNKNOWN


def test_an_empty_part_of_a_key_is_shown_as_a_line(texts: Texts) -> None:
    rows = texts["quote_limits"].split("[[row]]")
    wanted = 'regime = "national"\nkind = "goods"\ncategory = ""'
    left = "[[row]]".join(row for row in rows if wanted not in row)
    assert Problem("quote_limits", None, "missing-series", {"series": "national / goods / -"}) in problems_of(
        texts | {"quote_limits": left}
    )


# ---- files


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda texts: texts.update(extra="as_of = 2026-01-01"), [Problem("extra", None, "unknown-file")]),
        (
            lambda texts: texts.update(bonds="more = 1\n" + texts["bonds"]),
            [Problem("bonds", None, "unknown-member", {"member": "more"})],
        ),
        (
            lambda texts: texts.update(bonds=re.sub("as_of.*", "", texts["bonds"])),
            [Problem("bonds", None, "missing-member", {"member": "as_of"})],
        ),
        (
            lambda texts: texts.update(bonds=re.sub("as_of.*", "as_of = 2026-01-01T00:00:00", texts["bonds"])),
            [Problem("bonds", None, "missing-member", {"member": "as_of"})],
        ),
    ],
)
def test_a_fault_of_a_file_has_no_row(texts: Texts, spoil: Callable[[Texts], object], expected: list[Problem]) -> None:
    spoil(texts)
    assert problems_of(texts) == expected


@pytest.mark.parametrize("rows", ["", "row = 1", "row = []", "row = [1]"])
def test_a_file_without_rows_is_told_before_its_series(texts: Texts, rows: str) -> None:
    assert problems_of(texts | {"stamp_duties": f"as_of = 2026-01-01\n{rows}"}) == [
        Problem("stamp_duties", None, "no-rows")
    ]


def test_a_file_that_is_not_there_is_told_as_such(texts: Texts) -> None:
    del texts["stamp_duties"]
    assert problems_of(texts) == [Problem("stamp_duties", None, "missing-file")]


def test_what_is_no_toml_says_where(texts: Texts) -> None:
    (problem,) = problems_of(texts | {"stamp_duties": "as_of = "})
    assert (problem.file, problem.row, problem.code) == ("stamp_duties", None, "not-toml")
    assert problem.facts == {"error": "Invalid value (at end of document)"}


def test_a_source_has_a_code_a_kind_and_a_name_in_both_languages(texts: Texts) -> None:
    twice = first(texts["sources"], 'code = "statute-local"', 'code = "statute-national"')
    assert Problem("sources", 2, "twice", {"member": "statute-national"}) in problems_of(texts | {"sources": twice})
    more = first(texts["sources"], 'code = "statute-local"', 'code = "statute-local"\nmore = 1')
    assert problems_of(texts | {"sources": more}) == [Problem("sources", 2, "unknown-member", {"member": "more"})]
    unsaid = re.sub(r"says = .*", "", texts["sources"], count=1)
    assert Problem("sources", 1, "missing-member", {"member": "says"}) in problems_of(texts | {"sources": unsaid})
    unkind = re.sub(r"kind = .*", "", texts["sources"], count=1)
    assert Problem("sources", 1, "missing-member", {"member": "kind"}) in problems_of(texts | {"sources": unkind})
    known = data.load(texts).sources["statute-national"]
    assert (known.code, known.kind, set(known.says)) == ("statute-national", "official", {"ko", "en"})


def test_a_problem_reads_as_a_line() -> None:
    assert str(Problem("bonds", None, "no-rows")) == "bonds: no-rows"
    assert str(Problem("bonds", 2, "float", {"member": "rate", "won": 0})) == "bonds row 2: float (member rate, won 0)"


def test_what_was_adopted_before_is_read_without_today_s_demands(texts: Texts) -> None:
    """A version that is kept lacks what later software asks for: its tables are empty, nothing is refused."""
    kept = data.load_kept({"sources": texts["sources"], "price_ranges": without_row(texts["price_ranges"], 2)})
    assert [dict(row.key) for row in kept.tables["price_ranges"]] == [{"regime": "national"}]
    assert kept.tables["bonds"] == ()
    assert data.load_kept({}).revised_on == date.min
    whole = data.load_kept(texts)
    assert (whole.version, whole.tables, whole.sources) == (
        data.version(),
        data.shipped().tables,
        data.shipped().sources,
    )


# ---- values


@pytest.mark.parametrize(
    ("member", "right", "wrong", "strange"),
    [
        (Member(Unit.RATE), [0, 1, 10**12], [-1, True, "1", 1.0, None], []),
        (Member(Unit.YES), [True, False], [0, 1, "true", None], []),
        (Member(Unit.FRACTION), ["0", "20", "3/8", "999999/999999"], ["03", "3/0", "1/08", "-1", "1.5", "", 1], []),
        (Member(Unit.CODE), ["a", "works-1", "a1-b2"], ["", "A", "a-", "-a", "a--b", "a b", 1, None, ["a"]], []),
        (Member(Unit.CODE, ("a", "b")), ["a", "b"], [1, None], ["c", "", "A"]),
        (Member(Unit.CODES, ("a", "b")), [[], ["a"], ["b", "a"]], ["a", None, [1], ["a", 1]], [["c"], ["a", "a"]]),
    ],
)
def test_a_value_is_what_its_member_may_hold(
    member: Member, right: list[Any], wrong: list[Any], strange: list[Any]
) -> None:
    assert [check_value(member, value) for value in right] == [""] * len(right)
    assert [check_value(member, value) for value in wrong] == ["wrong-type"] * len(wrong)
    assert [check_value(member, value) for value in strange] == ["not-allowed"] * len(strange)
