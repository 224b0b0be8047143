"""What witnesses, time stamps and a kept checkpoint add to a bundle, and what their absence is called."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.tlog import cosignature, merkle, note
from app.tlog.canon import jcs, parse
from bidding import bundle, pins
from bidding.checks import Check
from bidding.verify import verdict_of, verify
from tests.bidding.full_world import FullWorld, near_closing
from tests.bidding.tokens import Stamps
from tests.bidding.world import CLOSES, START

SEEN = START + timedelta(seconds=100)


def tender(*, closing_seen: timedelta = timedelta(seconds=5), at: datetime = SEEN, **settings: Any) -> FullWorld:
    """Two bids at START + 1 and + 2 minutes (or at `at`), seen, closed, opened, awarded."""
    settings.setdefault("witnesses", 3)
    world = FullWorld(**settings)
    for number in (1, 2):
        world.bid(f"100000000{number}", 225_000_000 + number)
    world.see(at)
    world.close()
    world.see(world.closes + closing_seen)
    world.open()
    world.award()
    return world


def check(world: FullWorld, data: bytes | None = None, **options: Any) -> list[Check]:
    pinned = options.pop("pinned", None) or pins.parse(world.pin_file())
    return verify(data if data is not None else world.bundle(), pinned=pinned, **options)


def told(report: list[Check], code: str) -> list[str]:
    return [f"{one.result} {one.text}" for one in report if one.code == code]


def files_of(world: FullWorld) -> dict[str, bytes]:
    return {path: data for path, data in bundle.read(world.bundle()).files.items() if path != "MANIFEST"}


def without_lines(signed: str, *names: str) -> str:
    text, lines = note.split(signed)
    kept = "".join(line.line for line in lines if not line.name.startswith(names))
    return f"{text}\n{kept}"


# ---- V02


def test_a_quorum_is_enough_and_less_is_not() -> None:
    world = tender()
    files = files_of(world)
    signed = files["checkpoint.note"].decode()
    two = bundle.pack({**files, "checkpoint.note": without_lines(signed, "w1").encode()})
    assert verdict_of(check(world, two)) is None
    one = bundle.pack({**files, "checkpoint.note": without_lines(signed, "w1", "w2").encode()})
    assert verdict_of(check(world, one)) == "V02"


def test_a_wrong_line_of_a_witness_spoils_the_checkpoint_though_the_others_are_enough() -> None:
    world = tender()
    files = files_of(world)
    text, lines = note.split(files["checkpoint.note"].decode())
    line = next(line for line in lines if line.name.startswith("w1"))
    wrong = replace(line, blob=line.blob[:-1] + bytes([line.blob[-1] ^ 1]))
    signed = files["checkpoint.note"].decode().replace(line.line, wrong.line)
    assert text
    assert verdict_of(check(world, bundle.pack({**files, "checkpoint.note": signed.encode()}))) == "V02"


def test_the_pinned_witnesses_count_not_those_that_the_bundle_names() -> None:
    world, other = tender(), tender()
    theirs = "".join(line + "\n" for line in (other.policy_text or "").split("\n") if not line.startswith("log"))
    mine = f"log {world.vkey('log')}\n{theirs}"
    assert verdict_of(check(world, pinned=pins.parse(mine))) == "V02"


def test_a_policy_of_another_log_is_refused() -> None:
    world = tender()
    text = (world.policy_text or "").replace(world.vkey("log"), FullWorld().vkey("log"))
    assert verdict_of(check(world, world.bundle(policy=text), pinned=pins.Pins.of_keys(world.parts().keys))) == "V02"


def test_no_witnesses_is_said_plainly() -> None:
    world = tender(witnesses=0)
    report = check(world)
    assert verdict_of(report) is None
    assert any("no witnesses" in text for text in told(report, "V02"))
    assert told(report, "V12") == ["SKIP no witnesses in the policy"]
    assert told(report, "V13")[0].startswith("SKIP")


def test_an_archived_checkpoint_that_the_log_does_not_continue_is_a_fork() -> None:
    world = tender(witnesses=0)
    files = files_of(world)
    path = next(path for path in sorted(files) if path.startswith("checkpoints/"))
    value = parse(files[path])
    other = tender(witnesses=0)
    size = int(path[12:24])
    other.names, other.keys = world.names, world.keys
    forged = {**value, "note": other.checkpoint_of(size, SEEN, ())}
    report = check(world, bundle.pack({**files, path: jcs(forged)}))
    assert verdict_of(report) == "V02"
    assert "forked" in told(report, "V02")[0]


# ---- V05


def test_the_policy_that_the_box_names_is_in_the_bundle() -> None:
    world = tender()
    files = files_of(world)
    del files["policy.txt"]
    assert verdict_of(check(world, bundle.pack(files))) == "V05"
    files["policy.txt"] = (world.policy_text or "").encode() + b"# more\n"
    assert verdict_of(check(world, bundle.pack(files))) == "V05"


# ---- V12, V13


@pytest.mark.parametrize(("seconds", "warnings"), [(90, 0), (91, 1), (3600, 2)])
def test_a_bid_is_seen_within_ninety_seconds_or_that_is_told(seconds: int, warnings: int) -> None:
    """The bids came one and two minutes after the beginning; what is asked is the time since the first."""
    report = check(tender(at=START + timedelta(minutes=1, seconds=seconds)))
    assert verdict_of(report) is None
    assert len([text for text in told(report, "V12") if text.startswith("WARN")]) == warnings


def test_near_the_closing_thirty_seconds_are_asked() -> None:
    for seconds, warnings in ((30, 0), (31, 1)):
        world = FullWorld(witnesses=1)
        world.next_at = near_closing()
        world.bid("1000000001", 225_000_000)
        world.see(near_closing() + timedelta(seconds=seconds))
        world.close()
        world.emit("tender.failed", world.closes)
        found = [text for text in told(check(world), "V12") if text.startswith("WARN")]
        assert len(found) == warnings


@pytest.mark.parametrize(("seconds", "is_late"), [(120, False), (121, True)])
def test_the_closing_is_seen_within_two_minutes_or_that_is_told(seconds: int, is_late: bool) -> None:
    report = check(tender(closing_seen=timedelta(seconds=seconds)))
    assert verdict_of(report) is None
    assert any("after the deadline" in text for text in told(report, "V13")) == is_late


def stamped(at: timedelta = timedelta(seconds=6)) -> FullWorld:
    world = FullWorld()
    for number in (1, 2):
        world.bid(f"100000000{number}", 225_000_000 + number)
    world.close()
    world.see(world.closes + timedelta(seconds=5))
    world.stamp(world.closes + at)
    world.open()
    return world


def with_tsa(world: FullWorld, stamps: Stamps | None) -> pins.Pins:
    assert stamps is not None
    return pins.parse(world.pin_file() + f"tsa T {base64.b64encode(stamps.certificate).decode()}\n")


def test_a_time_stamp_counts_with_its_authority_pinned() -> None:
    world = stamped()
    data = world.bundle()
    report = check(world, data, pinned=with_tsa(world, world.stamps))
    assert told(report, "V13") == ["PASS the closing: 1 time stamp(s)"]
    unpinned = told(check(world, data), "V13")
    assert unpinned[0].startswith("PASS")
    assert "openssl" in unpinned[1]
    assert verdict_of(check(world, data, pinned=with_tsa(world, Stamps()))) == "V13"


def test_a_late_time_stamp_is_told() -> None:
    report = check(stamped(timedelta(minutes=3)))
    assert verdict_of(report) is None
    assert any("no time stamp shows" in text for text in told(report, "V13"))


def test_a_time_stamp_older_than_what_it_stamps_is_a_lie() -> None:
    assert verdict_of(check(stamped(timedelta(seconds=-60)))) is None
    assert verdict_of(check(stamped(timedelta(seconds=-61)))) == "V13"


@pytest.mark.parametrize("change", ["other text", "refused", "cut", "not there", "other name"])
def test_a_time_stamp_of_something_else_is_refused(change: str) -> None:
    world = stamped()
    files = files_of(world)
    path = next(path for path in files if path.startswith("tokens/"))
    assert world.stamps is not None
    text = note.text_of(parse(files[path.replace("tokens", "checkpoints").replace("tsr", "json")])["note"])
    at = CLOSES + timedelta(seconds=6)
    files[path] = {
        "other text": world.stamps.stamp(text + "x\n", at),
        "refused": world.stamps.stamp(text, at, status=2),
        "cut": files[path][:-1],
    }.get(change, files[path])
    if change == "not there":
        files["tokens/000000000001.tsr"] = files.pop(path)
    if change == "other name":
        files["tokens/7.tsr"] = files.pop(path)
    assert verdict_of(check(world, bundle.pack(files))) == "V13"


# ---- V25


def test_a_kept_checkpoint_is_found_again_in_the_archive_or_at_the_end() -> None:
    world = tender()
    size, at, names = world.sights[0]
    for kept in (world.checkpoint_of(size, at, names), world.parts().checkpoint):
        assert told(check(world, old_checkpoint=kept), "V25")[0].startswith("PASS the log still holds")


def test_a_kept_checkpoint_that_nothing_links_fails_unless_a_proof_is_given() -> None:
    world = tender()
    kept = world.checkpoint_of(1, START, ())
    assert verdict_of(check(world, old_checkpoint=kept)) == "V25"
    hashes = world.hashes()
    proof = tuple(merkle.consistency_proof(1, len(hashes), merkle.memory(hashes)))
    assert told(check(world, old_checkpoint=kept, proofs=[proof]), "V25")[0].startswith("PASS the log continues")
    assert verdict_of(check(world, old_checkpoint=kept, proofs=[proof[::-1]])) == "V25"


def test_a_kept_checkpoint_of_a_rewritten_log_is_proof_of_the_rewriting() -> None:
    world = tender(witnesses=0)
    kept = world.parts().checkpoint
    world.log[0][0]["actor"] = "person:77"
    report = check(world, old_checkpoint=kept)
    assert verdict_of(report) == "V25"
    assert "forked" in told(report, "V25")[0]


def test_a_checkpoint_of_another_log_is_no_older_one() -> None:
    world = tender()
    assert verdict_of(check(world, old_checkpoint=tender().parts().checkpoint)) == "V25"


# ---- cosignatures by name


def test_the_earliest_of_several_lines_of_a_witness_counts() -> None:
    world = FullWorld(witnesses=1)
    world.see(SEEN)
    signed = world.checkpoint_of(1, SEEN, ("W1",))
    later = world.checkpoint_of(1, SEEN + timedelta(hours=1), ("W1",))
    both = cosignature.add(later, note.split(signed)[1])
    policy = pins.parse(world.pin_file()).witnesses
    assert policy is not None
    assert pins.quorum_at(policy, pins.cosigned_at(policy, both)) == int(SEEN.timestamp())
