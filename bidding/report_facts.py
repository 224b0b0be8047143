"""What an evaluation report says, gathered: from the opening, the decisions, the award and its bundle.

In the language in force (`flask_babel.force_locale`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

import suppliers.front
from app.db import db
from app.formats import kst
from app.i18n import language
from app.time import from_wire, kst_date
from app.tlog.canon import jcs
from bidding import labels, queries, review_labels
from bidding.arithmetic_texts import columns_of
from bidding.models import Award, Bid, Bundle, Opening, Tender
from bidding.report import Decision, Line, ReportBid, ReportFacts, Row, Won
from bidding.result_sheets import notice_rows, terms_rows
from bidding.result_views import taken_out
from bidding.review import Review, reviews_sha256
from bidding.rounding import bid_rate
from bidding.rules.data.lookups import find_method
from bidding.services import auctions, rulebook
from bidding.services.papers import reserve_prices
from bidding.services.standings import decided_reviews, standing_after
from bidding.standing import Standing, digest_of, has_standing
from bidding.types import Reason

Firm = tuple[str, str]  # its name and its business number
# What keeps a bid out by the method itself has the method's own legal basis; these have one of their own.
BASIS = {
    Reason.BELOW_NET_COST: {"national": "국가계약법 제10조제3항"},
    Reason.BELOW_ESTIMATED_PRICE: {"national": "국가계약법 시행령 제41조"},
}
BY_METHOD = frozenset(
    {
        *(Reason.BELOW_FLOOR, Reason.ABOVE_ESTIMATED_PRICE, Reason.ABOVE_CEILING, Reason.CANNOT_PASS),
        *(Reason.NOT_QUALIFIED, Reason.BELOW_ESTIMATED_PRICE),
    }
)


def facts_of(tender: Tender, opening: Opening, bundle: Bundle, award: Award | None) -> ReportFacts:
    reviews = decided_reviews(tender.id, award.review_count if award is not None else None)
    is_by_standing = has_standing(opening.evaluation["terms"], reviews)
    standing = standing_after(tender, opening, reviews) if is_by_standing else None
    firms = _firms(tender)
    bids = list(_bids(tender, opening, firms, standing))
    base, reference = current_app.config["NARU_BASE_URL"], str(tender.reference)
    return ReportFacts(
        reference=reference,
        number=f"{reference}-{bundle.stage}",
        title=tender.title,
        agency_name=tender.agency.name_in(language()),
        notice=tuple(notice_rows(tender)),
        terms=tuple(terms_rows(tender, opening)),
        rules=_rules(tender),
        reserve_prices=reserve_prices(opening) if opening.draw and opening.draw["prices"] else (),
        arithmetic=_said(opening.evaluation["arithmetic"]),
        placed=tuple(one for one in bids if one.rank is not None),
        out=tuple(one for one in bids if one.rank is None),
        decisions=tuple(_decision(review, firms) for review in reviews),
        outcome=str(review_labels.OUTCOME[standing.outcome]) if standing is not None and award is None else "",
        winners=() if award is None else tuple(_winner(one, opening, firms) for one in queries.awards(tender.id)),
        proposed=None if award is None else (award.proposed_at, f"person:{award.proposed_by_id}"),
        confirmed=_confirmed(award),
        digests=tuple(_digests(tender, opening, standing, reviews, bundle)),
        addresses=(
            f"{base}/tenders/{reference}/bundle.zip?stage={bundle.stage}",
            f"{base}/verify",
            f"{base}/tenders/{reference}/result/again",
        ),
        is_practice=tender.is_practice,
    )


def _firms(tender: Tender) -> dict[str, Firm]:
    """By statement, for every bid whose price was opened. Two queries."""
    rows = db.session.execute(
        select(Bid.stmt, Bid.supplier, Bid.organisation_id).where(Bid.tender_id == tender.id)
    ).all()
    known = suppliers.front.summaries([row.organisation_id for row in rows])
    names = {
        organisation_id: firm.name_en if language() == "en" and firm.name_en else firm.name_ko
        for organisation_id, firm in known.items()
    }
    return {row.stmt: (names.get(row.organisation_id, row.supplier), row.supplier) for row in rows}


def _bids(
    tender: Tender, opening: Opening, firms: Mapping[str, Firm], standing: Standing | None
) -> Iterator[ReportBid]:
    out = taken_out(opening, standing)
    excluded = {one["stmt"]: one["legal_basis"] for one in opening.evaluation["exclusions"]}
    method = find_method(tender.regime, tender.method, kst_date(opening.made_at), book=rulebook.book_for(tender))
    for placing in opening.evaluation["placings"]:
        name, number = firms[placing["stmt"]]
        points, reason = placing.get("points"), placing["reason"]
        basis = excluded.get(placing["stmt"]) or BASIS.get(reason, {}).get(tender.regime, "")
        if not basis and reason in BY_METHOD and method is not None:
            basis = method.legal_basis
        yield ReportBid(
            name=name,
            business_number=number,
            rank=placing["rank"],
            amount_won=None if placing["amount"] is None else int(placing["amount"]),
            rate=placing["rate"],
            points=None if points is None else (points.get("technical"), points.get("price"), points.get("total")),
            quantity=placing.get("allotted", placing.get("quantity")),
            reason=str(labels.REASON.get(reason, reason)),
            legal_basis=basis,
            note=_("taken out: %(reason)s", reason=out[placing["stmt"]]) if placing["stmt"] in out else "",
            trace=_said(placing["arithmetic"]),
        )


def _said(steps: Iterable[Mapping[str, str]]) -> tuple[Line, ...]:
    return tuple(Line(*columns_of(one)) for one in steps)


def _decision(review: Review, firms: Mapping[str, Firm]) -> Decision:
    return Decision(
        at=kst(from_wire(review.at)),
        name=firms[review.stmt][0],
        business_number=firms[review.stmt][1],
        kind=str(review_labels.KIND[review.kind]),
        result=str(review_labels.RESULT[review.result]),
        reason=str(labels.REASON.get(review.reason, review.reason)),
        legal_basis=review.legal_basis,
        approvals=review.approvals,
        sha256=review.sha256,
        agreed_won=review.agreed_won,
    )


def _winner(award: Award, opening: Opening, firms: Mapping[str, Firm]) -> Won:
    name, number = firms[award.bid.stmt]
    price = opening.estimated_price_won
    rate = None if price is None or award.quantity is not None else bid_rate(award.amount_won, price)
    return Won(name, number, award.amount_won, rate, award.quantity)


def _confirmed(award: Award | None) -> Any:
    if award is None or award.confirmed_at is None:
        return None
    return award.confirmed_at, f"person:{award.confirmed_by_id}"


def _rules(tender: Tender) -> tuple[Row, ...]:
    book = rulebook.book_of(tender.rule_version) if tender.rule_version is not None else None
    return () if book is None else ((_("SHA-256 of the rule data"), book.sha256),)


def _digests(
    tender: Tender, opening: Opening, standing: Standing | None, reviews: Sequence[Review], bundle: Bundle
) -> Iterator[Row]:
    evaluation = opening.evaluation
    yield _("Root of the frozen list of bids"), str(tender.box_root)
    for label, name in ((_("SHA-256 of the draw"), "draw_sha256"), (_("SHA-256 of the scores"), "technical_sha256")):
        if evaluation.get(name):
            yield label, evaluation[name]
    yield _("Digest of the evaluation"), opening.evaluation_digest
    auction = auctions.result_of(tender.id)
    if auction is not None:
        yield _("SHA-256 of the auction"), hashlib.sha256(jcs(auction)).hexdigest()
    if standing is not None:
        yield _("SHA-256 of the decisions"), reviews_sha256(reviews)
        yield _("Digest of the standing"), digest_of(standing)
    yield _("SHA-256 of the bundle"), bundle.sha256
