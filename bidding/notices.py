"""What people are told, what waits on their desks, and the places of bidding in the menus and on the front page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import charts, portal
from app.auth import Actor, OrganisationKind
from app.notifications import register_notification
from app.portal import Card, Entry, Figure, FrontSection, NavItem
from bidding import labels, queries
from bidding.context import agency_href
from bidding.models import Bid, Tender
from bidding.queries import BoardFilter
from bidding.states import TenderState as T
from suppliers.front import Line, Section, register_supplier_section

SHOWN = 6


def init_notifications() -> None:
    for kind, subject, body in (
        ("tender.submitted", _l("A tender waits for your approval"), _l("“%(title)s” was sent to the approver.")),
        ("tender.sent_back", _l("A tender was sent back"), _l("“%(title)s”: the reason stands above the draft.")),
        (
            "tender.question",
            _l("A question about your tender"),
            _l("“%(title)s” has a new question. The answer is public."),
        ),
        ("tender.answer", _l("Your question was answered"), _l("“%(title)s”: the answer is on the tender's page.")),
        (
            "tender.revision_asked",
            _l("A change waits for approval"),
            _l("“%(title)s”: a second person has to approve it."),
        ),
        (
            "tender.direct_asked",
            _l("A contract without competition waits for approval"),
            _l("“%(title)s”: a second person has to approve it."),
        ),
        (
            "tender.direct",
            _l("A contract is given to you"),
            _l("“%(title)s” failed, and the agency contracts with you without competition. The contract comes next."),
        ),
        ("tender.correction", _l("A notice was corrected"), _l("“%(title)s”: see what changed. Your bid stands.")),
        ("tender.extension", _l("A deadline was extended"), _l("“%(title)s”: see the new deadline. Your bid stands.")),
        ("tender.cancellation", _l("A tender was cancelled"), _l("“%(title)s” was cancelled. Your bid stays sealed.")),
        (
            "tender.closed",
            _l("Bidding has closed"),
            _l("“%(title)s”: the list is frozen; the opening runs at its time."),
        ),
        (
            "auction.announced",
            _l("A reverse auction was announced"),
            _l("“%(title)s”: the bids are open, without names; the auction begins at %(starts_at)s."),
        ),
        ("tender.opened", _l("Bids were opened"), _l("“%(title)s”: every bid has its place or its reason.")),
        (
            "opening.stuck",
            _l("An opening cannot go on"),
            _l("“%(title)s”: too few keyholders can give their pieces. Two officers decide on the recovery."),
        ),
        (
            "opening.recovery_asked",
            _l("A recovery waits for approval"),
            _l("“%(title)s”: a second person decides whether the bidders are asked for their keys."),
        ),
        (
            "opening.recovery",
            _l("The key of your bid is needed"),
            _l("“%(title)s”: the keyholders lost theirs. Give the key from your bid file before the time named."),
        ),
        (
            "keyholder.alarm",
            _l("A keyholder is not ready"),
            _l("“%(title)s”: a drill before the opening failed. See who is not ready."),
        ),
        (
            "keyholder.postpone",
            _l("Too few keyholders answer: consider postponing"),
            _l("“%(title)s”: an hour before the deadline too few keyholders can open. Two officers can postpone it."),
        ),
        ("tender.failed", _l("A tender failed (유찰)"), _l("“%(title)s”: see why, and what is possible next.")),
        (
            "tender.award_proposed",
            _l("An award waits for confirmation"),
            _l("“%(title)s”: a second person confirms it."),
        ),
        (
            "review.requested",
            _l("You are asked for documents"),
            _l("“%(title)s”: your bid is first in line. Give the documents before the time named."),
        ),
        ("review.supplement", _l("Something is missing"), _l("“%(title)s”: add to your documents, once and in time.")),
        ("review.submitted", _l("A bidder gave its documents"), _l("“%(title)s”: look at them and enter the points.")),
        ("review.proposed", _l("A decision about a bid waits"), _l("“%(title)s”: a second person agrees or not.")),
        ("review.decided", _l("It was decided about a bid"), _l("“%(title)s”: see who is next in line.")),
        ("review.passed", _l("Your bid passed its review"), _l("“%(title)s”: your place stands.")),
        (
            "review.failed",
            _l("Your bid is out of the running"),
            _l("“%(title)s”: the reason and its legal basis are on the page. You can object within three days."),
        ),
        ("bond.forfeited", _l("Your bid bond is forfeited"), _l("“%(title)s”: the contract was not signed.")),
        (
            "consortium.invited",
            _l("You are asked to bid together"),
            _l("“%(title)s”: a firm asks yours to join its consortium. Read the agreement and decide."),
        ),
        (
            "consortium.changed",
            _l("An agreement you are part of was changed"),
            _l("“%(title)s”: read the new words; what you agreed to before is void."),
        ),
        ("consortium.agreed", _l("A member has agreed"), _l("“%(title)s”: see who has agreed to your agreement.")),
        (
            "consortium.declined",
            _l("A member has left"),
            _l("“%(title)s”: a firm does not join. Propose the agreement again without it."),
        ),
        (
            "consortium.concluded",
            _l("An agreement is concluded"),
            _l("“%(title)s”: the consortium stands. Its lead bids for all members."),
        ),
        ("consortium.dissolved", _l("A consortium was dissolved"), _l("“%(title)s”: its lead has given it up.")),
        ("tender.won", _l("You won"), _l("“%(title)s” was awarded to you. The contract comes next.")),
        ("tender.awarded", _l("A tender you bid in was awarded"), _l("“%(title)s”: the whole result is public.")),
    ):
        register_notification(kind, subject, body)


def init_portal() -> None:
    portal.register_nav(
        NavItem("bidding.board", _l("Tenders"), order=10),
        NavItem("bidding.agency_tenders", _l("Our tenders"), "tender:view-own", order=20),
        NavItem("bidding.my_bids", _l("My bids"), "bid:submit", order=20),
        NavItem("bidding.my_consortia", _l("Our consortia"), "consortium:form", order=30),
        NavItem("bidding.keyholder_health", _l("Keyholders"), "keyholder:watch", order=40),
        NavItem("bidding.audit_cases", _l("Cases"), "tender:audit", order=20),
    )
    portal.register_person_item(NavItem("bidding.signing_keys", _l("Signing keys"), "bid:submit", order=40))
    portal.register_search("bidding.board", _l("Search tenders"))
    portal.register_card("bidding.decide", decide_card)
    portal.register_card("bidding.drafts", drafts_card)
    portal.register_card("bidding.running", running_card)
    portal.register_card("bidding.open", open_card)
    portal.register_card("bidding.bids", bids_card)
    portal.register_card("bidding.cases", cases_card)
    portal.register_front("bidding.figures", figures_section)
    register_supplier_section("bidding.awards", awards_section)
    portal.register_front("bidding.closing", closing_section)
    portal.register_front("bidding.newest", newest_section)


def _entries(tenders: Sequence[Tender], *, own: bool) -> list[Entry]:
    return [
        Entry(
            tender.title,
            agency_href(tender) if own else url_for("bidding.tender_page", reference=tender.reference),
            str(labels.STATE[tender.state]),
            labels.TONE[tender.state],
            tender.closes_at if tender.state == T.PUBLISHED else tender.opens_at if tender.state == T.CLOSED else None,
        )
        for tender in tenders[:SHOWN]
    ]


def _agency_card(actor: Actor, title: str, states: tuple[T, ...], tab: str, empty: str, order: int) -> Card | None:
    if actor.organisation_kind != OrganisationKind.AGENCY or not actor.may("tender:view-own"):
        return None
    page = queries.agency_tenders(actor, states, 1)
    href = url_for("bidding.agency_tenders", tab=tab)
    return Card(title, _entries(page.items, own=True), page.total, href, empty, order=order)


def decide_card(actor: Actor, _now: datetime) -> Card | None:
    """What waits for this very person: nothing that a colleague has to do first."""
    if actor.organisation_kind != OrganisationKind.AGENCY or not actor.may("tender:view-own"):
        return None
    page = queries.waiting_for(actor, 1)
    href = url_for("bidding.agency_tenders", tab="decide")
    title, empty = _("To decide"), _("Nothing waits for a decision.")
    return Card(title, _entries(page.items, own=True), page.total, href, empty, order=10)


def drafts_card(actor: Actor, _now: datetime) -> Card | None:
    if not actor.may("tender:draft"):
        return None
    return _agency_card(actor, _("Drafts"), (T.DRAFT,), "drafts", _("No drafts. Begin one with “New tender”."), 30)


def running_card(actor: Actor, _now: datetime) -> Card | None:
    states = (T.PUBLISHED, T.CLOSING, T.CLOSED, T.OPENING)
    return _agency_card(actor, _("Running"), states, "open", _("No tender is running."), 20)


def open_card(actor: Actor, now: datetime) -> Card | None:
    """Of a supplier: what closes next."""
    if not actor.may("bid:submit"):
        return None
    page = queries.board(BoardFilter(state="open", sort="closing", closes_after=now), 1, SHOWN)
    href = url_for("bidding.board", state="open", sort="closing")
    return Card(
        _("Open tenders, closing soonest"),
        _entries(page.items, own=False),
        page.total,
        href,
        _("No tender is open."),
        20,
    )


def bids_card(actor: Actor, _now: datetime) -> Card | None:
    if not actor.may("bid:submit") or actor.organisation_id is None:
        return None
    page = queries.my_bids(actor.organisation_id, 1)
    entries = [_bid_entry(bid) for bid in page.items[:SHOWN]]
    return Card(_("My bids"), entries, page.total, url_for("bidding.my_bids"), _("You have not bid yet."), 30)


def _bid_entry(bid: Bid) -> Entry:
    label = labels.REASON.get(bid.reason or "", labels.STATE[bid.tender.state])
    return Entry(
        bid.tender.title, url_for("bidding.bid_page", bid_id=bid.id), str(label), labels.TONE[bid.tender.state]
    )


def cases_card(actor: Actor, _now: datetime) -> Card | None:
    """Of an auditor: what was opened last, in public."""
    if not actor.may("tender:audit"):
        return None
    page = queries.opened_last(SHOWN)
    entries = [
        Entry(
            tender.title,
            url_for("bidding.audit_case", reference=tender.reference),
            str(labels.STATE[tender.state]),
            labels.TONE[tender.state],
        )
        for tender in page.items
    ]
    empty = _("Nothing has been opened yet.")
    return Card(_("Opened last"), entries, page.total, url_for("bidding.audit_cases"), empty, order=10)


def closing_section(now: datetime) -> FrontSection:
    page = queries.board(BoardFilter(state="open", sort="closing", closes_after=now), 1, SHOWN)
    return FrontSection(
        _("Closing soonest"),
        entries=_entries(page.items, own=False),
        href=url_for("bidding.board", state="open", sort="closing"),
        href_label=_("All open tenders"),
        empty=_("No tender is open at the moment."),
        order=10,
    )


def newest_section(_now: datetime) -> FrontSection:
    page = queries.board(BoardFilter(), 1, SHOWN)
    return FrontSection(
        _("Newest"),
        entries=_entries(page.items, own=False),
        href=url_for("bidding.board"),
        href_label=_("All tenders"),
        empty=_("No tender has been published yet."),
        order=20,
    )


def figures_section(_now: datetime) -> FrontSection:
    """Real tenders only: practice counts in no statistics."""
    counts = queries.state_counts()
    shown = [
        (labels.STATE[T.PUBLISHED], counts.get("open", 0)),
        (labels.STATE[T.OPENED], counts.get("opened", 0)),
        (labels.STATE[T.AWARDED], counts.get("awarded", 0)),
        (labels.STATE[T.FAILED], counts.get("failed", 0)),
    ]
    by_kind = [(str(labels.KIND[kind]), count) for kind, count in queries.kind_counts().items()]
    return FrontSection(
        _("In figures"),
        figures=[Figure(str(label), f"{count:,}") for label, count in shown],
        chart=charts.bars(by_kind, _("tenders")) if by_kind else None,
        order=30,
    )


def awards_section(organisation_id: UUID, _now: datetime) -> Section:
    """On a supplier's public page: what it won, practice left out."""
    page = queries.awards_of(organisation_id)
    lines = [
        Line(
            award.tender.title,
            url_for("bidding.tender_result", reference=award.tender.reference),
            award.confirmed_at,
            award.amount_won,
        )
        for award in page.items
    ]
    return Section(_("Awards"), _("No award yet."), lines, page.total)
