"""Form and JSON fields for what people here type: won with commas, Korean local times, percent to three decimals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError, fields

from app.time import KST

MAX_WON = 10**15  # a quadrillion: beyond any budget, inside 64 bits and inside what JavaScript counts exactly


class WonField(fields.Field[int]):
    """A whole number of won above zero: `1234000`, `1,234,000`, `1,234,000원`."""

    def __init__(self, *, minimum: int = 1, **more: Any) -> None:
        super().__init__(**more)
        self.minimum = minimum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        typed = str(value).strip().removesuffix("원").replace(",", "").strip()
        if isinstance(value, bool | float) or not re.fullmatch(r"[0-9]{1,16}", typed):
            raise ValidationError(_l("Enter an amount in whole won, for example 12,500,000."))
        won = int(typed)
        if not self.minimum <= won <= MAX_WON:
            raise ValidationError(_l("This amount is out of range."))
        return won


YEARS = range(2000, 2101)  # far beyond any tender, and where every calendar here has its answer


class KstDateTime(fields.Field[datetime]):
    """A Korean local time to the minute or second (`2026-11-23T10:00`, as browsers send it); the value is UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        try:
            typed = datetime.fromisoformat(str(value).strip().replace(" ", "T"))
        except ValueError:
            raise ValidationError(_l("Enter a date and time, for example 2026-12-01 10:00.")) from None
        if typed.year not in YEARS:
            raise ValidationError(_l("Enter a date and time, for example 2026-12-01 10:00."))
        aware = typed if typed.tzinfo else typed.replace(tzinfo=KST)
        return aware.astimezone(UTC)


class PercentField(fields.Field[int]):
    """A percentage with at most three decimals; the value counts thousandths of a percent (87.745 → 87745)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        typed = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,3}))?", str(value).strip().removesuffix("%").strip())
        if typed is None:
            raise ValidationError(_l("Enter a percentage with at most three decimals, for example 87.745."))
        rate = int(typed[1]) * 1000 + int((typed[2] or "").ljust(3, "0"))
        if not 0 < rate <= 100_000:
            raise ValidationError(_l("A percentage lies between 0 and 100."))
        return rate
