"""What is inside an envelope: a price, a seed of the draw, or given reserve prices. Always exactly 1,024 bytes.

The constant length says nothing of the amount. `pad` takes up the slack with the letter A.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.tlog.canon import b64u, jcs, parse, unb64u
from bidding.criteria import is_int
from bidding.draw_rule import DrawRule
from bidding.scoring import MOST_QUANTITY

LENGTH = 1024
AMOUNT = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_MEMBERS = {
    "price": {"v", "type", "amount", "currency", "picks", "nonce", "pad"},
    "seed": {"v", "type", "nonce", "pad"},
    "prices": {"v", "type", "prices", "pad"},
}


class BadPayload(ValueError):
    """The bidder's fault: the bid is invalid. `code` says what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Offer:
    """What a price payload says. `quantity` is None where the notice asks for none."""

    amount_won: int
    picks: tuple[int, ...]
    nonce: bytes
    quantity: int | None = None


def make_price(amount_won: int, picks: Sequence[int], nonce: bytes | None = None, quantity: int | None = None) -> bytes:
    """A price payload. Checks the amount's spelling, not picks and quantity: those depend on the box."""
    if not AMOUNT.fullmatch(str(amount_won)):
        raise BadPayload("amount")
    nonce = os.urandom(32) if nonce is None else nonce
    offered = {} if quantity is None else {"quantity": quantity}
    members = {"type": "price", "amount": str(amount_won), "currency": "KRW", "picks": list(picks), **offered}
    return _padded({**members, "nonce": b64u(nonce)})


def make_seed(nonce: bytes | None = None) -> bytes:
    """A contribution to the draw: 32 random bytes."""
    return _padded({"type": "seed", "nonce": b64u(os.urandom(32) if nonce is None else nonce)})


def make_prices(prices_won: Sequence[int]) -> bytes:
    """Given reserve prices (mode M3), in their given order."""
    return _padded({"type": "prices", "prices": [str(won) for won in prices_won]})


def read_offer(plain: bytes, rule: DrawRule) -> Offer:
    """What a bid offers. Raises BadPayload: `payload`, `amount`, `picks`, `quantity` or `nonce`."""
    value = _read(plain, "price", has_quantity=rule.quantity is not None)
    amount_won, picks = _amount_and_picks(value)
    if not all(1 <= pick <= rule.n for pick in picks) or len(picks) != rule.pick or len(set(picks)) != rule.pick:
        raise BadPayload("picks")
    if rule.quantity is not None and not is_int(value["quantity"], 1, rule.quantity):
        raise BadPayload("quantity")
    return Offer(amount_won, picks, _nonce(value["nonce"]), value.get("quantity"))


def read_price(plain: bytes, rule: DrawRule) -> tuple[int, tuple[int, ...], bytes]:
    """Amount in won, picks, nonce, as `read_offer`."""
    offer = read_offer(plain, rule)
    return offer.amount_won, offer.picks, offer.nonce


def read_any_offer(plain: bytes) -> Offer:
    """The same where the box's rule is not at hand: of picks and quantity no more is asked than that they are whole."""
    value = _read(plain, "price", has_quantity=None)
    if "quantity" in value and not is_int(value["quantity"], 1, MOST_QUANTITY):
        raise BadPayload("quantity")
    return Offer(*_amount_and_picks(value), _nonce(value["nonce"]), value.get("quantity"))


def _amount_and_picks(value: dict[str, Any]) -> tuple[int, tuple[int, ...]]:
    amount, picks = value["amount"], value["picks"]
    if not isinstance(amount, str) or not AMOUNT.fullmatch(amount) or value["currency"] != "KRW":
        raise BadPayload("amount")
    if not isinstance(picks, list) or not all(type(pick) is int for pick in picks):
        raise BadPayload("picks")
    return int(amount), tuple(picks)


def read_seed(plain: bytes) -> bytes:
    """The 32 bytes of a contribution. Raises BadPayload."""
    return _nonce(_read(plain, "seed")["nonce"])


def read_prices(plain: bytes, count: int) -> tuple[int, ...]:
    """The given reserve prices in won. Raises BadPayload unless there are exactly `count` proper amounts."""
    prices = _read(plain, "prices")["prices"]
    if not isinstance(prices, list) or len(prices) != count:
        raise BadPayload("prices")
    if not all(isinstance(won, str) and AMOUNT.fullmatch(won) for won in prices):
        raise BadPayload("prices")
    return tuple(int(won) for won in prices)


def _padded(members: dict[str, Any]) -> bytes:
    bare = {"v": 1, **members, "pad": ""}
    missing = LENGTH - len(jcs(bare))
    if missing < 0:
        raise BadPayload("too-long")
    return jcs({**bare, "pad": "A" * missing})


def _read(plain: bytes, kind: str, *, has_quantity: bool | None = False) -> dict[str, Any]:
    """The members of a payload. `has_quantity`: whether a price must, must not or (None) may say how many."""
    if len(plain) != LENGTH:
        raise BadPayload("length")
    try:
        value = parse(plain)
    except ValueError as error:
        raise BadPayload("payload") from error
    if not isinstance(value, dict):
        raise BadPayload("payload")
    offers = "quantity" in value if has_quantity is None else has_quantity
    if set(value) != _MEMBERS[kind] | ({"quantity"} if offers else set()):
        raise BadPayload("payload")
    if type(value["v"]) is not int or value["v"] != 1 or value["type"] != kind:
        raise BadPayload("payload")
    if not isinstance(value["pad"], str) or value["pad"].strip("A"):
        raise BadPayload("payload")
    return value


def _nonce(spelling: Any) -> bytes:
    try:
        nonce = unb64u(spelling)
    except (TypeError, ValueError) as error:
        raise BadPayload("nonce") from error
    if len(nonce) != 32:
        raise BadPayload("nonce")
    return nonce
