"""The signer and the three witnesses of `make run`: a program each, with its own folder and key.

They stand on one machine, so that they are one operator's and prove nothing to anybody else. What they show is how it
works; real witnesses are run by others (docs/operations.md).
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app import keys
from app.audit.signer import UNIX
from app.audit.witness import load_key
from app.embedded.children import Children
from app.embedded.console import kept_port
from app.tlog import cosignature

NAMES = ("W1", "W2", "W3")
QUORUM = 2
FOLDERS = tuple(f"witness-{name}" for name in NAMES)
LONGEST_SOCKET = 100  # bytes; the kernel takes 107


def settings(var: Path, run_folder: Path) -> dict[str, str]:
    """What every process is told of them."""
    ports = {name: kept_port(run_folder / f"witness-{name}-port") for name in NAMES}
    return {
        "NARU_SIGNER": _signer(run_folder),
        "NARU_POLICY": _policy_file(var),
        "NARU_WITNESSES": ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in ports.items()),
    }


def start_all(children: Children, env: Mapping[str, str], var: Path) -> None:
    """Start those that do not run yet; where the caller's environment names others, ours stay away."""
    running = {child.name for child in children.all}
    keys_dir = Path(env.get("NARU_KEYS_DIR") or var / "keys")
    if env["NARU_SIGNER"] == _signer(var / "run") and "signer" not in running:
        own = {"NARU_SIGNER_DIR": str(var / "signer"), "NARU_SIGNER_KEY": str(keys_dir / "log.pem")}
        children.start("signer", [sys.executable, "-m", "app.audit.signer"], own)
    if env["NARU_POLICY"] != _policy_file(var):
        return
    log_vkey = keys.read_vkey(keys_dir, "log")
    Path(_policy_file(var)).write_text(_policy(var, env["NARU_LOG_ORIGIN"], log_vkey), "utf-8")
    addresses = dict(pair.split("=", 1) for pair in env["NARU_WITNESSES"].split(",") if "=" in pair)
    for name in NAMES:
        host, _, port = addresses.get(name, "").removeprefix("http://").partition(":")
        if f"witness-{name}" not in running and host == "127.0.0.1":
            children.start(f"witness-{name}", _command(var, env["NARU_LOG_ORIGIN"], name, port, log_vkey))


def _command(var: Path, origin: str, name: str, port: str, log_vkey: str) -> list[str]:
    called, folder = _called(origin, name), str(var / f"witness-{name}")
    program = [sys.executable, "-m", "app.audit.witness", "--name", called, "--folder", folder]
    return [*program, "--port", port, "--log", log_vkey]


def _policy(var: Path, origin: str, log_vkey: str) -> str:
    lines = ["# Made by `make run`: one machine, one operator. Real witnesses are run by others.", f"log {log_vkey}"]
    for name in NAMES:
        folder = var / f"witness-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        public = load_key(folder / "witness.pem").public_key().public_bytes_raw()
        lines.append(f"witness {name} {cosignature.vkey(_called(origin, name), public)}")
    lines += [f"group q {QUORUM} {' '.join(NAMES)}", "quorum q"]
    return "\n".join(lines) + "\n"


def _called(origin: str, name: str) -> str:
    return f"{origin}/witness-{name.lower()}"


def _policy_file(var: Path) -> str:
    return str(var / "policy.txt")


def _signer(run_folder: Path) -> str:
    return f"{UNIX}{_socket(run_folder)}"


def _socket(run_folder: Path) -> Path:
    """In the run folder, or, where that path is too long for a socket, in a folder of our own among the temporary."""
    path = run_folder / "signer.socket"
    if len(str(path).encode()) <= LONGEST_SOCKET:
        return path
    mark = hashlib.sha256(str(run_folder).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"naru-{mark}" / "signer.socket"
