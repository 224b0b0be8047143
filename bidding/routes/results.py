"""A result that anybody can have made again here."""

from __future__ import annotations

from time import perf_counter_ns

from flask import render_template
from flask.typing import ResponseReturnValue

from app.auth import current_actor, public
from app.errors import NotFound
from app.web.limits import limiter
from bidding import queries
from bidding.routes import blueprint
from bidding.services.access import get_tender
from bidding.services.rerunning import rerun

OFTEN = "12 per minute"  # a result of ten thousand bids is seconds of work


@blueprint.get("/tenders/<reference>/result/again")
@public
@limiter.limit(OFTEN)
def tender_rerun(reference: str) -> ResponseReturnValue:
    """The evaluation run again from the opened lines, its digest beside the log's. Keeps nothing."""
    tender = get_tender(reference, current_actor())
    opening = queries.find_opening(tender.id)
    if opening is None:
        raise NotFound("nothing was opened")
    begun = perf_counter_ns()
    made = rerun(tender, opening)
    took_ms = (perf_counter_ns() - begun) // 1_000_000
    return render_template("bidding/rerun.html", tender=tender, made=made, took_ms=took_ms)
