"""Pages: bounded, in order, with a count that stops somewhere."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, event, func, select

from app.db import db
from app.paging import COUNT_CAP, paginate


def numbers(count: int) -> Select[Any]:
    series = func.generate_series(1, count).table_valued("n").render_derived()
    return select(series.c.n).order_by(series.c.n)


@pytest.mark.parametrize(
    ("count", "page", "items", "pages"),
    [
        (0, 1, [], 1),
        (10, 1, list(range(1, 11)), 1),
        (11, 2, [11], 2),
        (11, 3, [], 2),
        (11, 0, list(range(1, 11)), 2),
        (11, -5, list(range(1, 11)), 2),
    ],
)
def test_each_page_holds_its_rows(app: Flask, count: int, page: int, items: list[int], pages: int) -> None:
    found = paginate(numbers(count), page, 10)
    assert (found.items, found.pages, found.total) == (items, pages, count)
    assert found.has_previous == (max(page, 1) > 1)
    assert found.has_next == (max(page, 1) < pages)


def test_the_count_is_exact_up_to_its_cap(app: Flask) -> None:
    at, over = paginate(numbers(COUNT_CAP), 1), paginate(numbers(COUNT_CAP + 1), 1)
    assert (at.total, at.is_capped) == (COUNT_CAP, False)
    assert (over.total, over.is_capped) == (COUNT_CAP, True)


def test_beyond_the_cap_one_can_still_go_on(app: Flask) -> None:
    last = paginate(numbers(COUNT_CAP + 45), COUNT_CAP // 20 + 1)
    assert last.has_next
    assert not paginate(numbers(COUNT_CAP + 45), COUNT_CAP // 20 + 3).has_next


def test_a_page_number_beyond_every_list_is_a_page(app: Flask) -> None:
    assert paginate(numbers(3), 10**30).items == []


def test_a_page_is_two_queries(app: Flask) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    paginate(numbers(100), 2)
    assert len(asked) == 2
