"""The sealed box: what opens, what never does, and who is at fault."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

from app.tlog.canon import b64u, digest, jcs, unb64u
from bidding import chunked, sealing
from bidding.payload import make_price
from bidding.sealing import BadEnvelope, BidderFault, HolderFault, Lane, SealingError
from tests.bidding.mutating import accepted_mutations

Json = dict[str, Any]
KEYS = {name: X25519PrivateKey.generate() for name in "ABCDES"}
PLAIN = make_price(123_456_000, (3, 11))
POLICIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "1/1": (("A",),),
    "2/2": (("A", "B"),),
    "2/3": (("A", "B"), ("A", "C"), ("B", "C")),
    "3/5": tuple((a, b, c) for i, a in enumerate("ABC") for j, b in enumerate("BCD", 1) for k, c in enumerate("CDE", 2)
                 if i < j < k),
    "S and 2/3": (("S", "A", "B"), ("S", "A", "C"), ("S", "B", "C")),
}  # fmt: skip


def lane_of(groups: tuple[tuple[str, ...], ...]) -> Lane:
    names = sorted({name for group in groups for name in group})
    return Lane({name: KEYS[name].public_key().public_bytes_raw() for name in names}, groups)


def ctx_with(**changes: Any) -> Json:
    base = {
        "box": "ab" * 32,
        "tender": "R26BK00000001-000",
        "lot": "1",
        "supplier": "1248100998",
        "bid": "0198c0de-0000-7000-8000-000000000001",
    }
    return sealing.make_ctx(**{**base, **changes})


CTX = ctx_with()
ONE = lane_of(POLICIES["1/1"])
TWO_OF_THREE = lane_of(POLICIES["2/3"])


def blobs_of(envelope: Json, lane: Lane) -> dict[str, bytes]:
    return {name: sealing.open_wrap(envelope, name, KEYS[name]) for name in lane.holders}


@pytest.mark.parametrize("name", POLICIES)
def test_any_whole_group_opens(name: str) -> None:
    lane = lane_of(POLICIES[name])
    cek, envelope = sealing.seal_envelope(CTX, lane, PLAIN)
    sealing.check_envelope(envelope, CTX, lane, 1024)
    blobs = blobs_of(envelope, lane)
    for chosen, group in enumerate(lane.groups):
        assert sealing.combine(envelope, lane, chosen, {h: blobs[h] for h in group}) == (cek, PLAIN)
    assert sealing.open_with_key(envelope, cek) == PLAIN


@pytest.mark.parametrize("name", [name for name in POLICIES if name != "1/1"])
def test_a_group_with_one_missing_learns_nothing(name: str) -> None:
    lane = lane_of(POLICIES[name])
    cek, envelope = sealing.seal_envelope(CTX, lane, PLAIN)
    blobs = blobs_of(envelope, lane)
    assert all(cek not in blob for blob in blobs.values())
    for chosen, group in enumerate(lane.groups):
        with pytest.raises(HolderFault) as fault:
            sealing.combine(envelope, lane, chosen, {h: blobs[h] for h in group[1:]})
        assert (fault.value.holder, fault.value.code) == (group[0], "piece-missing")


@given(st.sampled_from(sorted(POLICIES)), st.binary(min_size=32, max_size=32))
def test_split_and_join_are_inverse(name: str, cek: bytes) -> None:
    groups = POLICIES[name]
    blobs = sealing.split(cek, groups)
    assert all(sealing.join(groups, chosen, blobs) == cek for chosen in range(len(groups)))


def test_an_outsiders_hpke_opens_our_wraps() -> None:
    """pyhpke, an implementation that is not ours, reads what we seal."""
    _, envelope = sealing.seal_envelope(CTX, ONE, PLAIN)
    wrap = unb64u(envelope["wraps"]["A"])
    suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
    key = KEMKey.from_pyca_cryptography_key(KEYS["A"])
    recipient = suite.create_recipient_context(wrap[:32], key, info=sealing.wrap_info(CTX, "A"))
    assert recipient.open(wrap[32:]) == blobs_of(envelope, ONE)["A"]


def test_our_opener_reads_an_outsiders_wrap() -> None:
    cek, envelope = sealing.seal_envelope(CTX, ONE, PLAIN)
    suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
    public = KEMKey.from_pyca_cryptography_key(KEYS["A"].public_key())
    enc, sender = suite.create_sender_context(public, info=sealing.wrap_info(CTX, "A"))
    envelope["wraps"]["A"] = b64u(enc + sender.seal(cek))
    assert sealing.open_wrap(envelope, "A", KEYS["A"]) == cek


# ---- P1: nothing opens under another context


OTHERS: list[Json] = [
    {"supplier": "9999999999"},
    {"tender": "R26BK00000002-000"},
    {"lot": "2"},
    {"bid": "0198c0de-0000-7000-8000-000000000002"},
    {"lane": "docs"},
    {"box": "cd" * 32},
    {"ver": 2},
]


@pytest.mark.parametrize("change", OTHERS, ids=lambda change: next(iter(change)))
@pytest.mark.parametrize("part", ["everything", "wraps", "ct"])
def test_a_copy_does_not_open_under_another_context(change: Json, part: str) -> None:
    other = ctx_with(**change)
    _, envelope = sealing.seal_envelope(CTX, TWO_OF_THREE, PLAIN)
    _, own = sealing.seal_envelope(other, TWO_OF_THREE, PLAIN)
    copied = {"everything": {**envelope, "ctx": other}, "wraps": {**own, "wraps": envelope["wraps"]},
              "ct": {**own, "ct": envelope["ct"]}}[part]  # fmt: skip
    with pytest.raises(BidderFault):
        sealing.combine(copied, TWO_OF_THREE, 0, blobs_of(copied, TWO_OF_THREE))
    with pytest.raises(BadEnvelope) as refusal:
        sealing.check_envelope({**envelope, "ctx": CTX}, other, TWO_OF_THREE, 1024)
    assert refusal.value.code == "ctx"


def test_a_wrap_of_one_holder_does_not_open_for_another() -> None:
    _, envelope = sealing.seal_envelope(CTX, TWO_OF_THREE, PLAIN)
    envelope["wraps"]["B"] = envelope["wraps"]["A"]
    with pytest.raises(BidderFault) as fault:
        sealing.open_wrap(envelope, "B", KEYS["B"])
    assert fault.value.code == "wrap"
    with pytest.raises(BidderFault):
        sealing.open_wrap(envelope, "A", KEYS["B"])


# ---- P4, P5: who is at fault


def test_another_piece_is_the_holders_fault() -> None:
    _, envelope = sealing.seal_envelope(CTX, TWO_OF_THREE, PLAIN)
    blobs = blobs_of(envelope, TWO_OF_THREE)
    with pytest.raises(HolderFault) as fault:
        sealing.combine(envelope, TWO_OF_THREE, 0, {**blobs, "B": blobs["A"]})
    assert (fault.value.holder, fault.value.code) == ("B", "piece-commitment")


@pytest.mark.parametrize("chosen", range(3))
def test_a_key_that_was_not_committed_to_is_the_bidders_fault_whichever_group_opens(chosen: int) -> None:
    _, envelope = sealing.seal_envelope(CTX, TWO_OF_THREE, PLAIN)
    envelope["cek_commit"] = "00" * 32
    with pytest.raises(BidderFault) as fault:
        sealing.combine(envelope, TWO_OF_THREE, chosen, blobs_of(envelope, TWO_OF_THREE))
    assert fault.value.code == "cek-commitment"


def test_a_wrap_of_something_else_is_the_bidders_fault_as_its_holder_says() -> None:
    _, envelope = sealing.seal_envelope(CTX, ONE, PLAIN)
    envelope["piece_commits"]["A"] = "00" * 32
    with pytest.raises(BidderFault) as fault:
        sealing.open_wrap(envelope, "A", KEYS["A"])
    assert fault.value.code == "piece-commitment"
    with pytest.raises(BidderFault) as said:
        sealing.combine(envelope, ONE, 0, {"A": None})
    assert said.value.code == "wrap"


def test_pieces_of_another_length_are_the_bidders_fault() -> None:
    _, envelope = sealing.seal_envelope(CTX, ONE, PLAIN)
    long = b"\0" * 64
    envelope["piece_commits"]["A"] = digest("piece", long).hex()
    with pytest.raises(BidderFault) as fault:
        sealing.combine(envelope, ONE, 0, {"A": long})
    assert fault.value.code == "piece-length"


def test_a_changed_ciphertext_is_the_bidders_fault() -> None:
    cek, envelope = sealing.seal_envelope(CTX, ONE, PLAIN)
    raw = bytearray(unb64u(envelope["ct"]))
    raw[-1] ^= 1
    with pytest.raises(BidderFault) as fault:
        sealing.open_with_key({**envelope, "ct": b64u(bytes(raw))}, cek)
    assert fault.value.code == "ciphertext"


# ---- what the server can refuse from outside


def broken(**changes: Any) -> Json:
    _, envelope = sealing.seal_envelope(CTX, TWO_OF_THREE, PLAIN)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = envelope
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return envelope


WRAP = 32 + 2 * 32 + 16


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ct": None}, "members"),
        ({"extra": 1}, "members"),
        ({"v": 2}, "type"),
        ({"v": True}, "type"),
        ({"type": "box"}, "type"),
        ({"ctx__ver": True}, "ctx"),
        ({"ctx__extra": "x"}, "ctx"),
        ({"wraps": []}, "holders"),
        ({"wraps__A": None}, "holders"),
        ({"wraps__D": b64u(bytes(WRAP))}, "holders"),
        ({"piece_commits__C": None}, "holders"),
        ({"cek_commit": "AB" * 32}, "commitment"),
        ({"cek_commit": "ab" * 31}, "commitment"),
        ({"piece_commits__A": 5}, "commitment"),
        ({"wraps__A": b64u(bytes(WRAP - 1))}, "wrap"),
        ({"wraps__A": b64u(bytes(WRAP + 1))}, "wrap"),
        ({"wraps__A": b64u(bytes(WRAP)) + "="}, "wrap"),
        ({"wraps__A": 5}, "wrap"),
        ({"ct": "!"}, "ct"),
        ({"ct": b64u(bytes(chunked.sealed_length(1024) - 1))}, "ct"),
        ({"ct": b64u(bytes(chunked.sealed_length(1024) + 1))}, "ct"),
    ],
)
def test_an_envelope_that_is_not_as_the_box_asks_is_refused(changes: Json, code: str) -> None:
    with pytest.raises(BadEnvelope) as refusal:
        sealing.check_envelope(broken(**changes), CTX, TWO_OF_THREE, 1024)
    assert refusal.value.code == code


@pytest.mark.parametrize("thing", [None, [], "envelope", 1])
def test_what_is_no_object_is_no_envelope(thing: Any) -> None:
    with pytest.raises(BadEnvelope):
        sealing.check_envelope(thing, CTX, ONE, 1024)


def test_a_wrap_of_random_bytes_of_the_right_length_passes_outside_and_fails_inside() -> None:
    envelope = broken(wraps__A=b64u(random.Random(1).randbytes(WRAP)))
    sealing.check_envelope(envelope, CTX, TWO_OF_THREE, 1024)
    with pytest.raises(BidderFault):
        sealing.open_wrap(envelope, "A", KEYS["A"])


LANE: Json = {
    "holders": [{"id": name, "pub": b64u(KEYS[name].public_key().public_bytes_raw())} for name in "ABC"],
    "groups": [["A", "B"], ["A", "C"], ["B", "C"]],
    "release": "ceks",
}


def test_a_lane_survives_the_box() -> None:
    assert Lane.from_json(LANE) == TWO_OF_THREE


@pytest.mark.parametrize(
    "change",
    [
        {"groups": []},
        {"groups": [[]]},
        {"groups": [["A", "A"], ["B", "C"]]},
        {"groups": [["A", "B"], ["B", "A"], ["C"]]},
        {"groups": [["A", "B"]]},
        {"groups": [["A", "B"], ["C", "D"]]},
        {"groups": [[name] for name in "ABC"] * 4},
        {"holders": LANE["holders"] + LANE["holders"][:1]},
        {"holders": [{"id": name, "pub": "AAAA"} for name in "ABC"]},
        {"holders": [{"id": "A"}]},
        {"holders": None},
    ],
)
def test_a_lane_that_makes_no_sense_is_refused(change: Json) -> None:
    with pytest.raises(SealingError):
        Lane.from_json({**LANE, **change})


# ---- C7: the chunked encryption


SIZES = (0, 1, 16_383, 16_384, 16_385, 32_768, 100_000)


@pytest.mark.parametrize("size", SIZES)
def test_texts_of_every_critical_length_come_back(size: int) -> None:
    plain = random.Random(size).randbytes(size)
    sealed = chunked.encrypt(b"\1" * 32, b"ctx", plain)
    assert len(sealed) == chunked.sealed_length(size)
    assert chunked.decrypt(b"\1" * 32, b"ctx", sealed) == plain


@pytest.mark.parametrize("size", [0, 1, 1024, 16_384, 16_385])
def test_no_mutation_is_taken_for_the_text(size: int) -> None:
    assert accepted_mutations(size, 1500, seed=0) == 0


@pytest.mark.parametrize("size", [0, 1, 16_384])
def test_no_beginning_of_a_ciphertext_opens(size: int) -> None:
    sealed = chunked.encrypt(b"\1" * 32, b"ctx", bytes(size))
    for cut in {*range(90), len(sealed) - 17, len(sealed) - 16, len(sealed) - 1} & set(range(len(sealed))):
        with pytest.raises(ValueError):
            chunked.decrypt(b"\1" * 32, b"ctx", sealed[:cut])


def test_chunks_cannot_be_swapped_or_dropped() -> None:
    sealed = chunked.encrypt(b"\1" * 32, b"ctx", bytes(40_000))
    head, step = sealed[:56], chunked.CHUNK + chunked.TAG
    chunks = [sealed[56 + i * step : 56 + (i + 1) * step] for i in range(3)]
    for order in ([1, 0, 2], [0, 2], [0, 1], [0, 1, 1, 2], [0]):
        with pytest.raises(ValueError):
            chunked.decrypt(b"\1" * 32, b"ctx", head + b"".join(chunks[i] for i in order))


def test_another_key_or_context_opens_nothing() -> None:
    sealed = chunked.encrypt(b"\1" * 32, b"ctx", b"text")
    for key, context in ((b"\2" * 32, b"ctx"), (b"\1" * 32, b"other")):
        with pytest.raises(ValueError, match="another"):
            chunked.decrypt(key, context, sealed)
    with pytest.raises(ValueError, match="32 bytes"):
        chunked.decrypt(b"\1" * 31, b"ctx", sealed)
    with pytest.raises(ValueError, match="24 bytes"):
        chunked.encrypt(b"\1" * 32, b"ctx", b"", salt=b"")


def test_two_envelopes_of_one_price_share_nothing() -> None:
    (_, one), (_, two) = (sealing.seal_envelope(CTX, ONE, PLAIN) for _ in range(2))
    for name in ("cek_commit", "wraps", "piece_commits", "ct"):
        assert one[name] != two[name]
    assert len(jcs(one)) == len(jcs(two))


def test_an_envelope_tells_nothing_of_the_amount_by_its_length() -> None:
    lengths = set()
    for amount in (1, 10**15, 9_999_999_999_999_999):
        envelope = sealing.seal_envelope(CTX, ONE, make_price(amount, (1, 2)))[1]
        lengths.add(len(jcs(envelope)))
        assert str(amount) not in jcs({**envelope, "ctx": None}).decode() or amount == 1
    assert len(lengths) == 1


def test_checking_changes_nothing() -> None:
    _, envelope = sealing.seal_envelope(CTX, TWO_OF_THREE, PLAIN)
    before = copy.deepcopy(envelope)
    sealing.check_envelope(envelope, CTX, TWO_OF_THREE, 1024)
    blobs_of(envelope, TWO_OF_THREE)
    assert envelope == before
