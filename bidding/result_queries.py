"""The opened bids of a result as people look for them: in which order, and which of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import defer

from app.auth import Actor
from app.auth.models import Organisation
from app.db import db
from app.paging import Page, paginate
from bidding.models import Bid
from bidding.states import SEALED_BIDS

PER_PAGE = 50
# What no list of a result shows: the sealed envelopes are most of a row.
_HEAVY = (Bid.statement, Bid.signature, Bid.envelope, Bid.docs_envelope, Bid.salt, Bid.commitment)


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which bids of a result, in which order. Empty values filter nothing; `own` is whose bids `mine` are."""

    words: str = ""
    show: str = ""
    sort: str = "place"
    own: UUID | None = None

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.show)


def owner_of(actor: Actor) -> UUID | None:
    """Whose bids an actor may call its own; None for everybody but bidders."""
    return actor.organisation_id if actor.may("bid:submit") else None


def result_bids(tender_id: UUID, wanted: ResultFilter, page: int, per_page: int = PER_PAGE) -> Page[Bid]:
    """A page of opened bids; by place, the ranked come first, then the others by price and statement. Two queries."""
    query = select(Bid).join(Organisation, Organisation.id == Bid.organisation_id)
    query = query.where(Bid.tender_id == tender_id, Bid.state.not_in(SEALED_BIDS), *_narrowed(wanted))
    return paginate(_ordered(query, wanted.sort).options(*(defer(one) for one in _HEAVY)), page, per_page)


def find_first(tender_id: UUID, stmt: str | None) -> Bid | None:
    """The opened bid of this statement; of none, the first of the ranking."""
    which = Bid.stmt == stmt if stmt is not None else Bid.rank == 1
    return db.session.scalar(select(Bid).where(Bid.tender_id == tender_id, Bid.state.not_in(SEALED_BIDS), which))


def _narrowed(wanted: ResultFilter) -> list[ColumnElement[bool]]:
    among: list[ColumnElement[bool]] = []
    if wanted.show == "placed":
        among.append(Bid.rank.is_not(None))
    elif wanted.show == "out":
        among.append(Bid.rank.is_(None))
    elif wanted.show == "mine":
        among.append(Bid.organisation_id == wanted.own)
    if words := wanted.words.strip():
        named = [column.icontains(words, autoescape=True) for column in (Organisation.name_ko, Organisation.name_en)]
        among.append(or_(*named, Bid.supplier == words.replace("-", "")))
    return among


def _ordered(query: Select[Bid], sort: str) -> Select[Bid]:
    """Equal keys by statement, so that pages never overlap."""
    if sort == "amount":
        return query.order_by(Bid.amount_won.asc().nulls_last(), Bid.stmt)
    if sort == "dearest":
        return query.order_by(Bid.amount_won.desc().nulls_last(), Bid.stmt)
    if sort == "name":
        return query.order_by(Organisation.name_ko, Bid.stmt)
    return query.order_by(Bid.rank.asc().nulls_last(), Bid.amount_won.asc().nulls_last(), Bid.stmt)
