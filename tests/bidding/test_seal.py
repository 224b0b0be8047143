"""Sealing without a browser: what it makes is what the box takes and the holder opens."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog.canon import jcs, parse
from bidding import payload, sealing
from bidding.bid_file import open_bid_file, read_bid_file
from bidding.box_code import box_code
from bidding.box_file import make_box_file, read_box_file
from bidding.client_build import CLI_FILES, cli_hash
from bidding.key_file import Bidder, write_key_file
from bidding.seal import main, seal_bid
from bidding.statement import SupplierKey, check_pair, check_statement, ctx_of, statement_hash, verify_signature
from tests.bidding.world import World

ROOT = Path(__file__).parent.parent.parent
PASSPHRASE = "four quiet herons wade"
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
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n", "utf-8")
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
    assert sealed.statement["client"] == cli_hash()


@pytest.mark.parametrize(("amount", "picks"), [(0, (1, 2)), (1000, (1, 1)), (1000, (1, 16)), (1000, (1,))])
def test_what_the_opening_would_refuse_is_not_sealed(world: World, amount: int, picks: tuple[int, ...]) -> None:
    with pytest.raises(payload.BadPayload):
        seal_bid(world.box, BIDDER, amount, picks, AT)


def test_the_command_prints_what_is_posted_and_keeps_the_key_apart(
    world: World, key_file: Path, box_file: Path, secret: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "bid.json"
    arguments = [str(box_file), "--key", str(key_file), "--kid", "k1", "--supplier", "1248100998"]
    arguments += ["--passphrase-file", str(secret)]
    assert main([*arguments, "--amount", "225000000", "--picks", "3,11", "--bid-file", str(kept)]) == 0
    out, err = capsys.readouterr()
    posted = parse(out.strip().encode())
    assert set(posted) == {"statement", "signature", "env_price", "env_docs"}
    assert statement_hash(posted["statement"]) in err
    assert box_code(world.box_id) in err
    assert "225000000" not in out
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    opened = open_bid_file(read_bid_file(kept.read_bytes()), PASSPHRASE)
    assert opened.amount_won == 225_000_000
    assert payload.read_price(sealing.open_with_key(posted["env_price"], opened.price_key), world.rule)[1] == (3, 11)
    assert main([*arguments, "--amount", "1", "--picks", "1,2", "--bid-file", str(kept)]) == 2  # never overwritten


def test_the_command_signs_with_the_offline_client_s_key_file(
    box_file: Path, secret: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kid = "0198c0de-0000-7000-8000-00000000000a"
    path = tmp_path / "key.json"
    path.write_bytes(write_key_file(Bidder("1248100998", kid, KEY), "x", PASSPHRASE) + b"\n")
    arguments = [
        str(box_file),
        "--key",
        str(path),
        "--passphrase-file",
        str(secret),
        "--amount",
        "1000",
        "--picks",
        "1,2",
    ]
    assert main(arguments) == 0
    posted = parse(capsys.readouterr().out.strip().encode())
    assert (posted["signature"]["kid"], posted["statement"]["supplier"]) == (kid, "1248100998")
    key = SupplierKey("Ed25519", KEY.public_key().public_bytes_raw())
    verify_signature(statement_hash(posted["statement"]), posted["signature"], key)


def whole_box(world: World) -> dict[str, Any]:
    return make_box_file(
        box=world.box,
        box_note=world.sign("box", world.box, "agency"),
        khkeys=list(world.khkeys.values()),
        vkeys={name: world.vkey(name) for name in ("agency", "receipt", "log")}
        | {"holders": {holder: world.vkey(holder) for holder in world.holders}},
        lot="1",
        closes_at="2026-11-12T01:00:00.000000Z",
        opens_at="2026-11-12T02:00:00.000000Z",
    )


def test_a_box_file_is_checked_before_anything_is_sealed(
    world: World, key_file: Path, secret: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file = tmp_path / "whole.json", whole_box(world)
    arguments = [
        str(path),
        "--key",
        str(key_file),
        "--kid",
        "k1",
        "--supplier",
        "1",
        "--amount",
        "1000",
        "--picks",
        "1,2",
    ]
    path.write_bytes(jcs(file) + b"\n")
    assert read_box_file(path.read_bytes()).box_id == world.box_id
    assert main(arguments) == 0
    assert main([*arguments, "--agency-vkey", world.vkey("agency")]) == 0
    assert main([*arguments, "--agency-vkey", world.vkey("log")]) == 2
    capsys.readouterr()
    other = {**world.box, "bid_statement_max": 1}
    stranger = {**file["vkeys"], "holders": {holder: world.vkey("log") for holder in world.holders}}
    changes: list[dict[str, Any]] = [
        {"box": other},
        {"khkeys": []},
        {"vkeys": stranger},
        {"type": "box"},
        {"extra": 1},
        {"vkeys": {}},
    ]
    for change in changes:
        path.write_bytes(jcs({**file, **change}))
        assert main(arguments) == 2, change
        assert "refused" in capsys.readouterr().err


def test_the_build_s_digest_covers_every_module_that_the_command_runs() -> None:
    probe = "import sys, bidding.seal; print(*filter(None, (getattr(m, '__file__', '') for m in sys.modules.values())))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {Path(name) for name in done.stdout.split()}
    ours = {
        path.relative_to(ROOT).as_posix() for path in loaded if path.is_relative_to(ROOT) and ".venv" not in path.parts
    }
    assert ours == set(CLI_FILES)
    assert list(CLI_FILES) == sorted(CLI_FILES)


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
