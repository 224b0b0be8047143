"""Asks both verifiers, the one in Python and the one in JavaScript (in Node), about many bundles at a time."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.tlog.canon import unb64u
from bidding import pins
from bidding.verify import verify
from tests.bidding.node import node

DRIVER = Path(__file__).parent / "js" / "verify_many.mjs"
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Case:
    """What a reader holds: a bundle, and what else it brings."""

    bundle: bytes
    policy: str | None = None
    receipt: str | None = None
    old_checkpoint: str | None = None
    consistency: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return {
            "bundle": base64.b64encode(self.bundle).decode(),
            "policy": self.policy,
            "receipt": self.receipt,
            "oldCheckpoint": self.old_checkpoint,
            "consistency": self.consistency,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """(result, code, text) of each line; none, and why, where there was nothing to check."""

    lines: tuple[tuple[str, str, str], ...]
    refused: str | None = None

    @property
    def results(self) -> dict[str, str]:
        """PASS, FAIL or SKIP of each check; remarks are left out."""
        return {code: result for result, code, _ in self.lines if result != "WARN"}

    @property
    def verdict(self) -> str | None:
        """The first failing check, "not a bundle", or None where nothing fails."""
        if self.refused is not None:
            return "not a bundle"
        return next((code for code, result in self.results.items() if result == "FAIL"), None)

    def why(self, code: str) -> str:
        return "; ".join(f"{result} {text}" for result, found, text in self.lines if found == code)


def first_opinion(case: Case) -> Report:
    """What `python -m bidding.verify` finds."""
    proof = tuple(unb64u(line) for line in case.consistency.split()) if case.consistency else ()
    try:
        pinned = pins.parse(case.policy) if case.policy is not None else None
        found = verify(
            case.bundle,
            pinned=pinned,
            receipt=case.receipt,
            old_checkpoint=case.old_checkpoint,
            proofs=(proof,) if proof else (),
        )
    except ValueError as fault:
        return Report((), str(fault))
    return Report(tuple((str(line.result), line.code, line.text) for line in found))


def differences(first: Report, second: Report) -> list[str]:
    """What the two find differently: the result of a check, or the verdict. Remarks and wording are free."""
    found = [
        f"{code}: Python {first.why(code)} | JavaScript {second.why(code)}"
        for code in sorted(first.results | second.results)
        if first.results.get(code) != second.results.get(code)
    ]
    if first.verdict != second.verdict:
        said = " | ".join(
            f"{who} {one.verdict} {one.refused or ''}" for who, one in (("Python", first), ("JS", second))
        )
        found.append(f"verdict: {said}")
    return found


def disagreements(cases: Iterable[Case]) -> list[str]:
    known = list(cases)
    return [
        f"{number} {difference}"
        for number, (case, second) in enumerate(zip(known, second_opinion(known), strict=True))
        for difference in differences(first_opinion(case), second)
    ]


def second_opinion(cases: Iterable[Case]) -> Iterator[Report]:
    """A report for each case, in their order; a process of Node for each AT_ONCE of them."""
    waiting: list[Case] = []
    for case in cases:
        waiting.append(case)
        if len(waiting) == AT_ONCE:
            yield from _ask(waiting)
            waiting = []
    yield from _ask(waiting)


def _ask(cases: list[Case]) -> Iterator[Report]:
    if not cases:
        return
    asked = "".join(json.dumps(case.to_json()) + "\n" for case in cases)
    done = subprocess.run([node(), str(DRIVER)], input=asked, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(cases), done.stderr
    for answer in map(json.loads, answers):
        yield Report(tuple(tuple(line) for line in answer.get("lines", ())), answer.get("refused"))


def assert_agreed(bundle: bytes) -> None:
    """Both verifiers find the same of a bundle, check by check, with nothing pinned."""
    assert disagreements([Case(bundle)]) == []
