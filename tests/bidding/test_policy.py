"""Every subset of holders opens, or does not, as the policy says (F8), and whose fault it is (P4, P5). Only values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog.canon import b64u, digest
from bidding.opening import open_line
from bidding.payload import make_price
from bidding.policy import (
    HolderPolicy,
    can_open,
    first_group,
    groups_of,
    has_spare,
    k_of_n,
    single_operators,
    threshold,
)
from bidding.sealing import BidderFault, HolderFault, Lane, make_ctx, open_wrap, seal_envelope
from bidding.types import DrawRule, Fault, Verdict

Json = dict[str, Any]
S, C, H = HolderPolicy.SERVICES, HolderPolicy.COMMITTEE, HolderPolicy.HYBRID
POLICIES = {
    "1-of-1": groups_of(S, ["A"], []),
    "2-of-2": groups_of(S, ["A", "B"], []),
    "2-of-3": groups_of(S, ["A", "B", "C"], []),
    "3-of-5": groups_of(C, [], ["M1", "M2", "M3", "M4", "M5"]),
    "S and 2-of-3": groups_of(H, ["S", "T"], ["M1", "M2", "M3"]),
}
RULE = DrawRule(base={"1": 100_000_000})


class Sealed:
    """One bid sealed for a policy, and the keys of all its holders."""

    def __init__(self, name: str) -> None:
        groups = POLICIES[name]
        self.holders = list(dict.fromkeys(holder for group in groups for holder in group))
        self.keys = {holder: X25519PrivateKey.generate() for holder in self.holders}
        listed = [{"id": holder, "pub": b64u(key.public_key().public_bytes_raw())} for holder, key in self.keys.items()]
        self.lane = Lane.from_json({"holders": listed, "groups": [list(group) for group in groups]})
        bid = "0198c0de-0000-7000-8000-000000000001"
        ctx = make_ctx(box="ab" * 32, tender="R26BK00000001-000", lot="1", supplier="1248100998", bid=bid)
        self.cek, self.envelope = seal_envelope(ctx, self.lane, make_price(90_000_000, (1, 2)))

    def blobs(self, there: tuple[str, ...]) -> dict[str, bytes | None]:
        found: dict[str, bytes | None] = {}
        for holder in there:
            try:
                found[holder] = open_wrap(self.envelope, holder, self.keys[holder])
            except BidderFault:
                found[holder] = None
        return found

    def open(self, chosen: int, blobs: dict[str, bytes | None]) -> Any:
        return open_line(RULE, self.lane, chosen, "cd" * 32, self.envelope, blobs)


def subsets() -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, groups in POLICIES.items():
        holders = list(dict.fromkeys(holder for group in groups for holder in group))
        for size in range(len(holders) + 1):
            for there in combinations(holders, size):
                yield name, there


@pytest.mark.parametrize(("name", "there"), list(subsets()))
def test_every_subset_opens_exactly_where_it_holds_a_group(name: str, there: tuple[str, ...]) -> None:
    sealed = Sealed(name)
    missing = set(sealed.holders) - set(there)
    group = first_group(sealed.lane.groups, missing)
    assert (group is not None) == can_open(sealed.lane.groups, there) == _expected(name, there)
    for number, one in enumerate(sealed.lane.groups):
        if set(one) <= set(there):
            assert sealed.open(number, sealed.blobs(there)).cek == sealed.cek
        else:
            with pytest.raises(HolderFault) as fault:
                sealed.open(number, sealed.blobs(there))
            assert fault.value.holder in missing


def _expected(name: str, there: tuple[str, ...]) -> bool:
    if name == "S and 2-of-3":
        return "S" in there and len(there) >= 3
    return len(there) >= int(name[0])


@pytest.mark.parametrize("name", POLICIES)
def test_fewer_pieces_than_a_group_say_nothing_of_the_key(name: str) -> None:
    """Any blobs that fall short of a group fit every key equally: what is missing makes up the difference."""
    sealed = Sealed(name)
    for number, group in enumerate(sealed.lane.groups):
        blobs = sealed.blobs(group)
        for holder in group:
            given = {one: blob for one, blob in blobs.items() if one != holder}
            with pytest.raises(HolderFault, match=f"holder {holder}"):
                sealed.open(number, given)


@pytest.mark.parametrize("name", POLICIES)
def test_a_wrong_piece_names_its_holder_in_every_group(name: str) -> None:
    sealed = Sealed(name)
    for number, group in enumerate(sealed.lane.groups):
        for holder in group:
            blobs = sealed.blobs(group) | {holder: bytes(32 * sealed.lane.pieces_of(holder))}
            with pytest.raises(HolderFault) as fault:
                sealed.open(number, blobs)
            assert (fault.value.holder, fault.value.code) == (holder, "piece-commitment")


def _other_key(sealed: Sealed) -> None:
    sealed.envelope["cek_commit"] = digest("cek", bytes(32)).hex()


def _other_commitments(sealed: Sealed) -> None:
    sealed.envelope["piece_commits"] = dict.fromkeys(sealed.holders, "0" * 64)


def _broken_wraps(sealed: Sealed) -> None:
    sealed.envelope["wraps"] = {holder: b64u(bytes(80)) for holder in sealed.holders}


def _broken_text(sealed: Sealed) -> None:
    sealed.envelope["ct"] = sealed.envelope["ct"][:-8] + "AAAAAAAA"


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("spoil", [_other_key, _other_commitments, _broken_wraps, _broken_text])
def test_a_bidders_fault_is_the_bidders_whichever_group_opens(name: str, spoil: Callable[[Sealed], None]) -> None:
    sealed = Sealed(name)
    spoil(sealed)
    lines = [sealed.open(n, sealed.blobs(group)) for n, group in enumerate(sealed.lane.groups)]
    assert len({(line.found.verdict, line.found.reason) for line in lines}) == 1
    for line in lines:
        assert isinstance(line.found, Fault)
        assert line.found.verdict == Verdict.MALFORMED


def test_a_fault_in_one_holders_wrap_alone_is_seen_by_its_groups_only() -> None:
    """What this does not promise: decision 0011 says why, and why it gives nobody a choice."""
    sealed = Sealed("2-of-3")
    sealed.envelope["wraps"]["A"] = b64u(bytes(32 + 64 + 16))
    verdicts = [isinstance(sealed.open(n, sealed.blobs(g)).found, Fault) for n, g in enumerate(sealed.lane.groups)]
    assert verdicts == [True, True, False]


def test_a_majority_opens() -> None:
    assert [threshold(n) for n in range(1, 6)] == [1, 2, 2, 3, 3]


@pytest.mark.parametrize(("holders", "needed"), [(["A"], 2), (["A", "B"], 0), (list("ABCDEF"), 3)])
def test_groups_that_cannot_be_or_are_too_many_are_refused(holders: list[str], needed: int) -> None:
    with pytest.raises(ValueError, match="groups"):
        k_of_n(holders, needed)


@pytest.mark.parametrize(("policy", "services", "members"), [
    (S, [], []), (C, ["A"], ["M1", "M2"]), (C, [], [f"M{n}" for n in range(6)]), (H, [], ["M1", "M2", "M3"]),
])  # fmt: skip
def test_a_policy_without_its_holders_is_none(policy: HolderPolicy, services: list[str], members: list[str]) -> None:
    with pytest.raises(ValueError, match=r"groups|members|service"):
        groups_of(policy, services, members)


def test_a_spare_is_there_while_any_one_can_fall_away() -> None:
    groups = POLICIES["3-of-5"]
    members = ["M1", "M2", "M3", "M4", "M5"]
    assert [has_spare(groups, members[:n]) for n in range(6)] == [False, False, False, False, True, True]
    assert has_spare(POLICIES["1-of-1"], ["A"])  # all there are
    assert not has_spare(POLICIES["2-of-2"], ["A"])


def test_an_operator_with_a_whole_group_is_named() -> None:
    groups = POLICIES["2-of-3"]
    assert single_operators(groups, {}) == {""}
    assert single_operators(groups, {"A": "조달청", "B": "감사원", "C": "조달청"}) == {"조달청"}
    assert single_operators(groups, {"A": "조달청", "B": "감사원", "C": "시민단체"}) == frozenset()
