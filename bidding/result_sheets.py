"""A result as the sheets of a workbook: its bids, the trace one row a step, and the terms it was measured against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.formats import kst, percent, won
from app.i18n import language
from app.workbook import Column, Sheet
from bidding import labels
from bidding.models import Opening, Tender
from bidding.result_queries import ResultFilter
from bidding.result_views import shown_texts
from bidding.scoring_texts import scoring_of_tender, scoring_rows

Line = Mapping[str, Any]
Row = tuple[str, str]


def sheets_of(
    tender: Tender, opening: Opening, lines: Sequence[Line], wanted: ResultFilter, *, is_cut: bool = False
) -> list[Sheet]:
    """`lines` as `result_views.result_lines` makes them; names and labels in the language of the page.

    `is_cut`: there may be more than these.
    """
    cut = [(_("Bids in this file"), _("the first %(count)s", count=f"{len(lines):,}"))] if is_cut else []
    return [_bids(lines), _trace(opening, lines), _terms(tender, opening, wanted, cut)]


def _bids(lines: Sequence[Line]) -> Sheet:
    columns = [
        Column(_("Rank"), "count", 8),
        Column(_("Firm"), width=28),
        Column(_("Business number"), width=16),
        Column(_("Amount bid"), "won", 20),
        Column(_("Bid rate"), "rate", 12),
        Column(_("Technical points"), "points", 14),
        Column(_("Price points"), "points", 14),
        Column(_("Points in all"), "points", 14),
        Column(_("Quantity"), "count", 12),
        Column(_("Picks"), width=10),
        Column(_("Received"), width=26),
        Column(_("Result"), width=32),
        Column("statement", width=20),
    ]
    return Sheet(_("Bids"), columns, [_bid(line) for line in lines])


def _bid(line: Line) -> list[Any]:
    bid, placing = line["bid"], line["placing"]
    points = placing.get("points") or {}
    return [
        bid.rank,
        name_of(line),
        bid.supplier,
        bid.amount_won,
        placing.get("rate"),
        *(points.get(part) for part in ("technical", "price", "total")),
        bid.quantity,
        ", ".join(str(pick) for pick in bid.picks or ()) or None,
        kst(bid.received_at),
        _result(line),
        bid.stmt,
    ]


def _result(line: Line) -> str | None:
    """The reason of the evaluation, and that of a later decision which took the bid out."""
    reason = line["bid"].reason
    told = [str(labels.REASON.get(reason, reason))] if reason else []
    if line["out_by"]:
        told.append(_("taken out: %(reason)s", reason=line["out_by"]))
    return "; ".join(told) or None


def _trace(opening: Opening, lines: Sequence[Line]) -> Sheet:
    columns = [
        Column(_("Rank"), "count", 8),
        Column(_("Firm"), width=28),
        Column(_("Business number"), width=16),
        Column(_("Step"), "count", 8),
        Column(_("What is computed"), width=44),
        Column(_("Code"), width=22),
        Column(_("Expression"), width=50),
        Column(_("Value"), width=20),
    ]
    return Sheet(_("Trace"), columns, _steps(opening, lines))


def _steps(opening: Opening, lines: Sequence[Line]) -> Iterator[list[Any]]:
    """What holds for all bids first, beside no firm."""
    for number, step in enumerate(opening.evaluation["arithmetic"], start=1):
        yield [None, _("all bids"), None, number, *_step(step)]
    for line in lines:
        for number, step in enumerate(line["placing"].get("arithmetic", []), start=1):
            yield [line["bid"].rank, name_of(line), line["bid"].supplier, number, *_step(step)]


def _step(step: Mapping[str, str]) -> list[str]:
    said = str(labels.STEP_LINE.get(step["label"], step["label"]))
    return [said, step["label"], step["expression"], step["value"]]


def _terms(tender: Tender, opening: Opening, wanted: ResultFilter, cut: Sequence[Row]) -> Sheet:
    columns = [Column(_("Term"), width=36), Column(_("Value"), width=70)]
    digest = (_("Digest of the evaluation"), opening.evaluation_digest)
    rows = [*notice_rows(tender), *terms_rows(tender, opening), digest, *cut]
    if wanted.is_narrow:
        rows.append((_("Selection"), ", ".join(shown_texts(wanted).values())))
    return Sheet(_("Terms of the evaluation"), columns, rows)


def notice_rows(tender: Tender) -> list[Row]:
    """Whose notice it is, and its instants."""
    until = (_("Deadline"), tender.closes_at)
    instants = ((_("Announced"), tender.published_at), until, (_("Opened"), tender.opened_at))
    return [
        (_("Notice number"), tender.display_number),
        (_("Title of the tender"), tender.title),
        (_("Agency"), tender.agency.name_in(language())),
        (_("Kind"), str(labels.KIND[tender.kind])),
        (_("Award method"), str(labels.METHOD[tender.method])),
        (_("Law"), str(labels.REGIME[tender.regime])),
        *((label, kst(at)) for label, at in instants if at is not None),
    ]


def terms_rows(tender: Tender, opening: Opening) -> list[Row]:
    """What the bids were measured against, as far as the method has it."""
    rate, is_drawn = tender.floor_rate, bool(opening.draw and opening.draw["prices"])
    rows = [
        (_("Base amount (with VAT)"), _won(tender.base_amount_won)),
        (_("Estimated price (예정가격)"), _won(opening.estimated_price_won)),
        (_("Floor rate"), None if rate is None else percent(rate)),
        (_("Floor"), _won(opening.floor_price_won)),
        (_("Fixed costs that no bid may cut (A)"), _won(tender.a_value_won or None)),
        (_("Rounding of the estimated price"), str(labels.ROUNDING[tender.rounding]) if is_drawn else None),
        (_("Valid bids"), f"{opening.evaluation['valid']:,}"),
        *((label, str(value)) for label, value in scoring_rows(scoring_of_tender(tender))),
        (_("Version of the rules"), tender.rule_version),
    ]
    return [(label, value) for label, value in rows if value is not None]


def name_of(line: Line) -> str:
    """The firm's name in the language of the page; its business number where it has none."""
    firm = line["firm"]
    if firm is None:
        return str(line["bid"].supplier)
    return str(firm.name_en if language() == "en" and firm.name_en else firm.name_ko)


def _won(amount: int | None) -> str | None:
    return None if amount is None else won(amount, language())
