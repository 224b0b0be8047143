"""The second verifier's parts against fixed vectors, official openings, passkeys, and whatever a reader must refuse."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.tlog.canon import b64u
from bidding.inlining import inlined
from bidding.single_file import VERIFY, build
from tests.bidding.authenticator import ORIGIN, RP_ID, UP, UV, Authenticator
from tests.bidding.node import node
from tests.bidding.test_vectors import T_P1, T_P2

Json = dict[str, Any]
PARTS = Path(__file__).parent / "js" / "verify_parts.mjs"
PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
STMT = "5a" * 32


def ask(what: str, values: Any) -> Any:
    done = subprocess.run(
        [node(), str(PARTS), what],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(answers: list[Json]) -> list[bool]:
    """Which were refused for what they are, and not because the program stumbled."""
    return [answer.get("isRefusal") is True for answer in answers]


def test_the_fixed_vectors_of_the_protocol_come_out() -> None:
    draw = {
        "agency": "01" * 32,
        "nonces": ["02" * 32, "03" * 32, "04" * 32],
        "contributions": ["05" * 32, "06" * 32, "07" * 32],
        "box": bytes(range(32)).hex(),
        "root": bytes(range(32, 64)).hex(),
        "segments": {"kind": "segments", "lo": 98000, "hi": 102000, "n": 15},
        "split": {"kind": "split", "lo": 97000, "hi": 103000, "n": 15, "above": 7, "below": 8},
        "base": "250000000",
        "picks": [[3, 11], [3, 7], [1, 15]],
        "lots": ["cc" * 32, "aa" * 32, "bb" * 32],
    }
    text = PROTOCOL.read_text("utf-8")
    sealed = re.search(r"\{\"hello\":\"bid\"\} is\s+([0-9a-f]+)", text)
    assert sealed
    found = ask(
        "vectors",
        {
            "ctx": {
                "bid": "0198c0de-0000-7000-8000-000000000001", "box": "ab" * 32, "lane": "price", "lot": "1",
                "supplier": "1248100998", "tender": "R26BK00000001-000", "type": "ctx", "v": 1, "ver": 1,
            },
            "cek": bytes(range(32)).hex(),
            "ct": sealed[1],
            "event": {
                "at": "2026-11-23T00:59:59.123456Z", "stmt": "cd" * 32, "tender": "R26BK00000001-000",
                "type": "bid.submitted",
            },
            "salt": "00" * 32,
            "draw": draw,
        },
    )  # fmt: skip
    assert found["wrap_info"] == "7d4e61005b708d7aafa8a0e37d0403257107fb9fe1d7a4b100598eed84c39a23"
    assert found["cek_commit"] == "ead9b2e30939b83f3c8f1098967753a56296acce0307c7ab6cd75a3d44bb0394"
    assert found["opened"] == '{"hello":"bid"}'
    assert found["c"] == "498bd03082b0a5c6e54e5fec8044b0644a82adad9f953bbcfdacc2aa0e6e3502"
    assert found["leaf"] == "f020608aad13c2406437c73daef8b140fd7fc7828ca99925767d76f5d4d137fc"
    for name in ("seed_n", "seed_v", "sum"):
        assert found[name] in text, name
    assert " ".join(map(str, found["rates"])) in text
    assert " ".join(found["prices"]) in text
    assert found["m1"][:3] == ["257105000", "253607500", "253060000"]
    assert found["m1"][-1] == "250802500"
    assert found["drawn"] == [3, 1, 7, 11]
    assert found["lots"] == ["bb" * 32, "aa" * 32, "cc" * 32]


def test_official_openings_come_out_as_published() -> None:
    samples = [
        {"prices": prices.split(), "counts": list(map(int, counts.split()))} for prices, counts, _, _ in (T_P1, T_P2)
    ]
    found = ask("openings", samples)
    assert [(tuple(one["drawn"]), int(one["price"])) for one in found] == [T_P1[2:], T_P2[2:]]
    rates = [
        "101533",
        "97885",
        "97745",
        "98581",
        "99004",
        "97344",
        "100581",
        "101800",
        "100345",
        "98434",
        "99302",
        "102196",
        "99854",
        "102806",
        "100990",
    ]
    assert ask("prices", {"base": "1797931000", "rates": list(map(int, rates))}) == T_P1[0].split()


NOT_CANONICAL = [
    b'{"a":1,"a":1}',
    b'{"b":1,"a":1}',
    b'{"a": 1}',
    b"1.0",
    b"1e3",
    b"-0",
    b"01",
    b"9007199254740992",
    b"NaN",
    b"Infinity",
    b"\xef\xbb\xbf{}",
    b"{}\n",
    b" {}",
    b'"\\u00e9"',
    b'"\\/"',
    b'"\\u0041"',
    b'"\\ud800"',
    b'"\xed\xa0\x80"',
    b'{"\xc3\xa9":1}',
    b'{"a":1,}',
    b"[1,]",
    b"{} {}",
    b"",
    b"'a'",
    b"[" * 33 + b"]" * 33,
    b'"\x01"',
    b"\xff",
    b'{"a":undefined}',
    b"+1",
    b".5",
    b'"\\u001F"',
    b'"\t"',
    b"1E2",
    b"-9007199254740992",
]
CANONICAL = [
    b"{}",
    b"[]",
    b'{"a":1,"b":[true,false,null]}',
    '"한글 😀"'.encode(),
    b'"\\u001f\\n\\t\\"\\\\"',
    b"-9007199254740991",
    b"[" * 32 + b"]" * 32,
    b'{"__proto__":1,"constructor":2}',
    b'"/\x7f"',
]


def test_only_the_canonical_spelling_is_read() -> None:
    spelled = [base64.b64encode(one).decode() for one in NOT_CANONICAL]
    assert refused(ask("parse", spelled)) == [True] * len(NOT_CANONICAL)
    found = ask("parse", [base64.b64encode(one).decode() for one in CANONICAL])
    assert [answer.get("ok") for answer in found] == [one.decode() for one in CANONICAL]


def test_a_browsers_json_is_read_in_any_order_but_no_member_twice() -> None:
    good = ['{"type":"a","origin":"b"}', ' { "b" : [1.5e3, {"a":null}], "a":"\\u00e9" } ', "[]", '"x"']
    bad = [
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        "{}x",
        "{,}",
        '{"a":1,}',
        "{'a':1}",
        "[1,]",
        '{"a" 1}',
        "",
        "nul",
        '{"a":}',
    ]
    assert [answer.get("ok") for answer in ask("foreign", good)] == [json.loads(one) for one in good]
    assert refused(ask("foreign", bad)) == [True] * len(bad)


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return written.getvalue()


def test_a_zip_is_read_in_one_way_or_not_at_all() -> None:
    plain = zipped(("MANIFEST", b"{}"), ("events/000000000000.json", b"abc" * 100))
    stored = zipped(("MANIFEST", b"{}"), method=zipfile.ZIP_STORED)
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(("MANIFEST", b"{}"), ("MANIFEST", b"[]"))
    at = plain.index(b"events/")
    bad = {
        "twice": twice,
        "climbs out": zipped(("../MANIFEST", b"{}")),
        "starts at the root": zipped(("/MANIFEST", b"{}")),
        "a folder": zipped(("events/", b"")),
        "a foreign letter": zipped(("목록", b"{}")),
        "a bomb": zipped(("MANIFEST", bytes(50_000_000))),
        "cut off": plain[:-1],
        "nothing": b"",
        "no zip": b"PK" + bytes(100),
        "another name inside": plain[:at] + b"E" + plain[at + 1 :],
        "a flipped bit": bytes(b ^ (i == at + 30) for i, b in enumerate(plain)),
    }
    answers = ask("zips", [base64.b64encode(one).decode() for one in (plain, stored, *bad.values())])
    assert answers[0]["ok"] == ["MANIFEST", "events/000000000000.json"]
    assert answers[1]["ok"] == ["MANIFEST"]
    assert dict(zip(bad, refused(answers[2:]), strict=True)) == dict.fromkeys(bad, True)


@pytest.mark.parametrize("cose_alg", [-7, -8, -257])
def test_a_passkeys_signature_holds_for_its_statement_and_site_only(cose_alg: int) -> None:
    passkey = Authenticator(cose_alg)
    key = {"alg": "webauthn", "public": b64u(passkey.public), "cose_alg": cose_alg, "rp_id": RP_ID, "origins": [ORIGIN]}

    def case(stmt: str = STMT, changed: Json | None = None, **wrong: Any) -> Json:
        signed = {"alg": "webauthn", "kid": "k", **passkey.sign(bytes.fromhex(STMT), **wrong)}
        return {"signature": signed | (changed or {}), "key": key, "stmt": stmt}

    other = Authenticator(cose_alg)
    bad = [
        case("5b" * 32),
        case(origin="https://evil.example"),
        case(rp_id="evil.example"),
        case(flags=UP),
        case(flags=UV),
        case(kind="webauthn.create"),
        case(more={"crossOrigin": True}),
        case(more={"topOrigin": ORIGIN}),
        case(changed={"extra": 1}),
        case(changed={"alg": "Ed25519"}),
        case(changed={"signature": b64u(b"0" * 64)}),
        {**case(), "key": key | {"public": b64u(other.public)}},
        {**case(), "key": key | {"cose_alg": -999}},
    ]
    answers = ask("signatures", [case(), *bad])
    assert answers[0] == {"ok": True}
    assert refused(answers[1:]) == [True] * len(bad)


def test_everything_that_the_checks_say_is_said_in_korean_too() -> None:
    said: set[str] = set()
    for path in VERIFY.rglob("*.js"):
        if path.name in ("words.js", "korean.js", "page.js"):
            continue
        text = path.read_text("utf-8")
        said |= set(re.findall(r'\b(?:refuse|pass|skip|warn|Refused)\(\s*"((?:[^"\\]|\\.)*)"', text))
        said |= set(re.findall(r'\bsentence: "([^"]*)"', text)) | set(re.findall(r'const NO_DRAW = "([^"]*)"', text))
        for both in re.findall(r'refuse\(\w+ \? "([^"]*)" : "([^"]*)"', text):
            said |= set(both)
    found = ask("words", None)
    assert len(said) > 200
    assert said - set(found["korean"]) == set()
    holes = re.compile(r"%\(\w+\)s")
    different = [
        english
        for english, korean in found["korean"].items()
        if sorted(holes.findall(english)) != sorted(holes.findall(korean))
    ]
    assert different == []
    assert list(found["checks"]) == [f"V{number:02d}" for number in range(1, 29)]


def test_the_single_file_is_the_same_each_time_and_can_fetch_nothing() -> None:
    page = {"lang": "ko", "texts": {"ready": "</script> 준비"}}
    made = build("확인", "<main></main>", page)
    assert made == build("확인", "<main></main>", page)
    text = made.decode()
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)\s*=\s*["']""", text)
    assert text.count("</script>") == 3


def test_a_module_of_a_form_that_is_not_understood_is_refused(tmp_path: Path) -> None:
    entry = tmp_path / "entry.js"
    entry.write_text("export default 1;\n")
    with pytest.raises(ValueError, match="not understood"):
        inlined(entry)
