"""`python -m bidding.verify` with what a person holds beside a bundle, and with a log to ask."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.audit import evidence
from app.audit.sequencer import run_step
from app.tlog import checkpoint, merkle, note
from app.tlog.canon import b64u
from bidding.fetching import fetch_proof
from bidding.verify import main
from tests.app.audit import logbook
from tests.bidding.full_world import FullWorld
from tests.bidding.world import START
from tests.conftest import LiveServer


@pytest.fixture(scope="module")
def world() -> FullWorld:
    made = FullWorld(witnesses=3)
    for number in (1, 2):
        made.bid(f"100000000{number}", 225_000_000 + number)
    made.see(START + timedelta(minutes=3))
    made.close()
    made.see(made.closes + timedelta(seconds=5))
    made.open()
    made.award()
    return made


@pytest.fixture
def given(world: FullWorld, tmp_path: Path) -> dict[str, str]:
    """Files as a person has them, by what they are."""
    hashes = world.hashes()
    proof = merkle.consistency_proof(1, len(hashes), merkle.memory(hashes))
    contents = {
        "policy": world.pin_file(),
        "receipt": next(iter(world.receipts.values())),
        "kept": world.checkpoint_of(1, START, ()),
        "proof": "".join(b64u(step) + "\n" for step in proof),
        "junk": "not a policy\n",
    }
    (tmp_path / "bundle").write_bytes(world.bundle())
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / name) for name in (*contents, "bundle")}


def test_everything_given_everything_passes(given: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--policy", given["policy"], "--receipt", given["receipt"]]
    options += ["--old-checkpoint", given["kept"], "--consistency", given["proof"]]
    assert main([given["bundle"], *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if not line.startswith("WARN")] == [f"V{n:02d}" for n in range(1, 29)]
    elsewhere = ("V26", "V27", "V28")  # reviews, proposals, an auction: not of this tender
    found = {line.split()[0] for line in lines if not line.startswith("WARN") and line.split()[1] not in elsewhere}
    assert found == {"PASS"}


def test_a_kept_checkpoint_without_a_proof_is_not_passed_over(
    given: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([given["bundle"], "--policy", given["policy"], "--old-checkpoint", given["kept"], "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "V25"
    assert {"result": "PASS", "code": "V01"}.items() <= report["checks"][0].items()


@pytest.mark.parametrize("options", [["--policy", "junk"], ["--receipt", "missing"], ["--old-checkpoint", "missing"]])
def test_what_cannot_be_read_is_an_error_of_its_own(options: list[str], given: dict[str, str]) -> None:
    named = [given.get(word, word) for word in options]
    assert main([given["bundle"], *named]) == 2


def test_no_bundle_is_an_error_of_its_own(given: dict[str, str]) -> None:
    assert main([given["policy"]]) == 2


def test_the_proof_can_be_had_from_the_log_itself(app: Flask, live_server: LiveServer) -> None:
    """Also where a tile that was partial at the older size has become full since."""
    kept: list[str] = []
    for count in (3, 255, 300):
        logbook.write(count)
        run_step()
        kept.append(evidence.latest_checkpoint()[0])
    first, second, last = (checkpoint.parse(note.text_of(signed)) for signed in kept)
    for signed, older in zip(kept[:2], (first, second), strict=True):
        proof = fetch_proof(f"{live_server.url}/log/", signed, kept[2])
        assert merkle.verify_consistency(older.size, last.size, proof, older.root, last.root)
        assert proof == fetch_proof(f"{live_server.url}/log", kept[2], signed)


def test_only_web_addresses_are_asked(world: FullWorld) -> None:
    signed = world.parts().checkpoint
    with pytest.raises(ValueError, match="http"):
        fetch_proof("file:///etc", signed, signed)
