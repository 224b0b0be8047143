"""A throw-away envelope with everything revealed, to test the program that sealed it ("cast or challenge").

The pure twin of `static/bidding/audit_file.js`. One line of canonical JSON:

    v 1, type "audit-file", box, client (hash of the program), made, price {"amount": "1", "picks": [..]} as typed,
    envelope, cek b64u, pieces {holder: b64u}, ephemerals {holder: b64u}

With key, pieces and ephemeral keys every byte of the envelope follows from the price, so the check makes it again and
compares. What it shows: this program sealed this price, for these holders, and nothing beside. It was never signed, and
its bid id is used for nothing else: it cannot be handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.tlog.canon import digest, parse, unb64u
from bidding import chunked, payload
from bidding.reseal import reseal
from bidding.sealing import Lane, box_id, check_envelope, join, open_with_key, payload_context, wrap_info

Json = dict[str, Any]

LARGEST = 262_144  # bytes
SALT = 24
_MEMBERS = {"v", "type", "box", "client", "made", "price", "envelope", "cek", "pieces", "ephemerals"}


class AuditError(ValueError):
    """The program that sealed this did not seal what was typed, or not as the box asks. `code` says what differs."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Audited:
    """What the envelope holds, recomputed in full."""

    amount_won: int
    picks: tuple[int, ...]
    holders: tuple[str, ...]
    box_id: str
    client: str
    quantity: int | None = None


def audit(data: bytes) -> Audited:
    """Make the envelope in the audit file `data` again from what it reveals. Raises AuditError."""
    try:
        file = _read(data)
        lane = Lane.from_json(file["box"]["lanes"]["price"])
        return _audit(file, lane)
    except AuditError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise AuditError("not-an-audit-file") from error


def _read(data: bytes) -> Json:
    file = parse(data.rstrip(b"\n")) if len(data) <= LARGEST else None
    if not isinstance(file, dict) or set(file) != _MEMBERS or (file["v"], file["type"]) != (1, "audit-file"):
        raise AuditError("not-an-audit-file")
    return file


def _audit(file: Json, lane: Lane) -> Audited:
    envelope, cek = file["envelope"], unb64u(file["cek"])
    ctx = envelope["ctx"]
    if ctx["box"] != box_id(file["box"]) or ctx["tender"] != file["box"]["tender"]:
        raise AuditError("box")
    check_envelope(envelope, ctx, lane, payload.LENGTH)
    plain = _opened(envelope, cek)
    offer = payload.read_any_offer(plain)
    offered = {} if offer.quantity is None else {"quantity": offer.quantity}
    if {"amount": str(offer.amount_won), "picks": list(offer.picks), **offered} != file["price"]:
        raise AuditError("price")
    sealed = unb64u(envelope["ct"])
    if chunked.encrypt(cek, payload_context(ctx), plain, salt=sealed[:SALT]) != sealed:
        raise AuditError("ciphertext")
    _check_pieces(file, lane, cek)
    return Audited(offer.amount_won, offer.picks, tuple(lane.holders), ctx["box"], file["client"], offer.quantity)


def _opened(envelope: Json, cek: bytes) -> bytes:
    try:
        return open_with_key(envelope, cek)
    except ValueError as error:
        raise AuditError("key") from error


def _check_pieces(file: Json, lane: Lane, cek: bytes) -> None:
    """Every group's pieces make the key, and every wrap is the seal of its holder's pieces, to the byte."""
    envelope = file["envelope"]
    if set(file["pieces"]) != set(lane.holders) or set(file["ephemerals"]) != set(lane.holders):
        raise AuditError("holders")
    blobs = {holder: unb64u(blob) for holder, blob in file["pieces"].items()}
    for holder, blob in blobs.items():
        if digest("piece", blob).hex() != envelope["piece_commits"][holder]:
            raise AuditError("pieces")
    if any(join(lane.groups, chosen, blobs) != cek for chosen in range(len(lane.groups))):
        raise AuditError("pieces")
    for holder, public in lane.holders.items():
        info = wrap_info(envelope["ctx"], holder)
        if reseal(unb64u(file["ephemerals"][holder]), public, info, blobs[holder]) != unb64u(envelope["wraps"][holder]):
            raise AuditError("wrap")
