"""`python -m bidding.recover FILE --for KEY`: the key of one's own bid, sealed for a recovery, from the bid file.

Run on the bidder's own computer, after the keyholders lost their keys (protocol 3.11). It asks for the file's
passphrase and prints 107 characters to paste into the receipt's page; nothing else leaves the file.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from app.tlog.canon import b64u
from bidding.bid_file import BidFileError, open_bid_file, read_bid_file
from bidding.resupply import seal_key


def sealed_from(data: bytes, passphrase: str, public: str) -> str:
    """What to paste. BidFileError for a file or a passphrase that does not fit, ValueError for a key that is none."""
    file = read_bid_file(data)
    opened = open_bid_file(file, passphrase)
    return b64u(seal_key(opened.price_key, file.env_price["ctx"], public))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bidding.recover", description=__doc__)
    parser.add_argument("file", type=Path, help="the bid file")
    parser.add_argument("--for", dest="public", required=True, help="the key that the receipt's page shows")
    arguments = parser.parse_args()
    try:
        sealed = sealed_from(arguments.file.read_bytes(), getpass.getpass("Passphrase: "), arguments.public)
    except (BidFileError, ValueError, OSError) as error:
        sys.stderr.write(f"not sealed: {error}\n")
        return 1
    sys.stdout.write(sealed + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
