"""Asking ClamAV's daemon whether a file holds something known to be bad (its INSTREAM command)."""

from __future__ import annotations

import socket
from collections.abc import Callable

from app.errors import TemporarilyUnavailable

BLOCK = 65_536
TIMEOUT = 120.0


class NotScanned(Exception):
    """clamd took the file and could not scan it (larger than it takes, say). The message is its own."""


def scan(address: str, read: Callable[[int], bytes]) -> str | None:
    """The name of what was found in what `read(n)` gives, or None. `address` is host:port or the path of a socket.

    Raises TemporarilyUnavailable (no daemon) or NotScanned.
    """
    try:
        with _connected(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            while block := read(BLOCK):
                connection.sendall(len(block).to_bytes(4, "big") + block)
            connection.sendall(bytes(4))
            told = _answer(connection)
    except OSError as error:
        raise TemporarilyUnavailable(f"clamd does not answer: {error}") from error
    verdict = told.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise NotScanned(told)


def _connected(address: str) -> socket.socket:
    host, found, port = address.rpartition(":")
    if found and port.isdigit():
        return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    connection.connect(address)
    return connection


def _answer(connection: socket.socket) -> str:
    told = b""
    while len(told) < 4096 and not told.endswith(b"\0") and (block := connection.recv(4096)):
        told += block
    return told.rstrip(b"\0\n").decode(errors="replace")
