"""Time-stamp tokens (RFC 3161) over checkpoints: a third party's word on when a tree was there.

Asked for once an hour and after each closing, where NARU_TSA_URL names an authority. That address is the only one that
this goes to: redirections are not followed. A token is kept only if it is valid under the roots in NARU_TSA_CERTS.
"""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from flask import current_app
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import exists, func, select

from app import time
from app.audit import evidence
from app.audit.models import Anchor, Event, Leaf
from app.config import ConfigurationError
from app.db import db, transaction
from app.errors import TemporarilyUnavailable
from app.jobs import Promise, enqueue, register_job, register_sweep
from app.time import wire
from app.tlog import note
from app.tlog.checkpoint import Checkpoint

KIND = "rfc3161"
TIMEOUT = 15
MAX_TOKEN = 64 * 1024
PATIENCE = timedelta(minutes=1)  # after which a checkpoint is stamped though the witnesses have not cosigned it
_QUERY = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class TokenRefused(Exception):
    """The authority does not answer, or its answer is no valid token over what was asked."""


def anchor_soon(now: datetime, tender: str, kind: str) -> None:
    """Promise, in the caller's transaction, a token over a checkpoint that covers the tender's newest `kind` entry."""
    if current_app.config["NARU_TSA_URL"]:
        enqueue("audit.anchor", f"{tender}:{kind}:{wire(now)}", due_at=now, tender=tender, entry=kind)


def anchor(tender: str | None = None, entry: str | None = None) -> None:
    """The job: have a checkpoint stamped that covers the named entry, or else the newest. Safe to run twice.

    Raises TemporarilyUnavailable while there is no such checkpoint, TokenRefused.
    """
    place, at = _place_of(tender, entry) if tender else (-1, time.now())
    db.session.rollback()
    if tender and db.session.scalar(select(exists().where(Anchor.size > place))):
        return
    signed, covered = _to_stamp(place, time.now() - at > PATIENCE)
    if db.session.get(Anchor, (covered.size, KIND)) is not None:
        return
    db.session.rollback()  # nobody waits for a stranger's machine with a connection in hand
    text = note.text_of(signed).encode()
    token, stamped_at = request_token(text)
    with transaction():
        if db.session.get(Anchor, (covered.size, KIND)) is None:
            db.session.add(Anchor(size=covered.size, kind=KIND, token=token, at=stamped_at))


def _place_of(tender: str, kind: str | None) -> tuple[int, datetime]:
    rows = select(Leaf.idx, Event.at).join(Leaf, Leaf.event_id == Event.id)
    row = db.session.execute(
        rows.where(Event.tender == tender, Event.type == kind, Event.is_open).order_by(Leaf.idx.desc()).limit(1)
    ).first()
    if row is None:
        raise TemporarilyUnavailable(f"{kind} of {tender} still waits for its place in the log")
    return row[0], row[1]


def _to_stamp(place: int, is_impatient: bool) -> tuple[str, Checkpoint]:
    """A checkpoint that covers `place`: a cosigned one, unless that takes too long."""
    try:
        signed, covered = evidence.cosigned_checkpoint()
    except TemporarilyUnavailable:
        if place >= 0 and not is_impatient:
            raise
        signed, covered = evidence.latest_checkpoint()
    if covered.size <= place and is_impatient:
        signed, covered = evidence.latest_checkpoint()
    if covered.size <= place:
        raise TemporarilyUnavailable(f"entry {place} is not under a checkpoint yet")
    return signed, covered


def request_token(data: bytes, *, timeout: float = TIMEOUT) -> tuple[bytes, datetime]:
    """A verified token over the SHA-256 of `data`, as DER TimeStampResp, and the time in it. Raises TokenRefused.

    `timeout`: seconds that the authority may be silent.
    """
    # The builder's defaults ask for a nonce and for the authority's certificate.
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    token = _post(current_app.config["NARU_TSA_URL"], asked.as_bytes(), timeout)
    return token, verify_token(token, data, _certificates(), nonce=asked.nonce)


def verify_token(
    token: bytes, data: bytes, certificates: tuple[x509.Certificate, ...], *, nonce: int | None = None
) -> datetime:
    """The time in a token over `data`. `certificates`: roots (self-issued), and others between. Raises TokenRefused."""
    roots = [one for one in certificates if one.issuer == one.subject]
    between = [one for one in certificates if one.issuer != one.subject]
    try:
        answer: TimeStampResponse = decode_timestamp_response(token)
        verifier = VerifierBuilder(roots=roots, intermediates=between, nonce=nonce).build()
        verifier.verify_message(answer, data)
        return answer.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise TokenRefused(f"not a valid token: {error}") from error


def time_in(token: bytes) -> datetime:
    """The time that a kept token states; its validity was checked when it came."""
    return decode_timestamp_response(token).tst_info.gen_time


def latest() -> Anchor | None:
    return db.session.scalar(select(Anchor).order_by(Anchor.size.desc()).limit(1))


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Anchor)) or 0


def hourly(now: datetime) -> Iterator[Promise]:
    if current_app.config["NARU_TSA_URL"]:
        hour = now.replace(minute=0, second=0, microsecond=0)
        yield Promise("audit.anchor", f"hour:{wire(hour)}", hour)


def register() -> None:
    register_job("audit.anchor", anchor)
    register_sweep("audit.anchor", hourly)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def _post(url: str, query: bytes, timeout: float) -> bytes:
    request = urllib.request.Request(url, query, _QUERY)  # noqa: S310 - the operator's setting, http or https
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            token: bytes = answer.read(MAX_TOKEN)
    except OSError as error:
        raise TokenRefused(f"the time-stamp authority does not answer: {error}") from error
    return token


def _certificates() -> tuple[x509.Certificate, ...]:
    path = current_app.config["NARU_TSA_CERTS"]
    try:
        content = Path(path).read_bytes()
        return _parse_certificates(content)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"NARU_TSA_CERTS ({path}): {error}") from error


@lru_cache(maxsize=2)
def _parse_certificates(content: bytes) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(content))


def imprint_of(data: bytes) -> str:
    """SHA-256 in hex: what the token is over, as pages show it."""
    return hashlib.sha256(data).hexdigest()
