"""Serial numbers as KONEPS writes them: `R26BK00000001`, `R26TA00000001`; T in front for practice.

One counter a prefix, raised in the caller's transaction: a number is given once, and a transaction that is rolled
back gives its number back.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.db import db
from app.time import KST


class Serial(db.Model):
    __tablename__ = "serials"
    __table_args__ = (CheckConstraint("last BETWEEN 1 AND 99999999", name="eight_digits"),)

    prefix: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def next_number(stage: str, now: datetime, *, is_practice: bool) -> str:
    """The next number of a stage (`BK` notice, `TA` contract, …) in the Korean year of `now`: 13 characters."""
    prefix = f"{'T' if is_practice else 'R'}{now.astimezone(KST):%y}{stage}"
    statement = insert(Serial).values(prefix=prefix, last=1)
    raised = statement.on_conflict_do_update(index_elements=["prefix"], set_={"last": Serial.last + 1})
    last = db.session.execute(raised.returning(Serial.last)).scalar_one()
    return f"{prefix}{last:08d}"
