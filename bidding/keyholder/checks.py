"""What must hold before a piece is given: R1 to R7 of the protocol, as pure functions of the request.

First `read_story`: is this the log, and what did it say of the tender (R3, R4). Then `check_release`: may this holder
give these pieces now (R2, R5, R6, R7). Between the two a keyholder remembers the opening time that it was shown, so
that nobody can show it an earlier one later. A refusal names the rule that it rests on. Nothing here reads a clock or
a store.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.time import from_wire
from app.tlog import merkle
from app.tlog.canon import jcs
from app.tlog.checkpoint import Checkpoint, open_checkpoint
from app.tlog.policy import Policy
from bidding.sealing import SealingError, box_id, envelope_hash
from bidding.statement import ctx_of, statement_hash

Json = dict[str, Any]
LANES = ("price", "docs")
# What reading a member that is missing, or of another kind, raises.
MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError, SealingError)


class Refused(Exception):
    """No piece is given. `rule` is R1 to R7, `why` a short sentence for the log and the application."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{rule}: {why}")
        self.rule, self.why = rule, why


@dataclass(frozen=True, slots=True)
class Trust:
    """What a keyholder believes without being shown: its own name, the log, and the last checkpoint it saw.

    With a `policy` a checkpoint needs its quorum of witnesses; without one the log's signature has to do. Where it
    `takes_override`, two officers' entry `opening.override` in the log replaces a quorum that is missing.
    """

    holder: str
    origin: str
    log_vkey: str
    last_seen: Checkpoint | None
    policy: Policy | None = None
    takes_override: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What the log says of a tender and one of its lanes. `group` is the one in force; `fixed_index` its entry's."""

    checkpoint: Checkpoint
    tender: str
    lane: str
    box: str
    opens_at: datetime
    seeds: frozenset[str]
    box_root: str
    closed_index: int
    fixed_index: int
    group: tuple[str, ...]
    cancelled: frozenset[str]
    unqualified: frozenset[str] | None = None  # None: the log tells of no technical evaluation


@dataclass(frozen=True, slots=True)
class Permission:
    """What passed: the envelopes by `stmt`, and the story that it rests on."""

    envelopes: Mapping[str, Json]
    story: Story


def read_story(request: Json, trust: Trust) -> Story:
    """What the log says (R3, R4). Raises Refused; a request that lacks a member is refused under R7."""
    try:
        return _read(request, trust)
    except MISSHAPEN as error:
        raise Refused("R7", f"not a proper request: {error}") from error


def check_release(request: Json, story: Story, holder: str, opens_at: datetime, now: datetime) -> Permission:
    """Whether `holder` gives what is asked for (R2, R5, R6, R7). `opens_at`: the latest opening time ever shown to it.

    Raises Refused; a request that lacks a member is refused under R7.
    """
    try:
        return _check(request, story, holder, max(opens_at, story.opens_at), now)
    except MISSHAPEN as error:
        raise Refused("R7", f"not a proper request: {error}") from error


def _read(request: Json, trust: Trust) -> Story:
    checkpoint = _check_checkpoint(request, trust)
    tender, lane = request["tender"], request["lane"]
    published, closed, group = (_included(request[name], checkpoint) for name in ("published", "closed", "group"))
    changes, fallbacks, cancellations = (
        [_included(entry, checkpoint) for entry in request.get(name, ())]
        for name in ("changes", "fallbacks", "cancellations")
    )
    _check_kinds(tender, published, closed, group, changes, fallbacks, cancellations)
    unqualified = _read_unqualified(request, checkpoint, tender, group)
    fixed = [request["group"], *request.get("fallbacks", ())]
    _check_order(request, [entry["index"] for entry in fixed])
    if any(event.get("lane", "price") != lane for event in (group, *fallbacks)):
        raise Refused("R7", "the group was fixed for another lane")
    cancelled = {one["stmt"] for event in cancellations for one in event["stmts"]}
    if len(cancelled) != group.get("cancelled", 0):
        raise Refused("R6", "the group was fixed with other cancellations than those shown")
    return Story(
        checkpoint=checkpoint,
        tender=tender,
        lane=lane,
        box=published["box"],
        opens_at=max(from_wire(event["opens_at"]) for event in (published, closed, *changes)),
        seeds=frozenset(published["seeds"] if lane == "price" else ()),
        box_root=closed["box_root"],
        closed_index=request["closed"]["index"],
        fixed_index=fixed[-1]["index"],
        group=tuple((fallbacks or [group])[-1]["group"]),
        cancelled=frozenset(cancelled),
        unqualified=unqualified,
    )


def _read_unqualified(request: Json, checkpoint: Checkpoint, tender: str, group: Json) -> frozenset[str] | None:
    """The bids that the technical evaluation leaves out; None where the request shows none, and the group says none."""
    if "unqualified" not in request:
        if "unqualified" in group:
            raise Refused("R6", "the group was fixed after a technical evaluation that is not shown")
        return None
    fixed, told = (_included(request[name], checkpoint) for name in ("fixed", "unqualified"))
    for event, kind in ((fixed, "technical.fixed"), (told, "tender.unqualified")):
        if event["type"] != kind or event["tender"] != tender:
            raise Refused("R4", f"not {kind} of {tender}")
    if fixed["technical_sha256"] != told["technical_sha256"] or len(set(told["approvals"])) < 2:
        raise Refused("R6", "what was left out is not what the fixed evaluation says, or not approved by two")
    stmts = frozenset(told["stmts"])
    if len(stmts) != group["unqualified"]:
        raise Refused("R6", "the group was fixed with other unqualified bids than those shown")
    return stmts


def _check(request: Json, story: Story, holder: str, opens_at: datetime, now: datetime) -> Permission:
    box, closed = request["box"], request["closed"]["event"]
    if not box_id(box) == story.box == closed["box"] or box["tender"] != story.tender:
        raise Refused("R6", "the box is not the one that was published")
    if now < opens_at:
        raise Refused("R2", f"the opening time {opens_at.isoformat()} has not come")
    if holder not in story.group:
        raise Refused("R7", "this holder is not in the group that was fixed")
    if list(story.group) not in box["lanes"][story.lane]["groups"]:
        raise Refused("R7", "the group is none of the box")
    _check_list(request["list"], closed)
    if story.lane == "price" and box.get("first") == "docs" and story.unqualified is None:
        raise Refused("R4", "proposals come first, and no technical evaluation is in the log")
    final = {entry["stmt"] for entry in request["list"] if entry["final"] is True}
    asked = (final | story.seeds) - story.cancelled - (story.unqualified or frozenset())
    envelopes = {}
    for item in request["items"]:
        stmt = _check_item(item, story, holder)
        if stmt not in asked:
            raise Refused("R6", f"{stmt} {_why_not(stmt, story, request['list'])}")
        envelopes[stmt] = item["envelope"]
    return Permission(envelopes, story)


def _why_not(stmt: str, story: Story, entries: Collection[Json]) -> str:
    if stmt in story.cancelled:
        return "was cancelled before the opening"
    if stmt in (story.unqualified or ()):
        return "does not qualify: its price is not opened"
    if any(entry["stmt"] == stmt for entry in entries):
        return "was superseded by a later version"
    return "is neither in the list nor a published seed"


def _check_checkpoint(request: Json, trust: Trust) -> Checkpoint:
    signed = request["checkpoint"]
    try:
        checkpoint = open_checkpoint(signed, [trust.log_vkey])
        times = trust.policy.open(signed).times if trust.policy is not None else {}
    except ValueError as error:
        raise Refused("R3", f"the checkpoint: {error}") from error
    if checkpoint.origin != trust.origin:
        raise Refused("R3", "another log's checkpoint")
    is_enough = trust.policy is None or trust.policy.is_quorum(times)
    if not is_enough and not (trust.takes_override and _is_overridden(request, checkpoint)):
        raise Refused("R3", f"{len(times)} witness(es) cosigned the checkpoint: that is no quorum")
    seen = trust.last_seen
    if seen is None or seen == checkpoint:
        return checkpoint
    proof = _hashes(request["consistency"])
    if checkpoint.size < seen.size or not merkle.verify_consistency(
        seen.size, checkpoint.size, proof, seen.root, checkpoint.root
    ):
        raise Refused("R3", "the log does not extend the one seen before")
    return checkpoint


def _is_overridden(request: Json, checkpoint: Checkpoint) -> bool:
    if "override" not in request:
        return False
    event = _included(request["override"], checkpoint)
    is_of_tender = event["type"] == "opening.override" and event["tender"] == request["tender"]
    return is_of_tender and len(set(event["approvals"])) >= 2


def _included(entry: Json, checkpoint: Checkpoint) -> Json:
    event: Json = entry["event"]
    leaf = merkle.leaf_hash(jcs({"e": event, "v": 1}))
    if not merkle.verify_inclusion(leaf, entry["index"], checkpoint.size, _hashes(entry["proof"]), checkpoint.root):
        raise Refused("R4", f"{event.get('type')} is not in the log")
    return event


def _check_kinds(
    tender: str,
    published: Json,
    closed: Json,
    group: Json,
    changes: Sequence[Json],
    fallbacks: Sequence[Json],
    cancellations: Sequence[Json],
) -> None:
    expected = [(published, "tender.published"), (closed, "tender.closed"), (group, "opening.group")]
    expected += [(change, "tender.deadline_changed") for change in changes]
    expected += [(fallback, "opening.fallback") for fallback in fallbacks]
    expected += [(cancellation, "tender.cancellations") for cancellation in cancellations]
    for event, kind in expected:
        if event["type"] != kind or event["tender"] != tender:
            raise Refused("R4", f"not {kind} of {tender}")


def _check_order(request: Json, fixed: Sequence[int]) -> None:
    """Published, closed, cancellations, the technical evaluation, group, its fallbacks: each later in the log than the
    one before."""
    cancelled = [entry["index"] for entry in request.get("cancellations", ())]
    technical = [request[name]["index"] for name in ("fixed", "unqualified") if name in request]
    order = [request["published"]["index"], request["closed"]["index"], *cancelled, *technical, *fixed]
    if any(left >= right for left, right in pairwise(order)):
        raise Refused("R4", "published, closed and the group do not follow each other in the log")


def _check_list(entries: Sequence[Json], closed: Json) -> None:
    if [entry["stmt"] for entry in entries] != sorted({entry["stmt"] for entry in entries}):
        raise Refused("R5", "the list is not sorted, or repeats a statement")
    if merkle.root(merkle.leaf_hash(jcs(entry)) for entry in entries).hex() != closed["box_root"]:
        raise Refused("R5", "the list is not the one that was closed")


def _check_item(item: Json, story: Story, holder: str) -> str:
    statement, envelope = item["statement"], item["envelope"]
    if statement["tender"] != story.tender or statement["box"] != story.box:
        raise Refused("R6", "a statement of another tender or box")
    if envelope_hash(envelope) != statement["env"][story.lane] or envelope["ctx"] != ctx_of(statement, story.lane):
        raise Refused("R6", "the envelope is not the one that the statement signs for")
    if holder not in envelope["wraps"]:
        raise Refused("R6", "the envelope holds nothing for this holder")
    return statement_hash(statement)


def _hashes(spelled: Sequence[str]) -> list[bytes]:
    return [base64.b64decode(one, validate=True) for one in spelled]
