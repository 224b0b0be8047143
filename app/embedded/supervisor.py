"""The whole system on one machine: `python -m app.embedded.supervisor run | stop | reset`.

Stores, migrations, signer, witnesses, demonstration content, then keyholders, web, worker and clockwork as children of
this process. The kernel tells them when it dies, so that nothing stays behind; what did all the same, the next start
ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from app import keys
from app.embedded import children, keyholders, postgres, schema, valkey, witnesses
from app.embedded.children import Children
from app.embedded.console import flask, kept_secret, say, step, tail
from app.embedded.postgres import Postgres
from app.embedded.process import CannotStart, is_port_free
from app.embedded.stopping import Stopped, StopRequest
from app.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORT = 8080
READY_SECONDS = 90
BEAT_SECONDS = 0.3
OF_THE_DATABASE = (
    "log",
    "signer",
    *witnesses.FOLDERS,
    *keyholders.FOLDERS,
    "mail",
)  # folders that mean nothing without it


class Supervisor:
    def __init__(self, var: Path, port: int, request: StopRequest) -> None:
        self.var, self.port, self.request = var, port, request
        self.url = f"http://localhost:{port}"
        self.logs, self.run_folder = var / "output", var / "run"
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.children: Children | None = None
        self.began = time.monotonic()

    # -- starting ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Everything, in order. Raises CannotStart; whatever was started by then is for `stop` to end."""
        for folder in (self.var, self.logs, self.run_folder):
            folder.mkdir(parents=True, exist_ok=True)
        if ended := children.end_leftovers(self.run_folder / "children.json"):
            say(f"  ended {ended} processes that an earlier run left behind")
        self._check_port()
        env = self._environment()
        self.children = Children(ROOT, self.logs, self.run_folder / "children.json", env)
        self._start_stores(env)
        self._write_environment(env)
        self.children.env = env
        self._migrate(env)
        keys.make_missing(Path(env.get("NARU_KEYS_DIR") or self.var / "keys"), env["NARU_LOG_ORIGIN"])
        step("signer, witnesses")
        witnesses.start_all(self.children, env, self.var)
        self._fill(env)
        step("web")
        python = sys.executable
        self.children.start("web", [python, "-m", "gunicorn", "--config", "gunicorn.conf.py"])
        self._await_ready()  # before the others, so that they do not keep it from starting
        step("keyholders, clockwork, worker")
        keyholders.start_all(self.children, env, self.var)
        self.children.start("clockwork", [python, "-m", "app.clockwork"])
        self.children.start("worker", [python, "-m", "app.worker"])

    def _check_port(self) -> None:
        if not is_port_free(self.port):
            raise CannotStart(
                f"Port {self.port} is taken by another program.\n"
                f"Stop that program, or choose another port: NARU_PORT={self.port + 1} make run"
            )

    def _environment(self) -> dict[str, str]:
        """What the children are told. What the caller's environment says goes first."""
        metrics = self.run_folder / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        ours = {
            "NARU_ENV": "development",
            "SECRET_KEY": kept_secret(self.var / "secret-key"),
            "NARU_BASE_URL": self.url,
            "NARU_LOG_ORIGIN": f"localhost:{self.port}/naru",
            "NARU_VAR": str(self.var),
            "NARU_KEYHOLDERS": keyholders.addresses(self.run_folder),
            **witnesses.settings(self.var, self.run_folder),
        }
        fixed = {
            "NARU_PORT": str(self.port),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        }
        told = ours | {name: value for name, value in os.environ.items() if value} | fixed
        return {"NARU_KEYHOLDER_POLICY": told["NARU_POLICY"]} | told

    def _start_stores(self, env: dict[str, str]) -> None:
        if env.get("DATABASE_URL"):
            step("PostgreSQL: yours (DATABASE_URL)")
        else:
            step("PostgreSQL")
            self.postgres = postgres.launch(self.var / "postgres")
            env["DATABASE_URL"] = self.postgres.url("naru_app")
            env["DATABASE_OWNER_URL"] = self.postgres.url("naru_owner")
            env["SEQUENCER_DATABASE_URL"] = self.postgres.url("naru_sequencer")
        if env.get("REDIS_URL"):
            step("Valkey: yours (REDIS_URL)")
        else:
            step("Valkey")
            self.valkey = valkey.launch(self.var / "valkey")
            env["REDIS_URL"] = self.valkey.url
        self._note()

    def _note(self) -> None:
        stores = [store.process for store in (self.postgres, self.valkey) if store and store.process]
        if self.children is not None:
            self.children.others = stores
            self.children.write_note()

    def _write_environment(self, env: dict[str, str]) -> None:
        """For commands beside us: `flask --app wsgi …` finds this database (app.config.running_environment)."""
        names = ["DATABASE_URL", "DATABASE_OWNER_URL", "SEQUENCER_DATABASE_URL", "REDIS_URL", "SECRET_KEY"]
        names += ["NARU_BASE_URL", "NARU_LOG_ORIGIN", "NARU_KEYHOLDERS", "NARU_SIGNER", "NARU_POLICY", "NARU_WITNESSES"]
        postgres.write_secret(self.var / "environment", "".join(f"{n}={env[n]}\n" for n in names if env.get(n)))

    def _migrate(self, env: dict[str, str]) -> None:
        url = env.get("DATABASE_OWNER_URL") or env["DATABASE_URL"]
        if self.postgres is not None and (self.run_folder / "filling").exists():
            say("  the demonstration content was interrupted: beginning it anew")
            schema.recreate(self.postgres.url("postgres", "postgres"), postgres.DATABASE)
            postgres.make_roles(self.postgres)
            for folder in OF_THE_DATABASE:
                shutil.rmtree(self.var / folder, ignore_errors=True)
            (self.run_folder / "filling").unlink()
        if schema.standing(url, ROOT / "migrations") is not schema.Standing.CURRENT:
            step("tables")
            flask(ROOT, ["db", "upgrade"], env, self.logs / "migrations.log", self.request)

    def _fill(self, env: dict[str, str]) -> None:
        """Demonstration content, once, into a database where there is nobody."""
        url = env.get("DATABASE_OWNER_URL") or env["DATABASE_URL"]
        if os.environ.get("NARU_DEMO") == "0" or not schema.is_bare(url):
            return
        assert self.children is not None
        keyholders.start_all(self.children, env, self.var)
        step("demonstration content (once)")
        mark = self.run_folder / "filling"
        mark.touch()
        logins = self.var / "demo-logins.txt"
        flask(ROOT, ["demo"], env, self.logs / "demo.log", self.request, keep=logins)
        mark.unlink(missing_ok=True)

    def _await_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                self.request.pause(0.1)
            web = next(child for child in self.children.all if child.name == "web") if self.children else None
            if web is not None and not web.is_alive:
                break
        raise CannotStart(f"The web did not start. The end of {self.logs / 'web.log'}:\n{tail(self.logs / 'web.log')}")

    # -- running -------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Until Stopped: start again whatever dies, the stores included."""
        assert self.children is not None
        while True:
            for child in self.children.watch():
                say(f"  {child.name} died and is started again (see {self.logs / child.name}.log)")
            self._watch_stores()
            self.request.pause(BEAT_SECONDS)

    def _watch_stores(self) -> None:
        if self.postgres and self.postgres.process and self.postgres.process.poll() is not None:
            say("  PostgreSQL died and is started again")
            with contextlib.suppress(CannotStart):  # its last processes may still be leaving: the next turn tries again
                self.postgres = postgres.launch(self.var / "postgres")
                self._note()
        if self.valkey and self.valkey.process.poll() is not None:
            say("  Valkey died and is started again")
            with contextlib.suppress(CannotStart):
                self.valkey = valkey.launch(self.var / "valkey")
                self._note()

    def stop(self) -> None:
        if self.children is not None:
            self.children.stop()
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()
        (self.var / "environment").unlink(missing_ok=True)

    def greet(self) -> None:
        say(f"\nNaru is running at {self.url}   (ready after {time.monotonic() - self.began:.1f} s; Ctrl-C stops it)")
        logins = self.var / "demo-logins.txt"
        if logins.exists():
            say(logins.read_text("utf-8").rstrip())
        say("Three keyholders, two of which open a bid; on one machine they are one operator's, and could read early.")
        say("Three witnesses cosign the log; on one machine they are its operator's, and prove nothing to others.")
        say(f"Logs: {self.logs}")


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """One supervisor to a folder. The lock goes with the process, however it ends."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "supervisor.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip()
            raise CannotStart(f"Naru is running already (process {holder}). Stop it with `make stop`.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def run(var: Path) -> int:
    """Start, watch until asked to stop, end everything. Returns the exit status."""
    port = int(os.environ.get("NARU_PORT", DEFAULT_PORT))
    request = StopRequest()
    with only_one(var):
        request.listen()
        supervisor = Supervisor(var, port, request)
        say("Naru")
        try:
            supervisor.start()
            supervisor.greet()
            supervisor.watch()
        except Stopped:
            say("\nStopping …")
        finally:
            supervisor.stop()
        say("Stopped.")
    return 0


def stop(var: Path) -> int:
    """Ask the running supervisor to stop, wait for it, and end what an earlier one left."""
    lock = var / "supervisor.lock"
    if not lock.exists():
        say("Naru is not running.")
        return 0
    pid = ""
    with lock.open("a+") as file:
        for turn in range(400):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                pid = file.read().strip()
                if turn == 0 and pid.isdigit():
                    os.kill(int(pid), signal.SIGTERM)
                time.sleep(0.1)
                continue
            if turn and pid.isdigit():
                children.await_end([int(pid)], 5.0)  # it let go of the lock and is on its last lines
            ended = children.end_leftovers(var / "run" / "children.json")
            say("Stopped." if turn or ended else "Naru is not running.")
            return 0
    raise CannotStart(f"Process {pid} does not stop. End it by hand: kill -9 {pid}; the next start repairs the rest.")


def reset(var: Path) -> int:
    """Stop, and empty the data folder: database, keys, logs, demonstration logins. Your own DATABASE_URL is left."""
    stop(var)
    moved = var / "postgres" / "moved-to"
    if moved.exists():
        shutil.rmtree(moved.read_text("utf-8").strip(), ignore_errors=True)
    if var.exists():
        shutil.rmtree(var)
    say(f"Emptied {var}.")
    if os.environ.get("DATABASE_URL"):
        say("DATABASE_URL names a database of your own; it was not touched.")
    return 0


def main() -> int:
    var = Path(os.environ.get("NARU_VAR") or ROOT / "var").resolve()
    commands = {"run": run, "stop": stop, "reset": reset}
    command = commands.get(sys.argv[1] if len(sys.argv) > 1 else "run")
    if command is None:
        say(f"usage: python -m app.embedded.supervisor [{' | '.join(commands)}]")
        return 2
    try:
        return command(var)
    except CannotStart as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
