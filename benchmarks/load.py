"""A lean HTTP load: ready-made requests over kept-alive sockets, one thread, one epoll. The same for both sides."""

from __future__ import annotations

import selectors
import socket
import time as stopwatch
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(slots=True)
class Result:
    """`finished_at` are seconds since the start, `spent_ms` the time of each request, in the order of answers."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    finished_at: list[float] = field(default_factory=list)
    spent_ms: list[float] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    cpu_seconds: float = 0.0  # of the server's workers, where the caller measured it

    def per_second(self, status: int) -> float:
        return self.statuses[status] / self.seconds


@dataclass(slots=True)
class _Wire:
    socket: socket.socket
    sent_at: float = 0.0
    buffer: bytes = b""


def request(path: str, port: int, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """The bytes of one request: POST where there is a body, else GET."""
    method = "GET" if body is None else "POST"
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [] if body is None else [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    return "\r\n".join(lines).encode() + END + (body or b"")


def run(port: int, requests: Sequence[bytes], connections: int, seconds: float | None = None) -> Result:
    """Send `requests` in order over so many connections, each waiting for its answer; stop early after `seconds`."""
    result, waiting = Result(), iter(requests)
    with selectors.DefaultSelector() as selector:
        began = stopwatch.perf_counter()
        for _ in range(connections):
            wire = _Wire(socket.create_connection(("127.0.0.1", port)))
            wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _send(wire, waiting):
                selector.register(wire.socket, selectors.EVENT_READ, wire)
        while selector.get_map():
            for key, _events in selector.select(30):
                wire = key.data
                if _read(wire, result, began):
                    is_over = seconds is not None and stopwatch.perf_counter() - began > seconds
                    if is_over or not _send(wire, waiting):
                        selector.unregister(wire.socket)
                        wire.socket.close()
        result.seconds = stopwatch.perf_counter() - began
    return result


def _send(wire: _Wire, waiting: Iterator[bytes]) -> bool:
    data = next(waiting, None)
    if data is None:
        return False
    wire.sent_at = stopwatch.perf_counter()
    wire.socket.sendall(data)
    return True


def _read(wire: _Wire, result: Result, began: float) -> bool:
    """Whether an answer is complete. Raises ConnectionError where the server hung up."""
    got = wire.socket.recv(65536)
    if not got:
        raise ConnectionError("the server closed the connection")
    wire.buffer += got
    head, found, body = wire.buffer.partition(END)
    if not found:
        return False
    if len(body) < _length(head):
        return False
    now, status = stopwatch.perf_counter(), int(head[9:12])
    result.statuses[status] += 1
    result.finished_at.append(now - began)
    result.spent_ms.append((now - wire.sent_at) * 1000)
    if status >= 400 and len(result.refused) < 5:
        result.refused.append(wire.buffer)
    wire.buffer = b""
    return True


def _length(head: bytes) -> int:
    at = head.lower().index(LENGTH) + len(LENGTH)
    return int(head[at:].split(b"\r\n", 1)[0])
