"""A witness: `python -m app.audit.witness --name NAME --folder DIR --log VKEY [--port N]`, to be run by somebody else.

C2SP tlog-witness: it cosigns a log's checkpoint once it is sure that the log only grew since the last one it cosigned.
It needs Python, the package `cryptography`, this file and `app/tlog`; nothing of the log's operator but the log's key.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import checkpoint, cosignature, merkle, note
from app.tlog.checkpoint import Checkpoint

MAX_BODY, MAX_PROOF, MAX_SIZE = 64 * 1024, 63, 2**63 - 1
PLAIN, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_TABLES = """
    CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT);
    CREATE TABLE IF NOT EXISTS fork (origin TEXT, size INTEGER, root BLOB, note TEXT, other TEXT,
        PRIMARY KEY (origin, size, root));
"""
Answer = tuple[int, str, str]  # status, content type, body


class Witness:
    """`logs` are the verifier keys of the logs it knows; `folder` holds its key and what it saw, and nobody else's."""

    def __init__(self, name: str, folder: Path, logs: Iterable[str]) -> None:
        self.name, self._database = name, folder / "seen.sqlite"
        self._logs: dict[str, list[str]] = {}
        for vkey in logs:
            self._logs.setdefault(note.Verifier.from_vkey(vkey).name, []).append(vkey)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = load_key(folder / "witness.pem")
        with closing(self._connect()) as connection:
            connection.executescript(_TABLES)

    @property
    def vkey(self) -> str:
        return cosignature.vkey(self.name, self._key.public_key().public_bytes_raw())

    def add_checkpoint(self, body: str, now: int) -> Answer:
        """The answer to a request of the log, as C2SP gives it: 200 with our line, 400, 403, 404, 409 or 422."""
        try:
            old, proof, signed = parse_request(body)
            claimed = checkpoint.parse(note.text_of(signed))
        except ValueError as error:
            return 400, PLAIN, f"{error}\n"
        if claimed.origin not in self._logs:
            return 404, PLAIN, "unknown log\n"
        try:
            checkpoint.open_checkpoint(signed, self._logs[claimed.origin])
        except ValueError as error:
            return 403, PLAIN, f"{error}\n"
        if old > claimed.size or claimed.size > MAX_SIZE:
            return 400, PLAIN, "the old size is larger than the checkpoint's, or that is beyond all bounds\n"
        with self._writing() as connection:
            return self._compare(connection, old, proof, signed, claimed, now)

    def latest(self, origin_hash: str) -> Answer:
        """The newest checkpoint that it cosigned, for monitors."""
        with closing(self._connect()) as connection:
            for origin, signed in connection.execute("SELECT origin, note FROM seen").fetchall():
                if hashlib.sha256(origin.encode()).hexdigest() == origin_hash:
                    return 200, PLAIN, signed
        return 404, PLAIN, "nothing seen of such a log\n"

    def _compare(
        self, connection: sqlite3.Connection, old: int, proof: list[bytes], signed: str, new: Checkpoint, now: int
    ) -> Answer:
        """Check against what was seen last and remember, in the one transaction that `_writing` holds."""
        row = connection.execute("SELECT size, root, note FROM seen WHERE origin = ?", [new.origin]).fetchone()
        size, root, held = row or (0, merkle.EMPTY_ROOT, "")
        if new.size == size and new.root != root and held:
            values = [new.origin, new.size, new.root, signed, held]
            connection.execute("INSERT OR IGNORE INTO fork VALUES (?, ?, ?, ?, ?)", values)  # signed proof of a fork
        if old != size or (old == new.size and new.root != root):
            return 409, SIZE, f"{size}\n"
        if not merkle.verify_consistency(old, new.size, proof, root, new.root):
            return 422, PLAIN, "the proof does not show that the log only grew\n"
        line = cosignature.sign(note.text_of(signed), self.name, self._key, now)
        values = [new.origin, new.size, new.root, cosignature.add(signed, [line])]
        connection.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", values)
        return 200, PLAIN, line.line

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._database, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time, and on disk before the answer: else a slow request could take back a later one."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")


def parse_request(body: str) -> tuple[int, list[bytes], str]:
    """Old size, proof and checkpoint of a request. ValueError where it is not of the form."""
    head, gap, signed = body.partition("\n\n")
    first, *lines = head.split("\n")
    match = _OLD.fullmatch(first)
    if not gap or not match or len(lines) > MAX_PROOF:
        raise ValueError("a request is `old N`, at most 63 hashes, an empty line, and the checkpoint")
    proof = [note.decode_base64(line) for line in lines]
    if any(len(one) != merkle.HASH_SIZE for one in proof):
        raise ValueError("a hash has 32 bytes")
    return int(match[1]), proof, signed


def spell_request(old: int, proof: Iterable[bytes], signed: str) -> str:
    return f"old {old}\n" + "".join(f"{base64.b64encode(one).decode()}\n" for one in proof) + "\n" + signed


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key at `path`, made with mode 0600 where there is none."""
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{path} is not an Ed25519 key")
    return key


def make_server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint" or not length.isdecimal() or int(length) > MAX_BODY:
                self.close_connection = True  # the body was not read
                self._answer(404 if self.path != "/add-checkpoint" else 400, PLAIN, "not a request for a witness\n")
                return
            body = self.rfile.read(int(length)).decode("utf-8", "surrogateescape")
            self._answer(*witness.add_checkpoint(body, int(time.time())))

        def do_GET(self) -> None:
            match = re.fullmatch(r"/([0-9a-f]{64})/checkpoint", self.path)
            self._answer(*(witness.latest(match[1]) if match else (404, PLAIN, "not found\n")))

        def _answer(self, status: int, kind: str, body: str) -> None:
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            if args and str(args[1:2]) != "('200',)":
                super().log_message(format, *args)

    return ThreadingHTTPServer((host, port), Handler)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app.audit.witness", description="Cosign a log that only grows.")
    parser.add_argument("--name", required=True, help="the witness's name, such as witness.example/w1")
    parser.add_argument("--folder", required=True, type=Path, help="where its key and its memory lie; back neither up")
    parser.add_argument("--log", action="append", default=[], metavar="VKEY", help="verifier key of a log; repeat")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8093)
    parser.add_argument("--show-key", action="store_true", help="print the line for a policy file, and end")
    chosen = parser.parse_args()
    witness = Witness(chosen.name, chosen.folder, chosen.log)
    sys.stdout.write(f"witness {chosen.name} {witness.vkey}\n")
    sys.stdout.flush()
    if not chosen.show_key:
        make_server(witness, chosen.host, chosen.port).serve_forever()


if __name__ == "__main__":
    main()
