"""The values that a sealed bid becomes on its way to an award.

Pure: no I/O, no Flask, no SQL, no clock. Amounts are whole won; rates are thousandths of a percent (87.745 % is
87745); hashes are lower-case hex.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.tlog.canon import jcs

Json = dict[str, Any]

WHOLE = 100_000  # 100 % in thousandths of a percent
METHODS = ("quote", "qualification", "lowest")  # the keys of `bidding.rules.RULES`
REGIMES = ("national", "local")
MOST_PRICES = 100  # reserve prices of one draw; a box is a stranger's file, and more would only keep a verifier busy


class Verdict(StrEnum):
    """What the opening found in one envelope."""

    OPENED = "opened"
    MALFORMED = "malformed"  # does not open, by its bidder's own commitments
    INVALID = "invalid"  # opens to something that is no bid


class Reason(StrEnum):
    """Why a bid stands where it stands. Stable codes: interfaces translate them."""

    VALID = "valid"
    BELOW_FLOOR = "below-floor"
    ABOVE_ESTIMATED_PRICE = "above-estimated-price"
    MALFORMED = "malformed"
    INVALID = "invalid"
    DUPLICATE_REPRESENTATIVE = (
        "duplicate-representative"  # one person behind two bids, 국가계약법 시행규칙 44조 1항 4호
    )
    NOT_ELIGIBLE = "not-eligible"
    SANCTIONED = "sanctioned"
    CANCELLED = "cancelled"
    TOO_FEW_VALID_BIDS = "too-few-valid-bids"
    # Void by 국가계약법 시행규칙 44조 (`bidding.rules.validity` has the item of each)
    REPRESENTATIVE_SANCTIONED = "representative-sanctioned"
    LICENCE_MISSING = "licence-missing"
    REGION_MISMATCH = "region-mismatch"
    BUSINESS_KIND = "business-kind"
    BOND_MISSING = "bond-missing"
    DUPLICATE_BID = "duplicate-bid"
    STATEMENT_MISSING = "statement-missing"  # no statement of quantities
    AMOUNTS_DIFFER = "amounts-differ"  # its total is not the bid's
    REGISTRATION_CHANGED = "registration-changed"  # name or representatives, not registered before the bid
    NOT_BY_SYSTEM = "not-by-system"
    QUALITY_STATEMENT_MISSING = "quality-statement-missing"
    JOINT_CONTRACT_BREACH = "joint-contract-breach"
    DESIGNER_ALTERNATIVE = "designer-alternative"
    INSTRUCTIONS_BREACH = "instructions-breach"
    # By a review after the opening (`bidding.review`)
    BELOW_PASS_MARK = "below-pass-mark"  # noqa: S105  no password
    DOCUMENTS_MISSING = "documents-missing"
    FALSE_DOCUMENTS = "false-documents"
    NEGOTIATION_FAILED = "negotiation-failed"
    CONTRACT_REFUSED = "contract-refused"
    LOT_LIMIT = "lot-limit"
    COMPLAINT_UPHELD = "complaint-upheld"


class Outcome(StrEnum):
    RANKED = "ranked"
    FAILED = "failed"  # 유찰: fewer valid bids than the law asks
    NO_WINNER = "no-winner"  # nobody between the floor and the estimated price


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """One bid in clear. `picks` are the reserve-price numbers chosen, 1-based, in the bidder's order."""

    stmt: str
    supplier: str
    amount_won: int
    picks: tuple[int, ...] = ()
    nonce: bytes = b""
    bid: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A bid that could not be opened or understood. `reason` is a stable code (`cek-commitment`, `payload`, …)."""

    stmt: str
    supplier: str
    verdict: Verdict
    reason: str
    bid: str = ""


@dataclass(frozen=True, slots=True)
class Seed:
    """An opened contribution to the draw: `holder` is `@agency` or `@` and a keyholder's id. 32 bytes."""

    stmt: str
    holder: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class ReservePrices:
    """Mode M3: the reserve prices that were sealed at publication, in the order they were given."""

    stmt: str
    holder: str
    prices_won: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic to show: a label code, the expression as written out, and its value.

    Only digits, signs and codes: the same line reads in every language.
    """

    label: str
    expression: str
    value: str

    def to_json(self) -> Json:
        return {"label": self.label, "expression": self.expression, "value": self.value}


@dataclass(frozen=True, slots=True)
class DrawRule:
    """How the reserve prices are made and drawn; `to_json` is the box's `draw` member (protocol 3.3, 3.13).

    `kind`: `segments` (one rate in each of `n` equal parts of the range), `split` (`above` rates over and `below`
    rates under 100 %) or `given` (mode M3: somebody chose the prices). `order`: `drawn` renumbers the prices by the
    seed that nobody knows before the opening; `given` keeps the numbers (mode M3 in practice tenders only).
    `base` is the base amount by lot, in won; `round` a code of `bidding.rounding.ROUNDINGS`.
    """

    base: Mapping[str, int]
    mode: str = "M2"
    kind: str = "segments"
    lo: int = 98_000
    hi: int = 102_000
    n: int = 15
    above: int = 7
    below: int = 8
    pick: int = 2
    choose: int = 4
    round: str = "up-1"
    order: str = "drawn"

    def __post_init__(self) -> None:
        if self.mode not in ("M1", "M2", "M3") or self.kind not in ("segments", "split", "given"):
            raise ValueError(f"unknown draw {self.mode} {self.kind}")
        if (self.mode == "M3") != (self.kind == "given"):
            raise ValueError("reserve prices are given in mode M3, and only there")
        if self.order not in ("drawn", "given") or (self.order == "given" and self.mode != "M3"):
            raise ValueError("only given prices can keep their numbers")
        if self.kind == "split" and self.above + self.below != self.n:
            raise ValueError("a split must make n prices")
        if self.kind == "split" and min(self.above, self.below) < 0:
            raise ValueError("a split cannot make fewer than no prices")
        if not 1 <= self.n <= MOST_PRICES:
            raise ValueError(f"a draw has 1 to {MOST_PRICES} prices")
        if not (0 < self.lo < self.hi and 1 <= self.pick <= self.n and 1 <= self.choose <= self.n):
            raise ValueError("draw out of range")
        if any(won <= 0 for won in self.base.values()):
            raise ValueError("a base amount must be positive")

    def to_json(self) -> Json:
        rule: Json = {"kind": self.kind, "lo": self.lo, "hi": self.hi, "n": self.n}
        if self.kind == "split":
            rule |= {"above": self.above, "below": self.below}
        return {
            "mode": self.mode,
            "rule": rule,
            "pick": self.pick,
            "choose": self.choose,
            "base": {lot: str(won) for lot, won in self.base.items()},
            "round": self.round,
            "order": self.order,
            "beacon": None,
        }

    @classmethod
    def from_json(cls, draw: Json) -> DrawRule:
        """Read a box's `draw`. ValueError for anything that `to_json` would not have written."""
        try:
            rule = draw["rule"]
            made = cls(
                base={lot: int(won) for lot, won in draw["base"].items()},
                **{name: draw[name] for name in ("mode", "pick", "choose", "round", "order")},
                **{name: rule[name] for name in rule},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a draw: {error}") from error
        if jcs(made.to_json()) != jcs(draw):  # by their bytes: 1 == True, and is not it
            raise ValueError("not a draw as boxes carry it")
        return made


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """What the notice fixed for the evaluation; the member `terms` of `notice.json`, whose hash is in the box.

    `floor_rate` is None for `lowest`. `minimum_valid` bids are needed, else the tender fails (국가계약법 시행령 11조).
    """

    tender: str
    method: str
    floor_rate: int | None
    rule_version: str
    lot: str = "1"
    a_value_won: int = 0
    minimum_valid: int = 2
    regime: str = "national"
    kind: str = "services"
    is_rebid: bool = False  # 재공고: what the law allows after a second failure differs

    def to_json(self) -> Json:
        return {
            "tender": self.tender,
            "lot": self.lot,
            "method": self.method,
            "floor_rate": self.floor_rate,
            "a_value": str(self.a_value_won),
            "minimum_valid": self.minimum_valid,
            "regime": self.regime,
            "kind": self.kind,
            "is_rebid": self.is_rebid,
            "rule_version": self.rule_version,
        }

    @classmethod
    def from_json(cls, terms: Json) -> NoticeTerms:
        """Read `notice.json`'s terms. ValueError for anything that `to_json` would not have written."""
        try:
            values = {name: value for name, value in terms.items() if name != "a_value"}
            made = cls(a_value_won=int(terms["a_value"]), **values)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a notice's terms: {error}") from error
        if jcs(made.to_json()) != jcs(terms) or not made._is_proper():
            raise ValueError("not a notice's terms as notices carry them")
        return made

    def _is_proper(self) -> bool:
        """Whether each term is of its kind: a notice is a stranger's file to whoever verifies it."""
        texts = (self.tender, self.lot, self.method, self.regime, self.kind, self.rule_version)
        counts = (self.minimum_valid, 0 if self.floor_rate is None else self.floor_rate)
        return (
            all(isinstance(text, str) for text in texts)
            and all(type(count) is int for count in counts)
            and type(self.is_rebid) is bool
            and self.method in METHODS
            and self.regime in REGIMES
            and self.a_value_won >= 0
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule ranks by. `lots` puts equal prices in order: amount and statements in, statements out."""

    estimated_price_won: int
    floor_rate: int | None
    a_value_won: int = 0
    lot: str = "1"
    seed_n: bytes = b""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where one bid stands. `rank` is None for a bid out of the running; `is_tied` if a lot decided its place."""

    stmt: str
    supplier: str
    rank: int | None
    reason: str
    amount_won: int | None = None
    rate: int | None = None  # 투찰율, thousandths of a percent, truncated
    is_tied: bool = False
    arithmetic: tuple[Step, ...] = ()

    def to_json(self) -> Json:
        return {
            "stmt": self.stmt,
            "supplier": self.supplier,
            "rank": self.rank,
            "reason": str(self.reason),
            "amount": None if self.amount_won is None else str(self.amount_won),
            "rate": self.rate,
            "tied": self.is_tied,
            "arithmetic": [step.to_json() for step in self.arithmetic],
        }


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A bid kept out of the ranking by a fact of the registry, not of its envelope. Its picks still count."""

    stmt: str
    reason: str
    legal_basis: str = ""

    def to_json(self) -> Json:
        return {"stmt": self.stmt, "reason": str(self.reason), "legal_basis": self.legal_basis}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the law allows after a tender without a winner: a code (`rebid`, `renotice`, `negotiated-contract`)."""

    action: str
    legal_basis: str

    def to_json(self) -> Json:
        return {"action": self.action, "legal_basis": self.legal_basis}


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw, every number of it. `prices_won[i]` carries number i+1, `counts[i]` how often it was picked."""

    rule: DrawRule
    lot: str
    box_id: bytes
    box_root: bytes
    bidders: int
    seed_n: bytes
    seed_v: bytes | None
    rates: tuple[int, ...] | None
    prices_won: tuple[int, ...]
    counts: tuple[int, ...]
    drawn: tuple[int, ...]
    sum_won: int
    estimated_price_won: int
    arithmetic: tuple[Step, ...] = field(default=())

    def to_json(self) -> Json:
        return {
            "v": 1,
            "type": "draw",
            "mode": self.rule.mode,
            "order": self.rule.order,
            "lot": self.lot,
            "box": self.box_id.hex(),
            "box_root": self.box_root.hex(),
            "bidders": self.bidders,
            "seed_n": self.seed_n.hex(),
            "seed_v": self.seed_v.hex() if self.seed_v is not None else None,
            "rates": list(self.rates) if self.rates is not None else None,
            "prices": [str(won) for won in self.prices_won],
            "counts": list(self.counts),
            "drawn": list(self.drawn),
            "sum": str(self.sum_won),
            "choose": self.rule.choose,
            "round": self.rule.round,
            "estimated_price": str(self.estimated_price_won),
            "arithmetic": [step.to_json() for step in self.arithmetic],
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every bid placed, or told why not, with its arithmetic. Officers confirm `bidding.evaluation.digest_of` it.

    `placings` come ranked first, in order, then the rest in the order of the list. `draw` is None when the tender
    failed for want of bids: the reserve prices then stay unused. `valid` counts bids that are valid as bids.
    """

    terms: NoticeTerms
    box_id: str
    outcome: Outcome
    draw: Draw | None
    floor_price_won: int | None
    valid: int
    placings: tuple[Placing, ...]
    exclusions: tuple[Exclusion, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    arithmetic: tuple[Step, ...] = ()
    draw_sha256: str | None = None

    @property
    def winner(self) -> Placing | None:
        return next((placing for placing in self.placings if placing.rank == 1), None)

    @property
    def estimated_price_won(self) -> int | None:
        return self.draw.estimated_price_won if self.draw is not None else None

    def to_json(self) -> Json:
        price, floor = self.estimated_price_won, self.floor_price_won
        return {
            "v": 1,
            "type": "evaluation",
            "terms": self.terms.to_json(),
            "box": self.box_id,
            "outcome": str(self.outcome),
            "draw_sha256": self.draw_sha256,
            "estimated_price": None if price is None else str(price),
            "floor_price": None if floor is None else str(floor),
            "valid": self.valid,
            "placings": [placing.to_json() for placing in self.placings],
            "exclusions": [exclusion.to_json() for exclusion in self.exclusions],
            "next": [step.to_json() for step in self.next_steps],
            "arithmetic": [step.to_json() for step in self.arithmetic],
        }
