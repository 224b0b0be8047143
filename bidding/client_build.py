"""Which bidding client a browser was given: one digest over its files, named in every bid statement."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

# Everything that runs on the bid page between the typed price and the sealed one, in the order it is hashed.
CLIENT_FILES = (
    "bidding/static/bidding/amounts.js",
    "bidding/static/bidding/bid.js",
    "bidding/static/bidding/canon.js",
    "bidding/static/bidding/keys.js",
    "bidding/static/bidding/notes.js",
    "bidding/static/bidding/sealing.js",
    "bidding/static/bidding/steps.js",
    "bidding/static/bidding/store.js",
    "bidding/static/bidding/submit.js",
    "app/static/vendor/hpke.js",
)


def hash_client(root: Path) -> str:
    """SHA-256 (hex) over the client's files below `root`, one after the other.

    Each file counts as its name, a line feed, its length in decimal, a line feed, and its bytes, so that no byte can
    move from one file to the next unseen.

    Raises FileNotFoundError where the set-up has not put the HPKE library in place.
    """
    total = sha256()
    for name in CLIENT_FILES:
        content = (root / name).read_bytes()
        total.update(f"{name}\n{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


@cache
def client_hash() -> str:
    """The digest of the client that this process serves. Read once: files do not change under a running process."""
    return hash_client(_ROOT)
