"""What the probe of the intake asks: the way of a bid through this process, without a bid."""

from __future__ import annotations

import re

from flask.typing import ResponseReturnValue

from app import direct, keys
from app.auth import public
from app.errors import NotFound
from app.time import wire
from app.tlog import note
from bidding.ddl import TENDER_LOCK
from bidding.routes import blueprint

WORD = re.compile(r"[0-9a-f]{32}", re.ASCII)
# The lock that bids share and the clock that decides, on the connections that bids use.
ASK = f"SELECT pg_advisory_xact_lock_shared({TENDER_LOCK}, hashtext('intake')), clock_timestamp() AS instant"


@blueprint.get("/api/intake/<word>")
@public
def api_intake(word: str) -> ResponseReturnValue:
    """Whether a bid could come in now, signed with the key of receipts over the asker's word; else 503."""
    if not WORD.fullmatch(word):
        raise NotFound("no such word")
    (found,) = direct.run(ASK, {})
    told = {"v": 1, "type": "intake", "word": word, "at": wire(found.instant)}
    signed = note.sign_object("intake", told, keys.name_of("receipt"), keys.load("receipt"))
    return signed, 200, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
