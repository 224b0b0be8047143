"""An operator who holds every key of its own and rewrites its whole log still cannot make these tenders pass.

The bidders' keys, their receipts and whoever has kept an older checkpoint are out of its reach; here not even those
are needed: each story below contradicts itself.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.time import wire
from app.tlog import checkpoint, note
from app.tlog.canon import digest, jcs, parse
from bidding import bundle
from bidding.checks import Result
from bidding.evaluation import digest_of
from bidding.types import DrawRule
from bidding.verify import verify
from tests.bidding.world import CLOSES, START, World, finished

Attack = Callable[[World], None]
GIVEN = tuple(245_000_000 + 700_000 * number for number in range(15))
KEPT = DrawRule(base={"1": 250_000_000}, mode="M3", kind="given", order="given")


def first_failure(data: bytes, world: World) -> str | None:
    report = verify(data, keys=world.parts().keys)
    return next((check.code for check in report if check.result is Result.FAIL), None)


def edit(kind: str, **facts: Any) -> Attack:
    def attack(world: World) -> None:
        event = next(event for event, _ in world.log if event["type"] == kind)
        event.update(facts)

    return attack


def edit_all(**facts: Any) -> Attack:
    def attack(world: World) -> None:
        for event, _ in world.log:
            event.update(facts)

    return attack


def again(kind: str) -> Attack:
    def attack(world: World) -> None:
        event = next(event for event, _ in world.log if event["type"] == kind)
        world.log.append((dict(event), None))

    return attack


def short_salt(world: World) -> None:
    index = world.entries[0].idx
    event, salt = world.log[index]
    assert salt is not None
    world.log[index] = (event, salt[:31])


def logged_in_clear(world: World) -> None:
    index = world.entries[0].idx
    world.log[index] = (world.log[index][0], None)


def key_for_another_tender(world: World) -> None:
    key = note.open_object(world.khkeys["A"], "khkey", [world.vkey("A")])
    world.khkeys["A"] = world.sign("khkey", {**key, "tender": "R26BK00000009-000"}, "A")


def another_key(world: World) -> None:
    key = note.open_object(world.khkeys["A"], "khkey", [world.vkey("A")])
    world.khkeys["A"] = world.sign("khkey", {**key, "pub": "A" * 43}, "A")


def pieces_of_another_closing(world: World) -> None:
    pieces = note.open_object(world.pieces[0], "pieces", [world.vkey("A")])
    world.pieces[0] = world.sign("pieces", {**pieces, "closed_idx": pieces["closed_idx"] + 1}, "A")


def pieces_of_another_tender(world: World) -> None:
    pieces = note.open_object(world.pieces[0], "pieces", [world.vkey("A")])
    world.pieces[0] = world.sign("pieces", {**pieces, "tender": "R26BK00000009-000"}, "A")


def pieces_of_something_unlisted(world: World) -> None:
    pieces = note.open_object(world.pieces[0], "pieces", [world.vkey("A")])
    world.pieces[0] = world.sign("pieces", {**pieces, "pieces": {**pieces["pieces"], "ab" * 32: "AAAA"}}, "A")


def pieces_given_again(world: World) -> None:
    world.pieces.append(world.pieces[0])


def pieces_by_a_stranger(world: World) -> None:
    pieces = note.open_object(world.pieces[0], "pieces", [world.vkey("A")])
    world.pieces[0] = note.sign_object("pieces", pieces, world.names["A"], world.keys["log"])


ATTACKS: dict[str, tuple[str, Attack]] = {
    "the log published another box": ("V05", edit("tender.published", box="00" * 32)),
    "the log published another notice": ("V05", edit("tender.published", notice_sha256="00" * 32)),
    "one person approved the notice": ("V05", edit("tender.published", approvals=["person:1"])),
    "three approvals, one twice": ("V05", edit("tender.published", approvals=["person:1", "person:2", "person:1"])),
    "an approval by nobody": ("V05", edit("tender.published", approvals=["", "person:2"])),
    "no approvals at all": ("V05", edit("tender.published", approvals=None)),
    "an event is another tender's": ("V04", edit("tender.closed", tender="R26BK00000009-000")),
    "all events are another tender's": ("V05", edit_all(tender="R26BK00000009-000")),
    "published twice": ("V03", again("tender.published")),
    "the group was fixed twice": ("V04", again("opening.group")),
    "a salt is too short to hide anything": ("V03", short_salt),
    "a bid was logged in clear": ("V11", logged_in_clear),
    "a bid was logged at another time": ("V11", edit("bid.submitted", at="2026-11-03T00:00:00.000000Z")),
    "a bid was logged as another": ("V11", edit("bid.submitted", stmt="00" * 32)),
    "a holder's key was made for another tender": ("V06", key_for_another_tender),
    "a holder signed another key": ("V06", another_key),
    "closed by another deadline": ("V07", edit("tender.closed", closes_at=wire(CLOSES + timedelta(1)))),
    "closed before the deadline": ("V07", edit("tender.closed", closed_at=wire(CLOSES - timedelta(microseconds=1)))),
    "another box was closed": ("V08", edit("tender.closed", box="00" * 32)),
    "another root was closed": ("V08", edit("tender.closed", box_root="00" * 32)),
    "another count was closed": ("V08", edit("tender.closed", count=6)),
    "another list was closed": ("V08", edit("tender.closed", list_sha256="00" * 32)),
    "a group that the box does not know": ("V15", edit("opening.group", group=["B"])),
    "pieces of another closing": ("V15", pieces_of_another_closing),
    "pieces of another tender": ("V15", pieces_of_another_tender),
    "a piece of something that is not in the list": ("V15", pieces_of_something_unlisted),
    "pieces given again": ("V15", pieces_given_again),
    "pieces by a stranger": ("V15", pieces_by_a_stranger),
    "another opening was logged": ("V17", edit("opening.opened", opening_sha256="00" * 32)),
    "another draw was logged": ("V20", edit("opening.opened", draw_sha256="00" * 32)),
    "another evaluation was logged": ("V21", edit("opening.opened", evaluation="00" * 32)),
    "other seeds were published": ("V18", edit("tender.published", seeds=[])),
    "another award was logged": ("V23", edit("award.confirmed", supplier="9999999999")),
    "one person awarded": ("V23", edit("award.confirmed", approvals=["person:1", "person:1"])),
}


def test_the_story_without_attacks_holds() -> None:
    made = finished()
    assert first_failure(made.bundle(), made) is None


@pytest.mark.parametrize("name", ATTACKS)
def test_a_story_that_contradicts_itself_is_seen(name: str) -> None:
    code, attack = ATTACKS[name]
    made = finished()
    attack(made)
    assert first_failure(made.bundle(), made) == code


# ---- the deadline


def extended(**changes: Any) -> World:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    made.extend(days=7)
    made.log[-1][0].update(changes)
    made.close()
    made.open()
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"approvals": ["person:1", "person:1"]},
        {"old": wire(CLOSES - timedelta(days=1))},
        {"at": wire(CLOSES)},  # the old deadline itself is too late
        {"new": wire(CLOSES)},
    ],
)
def test_a_deadline_moves_only_by_two_in_time_and_later(changes: dict[str, Any]) -> None:
    assert first_failure((made := extended()).bundle(), made) is None
    made = extended(**changes)
    assert first_failure(made.bundle(), made) == "V07"


def test_a_deadline_is_not_moved_after_the_closing() -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    made.close()
    made.closes = CLOSES + timedelta(days=1)
    made.extend(days=1)
    made.log[made.closed_idx][0].update(closes_at=wire(made.closes), closed_at=wire(made.closes + timedelta(seconds=1)))
    made.open()
    assert first_failure(made.bundle(), made) == "V07"


# ---- the box, its list and its statements


def test_numbers_are_kept_as_given_in_practice_only() -> None:
    practice = finished(rule=KEPT, given=GIVEN, tender="T26BK00000001-000")
    assert first_failure(practice.bundle(), practice) is None
    real = finished(rule=KEPT, given=GIVEN)
    assert first_failure(real.bundle(), real) == "V05"


def test_terms_of_another_tender_are_not_this_ones() -> None:
    made = finished(tender_of_terms="R26BK00000009-000")
    assert first_failure(made.bundle(), made) == "V05"


@pytest.mark.parametrize("changes", [{"final": False}, {"ver": 2}])
def test_a_list_holds_final_bids_only(changes: dict[str, Any]) -> None:
    made = World()
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    made.entries[0] = replace(made.entries[0], **changes)
    made.close()
    made.open()
    assert first_failure(made.bundle(), made) == "V08"


def test_a_supplier_bids_once() -> None:
    made = World()
    for amount in (225_000_000, 226_000_000):
        made.bid("1000000001", amount)
    made.close()
    made.open()
    assert first_failure(made.bundle(), made) == "V09"


def test_a_seed_is_no_bid() -> None:
    made = World()
    made.bid("@sneaky", 225_000_000)
    made.bid("1000000001", 225_000_000)
    made.close()
    made.emit("tender.failed", made.closes)
    assert first_failure(made.bundle(), made) == "V09"


def test_a_seed_is_named_once() -> None:
    made = finished()
    data = made.bundle(seeds=[*made.seeds, made.seeds[0]])
    assert first_failure(data, made) == "V09"


def swapped(seeds: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    one, two = seeds
    return [{**one, **{name: two[name] for name in names}}, {**two, **{name: one[name] for name in names}}]


@pytest.mark.parametrize("names", [("holder", "stmt"), ("holder",), ("stmt",)])
def test_each_seed_is_its_holders_and_in_its_place(names: tuple[str, ...]) -> None:
    made = finished()
    seeds = swapped(made.seeds, *names)
    edit("tender.published", seeds=[seed["stmt"] for seed in seeds])(made)
    report = verify(made.bundle(seeds=seeds), keys=made.parts().keys)
    assert "V18" in [check.code for check in report if check.result is Result.FAIL]


def test_a_seed_is_named_with_nothing_else() -> None:
    made = finished()
    seeds = [{**seed, "note": "x"} for seed in made.seeds]
    assert first_failure(made.bundle(seeds=seeds), made) == "V18"


@pytest.mark.parametrize("claim", ["opening", "draw", "evaluation", "award", "pieces"])
def test_what_was_never_opened_has_no_result(claim: str) -> None:
    made, other = World(), finished()
    made.bid("1000000001", 225_000_000)
    made.close()
    made.emit("tender.failed", made.closes)
    assert first_failure(made.bundle(), made) is None
    data = made.bundle(**{claim: getattr(other.parts(), claim)})
    assert first_failure(data, made) == "V15"


def test_a_statement_comes_with_nothing_else() -> None:
    made = finished()
    files = {path: data for path, data in bundle.read(made.bundle()).files.items() if path != "MANIFEST"}
    path = f"statements/{made.entries[0].stmt}.json"
    files[path] = jcs({**parse(files[path]), "note": "x"})
    assert first_failure(bundle.pack(files), made) == "V09"


@pytest.mark.parametrize("facts", [{"kid": "another"}, {"supplier": "9999999999"}, {"public": "A" * 43}])
def test_a_signature_needs_its_suppliers_own_key(facts: dict[str, str]) -> None:
    made = finished()
    edit("supplier.key_added", **facts)(made)
    assert first_failure(made.bundle(), made) == "V10"


@pytest.mark.parametrize(("is_before", "code"), [(True, "V10"), (False, None)])
def test_a_key_signs_until_it_is_revoked(is_before: bool, code: str | None) -> None:
    made = World()
    made.emit("supplier.key_revoked" if is_before else "supplier.other", START, supplier="1000000001", kid="1000000001")
    made.bid("1000000001", 225_000_000)
    made.bid("1000000002", 226_000_000)
    if not is_before:
        made.emit("supplier.key_revoked", START, supplier="1000000001", kid="1000000001")
    made.close()
    made.open()
    assert first_failure(made.bundle(), made) == code


def test_an_envelope_that_the_box_would_not_take_is_seen() -> None:
    """The operator let in an envelope of another length."""
    made = World()
    made.bid("1000000001", 225_000_000, plain=b"short")
    made.bid("1000000002", 226_000_000)
    made.close()
    made.open()
    assert first_failure(made.bundle(), made) == "V14"


# ---- the award


def award_with(made: World, **changes: Any) -> bytes:
    assert made.award_json is not None
    return made.bundle(award={**made.award_json, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"type": "prize"},
        {"tender": "R26BK00000009-000"},
        {"lot": "2"},
        {"note": "x"},
        {"supplier": "9999999999"},
        {"amount": "1"},
        {"evaluation": "00" * 32},
        {"stmt": "00" * 32},
    ],
)
def test_an_award_says_what_was_evaluated(changes: dict[str, Any]) -> None:
    made = finished()
    assert first_failure(award_with(made, **changes), made) == "V23"


def test_an_award_that_log_and_file_agree_on_must_still_be_the_first() -> None:
    made = finished()
    assert made.evaluation is not None
    second = made.evaluation.placings[1]
    facts = {"stmt": second.stmt, "supplier": second.supplier, "amount": str(second.amount_won)}
    edit("award.confirmed", **facts)(made)
    assert first_failure(award_with(made, **facts), made) == "V23"


@pytest.mark.parametrize(
    "facts",
    [
        {"supplier": "9999999999"},
        {"amount": "1"},
        {"evaluation": "00" * 32},
        {"approvals": ["person:1", "person:1"]},
    ],
)
def test_an_award_that_log_and_file_agree_on_must_still_be_right(facts: dict[str, Any]) -> None:
    made = finished()
    edit("award.confirmed", **facts)(made)
    assert first_failure(award_with(made, **facts), made) == "V23"


@pytest.mark.parametrize("gone", ["reason", "legal_basis"])
def test_nobody_is_disqualified_without_reason_and_law(gone: str) -> None:
    made = finished()
    assert made.evaluation is not None
    first = made.evaluation.placings[0]
    out = {
        "stmt": first.stmt,
        "reason": "documents-missing",
        "legal_basis": "국가계약법 시행령 제42조",
        "approvals": ["person:1", "person:2"],
    }
    made.log.pop()
    made.award(({**out, gone: ""},))
    assert first_failure(made.bundle(), made) == "V23"


def test_an_award_without_an_evaluation_is_none() -> None:
    made = finished()
    assert first_failure(made.bundle(evaluation=None), made) == "V19"


# ---- receipts


@pytest.mark.parametrize(
    "changes",
    [
        {"received": "2026-11-02T01:00:30.000000Z"},
        {"bid": "0198c0de-0000-7000-8000-0000000000ff"},
        {"tender": "R26BK00000009-000"},
        {"salt": "A" * 43},
        {"c": "00" * 32},
        {"salt": "A" * 43, "c": "recomputed"},
    ],
)
def test_a_receipt_that_says_otherwise_than_the_log_is_evidence(changes: dict[str, str]) -> None:
    made = finished()
    stmt = made.entries[0].stmt
    receipt = note.open_object(made.receipts[stmt], "receipt", [made.vkey("receipt")])
    if changes.get("c") == "recomputed":  # commits to the very event, under a salt that the log does not hold
        changes = {**changes, "c": digest("event", bytes(32) + jcs(made.log[made.entries[0].idx][0])).hex()}
    signed = made.sign("receipt", {**receipt, **changes}, "receipt")
    report = verify(made.bundle(), keys=made.parts().keys, receipt=signed)
    assert [check.code for check in report if check.result is Result.FAIL] == ["V24"]


# ---- the log's file and the bundle's own


def test_a_checkpoint_of_another_log_is_refused() -> None:
    made = finished()
    parts = made.parts()
    opened = checkpoint.open_checkpoint(parts.checkpoint, [parts.keys.log])
    signed = note.sign(replace(opened, origin="other.example").text, made.names["log"], made.keys["log"])
    assert first_failure(made.bundle(checkpoint=signed), made) == "V02"


def test_an_entry_lies_under_its_own_number() -> None:
    made = finished()
    files = {path: data for path, data in bundle.read(made.bundle()).files.items() if path != "MANIFEST"}
    files["events/000000009999.json"] = files.pop("events/000000000000.json")
    assert first_failure(bundle.pack(files), made) == "V02"


@pytest.mark.parametrize("changes", [{"index": 0.0}, {"v": 2}, {"extra": 1}, {"event": [], "index": 0}])
def test_an_entry_has_its_shape(changes: dict[str, Any]) -> None:
    entry = finished().parts().events[0].to_json()
    with pytest.raises((ValueError, TypeError)):
        bundle.LoggedEvent.from_json({**entry, **changes})


def test_a_file_that_is_not_what_the_manifest_says_is_seen() -> None:
    made = finished()
    source = zipfile.ZipFile(io.BytesIO(made.bundle()))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name) + (b" " if name == "keys.json" else b""))
    assert first_failure(target.getvalue(), made) == "V01"


def test_the_digest_that_officers_confirm_is_of_the_published_file() -> None:
    made = finished()
    assert made.evaluation is not None
    data = bundle.read(made.bundle()).files["evaluation.json"]

    assert digest("evaluation", data).hex() == digest_of(made.evaluation)
