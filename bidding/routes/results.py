"""A result to look at, and one that anybody can have made again here."""

from __future__ import annotations

from time import perf_counter_ns

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app import time
from app.auth import current_actor, public
from app.errors import NotFound
from app.i18n import language
from app.web.limits import limiter
from bidding import comparison, consortium_views, queries, result_queries, review_views, similar_queries
from bidding.forms import result_filter
from bidding.lot_views import lots_shown
from bidding.models import Opening, Tender
from bidding.result_charts import similar_chart
from bidding.result_views import result_chips, result_lines
from bidding.routes import blueprint
from bidding.services.access import get_tender
from bidding.services.reporting import report_of
from bidding.services.rerunning import rerun
from bidding.services.standings import standing_of
from bidding.views import evidence_of, steps_of

OFTEN = "12 per minute"  # a result of ten thousand bids is seconds of work


@blueprint.get("/tenders/<reference>/result")
@public
def tender_result(reference: str) -> ResponseReturnValue:
    """Prices with their picks, the draw, the floor, every bid with rank and reason, and the log entries behind.

    Filters that do not fit are named and left out.
    """
    actor = current_actor()
    tender = get_tender(reference, actor)
    opening = queries.find_opening(tender.id)
    if opening is None:
        return render_template("bidding/no_result.html", tender=tender, steps=steps_of(tender), now=time.now())
    form, wanted, number = result_filter(request.args, actor)
    page = result_queries.result_bids(tender.id, wanted, number)
    standing, award = standing_of(tender), queries.find_award(tender.id)
    first = result_queries.find_first(tender.id, review_views.first_of(award, standing))
    return render_template(
        "bidding/result.html",
        winner=result_lines([first], opening)[0] if first is not None else None,
        settled_won=review_views.settled_won(award, standing),
        reviewed=review_views.line_of(tender, standing, []) if standing is not None else [],
        decisions=review_views.decisions_of(tender.id),
        tender=tender,
        standing=standing,
        steps=steps_of(tender),
        opening=opening,
        form=form,
        wanted=wanted,
        chips=result_chips(wanted),
        page=page,
        lines=result_lines(page.items, opening, standing),
        award=award,
        lots=lots_shown(tender, actor),
        awards=queries.awards(tender.id),
        joint=consortium_views.disclosed(tender),
        words=consortium_views,
        bundles=queries.bundles(tender.id),
        report=report_of(tender, language()),
        evidence=evidence_of(tender),
    )


@blueprint.get("/tenders/<reference>/result/again")
@public
@limiter.limit(OFTEN)
def tender_rerun(reference: str) -> ResponseReturnValue:
    """The evaluation run again from the opened lines, its digest beside the log's. Keeps nothing."""
    tender, opening = opened_tender(reference)
    begun = perf_counter_ns()
    made = rerun(tender, opening)
    took_ms = (perf_counter_ns() - begun) // 1_000_000
    return render_template("bidding/rerun.html", tender=tender, made=made, took_ms=took_ms)


@blueprint.get("/tenders/<reference>/result/similar")
@public
def tender_similar(reference: str) -> ResponseReturnValue:
    """This award, or the first in line before there is one, beside similar awards of the two years before."""
    tender, opening = opened_tender(reference)
    award = queries.find_award(tender.id)
    is_awarded = award is not None and award.confirmed_at is not None
    standing = None if is_awarded else standing_of(tender)
    first = result_queries.find_first(tender.id, review_views.first_of(award, standing))
    amount = award.amount_won if award is not None and is_awarded else first.amount_won if first is not None else None
    rate = similar_queries.own_rate(tender, opening, amount)
    made = comparison.compare(similar_queries.similar_awards(tender), rate, tender.bid_count)
    return render_template(
        "bidding/similar.html",
        tender=tender,
        made=made,
        rate=rate,
        is_awarded=is_awarded,
        band=comparison.band(tender.base_amount_won or 0),
        since=comparison.months_before(tender.opened_at or opening.made_at),
        chart=similar_chart(made),
        most=similar_queries.MOST,
    )


def opened_tender(reference: str) -> tuple[Tender, Opening]:
    """A tender that this actor may see, with what was opened. NotFound before the opening."""
    tender = get_tender(reference, current_actor())
    opening = queries.find_opening(tender.id)
    if opening is None:
        raise NotFound("nothing was opened")
    return tender, opening
