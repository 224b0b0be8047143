"""The bidding client's builds: which there are, how to compare them, and the offline one to take away."""

from __future__ import annotations

from hashlib import sha256

from flask import render_template
from flask.typing import ResponseReturnValue

from app.audit import evidence
from app.auth import public
from bidding.builds import builds
from bidding.offline_client import FILE_NAME, offline_client
from bidding.routes import blueprint
from bidding.services.releases import list_releases


@blueprint.get("/client")
@public
def client_page() -> ResponseReturnValue:
    """Every build that this site has served, the present ones first, each with its log entry."""
    releases = list_releases()
    logged = evidence.logged_about([release.audit_subject for release in releases], ("client.release",))
    return render_template(
        "bidding/client.html",
        builds=builds(),
        releases=releases,
        entries={entry.event["sha256"]: entry.index for entry in logged},
        offline_file=FILE_NAME,
        offline_sha256=sha256(offline_client()[0]).hexdigest(),
    )


@blueprint.get(f"/client/{FILE_NAME}")
@public
def offline_client_file() -> ResponseReturnValue:
    """The offline client, to save: one file that needs nothing else."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Disposition": f"attachment; filename={FILE_NAME}",
        "Cache-Control": "public, no-cache",
    }
    return offline_client()[0], 200, headers
