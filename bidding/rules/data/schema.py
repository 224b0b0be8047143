"""The shape of each table of rule data: which members make up its key, which its figures, in which unit.

A row holds every member of the key and every figure that is not optional, and nothing else besides what all rows have
(see `loading`). Rates are thousandths of a percent, amounts whole won.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

REGIMES = ("national", "local")
KINDS = ("goods", "services", "works")
METHODS = (
    "quote",
    "qualification",
    "lowest",
    "negotiation",
    "two-stage",
    "desired-quantity",
    "sale",
    "best-value",
    "reverse-auction",
)


class Unit(StrEnum):
    """What a member holds, and so how it is written and shown."""

    RATE = "rate"  # int, thousandths of a percent
    WON = "won"  # int
    DAYS = "days"  # int
    HOURS = "hours"  # int
    POINTS = "points"  # int, whole points
    PERCENT = "percent"  # int, whole percent
    COUNT = "count"  # int
    FRACTION = "fraction"  # text: "20", "3/8"
    CODE = "code"  # text, one of `choices` where there are any
    CODES = "codes"  # list of texts out of `choices`
    YES = "yes"  # true or false


WHOLE_NUMBERS = frozenset({Unit.RATE, Unit.WON, Unit.DAYS, Unit.HOURS, Unit.POINTS, Unit.PERCENT, Unit.COUNT})


@dataclass(frozen=True, slots=True)
class Member:
    unit: Unit
    choices: tuple[str, ...] = ()
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`complete`: members of the key whose every combination must have a series. `banded`: rows go by amount.
    `known`: likewise, those whose figure is computed with, so that a row without one is refused.
    """

    name: str
    key: MappingProxyType[str, Member]
    values: MappingProxyType[str, Member]
    banded: bool = False
    complete: MappingProxyType[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    known: MappingProxyType[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


def _code(*choices: str, optional: bool = False) -> Member:
    return Member(Unit.CODE, choices, optional)


def _table(
    name: str,
    key: dict[str, Member],
    values: dict[str, Member],
    *,
    banded: bool = False,
    complete: dict[str, tuple[str, ...]] | None = None,
    known: dict[str, tuple[str, ...]] | None = None,
) -> Table:
    return Table(
        name,
        MappingProxyType(key),
        MappingProxyType(values),
        banded,
        MappingProxyType(complete or {}),
        MappingProxyType(known or {}),
    )


RATE, WON, DAYS, POINTS = Member(Unit.RATE), Member(Unit.WON), Member(Unit.DAYS), Member(Unit.POINTS)
REGIME, KIND = _code(*REGIMES), _code(*KINDS)
CATEGORIES = (
    "",
    "specialised",
    "electrical",
    "other-works",
    "facility",
    "transport-and-software",
    "insurance",
    "engineering",
    "small-business-competition",
)
TERMS = (
    "estimated-price",
    "base-amount",
    "floor",
    "score-table",
    "net-cost",
    "technical",
    "price-formula",
    "ceiling",
    "quantity",
    "form",
    "rounds",
)
THRESHOLDS = (
    "notified-amount",
    "comprehensive-review",
    "comprehensive-review-supervision",
    "comprehensive-review-basic-design",
    "comprehensive-review-detailed-design",
    "small-business-only",
)
DELAY_CLASSES = ("works", "goods", "goods-designed", "services", "food", "transport")
# Single figures, each with its unit; `item` of a row names one of them.
FIGURES: MappingProxyType[str, Unit] = MappingProxyType(
    {
        "bidding-hours": Unit.HOURS,
        "opening-after-hours": Unit.HOURS,
        "correction-days": Unit.DAYS,
        "electronic-bond-eve-days": Unit.DAYS,
        "joint-agreement-eve-days": Unit.DAYS,
        "least-valid-bids": Unit.COUNT,
        "prior-disclosure-days": Unit.DAYS,
        "prior-disclosure-urgent-days": Unit.DAYS,
        "prior-disclosure-answer-days": Unit.DAYS,
        "prior-disclosure-committee-answer-days": Unit.DAYS,
        "prior-disclosure-from-won": Unit.WON,
        "review-document-days": Unit.DAYS,
        "review-finance-document-days": Unit.DAYS,
        "review-supplement-days": Unit.DAYS,
        "review-objection-days": Unit.DAYS,
        "net-cost-rate": Unit.RATE,
        "net-cost-below-won": Unit.WON,
        "technical-threshold-rate": Unit.RATE,
        "technical-total-points": Unit.POINTS,
        "standstill-days": Unit.DAYS,
        "document-omitted-up-to-won": Unit.WON,
        "contract-report-days": Unit.DAYS,
        "inspection-days": Unit.DAYS,
        "inspection-crisis-days": Unit.DAYS,
        "inspection-extension-days": Unit.DAYS,
        "inspection-report-omitted-up-to-won": Unit.WON,
        "payment-working-days": Unit.DAYS,
        "payment-crisis-working-days": Unit.DAYS,
        "part-payment-days": Unit.DAYS,
        "advance-rate": Unit.RATE,
        "penalty-cap-rate": Unit.RATE,
        "adjustment-after-days": Unit.DAYS,
        "adjustment-index-rate": Unit.RATE,
        "adjustment-material-rate": Unit.RATE,
        "design-change-award-below-rate": Unit.RATE,
        "design-change-increase-rate": Unit.RATE,
    }
)
GROUNDS = (
    "not-eligible",
    "sanctioned",
    "business-kind",
    "licence-missing",
    "region-mismatch",
    "representative-sanctioned",
    "bond-missing",
    "late",
    "duplicate-bid",
    "duplicate-representative",
    "statement-missing",
    "amounts-differ",
    "registration-changed",
    "not-by-system",
    "quality-statement-missing",
    "joint-contract-breach",
    "designer-alternative",
    "instructions-breach",
    "documents-missing",
    "false-documents",
    "below-pass-mark",
    "negotiation-failed",
    "contract-refused",
)
# The single figures without which a schedule or a contract cannot be computed.
COMPUTED = (
    "bidding-hours",
    "opening-after-hours",
    "electronic-bond-eve-days",
    "joint-agreement-eve-days",
    "document-omitted-up-to-won",
    "inspection-days",
    "payment-working-days",
    "penalty-cap-rate",
)
TABLES: MappingProxyType[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            _table(
                "methods",
                {"regime": REGIME, "method": _code(*METHODS)},
                {
                    "ranks_by": _code("lowest", "highest", "points"),
                    "needs": Member(Unit.CODES, TERMS),
                    "may_have": Member(Unit.CODES, TERMS),
                },
                complete={"regime": REGIMES, "method": METHODS},
            ),
            _table(
                "floor_rates",
                {"regime": REGIME, "kind": KIND, "category": _code(*CATEGORIES), "method": _code(*METHODS)},
                {"rate": RATE},
                banded=True,
                complete={"regime": REGIMES, "kind": KINDS, "category": ("",), "method": ("qualification", "quote")},
            ),
            _table(
                "score_tables",
                {"regime": REGIME, "kind": KIND, "category": _code(*CATEGORIES)},
                {
                    "code": _code(),
                    "full": POINTS,
                    "slope": Member(Unit.FRACTION),
                    "base": Member(Unit.PERCENT),
                    "pass_mark": POINTS,
                    "plateau": Member(Unit.RATE, is_optional=True),
                },
                banded=True,
                complete={"regime": REGIMES, "kind": KINDS, "category": ("",)},
            ),
            _table(
                "negotiation_prices",
                {
                    "regime": REGIME,
                    "category": _code("", "software"),
                    "variant": _code("standard", "lifted", "flat", "mark-70"),
                },
                {
                    "full": POINTS,
                    "reference": _code("estimated-price", "given"),
                    "mark": Member(Unit.PERCENT),
                    "low": Member(Unit.PERCENT),
                    "extra": Member(Unit.FRACTION),
                    "lifted": Member(Unit.YES),
                    "below_low": _code("line", "flat"),
                    "lowest_over": _code("valid", "qualified"),
                },
                complete={"regime": REGIMES, "category": ("", "software"), "variant": ("standard",)},
            ),
            _table(
                "price_ranges",
                {"regime": REGIME},
                {
                    "kind": _code("segments", "split"),
                    "lo": RATE,
                    "hi": RATE,
                    "above": Member(Unit.COUNT),
                    "below": Member(Unit.COUNT),
                },
                complete={"regime": REGIMES},
            ),
            _table(
                "notice_periods",
                {
                    "regime": REGIME,
                    "kind": _code("any", "works"),
                    "method": _code("any", "quote", "negotiation", "two-stage"),
                    "occasion": _code("ordinary", "urgent", "renotice"),
                },
                {"code": _code(), "days": DAYS, "working": Member(Unit.YES)},
                banded=True,
                complete={
                    "regime": REGIMES,
                    "kind": ("any",),
                    "method": ("any", "quote", "negotiation", "two-stage"),
                    "occasion": ("ordinary", "urgent", "renotice"),
                },
            ),
            _table(
                "quote_limits",
                {
                    "regime": REGIME,
                    "kind": KIND,
                    "category": _code(
                        "", "specialised", "other-works", "without-preference", "one-quote", "one-quote-preferred"
                    ),
                },
                {"max_won": WON},
                complete={"regime": REGIMES, "kind": KINDS, "category": ("",)},
            ),
            _table(
                "thresholds",
                {"regime": REGIME, "kind": KIND, "name": _code(*THRESHOLDS)},
                {"won": WON},
                complete={"regime": REGIMES, "kind": KINDS, "name": ("notified-amount",)},
            ),
            _table(
                "bonds",
                {
                    "regime": REGIME,
                    "bond": _code("bid", "contract", "works-completion", "warranty"),
                    "circumstance": _code(
                        "usual",
                        "crisis",
                        "low-award",
                        "works-deposit",
                        "works-deposit-crisis",
                        "stayed-debarment",
                        "bridges-and-dams",
                        "harbours",
                        "roads-and-buildings",
                        "other",
                    ),
                },
                {"rate": RATE, "exempt_up_to_won": Member(Unit.WON, is_optional=True)},
                complete={"regime": REGIMES, "bond": ("bid", "contract"), "circumstance": ("usual", "crisis")},
                known={"bond": ("contract",), "circumstance": ("usual",)},
            ),
            _table(
                "late_penalties",
                {"regime": REGIME, "delay_class": _code(*DELAY_CLASSES)},
                {"daily_rate": RATE},
                complete={"regime": REGIMES, "delay_class": DELAY_CLASSES},
                known={"delay_class": ("works", "goods", "services")},
            ),
            _table("stamp_duties", {"paper": _code("contract")}, {"won": WON}, banded=True),
            _table(
                "complaint_periods",
                {"regime": REGIME},
                {
                    "days_from_act": DAYS,
                    "days_from_knowing": DAYS,
                    "decision_days": DAYS,
                    "review_days": DAYS,
                    "review_decision_days": DAYS,
                    "acceptance_days": Member(Unit.DAYS, is_optional=True),
                },
                complete={"regime": REGIMES},
            ),
            _table(
                "complaint_thresholds",
                {"regime": REGIME, "kind": KIND, "category": _code("", "specialised", "other-works")},
                {"from_won": WON},
                complete={"regime": REGIMES, "kind": KINDS, "category": ("",)},
            ),
            _table(
                "figures",
                {"regime": REGIME, "item": _code(*FIGURES)},
                {"value": Member(Unit.COUNT)},
                complete={"regime": REGIMES, "item": tuple(FIGURES)},
                known={"item": COMPUTED},
            ),
            _table(
                "exclusion_grounds",
                {"regime": REGIME, "ground": _code(*GROUNDS)},
                {},
                complete={"regime": REGIMES, "ground": GROUNDS},
                known={"ground": GROUNDS},
            ),
            _table(
                "holder_policies",
                {"regime": REGIME},
                {"policy": _code("services", "committee", "hybrid")},
                banded=True,
                complete={"regime": REGIMES},
            ),
        )
    }
)
SOURCES = "sources"
FILES = (*TABLES, SOURCES)  # each is a file `<name>.toml`
