"""The draw (protocol 3.13): seeds, reserve prices, their numbers, the four drawn, and lots between equal bids.

Pure functions of bytes and integers; Python and the browser agree on the vectors of protocol appendix C.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bidding.rounding import round_mean
from bidding.types import Draw, DrawRule, Step

T = TypeVar("T")
SEED = 32
PER_HUNDRED = 100 * 100_000  # rates are thousandths of a percent; prices are made in hundreds of won


def seed_numbers(
    agency_seed: bytes, nonces: Sequence[bytes], box_id: bytes, box_root: bytes, beacon: bytes = b""
) -> bytes:
    """`seed_n`: numbers the prices and draws lots. Nobody knows it before the last bid is open.

    `nonces` are those of the opened bids, in the order of the frozen list.
    """
    _check_sizes((agency_seed, box_id, box_root, *nonces))
    if len(beacon) not in (0, SEED):
        raise ValueError("a beacon has 32 bytes")
    info = box_id + box_root + len(nonces).to_bytes(4, "big")
    return _hkdf(b"koneps/v1/draw", agency_seed + b"".join(nonces) + beacon, info)


def seed_values(contributions: Sequence[bytes], box_id: bytes) -> bytes:
    """`seed_v` (mode M2): makes the rates. `contributions` of all keyholders, in the order of the box's holders."""
    _check_sizes((box_id, *contributions))
    if not contributions:
        raise ValueError("mode M2 needs a contribution of every keyholder")
    return _hkdf(b"koneps/v1/values", b"".join(contributions), box_id)


def _hkdf(salt: bytes, material: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=SEED, salt=salt, info=info).derive(material)


def _check_sizes(parts: Iterable[bytes]) -> None:
    if any(len(part) != SEED for part in parts):
        raise ValueError("seeds, nonces and hashes have 32 bytes")


class Xof:
    """An endless stream of unbiased integers from a seed and a label (SHAKE-256)."""

    def __init__(self, seed: bytes, label: str) -> None:
        self._hash = hashlib.shake_256(b"koneps/v1/xof\0" + label.encode() + b"\0" + seed)
        self._offset, self._buffer = 0, b""

    def u64(self) -> int:
        end = self._offset + 8
        if end > len(self._buffer):
            self._buffer = self._hash.digest(max(1024, 2 * len(self._buffer)))
        value = int.from_bytes(self._buffer[self._offset : end], "big")
        self._offset = end
        return value

    def below(self, limit: int) -> int:
        """A uniform integer in [0, limit): values that would favour small results are thrown away."""
        if limit < 1:
            raise ValueError("nothing is below this limit")
        fair = (1 << 64) - ((1 << 64) % limit)
        while (value := self.u64()) >= fair:
            pass
        return value % limit

    def shuffle(self, things: Sequence[T]) -> list[T]:
        """Fisher-Yates, from the last place to the second."""
        mixed = list(things)
        for i in range(len(mixed) - 1, 0, -1):
            j = self.below(i + 1)
            mixed[i], mixed[j] = mixed[j], mixed[i]
        return mixed


def make_rates(seed: bytes, lot: str, rule: DrawRule) -> list[int]:
    """The rates of the reserve prices in thousandths of a percent, unnumbered.

    `segments`: one in each of n equal parts of the range, ascending. `split`: `above` different rates over 100 %,
    then `below` under it.
    """
    stream = Xof(seed, f"rates:{lot}")
    if rule.kind == "segments":
        edges = [-(-(rule.lo * rule.n + i * (rule.hi - rule.lo)) // rule.n) for i in range(rule.n)] + [rule.hi + 1]
        return [edges[i] + stream.below(edges[i + 1] - edges[i]) for i in range(rule.n)]
    if rule.kind != "split":
        raise ValueError(f"no rates are made for {rule.kind} prices")
    rates: list[int] = []
    for count, low, high in ((rule.above, 100_001, rule.hi), (rule.below, rule.lo, 99_999)):
        if high - low + 1 < count:
            raise ValueError("the range holds too few rates")
        wanted = len(rates) + count
        while len(rates) < wanted:
            rate = low + stream.below(high - low + 1)
            if rate not in rates:
                rates.append(rate)
    return rates


def price_at(base_won: int, rate: int) -> int:
    """Base amount times rate, rounded up to 100 won."""
    return -(-base_won * rate // PER_HUNDRED) * 100


def number_prices(seed_n: bytes, lot: str, prices_won: Sequence[int]) -> list[int]:
    """Shuffle: the price at index i gets number i+1 (재번호: who knew the list gains nothing)."""
    return Xof(seed_n, f"order:{lot}").shuffle(prices_won)


def tally(n: int, picks: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """How often each number 1..n was picked. ValueError for a number that is not there."""
    counts = [0] * n
    for pick in picks:
        for number in pick:
            if not 1 <= number <= n:
                raise ValueError(f"there is no reserve price {number}")
            counts[number - 1] += 1
    return tuple(counts)


def most_picked(counts: Sequence[int], choose: int) -> tuple[int, ...]:
    """The `choose` most-picked numbers; equal counts go to the lowest number (as official openings show)."""
    if not 1 <= choose <= len(counts):
        raise ValueError("cannot draw that many")
    return tuple(sorted(range(1, len(counts) + 1), key=lambda number: (-counts[number - 1], number))[:choose])


def draw_lots(seed_n: bytes, lot: str, equal: int | str, stmts: Iterable[str]) -> list[str]:
    """Equal bids by lot (추첨): the first wins. Statements are sorted first, so arrival has no say.

    `equal`: what they have in common, their amount in won or the key of `bidding.rules.lots`.
    """
    ordered = sorted(bytes.fromhex(stmt) for stmt in stmts)
    return [stmt.hex() for stmt in Xof(seed_n, f"lot:{lot}:{equal}").shuffle(ordered)]


@dataclass(frozen=True, slots=True)
class Seeds:
    """What the box held for the draw. `contributions` in the order of the box's holders (mode M2); `given_won` the
    sealed prices (mode M3)."""

    agency: bytes
    contributions: tuple[bytes, ...] = ()
    given_won: tuple[int, ...] = ()


def make_draw(
    rule: DrawRule,
    lot: str,
    box_id: bytes,
    box_root: bytes,
    seeds: Seeds,
    nonces: Sequence[bytes],
    picks: Sequence[Sequence[int]],
) -> Draw:
    """Run the draw of one lot; in mode M0 it is the seed for lots and nothing else.

    `nonces` and `picks` are those of the opened bids in the order of the frozen list. ValueError if a seed is missing
    or misshapen, the lot has no base amount, or the mean is not what the notice's rounding can take.
    """
    seed_n = seed_numbers(seeds.agency, nonces, box_id, box_root)
    if rule.mode == "M0":
        return Draw(rule, lot, box_id, box_root, len(nonces), seed_n, None, None, (), (), (), 0, None)
    seed_v: bytes | None = None
    rates: list[int] | None = None
    if rule.mode == "M3":
        prices = list(seeds.given_won)
        if len(prices) != rule.n or min(prices) <= 0:
            raise ValueError(f"mode M3 needs {rule.n} positive reserve prices")
    else:
        if lot not in rule.base:
            raise ValueError(f"no base amount for lot {lot}")
        seed_v = seed_values(seeds.contributions, box_id) if rule.mode == "M2" else None
        rates = make_rates(seed_v if seed_v is not None else seed_n, lot, rule)
        prices = [price_at(rule.base[lot], rate) for rate in rates]
    numbered = prices if rule.order == "given" else number_prices(seed_n, lot, prices)
    counts = tally(rule.n, picks)
    drawn = most_picked(counts, rule.choose)
    chosen = [numbered[number - 1] for number in drawn]
    price = round_mean(sum(chosen), rule.choose, rule.round)
    mean = f"({' + '.join(map(str, chosen))}) / {rule.choose}"
    return Draw(
        rule=rule,
        lot=lot,
        box_id=box_id,
        box_root=box_root,
        bidders=len(nonces),
        seed_n=seed_n,
        seed_v=seed_v,
        rates=tuple(rates) if rates is not None else None,
        prices_won=tuple(numbered),
        counts=counts,
        drawn=drawn,
        sum_won=sum(chosen),
        estimated_price_won=price,
        arithmetic=(
            Step("drawn-numbers", ", ".join(f"#{number} x{counts[number - 1]}" for number in drawn), str(sum(chosen))),
            Step("estimated-price", f"{mean}, {rule.round}", str(price)),
        ),
    )
