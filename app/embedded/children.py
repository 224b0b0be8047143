"""The processes of one machine: started, watched, started again when they die, and ended to the last one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.embedded.process import start

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a child that died is started again
PROVEN_SECONDS = 60.0  # a child that lived so long starts with the short pause again
PATIENCE_SECONDS = 12.0


@dataclass(slots=True)
class Child:
    """One program. `process` is None until it is started; `due` the time at which it may start again.

    `own` is what it is told beside what all are told.
    """

    name: str
    command: Sequence[str]
    own: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE
    restarts: int = 0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Children:
    """All children. What runs is noted in `note`, so that the next start can end what a crash left over."""

    def __init__(self, root: Path, logs: Path, note: Path, env: Mapping[str, str]) -> None:
        self.root, self.logs, self.note, self.env = root, logs, note, dict(env)
        self.all: list[Child] = []
        self.others: list[subprocess.Popen[bytes]] = []  # the stores: noted, but ended by their launchers

    def start(self, name: str, command: Sequence[str], own: Mapping[str, str] | None = None) -> Child:
        child = Child(name, command, own or {})
        self.all.append(child)
        self._start(child)
        return child

    def _start(self, child: Child) -> None:
        log = self.logs / f"{child.name}.log"
        child.process = start(child.command, log=log, env={**self.env, **child.own}, cwd=self.root)
        child.started = time.monotonic()
        self.write_note()

    def write_note(self) -> None:
        running = [child.process for child in self.all if child.process is not None] + self.others
        partial = self.note.with_suffix(".partial")
        partial.write_text(json.dumps([[process.pid, birth(process.pid)] for process in running]), "utf-8")
        partial.rename(self.note)

    def watch(self) -> list[Child]:
        """Start again whatever died and is due; return the children that were found dead just now."""
        now = time.monotonic()
        died = []
        for child in self.all:
            if child.is_alive:
                continue
            if child.process is not None:
                died.append(child)
                _end_group(child.process.pid)  # its own children go with it
                if now - child.started >= PROVEN_SECONDS:
                    child.pause = FIRST_PAUSE
                child.process, child.due = None, now + child.pause
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
            elif now >= child.due:
                child.restarts += 1
                self._start(child)
        return died

    def stop(self) -> None:
        """Ask all at once, wait, then end whatever did not listen, with its whole process group."""
        running = [child.process for child in self.all if child.process is not None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
        for process in running:
            _end_group(process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
        self.all.clear()
        self.note.unlink(missing_ok=True)


def birth(pid: int) -> str:
    """When `pid` began, as the kernel counts; a number used anew has another. Empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = stat.rsplit(")", 1)[-1].split()
    return "" if fields[0] == "Z" else fields[19]


def await_end(pids: Sequence[int], seconds: float) -> bool:
    """Wait until all of `pids` are gone; whether they are."""
    until = time.monotonic() + seconds
    while any(birth(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def end_leftovers(note: Path) -> int:
    """End what an earlier supervisor left running; return how many there were."""
    try:
        noted = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return 0
    alive = [pid for pid, born in noted if born and birth(pid) == born]
    for how, patience in ((signal.SIGTERM, 8.0), (signal.SIGKILL, 3.0)):
        for pid in alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, how)
        if await_end(alive, patience):
            break
    note.unlink(missing_ok=True)
    return len(alive)


def _end_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
