"""The sealed box (protocol 3.3): who can open (policy groups), envelopes, and opening them with who is at fault.

An envelope's key (CEK) is split by XOR within each group of holders; each holder's pieces travel in one HPKE seal
(RFC 9180 base mode, X25519, HKDF-SHA256, AES-256-GCM). Every hash, seal and ciphertext carries the context: box,
tender, lot, supplier, bid, version and lane. Nothing opens under another.
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from app.tlog.canon import b64u, digest, jcs, respelled, unb64u
from bidding import chunked

Json = dict[str, Any]

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
PIECE = 32
ENC = 32
TAG = 16
MAX_GROUPS = 10
MAX_CIPHERTEXT = 32_768
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CTX = ("v", "type", "box", "tender", "lot", "supplier", "bid", "ver", "lane")
_HEAD = {"v", "type", "ctx", "cek_commit", "wraps", "piece_commits"}


class SealingError(ValueError):
    """A refusal with a stable `code`."""

    kind: ClassVar[str] = "sealing"

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class BadEnvelope(SealingError):
    """The envelope's outside is not as the box asks: nothing of it should be accepted."""

    kind = "envelope"


class HolderFault(SealingError):
    """A holder gave a piece that is not the one the bidder committed to, or none."""

    kind = "holder"

    def __init__(self, holder: str, code: str) -> None:
        super().__init__(code, f"holder {holder}: {code}")
        self.holder = holder


class BidderFault(SealingError):
    """The bidder's own envelope does not open by its own commitments: malformed."""

    kind = "bidder"


@dataclass(frozen=True, slots=True)
class Lane:
    """Who opens one lane: holder ids with their public keys (32 bytes), and the groups any one of which suffices."""

    holders: Mapping[str, bytes]
    groups: tuple[tuple[str, ...], ...]

    @classmethod
    def from_json(cls, lane: Json) -> Lane:
        """Read `box["lanes"][name]`. SealingError for unknown holders, empty or repeated groups, or more than ten."""
        try:
            holders = {holder["id"]: unb64u(holder["pub"]) for holder in lane["holders"]}
            groups = tuple(tuple(group) for group in lane["groups"])
        except (KeyError, TypeError, ValueError) as error:
            raise SealingError("lane", f"not a lane: {error}") from error
        named = [holder for group in groups for holder in group]
        if len(holders) != len(lane["holders"]) or any(len(pub) != ENC for pub in holders.values()):
            raise SealingError("lane", "holders repeat, or a key is not X25519")
        if not 1 <= len(groups) <= MAX_GROUPS or len({frozenset(group) for group in groups}) != len(groups):
            raise SealingError("lane", "groups repeat, or are none or too many")
        if any(not group or len(set(group)) != len(group) for group in groups) or set(named) != set(holders):
            raise SealingError("lane", "groups and holders do not match")
        return cls(holders, groups)

    def pieces_of(self, holder: str) -> int:
        """In how many groups `holder` sits: as many pieces its wrap holds."""
        return sum(holder in group for group in self.groups)


def box_id(box: Json) -> str:
    """The hash that names a box in every context and statement."""
    return digest("box", jcs(box)).hex()


def make_ctx(*, box: str, tender: str, lot: str, supplier: str, bid: str, ver: int = 1, lane: str = "price") -> Json:
    """The context that everything of one envelope is bound to. `box` is the box id."""
    return dict(zip(_CTX, (1, "ctx", box, tender, lot, supplier, bid, ver, lane), strict=True))


def wrap_info(ctx: Json, holder: str) -> bytes:
    """HPKE `info` of one holder's wrap."""
    return b"koneps/v1/wrap\0" + jcs({**ctx, "holder": holder})


def payload_context(ctx: Json) -> bytes:
    """The context of the payload's encryption."""
    return b"koneps/v1/payload\0" + jcs(ctx)


def envelope_hash(envelope: Json) -> str:
    return digest("envelope", jcs(envelope)).hex()


def split(
    cek: bytes, groups: tuple[tuple[str, ...], ...], rand: Callable[[int], bytes] = os.urandom
) -> dict[str, bytes]:
    """Each holder's pieces, in the order of the groups it sits in; the XOR over any whole group is `cek`."""
    blobs: dict[str, bytes] = {}
    for group in groups:
        last = cek
        for holder in group[:-1]:
            piece = rand(PIECE)
            blobs[holder] = blobs.get(holder, b"") + piece
            last = _xor(last, piece)
        blobs[group[-1]] = blobs.get(group[-1], b"") + last
    return blobs


def join(groups: tuple[tuple[str, ...], ...], chosen: int, blobs: Mapping[str, bytes]) -> bytes:
    """The CEK from the blobs of the group with index `chosen`."""
    cek = bytes(PIECE)
    for holder in groups[chosen]:
        before = sum(holder in group for group in groups[:chosen])
        cek = _xor(cek, blobs[holder][PIECE * before : PIECE * (before + 1)])
    return cek


def seal_envelope(ctx: Json, lane: Lane, plain: bytes) -> tuple[bytes, Json]:
    """Seal `plain` for the lane's holders under a fresh key. Returns the key (to keep, secret) and the envelope."""
    cek = os.urandom(chunked.KEY)
    return cek, seal_key(ctx, lane, cek) | {"ct": b64u(chunked.encrypt(cek, payload_context(ctx), plain))}


def seal_key(ctx: Json, lane: Lane, cek: bytes) -> Json:
    """The head of an envelope: `cek` split for the lane's groups and sealed to each holder. What it encrypts is added
    by the caller."""
    blobs = split(cek, lane.groups)
    wraps = {
        holder: b64u(SUITE.encrypt(blobs[holder], X25519PublicKey.from_public_bytes(pub), wrap_info(ctx, holder)))
        for holder, pub in lane.holders.items()
    }
    return {
        "v": 1,
        "type": "envelope",
        "ctx": dict(ctx),
        "cek_commit": digest("cek", cek).hex(),
        "wraps": wraps,
        "piece_commits": {holder: digest("piece", blobs[holder]).hex() for holder in lane.holders},
    }


def check_envelope(envelope: Any, ctx: Json, lane: Lane, plain_length: int | None) -> None:
    """Everything that can be checked from outside: shape, context, holders, exact lengths.

    `plain_length`: how long the text must be (1,024 for the price lane), None for any. Raises BadEnvelope.
    """
    check_head(envelope, ctx, lane, "ct")
    sealed = _decoded(envelope["ct"], "ct")
    least = chunked.sealed_length(plain_length or 0)
    if not least <= len(sealed) <= (least if plain_length is not None else MAX_CIPHERTEXT):
        raise BadEnvelope("ct")


def check_head(envelope: Any, ctx: Json, lane: Lane, content: str) -> None:
    """Shape, context, holders and wraps of an envelope whose one other member is `content`. Raises BadEnvelope."""
    if not isinstance(envelope, dict) or set(envelope) != _HEAD | {content}:
        raise BadEnvelope("members")
    if not _is_one(envelope["v"]) or envelope["type"] != "envelope":
        raise BadEnvelope("type")
    if envelope["ctx"] != ctx or respelled(envelope["ctx"]) != respelled(ctx):  # 1 == True: bytes decide
        raise BadEnvelope("ctx")
    for name in ("wraps", "piece_commits"):
        if not isinstance(envelope[name], dict) or set(envelope[name]) != set(lane.holders):
            raise BadEnvelope("holders")
    if not all(is_hash(value) for value in (envelope["cek_commit"], *envelope["piece_commits"].values())):
        raise BadEnvelope("commitment")
    for holder, wrap in envelope["wraps"].items():
        if len(_decoded(wrap, "wrap")) != ENC + PIECE * lane.pieces_of(holder) + TAG:
            raise BadEnvelope("wrap")


def open_wrap(envelope: Json, holder: str, key: X25519PrivateKey) -> bytes:
    """What a holder does: its blob of pieces. Raises BidderFault if the wrap is not what the bidder committed to."""
    try:
        blob = SUITE.decrypt(unb64u(envelope["wraps"][holder]), key, wrap_info(envelope["ctx"], holder))
    except (InvalidTag, ValueError, KeyError) as error:
        raise BidderFault("wrap") from error
    if digest("piece", blob).hex() != envelope["piece_commits"][holder]:
        raise BidderFault("piece-commitment")
    return blob


def combine(envelope: Json, lane: Lane, chosen: int, blobs: Mapping[str, bytes | None]) -> tuple[bytes, bytes]:
    """The CEK and the text, from the blobs of the group with index `chosen`. Raises as `combine_key`."""
    cek = combine_key(envelope, lane, chosen, blobs)
    return cek, open_with_key(envelope, cek)


def combine_key(envelope: Json, lane: Lane, chosen: int, blobs: Mapping[str, bytes | None]) -> bytes:
    """The CEK, checked against its commitment.

    A blob of None is the holder's signed word that the bidder's wrap does not open (`open_wrap` raised).

    Raises HolderFault (a piece is missing or is not the committed one: another answer of that holder is needed) or
    BidderFault (the committed pieces do not open the envelope: the bid is malformed, whichever group opens it).
    """
    given: dict[str, bytes] = {}
    for holder in lane.groups[chosen]:
        if holder not in blobs:
            raise HolderFault(holder, "piece-missing")
        blob = blobs[holder]
        if blob is None:
            raise BidderFault("wrap")
        if digest("piece", blob).hex() != envelope["piece_commits"][holder]:
            raise HolderFault(holder, "piece-commitment")
        if len(blob) != PIECE * lane.pieces_of(holder):
            raise BidderFault("piece-length")
        given[holder] = blob
    cek = join(lane.groups, chosen, given)
    _check_key(envelope, cek)
    return cek


def open_with_key(envelope: Json, cek: bytes) -> bytes:
    """The text by its key alone: what anybody can check once keys are published. Raises BidderFault."""
    _check_key(envelope, cek)
    try:
        return chunked.decrypt(cek, payload_context(envelope["ctx"]), unb64u(envelope["ct"]))
    except ValueError as error:
        raise BidderFault("ciphertext") from error


def _check_key(envelope: Json, cek: bytes) -> None:
    if not hmac.compare_digest(digest("cek", cek).hex(), envelope["cek_commit"]):
        raise BidderFault("cek-commitment")


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(PIECE, "big")


def _decoded(spelling: Any, code: str) -> bytes:
    if not isinstance(spelling, str):
        raise BadEnvelope(code)
    try:
        return unb64u(spelling)
    except ValueError as error:
        raise BadEnvelope(code) from error


def is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _is_one(value: Any) -> bool:
    return type(value) is int and value == 1
