"""Other people's code checks our log: Go's own transparency-log packages, as Debian ships them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from app import keys
from app.audit import sequencer
from app.audit.witness import spell_request
from app.tlog import checkpoint, note
from tests.app.audit import logbook
from tests.app.audit.witnesses import three

HERE = Path(__file__).parent
PACKAGES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("goverify", tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="module")
def cosign_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("gocosign", tmp_path_factory.mktemp("go"))


def build(name: str, folder: Path) -> Path:
    if shutil.which("go") is None or not PACKAGES.is_dir():
        message = "Go is missing. On Debian: apt-get install golang-go golang-golang-x-mod-dev"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    built = folder / name
    subprocess.run(
        ["go", "build", "-o", str(built), str(HERE / name / "main.go")], env=environment, check=True, timeout=110
    )
    return built


@pytest.fixture
def published(app: Flask, tmp_path: Path) -> Path:
    """A copy of a published log of 612 entries, with the checkpoint of 200 kept as `old`."""
    logbook.write(200)
    sequencer.run_step()
    copy = tmp_path / "log"
    shutil.copytree(logbook.folder(app), copy)
    old = (copy / "checkpoint").read_bytes()
    shutil.rmtree(copy)
    logbook.write(412)
    sequencer.run_step()
    shutil.copytree(logbook.folder(app), copy)
    (copy / "old").write_bytes(old)
    return copy


def _run(program: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_go_accepts_every_entry_and_the_growth_of_the_log(published: Path, program: Path) -> None:
    verdict = _run(program, str(published), keys.vkey_of("log"), str(published / "old"))
    assert verdict == (0, "ok 612 entries\nok consistent with 200\n")


def test_go_notices_every_kind_of_change(published: Path, program: Path) -> None:
    vkey = keys.vkey_of("log")

    def flip(name: str, at: int) -> bytes:
        path = published / name
        before = path.read_bytes()
        path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        return before

    for name, at, complaint in (
        ("tile/entries/001", 3000, "FAIL entry"),
        ("tile/entries/002.p/100", 50, "FAIL entry"),
        ("tile/0/000", 77, "FAIL"),
        ("tile/1/000.p/2", 3, "FAIL"),
        ("checkpoint", len(keys.name_of("log")) + 1, "FAIL checkpoint"),
    ):
        before = flip(name, at)
        code, said = _run(program, str(published), vkey)
        assert code == 1, name
        assert complaint in said, said
        (published / name).write_bytes(before)
    assert _run(program, str(published), vkey)[0] == 0


def test_go_notices_an_edited_checkpoint_another_key_and_a_rewritten_past(published: Path, program: Path) -> None:
    vkey = keys.vkey_of("log")
    other = Ed25519PrivateKey.generate()
    (published / "other").write_text(checkpoint.sign(checkpoint.Checkpoint(keys.name_of("log"), 200, bytes(32)), other))
    assert "FAIL" in _run(program, str(published), vkey, str(published / "other"))[1]
    forged = checkpoint.Checkpoint(keys.name_of("log"), 200, bytes(32))
    (published / "forged").write_text(checkpoint.sign(forged, keys.load("log")))
    assert "FAIL consistency" in _run(program, str(published), vkey, str(published / "forged"))[1]
    path = published / "checkpoint"
    path.write_text(path.read_text().replace("\n612\n", "\n611\n"))
    assert "FAIL checkpoint: invalid signature" in _run(program, str(published), vkey)[1]


def test_go_accepts_a_cosigned_checkpoint_and_notices_each_change(
    app: Flask, tmp_path: Path, cosign_program: Path
) -> None:
    """The lines come from real witnesses by way of the program that asks them."""
    logbook.write(5)
    sequencer.run_step()
    signed = (logbook.folder(app) / "checkpoint").read_text()
    witnesses = three(tmp_path)
    vkeys = [witness.vkey for witness in witnesses.values()]
    lines = []
    for name in ("W1", "W2"):
        status, _, line = witnesses[name].add_checkpoint(spell_request(0, [], signed), 1_764_000_000)
        assert status == 200
        lines.append(line)
    path = tmp_path / "cosigned"

    def verdict(content: str, wanted: int = 2, log: str = keys.vkey_of("log")) -> str:
        path.write_text(content)
        return _run(cosign_program, str(path), log, str(wanted), *vkeys)[1]

    assert verdict(signed + "".join(lines)) == "ok cosigned by 2\n"
    assert "cosigned by 2 of 3" in verdict(signed + "".join(lines), 3)
    assert "cosigned by 1 of 2" in verdict(signed + lines[0])
    assert verdict(signed + "".join(lines), log=keys.vkey_of("receipt")).startswith("FAIL")
    other = signed.replace("\n5\n", "\n6\n")
    assert verdict(other + "".join(lines)).startswith("FAIL invalid signature")
    text = checkpoint.parse(note.text_of(signed)).text
    assert verdict(note.sign(text, keys.name_of("log"), keys.load("log")) + lines[0] + lines[1]) == "ok cosigned by 2\n"
