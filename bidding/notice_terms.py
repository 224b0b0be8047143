"""What a notice fixes for the evaluation of its bids. A pure value, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.tlog.canon import jcs
from bidding.criteria import Tech
from bidding.scoring import NegotiationScoring, Scoring, read_scoring

Json = dict[str, Any]

# The keys of `bidding.rules.RULES`.
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
FLOORED = ("quote", "qualification")  # the methods with a floor; the others have none
UNPRICED = ("negotiation", "sale", "best-value", "reverse-auction")  # those that may go without an estimated price (M0)
REGIMES = ("national", "local")


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """What the notice fixed for the evaluation; the member `terms` of `notice.json`, whose hash is in the box.

    `floor_rate` is None but for `quote` and `qualification`. `scoring` is what the method needs beside (absent from the
    JSON where None). `minimum_valid` bids are needed, else the tender fails (국가계약법 시행령 11조).
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
    scoring: Scoring | None = None

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
            **({"scoring": self.scoring.to_json()} if self.scoring is not None else {}),
        }

    @property
    def technical(self) -> Tech | None:
        """How proposals are scored, where they are."""
        return self.scoring.technical if self.scoring is not None else None

    @property
    def opens_all(self) -> bool:
        """Whether the prices of proposals that do not qualify are opened too: where the lowest of all bids counts."""
        return isinstance(self.scoring, NegotiationScoring) and self.scoring.price.lowest_over == "valid"

    @classmethod
    def from_json(cls, terms: Json) -> NoticeTerms:
        """Read `notice.json`'s terms. ValueError for anything that `to_json` would not have written."""
        try:
            values = {name: value for name, value in terms.items() if name not in ("a_value", "scoring")}
            scoring = read_scoring(terms["method"], terms.get("scoring"))
            made = cls(a_value_won=int(terms["a_value"]), scoring=scoring, **values)
        except (AttributeError, KeyError, TypeError) as error:
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
