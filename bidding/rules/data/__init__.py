"""Rule data: figures of the law with the days on which they hold, their source, and how sure they are.

The TOML files in `tables/` are the data; `version()` names them, and a notice pins the version it was published under.
What a notice itself says always wins over these. How they are kept and changed: docs/rules.md.
"""

from __future__ import annotations

from bidding.rules.data.answers import (
    BondRate,
    ComplaintPeriods,
    Figure,
    FloorRate,
    Gap,
    Ground,
    HolderProposal,
    LatePenalty,
    Method,
    NegotiationFormula,
    NoticePeriod,
    PriceRange,
    QuoteLimit,
    ScoreTable,
)
from bidding.rules.data.continuity import Problem
from bidding.rules.data.contract_figures import (
    find_bond,
    find_complaint_threshold,
    find_figure,
    find_known_figure,
    find_late_penalty,
    find_or_national,
    find_stamp_duty,
    find_threshold,
)
from bidding.rules.data.loading import RuleDataError, canonical, load, load_kept
from bidding.rules.data.lookups import (
    find_complaint_periods,
    find_floor,
    find_gap,
    find_grounds,
    find_holder_policy,
    find_method,
    find_negotiation_formula,
    find_notice_period,
    find_price_range,
    find_quote_limit,
    find_score_table,
    floor_categories,
    negotiation_variants,
    score_categories,
)
from bidding.rules.data.rows import Book, Certainty, Row, Source, Standing
from bidding.rules.data.shipped import archived, shipped, shipped_versions

__all__ = [
    "BondRate",
    "Book",
    "Certainty",
    "ComplaintPeriods",
    "Figure",
    "FloorRate",
    "Gap",
    "Ground",
    "HolderProposal",
    "LatePenalty",
    "Method",
    "NegotiationFormula",
    "NoticePeriod",
    "PriceRange",
    "Problem",
    "QuoteLimit",
    "Row",
    "RuleDataError",
    "ScoreTable",
    "Source",
    "Standing",
    "archived",
    "canonical",
    "find_bond",
    "find_complaint_periods",
    "find_complaint_threshold",
    "find_figure",
    "find_floor",
    "find_gap",
    "find_grounds",
    "find_holder_policy",
    "find_known_figure",
    "find_late_penalty",
    "find_method",
    "find_negotiation_formula",
    "find_notice_period",
    "find_or_national",
    "find_price_range",
    "find_quote_limit",
    "find_score_table",
    "find_stamp_duty",
    "find_threshold",
    "floor_categories",
    "load",
    "load_kept",
    "negotiation_variants",
    "score_categories",
    "shipped",
    "shipped_versions",
    "version",
]


def version() -> str:
    """The version of the shipped data: the day on which they were last revised, and the beginning of their hash."""
    return shipped().version
