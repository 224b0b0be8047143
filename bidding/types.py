"""The values that a sealed bid becomes on its way to an award.

Pure: no I/O, no Flask, no SQL, no clock. Amounts are whole won; rates are thousandths of a percent (87.745 % is
87745); hashes are lower-case hex.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bidding.criteria import WHOLE as WHOLE  # noqa: PLC0414 - handed on
from bidding.draw_rule import DrawRule as DrawRule  # noqa: PLC0414 - handed on
from bidding.notice_terms import METHODS as METHODS  # noqa: PLC0414 - handed on
from bidding.notice_terms import REGIMES as REGIMES  # noqa: PLC0414 - handed on
from bidding.notice_terms import NoticeTerms as NoticeTerms  # noqa: PLC0414 - handed on
from bidding.scoring import Scoring

Json = dict[str, Any]

NO_PROPOSAL = "no-proposal"  # the one step of a bid that brought no proposal that could be read


class Verdict(StrEnum):
    """What the opening found in one envelope."""

    OPENED = "opened"
    MALFORMED = "malformed"  # does not open, by its bidder's own commitments
    INVALID = "invalid"  # opens to something that is no bid


class Reason(StrEnum):
    """Why a bid stands where it stands. Stable codes: interfaces translate them."""

    VALID = "valid"
    BELOW_FLOOR = "below-floor"
    BELOW_NET_COST = "below-net-cost"  # 순공사원가의 98 %, 국가계약법 10조 3항
    CANNOT_PASS = "cannot-pass"  # noqa: S105 - the review is lost even with all other points
    ABOVE_ESTIMATED_PRICE = "above-estimated-price"
    BELOW_ESTIMATED_PRICE = "below-estimated-price"  # a sale, 국가계약법 시행령 41조
    ABOVE_CEILING = "above-ceiling"  # the most that the notice pays where there is no estimated price
    NOT_QUALIFIED = "not-qualified"  # its technical points miss the threshold
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
    LATE = "late"
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
    quantity: int | None = None  # how many are offered at `amount_won` each (희망수량)


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
class TechnicalResult:
    """What the evaluators' sheets make of one proposal: points in ten-thousandths, whether they reach the threshold.

    An entry of `technical.json`'s `results`.
    """

    stmt: str
    points: int
    is_qualified: bool
    arithmetic: tuple[Step, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether there was no proposal that could be read: nothing was scored then."""
        return bool(self.arithmetic) and self.arithmetic[0].label == NO_PROPOSAL

    def to_json(self) -> Json:
        return {
            "stmt": self.stmt,
            "points": self.points,
            "qualified": self.is_qualified,
            "arithmetic": [step.to_json() for step in self.arithmetic],
        }


@dataclass(frozen=True, slots=True)
class Technical:
    """The technical evaluation that was fixed before the prices: the hash of `technical.json`, its results by stmt."""

    sha256: str
    results: Mapping[str, TechnicalResult]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule ranks by. `seed_n` puts equal bids in order; `base_won` is the base amount of the lot.

    `estimated_price_won` is None in draw mode M0.
    """

    estimated_price_won: int | None
    floor_rate: int | None
    a_value_won: int = 0
    lot: str = "1"
    seed_n: bytes = b""
    base_won: int | None = None
    scoring: Scoring | None = None
    technical: Mapping[str, TechnicalResult] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one bid in ten-thousandths: `technical` and price, or price and how many others a review must give."""

    price: int
    technical: int | None = None
    needed: int | None = None

    @property
    def total(self) -> int:
        return self.price + (self.technical or 0)

    def to_json(self) -> Json:
        if self.technical is None:
            return {"price": self.price, "needed": self.needed}
        return {"technical": self.technical, "price": self.price, "total": self.total}


@dataclass(frozen=True, slots=True)
class Placing:
    """Where one bid stands. `rank` is None for a bid out of the running; `is_tied` if a lot decided its place.

    `points`, `quantity` and `allotted` are there where the method has them, and absent from the JSON elsewhere.
    """

    stmt: str
    supplier: str
    rank: int | None
    reason: str
    amount_won: int | None = None
    rate: int | None = None  # 투찰율, thousandths of a percent, truncated
    is_tied: bool = False
    arithmetic: tuple[Step, ...] = ()
    points: Points | None = None
    quantity: int | None = None  # offered
    allotted: int | None = None  # of them taken, by this ranking

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
            **({"points": self.points.to_json()} if self.points is not None else {}),
            **({"quantity": self.quantity} if self.quantity is not None else {}),
            **({"allotted": self.allotted} if self.allotted is not None else {}),
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
    estimated_price_won: int | None  # None in mode M0
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
            "estimated_price": None if self.estimated_price_won is None else str(self.estimated_price_won),
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
    technical_sha256: str | None = None  # absent from the JSON where the method scores no proposals

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
            **({"technical_sha256": self.technical_sha256} if self.technical_sha256 is not None else {}),
        }
