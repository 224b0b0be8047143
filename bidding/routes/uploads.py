"""Uploading a bid's files, encrypted in the browser, in parts. Nobody can read them here, nor fetch them back."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from app import blobs, time
from app.auth import current_actor, requires
from app.db import transaction
from app.errors import InvalidInput
from app.web.limits import limiter
from bidding.routes import blueprint
from bidding.services import uploads

PART_MAX = 5 * 1024 * 1024  # a part has 256 chunks of 16,400 bytes and, the first, 56 bytes more
_RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})", re.ASCII)


def _limit() -> str:
    return str(current_app.config["NARU_UPLOAD_LIMIT"])


@blueprint.put("/api/blobs/<sha256>")
@requires("bid:submit")
@limiter.limit(_limit)
def api_put_blob(sha256: str) -> ResponseReturnValue:
    """One part (`Content-Range: bytes first-last/total`): 200 with how many bytes are here, 201 when all are.

    A part that does not go on where the last one stopped is a 409 that says where to go on.
    """
    start, length, total = _range()
    actor, now = current_actor(), time.now()
    with transaction():
        blob = uploads.begin_upload(sha256, total, actor, now, current_app.config["NARU_BLOBS_QUOTA"])
        owner = blob.organisation_id
    request.max_content_length = PART_MAX
    left = length

    def read(most: int) -> bytes:
        nonlocal left
        block = request.stream.read(min(most, left))
        left -= len(block)
        return block

    received = blobs.append(owner, sha256, start, total, read)
    if received == total:
        with transaction():
            uploads.mark_stored(sha256, actor, time.now())
    return {"received": received, "size": total}, 201 if received == total else 200


def _range() -> tuple[int, int, int]:
    """Start and length of the part, and the length of the whole. Raises InvalidInput."""
    found = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if found is None:
        raise InvalidInput("Content-Range: bytes first-last/total", field="content-range")
    first, last, total = map(int, found.groups())
    length = last - first + 1
    if not 0 < length <= PART_MAX or last >= total or request.content_length != length:
        raise InvalidInput("the part is not as long as it says", field="content-range")
    return first, length, total


@blueprint.get("/api/blobs/<sha256>")
@requires("bid:submit")
@limiter.limit(_limit)
def api_blob_state(sha256: str) -> ResponseReturnValue:
    """How much of one's own upload is here, in the headers; GET says the same as JSON. Never the bytes."""
    blob, received = uploads.find_upload(sha256, current_actor())
    answer: dict[str, Any] = {"received": received, "size": blob.size}
    response = current_app.make_response(answer)
    response.headers["Naru-Received"] = str(received)
    response.headers["Naru-Size"] = str(blob.size)
    return response


@blueprint.delete("/api/blobs/<sha256>")
@requires("bid:submit")
@limiter.limit(_limit)
def api_forget_blob(sha256: str) -> ResponseReturnValue:
    """Take one's own upload away again. Not once a bid names it."""
    with transaction():
        uploads.forget_upload(sha256, current_actor())
    return Response(status=204)
