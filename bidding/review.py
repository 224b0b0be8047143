"""One decision about a bid after the opening, as `reviews.json` holds it: made by two persons, hashed into the log.

Pure. Points are ten-thousandths; `agreed_won` is the lower price that a negotiation ended with, None where it changed
nothing; `evidence` are SHA-256 of files, which are not published; `at` is a wire instant.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.tlog.canon import jcs

Json = dict[str, Any]

HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
POINTS = 1_000_000  # a hundred points
MOST_WON = 9_999_999_999_999_999  # sixteen digits, as every amount


class Kind(StrEnum):
    QUALIFICATION = "qualification"  # 적격심사: `points` are all points but the price's
    NEGOTIATION = "negotiation"  # 협상 성립 or 결렬
    DISQUALIFICATION = "disqualification"  # 무효, 부적격
    REFUSAL = "refusal"  # 미체결: the winner did not sign
    LOT_LIMIT = "lot-limit"  # it has won as many lots as the notice lets one bidder have
    REINSTATEMENT = "reinstatement"  # a complaint was upheld: whatever took the bid out before counts no more


class Result(StrEnum):
    PASS = "pass"  # noqa: S105  a verdict, no password
    FAIL = "fail"


EITHER = frozenset({Kind.QUALIFICATION, Kind.NEGOTIATION})
OUT = frozenset({Kind.DISQUALIFICATION, Kind.REFUSAL, Kind.LOT_LIMIT})  # these can only take a bid out
MEMBERS = {
    *("v", "type", "tender", "lot", "stmt", "kind", "result", "reason", "legal_basis"),
    *("points", "evidence", "approvals", "at"),
}


@dataclass(frozen=True, slots=True)
class Review:
    """`reason` is a code (`bidding.types.Reason`), empty where nothing is held against the bid."""

    tender: str
    lot: str
    stmt: str
    kind: str
    result: str
    approvals: tuple[str, str]
    at: str
    reason: str = ""
    legal_basis: str = ""
    points: int | None = None
    evidence: tuple[str, ...] = ()
    agreed_won: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in frozenset(Kind) or self.result not in frozenset(Result):
            raise ValueError("not a kind of review, or no result")
        if self.kind in OUT and self.result != Result.FAIL:
            raise ValueError(f"a {self.kind} takes a bid out")
        if self.kind == Kind.REINSTATEMENT and self.result != Result.PASS:
            raise ValueError("a reinstatement takes no bid out")
        if self.result == Result.FAIL and not (CODE.fullmatch(self.reason) and self.legal_basis):
            raise ValueError("a bid is taken out with a reason and its legal basis")
        if self.reason and not CODE.fullmatch(self.reason):
            raise ValueError("a reason is a code")
        if self.points is not None and (self.kind != Kind.QUALIFICATION or not 0 <= self.points <= POINTS):
            raise ValueError("points belong to a qualification, 0 to 100 of them")
        if self.agreed_won is not None and not (
            self.kind == Kind.NEGOTIATION and self.result == Result.PASS and 0 < self.agreed_won <= MOST_WON
        ):
            raise ValueError("an amount is agreed by a negotiation that came to something")
        if not all(HASH.fullmatch(sha256) for sha256 in self.evidence):
            raise ValueError("evidence is named by its SHA-256")
        if len(self.approvals) != 2 or not all(self.approvals) or self.approvals[0] == self.approvals[1]:
            raise ValueError("a review is decided by two persons")

    def to_json(self) -> Json:
        agreed = {} if self.agreed_won is None else {"agreed": str(self.agreed_won)}
        return agreed | {
            "v": 1,
            "type": "review",
            "tender": self.tender,
            "lot": self.lot,
            "stmt": self.stmt,
            "kind": str(self.kind),
            "result": str(self.result),
            "reason": str(self.reason),
            "legal_basis": self.legal_basis,
            "points": self.points,
            "evidence": list(self.evidence),
            "approvals": list(self.approvals),
            "at": self.at,
        }

    @classmethod
    def from_json(cls, item: Json) -> Review:
        """Read one item of `reviews.json`. ValueError for anything that `to_json` would not have written."""
        try:
            values = {name: value for name, value in item.items() if name not in ("v", "type", "agreed")}
            if "agreed" in item:
                values["agreed_won"] = int(item["agreed"])  # another spelling of it is found below
            others = ("points", "evidence", "approvals", "agreed_won")
            texts = [value for name, value in values.items() if name not in others]
            lists = [*values["evidence"], *values["approvals"]]
            if set(item) - {"agreed"} != MEMBERS or not all(isinstance(text, str) for text in [*texts, *lists]):
                raise ValueError("another shape")
            if values["points"] is not None and type(values["points"]) is not int:
                raise ValueError("points are a whole number of ten-thousandths")
            values |= {name: tuple(values[name]) for name in ("evidence", "approvals")}
            made = cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a review: {error}") from error
        if jcs(made.to_json()) != jcs(item):
            raise ValueError("not a review as bundles carry it")
        return made

    @property
    def sha256(self) -> str:
        """What `review.decided` names."""
        return hashlib.sha256(jcs(self.to_json())).hexdigest()


def reviews_sha256(reviews: Sequence[Review]) -> str:
    """SHA-256 of the bytes of `reviews.json`."""
    return hashlib.sha256(jcs([review.to_json() for review in reviews])).hexdigest()
