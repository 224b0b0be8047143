"""A tender whose sealed first round is over and whose auction is announced: three bidders, names unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Auction, Bid, Tender
from bidding.rehearsal.auctioning import lower
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import Plan
from bidding.services import auctions
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published

SCORING = {"rounds": 3, "round_seconds": 60, "step_rate": 1000, "extend_seconds": 20, "last_seconds": 10}
LEAD = 60
FIRST = (100_000_000, 101_000_000, 110_000_000)


def a_plan(**scoring: int) -> Plan:
    more = {"draw_mode": "M0", "scoring": SCORING | scoring}
    return Plan("전산 장비 임차", 120_000_000, method="reverse-auction", floor_rate=None, more=more)


@dataclass
class Sale:
    """What a test moves on. `bids` and `bidders` in the order of their first prices."""

    agency: Agency
    tender: Tender
    bidders: list[Bidder]
    bids: list[Bid]
    stage: Stage

    @property
    def auction(self) -> Auction:
        return db.session.get_one(Auction, self.tender.id, populate_existing=True)

    def at(self, seconds: float) -> None:
        """The clock so long after the auction's start."""
        self.stage.later.set_to(self.auction.starts_at + timedelta(seconds=seconds))

    def lower(self, who: int, amount_won: int, seconds: float) -> auctions.Taken:
        self.at(seconds)
        with transaction():
            return lower(self.tender, self.bids[who], self.bidders[who], amount_won, self.stage.later)

    def close(self) -> bool:
        with transaction():
            return auctions.close(self.tender.id, self.stage.later)

    def label(self, who: int) -> str:
        return next(str(one["label"]) for one in self.auction.entrants if one["stmt"] == self.bids[who].stmt)


def announced(keyholder: Panel, stage: Stage, first: tuple[int, ...] = FIRST, **scoring: int) -> Sale:
    current_app.config["NARU_AUCTION_LEAD"] = LEAD
    agency, people = an_agency(), bidders(len(first))
    tender = published(agency, keyholder, a_plan(**scoring))
    bids = [place(tender, bidder, won, ()) for bidder, won in zip(people, first, strict=True)]
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return Sale(agency, tender, people, bids, stage)
