"""The log over HTTP: its files for programs (C2SP tlog-tiles), and pages on which people look entries up."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext as _

from app import keys, time
from app.audit import evidence, labels, policies, types
from app.audit.emission import read_access
from app.audit.models import Anchor, Event, Leaf
from app.audit.proving import prove
from app.audit.queries import get_entry, newest
from app.audit.sequencer import publication_of
from app.audit.watching import watch
from app.auth import current_actor, public, requires
from app.db import db, transaction
from app.errors import NotFound, TemporarilyUnavailable
from app.paging import paginate
from app.tlog import canon, tiles
from app.tlog.tiles import ENTRIES, WIDTH, Tile

blueprint = Blueprint(
    "audit", __name__, url_prefix="/log", template_folder="templates", static_folder="static", static_url_path="/static"
)
FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=5"


@blueprint.get("/checkpoint")
@public
def checkpoint() -> Response:
    """The newest signed checkpoint, as a signed note, with the cosignatures that it has already."""
    publication = publication_of(current_app)
    newest, witnessed = publication.newest(), publication.cosigned()
    if newest is None:
        raise NotFound("the log has no checkpoint yet")
    return _text(witnessed[0] if witnessed and witnessed[1] == newest[1] else newest[0], BRIEFLY)


@blueprint.get("/cosigned")
@public
def cosigned() -> Response:
    """The newest checkpoint that meets the policy, with the witnesses' lines."""
    try:
        return _text(evidence.cosigned_checkpoint()[0], BRIEFLY)
    except TemporarilyUnavailable as error:
        raise NotFound(str(error)) from error


@blueprint.get("/policy")
@public
def policy() -> Response:
    """Whom this log asks its readers to believe (C2SP tlog-policy). Take it once, keep it, and compare."""
    return _text(policies.in_force().text, BRIEFLY)


@blueprint.get("/tile/<path:rest>")
@public
def tile(rest: str) -> Response:
    """A tile or an entry bundle, under its tlog-tiles name. It never changes."""
    try:
        data = publication_of(current_app).read(tiles.parse_path(f"tile/{rest}"))
    except (ValueError, LookupError) as error:
        raise NotFound(f"no tile {rest}") from error
    response = Response(data, mimetype="application/octet-stream")
    response.headers["Cache-Control"] = FOR_EVER
    return response


@blueprint.get("/proof/<int:index>")
@public
def proof(index: int) -> Response:
    """That the entry stands at `index`, as a C2SP tlog-proof under the newest checkpoint."""
    proved = prove(publication_of(current_app), index)
    if proved is None:
        raise NotFound(f"entry {index} is not under a checkpoint")
    return _text(proved.proof.text, BRIEFLY)


@blueprint.get("/vkey")
@public
def vkey() -> Response:
    """The log's verifier key. Take it once, keep it, and do not ask the log for it again."""
    return _text(keys.vkey_of("log") + "\n", "public, max-age=3600")


@blueprint.get("")
@public
def explorer() -> str:
    """Newest entries first; `family`, `type` and `tender` filter the open ones."""
    family, kind = request.args.get("family", ""), request.args.get("type", "").strip()
    tender = request.args.get("tender", "").strip().upper()
    page = paginate(newest(family, kind, tender), request.args.get("page", 1, int), scalars=False)
    return render_template(
        "audit/explorer.html",
        page=page,
        families=types.FAMILIES,
        label_of=labels.label_of,
        family=family,
        kind=kind,
        tender=tender,
        newest=publication_of(current_app).checkpoint(),
        watch=watch(),
    )


@blueprint.get("/witnesses")
@public
def witnesses() -> str:
    """Who watches the log: witnesses, time-stamp tokens, the policy."""
    return render_template("audit/witnesses.html", watch=watch(), base=current_app.config["NARU_BASE_URL"])


@blueprint.get("/token/<int:size>")
@public
def token(size: int) -> Response:
    """The time-stamp token over the checkpoint of `size` entries (RFC 3161 TimeStampResp, DER)."""
    found = db.session.get(Anchor, (size, "rfc3161")) if size < 2**63 else None
    if found is None:
        raise NotFound(f"no token over {size} entries")
    response = Response(found.token, mimetype="application/timestamp-reply")
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Disposition"] = f'attachment; filename="{size}.tsr"'
    return response


@blueprint.get("/find")
@public
def find() -> Response | str:
    """From the number typed on the explorer to its page."""
    from flask import redirect, url_for

    typed = request.args.get("index", "").replace(",", "").strip()
    if typed.isascii() and typed.isdigit() and len(typed) < 16:
        return redirect(url_for("audit.entry", index=int(typed)))  # type: ignore[return-value]
    raise NotFound(f"no entry {typed!r}")


@blueprint.get("/<int:index>")
@public
def entry(index: int) -> str:
    leaf, event = get_entry(index)
    return _entry_page(leaf, event, shown=canon.parse(event.body) if event.is_open else None)


@blueprint.post("/<int:index>/read")
@requires("audit:read")
def read_sealed(index: int) -> str:
    """An auditor reads a sealed entry; that is itself an entry."""
    with transaction():
        leaf, event = get_entry(index)
        if event.is_erased:
            raise NotFound(f"entry {index} was erased")
        read_access(current_actor(), time.now(), subject=f"entry:{index}", what=event.type)
    leaf, event = get_entry(index)
    return _entry_page(leaf, event, shown=canon.parse(event.body))


@blueprint.get("/how-to-verify")
@public
def how_to_verify() -> str:
    script = Path(__file__).parent / "static" / "check_entry.py"
    return render_template(
        "audit/how_to_verify.html",
        vkey=keys.vkey_of("log"),
        origin=keys.name_of("log"),
        newest=publication_of(current_app).checkpoint(),
        script=script.read_text("utf-8"),
        base=current_app.config["NARU_BASE_URL"],
    )


def _entry_page(leaf: Leaf, event: Event, shown: object) -> str:
    publication = publication_of(current_app)
    proved = prove(publication, leaf.idx)
    covered = publication.checkpoint()
    bundle = Tile(ENTRIES, leaf.idx // WIDTH)
    if covered is not None and proved is not None:
        bundle = tiles.tile_at(ENTRIES, leaf.idx // WIDTH, proved.checkpoint.size)
    return render_template(
        "audit/entry.html",
        leaf=leaf,
        event=event,
        is_read=shown is not None and not event.is_open,
        body=None if shown is None else json.dumps(shown, ensure_ascii=False, indent=2),
        facts=shown,
        label=labels.label_of(event.type) if shown is not None else _("Sealed entry"),
        leaf_text=event.leaf.decode(),
        proved=proved,
        bundle_path=bundle.path.removeprefix("tile/"),
        size=covered.size if covered else 0,
        vkey=keys.vkey_of("log"),
        may_read=not event.is_open and not event.is_erased and current_actor().may("audit:read"),
    )


def _text(text: str, caching: str) -> Response:
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = caching
    return response
