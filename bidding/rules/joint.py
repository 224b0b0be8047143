"""Joint bids (공동수급): what an agreement must say, until when it is made, and what becomes of shares.

Pure. Shares are thousandths of a percent (40 % = 40000). National decree art. 72 and its e-procurement rule art. 3: the
agreement is there by the day before the deadline, and neither made nor changed once the bid is in. Art. 44(2) of the
enforcement rule: a defect of a member that does not lead voids that member alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from app.time import KST, kst_date
from app.tlog.canon import jcs

Json = dict[str, Any]
WHOLE = 100_000
LEAST_MEMBERS, MOST_MEMBERS = 2, 10
BASIS = "국가를 당사자로 하는 계약에 관한 법률 시행령 제72조"


class JointKind(StrEnum):
    JOINT = "joint"  # 공동이행: all are liable for all, each with a share
    DIVIDED = "divided"  # 분담이행: each does a part of its own
    MAIN = "main-contractor"  # 주계약자관리: one leads and plans, each has a share


@dataclass(frozen=True, slots=True)
class JointTerms:
    """What the notice allows; `min_share` is the least share that a member may have."""

    kinds: tuple[str, ...]
    max_members: int
    min_share: int

    @classmethod
    def from_json(cls, value: Json) -> JointTerms:
        return cls(tuple(value["kinds"]), value["max_members"], value["min_share"])

    def to_json(self) -> Json:
        return {"kinds": list(self.kinds), "max_members": self.max_members, "min_share": self.min_share}


@dataclass(frozen=True, slots=True)
class Member:
    """`supplier` is a business registration number; `share` is 0 where each does a part of its own."""

    supplier: str
    share: int = 0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """공동수급협정: who bids together on one tender; the first member leads."""

    tender: str
    kind: str
    members: tuple[Member, ...]

    @property
    def lead(self) -> str:
        return self.members[0].supplier

    def to_json(self) -> Json:
        members = [{"supplier": one.supplier, "share": one.share, "part": one.part} for one in self.members]
        return {"v": 1, "type": "consortium", "tender": self.tender, "kind": str(self.kind), "members": members}

    @property
    def sha256(self) -> str:
        """What every member agrees to."""
        return hashlib.sha256(jcs(self.to_json())).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that an agreement may not say. `supplier` where it concerns one member."""

    code: str
    supplier: str = ""
    facts: Mapping[str, int] = field(default_factory=dict)


def faults_of(agreement: Agreement, terms: JointTerms) -> list[Fault]:
    """Everything wrong with the agreement under the notice's terms; empty where it may be concluded."""
    found = []
    if agreement.kind not in terms.kinds or agreement.kind not in frozenset(JointKind):
        found.append(Fault("kind-not-allowed"))
    members = agreement.members
    if not LEAST_MEMBERS <= len(members) <= terms.max_members:
        found.append(Fault("number-of-members", facts={"least": LEAST_MEMBERS, "most": terms.max_members}))
    names = [one.supplier for one in members]
    found += [Fault("member-twice", name) for name in sorted({name for name in names if names.count(name) > 1})]
    return found + (_parts(members) if agreement.kind == JointKind.DIVIDED else _shares(members, terms.min_share))


def _parts(members: Sequence[Member]) -> list[Fault]:
    found = [Fault("part-missing", one.supplier) for one in members if not one.part.strip()]
    return found + [Fault("share-not-asked", one.supplier) for one in members if one.share]


def _shares(members: Sequence[Member], least: int) -> list[Fault]:
    found = [Fault("share-too-small", one.supplier, {"least": least}) for one in members if one.share < max(least, 1)]
    total = sum(one.share for one in members)
    return found if total == WHOLE else [*found, Fault("shares-not-whole", facts={"total": total})]


def agreed_until(closes_at: datetime, eve_days: int, *, is_practice: bool = False) -> datetime:
    """The instant before which an agreement has to be concluded: the end of the day `eve_days` before the deadline,
    Korean time.

    A practice tender may open and close within one day: there it is the deadline.
    """
    if is_practice:
        return closes_at
    last_on = kst_date(closes_at) - timedelta(days=eve_days)
    return datetime.combine(last_on + timedelta(days=1), time(), KST).astimezone(closes_at.tzinfo)


def shares_left(members: Sequence[Member], void: Collection[str]) -> tuple[Member, ...]:
    """The members that are left, their shares in the same proportion and whole again, by largest remainder.

    ValueError where the first, who leads, is void: then the bid is.
    """
    if members and members[0].supplier in void:
        raise ValueError("without its lead there is no consortium")
    left = [one for one in members if one.supplier not in void]
    if len(left) == len(members) or not any(one.share for one in left):
        return tuple(left)
    shares = apportion(WHOLE, [one.share for one in left])
    return tuple(Member(one.supplier, share, one.part) for one, share in zip(left, shares, strict=True))


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` cut into whole parts in proportion to `weights`, nothing lost; equal remainders go to the earlier one.

    >>> apportion(100, [1, 1, 1])
    [34, 33, 33]
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative, and not all zero")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts
