"""A result to take away: all its bids, or those that the page shows, with their trace."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import workbook
from app.auth import current_actor, public
from app.errors import NotFound
from app.exports import attachment, cell
from app.i18n import language
from app.tlog.canon import jcs
from app.web.limits import limiter
from bidding import result_queries
from bidding.forms import result_filter
from bidding.models import Opening, Tender
from bidding.result_export import COLUMNS, flat, row_of
from bidding.result_queries import ResultFilter
from bidding.result_sheets import sheets_of
from bidding.result_views import Line, result_lines
from bidding.routes import blueprint
from bidding.routes.results import OFTEN, opened_tender
from bidding.services.reporting import report_of
from bidding.services.standings import standing_of

EXPORT_ROWS = 50_000
WORKBOOK_ROWS = 10_000  # bids; with their trace that is some four seconds of work
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/tenders/<reference>/result.csv")
@public
def tender_result_csv(reference: str) -> ResponseReturnValue:
    """Every bid with rank, reason, rate, points and trace; KONEPS's field names, at most 50,000 rows."""
    tender, opening = opened_tender(reference)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in _rows(tender, opening):
        writer.writerow([cell(value) for value in flat(row)])
    # The mark makes spreadsheet programs read the Korean as UTF-8.
    return _file("\ufeff" + written.getvalue(), tender, "csv", "text/csv")


@blueprint.get("/tenders/<reference>/result.xlsx")
@public
@limiter.limit(OFTEN)
def tender_result_xlsx(reference: str) -> ResponseReturnValue:
    """The first 10,000 as a workbook for people, in the language of the page: bids, trace (a row a step), terms."""
    tender, opening = opened_tender(reference)
    wanted = _wanted()
    lines = _lines(tender, opening, wanted, WORKBOOK_ROWS)
    sheets = sheets_of(tender, opening, lines, wanted, is_cut=len(lines) == WORKBOOK_ROWS)
    return _file(workbook.write(sheets, tender.title, opening.made_at), tender, "xlsx", XLSX)


@blueprint.get("/tenders/<reference>/result.json")
@public
def tender_result_json(reference: str) -> ResponseReturnValue:
    """The same with what it was measured against. Amounts, rates and points are decimal texts."""
    tender, opening = opened_tender(reference)
    price, floor = opening.estimated_price_won, opening.floor_price_won
    made: dict[str, Any] = {
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
    if _wanted().is_narrow:
        made["selection"] = {name: request.args.get(name, "") for name in ("show", "q")}
    return _file(jcs(made).decode(), tender, "json", "application/json")


@blueprint.get("/tenders/<reference>/result.pdf")
@public
def tender_result_pdf(reference: str) -> ResponseReturnValue:
    """The latest evaluation report in the language of the page; it is issued with the award."""
    tender, _opening = opened_tender(reference)
    report = report_of(tender, language())
    if report is None:
        raise NotFound("no report was issued yet")
    return redirect(url_for("documents.pdf", code=report.code))


def _wanted() -> ResultFilter:
    return result_filter(request.args, current_actor())[1]


def _lines(tender: Tender, opening: Opening, wanted: ResultFilter, most: int = EXPORT_ROWS) -> list[Line]:
    return result_lines(result_queries.result_bids(tender.id, wanted, 1, most).items, opening, standing_of(tender))


def _rows(tender: Tender, opening: Opening) -> list[dict[str, Any]]:
    return [row_of(line) for line in _lines(tender, opening, _wanted())]


def _file(content: str | bytes, tender: Tender, ending: str, media_type: str) -> Response:
    part = "-selection" if _wanted().is_narrow else ""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = attachment(f"{tender.reference}-result{part}.{ending}")
    return response
