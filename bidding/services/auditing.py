"""What an auditor does with a case: find it, follow it, and recompute its result from what is stored and published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, select

from app import files, keys
from app.audit.queries import TrailEntry, trail_entry, trail_query
from app.auth.models import Organisation, Person
from app.db import db
from app.errors import NotFound
from app.paging import Page, paginate
from app.tlog.canon import jcs
from bidding import queries
from bidding.bundle import read
from bidding.checks import Check, Result
from bidding.evaluation import digest_of, evaluate
from bidding.models import Bundle, Opening, Tender
from bidding.opening import bids_of, from_json, gather_seeds
from bidding.queries import BOARD_STATES
from bidding.sealing import Lane
from bidding.services import technical
from bidding.services.box import terms_of
from bidding.states import TenderState
from bidding.types import DrawRule, Evaluation, Exclusion
from bidding.verify import claimed_keys, is_sound, verify

CASE_STATES: Mapping[str, tuple[TenderState, ...]] = {
    "review": (TenderState.IN_REVIEW, TenderState.DRAFT),
    **BOARD_STATES,
}
UPLOAD_MAX = 32 * 1024**2
EXPORT_ROWS = 50_000
TRAIL_ROWS = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the stored result is not what the rules give now. Values as canonical JSON."""

    what: str
    stored: str
    made: str


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The pure evaluation run again over the stored opening. Digests are hex; `logged` is the log's own entry."""

    stored: str
    made: str
    logged: str | None
    differences: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        return self.stored == self.made == self.logged and not self.differences


@dataclass(frozen=True, slots=True)
class BundleReport:
    """The offline verifier's report on one bundle. `fault` says why there is none; `stage` is empty for a stranger."""

    sha256: str
    stage: str
    checks: tuple[Check, ...] = ()
    fault: str = ""

    @property
    def is_sound(self) -> bool:
        return not self.fault and is_sound(self.checks)

    def count(self, result: str) -> int:
        return sum(check.result == Result(result) for check in self.checks)


def cases(words: str, state: str, page: int) -> Page[Tender]:
    """Tenders that have left their officer's hands at least once, the newest first.

    A draft that nobody has submitted is a thought of its author and no case yet: it is in no log and has no number.
    """
    query = select(Tender).where(Tender.submitted_at.is_not(None))
    if states := CASE_STATES.get(state):
        query = query.where(Tender.state.in_(states))
    return paginate(queries.matching(query, words).order_by(Tender.id.desc()), page)


def find_case(reference: str) -> Tender:
    """Raises NotFound, also for a draft that was never submitted."""
    submitted: ColumnElement[bool] = Tender.submitted_at.is_not(None)
    tender = db.session.scalar(select(Tender).where(Tender.reference == reference, submitted))
    if tender is None:
        raise NotFound(f"no case {reference}")
    return tender


def trail(tender: Tender, page: int, per_page: int = TRAIL_ROWS) -> Page[TrailEntry]:
    """The case's events, oldest first. Sealed bids are counted only once the closing has made their number public."""
    query = trail_query(str(tender.reference), with_bids=tender.closed_at is not None)
    found = paginate(query, page, per_page, scalars=False)
    return replace(found, items=[trail_entry(row) for row in found.items])


def names_of(handles: Sequence[str]) -> dict[str, str]:
    """Handles of the log (`person:…`, `supplier:…`) with the names behind them; the system's own stay away."""
    people = {handle.removeprefix("person:") for handle in handles if handle.startswith("person:")}
    firms = {handle.removeprefix("supplier:") for handle in handles if handle.startswith("supplier:")}
    names: dict[str, str] = {}
    if people:
        rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
        names |= {f"person:{person_id}": name for person_id, name in rows}
    if firms:
        firm = select(Organisation.code, Organisation.name_ko).where(Organisation.code.in_(firms))
        names |= {f"supplier:{code}": name for code, name in db.session.execute(firm)}
    return names


def recompute(tender: Tender, opening: Opening) -> Recomputed:
    """Evaluate again what the opening found, with the exclusions it was made with, and compare line by line."""
    made = evaluate_again(tender, opening)
    logged = logged_opening(tender)
    return Recomputed(
        stored=opening.evaluation_digest,
        made=digest_of(made),
        logged=str(logged["evaluation"]) if logged is not None else None,
        differences=tuple(differences(opening, made)),
    )


def check_published(tender: Tender) -> list[BundleReport]:
    """The verifier on every published bundle of the case, with this site's own keys pinned."""
    return [_check_stored(bundle) for bundle in queries.bundles(tender.id)]


def check_bytes(data: bytes) -> BundleReport:
    """The verifier on a file from anywhere, and whether any published bundle has these very bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    stage = db.session.scalar(select(Bundle.stage).where(Bundle.sha256 == sha256).limit(1)) or ""
    return _verified(data, sha256, stage)


def evaluate_again(tender: Tender, opening: Opening) -> Evaluation:
    """The pure evaluation of what the opening found. ValueError where what is stored can be no opening."""
    assert tender.box is not None  # opened, by CHECK and by the order of states
    assert tender.box_id is not None
    assert tender.box_root is not None
    rule, lane = DrawRule.from_json(tender.box["draw"]), Lane.from_json(tender.box["lanes"]["price"])
    found = [from_json(line).found for line in opening.lines]
    return evaluate(
        terms_of(tender),
        rule,
        box_id=tender.box_id,
        box_root=tender.box_root,
        seeds=gather_seeds(rule, lane, found),
        found=bids_of(found),
        exclusions=[Exclusion(**exclusion) for exclusion in opening.evaluation["exclusions"]],
        technical=technical.result_of(tender),
    )


def logged_facts(tender: Tender) -> dict[str, list[dict[str, Any]]]:
    """What the open entries of the log say of a tender, by their type, in their order; bids stay out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in db.session.execute(trail_query(str(tender.reference), with_bids=False)):
        entry = trail_entry(row)
        if entry.facts:
            found.setdefault(entry.type, []).append(entry.facts)
    return found


def logged_opening(tender: Tender) -> Mapping[str, Any] | None:
    """What the log says of the opening; None where it says nothing yet."""
    found = logged_facts(tender).get("opening.opened")
    return found[-1] if found else None


def differences(opening: Opening, made: Evaluation) -> list[Difference]:
    """By part of the evaluation, placings one by one; then the draw."""
    pairs: list[tuple[str, Any, Any]] = []
    stored, fresh = dict(opening.evaluation), made.to_json()
    before = {placing["stmt"]: placing for placing in stored.pop("placings", [])}
    after = {placing["stmt"]: placing for placing in fresh.pop("placings")}
    pairs += [(name, stored.get(name), fresh.get(name)) for name in sorted({*stored, *fresh})]
    pairs += [(f"placing {stmt[:10]}", before.get(stmt), after.get(stmt)) for stmt in sorted({*before, *after})]
    pairs.append(("draw", opening.draw, made.draw.to_json() if made.draw is not None else None))
    return [Difference(what, _text(old), _text(new)) for what, old, new in pairs if _text(old) != _text(new)]


def _text(value: Any) -> str:
    return jcs(value).decode()


def _check_stored(bundle: Bundle) -> BundleReport:
    try:
        data = files.load(bundle.sha256)
    except (OSError, NotFound) as error:
        # Changed on the disk: the name it is stored under is the hash that it no longer has.
        return BundleReport(bundle.sha256, bundle.stage, fault=str(error))
    return _verified(data, bundle.sha256, bundle.stage)


def _verified(data: bytes, sha256: str, stage: str) -> BundleReport:
    try:
        claimed = claimed_keys(read(data))
        log, agency, receipt = (keys.vkey_of(name) for name in ("log", "agency", "receipt"))
        pinned = replace(claimed, log=log, agency=agency, receipt=receipt)
        return BundleReport(sha256, stage, tuple(verify(data, keys=pinned)))
    except ValueError as error:
        return BundleReport(sha256, stage, fault=str(error))
