"""Signs checkpoints, and never two that contradict each other. As a process: `python -m app.audit.signer`.

It trusts neither the database nor the sequencer: it remembers the last size and root that it signed in a file of its
own, and signs another tree only with the proof that the last one is its beginning.

The process answers on a Unix socket: who may open the file may ask, and nobody else. Settings: NARU_SIGNER (its
address, `unix:PATH`), NARU_SIGNER_DIR (a folder of its own for its memory), NARU_SIGNER_KEY (where the key lies, if
not there as `log.pem`), NARU_LOG_ORIGIN. It needs Python and `cryptography`, and runs as a user of its own, who alone
may read the folder.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import socketserver
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.audit import durable
from app.tlog import checkpoint, merkle, note
from app.tlog.checkpoint import Checkpoint

MAX_REQUEST = 64 * 1024
UNIX = "unix:"


class SignerRefused(Exception):
    """The tree to be signed does not continue the last one signed: a fork, a shrink, or a lost memory."""


class Signer:
    """`memory` is the file with the text of the last checkpoint signed; its folder belongs to the signer alone."""

    def __init__(self, key: Ed25519PrivateKey, origin: str, memory: Path) -> None:
        self._key, self.origin, self._memory = key, origin, memory
        self._busy = threading.Lock()

    def last(self) -> Checkpoint:
        """What was signed last; of a signer that never signed, the empty tree."""
        try:
            return checkpoint.parse(self._memory.read_text("utf-8"))
        except FileNotFoundError:
            return Checkpoint(self.origin, 0, merkle.EMPTY_ROOT)

    def sign(self, size: int, root: bytes, proof: Sequence[bytes]) -> str:
        """The signed note for this tree. `proof` shows the tree of `last()` to be its beginning.

        Raises SignerRefused. What was signed is remembered on disk before anybody sees the signature.
        """
        with self._alone():
            last, new = self.last(), Checkpoint(self.origin, size, root)
            if last.origin != self.origin:
                raise SignerRefused(f"the memory is of the log {last.origin}")
            if not merkle.verify_consistency(last.size, size, proof, last.root, root):
                raise SignerRefused(f"a tree of {size} that does not continue the signed one of {last.size}")
            if new != last or not self._memory.exists():
                durable.write(self._memory, new.text.encode())
            return checkpoint.sign(new, self._key)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One signature at a time, whatever threads and processes share the memory: two could fork it otherwise."""
        durable.make_folder(self._memory.parent)
        with self._busy, (self._memory.parent / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Server(socketserver.ThreadingUnixStreamServer):
    """HTTP on a Unix socket that only its owner and group may open: GET /last, POST /sign."""

    daemon_threads = True

    def __init__(self, signer: Signer, path: Path) -> None:
        self.signer = signer
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        before = os.umask(0o117)
        try:
            super().__init__(str(path), Handler)
        finally:
            os.umask(before)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/last":
            self._answer(200, self.server.signer.last().text)
        else:
            self._answer(404, "not found\n")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/sign" or not length.isdecimal() or int(length) > MAX_REQUEST:
            self._answer(400, "not a request to sign\n")
            return
        try:
            size, root, proof = _read(json.loads(self.rfile.read(int(length))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._answer(400, f"{error}\n")
            return
        try:
            self._answer(200, self.server.signer.sign(size, root, proof))
        except SignerRefused as refusal:
            sys.stderr.write(f"refused: {refusal}\n")
            self._answer(409, f"{refusal}\n")

    def _answer(self, status: int, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Five lines a second would be no log; refusals are written where they happen."""


def spell(size: int, root: bytes, proof: Sequence[bytes]) -> bytes:
    """A request to sign."""
    spelled = [base64.b64encode(one).decode() for one in (root, *proof)]
    return json.dumps({"size": size, "root": spelled[0], "proof": spelled[1:]}).encode()


def _read(request: Any) -> tuple[int, bytes, list[bytes]]:
    size, root = request["size"], note.decode_base64(request["root"])
    if type(size) is not int or not 0 <= size < 2**63 or len(root) != merkle.HASH_SIZE:
        raise ValueError("not the size and root of a tree")
    return size, root, [note.decode_base64(one) for one in request["proof"]]


def main() -> None:
    address, folder = os.environ.get("NARU_SIGNER", ""), Path(os.environ.get("NARU_SIGNER_DIR", "signer"))
    origin = os.environ.get("NARU_LOG_ORIGIN", "localhost/naru")
    if not address.startswith(UNIX):
        raise SystemExit("NARU_SIGNER says where the signer answers: unix:/run/naru-signer/socket")
    pem = Path(os.environ.get("NARU_SIGNER_KEY") or folder / "log.pem")
    try:
        key = load_pem_private_key(pem.read_bytes(), None)
    except OSError as error:
        raise SystemExit(f"the signing key is missing: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{pem} is not an Ed25519 key")
    signer = Signer(key, origin, folder / "last")
    sys.stdout.write(f"log {note.vkey(origin, key.public_key().public_bytes_raw())}\n")
    sys.stdout.flush()
    Server(signer, Path(address.removeprefix(UNIX))).serve_forever()


if __name__ == "__main__":
    main()
