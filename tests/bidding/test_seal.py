"""Sealing without a browser: what it makes is what the box takes and the holder opens."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog.canon import jcs, parse, unb64u
from bidding import payload, sealing
from bidding.seal import Bidder, client_build, main, seal_bid
from bidding.statement import SupplierKey, check_pair, check_statement, ctx_of, statement_hash, verify_signature
from tests.bidding.world import World

KEY = Ed25519PrivateKey.generate()
BIDDER = Bidder("1248100998", "k1", KEY)
AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(KEY.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return path


@pytest.fixture
def box_file(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "box.json"
    path.write_bytes(jcs(world.box) + b"\n")
    return path


def test_a_sealed_bid_passes_every_check_and_opens(world: World) -> None:
    sealed = seal_bid(world.box, BIDDER, 225_000_000, (3, 11), AT)
    check_statement(
        sealed.statement,
        box=world.box_id,
        tender=world.tender,
        notice_sha256=world.box["notice_sha256"],
        lots=frozenset({"1"}),
    )
    check_pair(sealed.statement, sealed.envelope)
    sealing.check_envelope(sealed.envelope, ctx_of(sealed.statement), world.lane, payload.LENGTH)
    verify_signature(sealed.stmt, sealed.signature, SupplierKey("Ed25519", KEY.public_key().public_bytes_raw()))
    blob = sealing.open_wrap(sealed.envelope, "A", world.lane_keys["A"])
    cek, plain = sealing.combine(sealed.envelope, world.lane, 0, {"A": blob})
    assert cek == sealed.cek
    assert payload.read_price(plain, world.rule)[:2] == (225_000_000, (3, 11))
    assert sealed.statement["client"] == client_build()


@pytest.mark.parametrize(("amount", "picks"), [(0, (1, 2)), (1000, (1, 1)), (1000, (1, 16)), (1000, (1,))])
def test_what_the_opening_would_refuse_is_not_sealed(world: World, amount: int, picks: tuple[int, ...]) -> None:
    with pytest.raises(payload.BadPayload):
        seal_bid(world.box, BIDDER, amount, picks, AT)


def test_the_command_prints_what_is_posted_and_keeps_the_key_apart(
    world: World, key_file: Path, box_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "bid.json"
    arguments = [str(box_file), "--key", str(key_file), "--kid", "k1", "--supplier", "1248100998"]
    assert main([*arguments, "--amount", "225000000", "--picks", "3,11", "--bid-file", str(kept)]) == 0
    out, err = capsys.readouterr()
    posted = parse(out.strip().encode())
    assert set(posted) == {"statement", "signature", "env_price", "env_docs"}
    assert statement_hash(posted["statement"]) in err
    assert "225000000" not in out
    secret = parse(kept.read_bytes())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert (
        payload.read_price(sealing.open_with_key(posted["env_price"], unb64u(secret["cek"])), world.rule)[0]
        == 225_000_000
    )
    assert secret["cek"] not in out
    assert main([*arguments, "--amount", "1", "--picks", "1,2", "--bid-file", str(kept)]) == 2  # never overwritten


def test_the_command_says_why_it_does_not_seal(
    key_file: Path, box_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--kid", "k1", "--supplier", "1", "--amount", "1", "--picks", "1,2"]
    other = tmp_path / "other.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    other.write_bytes(X25519PrivateKey.generate().private_bytes(pem, pkcs8, serialization.NoEncryption()))
    assert main([str(box_file), "--key", str(other), *common]) == 2
    assert "Ed25519" in capsys.readouterr().err
    assert main([str(tmp_path / "missing"), "--key", str(key_file), *common]) == 2
    box_file.write_text("{ }")
    assert main([str(box_file), "--key", str(key_file), *common]) == 2
    assert "canonical" in capsys.readouterr().err
