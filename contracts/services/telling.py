"""Telling a side of a contract that something waits for it or has happened."""

from __future__ import annotations

from datetime import datetime

from app.notifications import notify
from contracts.models import Contract


def tell_agency(contract: Contract, kind: str, now: datetime) -> None:
    notify(contract.agency_id, kind, now, href=_desk(contract), number=contract.number, title=contract.title)


def tell_supplier(contract: Contract, kind: str, now: datetime) -> None:
    notify(contract.supplier_id, kind, now, href=_desk(contract), number=contract.number, title=contract.title)


def _desk(contract: Contract) -> str:
    return f"/contracts/{contract.number}/work"
