"""Whether the clock may decide deadlines (protocol 5.5). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

ALARM_OFFSET_US = 50_000
ALARM_DISPERSION_US = 100_000
HOLD_OFFSET_US = 1_000_000
HOLD_UNSYNCHRONISED = timedelta(minutes=15)


class ClockState(StrEnum):
    OK = "ok"
    UNKNOWN = "unknown"  # nobody tells whether it is synchronised, and the settings do not ask for it
    ALARM = "alarm"  # operators look at it; deadlines go on
    HOLD = "hold"  # nothing is accepted, nothing closes, until it is well again


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clocks, in microseconds; the kernel's three are None where it tells nothing.

    `database_offset_us` is how far the deciding clock (the database's) is ahead of this machine's, known to within
    half of `round_trip_us`; `unsynchronised_for` how long the kernel has not said that it is synchronised.
    """

    offset_us: int | None
    dispersion_us: int | None
    is_synchronised: bool | None
    database_offset_us: int
    round_trip_us: int
    unsynchronised_for: timedelta = timedelta()

    @property
    def apart_us(self) -> int:
        """By how much at least the two clocks differ."""
        return max(0, abs(self.database_offset_us) - self.round_trip_us // 2)


def judge(reading: Reading, is_required: bool) -> ClockState:
    """`is_required`: the settings want a synchronised clock, as production must."""
    offset_us = max(abs(reading.offset_us or 0), reading.apart_us)
    if offset_us > HOLD_OFFSET_US:
        return ClockState.HOLD
    if reading.is_synchronised is not True and is_required:
        too_long = reading.unsynchronised_for > HOLD_UNSYNCHRONISED
        return ClockState.HOLD if too_long else ClockState.ALARM
    if offset_us > ALARM_OFFSET_US:
        return ClockState.ALARM
    if reading.is_synchronised is not True:
        return ClockState.UNKNOWN
    return ClockState.ALARM if (reading.dispersion_us or 0) > ALARM_DISPERSION_US else ClockState.OK
