"""Real witnesses for tests: the program's own server on a loopback port, each with a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app import keys
from app.audit.witness import Witness, make_server


@contextmanager
def serving(witness: Witness) -> Iterator[str]:
    """Its address while it serves."""
    server = make_server(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def three(folder: Path) -> dict[str, Witness]:
    """W1, W2 and W3, who know the log of the present application."""
    vkey = keys.vkey_of("log")
    return {name: Witness(f"witness.example/{name.lower()}", folder / name, [vkey]) for name in ("W1", "W2", "W3")}


def write_policy(app: Flask, folder: Path, witnesses: dict[str, Witness], threshold: int = 2) -> Path:
    """A policy of `threshold` of these witnesses, put in force."""
    lines = [f"log {keys.vkey_of('log')}"]
    lines += [f"witness {name} {witness.vkey}" for name, witness in witnesses.items()]
    lines += [f"group q {threshold} {' '.join(witnesses)}", "quorum q"]
    path = folder / "policy.txt"
    path.write_text("\n".join(lines) + "\n")
    app.config["NARU_POLICY"] = str(path)
    return path
