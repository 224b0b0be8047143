"""The lines of the self-check in words: what was looked at, what was found, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from bidding.eligibility import told_ineligible
from bidding.self_check import FAIL, LOOK, PASS, WARN, Check

TITLE: Mapping[str, Any] = {
    "registration": _l("Registration as a supplier"),
    "registered-in-time": _l("Registered before the day of the deadline"),
    "sanction": _l("No sanction that bars from bidding"),
    "business-kind": _l("Registered for this kind of business"),
    "region": _l("Region"),
    "licence": _l("Licence"),
    "size": _l("Size of the firm"),
    "registered-name": _l("Registered name of the firm"),
    "representatives": _l("Registered representatives"),
    "namesake-barred": _l("A representative of the same name"),
    "bid-sent": _l("Your bid"),
    "time-open": _l("Time"),
    "time-not-yet": _l("Time"),
    "time-late": _l("Time"),
    "time-closed": _l("Time"),
    "documents": _l("Documents to bring"),
    "bond-given": _l("Bid bond"),
    "bond-open": _l("Bid bond"),
    "bond-late": _l("Bid bond"),
    "joint-alone": _l("Joint bid"),
    "joint-forming": _l("Joint bid"),
    "joint-lead": _l("Joint bid"),
    "joint-member": _l("Joint bid"),
    "signing-key": _l("Your signing key"),
}

# What is said of a line by its result, and what to do about it.
_SAID: Mapping[tuple[str, str], tuple[Any, Any]] = {
    ("registration", PASS): (_l("In force, today and on the day of the deadline."), ""),
    ("registered-in-time", PASS): (_l("In time."), ""),
    ("sanction", PASS): (_l("None binds today, and none is known for the day of the deadline."), ""),
    ("business-kind", PASS): (_l("As the notice asks."), ""),
    ("region", PASS): (_l("As the notice asks."), ""),
    ("licence", PASS): (_l("Held, today and on the day of the deadline."), ""),
    ("size", PASS): (_l("As the notice asks."), ""),
    ("registered-name", LOOK): (
        _l("Compare it with your business registration certificate: %(name)s."),
        _l("If the name has changed, have it registered before you bid: else the bid is invalid."),
    ),
    ("registered-name", WARN): (
        _l("You have entered a new name that is not registered yet. On the register: %(name)s."),
        _l("If the firm's name really has changed, a bid before the change is approved is invalid."),
    ),
    ("representatives", LOOK): (
        _l("Compare them with your corporate register, every one of them: %(representatives)s."),
        _l("If one has changed, have it registered before you bid: else the bid is invalid."),
    ),
    ("representatives", WARN): (
        _l("You have entered other representatives that are not registered yet. On the register: %(representatives)s."),
        _l("If they really have changed, a bid before the change is approved is invalid."),
    ),
    ("namesake-barred", WARN): (
        _l("A person of the same name represents a firm that is barred from bidding: %(firms)s."),
        _l("If it is the same person, a bid through this representative is invalid. If not, nothing need be done."),
    ),
    ("bid-sent", PASS): (_l("Already received. A bid is final; its receipt is on your bid's page."), ""),
    ("time-open", PASS): (_l("Bids are taken now, until the deadline."), ""),
    ("time-not-yet", WARN): (
        _l("Bids are not taken yet."),
        _l("Come back when bidding begins; this check stays open."),
    ),
    ("time-late", FAIL): (_l("The deadline has passed."), _l("A bid that arrives now is not received.")),
    ("time-closed", FAIL): (_l("This tender takes no bids."), _l("The tender's page shows how it stands.")),
    ("documents", PASS): (_l("None of them is required."), ""),
    ("documents", LOOK): (
        _l("%(asked)s asked for, %(required)s of them required."),
        _l("Have them ready as files; they are encrypted in your browser and uploaded before the bid."),
    ),
    ("bond-given", PASS): (_l("Given in time. Whether it is enough for your bid is known at the opening."), ""),
    ("bond-open", WARN): (
        _l("The notice asks for %(bond_rate)s of the bid amount, and you have given none."),
        _l("Give it on the bond's page before %(bond_until)s: a bid without it is invalid."),
    ),
    ("bond-late", FAIL): (_l("None was given, and its time is over since %(bond_until)s."), ""),
    ("joint-alone", PASS): (
        _l("Joint bids are taken; you are in no consortium and bid alone."),
        _l("An agreement can be concluded before %(joint_until)s, and not after a bid."),
    ),
    ("joint-forming", WARN): (
        _l("A consortium is being formed, and not every member has agreed."),
        _l("Conclude it before %(joint_until)s, and before anybody of it bids."),
    ),
    ("joint-lead", PASS): (_l("The agreement is concluded; your bid is the bid of all members."), ""),
    ("joint-member", FAIL): (
        _l("The agreement is concluded, and its lead bids for all."),
        _l("Your firm cannot bid by itself in this tender."),
    ),
    ("signing-key", PASS): (_l("Live keys and passkeys: %(keys)s."), _l("Use a device that holds one of them.")),
    ("signing-key", WARN): (
        _l("You have none yet."),
        _l("Make one on the page of your signing keys, or as the first step of the bid. It takes a minute."),
    ),
}
LEGAL_BASIS: Mapping[str, str] = {
    "registered-in-time": "전자조달법 시행령 제11조",
    "sanction": "국가계약법 제27조",
    "registered-name": "국가계약법 시행규칙 제44조제1항제6호의3",
    "representatives": "국가계약법 시행규칙 제44조제1항제6호의3",
    "namesake-barred": "국가계약법 시행규칙 제44조제1항제1호의2",
    "documents": "전자조달법 시행령 제5조",
    **dict.fromkeys(("bond-given", "bond-open", "bond-late"), "전자조달법 시행령 제8조"),
    **dict.fromkeys(("joint-alone", "joint-forming", "joint-lead", "joint-member"), "전자조달법 시행규칙 제3조"),
}
# The classes that the list of checks has in the style sheet of the bid page.
LOOKS: Mapping[str, str] = {PASS: "ok", WARN: "warn", FAIL: "bad", LOOK: "todo"}
WORD: Mapping[str, Any] = {
    PASS: _l("in order"),
    WARN: _l("mind this"),
    FAIL: _l("keeps you from bidding"),
    LOOK: _l("compare yourself"),
}


@dataclass(frozen=True, slots=True)
class Line:
    code: str
    look: str
    word: str
    title: str
    found: str
    todo: str
    legal_basis: str


def line_of(check: Check, facts: Mapping[str, Any]) -> Line:
    """The line as it is shown. `facts` are those of the company that the words name."""
    if check.why is not None:
        found, todo = told_ineligible(check.why)
        if check.result == WARN:
            found = _("Good today, but not on the day of the deadline: %(why)s", why=found)
    else:
        said, advice = _SAID[check.code, check.result]
        known = {**facts, **check.facts}
        found, todo = str(said) % known, str(advice) % known
    title, basis = str(TITLE[check.code]), LEGAL_BASIS.get(check.code, "")
    return Line(check.code, LOOKS[check.result], str(WORD[check.result]), title, found, todo, basis)
