"""One spelling for a value: what is written, and all that is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tlog import canon
from tests.app.tlog import published

OWN = [
    {"name": "sorted", "input": '{"b":1, "a":[true , null]}', "output": '{"a":[true,null],"b":1}'},
    {"name": "unicode", "input": '{"k":"A\\u030a"}', "output": '{"k":"A\u030a"}'},
]
JCS_VECTORS = published.load("rfc8785/jcs.json", OWN)
# Reference files with floats or non-ASCII keys: right in RFC 8785, outside our narrowed value set.
OUTSIDE = {"french", "values", "weird", "structures"}

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=12)
KEYS = st.text(st.characters(max_codepoint=127), max_size=6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@pytest.mark.parametrize("vector", JCS_VECTORS, ids=lambda vector: vector["name"])
def test_reference_files_give_the_published_bytes_or_are_outside_the_value_set(vector: dict[str, str]) -> None:
    value = json.loads(vector["input"])
    if vector["name"] in OUTSIDE:
        with pytest.raises(ValueError):
            canon.jcs(value)
    else:
        assert canon.jcs(value) == vector["output"].encode()


def test_the_published_vectors_were_used() -> None:
    published.say_whether_there("rfc8785/jcs.json")


@given(VALUES)
def test_what_is_written_is_read_back_as_the_same_value(value: Any) -> None:
    assert canon.parse(canon.jcs(value)) == value


@given(VALUES)
def test_an_independent_writer_of_the_rfc_gives_the_same_bytes(value: Any) -> None:
    assert canon.jcs(value) == rfc8785.dumps(value)


@given(VALUES)
def test_the_order_in_which_keys_were_put_does_not_show(value: Any) -> None:
    shuffled = json.loads(json.dumps(value, sort_keys=True))
    assert canon.jcs(shuffled) == canon.jcs(value)


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_javascript_writes_the_same_bytes() -> None:
    import random

    values = [_random_value(random.Random(seed)) for seed in range(10_000)]
    script = """
    const jcs=v=>v===null||typeof v!=="object"?JSON.stringify(v):Array.isArray(v)?"["+v.map(jcs).join(",")+"]"
      :"{"+Object.keys(v).sort().map(k=>JSON.stringify(k)+":"+jcs(v[k])).join(",")+"}";
    let text="";
    process.stdin.on("data",d=>text+=d).on("end",()=>console.log(JSON.stringify(JSON.parse(text).map(jcs))));
    """
    run = subprocess.run(
        ["node", "-e", script], input=json.dumps(values), capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(run.stdout) == [canon.jcs(value).decode() for value in values]


def _random_value(random: Any, levels: int = 4) -> Any:
    kind = random.randrange(6 if levels else 4)
    if kind == 0:
        return random.choice([None, True, False])
    if kind in (1, 2):
        return random.choice([0, -1, 2**53 - 1, -(2**53) + 1, random.randrange(-(10**9), 10**9)])
    if kind == 3:
        letters = [chr(n) for n in range(128)] + list("가각힣é\u0080\u2028\u2029\ufb33\ufeff😀𐀀")
        return "".join(random.choice(letters) for _ in range(random.randrange(8)))
    inner = [_random_value(random, levels - 1) for _ in range(random.randrange(4))]
    if kind == 4:
        return inner
    return {"".join(chr(random.randrange(128)) for _ in range(random.randrange(5))): one for one in inner}


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), 10**400, 1.0, float("nan"), b"x", {1}, object(), "\ud800", {"가": 1}, {1: 2}]
)
def test_values_outside_the_set_are_refused_when_written(value: Any) -> None:
    with pytest.raises(ValueError):
        canon.jcs(value)
    with pytest.raises(ValueError):
        canon.jcs([value])


def test_the_largest_integers_are_written() -> None:
    assert canon.jcs([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


def test_nesting_to_the_limit_is_read_and_one_more_level_refused() -> None:
    at_limit = b"[" * canon.MAX_DEPTH + b"]" * canon.MAX_DEPTH
    assert canon.jcs(canon.parse(at_limit)) == at_limit
    with pytest.raises(ValueError):
        canon.parse(b"[" + at_limit + b"]")


def _hostile() -> list[bytes]:
    """Bodies that some JSON reader would take, or that one might think the same as a good one."""
    good = b'{"a":"x","b":[1,true,null]}'
    bodies = [
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":2}}',
        b'{"\\u0061":1}',
        b'{"b":1,"a":2}',
        b"1.0",
        b"-0",
        b"0.0",
        b"1e3",
        b"1E3",
        b"-0.0",
        b"[1.5]",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"[NaN]",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 400,
        b"1" * 5000,
        b"01",
        b"+1",
        b"0x10",
        b"1_000",
        b".5",
        b"5.",
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\xf8\x88\x80\x80\x80"',
        b"\xef\xbb\xbf1",
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x00",
        b"",
        b" ",
        b"{}\x00",
        b"{}{}",
        b"{},",
        b"[1,]",
        b'{"a":1,}',
        b"'a'",
        b"{a:1}",
        b'{"a"}',
        b'{"a":}',
        b"[",
        b"]",
        b"{",
        b'"',
        b'"\n"',
        b'"\t"',
        b'"\x01"',
        b'"\\x41"',
        b'"\\/"',
        b'"\\u00e9"',
        b'"\\u000a"',
        b'"\\u001F"',
        b'"\\U0041"',
        b"True",
        b"None",
        b"nul",
        b"truefalse",
        b"undefined",
        b"/**/1",
        b"// \n1",
        b"[1 ,2]",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000,
        '{"가":1}'.encode(),
        b"\x0c1",
        b"\xa01",
        b"1\n",
        b"\n1",
    ]
    bodies += [
        good[:at] + space + good[at:]
        for at in range(len(good) + 1)
        for space in (b" ", b"\n", b"\r", b"\t", b"\x00")
        if not _is_inside_a_string(good, at, space)
    ]
    return bodies + [good[:at] for at in range(len(good))] + [good + bytes([byte]) for byte in range(256)]


def _is_inside_a_string(good: bytes, at: int, space: bytes) -> bool:
    return space == b" " and good[:at].count(b'"') % 2 == 1


@pytest.mark.parametrize("body", _hostile(), ids=lambda body: repr(body[:20]))
def test_no_other_bytes_are_accepted(body: bytes) -> None:
    with pytest.raises(ValueError):
        canon.parse(body)


def test_the_hostile_bodies_are_many() -> None:
    assert len(_hostile()) >= 200


@settings(max_examples=500)
@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_read_canonically_or_refused(data: bytes) -> None:
    try:
        value = canon.parse(data)
    except ValueError:
        return
    assert canon.jcs(value) == data


def test_hashes_are_labelled_so_that_domains_never_meet() -> None:
    assert (
        canon.digest("cek", bytes(range(32))).hex()
        == "ead9b2e30939b83f3c8f1098967753a56296acce0307c7ab6cd75a3d44bb0394"
    )
    assert canon.digest("a", b"b") != canon.digest("ab", b"")


def test_a_sealed_event_gives_the_commitment_and_leaf_of_the_protocol() -> None:
    from app.tlog.merkle import leaf_hash

    event = {
        "at": "2026-11-23T00:59:59.123456Z",
        "stmt": "cd" * 32,
        "tender": "R26BK00000001-000",
        "type": "bid.submitted",
    }
    commitment = canon.digest("event", bytes(32) + canon.jcs(event))
    assert commitment.hex() == "498bd03082b0a5c6e54e5fec8044b0644a82adad9f953bbcfdacc2aa0e6e3502"
    leaf = canon.jcs({"c": commitment.hex(), "v": 1})
    assert leaf_hash(leaf).hex() == "f020608aad13c2406437c73daef8b140fd7fc7828ca99925767d76f5d4d137fc"


@given(st.binary(max_size=70))
def test_base64url_has_one_spelling_for_each_value(data: bytes) -> None:
    assert canon.unb64u(canon.b64u(data)) == data


@pytest.mark.parametrize("spelling", ["AA==", "AA=", "A", "A A", "A+", "A/", "AB", "AAB", "가", "AA\n", "=", "AAAAA"])
def test_other_spellings_of_base64url_are_refused(spelling: str) -> None:
    with pytest.raises(ValueError):
        canon.unb64u(spelling)
