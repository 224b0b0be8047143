"""Checks V01-V07: the bundle's own hashes, the log, the order of events, the box and its keys, the deadline."""

from __future__ import annotations

import hashlib

from app.time import from_wire
from app.tlog import checkpoint, merkle, note
from app.tlog.canon import digest, jcs
from bidding.bundle import LoggedEvent
from bidding.checks import Case, CheckFunction, require
from bidding.sealing import Lane, box_id
from bidding.types import DrawRule, NoticeTerms

ONLY_ONCE = (
    "tender.published",
    "tender.closed",
    "tender.cancellations",
    "opening.group",
    "opening.opened",
    "award.confirmed",
)


def v01_manifest(case: Case) -> str:
    files = case.bundle.files
    manifest = case.bundle.json("MANIFEST")
    require(set(manifest) == set(files) - {"MANIFEST"}, "MANIFEST names other files than there are")
    for path, sha256 in manifest.items():
        require(hashlib.sha256(files[path]).hexdigest() == sha256, f"{path} is not what MANIFEST says")
    return f"{len(manifest)} files are as the manifest says"


def v02_checkpoint(case: Case) -> str:
    opened = checkpoint.open_checkpoint(case.bundle.text("checkpoint.note"), [case.keys.log])
    require(opened.origin == case.keys.log.partition("+")[0], "the checkpoint is another log's")
    case.size = opened.size
    for path in case.bundle.under("events"):
        entry = LoggedEvent.from_json(case.bundle.json(path))
        require(path == f"events/{entry.index:012d}.json", f"{path} holds entry {entry.index}")
        case.events.append(entry)
    case.events.sort(key=lambda entry: entry.index)
    if not case.is_pinned:
        case.warnings.append("the keys are the bundle's own; pin the log's with --log-vkey or --policy")
    return f"checkpoint of {opened.size} entries signed by {opened.origin}; no witnesses in this cut"


def v03_inclusion(case: Case) -> str:
    root = checkpoint.open_checkpoint(case.bundle.text("checkpoint.note"), [case.keys.log]).root
    for entry in case.events:
        leaf = merkle.leaf_hash(leaf_of(entry))
        is_in = merkle.verify_inclusion(leaf, entry.index, case.size, entry.proof, root)
        require(is_in, f"entry {entry.index} ({entry.event.get('type')}) is not in the log")
    case.published()
    case.one("tender.closed")
    return f"{len(case.events)} entries are in the log"


def leaf_of(entry: LoggedEvent) -> bytes:
    """The log's leaf of an open or a revealed entry (protocol 4.2)."""
    if entry.salt is None:
        return jcs({"e": entry.event, "v": 1})
    require(len(entry.salt) == 32, f"the salt of entry {entry.index} has not 32 bytes")
    return jcs({"c": digest("event", entry.salt + jcs(entry.event)).hex(), "v": 1})


def v04_order(case: Case) -> str:
    tender = case.published().get("tender")
    for entry in case.events:
        is_key = str(entry.event.get("type", "")).startswith("supplier.")
        require(is_key or entry.event.get("tender") == tender, f"entry {entry.index} is of another tender")
    steps = [[entry.index for entry in case.of_type(kind)] for kind in ONLY_ONCE]
    steps.insert(1, [entry.index for entry in case.of_type("bid.submitted")])
    last = -1
    for step in steps:
        require(not step or min(step) > last, "events are out of order: published, bids, closed, group, opened, award")
        last = max(step, default=last)
    return "published before all bids, bids before the closing, then group, opening, award"


def v05_box(case: Case) -> str:
    case.box = note.open_object(case.bundle.text("box.note"), "box", [case.keys.agency])
    case.box_id = box_id(case.box)
    published = case.published()
    require(published.get("box") == case.box_id, "the log published another box")
    require(case.box.get("tender") == published.get("tender"), "the box is of another tender")
    notice = case.bundle.json("notice.json")
    sha256 = hashlib.sha256(case.bundle.files["notice.json"]).hexdigest()
    require(case.box.get("notice_sha256") == sha256 == published.get("notice_sha256"), "the notice is another")
    case.notice = notice
    terms = NoticeTerms.from_json(notice["terms"])
    require(terms.tender == case.box["tender"], "the notice's terms are of another tender")
    rule = DrawRule.from_json(case.box["draw"])
    require(rule.order == "drawn" or terms.tender.startswith("T"), "given numbers are for practice tenders only")
    check_approvals(published, "the publication")
    return f"box {case.box_id[:10]} signed by the agency, its notice unchanged, approved by two"


def check_approvals(event: dict[str, object], what: str) -> None:
    """Two different handles approved. Broken otherwise."""
    approvals = event.get("approvals")
    is_by_two = isinstance(approvals, list) and len(approvals) == len(set(approvals)) == 2 and all(approvals)
    require(is_by_two, f"{what} was not approved by two persons")


def v06_holder_keys(case: Case) -> str:
    lanes = case.box["lanes"]
    require({"price"} <= set(lanes) <= {"price", "docs"}, "lanes that are not known")
    for name, ending in (("price", "note"), ("docs", "docs.note")):
        if name in lanes:
            _check_holders(case, name, ending)
    lane = Lane.from_json(lanes["price"])
    if len(lane.groups) == 1 and len(lane.holders) == 1:
        case.warnings.append("single-operator mode: the operator could have read bids early")
    return f"{len(lane.holders)} keyholder key(s) signed by their holders"


def _check_holders(case: Case, name: str, ending: str) -> None:
    """Every holder of a lane has signed the key that the box has for it."""
    for holder in Lane.from_json(case.box["lanes"][name]).holders:
        signed = case.bundle.text(f"khkeys/{holder}.{ending}")
        key = note.open_object(signed, "khkey", [case.keys.holders[holder]])
        named = (key.get("tender"), key.get("lane"), key.get("holder"))
        require(named == (case.box["tender"], name, holder), f"the key of {holder} is for something else")
        listed = next(entry["pub"] for entry in case.box["lanes"][name]["holders"] if entry["id"] == holder)
        require(key.get("pub") == listed, f"the box holds another key of {holder}")


def v07_deadline(case: Case) -> str:
    deadline = str(case.published()["closes_at"])
    published_at = case.one("tender.published").index
    closed_at = case.one("tender.closed").index
    for change in case.of_type("tender.deadline_changed"):
        event = change.event
        require(published_at < change.index < closed_at, "the deadline was changed out of time")
        require(event.get("old") == deadline, "a change of the deadline is missing")
        require(from_wire(str(event["at"])) < from_wire(deadline), "the deadline was changed after it had passed")
        require(from_wire(str(event["new"])) > from_wire(deadline), "the deadline was moved forward")
        check_approvals(event, "a change of the deadline")
        deadline = str(event["new"])
    closed = case.one("tender.closed").event
    require(closed.get("closes_at") == deadline, "closed by another deadline")
    require(from_wire(str(closed["closed_at"])) >= from_wire(deadline), "closed before the deadline")
    return f"deadline {deadline}, moved {len(case.of_type('tender.deadline_changed'))} time(s), later only"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V01", v01_manifest),
    ("V02", v02_checkpoint),
    ("V03", v03_inclusion),
    ("V04", v04_order),
    ("V05", v05_box),
    ("V06", v06_holder_keys),
    ("V07", v07_deadline),
)
