"""What the kernel says of this machine's clock (adjtimex), and how far the database's clock is from it.

Microseconds, whole. The kernel is only asked, never told anything.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

STA_UNSYNC, STA_NANO = 0x0040, 0x2000
TIME_ERROR = 5  # what the call returns where the clock is not synchronised
MICROSECOND = timedelta(microseconds=1)
LOOKS = 3  # at the database's clock; the quickest answer counts


@dataclass(frozen=True, slots=True)
class Kernel:
    """The kernel's own account. `offset_us` is what it still corrects, `max_error_us` its bound on the error."""

    offset_us: int
    max_error_us: int
    is_synchronised: bool


class _Timex(ctypes.Structure):
    """`struct timex` of Linux."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("constant", "precision", "tolerance", "seconds", "fraction", "tick")),
        *((name, ctypes.c_long) for name in ("ppsfreq", "jitter")),
        ("shift", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("stabil", "jitcnt", "calcnt", "errcnt", "stbcnt")),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )


def ask_kernel() -> Kernel | None:
    """None where this machine has no such call, or does not allow it (some containers)."""
    try:
        call = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    told = _Timex()
    returned = call(ctypes.byref(told))
    return None if returned < 0 else _read(told.offset, told.maxerror, told.status, returned)


def _read(offset: int, max_error: int, status: int, returned: int) -> Kernel:
    offset_us = offset // 1000 if status & STA_NANO else offset
    return Kernel(offset_us, max_error, not status & STA_UNSYNC and returned != TIME_ERROR)


@dataclass(frozen=True, slots=True)
class Apart:
    """How far ahead the database's clock is, known to within half the `round_trip_us`."""

    offset_us: int
    round_trip_us: int


def measure_apart(database_now: Callable[[], datetime], now: Callable[[], datetime]) -> Apart:
    """Compare the two clocks: the database's answer against the middle of asking."""
    found = []
    for _ in range(LOOKS):
        asked = now()
        answer = database_now()
        told = now()
        trip = max(told - asked, timedelta())
        found.append(Apart((answer - asked - trip / 2) // MICROSECOND, trip // MICROSECOND))
    return min(found, key=lambda one: one.round_trip_us)
