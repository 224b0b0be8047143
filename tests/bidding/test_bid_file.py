"""The bid file: what its bidder offered, readable with the passphrase only, the same in Python and in the browser."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import note
from app.tlog.canon import b64u, jcs, parse, unb64u
from bidding import locking
from bidding.bid_file import BidFileError, check_receipt, make_bid_file, open_bid_file, read_bid_file
from bidding.key_file import Bidder, open_key_file, write_key_file
from bidding.seal import Sealed, main, seal_bid
from bidding.statement import make_receipt, receipt_note
from tests.bidding.node import ask
from tests.bidding.world import World

Json = dict[str, Any]
AT = datetime(2026, 11, 23, tzinfo=UTC)
PASSPHRASE = "나루 correct horse"
KEY = Ed25519PrivateKey.generate()
BIDDER = Bidder("1248100998", "0198c0de-0000-7000-8000-00000000000a", KEY)
RECEIPTS = Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return seal_bid(World().box, BIDDER, 225_000_000, (3, 11), AT)


@pytest.fixture(scope="module")
def data(sealed: Sealed) -> bytes:
    return make_bid_file(sealed.submission(), sealed.cek, None, PASSPHRASE, receipt_for(sealed))


def receipt_for(sealed: Sealed) -> str:
    received = AT + timedelta(seconds=1)
    receipt = make_receipt(
        sealed.statement, sealed.stmt, received=received, commitment=b"\1" * 32, salt=b"\2" * 32, origin="log.example"
    )
    return receipt_note(receipt, "receipt.example", RECEIPTS)


def changed(data: bytes, *path: str | int, value: Any) -> bytes:
    file = parse(data)
    inner = file
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return jcs(file)


def refusal(data: bytes, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(BidFileError) as refused:
        open_bid_file(read_bid_file(data), passphrase)
    return refused.value.code


def test_what_was_offered_comes_back_with_the_passphrase(sealed: Sealed, data: bytes) -> None:
    file = read_bid_file(data)
    assert (file.stmt, file.submission()) == (sealed.stmt, sealed.submission())
    opened = open_bid_file(file, PASSPHRASE)
    assert (opened.amount_won, opened.picks, opened.price_key) == (225_000_000, (3, 11), sealed.cek)
    vkey = note.vkey("receipt.example", RECEIPTS.public_key().public_bytes_raw())
    assert check_receipt(file, [vkey])["stmt"] == sealed.stmt


def test_without_it_neither_amount_nor_key_can_be_read(sealed: Sealed, data: bytes) -> None:
    assert b"225000000" not in data
    assert b64u(sealed.cek).encode() not in data
    assert refusal(data, "나루 wrong horse") == "passphrase"
    locked = parse(data)["keys"]
    assert locked["iterations"] >= 600_000


def test_a_passphrase_counts_the_same_however_its_letters_are_composed(data: bytes) -> None:
    import unicodedata

    assert open_bid_file(read_bid_file(data), unicodedata.normalize("NFD", PASSPHRASE)).amount_won == 225_000_000


def test_python_and_the_browser_read_each_others_files(sealed: Sealed, data: bytes) -> None:
    case = {"submission": sealed.submission(), "price": sealed.cek.hex(), "passphrase": PASSPHRASE, "receipt": None}
    [made] = ask("makeBidFiles", [case])
    opened = open_bid_file(read_bid_file(made["ok"].encode()), PASSPHRASE)
    assert (opened.amount_won, opened.picks) == (225_000_000, (3, 11))
    [read] = ask("openBidFiles", [{"text": data.decode() + "\n", "passphrase": PASSPHRASE}])
    assert read["ok"] == {"stmt": sealed.stmt, "amount": "225000000", "picks": [3, 11], "price": sealed.cek.hex()}


def test_both_refuse_the_same_files_for_the_same_reason(data: bytes) -> None:
    other = seal_bid(World().box, BIDDER, 1_000, (1, 2), AT)
    other_data = make_bid_file(other.submission(), other.cek, None, PASSPHRASE)
    swapped = copy.deepcopy(parse(data)["env_price"])
    swapped["ctx"]["supplier"] = "1"
    weak = {**parse(data)["keys"], "iterations": 1_000}
    endless = {**parse(data)["keys"], "iterations": 2**40}
    cases = {
        "not-a-bid-file": [
            b"", b"{}", b"[]", b"null", b"x" * 300_000, data[:-1], data.replace(b'"v":1', b'"v": 1', 1),
            changed(data, "type", value="bidfile"), changed(data, "v", value=2), changed(data, "extra", value=1),
            changed(data, "statement", "bid", value="x"), changed(data, "statement", "made", value="today"),
            changed(data, "statement", "ver", value=2), changed(data, "statement", value=[]),
            changed(data, "signature", value="x"), changed(data, "receipt", value=5),
            changed(data, "keys", "kdf", value="scrypt"), changed(data, "keys", value=weak),
            changed(data, "keys", value=endless), changed(data, "keys", "salt", value="AA"),
            changed(data, "keys", "iv", value=5),
        ],
        "other-envelope": [
            changed(data, "env_price", value=other.envelope), changed(data, "env_price", value={}),
            changed(data, "env_docs", value={}), changed(data, "env_price", value=swapped),
            changed(data, "statement", "env", "docs", value="00" * 32),
        ],
        "passphrase": [changed(data, "keys", value=parse(other_data)["keys"])],
        "no-keys": [changed(data, "keys", value=None)],
    }  # fmt: skip
    texts = [(code, text) for code, files in cases.items() for text in files]
    answers = ask("openBidFiles", [{"text": text.decode(), "passphrase": PASSPHRASE} for _, text in texts])
    for (code, text), answer in zip(texts, answers, strict=True):
        assert refusal(text) == code, text[:200]
        assert answer == {"fault": code}, text[:200]


def test_keys_that_do_not_open_the_envelope_are_named(sealed: Sealed) -> None:
    for price, docs in ((bytes(32), None), (sealed.cek, bytes(32))):
        data = make_bid_file(sealed.submission(), price, docs, PASSPHRASE)
        assert refusal(data) == "other-keys"
        assert ask("openBidFiles", [{"text": data.decode(), "passphrase": PASSPHRASE}]) == [{"fault": "other-keys"}]


def test_a_receipt_of_another_bid_or_by_another_key_is_none(data: bytes) -> None:
    other = seal_bid(World().box, BIDDER, 1_000, (1, 2), AT)
    file = read_bid_file(changed(data, "receipt", value=receipt_for(other)))
    stranger = note.vkey("receipt.example", KEY.public_key().public_bytes_raw())
    for candidate, key in ((file, RECEIPTS), (read_bid_file(data), KEY)):
        vkey = note.vkey("receipt.example", key.public_key().public_bytes_raw())
        with pytest.raises(BidFileError):
            check_receipt(candidate, [vkey])
    with pytest.raises(BidFileError):
        check_receipt(read_bid_file(changed(data, "receipt", value=None)), [stranger])


def test_a_short_passphrase_locks_nothing() -> None:
    for passphrase in ("", "elevenchars"):
        with pytest.raises(locking.LockError) as refused:
            locking.lock(b"x", passphrase, b"")
        assert refused.value.code == "short"


def test_a_lock_opens_beside_nothing_else_and_no_byte_of_it_can_change() -> None:
    locked = locking.lock(b"secret", PASSPHRASE, b"this")
    assert locking.unlock(locked, PASSPHRASE, b"this") == b"secret"
    sealed = bytearray(unb64u(locked["sealed"]))
    sealed[0] ^= 1
    for one, bound in ((locked, b"that"), ({**locked, "sealed": b64u(bytes(sealed))}, b"this")):
        with pytest.raises(locking.LockError) as refused:
            locking.unlock(one, PASSPHRASE, bound)
        assert refused.value.code == "passphrase"


def test_the_command_opens_a_bid_file(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, secret = tmp_path / "bid.json", tmp_path / "passphrase"
    path.write_bytes(data + b"\n")
    secret.write_text(PASSPHRASE + "\n", "utf-8")
    assert main(["--open", str(path), "--passphrase-file", str(secret)]) == 0
    out = capsys.readouterr().out
    assert "225,000,000 won" in out
    assert "3, 11" in out
    assert "receipt is in the file" in out
    secret.write_text("another passphrase", "utf-8")
    assert main(["--open", str(path), "--passphrase-file", str(secret)]) == 2
    assert "passphrase" in capsys.readouterr().err


# ---- the key file of an offline machine


def test_a_signing_key_goes_into_a_file_and_back_in_both(tmp_path: Path) -> None:
    data = write_key_file(BIDDER, "금고 노트북", PASSPHRASE)
    assert open_key_file(data, PASSPHRASE).key.private_bytes_raw() == KEY.private_bytes_raw()
    [read] = ask("openSigningFiles", [{"text": data.decode(), "passphrase": PASSPHRASE, "message": "m"}])
    assert (read["ok"]["kid"], read["ok"]["supplier"], read["ok"]["label"]) == (
        BIDDER.kid,
        BIDDER.supplier,
        "금고 노트북",
    )
    KEY.public_key().verify(unb64u(read["ok"]["signature"]), b"m")
    case = {"kid": BIDDER.kid, "supplier": BIDDER.supplier, "label": "x", "seed": KEY.private_bytes_raw().hex()}
    [made] = ask("makeSigningFiles", [case | {"passphrase": PASSPHRASE}])
    again = open_key_file(made.encode(), PASSPHRASE)
    assert (again.kid, again.supplier, again.key.private_bytes_raw()) == (
        BIDDER.kid,
        BIDDER.supplier,
        KEY.private_bytes_raw(),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("supplier", "1248100999"), ("kid", "0198c0de-0000-7000-8000-00000000000b"), ("kid", "x"), ("label", 5), ("v", 2),
     ("public", "A" * 43), ("type", "keyfile"), ("extra", 1), ("key", None)],
)  # fmt: skip
def test_nothing_of_a_key_file_can_be_changed(name: str, value: Any) -> None:
    data = changed(write_key_file(BIDDER, "x", PASSPHRASE), name, value=value)
    with pytest.raises(ValueError):
        open_key_file(data, PASSPHRASE)
    assert "fault" in ask("openSigningFiles", [{"text": data.decode(), "passphrase": PASSPHRASE, "message": ""}])[0]
