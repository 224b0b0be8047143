"""Asking the signer's process: the same two questions as of a Signer in our own, over its Unix socket."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Sequence
from typing import Protocol

from app.audit.signer import UNIX, SignerRefused, spell
from app.tlog import checkpoint
from app.tlog.checkpoint import Checkpoint

TIMEOUT = 10


class SignerAway(Exception):
    """The signer's process does not answer, or not as a signer does. The log goes on when it is back."""


class Signs(Protocol):
    """A signer here or elsewhere."""

    def last(self) -> Checkpoint: ...

    def sign(self, size: int, root: bytes, proof: Sequence[bytes]) -> str: ...


class RemoteSigner:
    """`address` is `unix:PATH`; `vkey` the log's, without which no signature is believed."""

    def __init__(self, address: str, vkey: str) -> None:
        self._path, self._vkey = address.removeprefix(UNIX), vkey

    def last(self) -> Checkpoint:
        """Raises SignerAway."""
        status, body = self._ask("GET", "/last")
        if status != 200:
            raise SignerAway(f"the signer answers {status}")
        return checkpoint.parse(body)

    def sign(self, size: int, root: bytes, proof: Sequence[bytes]) -> str:
        """The signed note. Raises SignerRefused or SignerAway."""
        status, body = self._ask("POST", "/sign", spell(size, root, proof))
        if status == 409:
            raise SignerRefused(body.strip())
        if status != 200:
            raise SignerAway(f"the signer answers {status}: {body.strip()[:200]}")
        try:
            signed = checkpoint.open_checkpoint(body, [self._vkey])
        except ValueError as error:
            raise SignerAway(f"the signer has another key than the log: {error}") from error
        if (signed.size, signed.root) != (size, root):
            raise SignerAway("the signer signed something else")
        return body

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SignerAway(f"the signer does not answer at {self._path}: {error}") from error
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self._path)
