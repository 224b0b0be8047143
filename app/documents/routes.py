"""Checking a document by its code, and fetching it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import audit, time
from app.auth import current_actor, public
from app.db import transaction
from app.documents.issuing import KINDS, canonical_code, get_issued, may_read, read_content
from app.errors import NotFound

blueprint = Blueprint(
    "documents",
    __name__,
    url_prefix="/documents",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@blueprint.get("")
@public
def find() -> ResponseReturnValue:
    """The box in which the code of a printed document is typed."""
    typed = request.args.get("code", "").strip()
    if typed:
        try:
            return redirect(url_for("documents.verify", code=get_issued(typed).code))
        except NotFound:
            return render_template("documents/find.html", typed=typed, is_unknown=True), 404
    return render_template("documents/find.html", typed="", is_unknown=False)


@blueprint.get("/<code>")
@public
def verify(code: str) -> ResponseReturnValue:
    """What the document with this code is, and whether a given hash is its own."""
    document = get_issued(code)
    if document.code != code:
        return redirect(url_for("documents.verify", code=document.code))
    entries = audit.entries_about(document.audit_subject)
    given = "".join(request.args.get("sha256", "").lower().split())
    return render_template(
        "documents/verify.html",
        document=document,
        kind=KINDS.get(document.kind, document.kind),
        given=given,
        is_same=given == document.sha256,
        may_read=may_read(document, current_actor()),
        entry=entries[0] if entries else None,
    )


@blueprint.get("/<code>.pdf")
@public
def pdf(code: str) -> ResponseReturnValue:
    """The file itself. Public documents for anyone; others for both sides and auditors, who are recorded."""
    with transaction():
        document = get_issued(canonical_code(code))
        content = read_content(document, current_actor(), time.now())
        name, is_public, sha256 = f"{document.kind}-{document.number}.pdf", document.is_public, document.sha256
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "public, max-age=3600" if is_public else "private, no-store"
    response.set_etag(sha256)
    return response.make_conditional(request) if is_public else response
