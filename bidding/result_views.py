"""What the page of a result shows, as plain values: the lines of its table, and the filters in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

import suppliers.front
from app.web.templating import here
from bidding import labels
from bidding.models import Bid, Opening
from bidding.result_queries import ResultFilter
from bidding.services.auctions import result_of
from bidding.standing import Standing

Line = dict[str, Any]


def result_lines(bids: Sequence[Bid], opening: Opening, standing: Standing | None = None) -> list[Line]:
    """Each bid with its firm, its place or reason, and the arithmetic of its evaluation. One query for the firms.

    `lowered_won`: what it stands at after an auction, None where there was none. `out_by`: why a decision after the
    opening took a ranked bid out, in words; `is_first`: it wins, or stands first as far as is known.
    """
    firms = suppliers.front.summaries([bid.organisation_id for bid in bids])
    placings = {placing["stmt"]: placing for placing in opening.evaluation["placings"]}
    auction = result_of(opening.tender_id) or {"ranking": ()}
    lowered = {one["stmt"]: int(one["amount"]) for one in auction["ranking"]}
    out = taken_out(opening, standing)
    excluded = {exclusion["stmt"] for exclusion in opening.evaluation["exclusions"]}
    first = {winner.stmt for winner in standing.winners} if standing is not None else set()
    return [
        {
            "bid": bid,
            "out_by": out.get(bid.stmt),
            "is_excluded": bid.stmt in excluded,
            "is_first": bid.stmt in first if first else bid.rank == 1 and bid.stmt not in out,
            "firm": firms.get(bid.organisation_id),
            "placing": placings.get(bid.stmt, {}),
            "lowered_won": lowered.get(bid.stmt),
        }
        for bid in bids
    ]


def taken_out(opening: Opening, standing: Standing | None) -> dict[str, str]:
    """By statement, the reason in words why a decision after the opening took out a bid that had a place."""
    if standing is None:
        return {}
    placed = {one["stmt"] for one in opening.evaluation["placings"] if one["rank"] is not None}
    return {
        one.stmt: str(labels.REASON.get(one.reason, one.reason))
        for one in standing.placings
        if one.place is None and one.stmt in placed
    }


def shown_texts(wanted: ResultFilter) -> dict[str, str]:
    """Each filter in force in words, by its name in the query string."""
    said = {"placed": _("In the ranking"), "out": _("Left out"), "mine": _("My bid")}
    texts = {"show": said.get(wanted.show, ""), "q": wanted.words.strip()}
    return {name: text for name, text in texts.items() if text}


def result_chips(wanted: ResultFilter) -> list[dict[str, str]]:
    """The same, each with the address that takes it away."""
    return [{"label": text, "href": here(**{name: None, "page": None})} for name, text in shown_texts(wanted).items()]


def show_options(wanted: ResultFilter) -> list[tuple[str, str]]:
    """What the filter offers; who has no bid to look for is not asked about it."""
    options = [("", _("All bids")), ("placed", _("In the ranking")), ("out", _("Left out"))]
    return [*options, ("mine", _("My bid"))] if wanted.own is not None else options
