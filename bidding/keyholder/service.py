"""The keyholder's one endpoint: GET tells who it is, POST takes a signed request and returns a signed note."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask, request
from flask.typing import ResponseReturnValue

from bidding.keyholder.checks import Refused
from bidding.keyholder.holder import Holder

MAX_REQUEST = 64 * 1024 * 1024
log = structlog.get_logger(__name__)


def make_service(holder: Holder, clock: Callable[[], datetime]) -> Flask:
    """The WSGI program of one keyholder; `clock` is this machine's own, not the application's."""
    service = Flask("bidding.keyholder.service", static_folder=None)
    service.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST

    @service.get("/")
    def who() -> ResponseReturnValue:
        return holder.who()

    @service.post("/")
    def answer() -> ResponseReturnValue:
        try:
            signed = holder.answer(request.get_data(as_text=True), clock())
        except Refused as refusal:
            log.warning("keyholder.refused", rule=refusal.rule, why=refusal.why)
            return {"rule": refusal.rule, "why": refusal.why}, 409
        return signed, 200, {"Content-Type": "text/plain; charset=utf-8"}

    return service
