"""Changing the rule data while the system runs: an operator drafts and proposes, a second one adopts exactly that.

The loader reads the whole that would result each time the draft is looked at, and nothing is proposed that it refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.auth import Actor
from app.db import db
from app.errors import Forbidden, IllegalTransition, InvalidInput, NotFound, RuleBroken, SamePerson, StaleConfirmation
from app.time import kst_date
from bidding.models import RuleChange
from bidding.rules.data import Book, Problem, RuleDataError, load, shipped
from bidding.rules.data.schema import FILES
from bidding.services import rulebook
from bidding.services.access import person_id
from bidding.states import RULES, RulesState

DRAFTER = "rules:propose"
LOCK = "rule-data"  # one adoption at a time
MAX_CHARS = 200_000  # of one file


@dataclass(frozen=True, slots=True)
class Looked:
    """A draft as the loader sees it: the whole that would result, its book where it is sound, and what is wrong."""

    texts: dict[str, str]
    book: Book | None
    problems: tuple[Problem, ...]


def start(actor: Actor, now: datetime, *, from_software: bool = False) -> RuleChange:
    """A new draft: of the version in force, or with every file in which the software's own version differs from it."""
    if not actor.may(DRAFTER):
        raise Forbidden(f"needs {DRAFTER}", permission=DRAFTER)
    base = rulebook.current()
    rulebook.keep(base, now)
    texts = _different(shipped().texts, base) if from_software else {}
    change = RuleChange(base_version=base.version, texts=texts, created_by_id=person_id(actor), created_at=now)
    db.session.add(change)
    db.session.flush()
    return change


def write(change_id: UUID, name: str, text: str, actor: Actor) -> RuleChange:
    """Keep one file of a draft as it was typed, sound or not. Text that is the version's own takes the file out again.

    Raises InvalidInput for a file that there is not or that is too long, IllegalTransition, Forbidden, NotFound.
    """
    change = _locked(change_id)
    if not actor.may(DRAFTER):
        raise Forbidden(f"needs {DRAFTER}", permission=DRAFTER)
    if change.state != RulesState.DRAFT:
        raise IllegalTransition("only a draft is written", subject="rules", state=change.state, event="write")
    if name not in FILES:
        raise InvalidInput("no such file", field="file")
    text = text.replace("\r\n", "\n")
    if len(text) > MAX_CHARS:
        raise InvalidInput("too long", field="text")
    kept = {other: kept for other, kept in change.texts.items() if other != name}
    change.texts = kept if text == _base(change).texts.get(name) else {**kept, name: text}
    return change


def look(change: RuleChange, now: datetime) -> Looked:
    """What the loader says of the whole that the change would make."""
    texts = {**_base(change).texts, **change.texts}
    try:
        book = load(texts)
    except RuleDataError as error:
        return Looked(texts, None, error.problems)
    wrong = _day_problems(change, book, now)
    return Looked(texts, None if wrong else book, wrong)


def propose(change_id: UUID, reason: str, actor: Actor, now: datetime) -> RuleChange:
    """The first operator stands behind it.

    Raises InvalidInput (no reason), RuleBroken with the loader's problems as findings (or `nothing-changed`),
    StaleConfirmation (another version is in force since), IllegalTransition, Forbidden, NotFound.
    """
    change = _locked(change_id)
    if not reason.strip():
        raise InvalidInput("a proposal needs its reason", field="reason")
    looked = look(change, now)
    if looked.book is None:
        raise RuleBroken("the loader refuses it", findings=[problem.code for problem in looked.problems])
    if looked.book.sha256 == _base(change).sha256:
        raise RuleBroken("nothing is changed", findings=["nothing-changed"])
    _refuse_stale(change)
    change.reason, change.sha256, change.proposed_by_id = reason.strip(), looked.book.sha256, person_id(actor)
    RULES.fire(change, "propose", actor, now, base=change.base_version, sha256=looked.book.sha256)
    return change


def send_back(change_id: UUID, actor: Actor, now: datetime) -> RuleChange:
    """It becomes a draft again: the second operator does not agree, or the first thought better of it."""
    change = _locked(change_id)
    RULES.fire(change, "send_back", actor, now)
    return change


def drop(change_id: UUID, actor: Actor, now: datetime) -> RuleChange:
    """A draft that leads nowhere."""
    change = _locked(change_id)
    RULES.fire(change, "drop", actor, now)
    return change


def adopt(change_id: UUID, sha256: str, actor: Actor, now: datetime) -> RuleChange:
    """The second operator adopts the whole with this hash: it is in force at once, for everything not yet published.

    Raises SamePerson, IllegalTransition, Forbidden; StaleConfirmation where it is not what was shown, or another
    version came into force since.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(LOCK))))
    change = _locked(change_id)
    if change.state != RulesState.PROPOSED:
        raise IllegalTransition("nothing is proposed", subject="rules", state=change.state, event="adopt")
    if change.proposed_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    _refuse_stale(change)
    book = look(change, now).book
    if book is None or not sha256 == change.sha256 == book.sha256:
        raise StaleConfirmation("it is not what was shown")
    rulebook.keep(book, now)
    change.version, change.decided_by_id = book.version, person_id(actor)
    approvals = [f"person:{change.proposed_by_id}", actor.handle]
    facts: dict[str, Any] = {"version": book.version, "sha256": book.sha256, "base": change.base_version}
    RULES.fire(change, "adopt", actor, now, approvals=approvals, **facts)
    return change


def software_waits() -> bool:
    """Whether the software brought rule data that were never in force here, while others are."""
    own = shipped().version
    if rulebook.current_version() == own:
        return False
    taken = select(RuleChange.id).where(RuleChange.state == RulesState.ADOPTED, RuleChange.version == own)
    known = select(RuleChange.id).where(RuleChange.base_version == own)
    return db.session.scalar(taken.union(known).limit(1)) is None


def _different(texts: Any, base: Book) -> dict[str, str]:
    return {name: text for name, text in texts.items() if base.texts.get(name) != text}


def _day_problems(change: RuleChange, book: Book, now: datetime) -> tuple[Problem, ...]:
    today = kst_date(now)
    if book.revised_on > today:
        return (Problem("as_of", None, "revised-in-the-future", {"on": book.revised_on.isoformat()}),)
    if book.revised_on < _base(change).revised_on:
        return (Problem("as_of", None, "revised-before-its-base", {"on": book.revised_on.isoformat()}),)
    return ()


def _base(change: RuleChange) -> Book:
    book = rulebook.book_of(change.base_version)
    assert book is not None  # kept, by its foreign key
    return book


def _refuse_stale(change: RuleChange) -> None:
    if change.base_version != rulebook.current_version():
        raise StaleConfirmation("another version has come into force since")


def _locked(change_id: UUID) -> RuleChange:
    change = db.session.get(RuleChange, change_id, with_for_update={"of": RuleChange}, populate_existing=True)
    if change is None:
        raise NotFound(f"no change {change_id}")
    return change
