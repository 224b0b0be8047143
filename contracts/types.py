"""Values that travel between the layers of contracts. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Terms:
    """What an officer settles before the contract is sent. Money in won, days in Korean time."""

    starts_on: date
    due_on: date
    delivery_place: str
    payment_terms: str
    special_terms: str
    delay_class: str
    regime: str
    lang: str

    def digest(self, number: str, amount_won: int) -> str:
        """SHA-256 (hex) of the terms and of what they belong to: what the officer confirms when sending."""
        said = {name: str(value) for name, value in asdict(self).items()} | {
            "number": number,
            "amount": str(amount_won),
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an inspector found. `result` is "pass" or "fix"; the rest counts for the penalty of a late pass."""

    result: str
    finding: str = ""
    accepted_won: int = 0
    excused_days: int = 0
    excuse: str = ""
