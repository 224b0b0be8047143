"""Telling people: rows in the caller's transaction, mail by jobs after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ARRAY, Uuid, any_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app import time
from app.auth.models import Person, PersonRole
from app.db import db, transaction
from app.ids import new_id
from app.jobs import Job, enqueue
from app.notifications.kinds import get_kind, storable, text_of
from app.notifications.mail import send_mail
from app.notifications.models import Notification, Preference

UNREAD_CAP = 99


def notify(
    recipient: UUID, kind: str, now: datetime, *, href: str, roles: Collection[str] = (), **facts: Any
) -> list[UUID]:
    """Tell one person, or every active person of an organisation (those with one of `roles`, where roles are given).

    `recipient` is the id of either. Written in the caller's transaction; mail follows by a job for those who want it.
    Returns the notifications' ids. Raises LookupError for a kind that nobody registered.
    """
    known = get_kind(kind)
    wants = func.coalesce(Preference.wants_mail, True)
    people = (
        select(Person.id, wants.label("wants_mail"))
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(or_(Person.id == recipient, Person.organisation_id == recipient), Person.deactivated_at.is_(None))
    )
    if roles:
        names = [str(role) for role in roles]
        people = people.where(exists().where(PersonRole.person_id == Person.id, PersonRole.role.in_(names)))
    made = []
    for person_id, wants_mail in db.session.execute(people).all():
        row = Notification(person_id=person_id, kind=kind, href=href, facts=storable(facts), created_at=now)
        db.session.add(row)
        made.append((row, wants_mail or known.is_always_mailed))
    db.session.flush()
    for row, is_mailed in made:
        if is_mailed:
            enqueue("notifications.mail", str(row.id), due_at=now, notification_id=str(row.id))
    return [row.id for row, _is_mailed in made]


def notify_all(recipients: Iterable[UUID], kind: str, now: datetime, *, href: str, **facts: Any) -> int:
    """The same for every active person of many organisations, in three statements however many they are.

    Mail follows as the sweep finds it: a hint for each of thousands would take longer than the act itself. Returns how
    many people were told. Raises LookupError for a kind that nobody registered.
    """
    known, told = get_kind(kind), storable(facts)
    wants = func.coalesce(Preference.wants_mail, True)
    people = (
        select(Person.id, wants.label("wants_mail"))
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(Person.organisation_id == any_(literal(list(recipients), ARRAY(Uuid))), Person.deactivated_at.is_(None))
    )
    rows, jobs = [], []
    for person_id, wants_mail in db.session.execute(people).all():
        row = {"id": new_id(), "person_id": person_id, "kind": kind, "href": href, "facts": told, "created_at": now}
        rows.append(row)
        if wants_mail or known.is_always_mailed:
            payload = {"notification_id": str(row["id"])}
            jobs.append({"kind": "notifications.mail", "key": str(row["id"]), "due_at": now, "payload": payload})
    if rows:
        db.session.execute(insert(Notification), rows)
    if jobs:
        db.session.execute(insert(Job), jobs)
    return len(rows)


def mail_notification(notification_id: str) -> None:
    """Job: mail one notification. Run again it does nothing, unless the first run died after the server took the mail:

    then the copy carries the same Message-ID, by which mail programs know it.
    """
    with transaction():
        row = db.session.get(Notification, UUID(notification_id), with_for_update=True)
        if row is None or row.mailed_at is not None:
            return
        person = db.session.get_one(Person, row.person_id)
        if person.is_active:
            with force_locale(person.locale):
                subject, body = text_of(row.kind, row.facts)
                link = current_app.config["NARU_BASE_URL"] + row.href
                text = "\n\n".join((body, link, f"-- \n{_footer()}"))
                send_mail(person.email, subject, text, message_id=f"notification-{row.id}")
        row.mailed_at = time.now()


def _footer() -> str:
    footer: str = _("You get this mail because of your account in Naru. You can switch mail off under “My account”.")
    return footer


def count_unread(person_id: UUID) -> int:
    """At most UNREAD_CAP + 1, so that it stays one short index scan whatever has piled up."""
    unread = select(Notification.id).where(Notification.person_id == person_id, Notification.read_at.is_(None))
    return db.session.execute(select(func.count()).select_from(unread.limit(UNREAD_CAP + 1).subquery())).scalar_one()


def mark_read(person_id: UUID, now: datetime, notification_id: UUID | None = None) -> int:
    """Mark one of the person's own as read, or all of them; returns how many were unread."""
    statement = update(Notification).where(Notification.person_id == person_id, Notification.read_at.is_(None))
    if notification_id is not None:
        statement = statement.where(Notification.id == notification_id)
    return len(db.session.scalars(statement.values(read_at=now).returning(Notification.id)).all())


def wants_mail(person_id: UUID) -> bool:
    preference = db.session.get(Preference, person_id)
    return preference is None or preference.wants_mail


def set_wants_mail(person_id: UUID, wanted: bool) -> None:
    statement = insert(Preference).values(person_id=person_id, wants_mail=wanted)
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_={"wants_mail": wanted}))
