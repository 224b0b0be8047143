"""Documents in the browser and here: the same bytes from the same key, salt and file; uploads that go on."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog.canon import b64u, unb64u
from bidding import chunked
from bidding.docs_envelope import ManifestEntry, check_docs_envelope, file_context, read_manifest, write_manifest
from bidding.sealing import Lane, combine_key, make_ctx, open_wrap
from tests.bidding import hostile
from tests.bidding.node import ask
from tests.bidding.submitting import PDF

CTX = make_ctx(box="ab" * 32, tender="R26BK00000001-000", lot="1", supplier="1248100998", bid="b", lane="docs")
PART = 256 * 16_400


def test_a_file_is_encrypted_to_the_same_bytes_as_here_and_any_part_of_it_again() -> None:
    cases = []
    for length in (0, 1, 16_383, 16_384, 16_385, 3 * 16_384, 100_001, 5_000_000):
        whole = chunked.sealed_length(length)
        cuts = sorted({at for at in (1, 24, 55, 56, 57, 16_455, 16_456, 16_457, 40_000, whole - 1) if 0 < at < whole})
        plain, cek, salt = os.urandom(length), os.urandom(32), os.urandom(24)
        case: dict[str, Any] = {
            "ctx": CTX,
            "n": length % 7,
            "cek": cek.hex(),
            "salt": salt.hex(),
            "plain": b64u(plain),
            "cuts": cuts,
        }
        cases.append(case)
    for case, found in zip(cases, ask("docs", cases), strict=True):
        plain, context = unb64u(case["plain"]), file_context(CTX, case["n"])
        sealed = chunked.encrypt(bytes.fromhex(case["cek"]), context, plain, bytes.fromhex(case["salt"]))
        assert unb64u(found["whole"]) == sealed
        assert found["parts"] == found["whole"]
        assert found["length"] == len(sealed)
        assert found["sealed"] == hashlib.sha256(sealed).hexdigest()
        assert found["plain"] == hashlib.sha256(plain).hexdigest()


def test_an_envelope_and_a_manifest_made_there_are_read_here() -> None:
    keys = {name: X25519PrivateKey.generate() for name in "ABC"}
    publics = {name: key.public_key().public_bytes_raw() for name, key in keys.items()}
    groups = [["A", "B"], ["A", "C"], ["B", "C"]]
    lane = {"holders": [{"id": name, "pub": b64u(pub)} for name, pub in publics.items()], "groups": groups}
    entries = [
        ManifestEntry(1, "제안서 (최종).hwp", 10, "application/x-hwp", "cd" * 32, 1),
        ManifestEntry(5, "b", 2, "x/y", "ef" * 32),
    ]
    files = [{"n": n, "ct_sha256": "ab" * 32, "ct_len": 200 + n} for n in (0, 1, 5)]
    asked = {"ctx": CTX, "lane": lane, "cek": "5c" * 32, "files": files, "entries": [one.to_json() for one in entries]}
    made = ask("docsEnvelope", asked)
    check_docs_envelope(made["envelope"], CTX, Lane.from_json(lane))
    blobs: dict[str, bytes | None] = {name: open_wrap(made["envelope"], name, keys[name]) for name in ("B", "C")}
    assert combine_key(made["envelope"], Lane.from_json(lane), 2, blobs) == bytes.fromhex("5c" * 32)
    assert unb64u(made["manifest"]) == write_manifest(entries)
    assert list(read_manifest(unb64u(made["manifest"]), made["envelope"]).values()) == entries


@pytest.mark.parametrize(
    ("content", "kind", "problem"),
    [
        (b"", None, "empty"),
        (PDF, "pdf", None),
        (PDF.replace(b"1 0 R>>", b"1 0 R/Encrypt 9 0 R>>"), "pdf", "protected"),
        (hostile.hwp(), "hwp", None),
        (hostile.hwp(flags=3), "hwp", "password"),
        (hostile.hwpx(), "hwpx", None),
        (hostile.docx(), "office", None),
        (hostile.compound({"EncryptedPackage": b"x"}), "compound", "password"),
        (hostile.locked_zip(), None, "password"),
        (hostile.zipped({"a.exe": b"MZ"}), None, "type"),
        (hostile.picture("PNG"), "png", None),
        (b"MZ" + bytes(100), None, "type"),
        (b"<html>", None, "type"),
    ],
)
def test_what_nobody_could_read_is_said_before_it_is_uploaded(content: bytes, kind: str, problem: str) -> None:
    assert ask("sniff", [b64u(content)]) == [{"kind": kind, "problem": problem}]


def uploaded(length: int, held: int | None = None, *answers: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask("upload", {"length": length, "held": held, "answers": list(answers)})
    return found


def test_an_upload_sends_its_parts_in_order() -> None:
    found = uploaded(2 * PART + 10)
    ranges = [f"bytes 0-{PART - 1}", f"bytes {PART}-{2 * PART - 1}", f"bytes {2 * PART}-{2 * PART + 9}"]
    assert found["asked"] == ["GET", *(f"{one}/{2 * PART + 10}" for one in ranges)]
    assert found["standing"] == 2 * PART + 10


def test_an_upload_goes_on_where_the_server_stands() -> None:
    assert uploaded(1000, 400)["asked"] == ["GET", "bytes 400-999/1000"]
    assert uploaded(1000, 1000)["asked"] == ["GET"]


def test_an_upload_outlives_lost_connections_and_busy_servers() -> None:
    found = uploaded(1000, None, None, {"status": 503}, {"status": 429})
    assert found["standing"] == 1000
    assert found["heard"].count("waiting") == 3


def test_an_upload_looks_again_where_it_is_out_of_step() -> None:
    out = {"status": 409, "body": {"code": "upload-out-of-step", "received": 300}}
    found = uploaded(1000, 300, out, out)
    assert found["standing"] == 1000


def test_a_damaged_file_is_sent_again_but_not_for_ever() -> None:
    damaged = {"status": 422, "body": {"code": "damaged-upload", "received": 0}}
    assert uploaded(1000, None, damaged)["standing"] == 1000
    assert uploaded(1000, None, *[damaged] * 9)["refused"] == [422, "damaged-upload"]


def test_what_waiting_does_not_solve_ends_the_upload() -> None:
    assert uploaded(1000, None, {"status": 413, "body": {"code": "quota-exceeded"}})["refused"] == [
        413,
        "quota-exceeded",
    ]
    assert uploaded(1000, None, {"status": 401, "body": {"code": "not-signed-in"}})["refused"] == [401, "not-signed-in"]


def test_a_form_that_expired_is_renewed_once() -> None:
    expired = {"status": 400, "body": {"code": "form-expired"}}
    assert uploaded(1000, None, expired)["heard"].count("renewed") == 1
    assert uploaded(1000, None, expired, expired)["refused"] == [400, "form-expired"]
