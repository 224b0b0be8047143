"""Sealing a price without a browser, and opening what was sealed: `python -m bidding.seal`.

    python -m bidding.seal BOX --key KEY [--kid KID --supplier NUMBER]   seal and sign; prints what is posted
    python -m bidding.seal --open BIDFILE                                 your own bid file: what you offered
    python -m bidding.seal --audit AUDITFILE                              a throw-away envelope: made again, compared

BOX is the box file from the tender's page (its signatures are checked; pin the agency with `--agency-vkey`) or a bare
box; compare its code with the one printed in the notice. KEY is a signing key file of the offline client, or a PEM with
`--kid` and `--supplier`. Amount, numbers and passphrases are asked for on the terminal when they are not given.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.ids import new_id
from app.tlog.canon import jcs, parse
from bidding import payload
from bidding.audit_file import audit
from bidding.bid_file import make_bid_file, open_bid_file, read_bid_file
from bidding.box_code import box_code
from bidding.box_file import read_box_file
from bidding.client_build import cli_hash
from bidding.key_file import Bidder, open_key_file
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


def seal_bid(
    box: Json,
    bidder: Bidder,
    amount_won: int,
    picks: Sequence[int],
    made: datetime,
    *,
    lot: str = "1",
    bid: str = "",
    needs_documents: bool = True,
    quantity: int | None = None,
) -> Sealed:
    """Seal one price for `box`, exactly as the browser does. ValueError for an offer that the box refuses.

    `needs_documents`: whether a box with a lane for documents takes no bid without one; the notice says so.
    """
    if "docs" in box["lanes"] and needs_documents:
        raise ValueError("this tender asks for documents: submit them on the tender's page")
    rule = DrawRule.from_json(box["draw"])
    plain = payload.make_price(amount_won, picks, quantity=quantity)
    payload.read_offer(plain, rule)  # what the opening would refuse is refused here
    ctx = make_ctx(box=box_id(box), tender=box["tender"], lot=lot, supplier=bidder.supplier, bid=bid or str(new_id()))
    cek, envelope = seal_envelope(ctx, Lane.from_json(box["lanes"]["price"]), plain)
    statement = make_statement(ctx, envelope, notice_sha256=box["notice_sha256"], client=cli_hash(), made=made)
    stmt = statement_hash(statement)
    return Sealed(stmt, cek, statement, sign_statement(stmt, bidder.kid, bidder.key), envelope)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.open is not None:
            return _open(options)
        if options.audit is not None:
            return _audit(options)
        if options.box is None or options.key is None:
            parser.error("give a box and --key, or --open, or --audit")
        return _seal(options)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"refused: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bidding.seal", description="Seal a price for a box.")
    parser.add_argument("box", type=Path, nargs="?", help="the box file from the tender's page, or a bare box")
    parser.add_argument("--key", type=Path, help="signing key file, or Ed25519 private key as PEM (PKCS#8)")
    parser.add_argument("--kid", help="with a PEM: the id under which the key was enrolled")
    parser.add_argument("--supplier", help="with a PEM: business registration number, 10 digits")
    parser.add_argument("--agency-vkey", help="pin the agency's verifier key")
    parser.add_argument("--amount", type=int, help="whole won; asked for when left out")
    parser.add_argument("--picks", help="reserve-price numbers, such as 3,11; asked for when left out")
    parser.add_argument("--quantity", type=int, help="how many you offer at that price each, where the tender asks")
    parser.add_argument("--bid-file", type=Path, help="keep the bid with its key here, under a passphrase")
    parser.add_argument("--passphrase-file", type=Path, help="read passphrases from this file instead of the terminal")
    parser.add_argument("--open", type=Path, metavar="BIDFILE", help="show what a bid file offers")
    parser.add_argument("--audit", type=Path, metavar="AUDITFILE", help="check a throw-away envelope")
    return parser


def _seal(options: argparse.Namespace) -> int:
    box, lot, needs_documents = _read_box(options.box.read_bytes(), options.agency_vkey)
    print(f"box {box_code(box_id(box))} of {box['tender']}: compare it with the notice", file=sys.stderr)  # noqa: T201
    if "docs" in box["lanes"] and not needs_documents:
        print("it asks for documents, but requires none: this bid brings none", file=sys.stderr)  # noqa: T201
    bidder = _load_key(options)
    amount = options.amount if options.amount is not None else int(getpass.getpass("Amount in won: "))
    rule = DrawRule.from_json(box["draw"])
    quantity = options.quantity
    if quantity is None and rule.quantity is not None:
        quantity = int(getpass.getpass("Quantity: "))
    asks = rule.pick
    spelled = options.picks if options.picks is not None else getpass.getpass("Numbers: ") if asks else ""
    picks = [int(pick) for pick in spelled.split(",") if pick.strip()]
    sealed = seal_bid(
        box, bidder, amount, picks, datetime.now(UTC), lot=lot, needs_documents=needs_documents, quantity=quantity
    )
    if options.bid_file is not None:
        _keep(options.bid_file, make_bid_file(sealed.submission(), sealed.cek, None, _passphrase(options)))
    print(jcs(sealed.submission()).decode())  # noqa: T201
    print(f"bid {sealed.stmt}", file=sys.stderr)  # noqa: T201
    return 0


def _open(options: argparse.Namespace) -> int:
    file = read_bid_file(options.open.read_bytes())
    opened = open_bid_file(file, _passphrase(options))
    lines = [
        f"tender {file.statement['tender']}, bidder {file.statement['supplier']}, sealed {file.statement['made']}",
        f"amount {opened.amount_won:,} won",
        f"numbers {', '.join(map(str, opened.picks)) or '-'}",
        *([f"quantity {opened.quantity:,}"] if opened.quantity is not None else []),
        f"bid {file.stmt}",
        f"time stamp {file.stamped_at:%Y-%m-%dT%H:%M:%SZ}, over this bid; openssl ts -verify checks who signed it"
        if file.stamped_at
        else "no time stamp in the file",
        "receipt is in the file" if file.receipt else "no receipt in the file",
        "The key opens the sealed envelope that the signed statement names, and this is what is in it.",
    ]
    print("\n".join(lines))  # noqa: T201
    return 0


def _audit(options: argparse.Namespace) -> int:
    found = audit(options.audit.read_bytes())
    lines = [
        f"amount {found.amount_won:,} won",
        f"numbers {', '.join(map(str, found.picks)) or '-'}",
        *([f"quantity {found.quantity:,}"] if found.quantity is not None else []),
        f"sealed for holders {', '.join(found.holders)} of box {box_code(found.box_id)}",
        f"by the program {found.client}",
        "Every byte of the envelope was made again from what it reveals, and is the same.",
    ]
    print("\n".join(lines))  # noqa: T201
    return 0


def _read_box(data: bytes, agency_vkey: str | None) -> tuple[Json, str, bool]:
    value = parse(data.strip())
    if isinstance(value, dict) and value.get("type") == "box-file":
        file = read_box_file(data, agency_vkey)
        return file.box, file.lot, file.needs_documents
    if agency_vkey is not None:
        raise ValueError("a bare box has no signature: take the box file from the tender's page")
    return dict(value), "1", True


def _load_key(options: argparse.Namespace) -> Bidder:
    data = options.key.read_bytes()
    if data.lstrip().startswith(b"{"):
        return open_key_file(data, _passphrase(options))
    if options.kid is None or options.supplier is None:
        raise ValueError("a PEM needs --kid and --supplier")
    key = load_pem_private_key(data, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("not an Ed25519 key")
    return Bidder(options.supplier, options.kid, key)


def _passphrase(options: argparse.Namespace) -> str:
    if options.passphrase_file is not None:
        return str(options.passphrase_file.read_text("utf-8").rstrip("\r\n"))
    return getpass.getpass("Passphrase: ")


def _keep(path: Path, content: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content + b"\n")


if __name__ == "__main__":
    sys.exit(main())
