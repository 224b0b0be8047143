"""How documents choose their words: the language is an argument, not a request's. Pure.

A document keeps its wording for good, so its two languages stand side by side where it is built, not in a catalogue.
Money and instants are spelled by `app.formats`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def wording(lang: str) -> Callable[[str, str], str]:
    """A chooser for one language: `say(korean, english)`."""
    place = 0 if lang == "ko" else 1
    return lambda *texts: texts[place]


def day(on: date, lang: str) -> str:
    """`2026년 11월 23일`, `23 November 2026`."""
    if lang == "ko":
        return f"{on.year}년 {on.month}월 {on.day}일"
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
