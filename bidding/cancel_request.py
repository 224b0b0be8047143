"""What a bidder signs to ask that its bid be cancelled (protocol 3.6). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.time import from_wire, wire
from app.tlog.canon import digest, jcs
from bidding.statement import BadStatement

Json = dict[str, Any]

LONGEST_REASON = 2000  # characters
LEAST_REASON = 10
_MEMBERS = frozenset({"v", "type", "tender", "bid", "supplier", "stmt", "reason", "made"})


def make_request(statement: Json, stmt: str, *, reason: str, made: datetime) -> Json:
    """The request to cancel the bid that `statement` (hash `stmt`) made."""
    named = {name: statement[name] for name in ("tender", "bid", "supplier")}
    return {"v": 1, "type": "cancel", **named, "stmt": stmt, "reason": reason, "made": wire(made)}


def request_hash(request: Json) -> str:
    """What is signed, hex. Its label keeps it apart from every bid: neither signature can be taken for the other."""
    return digest("cancel", jcs(request)).hex()


def check_request(request: Any, *, tender: str, bid: UUID, supplier: str, stmt: str) -> None:
    """Shape and belonging. Raises BadStatement: `members`, `type`, `bid` (of another), `reason` or `spelling`."""
    if not isinstance(request, dict) or set(request) != _MEMBERS:
        raise BadStatement("members")
    if type(request["v"]) is not int or request["v"] != 1 or request["type"] != "cancel":
        raise BadStatement("type")
    named = (request["tender"], request["bid"], request["supplier"], request["stmt"])
    if named != (tender, str(bid), supplier, stmt):
        raise BadStatement("bid")
    reason = request["reason"]
    if not isinstance(reason, str) or not LEAST_REASON <= len(reason.strip()) <= len(reason) <= LONGEST_REASON:
        raise BadStatement("reason")
    try:
        from_wire(request["made"])
    except (ValueError, TypeError) as error:
        raise BadStatement("spelling") from error
