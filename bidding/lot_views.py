"""What pages show of a notice's lots: a line for each, the limit in words, and what came of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

import suppliers.front
from app.auth import Actor
from app.db import db
from app.formats import won
from app.i18n import language
from bidding import labels
from bidding.models import Award, Bid, LotGroup, Tender
from bidding.queries import LIGHT
from bidding.states import TenderState


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot, its winners `(name, won)`, and the reader's own bid on it."""

    tender: Tender
    winners: tuple[tuple[str, int], ...]
    bid_id: UUID | None


@dataclass(frozen=True, slots=True)
class Lots:
    lines: tuple[LotLine, ...]
    limit: str
    summary: str


def lots_shown(tender: Tender, actor: Actor) -> Lots | None:
    """The lots of the tender's notice; None where it has none. Four queries whatever their number."""
    if tender.lot_group is None:
        return None
    query = select(Tender).where(Tender.lot_group_id == tender.lot_group_id).order_by(Tender.lot_no)
    rows = list(db.session.scalars(query.options(*LIGHT)))
    winners, bids = _winners(rows), _own_bids(rows, actor)
    lines = tuple(LotLine(row, tuple(winners.get(row.id, ())), bids.get(row.id)) for row in rows)
    return Lots(lines, limit_told(tender.lot_group, rows), summary_told(rows))


def _winners(rows: Sequence[Tender]) -> dict[UUID, list[tuple[str, int]]]:
    confirmed = Award.tender_id.in_([row.id for row in rows]), Award.confirmed_at.is_not(None)
    awards = list(db.session.scalars(select(Award).where(*confirmed).order_by(Award.place)))
    firms = suppliers.front.summaries([award.organisation_id for award in awards])
    found: dict[UUID, list[tuple[str, int]]] = {}
    for award in awards:
        firm = firms.get(award.organisation_id)
        name = "–" if firm is None else firm.name_en if language() == "en" else firm.name_ko
        found.setdefault(award.tender_id, []).append((name, award.amount_won))
    return found


def _own_bids(rows: Sequence[Tender], actor: Actor) -> dict[UUID, UUID]:
    if actor.organisation_id is None or not actor.may("bid:submit"):
        return {}
    mine = Bid.tender_id.in_([row.id for row in rows]), Bid.organisation_id == actor.organisation_id
    return dict(db.session.execute(select(Bid.tender_id, Bid.id).where(*mine)).all())


def limit_told(group: LotGroup, rows: Sequence[Tender]) -> str:
    """How much of the notice one bidder may win, in words; empty without a limit."""
    told = []
    if group.max_lots is not None:
        told.append(_("Lots that one bidder may win: %(count)s at most.", count=group.max_lots))
    if group.max_won is not None:
        told.append(_("What one bidder wins is at most %(won)s in all.", won=won(group.max_won, language())))
    if told:
        order = group.award_order or [row.lot_no for row in rows]
        told.append(_("The lots are awarded in this order: %(order)s.", order=", ".join(map(str, order))))
    return " ".join(map(str, told))


def summary_told(rows: Iterable[Tender]) -> str:
    """`5 lots: 3 Awarded, 1 Failed, 1 Opened`."""
    states = Counter(TenderState(row.state) for row in rows)
    parts = [f"{labels.STATE[state]} {states[state]}" for state in TenderState if states[state]]
    count = _("%(count)s lots", count=states.total())
    return f"{count}: {', '.join(parts)}"


def lots_of_page(tenders: Iterable[Tender]) -> dict[UUID, list[Tender]]:
    """The lots of every notice on a page of the board, by its group. One query."""
    groups = [tender.lot_group_id for tender in tenders if tender.lot_group_id is not None]
    if not groups:
        return {}
    query = select(Tender).where(Tender.lot_group_id.in_(groups)).order_by(Tender.lot_no).options(*LIGHT)
    found: dict[UUID, list[Tender]] = {}
    for row in db.session.scalars(query):
        assert row.lot_group_id is not None
        found.setdefault(row.lot_group_id, []).append(row)
    return found
