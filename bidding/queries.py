"""Reads. Nothing here changes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, and_, case, false, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import defer, selectinload

import suppliers.front
from app.auth import Actor
from app.auth.models import Organisation
from app.db import db
from app.paging import Page, paginate
from bidding.board_search import search_page
from bidding.models import (
    Attachment,
    Award,
    Bid,
    BidDocument,
    Bundle,
    Cancellation,
    DirectAward,
    EvaluationCommittee,
    HolderTest,
    Opening,
    OpeningGroup,
    Question,
    Recovery,
    Refusal,
    Revision,
    Tender,
    TenderHolder,
)
from bidding.search import query_tokens
from bidding.services import holding
from bidding.services.groups import leading_lane
from bidding.states import LIVE_DIRECT, PUBLIC, WITH_RESULT, BidState, DocumentState, TenderState

BOARD_STATES: Mapping[str, tuple[TenderState, ...]] = {
    "open": (TenderState.PUBLISHED,),
    "closed": (
        TenderState.CLOSING,
        TenderState.CLOSED,
        TenderState.EVALUATING,
        TenderState.OPENING,
        TenderState.AUCTION,
    ),
    "opened": (TenderState.OPENED, TenderState.PROPOSED),
    "awarded": (TenderState.AWARDED, TenderState.CONTRACTED),
    "failed": (TenderState.FAILED,),
    "cancelled": (TenderState.CANCELLED,),
}
_NUMBER = re.compile(r"[RT][0-9]{2}BK[0-9]{8}(L[0-9]{2})?(-[0-9]{3}(-[0-9A-Z]{1,8}){0,2})?", re.ASCII | re.IGNORECASE)
SORTS = ("newest", "closing", "amount")


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the public board shows. Empty values filter nothing; `closes_before` and `-after` are instants."""

    words: str = ""
    state: str = ""
    kind: str = ""
    region: str = ""
    method: str = ""
    agency: str = ""
    min_won: int | None = None
    max_won: int | None = None
    closes_after: datetime | None = None
    closes_before: datetime | None = None
    practice: str = ""  # "" both, "only", "without"
    sort: str = "newest"


def board(wanted: BoardFilter, page: int, per_page: int = 20, *, each_lot: bool = False) -> Page[Tender]:
    """A page of public tenders; of a notice's lots the first stands for all, unless each is wanted.

    Newest first unless asked otherwise; equal keys by id, so that pages never overlap.
    """
    words = wanted.words.strip()
    among = [*_filtered(wanted), *(() if each_lot else (Tender.is_first_lot,))]
    if wanted.sort == "newest" and query_tokens(words) and not _is_number(words):
        return search_page(among, words, page, per_page, LIGHT)
    query = matching(select(Tender).where(*among), words)
    return paginate(_order(query, wanted).options(*LIGHT), page, per_page)


# What no list shows: reading and parsing these would cost more than all the rest.
_HEAVY = (
    *(Tender.box, Tender.box_note, Tender.seeds, Tender.asked_documents),
    *(Tender.description, Tender.tokens),
)
LIGHT = (*(defer(column) for column in _HEAVY), selectinload(Tender.lot_group))


def _filtered(wanted: BoardFilter) -> Iterator[ColumnElement[bool]]:
    yield Tender.published_at.is_not(None)
    yield from _among(wanted)
    yield from _between(wanted)
    if wanted.agency:
        yield Tender.agency_id.in_(_agencies_named(wanted.agency))


def _among(wanted: BoardFilter) -> Iterator[ColumnElement[bool]]:
    """Conditions on what a tender is."""
    if states := BOARD_STATES.get(wanted.state):
        yield Tender.state.in_(states)
    if wanted.kind:
        yield Tender.kind == wanted.kind
    if wanted.method:
        yield Tender.method == wanted.method
    if wanted.region:
        # A tender without regions is open to all of them.
        yield (func.cardinality(Tender.regions) == 0) | Tender.regions.contains([wanted.region])
    if wanted.practice in ("only", "without"):
        yield Tender.is_practice.is_(wanted.practice == "only")


def _between(wanted: BoardFilter) -> Iterator[ColumnElement[bool]]:
    """Conditions on amounts and times."""
    if wanted.min_won is not None:
        yield Tender.base_amount_won >= wanted.min_won
    if wanted.max_won is not None:
        yield Tender.base_amount_won <= wanted.max_won
    if wanted.closes_after is not None:
        yield Tender.closes_at >= wanted.closes_after
    if wanted.closes_before is not None:
        yield Tender.closes_at < wanted.closes_before


def _agencies_named(name: str) -> Select[UUID]:
    like = f"%{_escaped(name)}%"
    return select(Organisation.id).where(Organisation.name_ko.ilike(like) | Organisation.name_en.ilike(like))


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def matching(query: Select[Tender], words: str) -> Select[Tender]:
    """Titles that hold every word as it is written, or the notice with this very number.

    The index finds the candidates by their tokens; the recheck keeps those in which the words really stand.
    """
    words = words.strip()
    if not words:
        return query
    if _is_number(words):
        return query.where(Tender.number == words.upper().split("-")[0].split("L")[0])
    wanted = query_tokens(words)
    if not wanted:
        return query.where(Tender.title.ilike(f"%{_escaped(words)}%"))
    query = query.where(Tender.tokens.contains(wanted))
    for word in words.split():
        query = query.where(Tender.title.ilike(f"%{_escaped(word)}%"))
    return query


def _is_number(words: str) -> bool:
    return _NUMBER.fullmatch(words) is not None


def _order(query: Select[Tender], wanted: BoardFilter) -> Select[Tender]:
    if wanted.sort == "closing":
        return query.order_by(Tender.closes_at.asc(), Tender.id)
    if wanted.sort == "amount":
        return query.order_by(Tender.base_amount_won.desc(), Tender.id)
    return query.order_by(Tender.published_at.desc(), Tender.id.desc())


def agency_tenders(actor: Actor, states: Sequence[TenderState], page: int) -> Page[Tender]:
    """The agency's own, drafts included, those that moved last first."""
    mine = select(Tender).where(Tender.agency_id == actor.organisation_id, _stands_alone())
    if states:
        mine = mine.where(Tender.state.in_(states))
    mine = mine.options(selectinload(Tender.lot_group))
    return paginate(mine.order_by(Tender.created_at.desc(), Tender.id), page)


def _stands_alone() -> ColumnElement[bool]:
    """Until it is published a lot goes with the first of its notice; afterwards each has a way of its own."""
    together = Tender.state.in_((TenderState.DRAFT, TenderState.IN_REVIEW))
    return or_(Tender.is_first_lot, ~together)


def waiting_for(actor: Actor, page: int) -> Page[Tender]:
    """What only this person can move on: reviews, proposals and changes for an approver, openings for an officer."""
    waits: list[ColumnElement[bool]] = []
    if actor.may("award:propose"):
        waits.append(Tender.state == TenderState.OPENED)
    if actor.may("tender:approve"):
        waits += [Tender.state.in_((TenderState.IN_REVIEW, TenderState.PROPOSED)), Tender.id.in_(_changes_for(actor))]
    query = select(Tender).where(Tender.agency_id == actor.organisation_id, or_(false(), *waits), _stands_alone())
    return paginate(query.order_by(Tender.created_at.desc(), Tender.id), page)


def _changes_for(actor: Actor) -> Select[UUID]:
    """Tenders with a change that somebody else asked for and nobody has decided."""
    return select(Revision.tender_id).where(
        Revision.approved_at.is_(None), Revision.refused_at.is_(None), Revision.asked_by_id != actor.person_id
    )


def attachments(tender_id: UUID) -> list[Attachment]:
    query = select(Attachment).where(Attachment.tender_id == tender_id)
    return list(db.session.scalars(query.order_by(Attachment.added_at, Attachment.id)))


def questions(tender_id: UUID) -> list[Question]:
    query = select(Question).where(Question.tender_id == tender_id)
    return list(db.session.scalars(query.order_by(Question.asked_at, Question.id)))


def revisions(tender_id: UUID, *, in_force_only: bool = True) -> list[Revision]:
    """Of the tender, or of the notice whose lot it is: those are kept with its first lot."""
    group = select(Tender.lot_group_id).where(Tender.id == tender_id).scalar_subquery()
    first = select(Tender.id).where(Tender.lot_group_id == group, Tender.is_first_lot)
    query = select(Revision).where(or_(Revision.tender_id == tender_id, Revision.tender_id.in_(first)))
    if in_force_only:
        query = query.where(Revision.approved_at.is_not(None))
    return list(db.session.scalars(query.order_by(Revision.asked_at, Revision.id)))


def find_opening(tender_id: UUID) -> Opening | None:
    """What was opened, once it may be shown: while an auction is ahead or runs, it would tell who bids."""
    shown = select(Opening).join(Tender, Tender.id == Opening.tender_id)
    return db.session.scalar(shown.where(Opening.tender_id == tender_id, Tender.state != TenderState.AUCTION))


def find_award(tender_id: UUID) -> Award | None:
    """The award of a tender, or the first of several."""
    return db.session.scalar(select(Award).where(Award.tender_id == tender_id).order_by(Award.place).limit(1))


def awards(tender_id: UUID) -> list[Award]:
    """Every award of a tender, in the order of the winners."""
    return list(db.session.scalars(select(Award).where(Award.tender_id == tender_id).order_by(Award.place)))


def bundles(tender_id: UUID) -> list[Bundle]:
    return list(db.session.scalars(select(Bundle).where(Bundle.tender_id == tender_id).order_by(Bundle.made_at)))


def my_bids(organisation_id: UUID, page: int) -> Page[Bid]:
    query = select(Bid).join(Bid.tender).where(Bid.organisation_id == organisation_id)
    return paginate(query.order_by(Bid.received_at.desc(), Bid.id), page)


def find_own_bid(tender_id: UUID, organisation_id: UUID) -> Bid | None:
    return db.session.scalar(select(Bid).where(Bid.tender_id == tender_id, Bid.organisation_id == organisation_id))


def is_shut_out(tender: Tender, organisation_id: UUID) -> bool:
    """Whether a rebid is among those who bid in the round before, and this supplier did not."""
    if tender.rebid_bidders == "all" or tender.previous_id is None:
        return False
    return find_own_bid(tender.previous_id, organisation_id) is None


def follower_of(tender_id: UUID) -> Tender | None:
    """What follows a failed tender: a draft, or one announced; a cancelled one counts no more."""
    query = select(Tender).where(Tender.previous_id == tender_id, Tender.state != TenderState.CANCELLED)
    return db.session.scalar(query)


def direct_of(tender_id: UUID) -> DirectAward | None:
    """The contract without competition that was asked for or decided; one refused or lapsed counts no more."""
    open_ = DirectAward.tender_id == tender_id, DirectAward.state.in_(LIVE_DIRECT)
    return db.session.scalar(select(DirectAward).where(*open_))


def family(tender: Tender) -> list[Tender]:
    """Everything public before and after `tender`, the first notice first. One query: they share a number."""
    if tender.number is None:
        return []
    query = select(Tender).where(Tender.number == tender.number, Tender.published_at.is_not(None)).options(*LIGHT)
    known = {one.id: one for one in db.session.scalars(query.limit(200))}
    root = tender
    while root.previous_id in known:
        root = known[root.previous_id]
    after = {one.previous_id: one for one in sorted(known.values(), key=lambda one: (one.first_ord, one.rbid_no))}
    chain = [root]
    while (following := after.get(chain[-1].id)) is not None:
        chain.append(following)
    return chain if tender in chain else [*chain, tender]


def cancelled_bids(tender_id: UUID) -> int:
    """How many bids of a tender were cancelled for good (frozen as its opening began, or as it failed)."""
    frozen = Cancellation.tender_id == tender_id, Cancellation.frozen_at.is_not(None)
    return db.session.scalar(select(func.count()).where(*frozen)) or 0


def tenders_to_close(now: datetime) -> list[Tender]:
    """What has to be closed, less what is held; a closing that has begun goes on."""
    may_begin = and_(Tender.state == TenderState.PUBLISHED, holding.not_held(holding.holds(now), now))
    due = select(Tender).where(or_(may_begin, Tender.state == TenderState.CLOSING), Tender.closes_at <= now)
    return list(db.session.scalars(due.order_by(Tender.closes_at, Tender.id).limit(500)))


def tenders_to_open(now: datetime) -> list[Tender]:
    due = select(Tender).where(Tender.state.in_((TenderState.CLOSED, TenderState.OPENING)), Tender.opens_at <= now)
    waiting = list(db.session.scalars(due.order_by(Tender.opens_at, Tender.id).limit(500)))
    return [*waiting, *proposals_to_open(now)]


def documents_to_open() -> list[UUID]:
    """Opened tenders whose bids' documents are still sealed."""
    owed = select(Tender.id).where(
        Tender.docs_opened_at.is_(None),
        Tender.opened_at.is_not(None),
        Tender.asked_documents != [],
        Tender.state.in_(WITH_RESULT),
    )
    return list(db.session.scalars(owed.order_by(Tender.opened_at).limit(500)))


def proposals_to_open(now: datetime) -> list[Tender]:
    """Tenders in evaluation whose proposals are still sealed."""
    owed = select(Tender).where(Tender.state == TenderState.EVALUATING, Tender.docs_opened_at.is_(None))
    return list(db.session.scalars(owed.where(Tender.opens_at <= now).order_by(Tender.opens_at).limit(500)))


def evaluations_to_begin() -> list[UUID]:
    """Tenders whose proposals are open and not yet given to the committee, no file of which is still looked into."""
    begun = select(EvaluationCommittee.begun_at).where(EvaluationCommittee.tender_id == Tender.id).scalar_subquery()
    owed = select(Tender.id).where(
        Tender.state == TenderState.EVALUATING, Tender.docs_opened_at.is_not(None), begun.is_(None)
    )
    return [
        tender_id
        for tender_id in db.session.scalars(owed.order_by(Tender.docs_opened_at).limit(500))
        if not is_looked_into(tender_id)
    ]


def is_looked_into(tender_id: UUID) -> bool:
    """Whether a file of a proposal still waits to be looked into."""
    sealed = select(BidDocument.bid_id).join(BidDocument.bid).where(Bid.tender_id == tender_id)
    waits = sealed.where(BidDocument.state == DocumentState.SEALED, Bid.state == BidState.PRESENTED).limit(1)
    return db.session.scalar(waits) is not None


def tenders_to_drill(now: datetime, ahead: timedelta) -> list[Tender]:
    """Tenders that take bids, whose deadline is at most `ahead` away and which were published before that began."""
    closes, published = (type_coerce(one, DateTime(timezone=True)) for one in (Tender.closes_at, Tender.published_at))
    due = select(Tender).where(
        Tender.state == TenderState.PUBLISHED,
        Tender.closes_at > now,
        Tender.closes_at <= now + ahead,
        closes - published >= ahead,
    )
    return list(db.session.scalars(due.order_by(Tender.closes_at, Tender.id).limit(500).options(*LIGHT)))


def recoveries_to_open(now: datetime) -> list[tuple[UUID, datetime]]:
    query = select(Recovery.tender_id, Recovery.until_at).join(Tender, Tender.id == Recovery.tender_id)
    due = Recovery.approved_at.is_not(None), Recovery.until_at <= now, Tender.state == TenderState.OPENING
    return [(tender_id, until_at) for tender_id, until_at in db.session.execute(query.where(*due).limit(200))]


def is_overdue(tender_id: UUID, state: TenderState, now: datetime) -> bool:
    """Whether the tender is still in `state`, published or closed, though by `now` its deadline or opening has come."""
    tender = db.session.get_one(Tender, tender_id)
    at = tender.closes_at if state == TenderState.PUBLISHED else tender.opens_at
    return tender.state == state and at is not None and at <= now


def opening_is_overdue(tender_id: UUID, now: datetime) -> bool:
    """The same of an opening that the clock begins: a committee's begins when its members have come."""
    tender = db.session.get_one(Tender, tender_id)
    return tender.holder_policy == "services" and is_overdue(tender_id, TenderState.CLOSED, now)


def lanes_to_open(tender_id: UUID) -> list[str]:
    """The lanes of a tender whose groups are fixed; the price first."""
    query = select(OpeningGroup.lane).where(OpeningGroup.tender_id == tender_id).distinct()
    return sorted(db.session.scalars(query), reverse=True)


def waits_for_services(tender_id: UUID) -> bool:
    """Whether the opening can go on by itself: no person is waited for, and a group is left to ask."""
    tender = db.session.get_one(Tender, tender_id)
    is_opening = tender.state == TenderState.OPENING or proposals_wait(tender_id)
    if not is_opening or tender.holder_policy != "services":
        return False
    lane = leading_lane(tender)
    query = select(OpeningGroup).where(OpeningGroup.tender_id == tender_id, OpeningGroup.lane == lane)
    group = db.session.scalar(query.order_by(OpeningGroup.number.desc()).limit(1))
    return group is not None and bool(group.holders)


def proposals_wait(tender_id: UUID) -> bool:
    """Whether a tender's proposals are being opened, before its prices."""
    tender = db.session.get_one(Tender, tender_id)
    return tender.state == TenderState.EVALUATING and tender.docs_opened_at is None


def cancellations_asked(tender: Tender) -> int:
    """How many of its bidders have asked to cancel their bids."""
    return db.session.scalar(select(func.count()).where(Cancellation.tender_id == tender.id)) or 0


def find_refusal(refusal_id: UUID) -> Refusal | None:
    return db.session.get(Refusal, refusal_id)


def refusals_of(tender_id: UUID, organisation_id: UUID) -> list[Refusal]:
    """Of one supplier's bids in one tender, newest first; twenty at most."""
    mine = select(Refusal).where(Refusal.organisation_id == organisation_id, Refusal.tender_id == tender_id)
    return list(db.session.scalars(mine.order_by(Refusal.refused_at.desc()).limit(20)))


def is_held(tender_id: UUID, now: datetime) -> bool:
    """Whether an outage, or the clock, keeps the tender from closing."""
    return holding.why_held(db.session.get_one(Tender, tender_id), now) is not None


def last_service_tests() -> dict[str, HolderTest]:
    """The last answered test of each service, whatever the tender."""
    same = (TenderHolder.tender_id == HolderTest.tender_id) & (TenderHolder.holder == HolderTest.holder)
    query = (
        select(HolderTest)
        .join(TenderHolder, same)
        .where(TenderHolder.kind == "service", HolderTest.answered_at.is_not(None))
        .order_by(HolderTest.holder, HolderTest.answered_at.desc(), HolderTest.id.desc())
        .ext(distinct_on(HolderTest.holder))
    )
    return {test.holder: test for test in db.session.scalars(query)}


SEALED = (
    TenderState.PUBLISHED,
    TenderState.CLOSING,
    TenderState.CLOSED,
    TenderState.EVALUATING,
    TenderState.OPENING,
)


def openings_ahead() -> dict[str, int]:
    """By holder id of a service, how many tenders it is still to open."""
    query = select(TenderHolder.holder, func.count()).join(Tender, Tender.id == TenderHolder.tender_id)
    rows = query.where(TenderHolder.kind == "service", Tender.state.in_(SEALED)).group_by(TenderHolder.holder)
    return dict(db.session.execute(rows).all())


def unready_tenders(limit: int = 50) -> list[Tender]:
    """Running tenders of which a keyholder did not open its last test, the nearest opening first."""
    late = select(TenderHolder.tender_id).where(TenderHolder.ready_at.is_(None))
    query = select(Tender).where(Tender.state.in_(SEALED), Tender.id.in_(late)).order_by(Tender.opens_at, Tender.id)
    return list(db.session.scalars(query.options(*LIGHT).limit(limit)))


def is_public(tender: Tender) -> bool:
    return tender.state in PUBLIC


def has_result(tender: Tender) -> bool:
    return tender.state in WITH_RESULT


def bundles_missing() -> list[tuple[UUID, str]]:
    """Tenders whose opening, award or failure after reviews is not in a published bundle yet, and which."""
    has_opening = select(Bundle.tender_id).where(Bundle.tender_id == Opening.tender_id, Bundle.stage == "opening")
    stage = case((Award.round == 1, "award"), else_=func.concat("award-", Award.round))
    has_award = select(Bundle.tender_id).where(Bundle.tender_id == Award.tender_id, Bundle.stage == stage)
    has_failure = select(Bundle.tender_id).where(Bundle.tender_id == Tender.id, Bundle.stage == "failure")
    opened = (
        select(Opening.tender_id)
        .join(Tender, Tender.id == Opening.tender_id)
        .where(~has_opening.exists(), Tender.state != TenderState.AUCTION)  # until its end nothing says who has bid
    )
    confirmed = select(Award).where(Award.confirmed_at.is_not(None), Award.place == 1, ~has_award.exists())
    ended = select(Tender.id).where(Tender.state == TenderState.FAILED, Tender.failure == "none-left")
    failed = ended.where(~has_failure.exists()).limit(200)
    found = [(tender_id, "opening") for tender_id in db.session.scalars(opened.limit(200))]
    found += [(award.tender_id, award.stage) for award in db.session.scalars(confirmed.limit(200))]
    return found + [(tender_id, "failure") for tender_id in db.session.scalars(failed)]


def opened_last(count: int) -> Page[Tender]:
    """Opened tenders, whatever came of them, the newest tender first (ids are in the order of their making)."""
    query = select(Tender).join(Opening, Opening.tender_id == Tender.id).where(Tender.state != TenderState.AUCTION)
    return paginate(query.order_by(Opening.tender_id.desc()), 1, count)


def find_bid(bid_id: UUID) -> Bid | None:
    return db.session.get(Bid, bid_id)


def state_counts() -> dict[str, int]:
    """Real tenders by the board's states; practice counts in no statistics."""
    query = select(Tender.state, func.count()).where(Tender.published_at.is_not(None), Tender.is_practice.is_(False))
    by_state = dict(db.session.execute(query.group_by(Tender.state)).all())
    return {name: sum(by_state.get(state, 0) for state in states) for name, states in BOARD_STATES.items()}


def kind_counts() -> dict[str, int]:
    query = select(Tender.kind, func.count()).where(Tender.published_at.is_not(None), Tender.is_practice.is_(False))
    return dict(db.session.execute(query.group_by(Tender.kind).order_by(Tender.kind)).all())


def awards_of(organisation_id: UUID, page: int = 1, per_page: int = 10) -> Page[Award]:
    """What a supplier won, newest first; practice counts nowhere."""
    query = select(Award).join(Award.tender).where(Award.organisation_id == organisation_id)
    real = query.where(Award.confirmed_at.is_not(None), Tender.is_practice.is_(False))
    return paginate(real.order_by(Award.confirmed_at.desc(), Award.tender_id), page, per_page)


def firm_names(tender_id: UUID, business_numbers: Sequence[str], lang: str) -> dict[str, str]:
    """The name of each of these bidders (business numbers) of a tender. Two queries."""
    named = Bid.tender_id == tender_id, Bid.supplier.in_(business_numbers)
    by_organisation = dict(db.session.execute(select(Bid.organisation_id, Bid.supplier).where(*named)).all())
    return {
        by_organisation[firm.organisation_id]: firm.name_en if lang == "en" else firm.name_ko
        for firm in suppliers.front.summaries(by_organisation).values()
    }
