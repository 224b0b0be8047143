"""What a bidder keeps and uses beside the bid page: the page that opens bid files, and the box as a file."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app import files, keys
from app.auth import current_actor, public
from app.errors import NotFound
from app.i18n import language
from app.time import wire
from app.tlog.canon import jcs, parse
from bidding.bid_texts import bid_file_texts
from bidding.box_file import make_box_file
from bidding.routes import blueprint
from bidding.services.access import get_tender
from bidding.services.box import LOT


@blueprint.get("/bid-file")
@public
def bid_file_page() -> ResponseReturnValue:
    """Opens a bid file or a throw-away envelope in the browser; works for whoever holds the file, signed in or not."""
    page = {"lang": language(), "vkeys": {"receipt": keys.vkey_of("receipt")}, "texts": bid_file_texts()}
    return render_template("bidding/bid_file.html", page=page)


@blueprint.get("/tenders/<reference>/box.json")
@public
def box_file(reference: str) -> ResponseReturnValue:
    """The published box with all that it is checked by, for programs that seal without a network."""
    tender = get_tender(reference, current_actor())
    if tender.box is None or tender.box_note is None or tender.closes_at is None or tender.opens_at is None:
        raise NotFound("no box")
    if tender.published_at is None:
        raise NotFound("not published yet")
    file = make_box_file(
        box=tender.box,
        box_note=tender.box_note,
        khkeys=[note for lane in tender.box["lanes"] for note in tender.khkeys(lane).values()],
        vkeys={name: keys.vkey_of(name) for name in ("agency", "receipt", "log")} | {"holders": tender.holder_vkeys},
        lot=LOT,
        closes_at=wire(tender.closes_at),
        opens_at=wire(tender.opens_at),
        notice=parse(files.load(str(tender.notice_sha256))) if tender.asked_documents else None,
    )
    headers = {
        "Content-Type": "application/json",
        "Content-Disposition": f"attachment; filename={tender.reference}.box.json",
    }
    return jcs(file) + b"\n", 200, headers
