"""Signing in and entering the password again: throttled, alike for known and unknown accounts, and recorded.

Nothing here tells whether an address has an account: the answer, the work done and the pauses are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import audit
from app.auth import passwords, people, throttle
from app.auth.actor import ANONYMOUS, Actor
from app.auth.models import Person
from app.auth.throttle import Door


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from: the address, and the device's number if this browser signed this account in before."""

    address: str
    secret: str  # keys the hashes under which tries are counted
    device: str | None = None
    device_of: str | None = None  # id of the person whom the device belongs to

    def account_door(self, email: str, person: Person | None) -> Door:
        """A known device has a door of its own: strangers who try this account do not make its owner wait."""
        if self.device is not None and person is not None and self.device_of == str(person.id):
            return throttle.device_door(self.device, self.secret)
        return throttle.account_door(email, self.secret)

    def address_door(self) -> Door:
        return throttle.address_door(self.address, self.secret)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a try: the person, or seconds to wait (`wait_seconds` > 0), or neither: it was wrong."""

    person: Person | None = None
    wait_seconds: int = 0


def sign_in(email: str, password: str, origin: Origin, now: datetime) -> Attempt:
    """Check e-mail and password. The caller opens the session, and commits whatever comes of it."""
    person = people.find_by_email(email)
    doors = (origin.account_door(email, person), origin.address_door())
    if wait := _admit(doors, now):
        _note(person, origin, email, now, "auth.throttled", wait_seconds=wait)
        return Attempt(wait_seconds=wait)
    matches = passwords.verify(person.password_hash if person else None, password)
    if person is None or not matches or not person.is_active:
        reason = "unknown" if person is None else "wrong-password" if not matches else "deactivated"
        _note(person, origin, email, now, "auth.failed", reason=reason)
        return Attempt()
    throttle.forgive(doors[0])
    throttle.take_back(doors[1])
    if passwords.needs_rehash(person.password_hash):
        person.password_hash = passwords.hash_password(password)
    _note(person, origin, email, now, "auth.signed_in")
    return Attempt(person)


def confirm_password(person: Person, password: str, origin: Origin, now: datetime) -> Attempt:
    """The password of somebody who is signed in, entered again: for stepping up and for changing it.

    Counted at the person's own door, so that a borrowed screen cannot be used to guess.
    """
    door = throttle.device_door(f"again:{person.id}", origin.secret)
    if wait := throttle.admit(door, now):
        return Attempt(wait_seconds=wait)
    if not passwords.verify(person.password_hash, password):
        _note(person, origin, person.email, now, "auth.failed", reason="wrong-password-again")
        return Attempt()
    throttle.forgive(door)
    return Attempt(person)


def note_stepped_up(person: Person, actor: Actor, origin: Origin, now: datetime) -> None:
    audit.emit(
        "auth.stepped_up", actor, now, subject=person.audit_subject, is_open=False, origin=origin.address,
    )  # fmt: skip


def note_signed_out(actor: Actor, now: datetime) -> None:
    audit.emit("auth.signed_out", actor, now, subject=actor.handle, is_open=False)


def _admit(doors: tuple[Door, ...], now: datetime) -> int:
    """Count a try at each door in turn until one says wait."""
    for door in doors:
        if wait := throttle.admit(door, now):
            return wait
    return 0


def _note(person: Person | None, origin: Origin, email: str, now: datetime, kind: str, **facts: Any) -> None:
    """A sealed event. Who is unknown is named by the keyed hash of what was typed, never by the address itself."""
    subject = person.audit_subject if person else throttle.account_door(email, origin.secret).name
    actor = people.actor_for(person) if person and kind == "auth.signed_in" else ANONYMOUS
    audit.emit(kind, actor, now, subject=subject, is_open=False, origin=origin.address, **facts)
