"""Which bidding client sealed a bid: one digest for each build, named in every bid statement and logged as a release.

Three builds: the scripts of the bid page (`browser`), the single-file page for a machine without a network (`offline`,
`bidding.offline_client`), and the command `python -m bidding.seal` (`cli`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

VERSION = "0.2.0"
_ROOT = Path(__file__).resolve().parent.parent

# Every script that can run on the bid page: ours, the page frame's, and the libraries for HPKE and hashing as served.
CLIENT_FOLDERS = ("app/static/js", "bidding/static/bidding")
HPKE = "app/static/vendor/hpke.js"
HASHING = tuple(f"app/static/vendor/noble/{name}.js" for name in ("_md", "_u64", "sha2", "utils"))
# Every module of ours that `python -m bidding.seal` runs.
CLI_FILES = (
    *("app/__init__.py", "app/ids.py", "app/time.py", "app/tlog/__init__.py", "app/tlog/canon.py", "app/tlog/note.py"),
    *("bidding/__init__.py", "bidding/audit_file.py", "bidding/bid_file.py", "bidding/box_code.py"),
    *("bidding/box_file.py", "bidding/chunked.py", "bidding/client_build.py", "bidding/criteria.py"),
    *("bidding/draw_rule.py", "bidding/key_file.py", "bidding/locking.py", "bidding/notice_terms.py"),
    *("bidding/payload.py", "bidding/price_scoring.py", "bidding/reseal.py", "bidding/scoring.py", "bidding/seal.py"),
    *("bidding/sealing.py", "bidding/stamp.py", "bidding/statement.py", "bidding/types.py", "bidding/webauthn.py"),
)


def client_files(root: Path = _ROOT) -> list[str]:
    """The browser build's files as paths below `root`, in the order in which they are hashed."""
    found = [path.relative_to(root).as_posix() for folder in CLIENT_FOLDERS for path in (root / folder).rglob("*.js")]
    return sorted([*found, HPKE, *HASHING])


def hash_client(root: Path) -> str:
    """SHA-256 (hex) over the browser build's files below `root`, one after the other.

    Raises FileNotFoundError where the set-up has not put the HPKE library in place.
    """
    return hash_files(root, client_files(root))


def hash_files(root: Path, names: Iterable[str]) -> str:
    """SHA-256 (hex) over the files `names` below `root`, one after the other.

    Each file counts as its name, a line feed, its length in decimal, a line feed, and its bytes, so that no byte can
    move from one file to the next unseen.
    """
    total = sha256()
    for name in names:
        content = (root / name).read_bytes()
        total.update(f"{name}\n{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


@cache
def client_hash() -> str:
    """The digest of the client that this process serves. Read once: files do not change under a running process."""
    return hash_client(_ROOT)


@cache
def cli_hash() -> str:
    """The digest of the command `python -m bidding.seal`, as its statements name it."""
    return hash_files(_ROOT, CLI_FILES)


def file_hashes(names: Iterable[str], root: Path = _ROOT) -> dict[str, str]:
    """SHA-256 (hex) of each file: what a release shows, so that a difference is found."""
    return {name: sha256((root / name).read_bytes()).hexdigest() for name in names}


if __name__ == "__main__":
    print(f"{client_hash()}  browser\n{cli_hash()}  cli")  # noqa: T201
