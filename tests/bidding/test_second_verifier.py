"""Two verifiers, written apart from each other, find the same of every bundle: result of each check, and verdict."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.tlog.canon import jcs
from bidding.types import DrawRule, Exclusion
from tests.bidding.node import node
from tests.bidding.second_verifier import Case, disagreements, first_opinion, second_opinion
from tests.bidding.spoiling import rewritten, spoiled
from tests.bidding.world import World, finished
from tests.faults.verifiers_agree import run

CLI = Path(__file__).parents[2] / "bidding" / "static" / "verify" / "cli.mjs"
BASE = {"1": 250_000_000}
GIVEN = tuple(245_000_000 + 700_000 * number for number in range(15))
WORLDS: dict[str, dict[str, Any]] = {
    "M2": {"rule": DrawRule(base=BASE)},
    "M1": {"rule": DrawRule(base=BASE, mode="M1", kind="split", lo=97_000, hi=103_000)},
    "M3": {"rule": DrawRule(base=BASE, mode="M3", kind="given"), "given": GIVEN},
    "lowest": {"method": "lowest", "floor_rate": None},
    "qualification": {"method": "qualification", "floor_rate": 87_745},
    "two of three": {"holders": ("A", "B", "C"), "groups": (("A", "B"), ("A", "C"), ("B", "C"))},
}


def policy_of(world: World) -> str:
    own = [f"{name} {world.vkey(name)}" for name in ("log", "agency", "receipt")]
    return "\n".join([*own, *(f"holder {holder} {world.vkey(holder)}" for holder in world.holders)]) + "\n"


def unusual() -> Iterator[World]:
    """Tenders that end otherwise: faulty bids, too few, one excluded, a deadline that moved, nobody below the price."""
    made = World()
    for number in (1, 2):
        made.bid(f"124810090{number}", 225_000_000 + number, (1, 2))
    made.bid("1248100903", 1, plain=b"x" * 1024)
    made.bid("1248100904", 1, plain=jcs({"type": "price"}).ljust(1024, b" "))
    yield made
    made = World()
    made.bid("1248100901", 225_000_000, (1, 2))
    yield made
    made = World()
    made.bid("1248100901", 225_000_000, (1, 2))
    made.bid("1248100902", 226_000_000, (3, 2))
    made.extend(3)
    yield made
    made = World()
    for number in (1, 2, 3):
        made.bid(f"124810090{number}", 900_000_000, (number, 15))
    yield made


def cases() -> list[Case]:
    found = []
    for settings in WORLDS.values():
        made = finished(**settings)
        found += [
            Case(made.bundle(), policy_of(made), made.receipts[made.entries[-1].stmt], made.parts().checkpoint),
            Case(made.bundle()),
            Case(made.bundle(), receipt=finished().receipts.popitem()[1]),
            Case(made.bundle(), policy_of(finished())),
            Case(made.bundle(), "no policy\n"),
        ]
    for made in unusual():
        made.close()
        made.open()
        found.append(Case(made.bundle(), policy_of(made)))
    made = World()
    out = made.bid("1248100901", 225_000_000, (1, 2))
    for number in (2, 3):
        made.bid(f"124810090{number}", 226_000_000, (number, 9))
    made.close()
    made.open(exclusions=(Exclusion(out, "sanctioned", "국가계약법 제27조"),))
    made.award()
    found.append(Case(made.bundle(), policy_of(made)))
    return found


def test_both_find_the_same_of_tenders_of_every_kind() -> None:
    known = cases()
    assert disagreements(known) == []
    verdicts = [report.verdict for report in second_opinion(known)]
    assert verdicts[:5] == [None, None, "V24", "V02", "not a bundle"]
    assert verdicts.count(None) >= 2 * len(WORLDS) + 5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_name_the_same_first_failing_check_of_a_spoiled_bundle(seed: int) -> None:
    settings = list(WORLDS.values())[seed]
    made = finished(**settings)
    policy, data = policy_of(made), made.bundle()
    receipt = made.receipts[made.entries[0].stmt]
    known = [Case(one, policy, receipt) for one in spoiled(data, seed)]
    assert disagreements(known) == []
    unseen = [number for number, case in enumerate(known) if first_opinion(case).verdict is None]
    assert unseen == [], "a change that neither sees"


def test_both_agree_on_random_tenders_and_on_tampered_ones() -> None:
    """The short form of `python -m tests.faults verifiers`."""
    assert run(20, seed=7000).startswith("agree on 20 random bundles and 40 tampered ones")


def test_the_command_says_the_same_and_ends_with_the_same_status(tmp_path: Path) -> None:
    made = finished()
    good, bad, none = tmp_path / "good.zip", tmp_path / "bad.zip", tmp_path / "none.zip"
    good.write_bytes(made.bundle())
    bad.write_bytes(rewritten(made.bundle(), "award.json", None, is_listed=True))
    none.write_bytes(b"PK")
    pins = tmp_path / "policy.txt"
    pins.write_text(policy_of(made))

    def ask(path: Path, *options: str) -> tuple[int, str]:
        done = subprocess.run([node(), str(CLI), str(path), *options], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    status, said = ask(good, "--policy", str(pins))
    assert (status, said.splitlines()[0]) == (
        0,
        f"PASS V01 {len(zipfile.ZipFile(good).namelist()) - 1} files are as the manifest says",
    )
    assert ask(bad)[0] == 1
    assert json.loads(ask(bad, "--json")[1])["verdict"] == "V23"
    assert "공개" in ask(good, "--lang", "ko")[1]
    assert ask(none) == (2, "")
    assert ask(good, "--nonsense") == (2, "")
