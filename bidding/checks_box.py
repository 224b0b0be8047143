"""Checks V05-V07: the box and its notice, the keys that it is sealed to, and the deadline."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from app.time import from_wire
from app.tlog import note
from bidding.bundle import LoggedEvent
from bidding.checks import DOCS, PRICE, Case, CheckFunction, check_approvals, require, same
from bidding.sealing import Lane, box_id
from bidding.types import DrawRule, NoticeTerms

# What an outage gives at the least, counted from its recovery or from the deadline that it touched.
AFTER_OUTAGE, AFTER_DISASTER, DISASTER = timedelta(hours=2), timedelta(hours=48), timedelta(hours=24)


def v05_box(case: Case) -> str:
    case.box = note.open_object(case.bundle.text("box.note"), "box", [case.keys.agency])
    case.box_id = box_id(case.box)
    published = case.published()
    require(same([case.box[name] for name in ("v", "type", "suite", "replace")], [1, "box", "S1", "forbidden"]),
            "a box of another kind")  # fmt: skip
    require(published.get("box") == case.box_id, "the log published another box")
    require(case.box.get("tender") == published.get("tender"), "the box is of another tender")
    case.notice = case.bundle.json("notice.json")
    sha256 = hashlib.sha256(case.bundle.files["notice.json"]).hexdigest()
    require(case.box.get("notice_sha256") == sha256 == published.get("notice_sha256"), "the notice is another")
    terms = NoticeTerms.from_json(case.notice["terms"])
    require(terms.tender == case.box["tender"], "the notice's terms are of another tender")
    rule = DrawRule.from_json(case.box["draw"])
    require(rule.order == "drawn" or terms.tender.startswith("T"), "given numbers are for practice tenders only")
    is_scored = isinstance(scoring := case.notice["terms"].get("scoring"), dict) and "technical" in scoring
    require(case.box.get("first") == (DOCS if is_scored else None), "the box opens in another order than its notice")
    require(not is_scored or DOCS in case.box["lanes"], "proposals are scored, and the box takes none")
    _check_policy(case)
    check_approvals(published, "the publication")
    if case.pins.agency is None:
        case.warn("the agency's key is the bundle's own; pin it with --policy")
    return f"box {case.box_id[:10]} signed by the agency, its notice unchanged, approved by two"


def _check_policy(case: Case) -> None:
    named = case.box["policy"]
    if named is None:
        return
    require("policy.txt" in case.bundle.files, "the policy that the box names is missing")
    require(hashlib.sha256(case.bundle.files["policy.txt"]).hexdigest() == named, "the box names another policy")


def v06_holder_keys(case: Case) -> str:
    lanes = case.box["lanes"]
    require({PRICE} <= set(lanes) <= {PRICE, DOCS}, "lanes that are not known")
    holders = [holder for name in (PRICE, DOCS) if name in lanes for holder in _check_lane(case, name)]
    _warn_of_single_operator(case)
    unpinned = sorted(set(holders) - set(case.pins.holders))
    if unpinned:
        case.warn(f"the keys of keyholder {', '.join(unpinned)} are the bundle's own; pin them with --policy")
    return f"{len(holders)} keyholder key(s) signed by their holders"


def _check_lane(case: Case, name: str) -> list[str]:
    """Every holder of a lane has signed the key that the box has for it."""
    spelled = case.box["lanes"][name]
    lane = Lane.from_json(spelled)
    require(spelled["release"] == "ceks", "another kind of release")
    named = case.published().get("holders")
    ending = "note" if name == PRICE else "docs.note"
    for holder in spelled["holders"]:
        one = holder["id"]
        require(named is None or named.get(one) == case.keys.holders[one], f"the log published another key of {one}")
        key = note.open_object(case.bundle.text(f"khkeys/{one}.{ending}"), "khkey", [case.keys.holders[one]])
        said = (key.get("tender"), key.get("lane"), key.get("holder"))
        require(said == (case.box["tender"], name, one), f"the key of {one} is for something else")
        require(key.get("pub") == holder["pub"], f"the box holds another key of {one}")
    return list(lane.holders)


def _warn_of_single_operator(case: Case) -> None:
    """Whoever runs a whole group can open alone. What nobody has named counts as run by one."""
    operators = case.published().get("operators") or case.keys.operators
    for group in case.box["lanes"][PRICE]["groups"]:
        run_by = {str(operators.get(holder, "")) for holder in group}
        if len(run_by) == 1:
            who = run_by.pop() or "the operator"
            case.warn(f"single-operator mode: the operator could have read bids early ({who} runs {', '.join(group)})")
            return


def v07_deadline(case: Case) -> str:
    deadline = str(case.published()["closes_at"])
    published_at = case.one("tender.published").index
    closed_at = case.one("tender.closed").index
    changes = case.of_type("tender.deadline_changed")
    for change in changes:
        event = change.event
        require(published_at < change.index < closed_at, "the deadline was changed out of time")
        require(event.get("old") == deadline, "a change of the deadline is missing")
        require(from_wire(event["new"]) > from_wire(deadline), "the deadline was moved forward")
        check_approvals(event, "a change of the deadline")
        if "outage" in event:
            _check_outage(case, change)
        else:
            require(from_wire(event["at"]) < from_wire(deadline), "the deadline was changed after it had passed")
        deadline = str(event["new"])
    closed = case.one("tender.closed").event
    require(closed.get("closes_at") == deadline, "closed by another deadline")
    require(from_wire(closed["closed_at"]) >= from_wire(deadline), "closed before the deadline")
    case.deadline = deadline
    return f"deadline {deadline}, moved {len(changes)} time(s), later only"


def _check_outage(case: Case, change: LoggedEvent) -> None:
    """An outage moves the deadlines that it touched, by no less than its rule: `bidding.outage` says how much more."""
    name = change.event["outage"]
    declared = [entry for entry in case.of_type("outage.declared") if entry.event.get("outage") == name]
    require(len(declared) == 1 and declared[0].index < change.index, "the outage was not declared before")
    outage = declared[0].event
    require(same(outage["approvals"], change.event["approvals"]), "others approved the outage")
    began, ended = from_wire(outage["began"]), from_wire(outage["ended"])
    announced = from_wire(str(outage.get("announced", outage["ended"])))
    require(began < ended <= announced, "an outage that did not begin, end and pass in this order")
    old, new = from_wire(change.event["old"]), from_wire(change.event["new"])
    if ended - began >= DISASTER:
        touches_until = least = announced + AFTER_DISASTER
    else:
        touches_until, least = announced + AFTER_OUTAGE, max(old, announced) + AFTER_OUTAGE
    require(began <= old < touches_until, "the outage did not touch this deadline")
    require(new >= least, "the outage's rule gives more time")
    case.warn(f"the deadline was moved for an outage from {outage['began']} to {outage['ended']}, as measured")


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V05", v05_box),
    ("V06", v06_holder_keys),
    ("V07", v07_deadline),
)
