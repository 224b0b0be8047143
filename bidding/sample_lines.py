"""Sample bids as somebody types or pastes them: a line for each, with what is wrong named by its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.fields import MAX_WON
from bidding.dry_run import MOST_SAMPLES, Sample

MOST_CHARACTERS = 10_000
LONGEST_NAME = 60
_AMOUNT = re.compile(r"[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with one line (from 1; 0 is the whole). `code` is stable: `labels.LINE_ERROR` has the words."""

    line: int
    code: str
    typed: str = ""


def read_samples(text: str) -> tuple[list[Sample], list[LineError]]:
    """One bid a line: `name, amount`, parted by a tab, a semicolon or a comma, as spreadsheet programs copy and save.

    Empty lines, lines that begin with `#` and a first line without any figure (a heading) are left out.
    """
    if len(text) > MOST_CHARACTERS:
        return [], [LineError(0, "too-long")]
    samples: list[Sample] = []
    errors: list[LineError] = []
    names: set[str] = set()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#") or _is_heading(line, number):
            continue
        read = _read(line, number)
        if isinstance(read, Sample) and read.name in names:
            read = LineError(number, "name-twice", read.name)
        if isinstance(read, LineError):
            errors.append(read)
        else:
            names.add(read.name)
            samples.append(read)
    if len(samples) > MOST_SAMPLES:
        errors.append(LineError(0, "too-many"))
    if not samples and not errors:
        errors.append(LineError(0, "none"))
    return samples, errors


def write_samples(samples: Sequence[Sample]) -> str:
    """The same as text, as the page shows it to be changed."""
    return "\n".join(f"{one.name}; {one.amount_won:,}" for one in samples)


def _is_heading(line: str, number: int) -> bool:
    return number == 1 and not any(letter.isdigit() for letter in line)


def _read(line: str, number: int) -> Sample | LineError:
    cells = [cell.strip() for cell in _cells(line)]
    if len(cells) < 2:
        return LineError(number, "too-few-columns", line.strip()[:LONGEST_NAME])
    if len(cells) > 2:
        return LineError(number, "too-many-columns", line.strip()[:LONGEST_NAME])
    name, typed = cells
    amount = typed.removesuffix("원").replace(",", "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return LineError(number, "name", name[:LONGEST_NAME])
    if not _AMOUNT.fullmatch(amount) or not 0 < int(amount) <= MAX_WON:
        return LineError(number, "amount", typed[:LONGEST_NAME])
    return Sample(name, int(amount))


def _cells(line: str) -> list[str]:
    parting = next((sign for sign in ("\t", ";") if sign in line), ",")
    return next(csv.reader([line], delimiter=parting))
