"""A result to take away as a table, and one that anybody can have made again here."""

from __future__ import annotations

import csv
import io
from time import perf_counter_ns
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app import workbook
from app.auth import current_actor, public
from app.errors import NotFound
from app.exports import attachment, cell
from app.tlog.canon import jcs
from app.web.limits import limiter
from bidding import queries
from bidding.models import Opening, Tender
from bidding.result_export import COLUMNS, flat, row_of
from bidding.result_sheets import sheets_of
from bidding.routes import blueprint
from bidding.services.access import get_tender
from bidding.services.rerunning import rerun
from bidding.views import result_lines

EXPORT_ROWS = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFTEN = "12 per minute"  # a result of ten thousand bids is seconds of work


@blueprint.get("/tenders/<reference>/result/again")
@public
@limiter.limit(OFTEN)
def tender_rerun(reference: str) -> ResponseReturnValue:
    """The evaluation run again from the opened lines, its digest beside the log's. Keeps nothing."""
    tender, opening = _opened(reference)
    begun = perf_counter_ns()
    made = rerun(tender, opening)
    took_ms = (perf_counter_ns() - begun) // 1_000_000
    return render_template("bidding/rerun.html", tender=tender, made=made, took_ms=took_ms)


@blueprint.get("/tenders/<reference>/result.csv")
@public
def tender_result_csv(reference: str) -> ResponseReturnValue:
    """Every bid with rank, reason, rate, points and trace; KONEPS's field names, at most 50,000 rows."""
    tender, opening = _opened(reference)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in _rows(tender, opening):
        writer.writerow([cell(value) for value in flat(row)])
    # The mark makes spreadsheet programs read the Korean as UTF-8.
    return _file("\ufeff" + written.getvalue(), f"{tender.reference}-result.csv", "text/csv")


@blueprint.get("/tenders/<reference>/result.xlsx")
@public
@limiter.limit(OFTEN)
def tender_result_xlsx(reference: str) -> ResponseReturnValue:
    """The same as a workbook for people, in the language of the page: bids, trace (a row a step), terms."""
    tender, opening = _opened(reference)
    made = workbook.write(sheets_of(tender, opening, _lines(tender, opening)), tender.title, opening.made_at)
    return _file(made, f"{tender.reference}-result.xlsx", XLSX)


@blueprint.get("/tenders/<reference>/result.json")
@public
def tender_result_json(reference: str) -> ResponseReturnValue:
    """The same with what it was measured against. Amounts, rates and points are decimal texts."""
    tender, opening = _opened(reference)
    price, floor = opening.estimated_price_won, opening.floor_price_won
    made = {
        "bidNtceNo": tender.number,
        "bidNtceOrd": f"{tender.ord:03d}",
        "bidClsfcNo": tender.lot_no,
        "rbidNo": f"{tender.rbid_no:03d}",
        "bidNtceNm": tender.title,
        "tender": tender.reference,
        "bssamt": None if tender.base_amount_won is None else str(tender.base_amount_won),
        "plnprc": None if price is None else str(price),
        "floor_price": None if floor is None else str(floor),
        "evaluation": opening.evaluation_digest,
        "items": _rows(tender, opening),
    }
    return _file(jcs(made).decode(), f"{tender.reference}-result.json", "application/json")


def _opened(reference: str) -> tuple[Tender, Opening]:
    tender = get_tender(reference, current_actor())
    opening = queries.find_opening(tender.id)
    if opening is None:
        raise NotFound("nothing was opened")
    return tender, opening


def _lines(tender: Tender, opening: Opening) -> list[dict[str, Any]]:
    return result_lines(queries.result_bids(tender.id, 1, EXPORT_ROWS).items, opening)


def _rows(tender: Tender, opening: Opening) -> list[dict[str, Any]]:
    return [row_of(line) for line in _lines(tender, opening)]


def _file(content: str | bytes, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = attachment(name)
    return response
