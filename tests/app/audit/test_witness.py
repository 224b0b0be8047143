"""The witness: each answer that C2SP asks for, and that it never takes back what it has cosigned."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit.witness import Witness, parse_request, spell_request
from app.tlog import checkpoint, merkle, note, policy
from app.tlog.checkpoint import Checkpoint
from tests.app.audit.witnesses import serving

ORIGIN = "log.example/2026"
LOG = Ed25519PrivateKey.from_private_bytes(bytes([5] * 32))
VKEY = note.vkey(ORIGIN, LOG.public_key().public_bytes_raw())
LEAVES = [hashlib.sha256(bytes([n])).digest() for n in range(64)]
FORK = [*LEAVES[:5], bytes(32), *LEAVES[6:]]
NOW = 1_700_000_000


def signed(size: int, leaves: list[bytes] = LEAVES, key: Ed25519PrivateKey = LOG, origin: str = ORIGIN) -> str:
    return note.sign(Checkpoint(origin, size, merkle.root(leaves[:size])).text, origin, key)


def request(old: int, size: int, leaves: list[bytes] = LEAVES) -> str:
    return spell_request(old, merkle.consistency_proof(old, size, merkle.memory(leaves)), signed(size, leaves))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness("witness.example/w1", tmp_path / "w1", [VKEY])


def test_it_cosigns_what_grows(witness: Witness) -> None:
    read = policy.parse(f"log {VKEY}\nwitness W1 {witness.vkey}\nquorum W1\n")
    for old, size in ((0, 0), (0, 3), (3, 3), (3, 17), (17, 64)):
        status, kind, body = witness.add_checkpoint(request(old, size), NOW + size)
        assert (status, kind) == (200, "text/plain; charset=utf-8"), body
        assert read.open(signed(size) + body).times == {"W1": NOW + size}


def test_a_new_witness_may_begin_in_the_middle_of_a_log(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 40), NOW)[0] == 200
    assert witness.add_checkpoint(request(40, 41), NOW)[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 0\n",
        "old 00\n\n" + signed(3),
        "old -1\n\n" + signed(3),
        "old\n\n" + signed(3),
        "old 0 \n\n" + signed(3),
        "old 0\nnot base64\n\n" + signed(3),
        "old 0\nAAAA\n\n" + signed(3),
        spell_request(1, [bytes(32)] * 64, signed(3)),
        "old 0\n\nno checkpoint\n",
        "old 0\n\n" + note.sign(f"{ORIGIN}\n3\nAAAA\n", ORIGIN, LOG),
        "old 0\n\n" + note.sign(Checkpoint(ORIGIN, 2**63, bytes(32)).text, ORIGIN, LOG),
        spell_request(4, [], signed(3)),
        "old 0\n\n" + signed(3) + "\udcff",
    ],
)
def test_what_is_no_request_is_400(witness: Witness, body: str) -> None:
    assert witness.add_checkpoint(body, NOW)[0] == 400


def test_another_log_is_404_and_another_key_403(witness: Witness) -> None:
    other = Ed25519PrivateKey.generate()
    assert witness.add_checkpoint(spell_request(0, [], signed(3, origin="other.example", key=other)), NOW)[0] == 404
    assert witness.add_checkpoint(spell_request(0, [], signed(3, key=other)), NOW)[0] == 403
    wrong = signed(3).replace("\n3\n", "\n4\n")
    assert witness.add_checkpoint(spell_request(0, [], wrong), NOW)[0] == 403
    assert witness.add_checkpoint(request(0, 3), NOW)[0] == 200


def test_signatures_of_other_keys_beside_the_logs_are_ignored(witness: Witness) -> None:
    other = Ed25519PrivateKey.generate()
    both = signed(3) + note.sign(note.text_of(signed(3)), "other.example", other).rpartition("\n\n")[2]
    assert witness.add_checkpoint(spell_request(0, [], both), NOW)[0] == 200


def test_another_old_size_is_409_and_tells_the_right_one(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 9), NOW)[0] == 200
    assert witness.add_checkpoint(request(0, 12), NOW) == (409, "text/x.tlog.size", "9\n")
    assert witness.add_checkpoint(request(8, 12), NOW) == (409, "text/x.tlog.size", "9\n")
    assert witness.add_checkpoint(request(3, 5), NOW) == (409, "text/x.tlog.size", "9\n")
    assert witness.add_checkpoint(request(9, 12), NOW)[0] == 200


def test_a_second_root_of_one_size_is_409_and_both_notes_are_kept_as_evidence(tmp_path: Path) -> None:
    import sqlite3

    witness = Witness("w", tmp_path, [VKEY])
    assert witness.add_checkpoint(request(0, 9), NOW)[0] == 200
    assert witness.add_checkpoint(spell_request(9, [], signed(9, FORK)), NOW)[0] == 409
    assert witness.add_checkpoint(request(0, 9, FORK), NOW)[0] == 409
    with sqlite3.connect(tmp_path / "seen.sqlite") as connection:
        rows = connection.execute("SELECT size, note, other FROM fork").fetchall()
    assert len(rows) == 1
    assert rows[0][1] == signed(9, FORK)
    assert checkpoint.open_checkpoint(rows[0][2], [VKEY]).root == merkle.root(LEAVES[:9])


def test_a_past_that_was_rewritten_is_422(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 9), NOW)[0] == 200
    assert witness.add_checkpoint(request(9, 12, FORK), NOW)[0] == 422
    assert witness.add_checkpoint(spell_request(9, [], signed(12)), NOW)[0] == 422
    unwanted = spell_request(0, [bytes(32)], signed(12))
    assert Witness("w2", witness._database.parent / "2", [VKEY]).add_checkpoint(unwanted, NOW)[0] == 422
    assert witness.add_checkpoint(request(9, 12), NOW)[0] == 200


def test_it_remembers_after_a_restart(tmp_path: Path) -> None:
    first = Witness("w", tmp_path, [VKEY])
    assert first.add_checkpoint(request(0, 9), NOW)[0] == 200
    again = Witness("w", tmp_path, [VKEY])
    assert again.vkey == first.vkey
    assert again.add_checkpoint(request(0, 5), NOW)[0] == 409


def test_no_request_rolls_another_back(tmp_path: Path) -> None:
    """Two processes' worth of one witness, many threads, every size at once: the size that is kept only grows."""
    pair = [Witness("w", tmp_path, [VKEY]) for _ in range(2)]
    granted: list[tuple[int, int]] = []
    lock = threading.Lock()

    def push(turn: int) -> None:
        known = 0
        for size in range(turn % 7, 64, 3):
            while True:
                status, _, body = pair[turn % 2].add_checkpoint(request(min(known, size), size), NOW)
                if status == 200:
                    with lock:
                        granted.append((known, size))
                    known = size
                    break
                assert status == 409, body
                known = int(body)
                if known > size:
                    break

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(push, range(8)))
    kept = checkpoint.parse(note.text_of(pair[0].latest(hashlib.sha256(ORIGIN.encode()).hexdigest())[2]))
    assert kept.size == max(size for _, size in granted)
    # Each grant went on from what the one before had left: as a chain, from nothing to the end.
    grown = sorted({pair for pair in granted if pair[0] != pair[1]})
    assert [old for old, _ in grown] == [0, *[size for _, size in grown[:-1]]]


def test_over_http_it_speaks_as_the_specification_says(witness: Witness) -> None:
    def post(url: str, body: str) -> tuple[int, str, str]:
        try:
            with urllib.request.urlopen(url, body.encode(), timeout=10) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()

    with serving(witness) as url:
        status, _, line = post(f"{url}/add-checkpoint", request(0, 9))
        assert status == 200
        assert line.startswith("— witness.example/w1 ")
        assert line.endswith("\n")
        assert post(f"{url}/add-checkpoint", request(0, 9)) == (409, "text/x.tlog.size", "9\n")
        assert post(f"{url}/elsewhere", request(9, 9))[0] == 404
        assert post(f"{url}/add-checkpoint", "x" * 70_000)[0] == 400
        name = hashlib.sha256(ORIGIN.encode()).hexdigest()
        with urllib.request.urlopen(f"{url}/{name}/checkpoint", timeout=10) as answer:
            held = answer.read().decode()
        assert held == signed(9) + line
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{url}/{'0' * 64}/checkpoint", timeout=10)


def test_a_request_reads_as_it_was_spelled() -> None:
    proof = [bytes([n] * 32) for n in range(63)]
    assert parse_request(spell_request(7, proof, signed(9))) == (7, proof, signed(9))


def test_the_program_needs_no_part_of_the_application(tmp_path: Path, root: Path) -> None:
    """Who runs a witness elsewhere installs Python and `cryptography`."""
    probe = "import sys, json, app.audit.witness; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"flask", "sqlalchemy", "psycopg", "structlog", "flask_sqlalchemy"}
    command = [sys.executable, "-m", "app.audit.witness", "--name", "w.example", "--folder", str(tmp_path / "w")]
    done = subprocess.run([*command, "--show-key"], cwd=root, capture_output=True, text=True, check=True)
    keyword, name, vkey = done.stdout.split()
    assert (keyword, name) == ("witness", "w.example")
    assert note.Verifier.of_type(vkey, note.COSIGNATURE).name == "w.example"
    assert oct((tmp_path / "w" / "witness.pem").stat().st_mode)[-3:] == "600"
