"""What the supervisor shows, keeps, and runs beside its children."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.embedded.postgres import write_secret
from app.embedded.process import CannotStart, free_port, is_port_free


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


def flask(root: Path, arguments: list[str], env: Mapping[str, str], log: Path, shown: Path | None = None) -> None:
    """Run a command of the application. Its errors go to `log`; what it prints to the terminal and to `shown`.

    Raises CannotStart with the end of the log when it fails.
    """
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    with log.open("ab") as errors:
        output = errors if shown is None else subprocess.PIPE
        process = subprocess.Popen(command, cwd=root, env=dict(env), stdout=output, stderr=errors)
        try:
            if shown is not None and process.stdout is not None:
                _show(process.stdout, shown)
            process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        if "No such command" in tail(log, 3):
            return
        raise CannotStart(f"`flask {' '.join(arguments)}` failed. The end of {log}:\n{tail(log)}")


def _show(lines: Iterable[bytes], keep: Path) -> None:
    """Progress goes by; what is printed after a line `Logins` is kept for the next start too."""
    kept: list[str] = []
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\n")
        if kept or line.strip().lower().startswith("logins"):
            kept.append(line)
        else:
            say(f"    {line.rsplit(chr(13), 1)[-1]}")
    if kept:
        write_secret(keep, "\n".join(kept) + "\n")
