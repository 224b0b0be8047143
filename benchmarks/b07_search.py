"""B7: the board's search over 200,000 tenders, beside plain ILIKE over the same rows and with the same answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select

from app.db import db
from benchmarks import load
from benchmarks.b06_board import times
from benchmarks.board import RARE, fill
from benchmarks.site import Site, gunicorn, site
from benchmarks.table import Line, line, middle, percentile
from bidding import queries
from bidding.models import Tender
from bidding.queries import BoardFilter

TENDERS = 200_000
WORDS = (
    ("two syllables, common", "도로"),
    ("two syllables, rare", RARE),
    ("two words", "도로 포장"),
    ("three words", "강릉 도로 설계"),
    ("inside a word", "수도"),
    ("a long word", "정보시스템"),
    ("two common words", "2026년 도로"),
    ("a word that is nowhere", "우주선"),
)
AIM = "p50 <= 8 ms"


def run(tenders: int = TENDERS) -> list[Line]:
    """p50 and p95 of a first page with its count, and of the whole answer over HTTP."""
    with site() as place:
        return measure(place, tenders)


def measure(place: Site, tenders: int) -> list[Line]:
    fill(place, tenders)
    lines, all_spent = [], []
    for name, words in WORDS:
        wanted = BoardFilter(words=words)
        spent = times(lambda wanted=wanted: queries.board(wanted, 1), 40)  # type: ignore[misc]
        plain = times(lambda words=words: _plain(words), 5)  # type: ignore[misc]
        all_spent += spent
        same = [tender.id for tender in queries.board(wanted, 1).items] == _plain(words)
        what = f"search “{words}” ({name}), p50" + ("" if same else " OTHER HITS THAN ILIKE")
        lines.append(line("B7", what, middle(spent), "ms", middle(plain), AIM))
    lines.append(line("B7", "all of these searches, p50", middle(all_spent), "ms", aim=AIM))
    lines.append(line("B7", "all of these searches, p95", percentile(all_spent, 0.95), "ms"))
    with gunicorn(place) as port:
        asked = [load.request(f"/tenders?q={quote(words)}", port, {}) for _, words in WORDS]
        load.run(port, asked * 2, 1)
        result = load.run(port, asked * 10, 1)
    lines.append(line("B7", "the same over HTTP, whole page, p50", middle(result.spent_ms), "ms"))
    return lines


def _plain(words: str) -> list[UUID]:
    """The first page by ILIKE alone, without index and without count."""
    query: Any = select(Tender.id).where(Tender.published_at.is_not(None))
    for word in words.split():
        query = query.where(Tender.title.ilike(f"%{word}%"))
    return list(db.session.scalars(query.order_by(Tender.published_at.desc(), Tender.id.desc()).limit(20)))
