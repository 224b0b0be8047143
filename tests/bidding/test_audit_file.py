"""A throw-away envelope reveals everything, and everything is made again: a program that cheats anywhere is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog.canon import b64u, digest, jcs, parse, unb64u
from bidding import chunked, payload, sealing
from bidding.audit_file import AuditError, audit
from bidding.reseal import reseal
from bidding.seal import main
from tests.bidding.node import ask
from tests.bidding.world import World

Json = dict[str, Any]
CLIENT = "ef" * 32
THREE: dict[str, Any] = {"holders": ("A", "B", "C"), "groups": (("A", "B"), ("A", "C"), ("B", "C"))}


def made(world: World, amount: str = "225000000", picks: tuple[int, ...] = (3, 11)) -> bytes:
    """As the browser makes it."""
    values = {
        "box": world.box, "client": CLIENT, "price": {"amount": amount, "picks": list(picks)}, "lot": "1",
        "supplier": "1248100998", "now": 1_763_859_599_123, "made": "2026-11-23T00:59:59.123000Z",
    }  # fmt: skip
    [text] = ask("makeAuditFiles", [values])
    return str(text).encode()


@pytest.fixture(scope="module", params=[{}, THREE], ids=["one holder", "two of three"])
def world(request: pytest.FixtureRequest) -> World:
    return World(**request.param)


@pytest.fixture(scope="module")
def data(world: World) -> bytes:
    return made(world)


def refusals(data: bytes) -> tuple[str, Any]:
    with pytest.raises(AuditError) as refused:
        audit(data)
    return refused.value.code, ask("audits", [data.decode()])[0].get("fault")


def test_what_the_browser_reveals_is_made_again_in_both(world: World, data: bytes) -> None:
    found = audit(data)
    assert (found.amount_won, found.picks, found.holders) == (225_000_000, (3, 11), world.holders)
    assert (found.box_id, found.client) == (world.box_id, CLIENT)
    [again] = ask("audits", [data.decode()])
    assert again["ok"] == {
        "amount": "225000000", "picks": [3, 11], "holders": list(world.holders), "box": world.box_id, "client": CLIENT,
    }  # fmt: skip


def test_a_reseal_is_the_library_s_seal_to_the_byte(world: World, data: bytes) -> None:
    file = parse(data.strip())
    for holder, key in world.lane_keys.items():
        assert sealing.open_wrap(file["envelope"], holder, key) == unb64u(file["pieces"][holder])
        info = sealing.wrap_info(file["envelope"]["ctx"], holder)
        wrap = reseal(
            unb64u(file["ephemerals"][holder]),
            key.public_key().public_bytes_raw(),
            info,
            unb64u(file["pieces"][holder]),
        )
        assert b64u(wrap) == file["envelope"]["wraps"][holder]
    ephemeral, key = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    wrap = reseal(ephemeral.private_bytes_raw(), key.public_key().public_bytes_raw(), b"info", b"text")
    assert sealing.SUITE.decrypt(wrap, key, b"info") == b"text"


def with_(data: bytes, change: Any) -> bytes:
    file = parse(data.strip())
    change(file)
    return jcs(file)


def _other_price(file: Json) -> None:
    """A page that seals less than was typed."""
    cek, ctx = unb64u(file["cek"]), file["envelope"]["ctx"]
    file["envelope"]["ct"] = b64u(
        chunked.encrypt(cek, sealing.payload_context(ctx), payload.make_price(1_000, (3, 11)))
    )


def _wrap_for_a_stranger(file: Json) -> None:
    """A page that seals the key to somebody else, who could then read the price at once."""
    stranger, spy = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    info = sealing.wrap_info(file["envelope"]["ctx"], "A")
    blob = unb64u(file["pieces"]["A"])
    file["ephemerals"]["A"] = b64u(spy.private_bytes_raw())
    file["envelope"]["wraps"]["A"] = b64u(
        reseal(spy.private_bytes_raw(), stranger.public_key().public_bytes_raw(), info, blob)
    )


def _hidden_ephemeral(file: Json) -> None:
    file["ephemerals"]["A"] = b64u(X25519PrivateKey.generate().private_bytes_raw())


def _other_pieces(file: Json) -> None:
    blob = bytes(len(unb64u(file["pieces"]["A"])))
    file["pieces"]["A"] = b64u(blob)
    file["envelope"]["piece_commits"]["A"] = digest("piece", blob).hex()


def _other_key(file: Json) -> None:
    file["cek"] = b64u(bytes(32))


def _other_box(file: Json) -> None:
    file["box"]["tender"] = "R26BK00000002-000"


def _missing_holder(file: Json) -> None:
    del file["ephemerals"]["A"]


def _extra_member(file: Json) -> None:
    file["note"] = "trust me"


def _typed_otherwise(file: Json) -> None:
    file["price"]["picks"] = [3, 12]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_other_price, "price"), (_typed_otherwise, "price"), (_wrap_for_a_stranger, "wrap"),
        (_hidden_ephemeral, "wrap"), (_other_pieces, "pieces"), (_other_key, "key"), (_other_box, "box"),
        (_missing_holder, "holders"),
        (_extra_member, "not-an-audit-file"),
    ],
)  # fmt: skip
def test_a_program_that_cheats_is_seen_by_both(data: bytes, change: Any, code: str) -> None:
    assert refusals(with_(data, change)) == (code, code)


@pytest.mark.parametrize("data_", [b"", b"{}", b"[]", b"x" * 300_000, b'{"v":1,"type":"audit-file"}'])
def test_what_is_no_audit_file_is_refused(data_: bytes) -> None:
    assert refusals(data_) == ("not-an-audit-file", "not-an-audit-file")


def test_the_envelope_has_no_statement_and_no_signature(data: bytes) -> None:
    """It cannot be handed in: the POST needs both, and its bid id is used for nothing else."""
    assert {"statement", "signature"} & set(parse(data.strip())) == set()


def test_the_command_checks_an_audit_file(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(data)
    assert main(["--audit", str(path)]) == 0
    out = capsys.readouterr().out
    assert "225,000,000 won" in out
    assert CLIENT in out
    path.write_bytes(with_(data, _other_price))
    assert main(["--audit", str(path)]) == 2
    assert "price" in capsys.readouterr().err
