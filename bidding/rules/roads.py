"""The roads out of a failed tender (유찰): which are open, on what ground, and from which day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bidding.calendar import Earliest, Limits, earliest_schedule
from bidding.rules.data import NoticePeriod
from bidding.rules.failure import NEGOTIATED, REBID, RENOTICE, SINGLE_QUOTE

CANCELLATION = {"national": "국가계약법 시행령 제33조", "local": "지방계약법 시행령 제33조"}


@dataclass(frozen=True, slots=True)
class Case:
    """What decides the roads. `bids`: those that stood; `is_renoticed`: it was a re-notice (재공고) that failed."""

    regime: str
    method: str
    bids: int
    is_renoticed: bool
    is_practice: bool = False


@dataclass(frozen=True, slots=True)
class Road:
    """`action`: rebid, renotice, negotiated-contract, single-quote or cancel. `why` is the code of the ground.

    `needs_ground`: the law wants a fact that only the officer knows, so it is stated in the record. `earliest` is the
    first schedule of a road that takes bids again.
    """

    action: str
    legal_basis: str
    why: str
    needs_ground: bool = False
    earliest: Earliest | None = None


def open_roads(case: Case, renotice_period: NoticePeriod, limits: Limits, now: datetime) -> tuple[Road, ...]:
    """Every road that the law leaves open, the nearest first.

    Without competition only after a failed re-notice, or where a single bidder came and it is plain that a re-notice
    would bring no other; for quotes likewise (국가계약법 시행령 27조 1항, 30조 1항).
    """
    again = earliest_schedule(now, None, limits, is_practice=case.is_practice)
    announced = earliest_schedule(now, renotice_period, limits, is_practice=case.is_practice)
    roads = [
        Road("rebid", REBID[case.regime], "no-winner", earliest=again),
        Road("renotice", RENOTICE[case.regime], "no-winner", earliest=announced),
    ]
    direct = direct_road(case)
    if direct is not None:
        roads.append(direct)
    return (*roads, Road("cancel", CANCELLATION[case.regime], "no-need"))


def direct_road(case: Case) -> Road | None:
    """The contract without competition (수의계약), where the law leaves one."""
    if case.method == "quote" and case.bids == 1:
        return Road("single-quote", SINGLE_QUOTE[case.regime], "one-quote", needs_ground=True)
    if case.is_renoticed:
        return Road("negotiated-contract", NEGOTIATED[case.regime], "renotice-failed")
    if case.bids == 1:
        return Road("negotiated-contract", NEGOTIATED[case.regime], "single-bidder", needs_ground=True)
    return None
