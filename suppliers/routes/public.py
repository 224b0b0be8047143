"""The public register: directory, a supplier's page, sanctions. No personal data, no account."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import time
from app.auth import public
from app.db import db
from app.exports import cell
from app.i18n import language
from app.paging import paginate
from app.regions import REGIONS, region_name, region_options
from app.time import kst_date
from app.web.templating import with_query
from suppliers import queries, rules, wording
from suppliers.codes import LICENCES, law_name, licence_name
from suppliers.front import sections
from suppliers.queries import Filters
from suppliers.routes import blueprint
from suppliers.types import BusinessKind

CSV_ROWS = 20_000


def _filters() -> Filters:
    """The query string, with what we do not know left out."""
    args = request.args
    region, kind, licence = args.get("region", ""), args.get("kind", ""), args.get("licence", "")
    return Filters(
        words=rules.search_words(args.get("q", "")[:100]),
        region=region if region in REGIONS else "",
        kind=kind if kind in set(BusinessKind) else "",
        licence=licence if len(licence) == 4 and licence.isdigit() else "",
        sort=args.get("sort", "name"),
    )


def page_number() -> int:
    return request.args.get("page", 1, type=int)


def _chips(filters: Filters) -> list[dict[str, Any]]:
    lang, args = language(), request.args
    shown = (
        ("q", " ".join(filters.words), args.get("q", "")),
        ("region", filters.region, region_name(filters.region, lang)),
        ("kind", filters.kind, str(wording.KINDS.get(filters.kind, ""))),
        ("licence", filters.licence, licence_name(filters.licence, lang, filters.licence)),
    )
    return [
        {"label": label, "href": with_query("suppliers.directory", name, "page")}
        for name, value, label in shown
        if value
    ]


@blueprint.get("/suppliers")
@public
def directory() -> ResponseReturnValue:
    """Everybody on the register, to search, narrow down, sort and take along."""
    filters, lang = _filters(), language()
    page = paginate(queries.with_lists(queries.directory(filters)), page_number())
    today = kst_date(time.now())
    sanctioned = queries.sanctioned_among([each.id for each in page.items], today)
    return render_template(
        "suppliers/directory.html",
        page=page,
        sanctioned=sanctioned,
        today=today,
        chips=_chips(filters),
        filters=filters,
        region_options=[("", _("All regions")), *region_options(lang)],
        kind_options=[("", _("All kinds")), *wording.options(wording.KINDS)],
        licence_options=[("", _("All licences")), *((code, f"{code} {licence_name(code, lang)}") for code in LICENCES)],
        wording=wording,
        region_name=region_name,
    )


@blueprint.get("/suppliers.csv")
@public
def directory_csv() -> ResponseReturnValue:
    """The same list as a table (UTF-8 with a mark, as spreadsheet programs here expect), at most 20,000 rows."""
    lang = language()
    query = queries.with_lists(queries.directory(_filters())).limit(CSV_ROWS)
    suppliers = list(db.session.scalars(query))
    sanctioned = queries.sanctioned_among([each.id for each in suppliers], kst_date(time.now()))
    head = (
        _("Business registration number"), _("Name in Korean"), _("Name in English"), _("Region"),
        _("Size of the firm"), _("Kinds of business"), _("Licences"), _("State"),
        _("Registered since"), _("Valid until"), _("Under sanction"),
    )  # fmt: skip
    rows = (
        (
            rules.format_business_number(each.business_number or ""),
            each.name_ko,
            each.name_en,
            region_name(each.region or "", lang),
            wording.SIZES[each.size or "large"],
            " / ".join(str(wording.KINDS[kind]) for kind in each.kinds),
            " / ".join(wording.licence_label(licence) for licence in each.licences),
            wording.STATES[each.state][0],
            kst_date(each.registered_at).isoformat() if each.registered_at else "",
            each.valid_until_on,
            _("yes") if each.id in sanctioned else _("no"),
        )
        for each in suppliers
    )
    return csv_response("suppliers.csv", head, rows)


def csv_response(name: str, head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Response:
    """A CSV download whose cells no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([cell(value) for value in head])
    writer.writerows([cell(value) for value in row] for row in rows)
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/suppliers/<business_number>")
@public
def supplier_page(business_number: str) -> ResponseReturnValue:
    """A supplier as the public sees it: firm, kinds, licences, products, sanctions, awards and contracts."""
    digits = rules.digits_of(business_number)
    if digits != business_number and rules.is_business_number(digits):
        return redirect(url_for("suppliers.supplier_page", business_number=digits), 301)
    supplier, now = queries.get_registered(digits), time.now()
    on = kst_date(now)
    return render_template(
        "suppliers/supplier.html",
        supplier=supplier,
        sanctions=[(each, queries.state_on(each, on)) for each in queries.sanctions_of(supplier.id)],
        sections=sections(supplier.organisation_id, now) if supplier.organisation_id else [],
        wording=wording,
        law_name=law_name,
        region_name=region_name,
        number=rules.format_business_number(digits),
        today=on,
    )


@blueprint.get("/sanctions")
@public
def sanctions() -> ResponseReturnValue:
    """Every sanction that was decided: in force, to come, over."""
    on = kst_date(time.now())
    when = request.args.get("when", "")
    when = when if when in ("in-force", "coming", "over") else ""
    words = rules.search_words(request.args.get("q", "")[:100])
    page = paginate(queries.public_sanctions(words, when, on), page_number())
    return render_template(
        "suppliers/sanctions.html",
        page=page,
        rows=[(each, queries.state_on(each, on)) for each in page.items],
        when=when,
        when_options=[
            ("", _("All")), ("in-force", _("in force")),
            ("coming", _("decided, not yet in force")), ("over", _("over")),
        ],
        wording=wording,
        law_name=law_name,
        format_number=rules.format_business_number,
    )  # fmt: skip
