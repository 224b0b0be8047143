"""Serial numbers: one after another, each once, given back by whoever fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.db import db, transaction
from app.numbers import Serial, next_number

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def number(now: datetime = NOW, stage: str = "BK", *, is_practice: bool = False) -> str:
    with transaction():
        return next_number(stage, now, is_practice=is_practice)


def test_each_stage_and_practice_count_for_themselves(app: Flask) -> None:
    assert [number(), number()] == ["R26BK00000001", "R26BK00000002"]
    assert number(is_practice=True) == "T26BK00000001"
    assert number(stage="TA") == "R26TA00000001"


def test_the_year_is_the_korean_one(app: Flask) -> None:
    assert number(datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC)) == "R26BK00000001"
    assert number(datetime(2026, 12, 31, 15, 0, tzinfo=UTC)) == "R27BK00000001"


def test_who_is_rolled_back_gives_the_number_back(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        next_number("BK", NOW, is_practice=False)
        raise RuntimeError
    assert number() == "R26BK00000001"


def test_many_at_once_get_each_their_own(app: Flask) -> None:
    def take(_: int) -> str:
        with app.app_context():
            try:
                return number()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as hands:
        taken = list(hands.map(take, range(24)))
    assert sorted(taken) == [f"R26BK{n:08d}" for n in range(1, 25)]


def test_after_eight_digits_there_is_no_number(app: Flask) -> None:
    with transaction():
        db.session.add(Serial(prefix="R26BK", last=99_999_998))
    assert number() == "R26BK99999999"
    with pytest.raises(IntegrityError, match="eight_digits"):
        number()
