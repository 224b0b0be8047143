"""What must hold before a piece is given: R1 to R7 of the protocol, as one pure function of the request.

A refusal names the rule that it rests on. Nothing here reads a clock or a store: both are handed in.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.time import from_wire
from app.tlog import merkle
from app.tlog.canon import jcs
from app.tlog.checkpoint import Checkpoint, open_checkpoint
from bidding.sealing import SealingError, box_id, envelope_hash
from bidding.statement import ctx_of, statement_hash

Json = dict[str, Any]
# What reading a member that is missing, or of another kind, raises.
MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError, SealingError)


class Refused(Exception):
    """No piece is given. `rule` is R1 to R7, `why` a short sentence for the log and the application."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{rule}: {why}")
        self.rule, self.why = rule, why


@dataclass(frozen=True, slots=True)
class Trust:
    """What a keyholder believes without being shown: its own name, the log, and the last checkpoint it saw."""

    holder: str
    origin: str
    log_vkey: str
    last_seen: Checkpoint | None


@dataclass(frozen=True, slots=True)
class Permission:
    """What passed: the envelopes by `stmt`, the checkpoint to remember, index and root of the closed list."""

    envelopes: Mapping[str, Json]
    checkpoint: Checkpoint
    closed_index: int
    box_root: str


def check_release(request: Json, trust: Trust, now: datetime) -> Permission:
    """Check a request for pieces (protocol 3.9). Raises Refused; a request that lacks a member is refused under R7."""
    try:
        return _check(request, trust, now)
    except MISSHAPEN as error:
        raise Refused("R7", f"not a proper request: {error}") from error


def _check(request: Json, trust: Trust, now: datetime) -> Permission:
    checkpoint = _check_checkpoint(request, trust)
    published, closed, group = (_included(request[name], checkpoint) for name in ("published", "closed", "group"))
    changes = [_included(entry, checkpoint) for entry in request["changes"]]
    tender, box = request["tender"], request["box"]
    _check_story(tender, published, closed, group, changes)
    if not request["published"]["index"] < request["closed"]["index"] < request["group"]["index"]:
        raise Refused("R4", "published, closed and the group do not follow each other in the log")
    if not box_id(box) == published["box"] == closed["box"] or box["tender"] != tender:
        raise Refused("R6", "the box is not the one that was published")
    opens_at = max(from_wire(event["opens_at"]) for event in (published, closed, *changes))
    if now < opens_at:
        raise Refused("R2", f"the opening time {opens_at.isoformat()} has not come")
    lane = request["lane"]
    if group.get("lane", "price") != lane or trust.holder not in group["group"]:
        raise Refused("R7", "this holder is not in the group that was fixed for this lane")
    _check_list(request["list"], closed)
    final = {entry["stmt"] for entry in request["list"] if entry["final"] is True}
    seeds = set(published["seeds"]) if lane == "price" else set()
    asked = (final - _cancelled(request, checkpoint, group)) | seeds
    envelopes = {}
    for item in request["items"]:
        stmt = _check_item(item, tender, published["box"], lane)
        if stmt not in asked:
            raise Refused("R6", f"{stmt} is neither in the list, uncancelled, nor a published seed")
        envelopes[stmt] = item["envelope"]
    return Permission(envelopes, checkpoint, request["closed"]["index"], closed["box_root"])


def _check_checkpoint(request: Json, trust: Trust) -> Checkpoint:
    try:
        checkpoint = open_checkpoint(request["checkpoint"], [trust.log_vkey])
    except ValueError as error:
        raise Refused("R3", f"the checkpoint: {error}") from error
    if checkpoint.origin != trust.origin:
        raise Refused("R3", "another log's checkpoint")
    seen = trust.last_seen
    if seen is None or seen == checkpoint:
        return checkpoint
    proof = _hashes(request["consistency"])
    if checkpoint.size < seen.size or not merkle.verify_consistency(
        seen.size, checkpoint.size, proof, seen.root, checkpoint.root
    ):
        raise Refused("R3", "the log does not extend the one seen before")
    return checkpoint


def _included(entry: Json, checkpoint: Checkpoint) -> Json:
    event: Json = entry["event"]
    leaf = merkle.leaf_hash(jcs({"e": event, "v": 1}))
    if not merkle.verify_inclusion(leaf, entry["index"], checkpoint.size, _hashes(entry["proof"]), checkpoint.root):
        raise Refused("R4", f"{event.get('type')} is not in the log")
    return event


def _check_story(tender: str, published: Json, closed: Json, group: Json, changes: Sequence[Json]) -> None:
    expected = [(published, "tender.published"), (closed, "tender.closed"), (group, "opening.group")]
    expected += [(change, "tender.deadline_changed") for change in changes]
    for event, kind in expected:
        if event["type"] != kind or event["tender"] != tender:
            raise Refused("R4", f"not {kind} of {tender}")


def _cancelled(request: Json, checkpoint: Checkpoint, group: Json) -> set[str]:
    """Statements whose bids were cancelled: of the entries shown, as many as the group's entry counts."""
    stmts = set()
    for entry in request.get("cancellations", []):
        event = _included(entry, checkpoint)
        if event["type"] != "tender.cancellations" or event["tender"] != request["tender"]:
            raise Refused("R4", "not the cancellations of this tender")
        if not request["closed"]["index"] < entry["index"] < request["group"]["index"]:
            raise Refused("R4", "the cancellations do not lie between the closing and the group")
        stmts |= {one["stmt"] for one in event["stmts"]}
    if len(stmts) != group.get("cancelled", 0):
        raise Refused("R6", "the group was fixed with other cancellations than those shown")
    return stmts


def _check_list(entries: Sequence[Json], closed: Json) -> None:
    if [entry["stmt"] for entry in entries] != sorted({entry["stmt"] for entry in entries}):
        raise Refused("R5", "the list is not sorted, or repeats a statement")
    if merkle.root(merkle.leaf_hash(jcs(entry)) for entry in entries).hex() != closed["box_root"]:
        raise Refused("R5", "the list is not the one that was closed")


def _check_item(item: Json, tender: str, box: str, lane: str) -> str:
    statement, envelope = item["statement"], item["envelope"]
    if statement["tender"] != tender or statement["box"] != box:
        raise Refused("R6", "a statement of another tender or box")
    if envelope_hash(envelope) != statement["env"][lane] or envelope["ctx"] != ctx_of(statement, lane):
        raise Refused("R6", "the envelope is not the one that the statement signs for")
    return statement_hash(statement)


def _hashes(spelled: Sequence[str]) -> list[bytes]:
    return [base64.b64decode(one, validate=True) for one in spelled]
