"""The state of the clock that decides, as the clockwork measured it last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Instant, UtcDateTime, db


class ClockGuard(db.Model):
    """One row. Microseconds throughout; NULL where this machine's kernel tells nothing.

    While `state` is `hold` no bid is accepted and no tender closes.
    """

    __tablename__ = "clock_guard"
    __table_args__ = (
        CheckConstraint("is_one", name="one"),
        CheckConstraint("state IN ('ok', 'unknown', 'alarm', 'hold')", name="state_known"),
    )

    is_one: Mapped[bool] = mapped_column(primary_key=True, default=True)
    state: Mapped[str]
    offset_us: Mapped[int | None] = mapped_column(BigInteger)
    dispersion_us: Mapped[int | None] = mapped_column(BigInteger)
    is_synchronised: Mapped[bool | None]
    database_offset_us: Mapped[int] = mapped_column(BigInteger)
    round_trip_us: Mapped[int] = mapped_column(BigInteger)
    unsynchronised_since_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    measured_at: Mapped[Instant]
    told_at: Mapped[Instant]  # when the log was told last
