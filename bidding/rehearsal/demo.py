"""Tenders in every state, made from published openings: titles, agencies, regions and amounts are theirs.

Open ones keep the law's periods. What has to run through its deadline here and now is a practice tender, and marked.
"""

from __future__ import annotations

import random
import time as stopwatch
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from app.audit.sequencer import run_step
from app.db import db, transaction
from app.demo import PASSWORD, Demo, Login
from app.jobs import run_due
from app.time import KST, kst_date, now
from bidding.calendar import next_working_day
from bidding.keyholder.panel import Panel
from bidding.keyholders import configured
from bidding.models import Opening, Tender
from bidding.rehearsal.agency_names import ENGLISH
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder, enrol, make_agency, make_supplier
from bidding.rehearsal.openings import openings_file
from bidding.rehearsal.stages import Plan, announce, award, draft
from bidding.replay import ReplayTender, read_openings
from bidding.services import awarding, questions, revisions
from bidding.services.publishing import submit_for_review
from bidding.states import TenderState

AGENCIES, SUPPLIERS = 3, 8
OPEN, DRAFTS, IN_REVIEW = 14, 4, 3
AWARDED, OPENED, PROPOSED, FAILED, SEALED, CANCELLED = 8, 2, 2, 3, 2, 2
# For a visitor to try: the bidders of the demonstration hand in none.
PROPOSAL = [{"name": "기술제안서", "hint": "자유 양식", "required": False, "max_bytes": 50_000_000}]
RUNNING_MINUTES = (3, 6, 10)
TOTAL = OPEN + DRAFTS + IN_REVIEW + AWARDED + OPENED + PROPOSED + FAILED + SEALED + CANCELLED + len(RUNNING_MINUTES)
QUOTE_LIMIT_WON = 100_000_000
TO_DEADLINE = timedelta(seconds=9)
TO_OPENING = timedelta(seconds=5)  # the least that practice allows
PATIENCE = 90.0
# What has to happen before the demonstration begins; papers, bundles and mail are the worker's, in its own time.
AT_ONCE = ("bidding.close_tender", "bidding.open_tender")
STAFF = (("김도현", "이서연"), ("박지훈", "최민정"), ("정하늘", "강태호"))  # officer, approver
FIRMS = (
    ("한결기술", "Hangyeol Engineering"), ("누리설계", "Nuri Design"), ("다온이엔지", "Daon E&G"),
    ("푸른솔", "Pureunsol"), ("가람종합건설", "Garam Construction"), ("마루시스템", "Maru Systems"),
    ("해든정보", "Haedeun Information"), ("솔빛엔지니어링", "Solbit Engineering"),
)  # fmt: skip


def demo_step(demo: Demo) -> None:
    """Agencies, suppliers and at least forty tenders; leaves `agencies` and `bidders` for later steps."""
    sources = _sources()
    agencies, bidders = _cast(demo)
    demo.found |= {"agencies": agencies, "bidders": bidders}
    panel, chance = configured(), random.Random(7)
    demo.say("tenders that run through their deadline now (practice)")
    finished = _practice(sources, agencies, bidders, panel, chance)
    demo.say("open tenders, drafts, reviews")
    _open_ones(sources, agencies, bidders, panel)
    _running(sources, agencies, bidders, panel, chance)
    demo.say("waiting for the openings")
    _decide(finished)


def _sources() -> Iterator[ReplayTender]:
    """Openings without end: the file's, from the newest, again and again."""
    held = [tender for tender in read_openings(openings_file()) if tender.base_amount_won > 5_000_000]
    held.sort(key=lambda tender: tender.opened_at, reverse=True)
    while True:
        yield from held


def _cast(demo: Demo) -> tuple[list[Agency], list[Bidder]]:
    names = list(dict.fromkeys(tender.agency for tender in islice(_sources(), 60)))[:AGENCIES]
    began = now()
    agencies = []
    for number, name in enumerate(names or ["나루시"], start=1):
        with transaction():
            mail = f"agency{number}.example"
            agencies.append(
                make_agency(
                    f"AG{number:04d}",
                    name,
                    ENGLISH.get(name, name),
                    PASSWORD,
                    began,
                    mail=mail,
                    names=STAFF[number - 1],
                )
            )
        demo.logins += [Login("officer", f"officer@{mail}", name), Login("approver", f"approver@{mail}", name)]
    bidders = []
    for serial, (name_ko, name_en) in enumerate(FIRMS[:SUPPLIERS], start=1):
        with transaction():
            email = f"supplier{serial}@naru.example"
            bidders.append(enrol(make_supplier(serial, name_ko, name_en, PASSWORD, began, email=email), began))
        demo.logins.append(Login("supplier", email, name_ko))
    return agencies, bidders


def _plan(source: ReplayTender, *, is_practice: bool) -> Plan:
    is_small = source.base_amount_won * 10 // 11 <= QUOTE_LIMIT_WON
    more = {
        "regime": "local",
        "range_low": 97_000,
        "range_high": 103_000,
        "description": f"{source.title}\n\n과업 내용은 붙임 과업지시서에 따릅니다.",
        "delivery_place": source.agency,
    }
    method = "quote" if is_small else "qualification"
    return Plan(source.title, source.base_amount_won, "services", method, source.floor_rate, is_practice, more)


def _practice(
    sources: Iterator[ReplayTender],
    agencies: Sequence[Agency],
    bidders: Sequence[Bidder],
    panel: Panel,
    chance: random.Random,
) -> dict[str, list[tuple[Agency, UUID]]]:
    """Tenders whose deadline is seconds away, with bids in them, by what is to become of them."""
    finished: dict[str, list[tuple[Agency, UUID]]] = {}
    wanted = {
        "award": AWARDED,
        "open": OPENED,
        "propose": PROPOSED,
        "fail": FAILED,
        "seal": SEALED,
        "cancel": CANCELLED,
    }
    for fate, count in wanted.items():
        for number in range(count):
            agency = agencies[number % len(agencies)]
            began = now()
            closes_at = began + (TO_DEADLINE if fate != "cancel" else timedelta(hours=2))
            opens_at = closes_at + (timedelta(hours=3) if fate == "seal" else TO_OPENING)
            with transaction():
                plan = _plan(next(sources), is_practice=True)
                tender = draft(agency, plan, began, closes_at=closes_at, opens_at=opens_at)
                announce(agency, tender, panel, began)
            many = {"fail": number, "cancel": 2}.get(fate, 3 + number % 4)
            _bids(tender, bidders[:many] if fate != "fail" else bidders[: min(number, 1)], chance)
            finished.setdefault(fate, []).append((agency, tender.id))
            run_step()
    for agency, tender_id in finished["cancel"]:
        with transaction():
            reason = "사업 계획이 바뀌어 더 이상 필요하지 않습니다."
            revision = revisions.ask_revision(tender_id, "cancellation", reason, {}, agency.officer, now())
        with transaction():
            revisions.approve_revision(revision.id, agency.approver, now())
    return finished


def _bids(tender: Tender, bidders: Sequence[Bidder], chance: random.Random) -> None:
    base, floor = tender.base_amount_won or 0, tender.floor_rate or 88_000
    for bidder in bidders:
        # Around the floor, as bidders do: a few fall below it.
        amount = base * (floor + chance.randrange(-600, 2400)) // 100_000 // 10 * 10
        picks = chance.sample(range(1, 16), 2)
        with transaction():
            bid(db.session.get_one(Tender, tender.id), bidder, amount, picks, now())


def _open_ones(
    sources: Iterator[ReplayTender], agencies: Sequence[Agency], bidders: Sequence[Bidder], panel: Panel
) -> None:
    for number in range(OPEN + DRAFTS + IN_REVIEW):
        agency, began = agencies[number % len(agencies)], now()
        closes_at = deadline(began, 12 + number)
        with transaction():
            plan = _plan(next(sources), is_practice=False)
            tender = draft(agency, plan, began, closes_at=closes_at, opens_at=closes_at + timedelta(hours=1))
            if number < OPEN:
                announce(agency, tender, panel, began)
            elif number < OPEN + IN_REVIEW:
                submit_for_review(tender.id, agency.officer, began, panel=panel)
        if number < 3:
            with transaction():
                asked = questions.ask(tender.id, "착수 보고는 현장에서 해야 합니까?", bidders[number].actor, now())
                questions.answer(asked.id, "비대면으로도 가능합니다.", agency.officer, now())


def deadline(began: datetime, days: int) -> datetime:
    """10:00 or 14:00 in Korea on the first working day at least `days` away."""
    day = next_working_day(kst_date(began) + timedelta(days=days - 1))
    return datetime.combine(day, time(10 if days % 2 else 14), KST)


def _running(
    sources: Iterator[ReplayTender],
    agencies: Sequence[Agency],
    bidders: Sequence[Bidder],
    panel: Panel,
    chance: random.Random,
) -> None:
    """Practice tenders that a visitor can watch close and open, or bid in."""
    for number, minutes in enumerate(RUNNING_MINUTES):
        agency, began = agencies[number % len(agencies)], now()
        closes_at = began + timedelta(minutes=minutes)
        with transaction():
            plan = _plan(next(sources), is_practice=True)
            plan = replace(plan, title=f"{plan.title} (곧 마감되는 모의 입찰)")
            if number == len(RUNNING_MINUTES) - 1:
                plan = replace(plan, more=plan.more | {"asked_documents": PROPOSAL})
            tender = draft(agency, plan, began, closes_at=closes_at, opens_at=closes_at + timedelta(seconds=20))
            announce(agency, tender, panel, began)
        _bids(tender, bidders[1:5], chance)


def _decide(finished: dict[str, list[tuple[Agency, UUID]]]) -> None:
    """Once they are open: award some, propose some, leave some to the visitor."""
    waiting = [pair for fate in ("award", "open", "propose", "fail") for pair in finished[fate]]
    end = stopwatch.monotonic() + PATIENCE
    while stopwatch.monotonic() < end:
        run_step()
        run_due(now(), AT_ONCE)
        db.session.rollback()
        ended = select(Tender.id).where(
            Tender.id.in_([tender_id for _, tender_id in waiting]),
            Tender.state.in_((TenderState.OPENED, TenderState.FAILED)),
        )
        if len(list(db.session.scalars(ended))) == len(waiting):
            break
        stopwatch.sleep(0.2)
    for agency, tender_id in finished["award"]:
        with transaction():
            award(agency, tender_id, now())
    for agency, tender_id in finished["propose"]:
        with transaction():
            opening = db.session.get(Opening, tender_id)
            if opening is not None and db.session.get_one(Tender, tender_id).state == TenderState.OPENED:
                awarding.propose_award(tender_id, opening.evaluation_digest, agency.officer, now())
    run_step()
