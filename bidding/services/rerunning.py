"""A tender's result made again for whoever asks: the same engine over what was opened and decided. It changes nothing.

What is stored is believed in nothing: the log says what was opened, what every decision was, and what two persons
confirmed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import files
from app.db import db
from app.errors import NotFound
from app.tlog.canon import jcs, parse
from bidding import queries
from bidding.bundle import member
from bidding.evaluation import digest_of
from bidding.models import Award, BidReview, Bundle, Opening, Tender
from bidding.review import Review
from bidding.services import auctions, auditing
from bidding.services.auditing import Difference
from bidding.standing import digest_of as standing_digest_of
from bidding.standing import has_standing, stand
from bidding.states import ReviewState

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One digest three times: made again, stored, and as the log has it. `what`: opening, evaluation, decision (of
    this `number`), standing or award.

    `stored` and `logged` are None where there is none to compare with; empty where there should be one.
    """

    what: str
    made: str
    stored: str | None
    logged: str | None
    number: int | None = None

    @property
    def is_same(self) -> bool:
        return all(one in (None, self.made) for one in (self.stored, self.logged))


@dataclass(frozen=True, slots=True)
class Rerun:
    """`fault`: why the engine refused what is stored; there is no evaluation, or no standing, then."""

    digests: tuple[Compared, ...]
    differences: tuple[Difference, ...] = ()
    fault: str = ""

    @property
    def is_same(self) -> bool:
        return not self.fault and not self.differences and all(one.is_same for one in self.digests)


def rerun(tender: Tender, opening: Opening) -> Rerun:
    """Hash the lines of the opening, evaluate them, walk the decisions; each against the store and the log."""
    log = auditing.logged_facts(tender)
    opened = log.get("opening.opened", [{}])[-1]
    lines = hashlib.sha256(b"".join(jcs(line) + b"\n" for line in opening.lines)).hexdigest()
    digests = [Compared("opening", lines, None, str(opened.get("opening_sha256", "")))]
    differences: list[Difference] = []
    try:
        made = auditing.evaluate_again(tender, opening)
        evaluation = Compared(
            "evaluation", digest_of(made), opening.evaluation_digest, str(opened.get("evaluation", ""))
        )
        digests.append(evaluation)
        differences += auditing.differences(opening, made)
        for one, more in _after(tender, made.to_json(), evaluation.made, log):
            digests.append(one)
            differences += more
    except (ValueError, KeyError, TypeError) as error:
        return Rerun(tuple(digests), tuple(differences), fault=str(error))
    return Rerun(tuple(digests), tuple(differences))


Found = tuple[Compared, Sequence[Difference]]


def _after(tender: Tender, evaluation: Json, digest: str, log: Mapping[str, list[Json]]) -> Iterator[Found]:
    """What came after the evaluation: every decision, the standing, and what two persons confirmed."""
    award = queries.find_award(tender.id)
    items = _items(tender)
    for one in decisions(items, log.get("review.decided", [])):
        yield one, ()
    is_confirmed = award is not None and award.confirmed_at is not None
    told = log.get("award.confirmed", [{}])[-1] if is_confirmed else {}
    if award is not None:
        logged = str(told.get("evaluation", "")) if is_confirmed else None
        yield Compared("award", digest, award.evaluation_digest, logged), ()
        items = items[: award.review_count]
    reviews = [Review.from_json(item) for item in items]
    if has_standing(evaluation["terms"], reviews):
        yield _standing(tender, award, evaluation, reviews, told if is_confirmed else None)


def _items(tender: Tender) -> list[Json]:
    query = select(BidReview.item).where(BidReview.tender_id == tender.id, BidReview.state == ReviewState.DECIDED)
    return [item or {} for item in db.session.scalars(query.order_by(BidReview.number))]


def decisions(items: Sequence[Json], logged: Sequence[Json]) -> Iterator[Compared]:
    """One beside the other in their order; a decision that only one of the two knows has nothing beside it."""
    for place in range(max(len(items), len(logged))):
        made = hashlib.sha256(jcs(items[place])).hexdigest() if place < len(items) else ""
        told = str(logged[place].get("review_sha256", "")) if place < len(logged) else ""
        yield Compared("decision", made, None, told, place + 1)


def _standing(
    tender: Tender, award: Award | None, evaluation: Json, reviews: Sequence[Review], told: Json | None
) -> Found:
    made = stand(evaluation, reviews, auctions.result_of(tender.id), wanted=tender.framework_winners or 1)
    stored = None if award is None else award.standing_digest or ""
    logged = None if told is None else str(told.get("standing", ""))
    kept = _published(tender, award) if award is not None else None
    return Compared("standing", standing_digest_of(made), stored, logged), _lines(kept, made.to_json())


def _published(tender: Tender, award: Award) -> Json | None:
    """The `standing.json` of the bundle that shows this award; None before it is published."""
    bundle = db.session.get(Bundle, (tender.id, award.stage))
    if bundle is None:
        return None
    try:
        found: Json = parse(member(files.load(bundle.sha256), "standing.json"))
    except (OSError, NotFound) as error:
        raise ValueError(f"the bundle is not what was published: {error}") from error
    return found


def _lines(kept: Json | None, made: Json) -> list[Difference]:
    """Where a published standing is not the one made now: part by part, its places one by one."""
    if kept is None:
        return []
    before, after = dict(kept), dict(made)
    places = [{one["stmt"]: one for one in side.pop("placings")} for side in (before, after)]
    pairs = [(f"standing {name}", before.get(name), after.get(name)) for name in sorted({*before, *after})]
    stmts = sorted({*places[0], *places[1]})
    pairs += [(f"standing {stmt[:10]}", places[0].get(stmt), places[1].get(stmt)) for stmt in stmts]
    return [Difference(what, jcs(old).decode(), jcs(new).decode()) for what, old, new in pairs if jcs(old) != jcs(new)]
