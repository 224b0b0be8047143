"""What may lie in an envelope."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tlog.canon import b64u, jcs
from bidding import payload
from bidding.payload import BadPayload
from bidding.types import DrawRule

RULE = DrawRule(base={"1": 250_000_000})
NONCE = b"\7" * 32
GOOD: dict[str, Any] = {
    "v": 1,
    "type": "price",
    "amount": "123456000",
    "currency": "KRW",
    "picks": [3, 11],
    "nonce": b64u(NONCE),
    "pad": "",
}


def padded(value: dict[str, Any], length: int = 1024) -> bytes:
    missing = length - len(jcs({**value, "pad": ""}))
    return jcs({**value, "pad": "A" * missing})


@given(st.integers(1, 10**16 - 1), st.lists(st.integers(1, 15), min_size=2, max_size=2, unique=True))
def test_a_price_comes_back_from_exactly_1024_bytes(amount: int, picks: list[int]) -> None:
    plain = payload.make_price(amount, picks, NONCE)
    assert len(plain) == 1024
    assert payload.read_price(plain, RULE) == (amount, tuple(picks), NONCE)


@pytest.mark.parametrize("amount", [0, -1, 10**16])
def test_an_amount_out_of_range_is_not_sealed(amount: int) -> None:
    with pytest.raises(BadPayload, match="amount"):
        payload.make_price(amount, (1, 2))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "0123"}, "amount"),
        ({"amount": "1" * 17}, "amount"),
        ({"amount": "12a"}, "amount"),
        ({"amount": "１２３"}, "amount"),
        ({"amount": "12\n"}, "amount"),
        ({"amount": 123}, "amount"),
        ({"currency": "USD"}, "amount"),
        ({"picks": [3]}, "picks"),
        ({"picks": [3, 3]}, "picks"),
        ({"picks": [3, 16]}, "picks"),
        ({"picks": [0, 3]}, "picks"),
        ({"picks": [1, 2, 3]}, "picks"),
        ({"picks": [True, 2]}, "picks"),
        ({"picks": ["1", "2"]}, "picks"),
        ({"picks": None}, "picks"),
        ({"nonce": b64u(b"\7" * 31)}, "nonce"),
        ({"nonce": b64u(NONCE) + "="}, "nonce"),
        ({"nonce": 5}, "nonce"),
        ({"v": 2}, "payload"),
        ({"v": True}, "payload"),
        ({"type": "seed"}, "payload"),
        ({"extra": 1}, "payload"),
    ],
)
def test_what_is_no_price_is_the_bidders_fault(change: dict[str, Any], code: str) -> None:
    with pytest.raises(BadPayload) as fault:
        payload.read_price(padded({**GOOD, **change}), RULE)
    assert fault.value.code == code


def test_the_good_one_is_good() -> None:
    assert payload.read_price(padded(GOOD), RULE)[0] == 123_456_000


@pytest.mark.parametrize("plain", [b"", padded(GOOD, 1023), padded(GOOD, 1025)])
def test_another_length_is_refused(plain: bytes) -> None:
    with pytest.raises(BadPayload, match="length"):
        payload.read_price(plain, RULE)


@pytest.mark.parametrize(
    "plain",
    [
        b"\0" * 1024,
        b"[" * 1024,
        b" " + padded(GOOD, 1023),
        padded(GOOD).replace(b"AAAA", b"BBBB", 1),
        padded(GOOD).replace(b'"v":1', b'"v":1'.ljust(5)).replace(b"AA", b"A\xff", 1),
        jcs(["A" * 1020]),
    ],
)
def test_what_is_not_canonical_or_padded_otherwise_is_refused(plain: bytes) -> None:
    assert len(plain) == 1024
    with pytest.raises(BadPayload, match="payload"):
        payload.read_price(plain, RULE)


def test_a_seed_comes_back() -> None:
    plain = payload.make_seed(NONCE)
    assert (len(plain), payload.read_seed(plain)) == (1024, NONCE)
    assert payload.make_seed() != payload.make_seed()
    with pytest.raises(BadPayload, match="payload"):
        payload.read_seed(padded(GOOD))


def test_given_prices_come_back_in_their_order() -> None:
    prices = tuple(9_000_000_000_000_000 - n for n in range(15))
    plain = payload.make_prices(prices)
    assert (len(plain), payload.read_prices(plain, 15)) == (1024, prices)
    for count in (14, 16):
        with pytest.raises(BadPayload, match="prices"):
            payload.read_prices(plain, count)
    for wrong in ("0", "x"):
        with pytest.raises(BadPayload, match="prices"):
            payload.read_prices(padded({"v": 1, "type": "prices", "prices": [wrong] * 15}), 15)
    with pytest.raises(BadPayload, match="prices"):
        payload.read_prices(padded({"v": 1, "type": "prices", "prices": "1"}), 15)


def test_too_many_prices_do_not_fit() -> None:
    with pytest.raises(BadPayload, match="too-long"):
        payload.make_prices([10**15] * 80)


# ---- how many are offered (희망수량)

OFFERED = DrawRule(base={"1": 250_000_000}, quantity=300)


@pytest.mark.parametrize("quantity", [1, 300])
def test_a_quantity_comes_back_where_it_is_asked_for(quantity: int) -> None:
    plain = payload.make_price(500, (3, 11), NONCE, quantity)
    assert len(plain) == 1024
    assert payload.read_offer(plain, OFFERED) == payload.Offer(500, (3, 11), NONCE, quantity)
    assert payload.read_any_offer(plain).quantity == quantity


@pytest.mark.parametrize("quantity", [0, 301, -1, True, "5", None])
def test_a_quantity_out_of_range_is_no_bid(quantity: Any) -> None:
    with pytest.raises(BadPayload, match="quantity"):
        payload.read_offer(padded({**GOOD, "quantity": quantity}), OFFERED)


def test_a_quantity_is_there_exactly_where_it_is_asked_for() -> None:
    with pytest.raises(BadPayload, match="payload"):
        payload.read_offer(payload.make_price(500, (3, 11), NONCE), OFFERED)
    with pytest.raises(BadPayload, match="payload"):
        payload.read_offer(payload.make_price(500, (3, 11), NONCE, 5), RULE)
    assert payload.read_any_offer(payload.make_price(500, (3, 11), NONCE)).quantity is None
    with pytest.raises(BadPayload, match="quantity"):
        payload.read_any_offer(payload.make_price(500, (3, 11), NONCE, 0))


def test_without_reserve_prices_there_are_no_numbers_to_choose() -> None:
    plain = payload.make_price(500, (), NONCE)
    assert payload.read_price(plain, DrawRule.none()) == (500, (), NONCE)
    with pytest.raises(BadPayload, match="picks"):
        payload.read_price(payload.make_price(500, (1,), NONCE), DrawRule.none())
