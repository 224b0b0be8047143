"""A member's key file: what is written in the browser opens here and the other way round, and nothing else opens."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import note
from app.tlog.canon import b64u, jcs
from bidding.keyfile import ITERATIONS, KeyFileError, Keys, make_keys, open_key_file, write_key_file
from bidding.sealing import Lane, make_ctx, seal_envelope
from tests.bidding.node import ask

TENDER = "R26BK00000001-000"
PASSPHRASE = "다섯 사람이 나루터에서"
Json = dict[str, Any]


def some_vkey(name: str) -> str:
    return note.vkey(name, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


ABOUT: Json = {
    "tender": TENDER,
    "holder": "M2",
    "log": {"origin": "log.naru.example", "vkey": some_vkey("log.naru.example"), "size": 7, "root": b64u(b"r" * 32)},
    "agency": some_vkey("agency"),
    "created": "2026-11-02T01:00:00.000000Z",
}


@pytest.fixture(scope="module")
def keys() -> Keys:
    return make_keys(**ABOUT, lanes=("price", "docs"))


@pytest.fixture(scope="module")
def text(keys: Keys) -> str:
    return write_key_file(keys, PASSPHRASE)


def code_of(act: Callable[[], Any]) -> str:
    with pytest.raises(KeyFileError) as refusal:
        act()
    return refusal.value.code


def secrets_of(keys: Keys) -> Json:
    return {
        "tender": keys.tender,
        "holder": keys.holder,
        "vkey": keys.vkey,
        "note": keys.note.private_bytes_raw().hex(),
        "lanes": {lane: key.private_bytes_raw().hex() for lane, key in keys.lanes.items()},
    }


def resummed(text: str, **changes: Any) -> str:
    """The file with members changed by somebody who also made the sum fit."""
    file = json.loads(text) | changes
    del file["sum"]
    return (jcs(file | {"sum": hashlib.sha256(jcs(file)).hexdigest()})).decode() + "\n"


def test_what_python_writes_opens_in_the_browser_and_here(keys: Keys, text: str) -> None:
    expected = {"tender": TENDER, "holder": "M2"}
    (answer,) = ask("openKeyFiles", [{"file": text, "passphrase": PASSPHRASE, "expected": expected}])
    assert answer == {"ok": secrets_of(keys)}
    assert secrets_of(open_key_file(text, PASSPHRASE, **expected)) == secrets_of(keys)


def test_what_the_browser_writes_opens_here_and_its_notes_are_signed_by_the_key_in_it() -> None:
    made = ask("makeKeyFile", {**ABOUT, "lanes": ["price", "docs"], "passphrase": PASSPHRASE})
    keys = open_key_file(made["file"], PASSPHRASE, tender=TENDER, holder="M2")
    assert keys.vkey == made["vkey"]
    assert json.loads(made["file"])["iterations"] >= ITERATIONS == 600_000
    assert set(made["khkeys"]) == {"price", "docs"}
    for lane, signed in made["khkeys"].items():
        assert note.open_object(signed, "khkey", [made["vkey"]]) == {
            "v": 1,
            "type": "khkey",
            "tender": TENDER,
            "lane": lane,
            "holder": "M2",
            "suite": "S1",
            "pub": keys.public(lane),
            "created": ABOUT["created"],
        }


def test_the_secret_halves_stand_nowhere_in_the_file(keys: Keys, text: str) -> None:
    secrets = [keys.note.private_bytes_raw(), *(key.private_bytes_raw() for key in keys.lanes.values())]
    assert not any(b64u(secret) in text for secret in secrets)
    assert PASSPHRASE not in text


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text[: len(text) // 2], "cut"),
        (lambda text: text[:-3], "cut"),
        (lambda text: "", "not-a-key-file"),
        (lambda text: "PK\x03\x04", "not-a-key-file"),
        (lambda text: '{"type":"bidfile","v":1}\n', "not-a-key-file"),
        (lambda text: text.replace('"M2"', '"M3"', 1), "damaged"),
        (lambda text: text.replace('"iterations"', '"iterations" '), "damaged"),
        (lambda text: text.replace('{"agency"', '{"agency":"","agency"'), "damaged"),
        (lambda text: resummed(text, iterations=ITERATIONS - 1), "weak"),
        (lambda text: resummed(text, iterations=10**9), "not-a-key-file"),
        (lambda text: resummed(text, kdf="none"), "not-a-key-file"),
        (lambda text: resummed(text, extra=1), "not-a-key-file"),
        (lambda text: resummed(text, lanes={}), "not-a-key-file"),
        (lambda text: resummed(text, lanes={"price": "AAAA"}), "not-a-key-file"),
        (lambda text: resummed(text, log={"origin": "x"}), "not-a-key-file"),
        (lambda text: resummed(text, agency="agency+00000000+AAAA"), "not-a-key-file"),
        (lambda text: resummed(text, tender="R26BK00000002-000"), "other-tender"),
        (lambda text: resummed(text, holder="M3"), "not-a-key-file"),  # the name in its verifier key is another's
        (lambda text: resummed(text, created="2026-11-03T01:00:00.000000Z"), "passphrase"),
        (lambda text: resummed(text, log=ABOUT["log"] | {"vkey": some_vkey("evil")}), "passphrase"),
        (lambda text: resummed(text, agency=some_vkey("agency")), "passphrase"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused_alike_on_both_sides(
    text: str, spoil: Callable[[str], str], code: str
) -> None:
    spoiled = spoil(text)
    assert spoiled != text
    expected = {"tender": TENDER, "holder": "M2"}
    assert code_of(lambda: open_key_file(spoiled, PASSPHRASE, **expected)) == code
    assert ask("openKeyFiles", [{"file": spoiled, "passphrase": PASSPHRASE, "expected": expected}]) == [{"fault": code}]


def test_another_passphrase_tender_or_holder_each_get_their_own_word(text: str) -> None:
    cases = [
        (PASSPHRASE + " ", {}, "passphrase"),
        (PASSPHRASE, {"tender": "R26BK00000002-000"}, "other-tender"),
        (PASSPHRASE, {"holder": "M1"}, "other-holder"),
    ]
    answers = ask("openKeyFiles", [{"file": text, "passphrase": word, "expected": about} for word, about, _ in cases])
    assert answers == [{"fault": code} for _, _, code in cases]
    for word, about, code in cases:
        assert code_of(partial(open_key_file, text, word, **about)) == code


def test_keys_that_do_not_belong_to_the_public_halves_are_refused(keys: Keys) -> None:
    """Somebody who knows the passphrase puts another secret under the public halves of this file."""
    other = make_keys(**ABOUT, lanes=("price", "docs"))

    class Mixed(Keys):
        vkey = keys.vkey

    mixed = Mixed(**{name: getattr(other, name) for name in Keys.__slots__})
    file = write_key_file(mixed, PASSPHRASE)
    assert code_of(lambda: open_key_file(file, PASSPHRASE)) == "other-keys"
    assert ask("openKeyFiles", [{"file": file, "passphrase": PASSPHRASE}]) == [{"fault": "other-keys"}]


def test_the_spelling_of_the_passphrase_does_not_matter_where_unicode_has_two(keys: Keys) -> None:
    composed = "비밀번호는 열두 글자 이상"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    file = write_key_file(keys, composed)
    assert secrets_of(open_key_file(file, decomposed)) == secrets_of(keys)
    (answer,) = ask("openKeyFiles", [{"file": file, "passphrase": decomposed}])
    assert answer["ok"]["holder"] == "M2"


def test_a_short_passphrase_is_not_taken(keys: Keys) -> None:
    assert code_of(lambda: write_key_file(keys, "열한 글자가 됩니다")) == "short"
    assert code_of(lambda: write_key_file(keys, PASSPHRASE, iterations=ITERATIONS - 1)) == "weak"


def test_the_strength_that_is_shown_grows_with_the_passphrase() -> None:
    shown = ["short", "aaaaaaaaaaaaaaaa", "나루나루나루나루나루나루", "correct horse bat", "naru ferry crosses at dawn"]
    assert ask("strength", shown) == [0, 1, 1, 2, 3]
    suggested = ask("suggest", 50)
    assert len(set(suggested)) == 50
    assert set(ask("strength", suggested)) <= {2, 3}


def test_a_test_envelope_opens_with_the_file_of_its_holder_only(keys: Keys, text: str) -> None:
    ctx = make_ctx(box="00" * 32, tender=TENDER, lot="1", supplier="@test", bid="0198c0de-0000-7000-8000-000000000001")

    def lane(made: Keys) -> Lane:
        return Lane({"M2": made.lanes["price"].public_key().public_bytes_raw()}, (("M2",),))

    _, mine = seal_envelope(ctx, lane(keys), b"a word of proof")
    _, foreign = seal_envelope(ctx, lane(make_keys(**ABOUT, lanes=("price",))), b"a word of proof")
    moved = mine | {"ctx": ctx | {"tender": "R26BK00000002-000"}}
    answers = ask("openTests", {"file": text, "passphrase": PASSPHRASE, "envelopes": [mine, foreign, moved]})
    assert answers[0] == {"ok": b64u(b"a word of proof")}
    assert "fault" in answers[1]
    assert "fault" in answers[2]
