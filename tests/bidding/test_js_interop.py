"""The browser's modules and the Python side read and write the very same bytes, both ways."""

from __future__ import annotations

import base64
import json
import random
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import formats
from app.time import wire
from app.tlog import note
from app.tlog.canon import b64u, digest, jcs, parse, unb64u
from bidding import chunked, payload, sealing
from bidding.box_code import box_code
from bidding.draw_rule import DrawRule
from bidding.services.signing_keys import enrolment_bytes
from bidding.statement import (
    make_receipt,
    make_statement,
    receipt_note,
    statement_hash,
)
from tests.bidding.exchanging import (
    AT,
    BOX,
    CLIENT,
    NOTICE,
    POLICIES,
    RULE,
    TENDER,
    make_lane,
    sealed_here_opens_there,
    sealed_there_opens_here,
    some_bids,
)
from tests.bidding.node import ask

BIG = 2**53 - 1


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


# ---- canonical form


def some_text(rnd: random.Random) -> str:
    letters = [
        "a",
        "Z",
        " ",
        "\\",
        '"',
        "/",
        "\n",
        "\t",
        "\b",
        "\f",
        "\r",
        "\0",
        "\x1f",
        "\x7f",
        "나",
        "루",
        "é",
        "\u2028",
        "\ufffe",
        "😀",
        "𐀀",
    ]
    return "".join(rnd.choice(letters) for _ in range(rnd.randrange(8)))


def some_value(rnd: random.Random, depth: int = 0) -> Any:
    kind = rnd.randrange(9 if depth < 4 else 6)
    if kind < 3:
        return some_text(rnd)
    if kind < 5:
        return rnd.choice([0, 1, -1, BIG, -BIG, rnd.randrange(-BIG, BIG), rnd.randrange(100)])
    if kind == 5:
        return rnd.choice([None, True, False])
    if kind == 6:
        return [some_value(rnd, depth + 1) for _ in range(rnd.randrange(4))]
    return {
        some_text(rnd).encode("ascii", "ignore").decode(): some_value(rnd, depth + 1) for _ in range(rnd.randrange(5))
    }


def test_ten_thousand_objects_have_the_same_canonical_bytes_and_digests() -> None:
    rnd = random.Random(7)
    values = [some_value(rnd) for _ in range(10_000)]
    for value, (text, hashed) in zip(values, ask("canonical", values), strict=True):
        assert text.encode() == jcs(value)
        assert hashed == digest("test", jcs(value)).hex()


def test_both_refuse_what_has_no_single_meaning() -> None:
    values = [1.5, 2**53, -(2**53), {"이름": 1}, [0.1], nested(33)]
    answers = ask("refuses", values)
    for value, answer in zip(values, answers, strict=True):
        assert "fault" in answer, value
        with pytest.raises(ValueError):
            jcs(value)
    assert "ok" in ask("refuses", [nested(32)])[0]
    assert jcs(nested(32))


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "spelling",
    [
        b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a": 1}', b"1.0", b"1e3", b"-0", b'"\\u0041"', b'"\\/"', b"[1,]", b"",
        b"nul", b"\xef\xbb\xbf1", b'"\xff"', b'"\\ud800"', b"9007199254740992", b"NaN", b"1 ", b'{"\xeb\x82\x98":1}',
    ],
)  # fmt: skip
def test_both_readers_refuse_the_same_other_spellings(spelling: bytes) -> None:
    assert "fault" in ask("parse", [base64_of(spelling)])[0]
    with pytest.raises(ValueError):
        parse(spelling)


def test_what_python_writes_the_browser_reads_back() -> None:
    rnd = random.Random(8)
    values = [some_value(rnd) for _ in range(500)]
    assert ask("parse", [base64_of(jcs(value)) for value in values]) == [{"ok": value} for value in values]


@pytest.mark.parametrize("spelling", ["A", "AB=", "AB==", "A+", "A/", "AB ", "AB\n", "AB", "AAB"])
def test_both_take_only_the_one_spelling_of_base64url(spelling: str) -> None:
    answer = ask("unb64u", [spelling])[0]
    try:
        assert answer == {"ok": unb64u(spelling).hex()}
    except ValueError:
        assert "fault" in answer


# ---- published vectors (protocol, appendix C)


def test_the_fixed_vectors_come_out_in_the_browser_too() -> None:
    ctx = sealing.make_ctx(
        box=BOX, tender=TENDER, lot="1", supplier="1248100998", bid="0198c0de-0000-7000-8000-000000000001"
    )
    cek, salt = bytes(range(32)).hex(), bytes(range(32, 56)).hex()
    answer = ask("vectors", {"ctx": ctx, "cek": cek, "salt": salt, "payload": {"hello": "bid"}})
    assert answer["wrap_info"] == "7d4e61005b708d7aafa8a0e37d0403257107fb9fe1d7a4b100598eed84c39a23"
    assert answer["ct"] == (
        "202122232425262728292a2b2c2d2e2f3031323334353637e38800283bfa9a7b84c81c4444935a7b145e6aaef52e1350ff46407623e4e7ae"
        "6a6b718fd6072a9a342385e40388af467de87d12a0d2d0d88c7dc460d2cb25"
    )
    assert answer["cek_commit"] == "ead9b2e30939b83f3c8f1098967753a56296acce0307c7ab6cd75a3d44bb0394"
    assert answer["opened"] == {"hello": "bid"}


EDGES = [0, 1, 1024, 16_383, 16_384, 16_385, 32_768, 40_000]


def test_chunks_sealed_in_the_browser_open_here_at_every_edge() -> None:
    cek = bytes(range(32))
    for length, sealed in zip(EDGES, ask("chunks", {"cek": cek.hex(), "lengths": EDGES}), strict=True):
        assert chunked.decrypt(cek, b"ctx", unb64u(sealed)) == bytes(i % 251 for i in range(length))


def test_chunks_sealed_here_open_in_the_browser_and_cut_or_grown_ones_do_not() -> None:
    cek = bytes(range(32))
    plains = [bytes(i % 251 for i in range(length)) for length in EDGES]
    sealed = [chunked.encrypt(cek, b"ctx", plain) for plain in plains]
    opened = ask("openChunks", {"cek": cek.hex(), "sealed": [b64u(one) for one in sealed]})
    assert opened == [{"ok": sha256(plain).hexdigest()} for plain in plains]
    whole_chunk = sealed[EDGES.index(16_384)]
    spoilt = [whole_chunk[:-16], whole_chunk + b"\0", sealed[1][:-1], bytes([sealed[1][0] ^ 1]) + sealed[1][1:], b""]
    for answer in ask("openChunks", {"cek": cek.hex(), "sealed": [b64u(one) for one in spoilt]}):
        assert "fault" in answer


# ---- price payload


def test_price_payloads_are_the_same_1024_bytes_at_every_edge() -> None:
    nonce = bytes(range(32))
    bids = [
        (amount, picks) for amount in ("1", "9", "10", "123456000", "9" * 16) for picks in ([1, 2], [14, 15], [3, 11])
    ]
    asked = [{"amount": amount, "picks": picks, "nonce": nonce.hex()} for amount, picks in bids]
    for (amount, picks), answer in zip(bids, ask("payloads", asked), strict=True):
        made = unb64u(answer["ok"])
        assert len(made) == 1024
        assert made == payload.make_price(int(amount), picks, nonce)
        assert payload.read_price(made, RULE) == (int(amount), tuple(picks), nonce)


def test_an_offer_with_its_quantity_is_the_same_and_is_read_on_both_sides() -> None:
    rule = DrawRule(base={"1": 1_000}, quantity=10**12)
    offers = (1, 300, 10**12)
    asked = [{"amount": "500", "picks": [1, 2], "nonce": "00" * 32, "quantity": many} for many in offers]
    made = [unb64u(answer["ok"]) for answer in ask("payloads", asked)]
    for plain, many in zip(made, offers, strict=True):
        assert plain == payload.make_price(500, [1, 2], bytes(32), many)
        assert payload.read_offer(plain, rule).quantity == many
    read = ask("readPayloads", [b64u(plain) for plain in made])
    assert [answer["ok"]["quantity"] for answer in read] == [1, 300, 10**12]
    wrong = [payload.make_price(500, [1, 2], bytes(32), many) for many in (0, 10**12 + 1)]
    assert all("fault" in answer for answer in ask("readPayloads", [b64u(plain) for plain in wrong]))


@pytest.mark.parametrize("amount", ["0", "", "01", "-1", "1.0", "1e3", "9" * 17, "１２３", " 1", "1,000"])
def test_no_payload_is_made_of_what_is_no_amount(amount: str) -> None:
    assert "fault" in ask("payloads", [{"amount": amount, "picks": [1, 2], "nonce": "00" * 32}])[0]


def test_the_browser_reads_payloads_made_here() -> None:
    made = [payload.make_price(amount, [3, 11], bytes(32)) for amount in (1, 123_456_000, 10**16 - 1)]
    amounts = [answer["ok"]["amount"] for answer in ask("readPayloads", [b64u(one) for one in made])]
    assert amounts == ["1", "123456000", "9" * 16]
    assert "fault" in ask("readPayloads", [b64u(made[0][:-1])])[0]


# ---- envelopes


@pytest.mark.parametrize("policy", POLICIES)
def test_bids_sealed_and_signed_in_the_browser_pass_every_check_here(policy: str) -> None:
    assert sealed_there_opens_here(POLICIES[policy], 40) == 40


@pytest.mark.parametrize("policy", POLICIES)
def test_envelopes_sealed_here_open_in_the_browser_by_any_group(policy: str) -> None:
    assert sealed_here_opens_there(POLICIES[policy], 40) == 40


def test_an_envelope_opens_under_no_other_context_in_the_browser() -> None:
    lane_json, keys = make_lane([["A"]])
    ctx = sealing.make_ctx(**some_bids(1)[0]["ctx"])
    _, envelope = sealing.seal_envelope(ctx, sealing.Lane.from_json(lane_json), payload.make_price(1, [1, 2]))
    moved = [
        {**envelope, "ctx": {**ctx, name: value}} for name, value in {"supplier": "2", "tender": "X", "ver": 2}.items()
    ]
    raw = {"A": keys["A"].private_bytes_raw().hex()}
    asked = {"lane": lane_json, "keys": raw, "envelopes": [{"envelope": one, "group": 0} for one in moved]}
    assert all("fault" in answer for answer in ask("open", asked))


def test_statements_hash_alike() -> None:
    lane_json, _ = make_lane([["A"]])
    statements = []
    for bid in some_bids(20):
        ctx = sealing.make_ctx(**bid["ctx"])
        _, envelope = sealing.seal_envelope(ctx, sealing.Lane.from_json(lane_json), payload.make_price(1, [1, 2]))
        statements.append(make_statement(ctx, envelope, notice_sha256=NOTICE, client=CLIENT, made=AT))
    assert ask("statements", statements) == [statement_hash(one) for one in statements]


# ---- notes


def receipt_case(key: Ed25519PrivateKey) -> dict[str, Any]:
    statement = {"tender": TENDER, "bid": str(UUID(int=5)), "ver": 1}
    receipt = make_receipt(
        statement, "12" * 32, received=AT, commitment=bytes(32), salt=bytes(32), origin="localhost/naru"
    )
    vkey = note.vkey("naru-receipt", key.public_key().public_bytes_raw())
    expected = {"tender": TENDER, "bid": statement["bid"], "stmt": "12" * 32}
    return {"note": receipt_note(receipt, "naru-receipt", key), "vkey": vkey, "expected": expected, "receipt": receipt}


def test_a_receipt_signed_here_convinces_the_browser() -> None:
    case = receipt_case(Ed25519PrivateKey.generate())
    assert ask("receipts", [case]) == [{"ok": case["receipt"]}]


def test_no_other_receipt_convinces_the_browser() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    case, forged = receipt_case(key), receipt_case(other)
    box_note = note.sign_object("box", {"v": 1, "type": "box"}, "naru-receipt", key)
    cases = {
        "another statement": case | {"expected": case["expected"] | {"stmt": "13" * 32}},
        "another bid": case | {"expected": case["expected"] | {"bid": str(UUID(int=6))}},
        "another tender": case | {"expected": case["expected"] | {"tender": "R26BK00000002-000"}},
        "another key": case | {"note": forged["note"]},
        "another instant": case | {"note": case["note"].replace("59.123456", "58.123456")},
        "another type": case | {"note": box_note},
        "no signature": case | {"note": case["note"].split("\n\n")[0] + "\n"},
        "a key whose hash is not its own": case | {"vkey": case["vkey"].replace("+", "+0", 1)},
        "nothing": case | {"note": ""},
    }
    for name, answer in zip(cases, ask("receipts", list(cases.values())), strict=True):
        assert "fault" in answer, name


def box_answer() -> dict[str, Any]:
    agency, holder = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    lane, _ = make_lane([["A"]])
    box = {
        "v": 1, "type": "box", "tender": TENDER, "notice_sha256": NOTICE, "suite": "S1", "lanes": {"price": lane},
        "draw": RULE.to_json(), "replace": "forbidden", "bid_statement_max": 65_536, "policy": None,
    }  # fmt: skip
    khkey = {
        "v": 1, "type": "khkey", "tender": TENDER, "lane": "price", "holder": "A", "suite": "S1",
        "pub": lane["holders"][0]["pub"], "created": wire(AT),
    }  # fmt: skip
    return {
        "box": box,
        "box_id": sealing.box_id(box),
        "box_note": note.sign_object("box", box, "naru-agency", agency),
        "khkeys": [note.sign_object("khkey", khkey, "naru-keyholder-A", holder)],
        "vkeys": {
            "agency": note.vkey("naru-agency", agency.public_key().public_bytes_raw()),
            "holders": {"A": note.vkey("naru-keyholder-A", holder.public_key().public_bytes_raw())},
        },
        "notice_sha256": NOTICE,
        "other_khkey": note.sign_object("khkey", khkey | {"pub": b64u(bytes(32))}, "naru-keyholder-A", holder),
        "forged_box": note.sign_object("box", box, "naru-agency", holder),
    }


def test_the_browser_accepts_the_agencys_box_and_no_other() -> None:
    answer = box_answer()
    box = answer["box"]
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "right": (answer, TENDER),
        "of another tender": (answer, "R26BK00000002-000"),
        "of another notice": (answer | {"notice_sha256": "00" * 32}, TENDER),
        "changed": (answer | {"box": box | {"replace": "allowed"}}, TENDER),
        "with another id": (answer | {"box_id": "00" * 32}, TENDER),
        "signed by somebody else": (answer | {"box_note": answer["forged_box"]}, TENDER),
        "with a key its holder did not sign": (answer | {"khkeys": [answer["other_khkey"]]}, TENDER),
        "with no holder's note": (answer | {"khkeys": []}, TENDER),
        "of an unknown holder": (answer | {"vkeys": answer["vkeys"] | {"holders": {}}}, TENDER),
    }
    given = [{"answer": one, "reference": reference} for one, reference in cases.values()]
    answers = dict(zip(cases, ask("boxes", given), strict=True))
    assert answers.pop("right") == {"ok": answer["box_id"]}
    assert [name for name, one in answers.items() if "fault" not in one] == []


def test_the_box_code_is_the_same_on_page_and_paper() -> None:
    ids = [sha256(bytes([number])).hexdigest() for number in range(50)]
    assert ask("codes", ids) == [box_code(one) for one in ids]
    assert box_code("ab" * 32) == "NENTQ-AXBNE"


def test_both_spell_the_proof_of_possession_alike() -> None:
    kid = UUID(int=9)
    claim = {"kid": str(kid), "publicKey": "A" * 43, "challenge": "word.with.dots", "supplier": "1248100998"}
    assert bytes.fromhex(ask("enrolment", claim)) == enrolment_bytes(kid, "A" * 43, "word.with.dots", "1248100998")


# ---- figures, times, ids

FIGURES = [
    "1",
    "10",
    "11",
    "100",
    "1000",
    "9999",
    "10000",
    "10001",
    "123456000",
    "100000000",
    "100010000",
    "1" + "0" * 12,
    "9" * 16,
]


def test_amounts_read_alike_in_words() -> None:
    rnd = random.Random(3)
    figures = [*FIGURES, *(str(rnd.randrange(1, 10 ** rnd.randrange(1, 17))) for _ in range(500))]
    for figure, (units, korean, english, grouped) in zip(figures, ask("words", figures), strict=True):
        won = int(figure)
        assert units == formats.won_units(won)
        assert korean == formats.won_words(won, "ko")
        assert english == formats.won_words(won, "en")
        assert grouped == f"{won:,}"


def test_what_people_type_is_read_as_an_amount_or_not_at_all() -> None:
    typed = {
        "123,456,000": "123456000", "123456000원": "123456000", "₩ 1,000": "1000", "０１２３": "123", " 7 ": "7",
        "007": "7", "9" * 16: "9" * 16, "9" * 17: None, "0": None, "": None, "1.5": None, "-1": None, "1억": None,
        "1e3": None,
    }  # fmt: skip
    assert ask("read", list(typed)) == list(typed.values())


TERMS = {"base": "100000000", "low": 98000, "high": 102000, "floor": 88000}


@pytest.mark.parametrize(
    ("amount", "terms", "warning"),
    [
        ("300000001", TERMS, "many-times-base"),
        ("300000000", TERMS, "above-any-estimate"),
        ("102000101", TERMS, "above-any-estimate"),
        ("102000100", TERMS, None),  # a reserve price is rounded up to 100 won
        ("86240000", TERMS, None),  # 98 % of the base, 88 % of that
        ("86239999", TERMS, "below-any-floor"),
        ("30000000", TERMS, "below-any-floor"),
        ("29999999", TERMS, "small-part-of-base"),
        ("60000000", TERMS | {"floor": None}, None),
        ("59999999", TERMS | {"floor": None}, "far-below-base"),
    ],
)
def test_a_price_far_from_the_base_amount_is_pointed_out(
    amount: str, terms: dict[str, Any], warning: str | None
) -> None:
    assert ask("unusual", [{"amount": amount, "terms": terms}]) == [warning]


def test_the_ratio_is_cut_never_rounded_up() -> None:
    pairs = [("87745", "100000"), ("1", "100000000"), ("99999999", "100000000"), ("123456", "100")]
    assert ask("percent", pairs) == ["87.745%", "0.000%", "99.999%", "123,456.000%"]


def test_drawn_numbers_are_different_in_range_and_even() -> None:
    draws = ask("draws", {"count": 6000, "pick": 2, "of": 15})
    assert all(len(set(one)) == 2 and one == sorted(one) and one[0] >= 1 and one[1] <= 15 for one in draws)
    counts = [sum(number in one for one in draws) for number in range(1, 16)]
    assert min(counts) > 650  # 800 expected; six standard deviations are 158
    assert max(counts) < 950


def test_instants_are_shown_in_korean_time_to_the_microsecond() -> None:
    assert ask("kst", [wire(AT)]) == [[formats.kst(AT), formats.kst_micro(AT)]]
    late = AT.replace(hour=23, day=30)
    assert ask("kst", [wire(late)])[0][1] == formats.kst_micro(late)


def test_ids_are_uuid7_of_their_moment() -> None:
    at = int((AT + timedelta(days=1)).timestamp() * 1000)
    first, second = (UUID(one) for one in ask("ids", [at, at]))
    assert first != second
    assert first.version == 7
    assert first.variant == "specified in RFC 4122"
    assert first.int >> 80 == at


def test_tries_come_slower_and_never_before_the_server_asks() -> None:
    cases = [[1, None, 0], [2, None, 0], [5, None, 0], [6, None, 0], [30, None, 0], [1, 20, 0], [6, None, 1]]
    assert ask("waits", cases) == [1, 2, 16, 30, 30, 20, 31]


RECEIVED = {"status": 201, "body": {"receipt": "…"}}
IN_FLIGHT = {"status": 409, "after": 3, "body": {"code": "temporarily-unavailable"}}
DONE = {"status": 409, "body": {"code": "already-done"}}


@pytest.mark.parametrize(
    ("answers", "outcome", "waits"),
    [
        ([RECEIVED], "ok", []),
        ([None, None, {"status": 503}, RECEIVED], "ok", [1, 2, 4]),
        ([{"status": 500}, {"status": 429, "after": 9}, RECEIVED], "ok", [1, 9]),
        ([IN_FLIGHT, RECEIVED], "ok", [3]),
        ([{"status": 400, "body": {"code": "form-expired"}}, RECEIVED], "ok", []),
        ([DONE, {"status": 200}], "ok", [1]),  # it was this very bid, taken in by the try before
        ([DONE, DONE], [409, "already-done"], [1]),  # it is another one
        ([{"status": 409, "body": {"code": "deadline-passed"}}], [409, "deadline-passed"], []),
        ([{"status": 401, "body": {"code": "not-signed-in"}}], [401, "not-signed-in"], []),
        ([None, {"status": 422, "body": {"code": "bad-envelope"}}], [422, "bad-envelope"], [1]),
    ],
)
def test_the_same_bid_is_sent_until_a_receipt_or_a_refusal(answers: list[Any], outcome: Any, waits: list[int]) -> None:
    answer = ask("deliver", answers)
    assert answer.get("refused", "ok") == outcome
    assert answer["waits"] == pytest.approx(waits, abs=1)  # a little is added by chance
    assert answer["tries"] == len(answers)
    assert answer["same"]
    assert answer["renewed"] == sum(bool(one) and one.get("body", {}).get("code") == "form-expired" for one in answers)


def test_json_of_the_driver_is_not_what_makes_values_equal() -> None:
    """The harness itself: a value that differs comes back different."""
    assert ask("canonical", [{"b": 1, "a": 2}])[0][0] == '{"a":2,"b":1}'
    assert json.loads(ask("canonical", ["나"])[0][0]) == "나"
