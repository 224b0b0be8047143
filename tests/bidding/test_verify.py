"""What a stranger can check of a published tender, and what no tampering survives."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.tlog import note
from app.tlog.canon import jcs, parse
from bidding import bundle
from bidding.bundle import Keys
from bidding.checks import Result
from bidding.sealing import seal_envelope
from bidding.types import DrawRule, Exclusion
from bidding.verify import is_sound, read_policy, verify
from tests.bidding.world import World, finished

Files = dict[str, bytes]
M2 = DrawRule(base={"1": 250_000_000})
M1 = DrawRule(base={"1": 250_000_000}, mode="M1", kind="split", lo=97_000, hi=103_000)
M3 = DrawRule(base={"1": 250_000_000}, mode="M3", kind="given")
GIVEN = tuple(245_000_000 + 700_000 * number for number in range(15))
TWO_OF_THREE: dict[str, Any] = {"holders": ("A", "B", "C"), "groups": (("A", "B"), ("A", "C"), ("B", "C"))}


def pinned(world: World) -> Keys:
    return world.parts().keys


def failures(data: bytes, world: World, **options: Any) -> list[str]:
    options.setdefault("keys", pinned(world))
    report = verify(data, **options)
    return [check.code for check in report if check.result is Result.FAIL and not check.text.startswith("needs ")]


@pytest.fixture(scope="module")
def world() -> World:
    return finished()


@pytest.fixture(scope="module")
def data(world: World) -> bytes:
    return world.bundle()


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"rule": M2}, id="M2"),
        pytest.param({"rule": M1}, id="M1"),
        pytest.param({"rule": M3, "given": GIVEN}, id="M3"),
        pytest.param({"method": "lowest", "floor_rate": None}, id="lowest"),
        pytest.param(TWO_OF_THREE, id="two-of-three"),
    ],
)
def test_an_honest_tender_passes_every_check(settings: dict[str, Any]) -> None:
    made = finished(**settings)
    receipt = made.receipts[made.entries[0].stmt]
    report = verify(made.bundle(), keys=pinned(made), receipt=receipt)
    assert [str(check) for check in report if check.result is Result.FAIL] == []
    assert is_sound(report)
    passed = {check.code for check in report if check.result is Result.PASS}
    assert passed == {f"V{n:02d}" for n in (*range(1, 12), *range(14, 25))}
    assert {check.code for check in report if check.result is Result.SKIP} == {"V12", "V13", "V25", "V26", "V27", "V28"}


def test_every_receipt_is_found_in_the_list(world: World, data: bytes) -> None:
    for receipt in world.receipts.values():
        assert failures(data, world, receipt=receipt) == []


def test_a_receipt_of_a_bid_that_was_left_out_fails(world: World, data: bytes) -> None:
    other = World()
    stmt = other.bid("9999999999", 1000)
    assert failures(data, world, receipt=other.receipts[stmt]) == ["V24"]


def test_a_receipt_by_another_key_fails(world: World, data: bytes) -> None:
    stmt = world.entries[0].stmt
    text, _, _ = world.receipts[stmt].partition("\n\n")
    forged = World()
    signed = note.sign(text + "\n", world.names["receipt"], forged.keys["receipt"])
    assert failures(data, world, receipt=signed) == ["V24"]


def test_a_tender_still_passes_when_the_deadline_moved_later() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    made.extend(days=7)
    made.close()
    made.open()
    assert failures(made.bundle(), made) == []


def test_an_award_may_pass_over_a_disqualified_bid_with_reason_and_two_approvals() -> None:
    made = finished()
    assert made.evaluation is not None
    assert made.evaluation.winner is not None
    made.log.pop()
    out = {
        "stmt": made.evaluation.winner.stmt,
        "reason": "documents-missing",
        "legal_basis": "국가계약법 시행령 제42조",
        "approvals": ["person:1", "person:2"],
    }
    made.award((out,))
    assert failures(made.bundle(), made) == []
    made.log.pop()
    made.award(({**out, "approvals": ["person:1", "person:1"]},))
    assert failures(made.bundle(), made) == ["V23"]


def test_an_excluded_bid_is_out_of_the_ranking_and_its_picks_still_count() -> None:
    made = World()
    stmts = [made.bid(f"10000000{n:02d}", 225_000_000 + n, (n, n + 5)) for n in range(1, 5)]
    made.close()
    evaluation = made.open(exclusions=(Exclusion(stmts[0], "duplicate-representative", "국가계약법 시행규칙 제44조"),))
    assert failures(made.bundle(), made) == []
    assert {placing.stmt: placing.reason for placing in evaluation.placings}[stmts[0]] == "duplicate-representative"
    assert evaluation.draw is not None
    assert sum(evaluation.draw.counts) == 8
    assert evaluation.draw.bidders == 4


def test_a_tender_that_fails_for_want_of_bids_is_opened_without_a_draw() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000, plain=b"\0" * 1024)
    made.close()
    evaluation = made.open()
    assert (evaluation.outcome, evaluation.draw, evaluation.winner) == ("failed", None, None)
    assert failures(made.bundle(), made) == []


def test_a_tender_that_was_never_opened_must_say_so_in_the_log() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.close()
    assert failures(made.bundle(), made) == ["V15"]
    made.emit("tender.failed", made.closes, reason="too-few-bids")
    assert failures(made.bundle(), made) == []


def test_keys_that_are_not_pinned_are_said_so(world: World, data: bytes) -> None:
    warnings = [str(check) for check in verify(data) if check.result is Result.WARN]
    assert any("pin" in warning for warning in warnings)
    assert any("single-operator" in warning for warning in warnings)
    assert not any("pin" in str(check) for check in verify(data, keys=pinned(world)) if check.result is Result.WARN)


def test_another_log_is_refused(data: bytes) -> None:
    codes = [check.code for check in verify(data, log_vkey=World().vkey("log")) if check.result is Result.FAIL]
    assert "V02" in codes


# ---- tampering: each change of the published files, with a fresh MANIFEST, must be seen


def edit_json(path: str, change: Callable[[Any], Any]) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        value = parse(files[path])
        files[path] = jcs(change(value))

    return tamper


def drop(folder: str, number: int = 0) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        del files[sorted(path for path in files if path.startswith(folder))[number]]

    return tamper


def edit_event(kind: str, **facts: Any) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        for path in sorted(files):
            if path.startswith("events/"):
                entry = parse(files[path])
                if entry["event"]["type"] == kind:
                    entry["event"] |= facts
                    files[path] = jcs(entry)
                    return
        raise AssertionError(f"no event {kind}")

    return tamper


def edit_bid(change: Callable[[dict[str, Any]], Any], folder: str) -> Callable[[Files], None]:
    def tamper(files: Files) -> None:
        stmt = parse(files["list.json"])[0]["stmt"]
        path = f"{folder}/{stmt}.json"
        value = parse(files[path])
        change(value)
        files[path] = jcs(value)

    return tamper


def without_first_bid(files: Files) -> None:
    """Drop a bid everywhere, as an operator would who wants it gone."""
    entries = parse(files["list.json"])
    gone = entries.pop(0)
    files["list.json"] = jcs(entries)
    del files[f"statements/{gone['stmt']}.json"], files[f"envelopes/{gone['stmt']}.json"]
    del files[f"events/{gone['idx']:012d}.json"]
    files["opening.jsonl"] = b"".join(
        line + b"\n" for line in files["opening.jsonl"].splitlines() if gone["stmt"].encode() not in line
    )


def other_price(files: Files) -> None:
    lines = [parse(line) for line in files["opening.jsonl"].splitlines()]
    lines[-1]["amount"] = "220000001"
    files["opening.jsonl"] = b"".join(jcs(line) + b"\n" for line in lines)


def other_rank(evaluation: dict[str, Any]) -> dict[str, Any]:
    first, second = evaluation["placings"][:2]
    first["rank"], second["rank"] = 2, 1
    return evaluation


def swap(value: dict[str, Any], key: str, new: Any) -> dict[str, Any]:
    return {**value, key: new}


TAMPERINGS: dict[str, tuple[str, Callable[[Files], None]]] = {
    "a bid is dropped": ("V08", without_first_bid),
    "a bid is received at another time": (
        "V08",
        edit_json(
            "list.json", lambda entries: [swap(entries[0], "received", "2026-11-03T00:00:00.000000Z"), *entries[1:]]
        ),
    ),
    "the list is in another order": ("V08", edit_json("list.json", lambda entries: entries[::-1])),
    "a price is changed in the opening": ("V17", other_price),
    "the picks count otherwise": ("V20", edit_json("draw.json", lambda draw: swap(draw, "counts", [9] * 15))),
    "the estimated price is another": ("V20", edit_json("draw.json", lambda draw: swap(draw, "estimated_price", "1"))),
    "the seed is another": ("V19", edit_json("draw.json", lambda draw: swap(draw, "seed_n", "00" * 32))),
    "the ranks are swapped": ("V21", edit_json("evaluation.json", other_rank)),
    "the floor is another": ("V21", edit_json("evaluation.json", lambda value: swap(value, "floor_price", "1"))),
    "an exclusion is invented": (
        "V19",
        edit_json(
            "evaluation.json",
            lambda value: swap(value, "exclusions", [{"stmt": "ab" * 32, "reason": "sanctioned", "legal_basis": ""}]),
        ),
    ),
    "the award goes to the second": (
        "V23",
        edit_json("award.json", lambda award: swap(award, "amount", "226000000")),
    ),
    "one person approved the award": (
        "V23",
        edit_json("award.json", lambda award: swap(award, "approvals", ["person:1", "person:1"])),
    ),
    "the award is hidden": ("V23", drop("award.json")),
    "the notice is another": ("V05", edit_json("notice.json", lambda notice: swap(notice, "title", "다른 공고"))),
    "the floor in the notice is another": (
        "V05",
        edit_json("notice.json", lambda notice: swap(notice, "terms", swap(notice["terms"], "floor_rate", 80_000))),
    ),
    "the deadline in the log is another": (
        "V03",
        edit_event("tender.published", closes_at="2026-11-20T01:00:00.000000Z"),
    ),
    "the closing is hidden": ("V03", edit_event("tender.closed", count=4)),
    "a key is another supplier's": ("V03", edit_event("supplier.key_added", supplier="1")),
    "the group is another": ("V03", edit_event("opening.group", group=["B"])),
    "a signature is missing": ("V10", edit_bid(lambda item: item.update(signature=None), "statements")),
    "a signature is another's": (
        "V10",
        edit_bid(lambda item: item["signature"].update(kid="1248100902x"), "statements"),
    ),
    "a statement is changed": ("V09", edit_bid(lambda item: item["statement"].update(client="ff" * 32), "statements")),
    "an envelope is changed": ("V14", edit_bid(lambda value: value.update(cek_commit="00" * 32), "envelopes")),
    "a keyholder's key is missing": ("V06", drop("khkeys/")),
    "the pieces are missing": ("V15", drop("pieces/")),
    "the seeds are other ones": ("V09", edit_json("seeds.json", lambda seeds: seeds[:1])),
    "the seeds are named for others": (
        "V18",
        edit_json("seeds.json", lambda seeds: [swap(seeds[0], "holder", "@A"), swap(seeds[1], "holder", "@agency")]),
    ),
    "the opening is left out": ("V17", lambda files: files.update({"opening.jsonl": b""})),
    "the evaluation is left out": ("V19", drop("evaluation.json")),
    "the checkpoint is changed": (
        "V02",
        lambda files: files.update({"checkpoint.note": files["checkpoint.note"].replace(b"\n", b" \n", 1)}),
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_seen(world: World, data: bytes, name: str) -> None:
    code, tamper = TAMPERINGS[name]
    files = {path: content for path, content in bundle.read(data).files.items() if path != "MANIFEST"}
    tamper(files)
    assert failures(bundle.pack(files), world)[0] == code


def test_no_change_of_one_byte_anywhere_goes_unseen(world: World, data: bytes) -> None:
    """P7: 150 random places. `keys.json` says nothing to whoever has pinned the keys."""
    chance = random.Random(20261123)
    honest = {
        path: content for path, content in bundle.read(data).files.items() if path not in ("MANIFEST", "keys.json")
    }
    keys = bundle.read(data).files["keys.json"]
    unseen = []
    for _ in range(150):
        path = chance.choice(sorted(honest))
        content = bytearray(honest[path])
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(7)
        if not failures(bundle.pack({**honest, "keys.json": keys, path: bytes(content)}), world):
            unseen.append((path, place))
    assert unseen == []


def test_no_file_can_be_left_out_or_emptied_unseen(world: World, data: bytes) -> None:
    honest = {path: content for path, content in bundle.read(data).files.items() if path != "MANIFEST"}
    del honest["keys.json"]
    assert failures(bundle.pack(honest), world) == []
    for path in honest:
        without = {other: content for other, content in honest.items() if other != path}
        assert failures(bundle.pack(without), world), f"{path} left out"
        assert failures(bundle.pack({**honest, path: b""}), world), f"{path} emptied"


def test_a_file_that_the_manifest_does_not_know_is_seen(world: World, data: bytes) -> None:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("extra.txt", "x")
    assert failures(target.getvalue(), world) == ["V01"]


# ---- what an operator could do who holds the log's and the agency's keys, and what stops even that


def test_an_operator_cannot_take_in_a_late_bid() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    entry = made.entries[-1]
    late = "2026-11-12T01:00:00.000000Z"  # the deadline itself
    event, salt = made.log[entry.idx]
    made.log[entry.idx] = ({**event, "at": late}, salt)
    made.entries[-1] = replace(entry, received=late)
    made.close()
    made.open()
    assert "V11" in failures(made.bundle(), made)


def test_an_operator_cannot_take_in_a_bid_after_the_closing() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    made.close()
    made.bid("1000000003", 224_000_000)
    made.entries.sort(key=lambda entry: entry.stmt)
    made.open()
    codes = failures(made.bundle(), made)
    assert "V04" in codes
    assert "V08" in codes


def test_an_operator_cannot_move_the_deadline_forward() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    made.extend(days=-3)
    made.close()
    made.open()
    assert "V07" in failures(made.bundle(), made)


def test_an_operator_cannot_publish_alone() -> None:
    made = World()
    made.log[0][0]["approvals"] = ["person:1", "person:1"]
    made.close()
    made.emit("tender.failed", made.closes)
    assert failures(made.bundle(), made) == ["V05"]


def test_an_operator_cannot_use_a_key_enrolled_after_the_bid() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    keys = [number for number, (event, _) in enumerate(made.log) if event["type"] == "supplier.key_added"]
    first, bid = keys[0], keys[0] + 1
    made.log[first], made.log[bid] = made.log[bid], made.log[first]
    made.entries[0] = replace(made.entries[0], idx=first)
    made.close()
    made.open()
    assert failures(made.bundle(), made)[0] == "V10"


def test_a_bid_copied_from_another_supplier_is_never_opened() -> None:
    """P2: the copier submits somebody else's envelope under its own name."""
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000003", 224_000_000)
    envelope = made.items[made.entries[0].stmt].envelope
    copied = {**envelope, "ctx": made.ctx("1000000002", 3)}
    made.submit("1000000002", copied["ctx"], copied)
    made.close()
    evaluation = made.open()
    placings = {placing.supplier: placing for placing in evaluation.placings}
    assert (placings["1000000002"].reason, placings["1000000002"].amount_won) == ("malformed", None)
    assert placings["1000000003"].rank == 1
    report = verify(made.bundle(), keys=pinned(made))
    assert is_sound(report)
    assert any("word of a keyholder" in check.text for check in report if check.result is Result.WARN)


def test_a_malformed_bid_is_its_bidders_fault_whichever_group_opens() -> None:
    """P5: the bidder commits to a key that its envelope was not made with."""
    for chosen in range(3):
        made = World(**TWO_OF_THREE)
        made.bid("1000000001", 225_000_000)
        made.bid("1000000002", 226_000_000)
        ctx = made.ctx("1000000003", 3)
        _, envelope = seal_envelope(ctx, made.lane, b"x" * 1024)
        envelope["cek_commit"] = "00" * 32
        stmt = made.submit("1000000003", ctx, envelope)
        made.close()
        evaluation = made.open(chosen)
        assert {placing.stmt: placing.reason for placing in evaluation.placings}[stmt] == "malformed"
        assert failures(made.bundle(), made) == []


def test_a_holder_that_gives_another_piece_is_named() -> None:
    """P4."""
    made = finished()
    stmt = made.entries[0].stmt
    pieces = {s: b"\1" * 32 if s == stmt else b"" for s in [stmt]}
    parts = made.parts()
    signed = made.pieces_note("A", pieces)
    honest = note.open_object(made.pieces[0], "pieces", [made.vkey("A")])
    del honest["pieces"][stmt]
    rest = made.sign("pieces", honest, "A")
    report = verify(bundle.write(replace(parts, pieces=[signed, rest])), keys=parts.keys)
    fault = next(check for check in report if check.result is Result.FAIL)
    assert (fault.code, "holder A" in fault.text) == ("V16", True)


# ---- the command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bidding.verify", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_tells_by_its_exit_code(world: World, data: bytes, tmp_path: Path) -> None:
    path, receipt, policy = tmp_path / "bundle.zip", tmp_path / "r.note", tmp_path / "policy.txt"
    path.write_bytes(data)
    receipt.write_text(world.receipts[world.entries[0].stmt])
    keys = pinned(world)
    policy.write_text(
        f"# pinned\nlog {keys.log}\nagency {keys.agency}\nreceipt {keys.receipt}\nholder A {keys.holders['A']}\n"
    )
    good = run(str(path), "--receipt", str(receipt), "--policy", str(policy))
    assert good.returncode == 0, good.stdout + good.stderr
    assert "PASS V24" in good.stdout
    assert "FAIL" not in good.stdout
    assert run(str(path), "--log-vkey", World().vkey("log")).returncode == 1
    path.write_bytes(data[:-100])
    broken = run(str(path))
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "not a bundle" in broken.stderr


def test_a_policy_line_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="policy"):
        read_policy("witness nobody", pinned(world))


def test_the_verifier_needs_neither_flask_nor_a_database() -> None:
    program = "import bidding.verify, bidding.replay, bidding.seal, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"flask", "sqlalchemy", "redis", "rq", "flask_sqlalchemy", "werkzeug", "psycopg"}


def test_the_same_parts_make_the_same_bundle(world: World) -> None:
    parts = world.parts()
    assert bundle.write(parts) == bundle.write(parts)


@pytest.mark.parametrize("junk", [b"", b"PK", b"not a zip" * 100])
def test_junk_is_no_bundle(junk: bytes) -> None:
    with pytest.raises(ValueError, match="not a bundle"):
        verify(junk)


def test_two_files_of_one_name_are_no_bundle() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("box.note", "one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("box.note", "other")
    with pytest.raises(ValueError, match="share a name"):
        bundle.read(target.getvalue())


def test_a_list_does_not_take_one_bid_twice(world: World) -> None:
    entry = world.entries[0]
    with pytest.raises(ValueError, match="twice"):
        bundle.freeze_list([entry, replace(entry, idx=entry.idx + 1)])


def test_the_list_is_the_same_whatever_order_the_bids_came_in(world: World) -> None:
    assert bundle.freeze_list(world.entries[::-1]) == bundle.freeze_list(world.entries)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ValueError, match=r"box\.note is missing"):
        bundle.Bundle({}).text("box.note")


def test_a_zip_that_swells_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        bundle.read(bundle.pack({"zeros": b"\0" * 10_000_000}))
