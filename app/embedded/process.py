"""Starting a server as an unprivileged user, in a folder that this user may reach, tied to the life of its parent."""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """A server cannot be started here. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a server runs as: None for ourselves, else a user that root steps down to."""

    name: str | None = None

    @property
    def options(self) -> dict[str, str | int | Sequence[int]]:
        """Keyword arguments of subprocess.Popen."""
        if self.name is None:
            return {}
        entry = pwd.getpwnam(self.name)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.name is not None:
            entry = pwd.getpwnam(self.name)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def may(self, path: Path, test: str) -> bool:
        """Whether the account may read (`-r`), write (`-w`) or run (`-x`) what is at `path`."""
        command = ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.options).returncode == 0  # type: ignore[call-overload, no-any-return]


def unprivileged() -> Account:
    """Ourselves, or `nobody` where we are root: PostgreSQL refuses to run as root, and rightly so."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody", "daemon"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name)
    raise CannotStart("We are root, and there is no user nobody to run PostgreSQL as. Start as an ordinary user.")


def reachable_home(wanted: Path, account: Account) -> Path:
    """`wanted`, made and owned by `account`; or a folder of the same meaning where `wanted` lies behind a closed door.

    A project below /root or another private folder cannot be entered by the account that root steps down to. The
    data then lives below /var/tmp, in a folder that is named after `wanted` and always the same.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    wanted.chmod(0o700)
    account.own(wanted)
    if account.may(wanted, "-w"):
        return wanted
    mark = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]
    home = Path("/var/tmp") / f"naru-{mark}"  # noqa: S108 - root's own folder, checked below
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid not in (os.geteuid(), account_uid(account)):
        raise CannotStart(f"{home} belongs to somebody else; remove it, or move the project to where others may enter.")
    account.own(home)
    (wanted / "moved-to").write_text(f"{home}\n", "utf-8")
    return home


def account_uid(account: Account) -> int:
    return os.geteuid() if account.name is None else pwd.getpwnam(account.name).pw_uid


def reachable_programs(base: Path, parts: Sequence[str], probe: str, account: Account, home: Path) -> Path:
    """`base`, or a copy of its folders `parts` inside `home` where the account may not run `base/probe`.

    The folders keep their places beside each other: programs look for their libraries from where they lie.
    """
    if account.may(base / probe, "-x"):
        return base
    stamp = f"{base}-{parts}-{(base / probe).stat().st_mtime_ns}"
    copy = home / "programs" / hashlib.sha256(stamp.encode()).hexdigest()[:16]
    if not (copy / probe).exists():
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        account.own(copy.parent)
        partial = Path(tempfile.mkdtemp(dir=copy.parent))
        for part in parts:
            shutil.copytree(base / part, partial / part, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        partial.chmod(0o755)
        partial.rename(copy)
    return copy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def die_with_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` by which the kernel sends `last_signal` to the child when its parent is gone (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(last_signal))

    return tie


def start(
    command: Sequence[str],
    *,
    account: Account | None = None,
    log: Path | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session, output to `log`; it gets `last_signal` when this process dies."""
    output = subprocess.DEVNULL if log is None else os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(last_signal),  # noqa: PLW1509 - no threads hold locks when servers start
            env=None if env is None else dict(env),
            cwd=cwd,
            **(account.options if account else {}),
        )
    finally:
        if output != subprocess.DEVNULL:
            os.close(output)


def is_running(pid: int, program: str) -> bool:
    """Whether `pid` is alive and is `program` (a pid file may outlive its process, and the number be used anew)."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return False
    return program in command
