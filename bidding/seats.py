"""What a member of a committee has to do next, by the state of its tender. Pure (protocol 3.4, 3.10)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bidding.policy import Medium
from bidding.states import TenderState as T

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
OVER = frozenset({T.AUCTION, T.OPENED, T.PROPOSED, T.AWARDED, T.CONTRACTED, T.FAILED, T.CANCELLED})


class Task(StrEnum):
    MAKE_KEYS = "make-keys"
    PROVE = "prove"  # the file from each of the two media
    CONTRIBUTE = "contribute"  # a sealed random number for the draw
    DRILL = "drill"  # the test a day or an hour before the deadline
    ATTEND = "attend"  # the opening is about to begin
    GIVE = "give"  # the member's pieces are asked for


class Sitting(StrEnum):
    """Where an opening stands for those who come to it. Where proposals are scored first it has two sessions."""

    GATHERING = "gathering"  # people come, and the presiding officer begins
    GIVING = "giving"  # a group is fixed, its pieces are asked for
    SCORING = "scoring"  # between the two sessions


class Phase(StrEnum):
    """Which page the member sees."""

    KEYS = "keys"
    CONTRIBUTION = "contribution"
    WAITING = "waiting"  # bids are being taken; drills are done here
    OPENING = "opening"
    OVER = "over"


def sitting_of(state: str, *, has_proposals: bool = False, is_fixed: bool = False) -> Sitting | None:
    """None before the closing and after the opening. While proposals are scored (`has_proposals`: they are open;
    `is_fixed`: two persons have fixed the result) the second session waits for the result."""
    if state == T.CLOSED:
        return Sitting.GATHERING
    if state == T.OPENING:
        return Sitting.GIVING
    if state != T.EVALUATING:
        return None
    if not has_proposals:
        return Sitting.GIVING
    return Sitting.GATHERING if is_fixed else Sitting.SCORING


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a seat. `proved`: media whose last test was opened; `is_present`: has come to the session;
    `has_proposals` and `is_fixed` as in `sitting_of`."""

    state: str
    closes_at: datetime | None = None
    has_proposals: bool = False
    is_fixed: bool = False
    has_keys: bool = False
    proved: Collection[str] = ()
    owes_seed: bool = False
    is_present: bool = False
    is_asked: bool = False  # in the group in force
    has_given: bool = False

    @property
    def sitting(self) -> Sitting | None:
        return sitting_of(self.state, has_proposals=self.has_proposals, is_fixed=self.is_fixed)


def phase_of(state: str) -> Phase:
    if state in OVER:
        return Phase.OVER
    if state in (T.CLOSED, T.EVALUATING, T.OPENING):
        return Phase.OPENING
    return {T.DRAFT: Phase.KEYS, T.IN_REVIEW: Phase.CONTRIBUTION}.get(T(state), Phase.WAITING)


def due_drill(closes_at: datetime | None, now: datetime) -> Medium | None:
    """The drill whose time it is: a day before the deadline, and again an hour before."""
    if closes_at is None or not now < closes_at <= now + DAY:
        return None
    return Medium.HOUR_BEFORE if closes_at <= now + HOUR else Medium.DAY_BEFORE


def next_task(seat: Standing, now: datetime) -> Task | None:
    """What waits for the member, or None. A drill that was missed and is over waits no more."""
    phase = phase_of(seat.state)
    if phase == Phase.KEYS:
        if not seat.has_keys:
            return Task.MAKE_KEYS
        return None if {Medium.FIRST, Medium.SECOND} <= set(seat.proved) else Task.PROVE
    if phase == Phase.CONTRIBUTION:
        return Task.CONTRIBUTE if seat.owes_seed else None
    if phase == Phase.WAITING:
        drill = due_drill(seat.closes_at, now)
        return Task.DRILL if drill is not None and drill not in seat.proved else None
    if phase == Phase.OPENING:
        return _at_the_opening(seat)
    return None


def _at_the_opening(seat: Standing) -> Task | None:
    if seat.sitting == Sitting.GIVING:
        return Task.GIVE if seat.is_asked and not seat.has_given else None
    is_due = seat.sitting == Sitting.GATHERING  # the room is open from the closing on, and again once scores are fixed
    return Task.ATTEND if is_due and not seat.is_present else None
