"""What the lookups answer: figures with their legal basis and how sure they are. Values; units as in `schema`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bidding.rules.data.rows import Certainty, Standing


@dataclass(frozen=True, slots=True)
class FloorRate:
    """A proposed floor in thousandths of a percent."""

    rate: int
    category: str
    legal_basis: str
    certainty: Certainty

    @property
    def is_verified(self) -> bool:
        """Read in the published text itself."""
        return self.certainty is Certainty.OFFICIAL


@dataclass(frozen=True, slots=True)
class NoticePeriod:
    """How many days a notice must stand; `is_working`: only working days count."""

    code: str
    days: int
    is_working: bool
    legal_basis: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Where reserve prices lie; `kind` as in DrawRule."""

    kind: str
    lo: int
    hi: int
    above: int
    below: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class QuoteLimit:
    max_won: int
    legal_basis: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class HolderProposal:
    """Who is proposed to hold the keys from `from_won` on. `is_own`: the figure is ours, not the law's."""

    policy: str
    from_won: int
    is_own: bool
    legal_basis: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The price table of a qualification review: points = full - slope x |base - R|; `plateau` a rate or None."""

    code: str
    full: int
    slope: Fraction
    base: int
    pass_mark: int
    plateau: int | None
    legal_basis: str
    certainty: Certainty

    def to_scoring(self) -> dict[str, Any]:
        """As the terms of a notice carry it (`scoring.table`)."""
        return {
            "full": self.full,
            "slope": str(self.slope),
            "base": self.base,
            "pass_mark": self.pass_mark,
            "plateau": self.plateau,
        }


@dataclass(frozen=True, slots=True)
class NegotiationFormula:
    """The price points of a negotiated contract; `mark` and `low` percents of the reference price."""

    variant: str
    full: int
    reference: str
    mark: int
    low: int
    extra: Fraction
    lifted: bool
    below_low: str
    lowest_over: str
    legal_basis: str
    certainty: Certainty

    def to_scoring(self, reference_won: int | None = None) -> dict[str, Any]:
        """As the terms of a notice carry it (`scoring.price`)."""
        return {
            "full": self.full,
            "reference": self.reference,
            "reference_won": None if reference_won is None else str(reference_won),
            "mark": self.mark,
            "low": self.low,
            "extra": str(self.extra),
            "lifted": self.lifted,
            "below_low": self.below_low,
            "lowest_over": self.lowest_over,
        }


@dataclass(frozen=True, slots=True)
class ComplaintPeriods:
    """Days of a complaint. `acceptance_days`: after which the committee's proposal counts as accepted, if ever."""

    days_from_act: int
    days_from_knowing: int
    decision_days: int
    review_days: int
    review_decision_days: int
    acceptance_days: int | None
    legal_basis: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class BondRate:
    """A bond in thousandths of a percent; contracts up to `exempt_up_to_won` need none (None: no exemption)."""

    rate: int
    exempt_up_to_won: int | None
    legal_basis: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class LatePenalty:
    """A delay penalty: thousandths of a percent of the contract a day, and at most `cap` in all."""

    daily_rate: int
    cap: int
    legal_basis: str
    cap_basis: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Method:
    """A method of award: by what it ranks, which terms its notice needs and may have."""

    code: str
    ranks_by: str
    needs: tuple[str, ...]
    may_have: tuple[str, ...]
    legal_basis: str
    certainty: Certainty
    is_own: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A single figure in the unit of its item (`schema.FIGURES`)."""

    value: int
    legal_basis: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a bid goes out: the article, how sure it is, and what a reader must know of it."""

    legal_basis: str
    certainty: Certainty
    note: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why there is no figure: it is not known to us, or the law has none."""

    standing: Standing
    why: Mapping[str, str]
    legal_basis: str
