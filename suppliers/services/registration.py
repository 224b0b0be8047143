"""A supplier registers itself: save as you go, verify the mailbox, send for review, change later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from app.auth import Actor, OrganisationKind, Role
from app.auth.models import Person
from app.auth.people import create_organisation, create_person, verify_email
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, NotFound, TooManyTries
from app.jobs import enqueue
from app.time import kst_date
from suppliers import rules
from suppliers.models import EmailLink, Review, Supplier
from suppliers.profiles import SECTIONS, differences, to_json, with_immediate
from suppliers.services.register import put_in_force
from suppliers.states import EDITABLE, REGISTERED, SUPPLIER, SupplierState
from suppliers.types import Profile

LINK_HOURS = 24
LINKS_A_DAY = 5
LINK_PAUSE = timedelta(seconds=30)
DRAFT_DAYS = 30


def empty_draft(locale: str, now: datetime) -> Supplier:
    """A draft that is not stored yet. It belongs to whoever holds the browser session until a mailbox is verified."""
    working = to_json(Profile())
    return Supplier(
        state=SupplierState.DRAFT, working=working, applicant_locale=locale, created_at=now, kinds=[], grams=[]
    )


def save_section(supplier: Supplier, section: str, values: dict[str, Any]) -> None:
    """Write the fields of one step into the working copy; of a registered supplier what needs no review at once.

    Raises NotFound (no such section), IllegalTransition (under review, or refused), InvalidInput (a registered
    supplier's business number never changes) or AlreadyDone (the number belongs to another supplier).
    """
    if section not in SECTIONS:
        raise NotFound(f"no section {section}")
    if supplier.state not in EDITABLE:
        raise IllegalTransition("under review", subject="supplier", state=supplier.state, event="edit")
    values = {name: values[name] for name in SECTIONS[section] if name in values}
    number = values.get("business_number")
    if number is not None:
        if supplier.business_number not in (None, number):
            raise InvalidInput("a registered business number never changes", field="business_number")
        if is_number_taken(number, but=supplier.id):
            raise AlreadyDone("another supplier is registered with this number", what="business-number")
    profile = replace(supplier.working_profile, **values)
    supplier.working = to_json(profile)
    if supplier.registered_at is not None:
        put_in_force(supplier, with_immediate(supplier.profile, profile))


def is_number_taken(business_number: str, but: UUID | None = None) -> bool:
    """Whether a supplier other than `but` is registered with this number."""
    holder = db.session.scalar(select(Supplier.id).where(Supplier.business_number == business_number))
    return holder is not None and holder != but


def name_applicant(supplier: Supplier, name: str, email: str, now: datetime) -> EmailLink | None:
    """Take down who applies and mail a one-time link to prove the mailbox. None where nothing changed.

    Raises IllegalTransition (the mailbox is verified already) or TooManyTries.
    """
    if supplier.organisation_id is not None:
        raise IllegalTransition("verified", subject="supplier", state=supplier.state, event="name_applicant")
    unchanged = supplier.applicant_email == email and supplier.applicant_name == name
    supplier.applicant_name, supplier.applicant_email = name, email
    if unchanged and _links_since(supplier, now - timedelta(hours=LINK_HOURS)):
        return None
    return mail_link(supplier, now)


def mail_link(supplier: Supplier, now: datetime) -> EmailLink:
    """A fresh link by mail; older ones stop working. A few a day, with a pause between, and no more to one address
    however many registrations name it: nobody's mailbox is to be filled through us.

    Raises TooManyTries, or IllegalTransition where there is no mailbox to verify.
    """
    if supplier.applicant_email is None or supplier.organisation_id is not None:
        raise IllegalTransition("no mailbox to verify", subject="supplier", state=supplier.state, event="mail_link")
    day_ago = now - timedelta(days=1)
    mailed = select(func.count()).where(EmailLink.email == supplier.applicant_email, EmailLink.created_at > day_ago)
    busy = max(_links_since(supplier, day_ago), db.session.scalar(mailed) or 0)
    if _links_since(supplier, now - LINK_PAUSE) or busy >= LINKS_A_DAY:
        raise TooManyTries("a link was mailed just now", seconds=int(LINK_PAUSE.total_seconds()))
    link = EmailLink(
        supplier_id=supplier.id,
        email=supplier.applicant_email,
        created_at=now,
        expires_at=now + timedelta(hours=LINK_HOURS),
    )
    db.session.add(link)
    db.session.flush()
    enqueue("suppliers.mail_link", str(link.id), due_at=now, link_id=str(link.id))
    return link


def _links_since(supplier: Supplier, since: datetime) -> int:
    query = select(func.count()).where(EmailLink.supplier_id == supplier.id, EmailLink.created_at > since)
    return db.session.scalar(query) or 0


def forget_stale_drafts(now: datetime) -> int:
    """Drop drafts that never got an account and were begun more than thirty days ago, with the names and addresses in
    them; return how many. Personal data is not kept for what nobody went on with.
    """
    stale = delete(Supplier).where(is_stale_draft(now)).returning(Supplier.id)
    return len(list(db.session.scalars(stale)))


def is_stale_draft(now: datetime) -> ColumnElement[bool]:
    """The drafts that `forget_stale_drafts` drops."""
    return and_(
        Supplier.state == SupplierState.DRAFT,
        Supplier.organisation_id.is_(None),
        Supplier.created_at < now - timedelta(days=DRAFT_DAYS),
    )


def find_usable_link(link_id: UUID, now: datetime, *, lock: bool = False) -> EmailLink | None:
    """The link if it may still be used: not used, not expired, the newest of its registration."""
    session: Session = db.session()
    link = session.get(EmailLink, link_id, with_for_update=lock)
    if link is None or link.used_at is not None or link.expires_at <= now:
        return None
    newest = select(func.max(EmailLink.created_at)).where(EmailLink.supplier_id == link.supplier_id)
    return link if db.session.scalar(newest) == link.created_at else None


def has_account(email: str) -> bool:
    """Whether a person signs in with this address already."""
    return db.session.scalar(select(Person.id).where(Person.email == email.lower()).limit(1)) is not None


def confirm_email(link_id: UUID, password: str, now: datetime) -> Person:
    """The mailbox is proved: make the organisation and its first person (administrator and bidder), use up the link.

    Raises NotFound (the link does not, or no longer, work) or AlreadyDone (an account with this address exists).
    """
    link = find_usable_link(link_id, now, lock=True)
    if link is None:
        raise NotFound("the link does not work any more", what="email-link")
    supplier = db.session.get_one(Supplier, link.supplier_id, with_for_update=True)
    if supplier.organisation_id is not None or has_account(link.email):
        raise AlreadyDone("an account exists", what="account")
    profile, name = supplier.working_profile, supplier.applicant_name or link.email
    actor = Actor(f"applicant:{supplier.id}", name=name)
    # The business number becomes the organisation's code with the approval: an applicant must not occupy it.
    organisation = create_organisation(
        OrganisationKind.SUPPLIER,
        f"applicant-{supplier.id.hex}",
        profile.name_ko or name,
        profile.name_en or profile.name_ko or name,
        actor,
        now,
    )
    db.session.flush()
    roles = [Role.SUPPLIER_ADMIN, Role.SUPPLIER_BIDDER]
    person = create_person(organisation, link.email, name, password, roles, actor, now)
    person.locale = supplier.applicant_locale
    verify_email(person, now)
    link.used_at = now
    supplier.organisation_id = organisation.id
    supplier.applicant_name = supplier.applicant_email = None
    db.session.flush()
    return person


def what_is_missing(supplier: Supplier) -> tuple[tuple[str, str], ...]:
    """(section, what) that still keeps the working copy from being sent for review."""
    return rules.missing(supplier.working_profile, has_verified_email=supplier.organisation_id is not None)


def submit(supplier: Supplier, actor: Actor, now: datetime, answer: str = "", *, is_renewal: bool = False) -> Review:
    """Send the working copy to the registrar: a first registration, a renewal, or changes to what is in force.

    Raises Forbidden (another's), InvalidInput (incomplete: `facts["missing"]`; or nothing to review), AlreadyDone
    (the number was registered to another meanwhile), IllegalTransition.
    """
    _must_be_own(supplier, actor)
    lacking = what_is_missing(supplier)
    if lacking:
        raise InvalidInput("incomplete", missing=[f"{section}.{what}" for section, what in lacking])
    profile = supplier.working_profile
    if is_number_taken(profile.business_number, but=supplier.id):
        raise AlreadyDone("another supplier is registered with this number", what="business-number")
    kind = _kind_of_review(supplier, is_renewal, now)
    event = "propose" if supplier.state == SupplierState.ACTIVE else "submit"
    SUPPLIER.fire(supplier, event, actor, now, kind=kind)
    latest = db.session.scalar(select(func.max(Review.number)).where(Review.supplier_id == supplier.id)) or 0
    review = Review(
        supplier_id=supplier.id,
        number=latest + 1,
        kind=kind,
        proposed=supplier.working,
        answer=answer,
        submitted_at=now,
        comments={},
    )
    db.session.add(review)
    db.session.flush()
    return review


def _kind_of_review(supplier: Supplier, is_renewal: bool, now: datetime) -> str:
    if supplier.registered_at is None:
        return "first"
    if supplier.state != SupplierState.ACTIVE:
        return "renewal"
    if is_renewal:
        if supplier.valid_until_on is None or not rules.may_renew(supplier.valid_until_on, kst_date(now)):
            raise InvalidInput("too early to renew", field="renewal")
        return "renewal"
    if not any(each.needs_review for each in differences(supplier.profile, supplier.working_profile)):
        raise InvalidInput("nothing to review", field="changes")
    return "changes"


def take_back(supplier: Supplier, actor: Actor, now: datetime) -> None:
    """Take what was sent back from the registrar, to correct it. What is in force stays."""
    _must_be_own(supplier, actor)
    SUPPLIER.fire(supplier, "take_back", actor, now)
    review = get_open_review(supplier)
    review.decision, review.decided_at, review.decided_by_id = "taken-back", now, actor.person_id


def reopen(supplier: Supplier, actor: Actor, now: datetime) -> None:
    """Start again after a refusal, with what was entered."""
    _must_be_own(supplier, actor)
    SUPPLIER.fire(supplier, "reopen", actor, now)


def discard_changes(supplier: Supplier, actor: Actor) -> None:
    """Make the working copy what is in force again. IllegalTransition where there is nothing in force to go back to."""
    _must_be_own(supplier, actor)
    if supplier.state not in REGISTERED or supplier.state == SupplierState.CHANGES_PENDING:
        raise IllegalTransition("nothing to go back to", subject="supplier", state=supplier.state, event="discard")
    supplier.working = to_json(supplier.profile)


def get_open_review(supplier: Supplier) -> Review:
    """The round that waits for a decision. NotFound where none does."""
    review = db.session.scalar(select(Review).where(Review.supplier_id == supplier.id, Review.decision.is_(None)))
    if review is None:
        raise NotFound("nothing waits for a decision")
    return review


def _must_be_own(supplier: Supplier, actor: Actor) -> None:
    # The system acts for a supplier where it registers one directly; it has no organisation.
    if actor.person_id is not None and actor.organisation_id != supplier.organisation_id:
        raise Forbidden("another supplier's registration", permission="supplier:edit")
