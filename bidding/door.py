"""The side door for bids: session, tender, key and standing in one query, then the same acceptance as everywhere.

Two journeys to the database instead of four, and none of the hooks of a page. What is not plainly a good bid of a
signed-in bidder goes through the front door (`bidding.routes.bids`), which says what is wrong with it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
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


def _gate() -> tuple[str, tuple[tuple[slice, Any], ...]]:
    """One row: who carries the token, the tender as it concerns them, what the register knows of their firm.

    Also where in the row each of the three stands, and what makes its columns a value with names.
    """
    who = sessions.signed_in_query().subquery("who")
    tender = look_up_query(who.c.organisation_id).correlate(who).lateral("tender")
    standing = (
        suppliers.front.standing_query(who.c.organisation_id, tender.c.licence_codes)
        .correlate(who, tender)
        .lateral("standing")
    )
    parts = (who, tender, standing)
    columns = [column for table in parts for column in table.c]
    labelled = [column.label(f"c{number}") for number, column in enumerate(columns)]
    query = select(*labelled).select_from(who.join(tender, true()).outerjoin(standing, true()))
    places, start = [], 0
    for name, table in zip(("Who", "TenderOfBid", "StandingOfBidder"), parts, strict=True):
        kind: Any = namedtuple(name, table.c.keys())  # type: ignore[misc]  # its fields are the query's
        places.append((slice(start, start := start + len(table.c)), kind._make))
    return spelled(query), tuple(places)


GATE, PARTS = _gate()


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
    found: Sequence[Any] = direct.read(GATE, values, named=False)
    if not found:
        return None
    who, tender, standing = (make(found[0][place]) for place, make in PARTS)
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
