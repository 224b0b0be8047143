"""Who can open a box, in words: for the notice, the bid page, the review and the agency's room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from app.db import db
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Recovery, SuppliedKey, Tender
from bidding.policy import Groups, HolderPolicy, groups_of, single_operators
from bidding.sealing import Lane
from bidding.services.groups import in_force
from bidding.services.recovery import find_recovery
from bidding.states import BidState, TenderState


def _(text: str, **facts: Any) -> str:
    return str(gettext(text, **facts))


@dataclass(frozen=True, slots=True)
class Opener:
    """One holder as everybody may see it: a member by its seat and organisation, never by name."""

    holder: str
    name: str
    operator: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """`sentence` says who together can open; `gap` what that does not protect against, or nothing."""

    openers: tuple[Opener, ...]
    sentence: str
    gap: str


def opening_rule(tender: Tender) -> OpeningRule | None:
    """The rule of the tender's box; None before there is one."""
    if tender.box is None:
        return None
    groups = Lane.from_json(tender.box["lanes"]["price"]).groups
    openers = tuple(
        Opener(
            one.holder,
            _("Service %(id)s", id=one.holder) if one.kind == "service" else _("Member %(id)s", id=one.holder),
            one.operator or _("the operator of this site"),
            one.ready_at is not None,
        )
        for one in tender.holders
    )
    return OpeningRule(openers, _sentence(groups), _gap(groups, {one.holder: one.operator for one in tender.holders}))


def planned_rule(panel: Panel) -> OpeningRule | None:
    """The rule that services alone would give by the settings, for the draft."""
    try:
        groups = groups_of(HolderPolicy.SERVICES, panel.holders, ())
    except ValueError:
        return None
    operators = {one.holder: one.operator for one in panel}
    openers = tuple(
        Opener(one.holder, _("Service %(id)s", id=one.holder), one.operator or _("the operator of this site"), True)
        for one in panel
    )
    return OpeningRule(openers, _sentence(groups), _gap(groups, operators))


def _sentence(groups: Groups) -> str:
    holders = {holder for group in groups for holder in group}
    always = set.intersection(*(set(group) for group in groups))
    least, count = len(groups[0]), len(holders)
    if count == 1:
        return _("One keyholder opens the bids.")
    if len(always) == 1 and len(groups) > 1:
        return _(
            "Service %(id)s and any %(least)s of %(count)s members open the bids together.",
            id=next(iter(always)), least=least - 1, count=count - 1,
        )  # fmt: skip
    if least == count:
        return _("All %(count)s keyholders open the bids together.", count=count)
    return _("Any %(least)s of %(count)s keyholders open the bids together.", least=least, count=count)


def _gap(groups: Groups, operators: dict[str, str]) -> str:
    alone = sorted(single_operators(groups, operators))
    if not alone:
        return ""
    if len({holder for group in groups for holder in group}) == 1 and alone == [""]:
        return _(
            "This does not protect against the operator of this site: with its one key it could read bids before the "
            "opening. It could not change, add or drop one without the log showing it."
        )
    names = ", ".join(name or _("the operator of this site") for name in alone)
    return _(
        "This does not protect against %(operator)s: it runs enough of the keyholders to read bids before the opening. "
        "It could not change, add or drop one without the log showing it.",
        operator=names,
    )


@dataclass(frozen=True, slots=True)
class Stuck:
    """An opening that no group is left for; `found` is the recovery that was proposed or is in force."""

    found: Recovery | None


def recovery_of(tender: Tender) -> Stuck | None:
    """What the agency sees of an opening that cannot go on; None for any other tender."""
    if tender.state != TenderState.OPENING:
        return None
    group = in_force(tender.id, "price")
    return Stuck(find_recovery(tender.id)) if group is not None and not group.holders else None


def recovery_asked(bid: Bid) -> Recovery | None:
    """What a bidder is asked for: the recovery in force of its sealed bid's tender."""
    if bid.state not in (BidState.SUBMITTED, BidState.PRESENTED) or bid.tender.state != TenderState.OPENING:
        return None
    found = find_recovery(bid.tender_id)
    return found if found is not None and found.approved_at is not None else None


def key_given_at(bid: Bid) -> datetime | None:
    """When the bidder's sealed key came in for the recovery; None while none has."""
    given = db.session.get(SuppliedKey, bid.id)
    return None if given is None else given.supplied_at
