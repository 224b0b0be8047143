"""What the rule data say of contracts: bonds, penalties, stamp duty, thresholds and single figures. Pure."""

from __future__ import annotations

from datetime import date

from bidding.rules.data.answers import BondRate, Figure, LatePenalty
from bidding.rules.data.lookups import needed_row
from bidding.rules.data.rows import Book
from bidding.rules.data.shipped import shipped


def find_bond(
    regime: str, bond: str, on: date, circumstance: str = "usual", *, book: Book | None = None
) -> BondRate | None:
    """The rate of a bond (`bid`, `contract`, `works-completion`, `warranty`) in a circumstance, or None."""
    key = {"regime": regime, "bond": bond, "circumstance": circumstance}
    row = (book or shipped()).find_known("bonds", key, on)
    if row is None:
        return None
    exempt = row.number_of("exempt_up_to_won") if "exempt_up_to_won" in row.values else None
    return BondRate(row.number_of("rate"), exempt, row.legal_basis, row.certainty)


def find_late_penalty(regime: str, delay_class: str, on: date, *, book: Book | None = None) -> LatePenalty | None:
    """The delay penalty of a class of contracts; None where the regime knows no such class."""
    row = (book or shipped()).find_known("late_penalties", {"regime": regime, "delay_class": delay_class}, on)
    cap = find_figure(regime, "penalty-cap-rate", on, book=book)
    if row is None or cap is None:
        return None
    return LatePenalty(row.number_of("daily_rate"), cap.value, row.legal_basis, cap.legal_basis, row.certainty)


def find_stamp_duty(amount_won: int, on: date, *, book: Book | None = None) -> Figure:
    """인지세 in won for a contract of that amount. ValueError before the data begin."""
    row = needed_row(book, "stamp_duties", {"paper": "contract"}, on, amount_won)
    return Figure(row.number_of("won"), row.legal_basis, row.certainty)


def find_threshold(regime: str, kind: str, name: str, on: date, *, book: Book | None = None) -> Figure | None:
    """An amount in won on which other rules turn, such as the `notified-amount` (고시금액), or None."""
    row = (book or shipped()).find_known("thresholds", {"regime": regime, "kind": kind, "name": name}, on)
    return None if row is None else Figure(row.number_of("won"), row.legal_basis, row.certainty)


def find_complaint_threshold(
    regime: str, kind: str, on: date, category: str = "", *, book: Book | None = None
) -> Figure | None:
    """From which 추정가격 in won a tender may be complained of before the committee, or None."""
    key = {"regime": regime, "kind": kind, "category": category}
    row = (book or shipped()).find_known("complaint_thresholds", key, on)
    return None if row is None else Figure(row.number_of("from_won"), row.legal_basis, row.certainty)


def find_known_figure(regime: str, item: str, on: date, *, book: Book | None = None) -> Figure:
    """A single figure that something is computed with. A kept version that has none leaves it to the software's rows of
    that day; ValueError where those have none either."""
    found = find_figure(regime, item, on, book=book) or find_figure(regime, item, on)
    if found is None:
        raise ValueError(f"no {item} is known for {regime} on {on}")
    return found


def find_or_national(regime: str, item: str, on: date, *, book: Book | None = None) -> Figure:
    """A single figure of the regime, or the State's where that of local governments is not known."""
    return find_figure(regime, item, on, book=book) or find_known_figure("national", item, on, book=book)


def find_figure(regime: str, item: str, on: date, *, book: Book | None = None) -> Figure | None:
    """A single figure in the unit of its item (`schema.FIGURES`); None where it is not known or there is none."""
    row = (book or shipped()).find_known("figures", {"regime": regime, "item": item}, on)
    return None if row is None else Figure(row.number_of("value"), row.legal_basis, row.certainty)
