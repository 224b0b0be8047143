"""Opening one sealed thing after another: what each held, or whose fault it is that it held nothing (protocol 3.11).

Used by the opening service and by the offline verifier, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.tlog.canon import b64u, jcs, parse, unb64u
from bidding import payload, sealing
from bidding.draw import Seeds
from bidding.types import DrawRule, Fault, OpenedBid, ReservePrices, Seed, Verdict

Json = dict[str, Any]
Found = OpenedBid | Fault | Seed | ReservePrices

AGENCY = "@agency"
PRICES = "@prices"
NOT_RECOVERED = "not-recovered"
SEED = 32  # bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One line of `opening.jsonl`: what was found, and the envelope's key as far as there is one."""

    found: Found
    cek: bytes | None
    bid: str = ""

    def to_json(self) -> Json:
        found = self.found
        line: Json = {
            "stmt": found.stmt,
            "bid": self.bid,
            "supplier": found.holder if isinstance(found, Seed | ReservePrices) else found.supplier,
            "verdict": str(found.verdict if isinstance(found, Fault) else Verdict.OPENED),
            "cek": b64u(self.cek) if self.cek is not None else None,
        }
        if isinstance(found, OpenedBid):
            line |= {"amount": str(found.amount_won), "picks": list(found.picks), "nonce": b64u(found.nonce)}
            line |= {} if found.quantity is None else {"quantity": found.quantity}
        elif isinstance(found, Seed):
            line["nonce"] = b64u(found.nonce)
        elif isinstance(found, ReservePrices):
            line["prices"] = [str(won) for won in found.prices_won]
        else:
            line["reason"] = found.reason
        return line


def open_line(
    rule: DrawRule, lane: sealing.Lane, chosen: int, stmt: str, envelope: Json, blobs: Mapping[str, bytes | None]
) -> Line:
    """Open one envelope with the pieces (`blobs` by holder) of the group with index `chosen`.

    None for a piece: the holder says that the bidder's wrap does not open.

    Raises sealing.HolderFault if a piece is missing or not the committed one: nothing is said of the bid then. A
    bidder's fault is an answer, not an error.
    """
    ctx = envelope["ctx"]
    supplier, bid = ctx["supplier"], ctx["bid"]
    try:
        cek, plain = sealing.combine(envelope, lane, chosen, blobs)
    except sealing.BidderFault as fault:
        return Line(Fault(stmt, supplier, Verdict.MALFORMED, fault.code, bid), None, bid)
    return read_line(rule, stmt, envelope, cek, plain)


def recovered_line(rule: DrawRule, stmt: str, envelope: Json, cek: bytes | None) -> Line:
    """Open one envelope with the key that its bidder gave after keyholders lost theirs; None: it gave none.

    What was committed to counts: a key that is not the committed one opens nothing. A seed whose key nobody has counts
    as 32 zero bytes: the draw then rests on what the bidders put in (decision 0012).
    """
    ctx = envelope["ctx"]
    supplier, bid = ctx["supplier"], ctx["bid"]
    if cek is None and supplier.startswith("@") and supplier != PRICES:
        return Line(Seed(stmt, supplier, bytes(SEED)), None, bid)
    if cek is None:
        return Line(Fault(stmt, supplier, Verdict.MALFORMED, NOT_RECOVERED, bid), None, bid)
    try:
        plain = sealing.open_with_key(envelope, cek)
    except sealing.BidderFault as fault:
        return Line(Fault(stmt, supplier, Verdict.MALFORMED, fault.code, bid), None, bid)
    return read_line(rule, stmt, envelope, cek, plain)


def read_line(rule: DrawRule, stmt: str, envelope: Json, cek: bytes, plain: bytes) -> Line:
    """What an opened envelope's text says. A text that says nothing proper is a Fault (invalid)."""
    ctx = envelope["ctx"]
    supplier, bid = ctx["supplier"], ctx["bid"]
    try:
        return Line(_read(rule, stmt, supplier, bid, plain), cek, bid)
    except payload.BadPayload as fault:
        return Line(Fault(stmt, supplier, Verdict.INVALID, fault.code, bid), cek, bid)


def _read(rule: DrawRule, stmt: str, supplier: str, bid: str, plain: bytes) -> Found:
    if supplier == PRICES:
        return ReservePrices(stmt, supplier, payload.read_prices(plain, rule.n))
    if supplier.startswith("@"):
        return Seed(stmt, supplier, payload.read_seed(plain))
    offer = payload.read_offer(plain, rule)
    return OpenedBid(stmt, supplier, offer.amount_won, offer.picks, offer.nonce, bid, offer.quantity)


def write_lines(lines: Iterable[Line]) -> bytes:
    """The bytes of `opening.jsonl`: seeds first, then the bids in the order of the list."""
    return b"".join(jcs(line.to_json()) + b"\n" for line in lines)


def read_lines(data: bytes) -> list[Json]:
    """The lines of `opening.jsonl`. ValueError unless each is canonical and ends in a newline."""
    if data and not data.endswith(b"\n"):
        raise ValueError("the last line is cut")
    lines = [parse(line) for line in data.splitlines()]
    if not all(isinstance(line, dict) for line in lines):
        raise ValueError("a line is not an object")
    return lines


def from_json(line: Json) -> Line:
    """The Line that `Line.to_json` wrote; for rows kept as JSON. ValueError for anything else."""
    cek = unb64u(line["cek"]) if line["cek"] is not None else None
    stmt, supplier, bid = line["stmt"], line["supplier"], line["bid"]
    found: Found
    if "reason" in line:
        found = Fault(stmt, supplier, Verdict(line["verdict"]), line["reason"], bid)
    elif "prices" in line:
        found = ReservePrices(stmt, supplier, tuple(int(won) for won in line["prices"]))
    elif "amount" in line:
        nonce, picks = unb64u(line["nonce"]), tuple(line["picks"])
        found = OpenedBid(stmt, supplier, int(line["amount"]), picks, nonce, bid, line.get("quantity"))
    else:
        found = Seed(stmt, supplier, unb64u(line["nonce"]))
    made = Line(found, cek, bid)
    if made.to_json() != line:
        raise ValueError("not a line of an opening")
    return made


def seed_holders(rule: DrawRule, lane: sealing.Lane) -> tuple[str, ...]:
    """Who must have sealed something for the draw before publication, in the order in which it counts.

    `@agency` always; every keyholder of the lane in mode M2, in the order of the box; `@prices` in mode M3.
    """
    if rule.mode == "M2":
        return (AGENCY, *(f"@{holder}" for holder in lane.holders))
    return (AGENCY, PRICES) if rule.mode == "M3" else (AGENCY,)


def gather_seeds(rule: DrawRule, lane: sealing.Lane, found: Iterable[Found]) -> Seeds:
    """The draw's inputs from what was opened. ValueError if one is missing, double, or did not open properly."""
    things = [thing for thing in found if isinstance(thing, Seed | ReservePrices)]
    by_holder = {thing.holder: thing for thing in things}
    expected = seed_holders(rule, lane)
    if set(by_holder) != set(expected) or len(by_holder) != len(things):
        raise ValueError(f"the draw needs {', '.join(expected)}; there is {', '.join(sorted(by_holder))}")
    given = by_holder.pop(PRICES, None)
    seeds = {holder: thing.nonce for holder, thing in by_holder.items() if isinstance(thing, Seed)}
    return Seeds(
        agency=seeds[AGENCY],
        contributions=tuple(seeds[holder] for holder in expected if holder not in (AGENCY, PRICES)),
        given_won=given.prices_won if isinstance(given, ReservePrices) else (),
    )


def bids_of(found: Sequence[Found]) -> list[OpenedBid | Fault]:
    """The bids among what was opened, in order; seeds left out."""
    return [
        thing
        for thing in found
        if isinstance(thing, OpenedBid) or (isinstance(thing, Fault) and not thing.supplier.startswith("@"))
    ]
