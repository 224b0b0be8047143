"""Checks V01-V04: the bundle's own hashes, the log and its witnesses, what is in it, and in which order."""

from __future__ import annotations

import hashlib

from app.time import from_wire
from app.tlog import checkpoint, merkle, note, policy
from app.tlog.canon import digest, jcs, unb64u
from app.tlog.note import Verifier
from app.tlog.policy import Policy
from bidding.bundle import LoggedEvent
from bidding.checks import DOCS, PRICE, UNDONE, Case, CheckFunction, Seen, check_approvals, require
from bidding.pins import cosigned_at, quorum_at

ONLY_ONCE = ("tender.cancellations", "technical.fixed", "tender.unqualified", "opening.opened")
BY_RULE = ("no-answer", "refused", "wrong-piece")
# Types that belong to no single tender.
COMMON = ("supplier.", "outage.", "client.", "clock.", "keyholder.")
AFTER = ("review.decided", "award.confirmed", *UNDONE)  # what follows the opening, in whatever order
MUST_BE_OPEN = ("tender.", "opening.", "auction.", "review.", "award.")


def v01_manifest(case: Case) -> str:
    files = case.bundle.files
    manifest = case.bundle.json("MANIFEST")
    require(set(manifest) == set(files) - {"MANIFEST"}, "MANIFEST names other files than there are")
    for path, sha256 in manifest.items():
        require(hashlib.sha256(files[path]).hexdigest() == sha256, f"{path} is not what MANIFEST says")
    return f"{len(manifest)} files are as the manifest says"


def v02_checkpoint(case: Case) -> str:
    case.policy = _policy(case)
    case.head = _open(case, case.bundle.text("checkpoint.note"))
    head = case.head.checkpoint
    require(not case.has_witnesses() or case.head.at is not None, "too few witnesses have cosigned the checkpoint")
    for path in case.bundle.under("checkpoints"):
        case.archived.append(_open_archived(case, path))
    for path in case.bundle.under("events"):
        entry = LoggedEvent.from_json(case.bundle.json(path))
        require(path == f"events/{entry.index:012d}.json", f"{path} holds entry {entry.index}")
        require(isinstance(entry.event["type"], str), f"{path} is of no type")
        from_wire(entry.event["at"])
        case.events.append(entry)
    case.events.sort(key=lambda entry: entry.index)
    if not case.pins.logs:
        case.warn("the log's key is the bundle's own; pin it with --log-vkey or --policy")
    if not case.has_witnesses():
        case.warn("no witnesses: only the log's own signature stands for it")
        return f"checkpoint of {head.size} entries signed by {head.origin}; no witnesses"
    return f"checkpoint of {head.size} entries signed by {head.origin}, cosigned by the quorum"


def _policy(case: Case) -> Policy | None:
    """The witness policy in use: the pinned one, else the bundle's."""
    given = None
    if "policy.txt" in case.bundle.files:
        given = policy.parse(case.bundle.text("policy.txt"))
        require(not given.logs or case.keys.log in given.logs, "the policy is another log's")
    return case.pins.witnesses if case.pins.witnesses is not None else given


def _open(case: Case, signed: str) -> Seen:
    opened = checkpoint.open_checkpoint(signed, [case.keys.log])
    require(opened.origin == Verifier.from_vkey(case.keys.log).name, "the checkpoint is another log's")
    imprint = hashlib.sha256(note.text_of(signed).encode()).digest()
    at = quorum_at(case.policy, cosigned_at(case.policy, signed)) if case.policy is not None else None
    return Seen(opened, at, imprint)


def _open_archived(case: Case, path: str) -> Seen:
    value = case.bundle.json(path)
    require(set(value) == {"note", "consistency"}, f"{path} has other members")
    seen, head = _open(case, value["note"]), case.head.checkpoint
    size, proof = seen.checkpoint.size, [unb64u(step) for step in value["consistency"]]
    require(path == f"checkpoints/{size:012d}.json", f"{path} holds a checkpoint of {size}")
    is_continued = merkle.verify_consistency(size, head.size, proof, seen.checkpoint.root, head.root)
    require(is_continued, f"the log does not continue its checkpoint of {size} entries: it was forked")
    return seen


def v03_inclusion(case: Case) -> str:
    head = case.head.checkpoint
    for entry in case.events:
        leaf = merkle.leaf_hash(leaf_of(entry))
        kind = str(entry.event.get("type"))
        is_in = merkle.verify_inclusion(leaf, entry.index, head.size, entry.proof, head.root)
        require(is_in, f"entry {entry.index} ({kind}) is not in the log")
        require(entry.salt is None or not kind.startswith(MUST_BE_OPEN), f"entry {entry.index} ({kind}) was hidden")
    case.published()
    case.one("tender.closed")
    return f"{len(case.events)} entries are in the log"


def leaf_of(entry: LoggedEvent) -> bytes:
    """The log's leaf of an open or a revealed entry."""
    if entry.salt is None:
        return jcs({"e": entry.event, "v": 1})
    require(len(entry.salt) == 32, f"the salt of entry {entry.index} has not 32 bytes")
    return jcs({"c": digest("event", entry.salt + jcs(entry.event)).hex(), "v": 1})


def v04_order(case: Case) -> str:
    tender = case.published().get("tender")
    for entry in case.events:
        is_common = str(entry.event.get("type", "")).startswith(COMMON)
        require(is_common or entry.event.get("tender") == tender, f"entry {entry.index} is of another tender")
    for kind in ONLY_ONCE:
        require(len(case.of_type(kind)) <= 1, f"{kind} is there twice")
    for lane in (PRICE, DOCS):
        require(len(case.of_type("opening.group", lane)) <= 1, f"the group of the lane {lane} was fixed twice")
    _check_price_lane(case)
    _check_openings(case)
    require(case.awards() is not None, "awards and what undoes them do not come by turns")
    return "published before all bids, bids before the closing, then group, opening, award"


def _check_price_lane(case: Case) -> None:
    """One step after another; a step may be several entries, or none."""
    opened, pieces = case.of_type("opening.opened"), case.of_type("opening.pieces", PRICE)
    group = case.of_type("opening.group", PRICE)
    steps = [
        case.of_type("tender.published"),
        case.of_type("bid.submitted"),
        case.of_type("tender.closed"),
        case.of_type("tender.cancellations"),
        case.of_type("technical.fixed"),
        case.of_type("tender.unqualified"),
        group,
        case.of_type("opening.fallback", PRICE),
        opened,
        [entry for kind in AFTER for entry in case.of_type(kind)],
    ]
    last = -1
    for step in steps:
        indexes = [entry.index for entry in step]
        require(
            not indexes or min(indexes) > last, "events are out of order: published, bids, closed, group, opened, award"
        )
        last = max(indexes, default=last)
    for entry in pieces:
        is_between = group and entry.index > group[0].index and (not opened or entry.index < opened[0].index)
        require(is_between, f"pieces were logged out of their time (entry {entry.index})")


def _check_openings(case: Case) -> None:
    """Everything of an opening comes after the closing and the cancellations; what is out of the ordinary, by two."""
    frozen = max(entry.index for kind in ("tender.closed", "tender.cancellations") for entry in case.of_type(kind))
    for entry in case.events:
        kind = str(entry.event.get("type"))
        require(not kind.startswith("opening.") or entry.index > frozen, f"{kind} before the list was frozen")
        if kind in ("opening.fallback", "opening.recovery", "opening.override"):
            if not _is_by_rule(entry.event):
                check_approvals(entry.event, kind)
            case.warn(f"entry {entry.index}: {kind}, {entry.event.get('reason', 'no reason given')}")
    for entry in case.of_type("opening.fallback"):
        before = case.of_type("opening.group", str(entry.event.get("lane", PRICE)))
        require(before and before[0].index < entry.index, "another group without a first one")


def _is_by_rule(event: dict[str, object]) -> bool:
    """A service that is silent, refuses or gives a wrong piece is replaced by the clock: nobody decides that."""
    is_fallback = event.get("type") == "opening.fallback"
    return is_fallback and event.get("approvals") == [] and event.get("reason") in BY_RULE


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V01", v01_manifest),
    ("V02", v02_checkpoint),
    ("V03", v03_inclusion),
    ("V04", v04_order),
)
