"""Delivery notice (납품·완료 통지) and the inspection (검사) that answers it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id


class Result(StrEnum):
    PASS = "pass"  # noqa: S105 - of an inspection
    FIX = "fix"


class Delivery(db.Model):
    """One notice a row; a correction is a new one. At most one of a contract waits for its inspection."""

    __tablename__ = "contract_deliveries"
    __table_args__ = (
        UniqueConstraint("contract_id", "serial"),
        CheckConstraint("serial > 0", name="serial_positive"),
        CheckConstraint("result IN ('pass', 'fix')", name="result_known"),
        CheckConstraint("(result IS NULL) = (inspected_at IS NULL)", name="inspected_has_result"),
        CheckConstraint("(result IS NULL) = (inspected_by_id IS NULL)", name="inspected_has_inspector"),
        CheckConstraint("result <> 'fix' OR finding <> ''", name="fix_says_what"),
        CheckConstraint("inspection_due_on >= delivered_on", name="due_after_delivery"),
        Index("uq_contract_deliveries_waiting", "contract_id", unique=True, postgresql_where=text("result IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"))
    serial: Mapped[int]
    delivered_on: Mapped[date]
    note: Mapped[str] = mapped_column(default="")
    notified_at: Mapped[Instant]
    notified_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    inspection_due_on: Mapped[date]
    result: Mapped[str | None]
    finding: Mapped[str] = mapped_column(default="")
    inspected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    inspected_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
