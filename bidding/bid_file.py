"""The bid file (protocol 3.5): all of one bid that its bidder keeps. The pure twin of `static/bidding/bid_file.js`.

One line of canonical JSON:

    v 1, type "bid-file", statement, signature (or null before it is signed), env_price, env_docs (or null),
    keys: the envelopes' keys {"price": b64u, "docs": b64u|null} locked under a passphrase (`bidding.locking`), or null,
    receipt: the signed receipt, or null before the bid was received
    stamp: a time stamp over the statement hash (`bidding.stamp`), b64u of DER; the member is absent where there is none

Without the passphrase nobody can read the price from it. A file is attack surface: nothing of it is believed before its
shape and its own hashes have been checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.tlog.canon import b64u, digest, jcs, parse, unb64u
from bidding import payload
from bidding.locking import LockError, check_lock, lock, unlock
from bidding.sealing import SealingError, open_with_key
from bidding.stamp import stamped_at
from bidding.statement import check_docs_pair, check_pair, check_statement, ctx_of, open_receipt, statement_hash

Json = dict[str, Any]

LARGEST = 262_144  # characters
_MEMBERS = {"v", "type", "statement", "signature", "env_price", "env_docs", "keys", "receipt"}


class BidFileError(ValueError):
    """`code`: not-a-bid-file, other-envelope, no-keys, passphrase, other-keys, receipt, stamp."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class BidFile:
    """A file whose parts belong together. `stmt` names the bid."""

    stmt: str
    statement: Json
    signature: Json | None
    env_price: Json
    env_docs: Json | None
    keys: Json | None
    receipt: str | None
    stamped_at: datetime | None = None  # by a token over this very bid, whose signature nobody has checked

    def submission(self) -> Json:
        """What is posted to hand the bid in."""
        parts = {"statement": self.statement, "signature": self.signature}
        return {**parts, "env_price": self.env_price, "env_docs": self.env_docs}


@dataclass(frozen=True, slots=True)
class Opened:
    """What the bidder offered. `docs_key` opens the documents' envelope, where there is one."""

    amount_won: int
    picks: tuple[int, ...]
    price_key: bytes
    docs_key: bytes | None
    quantity: int | None = None


def make_bid_file(
    submission: Json,
    price_key: bytes,
    docs_key: bytes | None,
    passphrase: str,
    receipt: str | None = None,
    stamp: bytes | None = None,
) -> bytes:
    """The file's bytes. `submission` is what is posted. LockError `short` for a passphrase under 12 characters."""
    keys = {"price": b64u(price_key), "docs": b64u(docs_key) if docs_key is not None else None}
    locked = lock(jcs(keys), passphrase, _bound(statement_hash(submission["statement"])))
    more = {"stamp": b64u(stamp)} if stamp is not None else {}
    return jcs({"v": 1, "type": "bid-file", **submission, "keys": locked, "receipt": receipt, **more})


def read_bid_file(data: bytes) -> BidFile:
    """The file in `data`: its shape checked, its envelopes those that its statement names. Raises BidFileError."""
    if len(data) > LARGEST:
        raise BidFileError("not-a-bid-file")
    try:
        file = parse(data.rstrip(b"\n"))
        if not isinstance(file, dict) or set(file) - {"stamp"} != _MEMBERS or file["type"] != "bid-file":
            raise BidFileError("not-a-bid-file")
        if type(file["v"]) is not int or file["v"] != 1:
            raise BidFileError("not-a-bid-file")
        _check_shape(file)
        check_statement(file["statement"], **_own_box(file["statement"]))
    except BidFileError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BidFileError("not-a-bid-file") from error
    _check_envelopes(file)
    stmt = statement_hash(file["statement"])
    parts = {name: file[name] for name in _MEMBERS - {"v", "type"}}
    return BidFile(stmt, **parts, stamped_at=_read_stamp(file["stamp"], stmt) if "stamp" in file else None)


def open_bid_file(file: BidFile, passphrase: str) -> Opened:
    """Amount, picks and keys, proved to be those of the sealed envelope. Raises BidFileError."""
    if file.keys is None:
        raise BidFileError("no-keys")
    try:
        keys = parse(unlock(file.keys, passphrase, _bound(file.stmt)))
    except LockError as error:
        raise BidFileError("passphrase") from error
    try:
        if set(keys) != {"price", "docs"}:
            raise BidFileError("other-keys")
        price, docs = unb64u(keys["price"]), unb64u(keys["docs"]) if keys["docs"] is not None else None
        offer = payload.read_any_offer(open_with_key(file.env_price, price))
        if (docs is None) != (file.env_docs is None):
            raise BidFileError("other-keys")
        if docs is not None and file.env_docs is not None and digest("cek", docs).hex() != file.env_docs["cek_commit"]:
            raise BidFileError("other-keys")
    except (ValueError, KeyError, TypeError) as error:
        raise BidFileError("other-keys") from error
    return Opened(offer.amount_won, offer.picks, price, docs, offer.quantity)


def check_receipt(file: BidFile, vkeys: Sequence[str]) -> Json:
    """The receipt's object, signed by one of `vkeys` for this very bid. BidFileError `receipt` otherwise."""
    try:
        return open_receipt(file.receipt or "", file.stmt, list(vkeys))
    except ValueError as error:
        raise BidFileError("receipt") from error


def _own_box(statement: Json) -> dict[str, Any]:
    """What the statement says of its box: a file on its own has nothing to compare it with."""
    named = {name: statement[name] for name in ("box", "tender", "notice_sha256")}
    return {**named, "lots": frozenset({statement["lot"]})}


def _check_shape(file: Json) -> None:
    for name, kind in (("signature", dict), ("env_docs", dict), ("keys", dict), ("receipt", str)):
        if file[name] is not None and not isinstance(file[name], kind):
            raise BidFileError("not-a-bid-file")
    if file["keys"] is not None:
        check_lock(file["keys"])


def _read_stamp(stamp: Any, stmt: str) -> datetime:
    try:
        return stamped_at(unb64u(stamp), stmt)
    except (ValueError, TypeError, AttributeError) as error:
        raise BidFileError("stamp") from error


def _check_envelopes(file: Json) -> None:
    statement = file["statement"]
    try:
        check_pair(statement, file["env_price"])
        check_docs_pair(statement, file["env_docs"])
        if file["env_price"]["ctx"] != ctx_of(statement):
            raise BidFileError("other-envelope")
    except (SealingError, KeyError, TypeError) as error:
        raise BidFileError("other-envelope") from error


def _bound(stmt: str) -> bytes:
    return b"koneps/v1/bid-file\0" + bytes.fromhex(stmt)
