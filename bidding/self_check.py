"""A supplier's own look before it bids: everything the law and the notice ask of it, one line each. Pure.

The register's own rule (`suppliers.front.why_ineligible_with`) judges each condition by itself, so that nothing hides
behind the first refusal: on the day of the look, and again on the day of the deadline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from suppliers.front import Ineligible, Requirements, Standing, why_ineligible_with

PASS, WARN, FAIL, LOOK = "pass", "warn", "fail", "look"  # `look`: only a person can compare it


@dataclass(frozen=True, slots=True)
class Check:
    """One line. `code` is stable (`bidding.self_check_texts` has its words); `why` is the register's own reason."""

    code: str
    result: str
    why: Ineligible | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Company:
    """What is known of the supplier. `standing_then`: on the day of the deadline, as far as it can be foreseen.

    `changed`: registered names that the supplier itself has entered anew (`name_ko`, `representatives`).
    """

    standing: Standing | None
    standing_then: Standing | None
    changed: tuple[str, ...] = ()
    namesakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bidding:
    """What is known of the person and the tender. `state`: `open`, `not-yet`, `late` or `closed`.

    `bond`: `given`, `open` or `late`, empty where the notice asks for none. `joint`: `alone`, `forming`, `lead` or
    `member` of a concluded consortium, empty where each bids alone.
    """

    state: str
    has_bid: bool
    keys: int
    asked: int = 0
    required: int = 0
    bond: str = ""
    joint: str = ""


def check_company(company: Company, asked: Requirements, now: datetime, closes_at: datetime) -> tuple[Check, ...]:
    """Registration, sanction, and every condition of the notice by itself; then the registered names."""
    return (
        *_registered(company, asked, now, closes_at),
        *_conditions(company, asked, now, closes_at),
        *_names(company),
    )


def check_bidding(bidding: Bidding) -> tuple[Check, ...]:
    """The time, the documents, the key. The browser is asked by its own script."""
    checks = [Check("bid-sent", PASS)] if bidding.has_bid else [_time(bidding.state)]
    if bidding.asked:
        facts = {"asked": bidding.asked, "required": bidding.required}
        checks.append(Check("documents", LOOK if bidding.required else PASS, facts=facts))
    if bidding.bond:
        checks.append(Check(f"bond-{bidding.bond}", {"given": PASS, "open": WARN}.get(bidding.bond, FAIL)))
    if bidding.joint:
        result = {"forming": WARN, "member": FAIL}.get(bidding.joint, PASS)
        checks.append(Check(f"joint-{bidding.joint}", PASS if bidding.has_bid else result))
    checks.append(Check("signing-key", PASS if bidding.keys else WARN, facts={"keys": bidding.keys}))
    return tuple(checks)


def worst(checks: Sequence[Check]) -> str:
    """The gravest result among them."""
    results = {one.result for one in checks}
    return next((result for result in (FAIL, WARN, LOOK) if result in results), PASS)


def _registered(company: Company, asked: Requirements, now: datetime, closes_at: datetime) -> Iterator[Check]:
    none = Requirements()
    yield _judge("registration", _unbarred(company.standing), _unbarred(company.standing_then), none, now, closes_at)
    if asked.registered_before_on is not None:
        early = Requirements(registered_before_on=asked.registered_before_on)
        yield _judge("registered-in-time", _sound(company.standing), None, early, now, closes_at)
    if company.standing is not None:
        yield _judge(
            "sanction", _sound(company.standing, True), _sound(company.standing_then, True), none, now, closes_at
        )


def _conditions(company: Company, asked: Requirements, now: datetime, closes_at: datetime) -> Iterator[Check]:
    parts = {
        "business-kind": Requirements(business_kind=asked.business_kind) if asked.business_kind else None,
        "region": Requirements(regions=asked.regions) if asked.regions else None,
        "licence": Requirements(licence_codes=asked.licence_codes) if asked.licence_codes else None,
        "size": Requirements(sizes=asked.sizes) if asked.sizes else None,
    }
    for code, part in parts.items():
        if part is not None:
            yield _judge(code, _sound(company.standing), _sound(company.standing_then), part, now, closes_at)


def _judge(
    code: str, standing: Standing | None, then: Standing | None, asked: Requirements, now: datetime, closes_at: datetime
) -> Check:
    """Failed now; or good now, and not on the day of the deadline any more."""
    if why := why_ineligible_with(standing, asked, now):
        return Check(code, FAIL, why)
    if then is not None and (why := why_ineligible_with(then, asked, closes_at)):
        return Check(code, WARN, why)
    return Check(code, PASS)


def _unbarred(standing: Standing | None) -> Standing | None:
    """As if no sanction bound: that is a line of its own."""
    return standing and replace(standing, sanctioned_until_on=None)


def _sound(standing: Standing | None, with_sanction: bool = False) -> Standing | None:
    """As if the registration were in force: that is a line of its own."""
    if standing is None or standing.registered_at is None or standing.valid_until_on is None:
        return None
    until = standing.sanctioned_until_on if with_sanction else None
    return replace(standing, state="active", valid_until_on=standing.valid_until_on.max, sanctioned_until_on=until)


def _names(company: Company) -> Iterator[Check]:
    if company.standing is None:
        return
    for code, name in (("registered-name", "name_ko"), ("representatives", "representatives")):
        yield Check(code, WARN if name in company.changed else LOOK)
    if company.namesakes:
        yield Check("namesake-barred", WARN, facts={"firms": ", ".join(company.namesakes)})


def _time(state: str) -> Check:
    return Check(f"time-{state}", {"open": PASS, "not-yet": WARN}.get(state, FAIL))
