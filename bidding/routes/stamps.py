"""A time stamp (RFC 3161) over a sealed bid, before it is sent: offered where `NARU_TSA_URL` names an authority."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue

from app.audit.anchors import TokenRefused, request_token
from app.auth import requires
from app.db import db
from app.errors import InvalidInput, NotFound, TemporarilyUnavailable
from app.time import wire
from app.tlog.canon import b64u
from app.web.limits import limiter
from bidding.routes import blueprint

PATIENCE = 3  # seconds: the bid waits for it
_STMT = re.compile(r"[0-9a-f]{64}", re.ASCII)


@blueprint.post("/api/my/stamps")
@requires("bid:submit")
@limiter.limit("12 per minute")
def api_stamp() -> ResponseReturnValue:
    """A token over SHA-256 of the 32 bytes of `stmt`. The authority learns that hash and nothing of who asks."""
    body: Any = request.get_json(silent=True)
    stmt = body.get("stmt") if isinstance(body, dict) else None
    if not isinstance(stmt, str) or not _STMT.fullmatch(stmt):
        raise InvalidInput("a statement's hash is 64 hex digits", field="stmt")
    if not current_app.config["NARU_TSA_URL"]:
        raise NotFound("no time-stamp authority is configured")
    db.session.rollback()  # nobody waits for a stranger's machine with a connection in hand
    try:
        token, at = request_token(bytes.fromhex(stmt), timeout=PATIENCE)
    except TokenRefused as error:
        raise TemporarilyUnavailable(str(error)) from error
    return {"token": b64u(token), "at": wire(at)}
