"""What pages show of reviews: who is in line, what each review waits for, and its story as a timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

import suppliers.front
from app.db import db
from bidding import labels
from bidding.models import Award, Bid, BidReview, Opening, Tender
from bidding.review import Review
from bidding.review_labels import KIND, RESULT
from bidding.rule_labels import CERTAINTY
from bidding.rules.data import Certainty, Ground
from bidding.rules.periods import ends_at
from bidding.rules.scoring_fields import show_field
from bidding.rules.validity import LIST, codes_for
from bidding.services.figures import grounds_of, review_periods_of
from bidding.services.standings import decided_reviews
from bidding.standing import Standing
from bidding.states import ReviewState

SHOWN = 30  # of a ranking: nobody reviews the thirty-first


def line_of(tender: Tender, standing: Standing, reviews: list[BidReview]) -> list[dict[str, Any]]:
    """The first of the ranking, each with its firm, its place or reason, and its reviews. Two queries."""
    places = [place for place in standing.placings if place.arithmetic or place.place is not None][:SHOWN]
    named = select(Bid).where(Bid.tender_id == tender.id, Bid.stmt.in_([place.stmt for place in places]))
    bids = {bid.stmt: bid for bid in db.session.scalars(named)}
    firms = suppliers.front.summaries([bid.organisation_id for bid in bids.values()])
    won = {winner.stmt for winner in standing.winners}
    return [
        {
            "place": place,
            "bid": bids[place.stmt],
            "firm": firms.get(bids[place.stmt].organisation_id),
            "is_winner": place.stmt in won,
            "is_due": place.stmt == standing.due,
            "reviews": [review for review in reviews if review.bid_id == bids[place.stmt].id],
        }
        for place in places
        if place.stmt in bids
    ]


def decisions_of(tender_id: UUID) -> dict[str, list[Review]]:
    """By statement what two persons decided of a bid, oldest first: each a line that can be disputed."""
    found: dict[str, list[Review]] = {}
    for review in decided_reviews(tender_id):
        found.setdefault(review.stmt, []).append(review)
    return found


def timeline_of(review: BidReview) -> list[dict[str, Any]]:
    """What has happened to a review, oldest first."""
    kind = str(KIND[review.kind])
    result = str(RESULT[review.result]) if review.result else ""
    has_ended = review.state in (ReviewState.PROPOSED, ReviewState.DECIDED, ReviewState.DROPPED)
    steps: list[tuple[datetime | None, Any, str]] = [
        (review.created_at if review.asked_by_id else None, _("The bidder was asked for documents"), review.asked_for),
        (review.supplement_asked_at, _("A supplement was asked for"), review.supplement_for),
        (review.submitted_at, _("Documents were given"), review.own_note),
        (review.proposed_at if has_ended else None, _("Proposed: %(what)s", what=f"{kind}, {result}"), ""),
        (review.decided_at, _("Decided by two persons: %(what)s", what=f"{kind}, {result}"), ""),
    ]
    return [
        {"at": at, "title": title, "text": text, "href": None}
        for at, title, text in sorted((step for step in steps if step[0]), key=lambda step: str(step[0]))
    ]


def objection_until(review: BidReview) -> datetime | None:
    """Until when its bidder may object to a result."""
    if review.decided_at is None:
        return None
    return ends_at(review.decided_at, review_periods_of(review.tender, review.decided_at)["objection"])


def fields_of(review: BidReview) -> list[dict[str, str]]:
    return [{"name": one["name"], "typed": one["typed"], "points": show_field(one["points"])} for one in review.fields]


def reason_text(code: str) -> str:
    return str(labels.REASON.get(code, code))


def firm_of(bid: Bid) -> Any:
    return suppliers.front.summaries([bid.organisation_id]).get(bid.organisation_id)


def own_timeline(review: BidReview) -> list[dict[str, Any]]:
    """The same for its bidder, who hears of a result once it is decided."""
    if review.state == ReviewState.DECIDED:
        return timeline_of(review)
    return [item for item in timeline_of(review) if item["at"] != review.proposed_at]


def field_names(review: BidReview, usual: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names and points of the form's rows: as entered before, else the usual ones; two empty rows more."""
    entered = [(one["name"], one["typed"]) for one in review.fields] or [(name, "") for name in usual]
    return [*entered, ("", ""), ("", "")]


def reasons_for(review: BidReview) -> list[tuple[str, str]]:
    """The grounds that a decision of its kind can give, each with its article and, where that is so, how unsure it is:
    those of the day of its notice."""
    grounds = grounds_of(review.tender, review.created_at)
    return [(code, _spelt(grounds[code])) for code in codes_for(review.kind)]


def _spelt(ground: Ground) -> str:
    sure = "" if ground.certainty is Certainty.OFFICIAL else f" ({CERTAINTY[ground.certainty.value]})"
    return f"{ground.legal_basis}{sure}"


def checks_of(bid: Bid, opening: Opening | None, now: datetime) -> list[dict[str, Any]]:
    """Each ground of the list with what the opening found of it, its article, and how sure that is."""
    grounds = grounds_of(bid.tender, now)
    found = {one["code"]: one for one in (opening.findings if opening is not None else {}).get(bid.stmt, ())}
    rows = []
    for item in LIST:
        one = found.get(str(item.code))
        result = one["result"] if one is not None else "ok" if item.by == "itself" else item.by
        if item.code == "bond-missing" and one is None and bid.tender.bid_bond_rate is None:
            result = "officer"
        note = one["note"] if one is not None else ""
        rows.append({"code": str(item.code), "ground": grounds[str(item.code)], "result": result, "note": note})
    return rows


def first_of(award: Award | None, standing: Standing | None) -> str | None:
    """The statement of the bid that is awarded or stands first after reviews; None where the ranking says it all."""
    if award is not None and award.confirmed_at is not None:
        return award.bid.stmt
    if standing is None:
        return None
    return standing.winners[0].stmt if standing.winners else standing.due


def settled_won(award: Award | None, standing: Standing | None) -> int | None:
    """What the bid of `first_of` is awarded for, or would be: what a negotiation or an auction ended with. None where
    the ranking says it all."""
    if award is not None and award.confirmed_at is not None:
        return award.amount_won
    return standing.winners[0].amount_won if standing is not None and standing.winners else None
