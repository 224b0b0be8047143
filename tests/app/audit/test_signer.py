"""The signer as a process of its own: it signs what grows, refuses the rest, and outlives its own death."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from flask import Flask

from app import keys, time
from app.audit import sequencer
from app.audit.signer import SignerRefused
from app.audit.signer_client import RemoteSigner, SignerAway
from app.clockwork import Clockwork
from app.db import transaction
from app.jobs import enqueue, register_job
from app.tlog import checkpoint, merkle
from tests.app.audit import logbook

LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(20)]
FORK = [*LEAVES[:3], bytes(32), *LEAVES[4:]]


class Process:
    """The signer's program with a folder and a socket below `folder`."""

    def __init__(self, folder: Path, origin: str, pem: bytes) -> None:
        self.folder, self.socket = folder, folder / "socket"
        folder.mkdir(parents=True)
        (folder / "log.pem").write_bytes(pem)
        self.env = os.environ | {
            "NARU_SIGNER": f"unix:{self.socket}",
            "NARU_SIGNER_DIR": str(folder),
            "NARU_LOG_ORIGIN": origin,
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.audit.signer"]
        root = Path(__file__).parents[3]
        self.process = subprocess.Popen(command, cwd=root, env=self.env, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.told = self.process.stdout.readline().strip()
        until = monotonic() + 10
        while monotonic() < until:
            try:
                RemoteSigner(f"unix:{self.socket}", "").last()
            except SignerAway:
                sleep(0.02)
            else:
                return
        raise AssertionError("the signer did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            assert self.process.stdout is not None
            self.process.stdout.close()


@pytest.fixture
def signing(app: Flask, tmp_path: Path) -> Iterator[Process]:
    """A running signer's process with the application's own key; the application uses it."""
    keys.load("log")
    pem = (Path(app.config["NARU_KEYS_DIR"]) / "log.pem").read_bytes()
    process = Process(tmp_path / "apart", keys.name_of("log"), pem)
    process.start()
    app.config["NARU_SIGNER"] = f"unix:{process.socket}"
    yield process
    process.kill()


def client(process: Process) -> RemoteSigner:
    return RemoteSigner(f"unix:{process.socket}", keys.vkey_of("log"))


def sign(signer: RemoteSigner, old: int, size: int, leaves: list[bytes] = LEAVES) -> str:
    proof = merkle.consistency_proof(old, size, merkle.memory(leaves))
    return signer.sign(size, merkle.root(leaves[:size]), proof)


def test_it_signs_what_grows_and_the_same_again(signing: Process) -> None:
    signer = client(signing)
    assert signer.last().size == 0
    first = sign(signer, 0, 5)
    assert checkpoint.open_checkpoint(first, [keys.vkey_of("log")]).size == 5
    assert sign(signer, 5, 5) == first
    sign(signer, 5, 12)
    assert signer.last().size == 12
    assert signing.told == f"log {keys.vkey_of('log')}"


def test_it_refuses_a_second_root_a_shorter_tree_and_a_rewritten_past(signing: Process) -> None:
    signer = client(signing)
    sign(signer, 0, 9)
    for old, size, leaves in ((9, 9, FORK), (4, 4, LEAVES), (9, 12, FORK), (0, 12, LEAVES)):
        with pytest.raises(SignerRefused):
            sign(signer, old, size, leaves)
    assert signer.last().size == 9
    sign(signer, 9, 12)


def test_what_it_signed_it_knows_after_kill_9(signing: Process) -> None:
    sign(client(signing), 0, 9)
    signing.kill()
    with pytest.raises(SignerAway):
        client(signing).last()
    signing.start()
    with pytest.raises(SignerRefused):
        sign(client(signing), 9, 9, FORK)
    assert client(signing).last().root == merkle.root(LEAVES[:9])


def test_only_its_owner_and_group_may_ask(signing: Process) -> None:
    assert stat.S_IMODE(signing.socket.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"size": true, "root": "", "proof": []}',
        b'{"size": -1, "root": "%s", "proof": []}' % (b"A" * 43 + b"="),
        b'{"size": 1, "root": "AAAA", "proof": []}',
        b'{"size": 1, "root": "%s", "proof": [1]}' % (b"A" * 43 + b"="),
        b'{"size": 1, "root": "%s", "proof": 5}' % (b"A" * 43 + b"="),
    ],
)
def test_what_is_no_request_is_refused_and_it_goes_on(signing: Process, body: bytes) -> None:
    assert client(signing)._ask("POST", "/sign", body)[0] == 400
    assert client(signing)._ask("GET", "/log.pem")[0] == 404
    assert client(signing).last().size == 0


def test_the_sequencer_uses_it_and_makes_good_what_it_missed(app: Flask, signing: Process) -> None:
    logbook.write(3)
    assert sequencer.run_step() == 3
    signing.kill()
    logbook.write(4)
    with pytest.raises(SignerAway):
        sequencer.run_step()
    assert logbook.read_published(app)[0].size == 3
    signing.start()
    assert sequencer.run_step() == 0
    assert logbook.read_published(app)[0].size == 7
    assert not (Path(app.config["NARU_VAR"]) / "signer").exists()


def test_a_signer_that_is_away_holds_up_no_job(app: Flask, signing: Process) -> None:
    done = []
    register_job("test.while_away", lambda: done.append(True))
    with transaction():
        enqueue("test.while_away", "1", due_at=time.now())
    signing.kill()
    clockwork = Clockwork(app)
    with pytest.raises(SignerAway):
        clockwork.beat()
    assert app.extensions["redis"].keys("rq:job:*")


def test_another_key_than_the_logs_is_not_taken_for_its_signer(app: Flask, signing: Process) -> None:
    other = RemoteSigner(f"unix:{signing.socket}", keys.vkey_of("receipt"))
    with pytest.raises(SignerAway, match="another key than the log"):
        sign(other, 0, 3)


def test_the_program_needs_no_part_of_the_application(root: Path) -> None:
    probe = "import sys, json, app.audit.signer; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"flask", "sqlalchemy", "psycopg", "structlog"}
