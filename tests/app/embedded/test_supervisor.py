"""`make run` as a whole: it starts, heals, stops, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app.embedded.process import free_port
from app.tlog import policy

ROOT = Path(__file__).parents[3]
PARTS = (
    "gunicorn",
    "app.worker",
    "app.clockwork",
    "bidding.keyholder",
    "app.audit.signer",
    "app.audit.witness",
    "postgres",
    "valkey-server",
)
# One story on one system: its tests run in order, in one process (`--dist loadfile`).
pytestmark = pytest.mark.timeout(240)


class System:
    """A system of its own in a throw-away folder, without demonstration content."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NARU_", "DATABASE_"))}
        ours = {"NARU_VAR": str(var), "NARU_PORT": str(self.port), "NARU_DEMO": "0", "NARU_WORKERS": "1"}
        self.env = inherited | ours
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "app.embedded.supervisor", name]

    def start(self) -> None:
        output = (self.var / "output.txt").open("ab")
        with output:
            self.process = subprocess.Popen(self.command("run"), cwd=ROOT, env=self.env, stdout=output, stderr=output)
        wait_until(lambda: self.is_ready() or self._has_failed(), 90)
        assert self.is_ready(), self.output()

    def _has_failed(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def run(self, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        wanted = self.env | env
        return subprocess.run(
            self.command(name), cwd=ROOT, env=wanted, capture_output=True, text=True, timeout=120, check=False
        )

    def said(self) -> str:
        return (self.var / "output.txt").read_text("utf-8")

    def output(self) -> str:
        logs = sorted((self.var / "output").glob("*.log")) if (self.var / "output").exists() else []
        return "\n".join(file.read_text("utf-8", "replace")[-2000:] for file in [self.var / "output.txt", *logs])

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(json.load(answer) == {"status": "ready", "database": "ok", "redis": "ok"})
        except (OSError, ValueError):
            return False

    def processes(self) -> dict[int, str]:
        """Everything alive that was started for this folder: number and command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                environment = (folder / "environ").read_bytes().decode("utf-8", "replace").split("\0")
                place = str((folder / "cwd").readlink())
                if command and (f"NARU_VAR={self.var}" in environment or str(self.var) in command + place):
                    found[int(folder.name)] = command
        return found

    def find(self, part: str) -> int:
        """The oldest process of a part: gunicorn's master, not its workers."""
        return min(pid for pid, command in self.processes().items() if part in command)

    def runs(self, part: str) -> bool:
        return any(part in command for command in self.processes().values())


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return
        time.sleep(0.1)


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    var = Path(tempfile.mkdtemp(prefix="naru-system-"))
    var.chmod(0o755)
    found = System(var)
    yield found
    for pid in found.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(var, ignore_errors=True)


def _parts() -> list[str]:
    there = (ROOT / "bidding" / "keyholder" / "__main__.py").exists()
    return [part for part in PARTS if part != "bidding.keyholder" or there]


def test_it_starts_every_part_and_says_where(system: System) -> None:
    system.start()
    wait_until(lambda: "is running at" in system.output(), 10)
    assert f"http://localhost:{system.port}" in system.output()
    for part in _parts():
        assert system.runs(part), part


def test_its_witnesses_cosign_the_log(system: System) -> None:
    read = policy.parse((system.var / "policy.txt").read_text("utf-8"))

    def cosigned() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{system.port}/log/cosigned", timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    wait_until(lambda: read.is_met(cosigned()), 30)
    assert read.is_met(cosigned()), system.output()
    assert "prove nothing to others" in system.said()


def test_a_second_one_in_the_same_folder_is_refused(system: System) -> None:
    refused = system.run("run", NARU_PORT=str(free_port()))
    assert refused.returncode == 1
    assert "running already" in refused.stderr
    assert system.is_ready()


def test_commands_beside_it_find_its_database(system: System) -> None:
    env = {name: value for name, value in system.env.items() if name != "NARU_ENV"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "current"]
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "(head)" in said.stdout, said.stderr


@pytest.mark.parametrize("part", ["gunicorn", "app.worker", "app.clockwork", "valkey-server", "postgres"])
def test_a_part_that_is_killed_comes_back_by_itself(system: System, part: str) -> None:
    noticed = system.said().count("is started again")
    killed = system.find(part)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: system.said().count("is started again") > noticed, 30)
    wait_until(lambda: system.runs(part) and system.is_ready(), 60)
    assert system.is_ready(), system.output()
    assert system.find(part) != killed


def test_when_the_supervisor_is_killed_nothing_goes_on_without_it(system: System) -> None:
    assert system.process is not None
    with psycopg.connect(database_url(system), autocommit=True) as connection:
        connection.execute("CREATE TABLE public.kept (word text)")
    system.process.kill()
    system.process.wait(10)
    wait_until(lambda: not system.processes(), 30)
    assert system.processes() == {}


def test_the_next_start_repairs_the_rest_and_has_everything(system: System) -> None:
    # As if the kernel had not told one of them: a stray that holds nothing but its number in the note.
    stray = subprocess.Popen(["sleep", "300"], start_new_session=True)
    born = Path(f"/proc/{stray.pid}/stat").read_text().rsplit(")", 1)[-1].split()[19]
    (system.var / "run" / "children.json").write_text(json.dumps([[stray.pid, born], [os.getpid(), "1"]]))
    system.start()
    assert stray.wait(5) != 0
    with psycopg.connect(database_url(system)) as connection:
        assert connection.execute("SELECT count(*) FROM public.kept").fetchone() == (0,)


def test_ctrl_c_stops_everything(system: System) -> None:
    assert system.process is not None
    system.process.send_signal(signal.SIGINT)
    assert system.process.wait(40) == 0
    assert system.processes() == {}
    assert "Stopped." in system.output()


def test_stop_ends_it_and_may_be_said_twice(system: System) -> None:
    system.start()
    assert system.run("stop").returncode == 0
    assert system.processes() == {}
    again = system.run("stop")
    assert (again.returncode, "not running" in again.stdout) == (0, True)


def test_a_taken_port_is_named_with_a_way_out(system: System) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = system.run("run", NARU_PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr
    assert "NARU_PORT=" in refused.stderr
    assert system.processes() == {}


def test_a_database_of_a_newer_version_is_refused_and_left_alone(system: System) -> None:
    from app.embedded import postgres

    cluster = postgres.launch(system.var / "postgres")
    with psycopg.connect(cluster.url("naru_owner")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    cluster.stop()
    refused = system.run("run")
    assert refused.returncode == 1
    assert "newer version of Naru" in refused.stderr
    assert system.processes() == {}


def test_reset_leaves_an_empty_folder(system: System) -> None:
    done = system.run("reset")
    assert done.returncode == 0, done.stderr
    assert not system.var.exists()


def database_url(system: System) -> str:
    lines = dict(line.split("=", 1) for line in (system.var / "environment").read_text().splitlines())
    return lines["DATABASE_OWNER_URL"].replace("postgresql+psycopg:", "postgresql:")
