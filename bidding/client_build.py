"""Which bidding client a browser was given: one digest over its files, named in every bid statement."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

# Every script that can run on the bid page: ours, the page frame's, and the HPKE library as it is served.
CLIENT_FOLDERS = ("app/static/js", "bidding/static/bidding")
HPKE = "app/static/vendor/hpke.js"


def client_files(root: Path = _ROOT) -> list[str]:
    """The client's files as paths below `root`, in the order in which they are hashed."""
    found = [path.relative_to(root).as_posix() for folder in CLIENT_FOLDERS for path in (root / folder).rglob("*.js")]
    return sorted([*found, HPKE])


def hash_client(root: Path) -> str:
    """SHA-256 (hex) over the client's files below `root`, one after the other.

    Each file counts as its name, a line feed, its length in decimal, a line feed, and its bytes, so that no byte can
    move from one file to the next unseen.

    Raises FileNotFoundError where the set-up has not put the HPKE library in place.
    """
    total = sha256()
    for name in client_files(root):
        content = (root / name).read_bytes()
        total.update(f"{name}\n{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


@cache
def client_hash() -> str:
    """The digest of the client that this process serves. Read once: files do not change under a running process."""
    return hash_client(_ROOT)
