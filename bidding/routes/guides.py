"""Plain words: how a bid stays sealed and how to check it, for suppliers, officers and auditors."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from app.auth import public
from bidding.routes import blueprint

READERS = ("suppliers", "officers", "auditors")


@blueprint.get("/guides/<reader>")
@public
def guide(reader: str) -> ResponseReturnValue:
    """The page for one kind of reader; 404 for any other word."""
    if reader not in READERS:
        abort(404)
    return render_template(f"bidding/guides/{reader}.html", reader=reader)
