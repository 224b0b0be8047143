"""A page of tenders whose titles hold some words, newest first, at a bounded price whatever the words.

Rare words: the index of tokens finds all hits, which are counted and sorted. Common words (more hits than a page list
counts): walking from the newest meets enough of them soon, and sorting all of them would be waste.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db import db
from app.paging import COUNT_CAP, Page
from bidding.models import Tender
from bidding.search import query_tokens

NEWEST_FIRST = (Tender.published_at.desc(), Tender.id.desc())


def search_page(
    among: Sequence[ColumnElement[bool]], words: str, page: int, per_page: int, options: Sequence[Any] = ()
) -> Page[Tender]:
    """Page `page` of the tenders that satisfy `among` and hold every one of `words`. Two queries."""
    number = max(1, min(page, 10_000))
    ids, total = _found(among, words, number, per_page)
    if total <= COUNT_CAP:
        by_id = {
            tender.id: tender for tender in db.session.scalars(_tenders(options).where(Tender.id.in_(ids))).unique()
        }
        return Page([by_id[one] for one in ids if one in by_id], number, per_page, total, is_capped=False)
    # Conditions that no index answers, so that the list is walked from its newest end.
    walk = _tenders(options).where(*among, *(_stands_in(Tender.title, word) for word in words.split()))
    rows = walk.order_by(*NEWEST_FIRST).limit(per_page).offset((number - 1) * per_page)
    return Page(list(db.session.scalars(rows).unique()), number, per_page, COUNT_CAP, is_capped=True)


def _found(among: Sequence[ColumnElement[bool]], words: str, number: int, per_page: int) -> tuple[list[UUID], int]:
    """The ids on the page and how many hits there are: right while these are at most COUNT_CAP."""
    tokens = query_tokens(words)
    hits = select(Tender.id, Tender.published_at).where(*among, Tender.tokens.contains(tokens))
    for word in words.split():
        if not _is_token(word):
            hits = hits.where(_stands_in(Tender.title, word))
    found = hits.limit(COUNT_CAP + 1).cte("found").prefix_with("MATERIALIZED")
    shown = select(found.c.id).order_by(found.c.published_at.desc(), found.c.id.desc())
    page = func.array(shown.limit(per_page).offset((number - 1) * per_page).scalar_subquery())
    ids, total = db.session.execute(select(page, select(func.count()).select_from(found).scalar_subquery())).one()
    return ids, total


def _tenders(options: Sequence[Any]) -> Select[Tender]:
    return select(Tender).options(*options)


def _is_token(word: str) -> bool:
    """Two Korean syllables stand in a title exactly where the index has them: nothing is left to look at."""
    return len(word) == 2 and all("가" <= letter <= "힣" for letter in word)


def _stands_in(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    return func.strpos(func.lower(column), func.lower(literal(word, String))) > 0
