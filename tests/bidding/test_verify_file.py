"""A bundle is a stranger's file, and a receipt a stranger's note: whatever their bytes, there is an answer."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from app.tlog import note
from app.tlog.canon import jcs, parse
from bidding import bundle, pins
from bidding.checks import Result
from bidding.verify import verdict_of, verify
from tests.bidding.full_world import FullWorld
from tests.bidding.stories import TWO_OF_THREE, bids, files_of
from tests.bidding.world import CLOSES

# ---- the file itself


def zipped(*names: str, **options: Any) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", **options) as archive:
        for name in names:
            archive.writestr(name, b"{}")
    return target.getvalue()


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../b", "a//b", "a\\b", "한글", "a b", "x" * 201, "dir/"])
def test_a_bundle_has_plain_names(name: str) -> None:
    with pytest.raises(ValueError, match="named"):
        verify(zipped("MANIFEST", name))


def test_a_bundle_is_packed_plainly() -> None:
    with pytest.raises(ValueError, match="packed"):
        verify(zipped("MANIFEST", compression=zipfile.ZIP_LZMA))
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped("MANIFEST", "MANIFEST")
    with pytest.raises(ValueError, match="share a name"):
        verify(data)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MANIFEST", bytes(10**7))
    with pytest.raises(ValueError, match="too large"):
        verify(target.getvalue())


def test_whatever_the_bytes_are_there_is_a_report_or_no_bundle() -> None:
    """Never another error: random damage to the zip, and random JSON in its files."""
    world, chance = FullWorld(**TWO_OF_THREE, witnesses=3, takes_docs=True), random.Random(99)
    bids(world, with_docs=True)
    world.see(CLOSES - timedelta(minutes=1))
    world.stamp(CLOSES)
    world.close()
    world.open()
    world.award()
    data, files, pinned = world.bundle(), files_of(world), pins.parse(world.pin_file())
    junk: list[Any] = [None, True, 0, -1, "", "x", [], {}, [[]], {"a": 1}, [None], {"stmt": 1}, [{}], 2**53 - 1]
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            verify(bytes(damaged), pinned=pinned)
        except ValueError:
            continue
    for path in files:
        value = parse(files[path]) if path.endswith(".json") else None
        for _ in range(4):
            other = chance.choice(junk)
            if isinstance(value, dict) and value and chance.random() < 0.7:
                other = {**value, chance.choice(sorted(value)): other}
            report = verify(bundle.pack({**files, path: jcs(other)}), pinned=pinned)
            told = [check.code for check in report if check.result is not Result.WARN]
            assert told == [f"V{n:02d}" for n in range(1, 29)]


def test_a_note_of_one_kind_is_none_of_another() -> None:
    """P8: what the receipts' key signed is a receipt only if it says so."""
    world = FullWorld()
    stmts = bids(world)
    world.close()
    world.open()
    receipt = note.open_object(world.receipts[stmts[0]], "receipt", [world.vkey("receipt")])
    for signed in (
        world.sign("refusal", receipt, "receipt"),
        world.sign("receipt", {**receipt, "type": "refusal"}, "receipt"),
        world.sign("receipt", {**receipt, "stmt": stmts[1]}, "receipt"),
        world.sign("receipt", {**receipt, "ver": 2}, "receipt"),
        world.sign("receipt", {**receipt, "origin": "other.example"}, "receipt"),
        world.sign("receipt", receipt, "agency"),
        "no note at all",
    ):
        assert verdict_of(verify(world.bundle(), keys=world.parts().keys, receipt=signed)) == "V24"
