"""A member's browser before it gives pieces: the rules R1 to R7, and pieces that the Python side combines."""

from __future__ import annotations

import base64
import hashlib
from copy import deepcopy
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.time import wire
from app.tlog import checkpoint, cosignature, merkle, note
from app.tlog.canon import b64u, jcs, unb64u
from bidding import opening
from bidding.keyfile import Keys, write_key_file
from bidding.payload import make_price, read_seed
from bidding.sealing import HolderFault, box_id, check_envelope, combine, open_wrap, seal_envelope
from bidding.statement import check_pair, ctx_of
from bidding.types import Verdict
from tests.bidding.committee_world import FIVE, OPENS, PASSPHRASE, THREE_OF_FIVE, CommitteeWorld, with_three_bids
from tests.bidding.node import ask
from tests.bidding.world import Json

NOW = int(OPENS.timestamp() * 1000)
GROUP = ("M1", "M2", "M3")


@pytest.fixture(scope="module")
def world() -> CommitteeWorld:
    world = with_three_bids()
    world.close_and_fix(GROUP)
    return world


def member(keys: Keys) -> Json:
    return {"file": write_key_file(keys, PASSPHRASE), "passphrase": PASSPHRASE}


def check(keys: Keys, *cases: tuple[Json, int]) -> list[Json]:
    found: list[Json] = ask("checkRequests", member(keys) | {"cases": [{"request": r, "now": now} for r, now in cases]})
    return found


def refused(keys: Keys, request: Json, rule: str, why: str, now: int = NOW) -> None:
    (answer,) = check(keys, (request, now))
    assert answer.get("fault", "").startswith(f"{rule}: "), answer
    assert why in answer["fault"]


def pieces_of(world: CommitteeWorld, holder: str, **about: Any) -> Json:
    told = {"request": world.request(), "items": world.told_items(), "now": NOW} | about
    answer: Json = ask("givePieces", member(world.keys_of(holder)) | told)
    return answer


def opened(world: CommitteeWorld, group: tuple[str, ...], notes: dict[str, str]) -> list[opening.Line]:
    given = {
        holder: note.open_object(signed, "pieces", [world.vkey(holder)])["pieces"] for holder, signed in notes.items()
    }

    def raw(piece: str | None) -> bytes | None:
        return None if piece is None else unb64u(piece)

    chosen = world.groups.index(group)
    return [
        opening.open_line(
            world.rule, world.lane, chosen, stmt, item.envelope, {h: raw(given[h][stmt]) for h in group if h in given}
        )
        for stmt, item in world.items.items()
    ]


def test_at_the_opening_time_everything_holds_and_the_whole_list_is_asked_for(world: CommitteeWorld) -> None:
    (answer,) = check(world.keys_of("M1"), (world.request(), NOW))
    assert answer == {"ok": {"asked": sorted(world.items), "cosigned": [], "bids": 3}}


def test_a_millisecond_before_the_opening_by_the_members_clock_nothing_is_given(world: CommitteeWorld) -> None:
    refused(world.keys_of("M1"), world.request(), "R2", "has not come", NOW - 1)


def test_a_member_outside_the_group_that_was_fixed_gives_nothing(world: CommitteeWorld) -> None:
    refused(world.keys_of("M4"), world.request(), "R7", "not in the group")


def test_a_group_that_the_box_does_not_know_gets_nothing() -> None:
    world = with_three_bids()
    world.close_and_fix(("M1", "M2"))
    refused(world.keys_of("M1"), world.request(), "R7", "not in the group")


def test_a_group_of_another_lane_is_no_group_of_this_one(world: CommitteeWorld) -> None:
    other = with_three_bids()
    other.close()
    other.emit("opening.group", OPENS, lane="docs", group=list(GROUP))
    refused(other.keys_of("M1"), other.request(), "R4", "another lane")


def test_a_file_of_other_keys_is_told_before_any_bid_could_be_blamed(world: CommitteeWorld) -> None:
    foreign = {"price": X25519PrivateKey.generate()}
    refused(world.keys_of("M1", lanes=foreign), world.request(), "R1", "the key in the box")
    refused(world.keys_of("M1", note=Ed25519PrivateKey.generate()), world.request(), "R1", "signing key")
    refused(world.keys_of("M1", tender="R26BK00000002-000"), world.request(), "R1", "another tender")


def test_a_log_that_is_not_the_one_seen_when_the_keys_were_made_is_refused(world: CommitteeWorld) -> None:
    keys = world.keys_of("M1")
    forked = keys.log | {"root": b64u(b"f" * 32)}
    refused(world.keys_of("M1", log=forked), world.request(), "R3", "does not extend")
    larger = keys.log | {"size": 10_000}
    refused(world.keys_of("M1", log=larger), world.request(), "R3", "does not extend")
    other = note.vkey(keys.log["origin"], Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    refused(world.keys_of("M1", log=keys.log | {"vkey": other}), world.request(), "R3", "the checkpoint")
    refused(world.keys_of("M1", log=keys.log | {"origin": "log.elsewhere"}), world.request(), "R3", "another log")


@pytest.mark.parametrize("name", ["published", "closed", "group"])
def test_an_entry_that_is_not_in_the_log_is_refused(world: CommitteeWorld, name: str) -> None:
    request = deepcopy(world.request())
    request[name]["event"]["at"] = wire(OPENS - timedelta(days=30))
    refused(world.keys_of("M1"), request, "R4", "is not in the log")


@pytest.mark.parametrize("name", ["closed", "group"])
def test_another_entry_in_its_place_is_refused(world: CommitteeWorld, name: str) -> None:
    request = world.request()
    refused(world.keys_of("M1"), request | {name: request["published"]}, "R4", "not ")


def test_a_list_that_is_not_the_closed_one_is_refused(world: CommitteeWorld) -> None:
    request = world.request()
    keys = world.keys_of("M1")
    refused(keys, request | {"list": request["list"][:-1]}, "R5", "not the one that was closed")
    refused(keys, request | {"list": request["list"][::-1]}, "R5", "not sorted")
    refused(keys, request | {"list": [*request["list"], request["list"][-1]]}, "R5", "repeats")


def test_a_box_that_is_not_the_published_one_is_refused(world: CommitteeWorld) -> None:
    request = world.request()
    keys = world.keys_of("M1")
    refused(keys, request | {"box": world.box | {"replace": "allowed"}}, "R6", "not the one that was published")
    other = Ed25519PrivateKey.generate()
    forged = note.sign_object("box", world.box, world.names["agency"], other)
    refused(keys, request | {"box_note": forged}, "R6", "the box")


def test_a_request_that_lacks_a_member_is_refused_in_words(world: CommitteeWorld) -> None:
    for name in ("box", "published", "closed", "group", "checkpoint", "list"):
        request = {key: value for key, value in world.request().items() if key != name}
        (answer,) = check(world.keys_of("M1"), (request, NOW))
        assert answer["fault"].startswith("R"), name


def test_a_deadline_put_off_puts_the_opening_off() -> None:
    world, later = with_three_bids(), OPENS + timedelta(days=5)
    world.emit("tender.deadline_changed", OPENS, opens_at=wire(later), approvals=["person:1", "person:2"])
    world.close_and_fix(GROUP)
    then = int(later.timestamp() * 1000)
    refused(world.keys_of("M1"), world.request(), "R2", "has not come", then - 1)
    assert "ok" in check(world.keys_of("M1"), (world.request(), then))[0]


def test_the_quorum_of_the_policy_in_the_box_is_counted() -> None:
    witnesses = {name: Ed25519PrivateKey.generate() for name in ("W1", "W2", "W3")}
    spelled = {
        name: cosignature.vkey(f"{name}.example", key.public_key().public_bytes_raw())
        for name, key in witnesses.items()
    }

    def policy(world: CommitteeWorld) -> str:
        lines = [f"log {world.vkey('log')}", *(f"witness {name} {key}" for name, key in spelled.items())]
        return "\n".join(["# three witnesses", *lines, "group two 2 W1 W2 W3", "quorum two", ""])

    world = PolicyWorld(policy_of=policy)
    world.bid("1248100901", 225_000_000)
    world.close_and_fix(GROUP)

    def request(*names: str, **changes: Any) -> Json:
        told = world.request(**changes)
        text = told["checkpoint"][: told["checkpoint"].rindex("\n\n") + 1]
        lines = [cosignature.sign(text, f"{name}.example", witnesses[name], 1_800_000_000) for name in names]
        return told | {"checkpoint": cosignature.add(told["checkpoint"], lines)}

    keys = world.keys_of("M1")
    (answer,) = check(keys, (request("W1", "W3"), NOW))
    assert answer["ok"]["cosigned"] == ["W1", "W3"]
    refused(keys, request("W2"), "R3", "too few witnesses")
    refused(keys, request(), "R3", "too few witnesses")
    refused(keys, request("W1", "W3", policy=None), "R3", "the policy of the witnesses is missing")
    refused(
        keys, request("W1", policy=world.policy.replace("group two 2", "group two 1")), "R3", "not the one in the box"
    )


class PolicyWorld(CommitteeWorld):
    """A tender whose box names a policy of witnesses."""

    def __init__(self, policy_of: Any) -> None:
        self.policy_of = policy_of
        super().__init__()

    def _publish(self) -> None:
        self.policy = self.policy_of(self)
        self.box["policy"] = hashlib.sha256(self.policy.encode()).hexdigest()
        self.box_id = box_id(self.box)
        super()._publish()


def test_pieces_from_three_browsers_open_every_bid_whichever_three_they_are() -> None:
    world = with_three_bids()
    world.close()
    world.fix(GROUP)
    asked = {"M1": world.request(), "M2": world.request(), "M3": world.request()}
    world.fix(("M2", "M4", "M5"), "opening.fallback", missing=["M1", "M3"], reason="absent")
    asked |= {"M4": world.request(), "M5": world.request()}
    notes = {holder: pieces_of(world, holder, request=asked[holder])["ok"]["note"] for holder in FIVE}
    for group in THREE_OF_FIVE:
        lines = opened(world, group, notes)
        assert len(lines) == len(world.items)
        assert all(line.cek for line in lines)
    for pair in combinations(FIVE, 2):
        for group in THREE_OF_FIVE:
            with pytest.raises(HolderFault, match="piece-missing"):
                opened(world, group, {holder: notes[holder] for holder in pair})


def test_the_note_says_what_a_keyholders_service_says(world: CommitteeWorld) -> None:
    answer = pieces_of(world, "M1")
    said = note.open_object(answer["ok"]["note"], "pieces", [world.vkey("M1")])
    assert set(said) == {"v", "type", "tender", "lane", "holder", "closed_idx", "pieces"}
    assert (said["tender"], said["lane"], said["holder"]) == (world.tender, "price", "M1")
    assert said["closed_idx"] == world.closed_idx
    assert set(said["pieces"]) == set(world.items)
    assert answer["told"][-1] == len(world.items)


def test_an_envelope_that_does_not_open_gets_an_empty_piece_and_the_bid_is_malformed() -> None:
    world = with_three_bids()
    ctx = world.ctx("1248100909", 77)
    _, envelope = seal_envelope(ctx, world.lane, make_price(224_000_000, (1, 2)))
    other = seal_envelope(ctx, world.lane, make_price(224_000_000, (1, 2)))[1]
    envelope["wraps"]["M2"] = other["wraps"]["M2"]  # opens, to a piece that was not committed to
    envelope["wraps"]["M3"] = b64u(b"\0" * len(unb64u(other["wraps"]["M3"])))  # does not open
    bad = world.submit("1248100909", ctx, envelope)
    world.close_and_fix(GROUP)
    notes = {holder: pieces_of(world, holder)["ok"]["note"] for holder in GROUP}
    said = {
        holder: note.open_object(signed, "pieces", [world.vkey(holder)])["pieces"] for holder, signed in notes.items()
    }
    assert [said[holder][bad] is None for holder in GROUP] == [False, True, True]
    lines = {line.found.stmt: line for line in opened(world, GROUP, notes)}
    assert lines[bad].found.verdict == Verdict.MALFORMED  # type: ignore[union-attr]
    assert sum(line.cek is None for line in lines.values()) == 1


def test_an_altered_or_foreign_envelope_among_the_items_stops_everything(world: CommitteeWorld) -> None:
    items = world.told_items()
    swapped = [items[0] | {"envelope": items[1]["envelope"]}, *items[1:]]
    assert "R6: the envelope is not the one" in pieces_of(world, "M1", items=swapped)["fault"]
    late = with_three_bids()
    stranger = late.told_items()[-1]
    assert "R6: a statement of another" in pieces_of(world, "M1", items=[stranger])["fault"]
    moved = deepcopy(items[-1])
    moved["statement"]["supplier"] = "1248100999"
    assert "R6" in pieces_of(world, "M1", items=[moved])["fault"]


def test_a_bid_that_came_after_the_list_was_closed_is_never_opened() -> None:
    world = with_three_bids()
    world.close_and_fix(GROUP)
    request = world.request()
    late = world.bid("1248100909", 1_000_000)
    item = world.told_items()[-1]
    answer = pieces_of(world, "M1", request=request, items=[item])
    assert answer["fault"] == f"R6: {late} is neither in the list nor a published seed"


def test_a_cancelled_bid_is_never_opened() -> None:
    world = with_three_bids()
    world.close()
    gone = world.entries[0].stmt
    world.emit("tender.cancellations", OPENS, stmts=[{"stmt": gone, "approvals": ["person:1", "person:2"]}])
    world.fix(GROUP)
    (answer,) = check(world.keys_of("M1"), (world.request(), NOW))
    assert gone not in answer["ok"]["asked"]
    assert answer["ok"]["bids"] == 2
    assert f"R6: {gone}" in pieces_of(world, "M1")["fault"]


def test_a_cancellation_cannot_be_kept_from_a_member() -> None:
    world = with_three_bids()
    world.close()
    world.emit("tender.cancellations", OPENS, stmts=[{"stmt": world.entries[0].stmt, "approvals": []}])
    world.fix(GROUP, cancelled=1)
    keys = world.keys_of("M1")
    assert "ok" in check(keys, (world.request(), NOW))[0]
    refused(keys, world.request(cancellations=[]), "R6", "the cancellations are not those")


def test_another_group_may_be_fixed_when_somebody_is_missing() -> None:
    world = with_three_bids()
    world.close_and_fix(GROUP)
    world.fix(("M1", "M2", "M4"), "opening.fallback", missing=["M3"], reason="ill", approvals=["person:1", "person:2"])
    assert "ok" in check(world.keys_of("M4"), (world.request(), NOW))[0]
    refused(world.keys_of("M3"), world.request(), "R7", "not in the group")


def test_a_thousand_bids_are_gone_through_in_small_steps() -> None:
    world = CommitteeWorld()
    for number in range(1000):
        world.bid(f"{1_000_000_000 + number}", 225_000_000 + number)
    world.close_and_fix(GROUP)
    answer = pieces_of(world, "M2")
    assert len(answer["ok"]["pieces"]) == len(world.items) == 1000 + len(world.seeds)
    assert None not in answer["ok"]["pieces"].values()
    steps = [after - before for before, after in zip([0, *answer["told"]], answer["told"], strict=False)]
    assert max(steps) <= 16


def test_a_contribution_to_the_draw_is_sealed_to_the_whole_committee_and_signed_by_the_member() -> None:
    world = with_three_bids()
    told = {"box": world.box, "count": 2}
    answers = ask("makeSeeds", member(world.keys_of("M4")) | told)
    nonces = set()
    for answer in answers:
        said = note.open_object(answer["ok"], "khseed", [world.vkey("M4")])
        statement, envelope = said["statement"], said["envelope"]
        check_pair(statement, envelope)
        assert statement["supplier"] == "@M4"
        check_envelope(envelope, ctx_of(statement), world.lane, 1024)
        blobs = {holder: open_wrap(envelope, holder, world.lane_keys[holder]) for holder in GROUP}
        nonces.add(read_seed(combine(envelope, world.lane, world.groups.index(GROUP), blobs)[1]))
    assert len(nonces) == 2
    stranger = world.keys_of("M4", lanes={"price": X25519PrivateKey.generate()})
    (answer,) = ask("makeSeeds", member(stranger) | told | {"count": 1})
    assert answer["fault"].startswith("R1: ")


def test_the_root_of_any_tree_is_the_logs_own() -> None:
    trees = [[merkle.leaf_hash(jcs(n)).hex() for n in range(size)] for size in (0, 1, 2, 3, 5, 8, 13, 31, 100)]
    assert ask("treeRoots", trees) == [merkle.root(bytes.fromhex(leaf) for leaf in tree).hex() for tree in trees]


def test_a_checkpoint_of_another_key_is_refused(world: CommitteeWorld) -> None:
    request = world.request()
    opened_ = checkpoint.open_checkpoint(request["checkpoint"], [world.vkey("log")])
    forged = checkpoint.sign(opened_, Ed25519PrivateKey.generate())
    refused(world.keys_of("M1"), request | {"checkpoint": forged}, "R3", "the checkpoint")


class ProposalsFirst(CommitteeWorld):
    """Its box says that proposals are scored before the prices."""

    def more_of_box(self) -> Json:
        return {"first": "docs"}


def scored(**group: Any) -> tuple[ProposalsFirst, str]:
    """Closed, its result fixed with the first bid left out, the group of the price lane fixed."""
    world = ProposalsFirst()
    for number in (1, 2):
        world.bid(f"12481009{number:02d}", 225_000_000, (number, number + 3))
    world.close()
    out = world.entries[0].stmt
    told: Json = {"technical_sha256": "cd" * 32, "approvals": ["person:1", "person:2"]}
    world.emit("technical.fixed", OPENS, **told)
    world.emit("tender.unqualified", OPENS, stmts=[out], **told)
    world.fix(GROUP, **group)
    return world, out


def shown(world: ProposalsFirst, **changes: Any) -> Json:
    parts = world.parts()

    def of(kind: str) -> Json:
        entry = next(entry for entry in parts.events if entry.event["type"] == kind)
        proof = [base64.b64encode(step).decode() for step in entry.proof]
        return {"index": entry.index, "event": entry.event, "proof": proof}

    return world.request(fixed=of("technical.fixed"), unqualified=of("tender.unqualified"), **changes)


def test_a_price_that_was_left_out_is_not_given() -> None:
    world, out = scored(unqualified=1)
    (answer,) = check(world.keys_of("M1"), (shown(world), NOW))
    assert out not in answer["ok"]["asked"]
    assert len(answer["ok"]["asked"]) == len(world.items) - 1


def test_no_price_is_given_before_a_result_is_in_the_log_and_none_can_be_kept_back() -> None:
    world, _ = scored()
    refused(world.keys_of("M1"), world.request(), "R4", "no technical evaluation is in the log")
    counting, _ = scored(unqualified=1)
    refused(counting.keys_of("M1"), counting.request(), "R6", "that is not shown")
    other, _ = scored(unqualified=2)
    refused(other.keys_of("M1"), shown(other), "R6", "other unqualified bids")
