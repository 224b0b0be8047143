"""The side door for bids: session, tender, key and standing in one query, then the same acceptance as everywhere.

Two journeys to the database instead of four, and none of the hooks of a page. What is not plainly a good bid of a
signed-in bidder goes through the front door (`bidding.routes.bids`), which says what is wrong with it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, true

import suppliers.front
from app import direct, time
from app.auth import sessions
from app.db import spelled
from app.time import kst_date
from app.tlog.canon import parse
from app.web.door import Answer, Asked, is_within_limit
from bidding.routes.bids import receipt_json
from bidding.services.submission import Known, SealedBid, kid_of, look_up_query, submit_bid

MEMBERS = frozenset({"statement", "signature", "env_price", "env_docs"})
PATTERN = r"/api/tenders/(?P<reference>[A-Z0-9-]{1,40})/bids"
RULE = "/api/tenders/<reference>/bids"


def _gate() -> tuple[str, tuple[tuple[str, int], ...]]:
    """One row: who carries the token, the tender as it concerns them, what the register knows of their firm.

    Also the names of its columns in order, with the part (0, 1, 2) that each belongs to.
    """
    who = sessions.signed_in_query().subquery("who")
    tender = look_up_query(who.c.organisation_id).correlate(who).lateral("tender")
    standing = (
        suppliers.front.standing_query(who.c.organisation_id, tender.c.licence_codes)
        .correlate(who, tender)
        .lateral("standing")
    )
    parts = (who, tender, standing)
    columns = [(column, part) for part, table in enumerate(parts) for column in table.c]
    labelled = [column.label(f"c{number}") for number, (column, _) in enumerate(columns)]
    query = select(*labelled).select_from(who.join(tender, true()).outerjoin(standing, true()))
    return spelled(query), tuple((column.name, part) for column, part in columns)


GATE, COLUMNS = _gate()


def take_bid(asked: Asked) -> Answer | None:
    """Take the bid in, or None: the front door sees to it. Raises DomainError as `submit_bid`; nothing is done then."""
    sealed = _read(asked)
    if sealed is None:
        return None
    now = time.now()
    values = {
        "token_hash": sessions.hash_token(asked.token),
        "reference": asked.place["reference"],
        "stmt": sealed.stmt,
        "kid": kid_of(sealed.signature),
        "on": kst_date(now),
    }
    found = direct.read(GATE, values)
    if not found:
        return None
    who, tender, standing = _split(found[0])
    signed_in = sessions.read_signed_in(who, asked.token, now)
    if signed_in is None or signed_in.must_change_password or sessions.is_touch_due(signed_in, now):
        return None
    actor = signed_in.actor
    if not actor.may("bid:submit") or not is_within_limit(actor.handle):
        return None
    firm = suppliers.front.read_standing(standing) if standing.state is not None else None
    accepted = submit_bid(asked.place["reference"], sealed, actor, now, known=Known(tender, firm))
    return Answer(201 if accepted.is_new else 200, receipt_json(accepted), actor.handle)


def _read(asked: Asked) -> SealedBid | None:
    """A plain bid without documents, under the key that is its own."""
    try:
        value = parse(asked.body)
    except ValueError:
        return None
    if not isinstance(value, dict) or set(value) != MEMBERS or value["env_docs"] is not None:
        return None
    if not all(isinstance(value[name], dict) for name in ("statement", "signature", "env_price")):
        return None
    sealed = SealedBid(value["statement"], value["signature"], value["env_price"])
    return sealed if asked.environ.get("HTTP_IDEMPOTENCY_KEY") in (None, sealed.stmt) else None


def _split(row: Any) -> tuple[SimpleNamespace, SimpleNamespace, SimpleNamespace]:
    parts: tuple[dict[str, Any], ...] = ({}, {}, {})
    for (name, part), value in zip(COLUMNS, row, strict=True):
        parts[part][name] = value
    who, tender, standing = (SimpleNamespace(**part) for part in parts)
    return who, tender, standing
