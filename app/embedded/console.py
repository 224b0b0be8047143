"""What the supervisor shows, keeps, and runs beside its children."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from app.embedded.postgres import write_secret
from app.embedded.process import CannotStart, free_port, is_port_free
from app.embedded.stopping import StopRequest

LOGINS_BEGIN = ("logins", "sign in")


def say(line: str) -> None:
    print(line, flush=True)


def step(what: str) -> None:
    say(f"  {what} …")


def kept_secret(path: Path) -> str:
    """A random secret, made once and kept where only we can read it."""
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(48))
    return path.read_text("utf-8").strip()


def kept_port(path: Path) -> int:
    """A free port, the same as last time where it is still free."""
    if path.exists() and path.read_text().strip().isdigit() and is_port_free(port := int(path.read_text())):
        return port
    port = free_port()
    path.write_text(f"{port}\n")
    return port


def tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:]) if path.exists() else ""


def flask(
    root: Path, arguments: list[str], env: Mapping[str, str], log: Path, request: StopRequest, keep: Path | None = None
) -> None:
    """Run a command of the application. All it says goes to `log`, and what is meant for people to the terminal.

    The logins that it prints at its end are kept in `keep`, for the next start. Raises CannotStart with the end of the
    log when the command fails, and Stopped when `request` comes; a command that this copy does not have is passed over.
    """
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    process = subprocess.Popen(
        command, cwd=root, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        with log.open("ab") as file, request.waiting():
            said = _listen(process.stdout, file)
        process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.returncode != 0:
        if "No such command" in tail(log, 3):
            return
        raise CannotStart(f"`flask {' '.join(arguments)}` failed. The end of {log}:\n{tail(log)}")
    logins = [number for number, line in enumerate(said) if line.strip().lower().startswith(LOGINS_BEGIN)]
    if keep is not None and logins:
        write_secret(keep, "\n".join(said[logins[-1] :]) + "\n")


def _listen(lines: Iterable[bytes], log: BinaryIO) -> list[str]:
    """Copy everything to `log` and show its progress; return the lines that were for people.

    Lines of the log proper are JSON; the logins come last and are shown by the greeting; an error is shown at the end.
    """
    said: list[str] = []
    is_shown = True
    for raw in lines:
        log.write(raw)
        log.flush()
        line = raw.decode("utf-8", "replace").rstrip("\r\n").rsplit("\r", 1)[-1]
        is_shown = is_shown and not line.startswith("Traceback") and not line.strip().lower().startswith(LOGINS_BEGIN)
        if line.startswith("{") or not line.strip():
            continue
        said.append(line)
        if is_shown:
            say(f"    {line.strip()}")
    return said
