"""What everybody may read: the board, a tender, its result, its files, its bundle."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import files, time
from app.auth import current_actor, public
from app.errors import NotFound
from app.exports import attachment, cell
from app.i18n import language
from bidding import draw_story, queries
from bidding.forms import board_filter
from bidding.lot_views import lots_of_page, lots_shown, summary_told
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.services.access import get_tender, is_own
from bidding.states import TenderState
from bidding.views import active_filters, evidence_of, steps_of

EXPORT_ROWS = 5000


@blueprint.get("/tenders")
@public
def board() -> ResponseReturnValue:
    """The public board. Filters that do not fit are named and left out."""
    form, wanted, page = board_filter(request.args)
    found = queries.board(wanted, page)
    return render_template(
        "bidding/board.html", form=form, page=found, chips=active_filters(form), wanted=wanted, now=time.now(),
        lots=lots_of_page(found.items), lots_told=summary_told,
    )  # fmt: skip


@blueprint.get("/tenders.csv")
@public
def board_csv() -> ResponseReturnValue:
    """The board's present selection, at most 5,000 rows, with KONEPS's field names."""
    _, wanted, _ = board_filter(request.args)
    written = io.StringIO()
    writer = csv.writer(written)
    names = ("bidNtceNo", "bidNtceOrd", "bidClsfcNo", "bidNtceNm", "bsnsDivNm", "ntceInsttNm", "bssAmt")
    writer.writerow([*names, "bidClseDt", "opengDt", "state"])
    for tender in queries.board(wanted, 1, EXPORT_ROWS, each_lot=True).items:
        writer.writerow([cell(value) for value in _row(tender)])
    # The mark makes spreadsheet programs read the Korean as UTF-8.
    response = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=tenders.csv"
    return response


def _row(tender: Tender) -> list[Any]:
    return [
        tender.number,
        f"{tender.ord:03d}",
        tender.lot_no,
        tender.title,
        tender.kind,
        tender.agency.name_ko,
        tender.base_amount_won,
        time.wire(tender.closes_at) if tender.closes_at else "",
        time.wire(tender.opens_at) if tender.opens_at else "",
        tender.state,
    ]


@blueprint.get("/tenders/<reference>")
@public
def tender_page(reference: str) -> ResponseReturnValue:
    actor = current_actor()
    tender = get_tender(reference, current_actor())
    bid = (
        queries.find_own_bid(tender.id, actor.organisation_id)
        if actor.may("bid:submit") and actor.organisation_id
        else None
    )
    return render_template(
        "bidding/tender.html",
        tender=tender,
        steps=steps_of(tender),
        attachments=queries.attachments(tender.id),
        questions=queries.questions(tender.id),
        revisions=queries.revisions(tender.id),
        award=queries.find_award(tender.id) if tender.state in ("awarded", "contracted") else None,
        lots=lots_shown(tender, actor),
        own_bid=bid,
        is_own=is_own(tender, actor),
        is_open=tender.state == TenderState.PUBLISHED,
        now=time.now(),
    )


@blueprint.get("/tenders/<reference>/draw")
@public
def tender_draw(reference: str) -> ResponseReturnValue:
    """The draw step by step, in pictures, and made again by the reader's own browser from the published seeds."""
    tender = get_tender(reference, current_actor())
    opening = queries.find_opening(tender.id)
    story = draw_story.tell(tender, opening) if opening is not None else None
    if opening is None or story is None:
        return render_template("bidding/no_draw.html", tender=tender, opening=opening, steps=steps_of(tender))
    named = [part.who for part in story.bids[:100]] + [who for tie in story.ties for who in tie.suppliers]
    return render_template(
        "bidding/draw.html",
        tender=tender,
        story=story,
        facts=draw_story.replay_facts(tender, opening),
        names=queries.firm_names(tender.id, named, language()),
    )


@blueprint.get("/tenders/<reference>/evidence")
@public
def tender_evidence(reference: str) -> ResponseReturnValue:
    tender = get_tender(reference, current_actor())
    return render_template("bidding/evidence.html", tender=tender, evidence=evidence_of(tender))


@blueprint.get("/tenders/<reference>/notice.json")
@public
def notice_json(reference: str) -> ResponseReturnValue:
    """The notice as it was hashed into the box: the very bytes of `notice_sha256`."""
    tender = get_tender(reference, current_actor())
    if tender.notice_sha256 is None:
        raise NotFound("not announced yet")
    return Response(files.load(tender.notice_sha256), mimetype="application/json")


@blueprint.get("/tenders/<reference>/files/<sha256>")
@public
def tender_file(reference: str, sha256: str) -> ResponseReturnValue:
    """An attachment of the notice, always as a download: nothing uploaded runs in this origin."""
    tender = get_tender(reference, current_actor())
    attachment = next((one for one in queries.attachments(tender.id) if one.sha256 == sha256), None)
    if attachment is None:
        raise NotFound("no such file of this notice")
    return _download(files.load(sha256), attachment.name, attachment.media_type)


@blueprint.get("/tenders/<reference>/bundle.zip")
@public
def tender_bundle(reference: str) -> ResponseReturnValue:
    """The latest published bundle; `?stage=opening` the first one."""
    tender = get_tender(reference, current_actor())
    made = {bundle.stage: bundle for bundle in queries.bundles(tender.id)}
    wanted = request.args.get("stage")
    # By what they tell, not by when they were made: jobs come in any order.
    bundle = made.get(wanted) if wanted else made[max(made, key=_stage_place)] if made else None
    if bundle is None:
        abort(404)
    return _download(files.load(bundle.sha256), f"{tender.reference}-{bundle.stage}.zip", "application/zip")


def _stage_place(stage: str) -> tuple[int, int]:
    """`opening`, `award`, `award-2`, …, `failure`: later ones tell more."""
    number = stage.partition("-")[2]
    return ("opening", "award", "failure").index(stage.partition("-")[0]), int(number or 1)


def _download(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def tender_url(tender: Tender) -> str:
    return url_for("bidding.tender_page", reference=tender.reference)
