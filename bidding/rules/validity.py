"""입찰무효: the list of 국가계약법 시행규칙 제44조 (지방계약법 시행규칙 제42조), what of it a machine finds.

Pure: facts of the registry and of the bond in, findings out. What the data show without doubt keeps a bid out of the
ranking at the opening (`out`); what they only hint at, and what only papers show, is an officer's decision with its
reason and a second person (`look`, or no finding at all).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bidding.rules.bonds import is_enough
from bidding.rules.data import Ground
from bidding.types import Exclusion, Reason


@dataclass(frozen=True, slots=True)
class Item:
    """One ground of the list; its article stands in the rule data (`find_grounds`).

    `by`: `itself` where the data decide, `officer` where papers do, `intake` where such a bid is never taken at all.
    """

    code: Reason
    by: str


LIST: tuple[Item, ...] = (
    Item(Reason.NOT_ELIGIBLE, "itself"),
    Item(Reason.SANCTIONED, "itself"),
    Item(Reason.BUSINESS_KIND, "itself"),
    Item(Reason.LICENCE_MISSING, "itself"),
    Item(Reason.REGION_MISMATCH, "itself"),
    Item(Reason.REPRESENTATIVE_SANCTIONED, "itself"),
    Item(Reason.BOND_MISSING, "itself"),
    Item(Reason.LATE, "intake"),
    Item(Reason.DUPLICATE_BID, "intake"),
    Item(Reason.DUPLICATE_REPRESENTATIVE, "itself"),
    Item(Reason.STATEMENT_MISSING, "officer"),
    Item(Reason.AMOUNTS_DIFFER, "officer"),
    Item(Reason.REGISTRATION_CHANGED, "itself"),
    Item(Reason.NOT_BY_SYSTEM, "intake"),
    Item(Reason.QUALITY_STATEMENT_MISSING, "officer"),
    Item(Reason.JOINT_CONTRACT_BREACH, "officer"),
    Item(Reason.DESIGNER_ALTERNATIVE, "officer"),
    Item(Reason.INSTRUCTIONS_BREACH, "officer"),
)
OTHERS: Mapping[str, tuple[Reason, ...]] = MappingProxyType(
    {
        "qualification": (Reason.DOCUMENTS_MISSING, Reason.FALSE_DOCUMENTS, Reason.BELOW_PASS_MARK),
        "negotiation": (Reason.NEGOTIATION_FAILED,),
        "refusal": (Reason.CONTRACT_REFUSED,),
    }
)


def codes_for(kind: str) -> tuple[str, ...]:
    """The codes of the grounds that a decision of this kind can give."""
    return tuple(str(code) for code in OTHERS.get(kind) or (*(one.code for one in LIST), Reason.FALSE_DOCUMENTS))


@dataclass(frozen=True, slots=True)
class Bond:
    kind: str
    covers_won: int | None
    is_in_time: bool


@dataclass(frozen=True, slots=True)
class BidFacts:
    """What is known of one opened bid. `ineligible`: the registry's reasons on the day of the deadline.

    `people`: hashes that tell its representatives apart, of those whose identity was confirmed; `names`: of all.
    `changed`: `before` where a change of name or representatives had been applied for before the bid and was
    registered after it; `after` where one came to light later or is not decided yet. `is_other_now`: the register was
    changed after the deadline, so what it says of that day is to be looked at.
    """

    stmt: str
    amount_won: int
    ineligible: frozenset[str] = frozenset()
    is_other_now: bool = False
    is_sanctioned: bool = False
    people: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    has_sanctioned_person: bool = False
    changed: str = ""
    bond: Bond | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`result` is `out` or `look`. `note`: figures or a code, no name of a person."""

    code: str
    result: str
    note: str = ""

    def to_json(self) -> dict[str, str]:
        return {"code": str(self.code), "result": self.result, "note": self.note}


# The registry's reasons as this list's.
AS_VOID: Mapping[str, Reason] = MappingProxyType(
    {
        "sanctioned": Reason.SANCTIONED,
        "business-kind": Reason.BUSINESS_KIND,
        "region": Reason.REGION_MISMATCH,
        "licence": Reason.LICENCE_MISSING,
        "licence-expired": Reason.LICENCE_MISSING,
    }
)


@dataclass(slots=True)
class Findings:
    """What was found of each bid, by its statement; bids without a finding are not in it."""

    found: dict[str, list[Finding]] = field(default_factory=dict)

    def add(self, stmt: str, code: str, result: str, note: str = "") -> None:
        self.found.setdefault(stmt, []).append(Finding(code, result, note))


def check_bids(facts: Sequence[BidFacts], bond_rate: int | None) -> dict[str, list[Finding]]:
    """All checks on all bids. A representative behind two bids voids every one of them: 동일인의 2통 이상."""
    findings = Findings()
    people = Counter(person for one in facts for person in one.people)
    names = Counter(name for one in facts for name in one.names)
    for one in facts:
        for code in sorted({str(AS_VOID.get(reason, Reason.NOT_ELIGIBLE)) for reason in one.ineligible}):
            result = "look" if one.is_other_now else "out"
            findings.add(one.stmt, code, result, ", ".join(sorted(one.ineligible)))
        if one.is_sanctioned and "sanctioned" not in one.ineligible:
            findings.add(one.stmt, Reason.SANCTIONED, "out")
        if one.has_sanctioned_person:
            findings.add(one.stmt, Reason.REPRESENTATIVE_SANCTIONED, "out")
        _check_people(findings, one, people, names)
        if one.changed:
            findings.add(one.stmt, Reason.REGISTRATION_CHANGED, "out" if one.changed == "before" else "look")
        _check_bond(findings, one, bond_rate)
    return findings.found


def _check_people(findings: Findings, one: BidFacts, people: Mapping[str, int], names: Mapping[str, int]) -> None:
    if any(people[person] > 1 for person in one.people):
        findings.add(one.stmt, Reason.DUPLICATE_REPRESENTATIVE, "out")
    elif any(names[name] > 1 for name in one.names):
        findings.add(one.stmt, Reason.DUPLICATE_REPRESENTATIVE, "look", "same-name")  # two may share a name


def _check_bond(findings: Findings, one: BidFacts, rate: int | None) -> None:
    if rate is None:
        return
    bond = one.bond
    if bond is None or not bond.is_in_time:
        findings.add(one.stmt, Reason.BOND_MISSING, "out", "none" if bond is None else "late")
    elif not is_enough(bond.kind, bond.covers_won, one.amount_won, rate):
        findings.add(one.stmt, Reason.BOND_MISSING, "out", "too-small")


def exclusions_from(
    found: Mapping[str, Sequence[Finding]], order: Sequence[str], grounds: Mapping[str, Ground]
) -> list[Exclusion]:
    """One exclusion a bid, by the first thing that puts it out, in the order of the list of bids."""
    made = []
    for stmt in order:
        out = next((one for one in found.get(stmt, ()) if one.result == "out"), None)
        if out is not None:
            made.append(Exclusion(stmt, out.code, grounds[out.code].legal_basis))
    return made
