"""Getting back in: a code sent by mail AND one of the recovery codes that the person keeps on paper.

Mail alone is never enough (OWASP ASVS 5.0, 6.3.6): whoever reads a mailbox must not become an officer. Who has
no recovery code left asks an administrator, who gives out a new first password.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import delete, func, select

from app import audit
from app.auth import people
from app.auth.actor import Actor
from app.auth.models import MailedCode, Person, RecoveryCode
from app.db import db
from app.ids import new_id
from app.jobs import enqueue

CODE_LASTS = timedelta(minutes=30)
RECOVERY_CODES = 8
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is read for another


def _make_code(groups: int) -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(groups))


def _hash(code: str) -> bytes:
    """Codes compare without regard to case, blanks and hyphens."""
    return sha256("".join(char for char in code.upper() if char.isalnum()).encode()).digest()


def renew_recovery_codes(person: Person, actor: Actor, now: datetime) -> list[str]:
    """New codes instead of all old ones. They are shown once; only hashes are kept."""
    from app.notifications import notify

    codes = [_make_code(4) for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    db.session.add_all(RecoveryCode(person_id=person.id, code_hash=_hash(code), created_at=now) for code in codes)
    notify(person.id, "account.recovery_codes", now, href="/me")
    audit.emit("person.recovery_codes_renewed", actor, now, subject=person.audit_subject, is_open=False)
    return codes


def count_recovery_codes(person_id: UUID) -> int:
    left = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.session.execute(left).scalar_one()


def ask_for_code(email: str, now: datetime) -> None:
    """Promise a code by mail to whoever has this address. Does the same work where nobody has."""
    person = people.find_by_email(email)
    person_id = str(person.id) if person is not None and person.is_active else None
    enqueue("auth.mail_code", str(new_id()), due_at=now, person_id=person_id)


def make_mailed_code(person: Person, now: datetime) -> tuple[MailedCode, str]:
    """A new code for `person` and its row; the one before is no good any more."""
    code = _make_code(3)
    db.session.execute(delete(MailedCode).where(MailedCode.person_id == person.id, MailedCode.used_at.is_(None)))
    row = MailedCode(person_id=person.id, code_hash=_hash(code), created_at=now, expires_at=now + CODE_LASTS)
    db.session.add(row)
    db.session.flush()
    return row, code


def reset_password(email: str, mailed: str, recovery: str, password: str, now: datetime) -> Person | None:
    """Set a new password where both codes are good; each works once. None where anything is not.

    Every session of the person ends. Raises InvalidInput (field `password`) for a weak one; both codes stay good then.
    """
    person = people.find_by_email(email)
    found = _find_codes(person, mailed, recovery, now) if person is not None and person.is_active else None
    if person is None or found is None:
        return None
    actor = people.actor_for(person)
    people.set_password(person, password, actor, now, must_change=False)
    found[0].used_at = found[1].used_at = now
    people.verify_email(person, now)
    audit.emit("person.password_recovered", actor, now, subject=person.audit_subject, is_open=False)
    return person


def _find_codes(person: Person, mailed: str, recovery: str, now: datetime) -> tuple[MailedCode, RecoveryCode] | None:
    sent = db.session.scalar(
        select(MailedCode).where(MailedCode.person_id == person.id, MailedCode.used_at.is_(None)).with_for_update()
    )
    unused = (RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    kept = db.session.scalar(
        select(RecoveryCode).where(*unused, RecoveryCode.code_hash == _hash(recovery)).with_for_update()
    )
    if sent is None or kept is None or now >= sent.expires_at or not compare_digest(sent.code_hash, _hash(mailed)):
        return None
    return sent, kept


def forget_old(now: datetime) -> int:
    """Delete mailed codes that ended a day ago; returns how many."""
    old = MailedCode.expires_at < now - timedelta(days=1)
    return len(db.session.scalars(delete(MailedCode).where(old).returning(MailedCode.id)).all())
