"""What a document says, as plain values: no PDF, no SQL, no Flask.

A feature builds a `Document` from its own values; `app.documents.layout` decides how it looks.
All text is in the document's one language and final: nothing here is translated later.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Tone(StrEnum):
    NEUTRAL = "neutral"
    IMPORTANT = "important"


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 2 for a chapter, 3 inside it; level 1 is the document's title."""

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line feed breaks the line."""

    text: str


@dataclass(frozen=True, slots=True)
class Clauses:
    """Numbered sentences, "1." and on."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyValues:
    """Labels and their values, one pair a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that may run over pages; its head is repeated on each.

    `numeric` names the columns (from 0) set flush right; `widths` are relative, equal where left out.
    Every row is as long as the head (ValueError).
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    widths: tuple[int, ...] = ()
    empty: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"a row of {self.caption!r} is not as long as its head")
        if self.widths and len(self.widths) != len(self.head):
            raise ValueError(f"{self.caption!r} needs a width for each column")


@dataclass(frozen=True, slots=True)
class Note:
    """A boxed remark: what to do next, what a figure means."""

    text: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an agreement. `lines` are its name, address, representatives; `signed` says when and how."""

    role: str
    lines: tuple[str, ...]
    signed: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Clauses | KeyValues | Table | Note | Signatures | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """`kind` is a stable word ("contract"), `number` what people quote, `issuer` whose letter it is."""

    kind: str
    number: str
    title: str
    lang: Literal["ko", "en"] = "ko"
    blocks: tuple[Block, ...] | list[Block] = ()
    is_practice: bool = False
    issuer: str = ""

    def __post_init__(self) -> None:
        if self.lang not in ("ko", "en"):
            raise ValueError(f"no letterhead in {self.lang!r}")
