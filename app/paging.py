"""Pages of a list: a bounded number of rows, a capped count, and the links around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from app.db import db

Item = TypeVar("Item")
PER_PAGE = 20
COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`total` counts at most COUNT_CAP rows; `is_capped` says that there are more ("1,000+")."""

    items: list[Item]
    number: int
    per_page: int
    total: int
    is_capped: bool

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages or (self.is_capped and len(self.items) == self.per_page)


def paginate(query: Select[Any], number: int, per_page: int = PER_PAGE, *, scalars: bool = True) -> Page[Any]:
    """Rows of page `number` (from 1; anything lower is the first). Two queries, whatever the size of the list."""
    number = max(1, min(number, 10_000))
    rows = db.session.execute(query.limit(per_page).offset((number - 1) * per_page))
    items = list(rows.scalars().unique() if scalars else rows)
    counted = select(func.count()).select_from(query.order_by(None).limit(COUNT_CAP + 1).subquery())
    total = db.session.execute(counted).scalar_one()
    return Page(items, number, per_page, min(total, COUNT_CAP), total > COUNT_CAP)
