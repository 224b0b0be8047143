"""The keyholder gives nothing before everything holds: R1 to R7, one refusal after another."""

from __future__ import annotations

import stat
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.time import wire
from app.tlog import cosignature, merkle, note
from app.tlog import policy as tlog_policy
from app.tlog.canon import jcs
from bidding import bundle
from bidding.keyholder.checks import Refused
from bidding.keyholder.holder import Holder
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store
from bidding.payload import make_price
from bidding.sealing import box_id, make_ctx, seal_envelope
from tests.bidding.asking import OPENS, ORIGIN, TENDER, Asking, Json, ready

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return ready(tmp_path / "keyholder")


def refused(asking: Asking, rule: str, why: str, request: Json | None = None, **about: Any) -> None:
    """The request is refused by `rule`, in words that hold `why`, and nothing is remembered as given."""
    with pytest.raises(Refused) as refusal:
        asking.ask(asking.request() if request is None else request, about.pop("now", OPENS), **about)
    assert refusal.value.rule == rule
    assert why in refusal.value.why


def test_at_the_opening_time_every_piece_is_given(asking: Asking) -> None:
    pieces = asking.pieces(asking.ask(asking.request(), OPENS))
    assert set(pieces) == set(asking.items)
    assert all(pieces.values())


def test_a_microsecond_before_the_opening_by_its_own_clock_nothing_is_given(asking: Asking) -> None:
    refused(asking, "R2", "has not come", now=OPENS - MICROSECOND)


def test_a_deadline_put_off_puts_the_opening_off(tmp_path: Path) -> None:
    asking, later = Asking(tmp_path / "k"), OPENS + timedelta(days=5)
    asking.emit("tender.deadline_changed", opens_at=wire(later))
    asking.bid()
    asking.close()  # though the closing itself says the earlier time
    refused(asking, "R2", "has not come", now=later - MICROSECOND)
    assert asking.ask(asking.request(), later)


def test_the_time_in_the_closing_counts_where_a_change_is_kept_from_it(tmp_path: Path) -> None:
    asking, later = Asking(tmp_path / "k"), OPENS + timedelta(days=5)
    asking.emit("tender.deadline_changed", opens_at=wire(later))
    asking.bid()
    asking.close(opens_at=wire(later))
    refused(asking, "R2", "has not come", asking.request(changes=[]), now=later - MICROSECOND)


@pytest.mark.parametrize("entry", ["published", "closed", "group"])
def test_an_entry_that_is_not_in_the_log_is_refused(asking: Asking, entry: str) -> None:
    request = deepcopy(asking.request())
    request[entry]["event"]["opens_at"] = wire(OPENS - timedelta(days=9))
    refused(asking, "R4", "is not in the log", request, now=OPENS - timedelta(days=1))


@pytest.mark.parametrize("entry", ["closed", "group"])
def test_another_entry_in_its_place_is_refused(asking: Asking, entry: str) -> None:
    request = asking.request()
    refused(asking, "R4", "not ", request | {entry: request["published"]})


def test_the_story_has_an_order(asking: Asking) -> None:
    asking.group = asking.emit("opening.group", group=["A"])
    asking.closed = asking.emit(
        "tender.closed", **{k: v for k, v in asking.log[asking.closed].items() if k != "type" and k != "tender"}
    )
    refused(asking, "R4", "do not follow each other")


def test_another_tenders_story_is_refused(asking: Asking) -> None:
    asking.log = [entry | {"tender": "R26BK00000002-000"} for entry in asking.log]
    refused(asking, "R4", "not tender.published of")


def test_a_checkpoint_signed_by_another_is_refused(asking: Asking) -> None:
    asking.log_key = Ed25519PrivateKey.generate()
    refused(asking, "R3", "the checkpoint")


def test_another_logs_checkpoint_is_refused(asking: Asking) -> None:
    root = merkle.root(merkle.leaf_hash(jcs({"e": event, "v": 1})) for event in asking.log)
    forged = asking.checkpoint(root, len(asking.log), "other.example")
    refused(asking, "R3", "checkpoint", asking.request(checkpoint=forged))


def test_a_log_that_shrank_is_refused_ever_after(asking: Asking) -> None:
    asking.emit("log.filler")
    asking.ask(asking.request(), OPENS)
    asking.log.pop()
    refused(asking, "R3", "does not extend")


def test_a_log_that_forked_is_refused(asking: Asking) -> None:
    asking.ask(asking.request(), OPENS)
    seen = len(asking.log)
    asking.log.insert(asking.closed, {"type": "log.filler", "tender": TENDER})
    asking.closed, asking.group = asking.closed + 1, asking.group + 1
    refused(asking, "R3", "does not extend", asking.request(seen=seen))


def test_a_log_that_grew_is_believed_with_its_proof_and_not_without(asking: Asking) -> None:
    first = asking.ask(asking.request(), OPENS)
    seen = asking.holder.who()["seen"]
    asking.emit("log.filler")
    refused(asking, "R3", "does not extend", asking.request())
    assert asking.pieces(asking.ask(asking.request(seen=seen), OPENS)) == asking.pieces(first)
    assert asking.holder.who()["seen"] == seen + 1


def test_a_list_that_was_not_closed_is_refused(asking: Asking) -> None:
    stranger = bundle.ListEntry("f" * 64, 1, wire(OPENS)).to_json()
    refused(asking, "R5", "not the one that was closed", asking.request(list=[*asking.request()["list"], stranger]))
    refused(asking, "R5", "not the one that was closed", asking.request(list=asking.request()["list"][:1]))


@pytest.mark.parametrize("shuffle", [lambda entries: entries[::-1], lambda entries: [entries[0], *entries]])
def test_a_list_out_of_order_or_with_a_repetition_is_refused(asking: Asking, shuffle: Callable[[Any], Any]) -> None:
    refused(asking, "R5", "not sorted", asking.request(list=shuffle(asking.request()["list"])))


def test_a_bid_that_is_not_in_the_list_is_refused(asking: Asking) -> None:
    asking.put("1248100999", make_price(90_000_000, (1, 2)))
    refused(asking, "R6", "neither in the list")


def test_an_envelope_exchanged_for_another_is_refused(asking: Asking) -> None:
    one, other = (deepcopy(asking.items[entry.stmt]) for entry in asking.entries)
    one["envelope"] = other["envelope"]
    refused(asking, "R6", "envelope is not the one", asking.request(items=[one]))


@pytest.mark.parametrize("name", ["tender", "box"])
def test_a_statement_of_another_tender_or_box_is_refused(asking: Asking, name: str) -> None:
    item = deepcopy(asking.items[asking.entries[0].stmt])
    item["statement"][name] = "e" * 64
    refused(asking, "R6", "another tender or box", asking.request(items=[item]))


def test_another_box_than_the_published_is_refused(asking: Asking) -> None:
    refused(
        asking, "R6", "not the one that was published", asking.request(box=asking.box | {"notice_sha256": "0" * 64})
    )


def test_a_closing_of_another_box_is_refused(tmp_path: Path) -> None:
    asking = Asking(tmp_path / "k")
    asking.bid()
    asking.close(box=box_id(asking.box | {"notice_sha256": "0" * 64}))
    refused(asking, "R6", "not the one that was published")


def test_a_holder_outside_the_group_gives_nothing(tmp_path: Path) -> None:
    asking = Asking(tmp_path / "k")
    asking.bid()
    asking.close(group=("B",))
    refused(asking, "R7", "not in the group")


def test_a_request_by_another_key_or_unsigned_is_refused(asking: Asking) -> None:
    refused(asking, "R7", "the request", key=Ed25519PrivateKey.generate())
    with pytest.raises(Refused, match="R7"):
        asking.holder.answer("give me everything", OPENS)


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"ask": "private-key"},
        {"ask": "key"},
        {"ask": "seed", "box": []},
        {"ask": "pieces", "tender": TENDER, "lane": "price"},
    ],
)
def test_whatever_is_no_proper_request_is_refused_in_words(asking: Asking, request_: Json) -> None:
    refused(asking, "R7", "", request_)


MEMBERS = ["published", "closed", "list", "items", "checkpoint", "box", "changes"]
# That nothing is asked for is no fault.
EMPTY: list[tuple[str, Any]] = [
    ("changes", []),
    ("changes", {}),
    ("items", []),
    ("items", {}),
]  # that nothing is asked for is no fault
VALUES: list[Any] = [None, [], ["x"], "x", 7, {}]
SHAPES = [(name, value) for name in MEMBERS for value in VALUES if (name, value) not in EMPTY]


@pytest.mark.parametrize(("name", "value"), SHAPES)
def test_a_member_of_another_kind_is_refused_and_never_a_fault(asking: Asking, name: str, value: Any) -> None:
    with pytest.raises(Refused):
        asking.ask(asking.request(**{name: value}), OPENS)


def test_a_tender_it_has_no_key_for_is_refused(asking: Asking) -> None:
    refused(asking, "R1", "no key", asking.request(tender="R26BK00000009-000"))


def test_once_a_list_was_opened_no_other_closing_is(asking: Asking) -> None:
    asking.ask(asking.request(), OPENS)
    seen = len(asking.log)
    asking.bid("1248100999")  # by somebody who has read the others' prices
    asking.close()
    refused(asking, "R1", "another closing", asking.request(seen=seen))


def test_the_same_request_after_a_restart_gives_the_same_pieces(asking: Asking) -> None:
    first = asking.ask(asking.request(), OPENS)
    asking.holder = asking.restarted()
    assert asking.ask(asking.request(), OPENS) == first
    assert asking.holder.who()["seen"] == len(asking.log)


def test_a_second_different_piece_for_a_statement_is_refused(tmp_path: Path) -> None:
    Store(tmp_path / "k").keep_answers("T", "price", {"ab": "first"}, "now")
    with pytest.raises(ValueError, match="another piece"):
        Store(tmp_path / "k").keep_answers("T", "price", {"cd": "new", "ab": "second"}, "now")
    Store(tmp_path / "k").keep_answers("T", "price", {"cd": "newer"}, "now")  # nothing was kept of what was refused


def test_its_key_of_a_tender_stays_the_same(asking: Asking) -> None:
    ask = {"ask": "key", "tender": TENDER, "lane": "price"}
    first = asking.ask(ask, OPENS)
    asking.holder = asking.restarted()
    assert asking.ask(ask, OPENS + timedelta(days=1)) == first


def test_its_folder_and_files_are_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "before"
    folder.mkdir(parents=True, mode=0o755)
    asking = ready(folder)
    asking.ask(asking.request(), OPENS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_wrap_that_does_not_open_is_its_bidders_fault_and_holds_nobody_up(tmp_path: Path) -> None:
    asking = Asking(tmp_path / "k")
    good = asking.bid()
    ctx = make_ctx(box=box_id(asking.box), tender=TENDER, lot="1", supplier="1248100998", bid=bundle_id())
    _, envelope = seal_envelope(ctx, asking.lane, make_price(1, (1, 2)))
    wrap = envelope["wraps"]["A"]
    envelope["wraps"]["A"] = wrap[:-4] + ("AAAA" if wrap[-4:] != "AAAA" else "BBBB")
    bad = asking.enter(asking.put_envelope(ctx, envelope))
    asking.close()
    pieces = asking.pieces(asking.ask(asking.request(), OPENS))
    assert pieces[bad] is None
    assert pieces[good]


def bundle_id() -> str:
    return "0198c0de-0000-7000-8000-000000000001"


def test_over_http_a_refusal_is_a_conflict_that_names_its_rule(asking: Asking) -> None:
    service = make_service(asking.holder, lambda: OPENS).test_client()
    assert service.get("/").get_json()["holder"] == "A"
    told = service.post("/", data=b"\xff\xfe not a note")
    assert (told.status_code, told.get_json()["rule"]) == (409, "R7")


class TestCancellations:
    """Frozen between closing and group: what they name is not given, and the group counts them."""

    def asking(self, folder: Path, told: int, **changes: Any) -> tuple[Asking, str, str]:
        asking = Asking(folder)
        gone, kept = sorted(asking.bid(f"12481009{number:02d}") for number in range(2))
        asking.close()
        asking.log.pop()
        approvals = ["person:1", "person:2"]
        self.entry = asking.emit("tender.cancellations", stmts=[{"stmt": gone, "approvals": approvals}], **changes)
        asking.group = asking.emit("opening.group", group=["A"], **({"cancelled": told} if told else {}))
        return asking, gone, kept

    def request(self, asking: Asking, *gone: str) -> Json:
        request = asking.request()
        items = [item for stmt, item in asking.items.items() if stmt not in gone]
        shown = asking.entry(self.entry)
        return request | {"items": items, "cancellations": [shown]}

    def test_the_others_are_given(self, tmp_path: Path) -> None:
        asking, gone, kept = self.asking(tmp_path / "k", 1)
        pieces = asking.pieces(asking.ask(self.request(asking, gone), OPENS))
        assert kept in pieces
        assert gone not in pieces

    def test_a_cancelled_one_is_not(self, tmp_path: Path) -> None:
        asking, _, _ = self.asking(tmp_path / "k", 1)
        refused(asking, "R6", "was cancelled before the opening", self.request(asking))

    def test_the_group_counts_them_so_that_none_is_kept_back(self, tmp_path: Path) -> None:
        asking, gone, _ = self.asking(tmp_path / "k", 1)
        refused(asking, "R6", "other cancellations", self.request(asking, gone) | {"cancellations": []})

    def test_a_group_that_tells_of_none_takes_none(self, tmp_path: Path) -> None:
        asking, gone, _ = self.asking(tmp_path / "k", 0)
        refused(asking, "R6", "other cancellations", self.request(asking, gone))

    def test_another_tenders_are_refused(self, tmp_path: Path) -> None:
        asking, gone, _ = self.asking(tmp_path / "k", 1, tender="R26BK00000002-000")
        refused(asking, "R4", "not tender.cancellations of", self.request(asking, gone))

    def test_one_from_before_the_closing_is_refused(self, tmp_path: Path) -> None:
        asking = Asking(tmp_path / "k")
        gone = asking.bid()
        self.entry = asking.emit("tender.cancellations", stmts=[{"stmt": gone, "approvals": []}])
        asking.close()
        refused(asking, "R4", "do not follow each other", self.request(asking, gone))


class TestProposalsFirst:
    """The box says that proposals are scored first: no price before the log has the result, none that was left out."""

    def asking(self, folder: Path, counted: int | None = 1, **changes: Any) -> tuple[Asking, str, str]:
        asking = Asking(folder, is_documents_first=True)
        out, kept = sorted(asking.bid(f"12481009{number:02d}") for number in range(2))
        asking.close()
        asking.log.pop()
        told = {"technical_sha256": "cd" * 32, "approvals": ["person:1", "person:2"]}
        self.fixed = asking.emit("technical.fixed", **told)
        self.told = asking.emit("tender.unqualified", **({"stmts": [out]} | told | changes))
        asking.group = asking.emit(
            "opening.group", group=["A"], **({} if counted is None else {"unqualified": counted})
        )
        return asking, out, kept

    def request(self, asking: Asking, *out: str) -> Json:
        items = [item for stmt, item in asking.items.items() if stmt not in out]
        shown = {"fixed": asking.entry(self.fixed), "unqualified": asking.entry(self.told)}
        return asking.request() | {"items": items, **shown}

    def test_the_others_are_given(self, tmp_path: Path) -> None:
        asking, out, kept = self.asking(tmp_path / "k")
        pieces = asking.pieces(asking.ask(self.request(asking, out), OPENS))
        assert kept in pieces
        assert out not in pieces

    def test_one_that_was_left_out_is_not(self, tmp_path: Path) -> None:
        asking, _, _ = self.asking(tmp_path / "k")
        refused(asking, "R6", "does not qualify", self.request(asking))

    def test_nothing_is_given_while_the_log_tells_of_no_result(self, tmp_path: Path) -> None:
        asking, _, _ = self.asking(tmp_path / "k", None)
        refused(asking, "R4", "no technical evaluation is in the log", asking.request())

    def test_a_result_cannot_be_kept_back_where_the_group_counts(self, tmp_path: Path) -> None:
        asking, _, _ = self.asking(tmp_path / "k")
        refused(asking, "R6", "that is not shown", asking.request())

    def test_the_group_counts_who_was_left_out(self, tmp_path: Path) -> None:
        asking, out, _ = self.asking(tmp_path / "k", 2)
        refused(asking, "R6", "other unqualified bids", self.request(asking, out))

    @pytest.mark.parametrize("changes", [{"technical_sha256": "ee" * 32}, {"approvals": ["person:1", "person:1"]}])
    def test_what_is_left_out_is_what_two_persons_fixed(self, tmp_path: Path, changes: Json) -> None:
        asking, out, _ = self.asking(tmp_path / "k", **changes)
        refused(asking, "R6", "not what the fixed evaluation says", self.request(asking, out))

    def test_another_entry_does_not_do_in_its_place(self, tmp_path: Path) -> None:
        asking, out, _ = self.asking(tmp_path / "k")
        shown = asking.entry(self.told)
        refused(asking, "R4", "not technical.fixed of", self.request(asking, out) | {"fixed": shown})


class TestQuorum:
    """A keyholder with a policy of its own wants its witnesses' cosignatures (R3)."""

    def asking(self, folder: Path) -> tuple[Asking, list[Ed25519PrivateKey]]:
        asking = ready(folder)
        witnesses = [Ed25519PrivateKey.generate() for _ in range(2)]
        log_vkey = note.vkey(ORIGIN, asking.log_key.public_key().public_bytes_raw())
        keys = [
            cosignature.vkey(f"w{n}.example", key.public_key().public_bytes_raw())
            for n, key in enumerate(witnesses, start=1)
        ]
        lines = [f"log {log_vkey}", *(f"witness W{n} {key}" for n, key in enumerate(keys, start=1))]
        policy = tlog_policy.parse("\n".join([*lines, "group q 2 W1 W2", "quorum q", ""]))
        asking.holder = replace(asking.holder, policy=policy)
        return asking, witnesses

    def cosigned(self, request: Json, witnesses: list[Ed25519PrivateKey]) -> Json:
        text = note.text_of(request["checkpoint"])
        lines = [
            cosignature.sign(text, f"w{number}.example", key, 1_700_000_000)
            for number, key in enumerate(witnesses, start=1)
        ]
        return {**request, "checkpoint": cosignature.add(request["checkpoint"], lines)}

    def test_both_of_two_are_enough(self, tmp_path: Path) -> None:
        asking, witnesses = self.asking(tmp_path / "k")
        assert asking.pieces(asking.ask(self.cosigned(asking.request(), witnesses), OPENS))

    @pytest.mark.parametrize("count", [0, 1])
    def test_fewer_are_not(self, tmp_path: Path, count: int) -> None:
        asking, witnesses = self.asking(tmp_path / "k")
        refused(asking, "R3", "no quorum", self.cosigned(asking.request(), witnesses[:count]))

    def test_a_false_cosignature_spoils_the_checkpoint(self, tmp_path: Path) -> None:
        asking, _ = self.asking(tmp_path / "k")
        others = [Ed25519PrivateKey.generate() for _ in range(2)]
        refused(asking, "R3", "quorum", self.cosigned(asking.request(), others))


class TestRemembered:
    """What it was shown once counts for ever."""

    def test_a_later_opening_time_is_not_forgotten(self, tmp_path: Path) -> None:
        asking = Asking(tmp_path / "k")
        asking.bid()
        later = OPENS + timedelta(days=1)
        asking.emit("tender.deadline_changed", opens_at=wire(later))
        asking.close()
        refused(asking, "R2", "has not come")
        asking.holder = asking.restarted()
        refused(asking, "R2", "has not come", asking.request(changes=[]))  # the change is held back now
        assert asking.pieces(asking.ask(asking.request(changes=[]), later))

    def test_a_superseded_version_is_not_given(self, tmp_path: Path) -> None:
        asking = Asking(tmp_path / "k")
        old, new = asking.bid(), asking.bid("1248100902")
        asking.entries = [replace(one, final=one.stmt != old) for one in asking.entries]
        asking.close()
        refused(asking, "R6", "superseded")
        items = [item for stmt, item in asking.items.items() if stmt != old]
        assert new in asking.pieces(asking.ask(asking.request(items=items), OPENS))


class TestFallback:
    """The last group that was fixed is the one in force."""

    def asking(self, folder: Path, first: tuple[str, ...], then: tuple[str, ...], **facts: Any) -> tuple[Asking, Json]:
        asking = Asking(folder)
        asking.bid()
        asking.close(group=first)
        index = asking.emit("opening.fallback", **({"lane": "price", "group": list(then)} | facts))
        return asking, asking.request(fallbacks=[asking.entry(index)])

    def test_one_that_is_in_it_gives(self, tmp_path: Path) -> None:
        asking, request = self.asking(tmp_path / "k", ("B",), ("A",))
        assert asking.pieces(asking.ask(request, OPENS))

    def test_one_that_is_no_longer_in_it_does_not(self, tmp_path: Path) -> None:
        asking, request = self.asking(tmp_path / "k", ("A",), ("B",))
        refused(asking, "R7", "not in the group", request)

    def test_a_group_that_the_box_does_not_know_is_refused(self, tmp_path: Path) -> None:
        asking, request = self.asking(tmp_path / "k", ("A",), ("A", "B"))
        refused(asking, "R7", "none of the box", request)

    def test_another_lanes_group_is_none_of_this_one(self, tmp_path: Path) -> None:
        asking, request = self.asking(tmp_path / "k", ("A",), ("A",), lane="docs")
        refused(asking, "R7", "another lane", request)


def test_a_backup_is_the_same_keyholder_again(tmp_path: Path) -> None:
    """The folder is lost; a program on the backup answers as before."""
    asking = ready(tmp_path / "k")
    kept = Holder("A", Store(tmp_path / "k", tmp_path / "copy"), asking.holder.log_vkey, ORIGIN, asking.holder.app_vkey)
    first = kept.answer(note.sign_object("khrequest", told(asking), "agency", asking.app_key), OPENS)
    restored = replace(kept, store=Store(tmp_path / "copy"))
    assert restored.who() == kept.who()
    assert restored.answer(note.sign_object("khrequest", told(asking), "agency", asking.app_key), OPENS) == first


def told(asking: Asking) -> Json:
    return {"v": 1, "type": "khrequest", **asking.request()}


def test_a_backup_of_another_keyholder_is_refused(tmp_path: Path) -> None:
    for name in ("one", "other"):
        Store(tmp_path / name).identity()
    with pytest.raises(ValueError, match="another keyholder's"):
        Store(tmp_path / "one", tmp_path / "other")
