"""What pages show of a contract, as plain values: steps, timeline, possible acts, sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _

from app import audit
from app.auth import Actor
from app.formats import percent
from app.forms import Form
from app.web.templating import with_query
from contracts import labels, rules
from contracts.models import Contract
from contracts.services.figures import figures_of
from contracts.states import BEFORE, CONTRACT, ContractState

S = ContractState

_PATH: tuple[tuple[ContractState, str, Any], ...] = (
    (S.DRAFTED, "created_at", lambda: _("Draft")),
    (S.SENT, "sent_at", lambda: _("Sent")),
    (S.AGREED, "agreed_at", lambda: _("Agreed")),
    (S.CONCLUDED, "concluded_at", lambda: _("Concluded")),
    (S.DELIVERED, "delivered_at", lambda: _("Delivered")),
    (S.INSPECTED, "inspected_at", lambda: _("Inspected")),
    (S.INVOICED, "invoiced_at", lambda: _("Invoiced")),
    (S.PAID, "paid_at", lambda: _("Paid")),
    (S.CLOSED, "closed_at", lambda: _("Closed")),
)
_ORDER = [state for state, _stamp, _label in _PATH]
# How far a contract has come in states that are not steps of their own.
_COUNTS_AS = {S.DECLINED: S.DRAFTED, S.CORRECTING: S.CONCLUDED, S.TERMINATED: S.CONCLUDED, S.LAPSED: S.DRAFTED}


def steps_of(contract: Contract, *, is_public: bool = False) -> list[dict[str, Any]]:
    """The contract's life as steps. Each done step has its instant; the one that is waited for is current."""
    state = ContractState(contract.state)
    reached = _ORDER.index(_COUNTS_AS.get(state, state))
    items = []
    for place, (step, stamp, label) in enumerate(_PATH):
        is_last = step == S.CLOSED and state == S.CLOSED
        kind = "done" if place <= reached or is_last else "current" if place == reached + 1 else "todo"
        items.append({"label": label(), "state": kind, "at": getattr(contract, stamp) if kind == "done" else None})
    if state == S.TERMINATED:
        done = [item for item in items if item["state"] == "done"]
        items = [*done, {"label": labels.STATE[state], "state": "failed", "at": contract.terminated_at}]
    elif state == S.LAPSED:
        items = [items[0], {"label": labels.STATE[state], "state": "failed", "at": None}]
    elif state in (S.DECLINED, S.CORRECTING):
        items[reached + 1]["note"] = labels.STATE[state]
    return items[_ORDER.index(S.CONCLUDED) :] if is_public else items


def timeline_of(contract: Contract, *, is_public: bool) -> list[dict[str, Any]]:
    """The log entries about the contract, oldest first; the public sees it from its conclusion on."""
    entries = audit.entries_about(contract.audit_subject)
    items = []
    for entry in entries:
        if is_public and contract.concluded_at and entry.type in _BEFORE_CONCLUSION:
            continue
        title = labels.ENTRY.get(entry.type, entry.type)
        items.append({"at": entry.at, "title": title, "text": _told(contract, entry.type), "evidence": entry.index})
    return items


_BEFORE_CONCLUSION = frozenset(
    f"contract.{name}" for name in ("drafted", "terms_set", "sent", "withdrawn", "declined", "redrafted", "agreed")
)


def _told(contract: Contract, kind: str) -> str:
    if kind == "contract.concluded":
        return str(_("Document %(hash)s…", hash=(contract.document_sha256 or "")[:16]))
    if kind == "contract.accepted" and contract.late_days:
        return str(
            _("%(days)s days late; penalty %(won)s won", days=contract.late_days, won=f"{contract.penalty_won:,}")
        )
    if kind == "contract.terminated":
        return contract.termination_reason
    return ""


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of an account. `is_total` lines are set apart."""

    label: str
    won: int
    is_total: bool = False


def account_of(contract: Contract) -> list[Sum]:
    """Amount, penalty, owed, paid, open: each line follows from those above it."""
    owed = contract.amount_won - contract.penalty_won
    return [
        Sum(_("Contract amount"), contract.amount_won),
        Sum(_("Delay penalty"), -contract.penalty_won),
        Sum(_("Owed"), owed, is_total=True),
        Sum(_("Paid"), -contract.paid_won),
        Sum(_("Still open"), owed - contract.paid_won, is_total=True),
    ]


def penalty_lines(penalty: rules.Penalty) -> list[tuple[str, str]]:
    """The penalty's arithmetic, line by line, as `(what, figure)`."""
    rate = rules.per_mille(penalty.rate)
    return [
        (_("Days late"), f"{penalty.late_days:,}"),
        (_("Without the supplier's fault"), f"− {penalty.excused_days:,}"),
        (_("Days counted"), f"{penalty.days:,}"),
        (_("Contract less what was accepted in time"), f"{penalty.base_won:,}"),
        (
            _("%(base)s × %(rate)s × %(days)s", base=f"{penalty.base_won:,}", rate=rate, days=penalty.days),
            f"{penalty.raw_won:,}",
        ),
        (_("Cap: %(rate)s of it", rate=percent(penalty.cap.value, 0)), f"{penalty.cap_won:,}"),
        (_("Delay penalty"), f"{penalty.amount_won:,}"),
    ]


def penalty_if_delivered(contract: Contract, on: date) -> rules.Penalty | None:
    """What the penalty is (accepted), or would be if the waiting or a present delivery were accepted as it is."""
    if contract.due_on is None or contract.state in BEFORE:
        return None
    waiting = contract.open_delivery
    day = contract.delivered_on or (waiting.delivered_on if waiting else on)
    late = rules.late_days(contract.due_on, day)
    if not late:
        return None
    excused = min(contract.excused_days, late)
    figures = figures_of(contract)
    return rules.delay_penalty(contract.amount_won, contract.accepted_won, late, excused, contract.delay_class, figures)


def acts_of(contract: Contract, actor: Actor) -> set[str]:
    """The events that the transition table lets `actor` fire now, for showing forms; deciding is the services' part."""
    mine = actor.organisation_id in (contract.agency_id, contract.supplier_id)
    events = {row.event for row in CONTRACT.rows}
    return {event for event in events if mine and CONTRACT.allows(contract, event, actor)}


def active_filters(form: Form) -> list[dict[str, str]]:
    """Each filter in force with the address that takes it away."""
    words: dict[str, Any] = {
        "kind": lambda value: labels.KIND[value],
        "state": lambda value: labels.STATE[value],
        "least_won": lambda value: _("from %(amount)s won", amount=value),
        "most_won": lambda value: _("up to %(amount)s won", amount=value),
        "practice": lambda value: _("Practice only") if value == "only" else _("Without practice"),
        "from_on": lambda value: _("from %(day)s", day=value),
        "to_on": lambda value: _("until %(day)s", day=value),
        "q": lambda value: f"“{value}”",
    }
    chips = []
    for name, typed in request.args.items():
        if typed and name in words and name not in form.errors:
            href = with_query("contracts.register", name, "page")
            chips.append({"label": str(words[name](typed)), "href": href})
    return chips
