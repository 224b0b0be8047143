"""The envelope of a bid's documents: what it binds, what is refused from outside, and its manifest."""

from __future__ import annotations

import os
from copy import deepcopy
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog.canon import jcs
from bidding import chunked
from bidding.docs_envelope import (
    MAX_FILES,
    ManifestEntry,
    check_docs_envelope,
    file_context,
    read_manifest,
    seal_docs_envelope,
    write_manifest,
)
from bidding.sealing import BadEnvelope, BidderFault, Lane, combine_key, make_ctx, open_wrap

KEYS = {name: X25519PrivateKey.generate() for name in "ABC"}
LANE = Lane(
    {name: key.public_key().public_bytes_raw() for name, key in KEYS.items()}, (("A", "B"), ("A", "C"), ("B", "C"))
)
CTX = make_ctx(box="ab" * 32, tender="R26BK00000001-000", lot="1", supplier="1248100998", bid="b", lane="docs")
HASH = "cd" * 32


def sealed(*files: tuple[int, str, int], cek: bytes = b"k" * 32) -> dict[str, Any]:
    return seal_docs_envelope(CTX, LANE, cek, files or ((0, HASH, 200), (1, HASH, 5_000), (4, HASH, 90)))


@pytest.mark.parametrize("length", [0, 1, 16_383, 16_384, 16_385, 3 * 16_384, 100_000])
def test_a_stream_is_encrypted_to_the_same_bytes_as_the_whole(length: int) -> None:
    plain, salt, key = os.urandom(length), os.urandom(24), os.urandom(32)
    whole = chunked.encrypt(key, b"ctx", plain, salt)
    assert b"".join(chunked.encrypt_stream(key, b"ctx", BytesIO(plain).read, salt)) == whole
    assert b"".join(chunked.decrypt_stream(key, b"ctx", BytesIO(whole).read)) == plain


@pytest.mark.parametrize("cut", [1, 16, 17, 16_400, 16_401])
def test_a_stream_that_was_cut_or_lengthened_does_not_decrypt(cut: int) -> None:
    whole = chunked.encrypt(b"k" * 32, b"ctx", os.urandom(3 * 16_384))
    for changed in (whole[:-cut], whole + b"\0" * cut, whole[:-1] + bytes([whole[-1] ^ 1])):
        with pytest.raises(ValueError, match="changed"):
            list(chunked.decrypt_stream(b"k" * 32, b"ctx", BytesIO(changed).read))


def test_a_file_does_not_decrypt_as_another_number_or_in_another_bid() -> None:
    whole = chunked.encrypt(b"k" * 32, file_context(CTX, 1), b"plain")
    for context in (file_context(CTX, 11), file_context(CTX, 0), file_context(CTX | {"bid": "c"}, 1)):
        with pytest.raises(ValueError, match="another"):
            list(chunked.decrypt_stream(b"k" * 32, context, BytesIO(whole).read))


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_any_group_of_holders_finds_the_key(chosen: int) -> None:
    envelope = sealed(cek=b"s" * 32)
    check_docs_envelope(envelope, CTX, LANE)
    blobs: dict[str, bytes | None] = {name: open_wrap(envelope, name, KEYS[name]) for name in LANE.groups[chosen]}
    assert combine_key(envelope, LANE, chosen, blobs) == b"s" * 32


def _set(*path: Any, to: Any) -> Any:
    def change(envelope: dict[str, Any]) -> None:
        target: Any = envelope
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_set("ct", to="AA"), "members"),
        (_set("ctx", "lane", to="price"), "ctx"),
        (_set("ctx", "tender", to="R26BK00000002-000"), "ctx"),
        (_set("wraps", "A", to="AA"), "wrap"),
        (_set("files", to=[]), "files"),
        (_set("files", to={}), "files"),
        (_set("files", 1, to={"n": 1, "ct_sha256": HASH}), "file"),
        (_set("files", 1, "ct_sha256", to="CD" * 32), "file"),
        (_set("files", 0, "n", to=1), "number"),
        (_set("files", 1, "n", to=True), "number"),
        (_set("files", 2, "n", to=1), "number"),
        (_set("files", 2, "n", to=1000), "number"),
        (_set("files", 1, "ct_len", to=72), "length"),
        (_set("files", 1, "ct_len", to="200"), "length"),
        (_set("files", 0, "ct_len", to=200_000), "length"),
        (_set("files", 1, "ct_len", to=10**9), "length"),
    ],
)
def test_what_is_not_an_envelope_of_documents_is_named(change: Any, code: str) -> None:
    envelope = deepcopy(sealed())
    change(envelope)
    with pytest.raises(BadEnvelope) as refusal:
        check_docs_envelope(envelope, CTX, LANE)
    assert refusal.value.code == code


def test_too_many_files_and_too_many_bytes_are_refused() -> None:
    many = sealed(*((n, HASH, 200) for n in range(MAX_FILES + 2)))
    heavy = sealed((0, HASH, 200), *((n, HASH, 200_000_000) for n in range(1, 4)))
    for envelope, code in ((many, "files"), (heavy, "total")):
        with pytest.raises(BadEnvelope) as refusal:
            check_docs_envelope(envelope, CTX, LANE)
        assert refusal.value.code == code


ENTRIES = (
    ManifestEntry(1, "제안서.hwp", 10, "application/x-hwp", HASH, 1),
    ManifestEntry(4, "부록.pdf", 20, "application/pdf", HASH),
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(write_manifest(ENTRIES), sealed()) == {1: ENTRIES[0], 4: ENTRIES[1]}


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"{}",
        b"[]",
        write_manifest(ENTRIES[:1]),
        write_manifest(ENTRIES[::-1]),
        write_manifest(ENTRIES) + b"\n",
        jcs({"v": 1, "type": "manifest", "files": [ENTRIES[0].to_json() | {"size": "10"}, ENTRIES[1].to_json()]}),
        jcs({"v": 1, "type": "manifest", "files": [ENTRIES[0].to_json() | {"name": ""}, ENTRIES[1].to_json()]}),
        jcs({"v": 1, "type": "manifest", "files": [ENTRIES[0].to_json() | {"more": 1}, ENTRIES[1].to_json()]}),
    ],
)
def test_a_manifest_of_other_files_or_another_shape_is_the_bidders_fault(plain: bytes) -> None:
    with pytest.raises(BidderFault) as fault:
        read_manifest(plain, sealed())
    assert fault.value.code == "manifest"
