"""Real openings, replayed: each published tender through the rules, and what comes out otherwise than it did.

Pure but for reading the file. A line of the file is one opening (JSON); money in whole won. The serial numbers of the
reserve prices are not published, so the drawn prices are given to the numbers that our own pick rule selects.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.time import KST
from bidding.draw import most_picked, tally
from bidding.rounding import explain_mean, round_mean
from bidding.rules import RULES
from bidding.rules.floor import floor_price
from bidding.types import OpenedBid, Terms

Json = dict[str, Any]
RESERVE, CHOOSE = 15, 4
UNKNOWN_PICKS = (1, 2)  # where the numbers that a bidder chose were not published: they move no price then


@dataclass(frozen=True, slots=True)
class ReplayBid:
    """One published bid. `picks` are the numbers it chose, or (1, 2) where they were not published."""

    bidder: str
    amount_won: int
    picks: tuple[int, ...]
    submitted_at: datetime | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class ReplayTender:
    """One published opening. `floor_rate` in thousandths of a percent; `winner` a bidder."""

    notice_no: str
    title: str
    agency: str
    region: str
    opened_at: datetime
    base_amount_won: int
    reserve_won: tuple[int, ...]
    drawn_won: tuple[int, ...]
    planned_price_won: int
    floor_rate: int
    floor_price_won: int
    participants: str
    bids: tuple[ReplayBid, ...]
    winner: str

    @property
    def rounding(self) -> str | None:
        """The rounding of a notice that leads from the drawn prices to the published one, plainest first; or None."""
        return explain_mean(sum(self.drawn_won), CHOOSE, self.planned_price_won)

    @property
    def minimum_valid(self) -> int:
        """How many valid bids its notice must ask for: two, or one where only one bid was published."""
        return min(2, len(self.bids))

    def numbered_won(self) -> tuple[int, ...]:
        """The fifteen prices by number: the drawn ones at the numbers that the picks select, the others around them.

        With these as given prices (mode M3, order `given`) the draw selects the published four.
        """
        drawn = most_picked(tally(RESERVE, [bid.picks for bid in self.bids]), CHOOSE)
        at = dict(zip(drawn, self.drawn_won, strict=True))
        rest = list(self.reserve_won)
        for won in self.drawn_won:
            rest.remove(won)
        others = iter(rest)
        return tuple(at[number] if number in at else next(others) for number in range(1, RESERVE + 1))


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What came out for one tender, beside what was published."""

    notice_no: str
    bids: int
    planned_price_won: int
    floor_price_won: int
    winner: str | None
    tied: tuple[str, ...]  # everyone at the winning price, where there are several
    rounding: str | None
    is_planned_exact: bool
    is_planned_ok: bool
    is_floor_ok: bool
    is_winner_ok: bool
    differences: tuple[Json, ...] = ()


@dataclass(slots=True)
class Summary:
    """Counts over many tenders; `to_json` is what the replay prints. `seconds` is measured by the caller."""

    tenders: int = 0
    bids: int = 0
    planned_price_exact: int = 0
    planned_price_ok: int = 0
    floor_price_ok: int = 0
    winner_ok: int = 0
    ties: int = 0
    seconds: float = 0.0
    roundings: dict[str, int] = field(default_factory=dict)
    differences: list[Json] = field(default_factory=list)

    def add(self, result: ReplayResult) -> None:
        """Count one tender."""
        self.tenders += 1
        self.bids += result.bids
        self.planned_price_exact += result.is_planned_exact
        self.planned_price_ok += result.is_planned_ok
        self.floor_price_ok += result.is_floor_ok
        self.winner_ok += result.is_winner_ok
        self.ties += bool(result.tied)
        name = result.rounding or "none"
        self.roundings[name] = self.roundings.get(name, 0) + 1
        self.differences += result.differences

    def to_json(self) -> Json:
        return {
            "tenders": self.tenders,
            "bids": self.bids,
            "planned_price_exact": self.planned_price_exact,
            "planned_price_ok": self.planned_price_ok,
            "floor_price_ok": self.floor_price_ok,
            "winner_ok": self.winner_ok,
            "ties": self.ties,
            "seconds": round(self.seconds, 3),
            "roundings": dict(sorted(self.roundings.items())),
            "differences": self.differences,
        }


def read_openings(path: Path, limit: int | None = None) -> Iterator[ReplayTender]:
    """The openings of a file, in its order. ValueError names the line that is none."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if limit is not None and number > limit:
                return
            try:
                yield parse_opening(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error


def parse_opening(line: Json) -> ReplayTender:
    """One opening from its JSON. ValueError or KeyError if it is not one."""
    tender = ReplayTender(
        notice_no=line["notice_no"],
        title=line["title"],
        agency=line["agency"],
        region=line["region"] or "",
        opened_at=_kst(line["opened_at"]),
        base_amount_won=line["base_amount"],
        reserve_won=tuple(line["preliminary_prices"]),
        drawn_won=tuple(line["drawn_prices"]),
        planned_price_won=line["planned_price"],
        floor_rate=parse_rate(line["floor_rate_percent"]),
        floor_price_won=line["floor_price"],
        participants=line["participants"] or "",
        bids=tuple(_bid(bid) for bid in line["bids"]),
        winner=line["winner"],
    )
    if len(tender.reserve_won) != RESERVE or len(tender.drawn_won) != CHOOSE or not tender.bids:
        raise ValueError("an opening has 15 reserve prices, 4 drawn ones and bids")
    return tender


def parse_rate(percent: str) -> int:
    """`87.745` (percent) as thousandths of a percent.

    >>> parse_rate("87.745"), parse_rate("88")
    (87745, 88000)
    """
    whole, _, decimals = percent.partition(".")
    if not whole.isdecimal() or len(decimals) > 3 or not (decimals + "0").isdecimal():
        raise ValueError(f"not a rate: {percent}")
    return int(whole) * 1000 + int(decimals.ljust(3, "0"))


def rules_only(tender: ReplayTender) -> ReplayResult:
    """Put one tender through the pure rules: picks, estimated price, floor, ranking."""
    numbered = tender.numbered_won()
    drawn = most_picked(tally(RESERVE, [bid.picks for bid in tender.bids]), CHOOSE)
    total = sum(numbered[number - 1] for number in drawn)
    rounding = explain_mean(total, CHOOSE, tender.planned_price_won)
    price = round_mean(total, CHOOSE, rounding or "up-1")
    stmts = {stmt_of(tender, bid): bid for bid in tender.bids}
    opened = [OpenedBid(stmt, bid.bidder, bid.amount_won, bid.picks) for stmt, bid in stmts.items()]
    terms = Terms(price, tender.floor_rate, seed_n=sha256(tender.notice_no.encode()).digest())
    ranking = RULES["quote"](terms, opened)
    winner = next((placing for placing in ranking if placing.rank == 1), None)
    return compare(
        tender,
        planned_price_won=price,
        floor_won=floor_price(price, tender.floor_rate),
        winner=winner.supplier if winner is not None else None,
        is_exact=total == CHOOSE * tender.planned_price_won,
    )


def compare(
    tender: ReplayTender, *, planned_price_won: int, floor_won: int, winner: str | None, is_exact: bool | None = None
) -> ReplayResult:
    """Set what came out beside what was published. `winner` is a bidder's name in the file.

    Where several bidders share the winning price a lot decided, which nobody can recompute: any of them is right.
    """
    amounts = {bid.bidder: bid.amount_won for bid in tender.bids}
    tied = tuple(name for name, won in amounts.items() if won == amounts[tender.winner])
    is_winner_ok = winner in tied
    checks = {
        "planned_price": (tender.planned_price_won, planned_price_won, planned_price_won == tender.planned_price_won),
        "floor_price": (tender.floor_price_won, floor_won, floor_won == tender.floor_price_won),
        "winner": (tender.winner, winner, is_winner_ok),
    }
    differences = tuple(
        {"notice_no": tender.notice_no, "what": what, "published": published, "computed": computed}
        for what, (published, computed, is_same) in checks.items()
        if not is_same
    )
    if is_exact is None:
        is_exact = sum(tender.drawn_won) == CHOOSE * tender.planned_price_won
    return ReplayResult(
        notice_no=tender.notice_no,
        bids=len(tender.bids),
        planned_price_won=planned_price_won,
        floor_price_won=floor_won,
        winner=winner,
        tied=tied if len(tied) > 1 else (),
        rounding=tender.rounding,
        is_planned_exact=is_exact,
        is_planned_ok=checks["planned_price"][2] and tender.rounding is not None,
        is_floor_ok=checks["floor_price"][2],
        is_winner_ok=is_winner_ok,
        differences=differences,
    )


def replay_rules(tenders: Iterable[ReplayTender]) -> Summary:
    """All tenders through the rules, counted and timed."""
    summary, started = Summary(), time.perf_counter()
    for tender in tenders:
        summary.add(rules_only(tender))
    summary.seconds = time.perf_counter() - started
    return summary


def stmt_of(tender: ReplayTender, bid: ReplayBid) -> str:
    """A stand-in for the statement's hash where nothing was sealed."""
    return sha256(f"{tender.notice_no}\0{bid.bidder}".encode()).hexdigest()


def _bid(bid: Json) -> ReplayBid:
    picks: Sequence[int] | None = bid["draws"]
    return ReplayBid(
        bidder=bid["bidder"],
        amount_won=bid["price"],
        picks=tuple(picks) if picks else UNKNOWN_PICKS,
        submitted_at=_kst(bid["submitted_at"]) if bid["submitted_at"] else None,
        rank=bid["rank"],
    )


def _kst(spelling: str) -> datetime:
    return datetime.fromisoformat(spelling).replace(tzinfo=KST)
