"""Sample bids as somebody types or pastes them: a line for each, with what is wrong named by its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.fields import MAX_WON
from bidding.criteria import POINT
from bidding.dry_run import MOST_SAMPLES, Sample
from bidding.scoring import QuantityScoring
from bidding.types import NoticeTerms

MOST_CHARACTERS = 10_000
LONGEST_NAME = 60
_AMOUNT = re.compile(r"[0-9]{1,16}", re.ASCII)
_POINTS = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with one line (from 1; 0 is the whole). `code` is stable: `dry_run_texts` has the words."""

    line: int
    code: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands behind name and amount. `points`: the full technical points (whole), 0 where there are none;
    `quantity`: the quantity that is wanted, 0 where none is."""

    points: int = 0
    quantity: int = 0

    @property
    def count(self) -> int:
        return 2 + bool(self.points) + bool(self.quantity)


class _Wrong(Exception):
    """A line that does not fit. `args`: the code, and what stands there."""


def columns_of(terms: NoticeTerms) -> Columns:
    """Which columns sample bids of this method have."""
    wanted = terms.scoring.quantity if isinstance(terms.scoring, QuantityScoring) else 0
    return Columns(terms.technical.full if terms.technical is not None else 0, wanted)


def read_samples(text: str, columns: Columns) -> tuple[list[Sample], list[LineError]]:
    """One bid a line, parted by a tab, a semicolon or a comma, as spreadsheet programs copy and save.

    Empty lines, lines that begin with `#` and a first line without any figure (a heading) are left out.
    """
    if len(text) > MOST_CHARACTERS:
        return [], [LineError(0, "too-long")]
    samples: list[Sample] = []
    errors: list[LineError] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#") or _is_heading(line, number):
            continue
        try:
            sample = _read(line, columns)
            if any(sample.name == other.name for other in samples):
                raise _Wrong("name-twice", sample.name)
        except _Wrong as wrong:
            errors.append(LineError(number, *wrong.args))
        else:
            samples.append(sample)
    if len(samples) > MOST_SAMPLES:
        errors.append(LineError(0, "too-many"))
    if not samples and not errors:
        errors.append(LineError(0, "none"))
    return samples, errors


def write_samples(samples: Sequence[Sample]) -> str:
    """The same as text, as the page shows it to be changed."""
    return "\n".join("; ".join(_written(one)) for one in samples)


def _written(sample: Sample) -> list[str]:
    cells = [sample.name, f"{sample.amount_won:,}"]
    if sample.points is not None:
        cells.append(f"{sample.points // POINT}.{sample.points % POINT:04d}".rstrip("0").rstrip("."))
    if sample.quantity is not None:
        cells.append(f"{sample.quantity:,}")
    return cells


def _is_heading(line: str, number: int) -> bool:
    return number == 1 and not any(letter.isdigit() for letter in line)


def _read(line: str, columns: Columns) -> Sample:
    cells = [cell.strip() for cell in _cells(line)]
    if len(cells) != columns.count:
        raise _Wrong("too-few-columns" if len(cells) < columns.count else "too-many-columns", _short(line))
    name, amount, *more = cells
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise _Wrong("name", _short(name))
    points = _read_points(more.pop(0), columns.points) if columns.points else None
    quantity = _read_whole(more.pop(0), "quantity", columns.quantity) if columns.quantity else None
    return Sample(name, _read_whole(amount.removesuffix("원"), "amount", MAX_WON), points, quantity)


def _read_whole(typed: str, code: str, most: int) -> int:
    plain = typed.replace(",", "").strip()
    if not _AMOUNT.fullmatch(plain) or not 0 < int(plain) <= most:
        raise _Wrong(code, _short(typed))
    return int(plain)


def _read_points(typed: str, full: int) -> int:
    """`82.5` as ten-thousandths of a point."""
    parts = _POINTS.fullmatch(typed)
    points = int(parts[1]) * POINT + int((parts[2] or "").ljust(4, "0")) if parts else -1
    if not 0 <= points <= full * POINT:
        raise _Wrong("points", _short(typed))
    return points


def _short(text: str) -> str:
    return text.strip()[:LONGEST_NAME]


def _cells(line: str) -> list[str]:
    parting = next((sign for sign in ("\t", ";") if sign in line), ",")
    return next(csv.reader([line], delimiter=parting))
