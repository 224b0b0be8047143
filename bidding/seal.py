"""Sealing a price without a browser: `python -m bidding.seal BOX.json --key KEY.pem --kid KID --supplier NUMBER`.

Reads the amount and the picks from the terminal (or `--amount`, `--picks`), prints the submission (statement,
signature, envelope: what the browser would post) and keeps the envelope's key to itself unless `--bid-file` names a
place for it. The box comes from the tender's page; check its code against the one printed in the notice.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.ids import new_id
from app.tlog.canon import b64u, jcs, parse
from bidding import payload
from bidding.sealing import Lane, box_id, make_ctx, seal_envelope
from bidding.statement import make_statement, sign_statement, statement_hash
from bidding.types import DrawRule

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed bid. `cek` opens it: it stays with the bidder."""

    stmt: str
    cek: bytes
    statement: Json
    signature: Json
    envelope: Json

    def submission(self) -> Json:
        """What is posted to `/tenders/<reference>/bids`."""
        return {
            "statement": self.statement,
            "signature": self.signature,
            "env_price": self.envelope,
            "env_docs": None,
        }


@dataclass(frozen=True, slots=True)
class Bidder:
    """`supplier` is the business registration number; `key` was enrolled as `kid`."""

    supplier: str
    kid: str
    key: Ed25519PrivateKey


def seal_bid(
    box: Json, bidder: Bidder, amount_won: int, picks: Sequence[int], made: datetime, *, lot: str = "1", bid: str = ""
) -> Sealed:
    """Seal one price for `box`, exactly as the browser does. ValueError for an amount or picks that the box refuses."""
    rule = DrawRule.from_json(box["draw"])
    plain = payload.make_price(amount_won, picks)
    payload.read_price(plain, rule)  # what the opening would refuse is refused here
    ctx = make_ctx(box=box_id(box), tender=box["tender"], lot=lot, supplier=bidder.supplier, bid=bid or str(new_id()))
    cek, envelope = seal_envelope(ctx, Lane.from_json(box["lanes"]["price"]), plain)
    statement = make_statement(ctx, envelope, notice_sha256=box["notice_sha256"], client=client_build(), made=made)
    stmt = statement_hash(statement)
    return Sealed(stmt, cek, statement, sign_statement(stmt, bidder.kid, bidder.key), envelope)


def client_build() -> str:
    """SHA-256 of this program's own text, as statements name it."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bidding.seal", description="Seal a price for a box.")
    parser.add_argument("box", type=Path, help="the box as canonical JSON")
    parser.add_argument("--key", type=Path, required=True, help="Ed25519 private key, PEM (PKCS#8)")
    parser.add_argument("--kid", required=True, help="the id under which the key was enrolled")
    parser.add_argument("--supplier", required=True, help="business registration number, 10 digits")
    parser.add_argument("--amount", type=int, help="whole won; asked for when left out")
    parser.add_argument("--picks", help="reserve-price numbers, such as 3,11; asked for when left out")
    parser.add_argument("--bid-file", type=Path, help="keep the envelope's key here (secret)")
    options = parser.parse_args(arguments)
    try:
        box = parse(options.box.read_bytes().strip())
        bidder = Bidder(options.supplier, options.kid, _load_key(options.key))
        amount = options.amount if options.amount is not None else int(getpass.getpass("Amount in won: "))
        picks = [int(pick) for pick in (options.picks or getpass.getpass("Numbers: ")).split(",")]
        sealed = seal_bid(box, bidder, amount, picks, datetime.now(UTC))
        if options.bid_file is not None:
            _keep(options.bid_file, sealed)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"not sealed: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(jcs(sealed.submission()).decode())  # noqa: T201
    print(f"bid {sealed.stmt}", file=sys.stderr)  # noqa: T201
    return 0


def _load_key(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("not an Ed25519 key")
    return key


def _keep(path: Path, sealed: Sealed) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(jcs({"v": 1, "type": "bid-file", **sealed.submission(), "cek": b64u(sealed.cek)}))


if __name__ == "__main__":
    sys.exit(main())
