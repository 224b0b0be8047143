"""Work that auth does outside requests: the mailed code, and forgetting what is no longer needed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from app import time
from app.auth import recovery, sessions, throttle
from app.auth.models import Person
from app.db import db, transaction
from app.jobs import Promise, register_job, register_sweep
from app.time import kst_date


def mail_code(person_id: str | None) -> None:
    """Make a code and mail it. Run twice, the later code counts; where mail fails, none was made."""
    from app.notifications import send_mail

    if person_id is None:  # asked for an address that nobody has
        return
    with transaction():
        person = db.session.get(Person, UUID(person_id), with_for_update=True)
        if person is None or not person.is_active:
            return
        row, code = recovery.make_mailed_code(person, time.now())
        with force_locale(person.locale):
            subject, body = _("Code for a new password"), _code_mail(person.name, code)
            send_mail(person.email, subject, body, message_id=f"code-{row.id}")


def _code_mail(name: str, code: str) -> str:
    return "\n\n".join(
        (
            _("Dear %(name)s,", name=name),
            _("your code for choosing a new password:"),
            f"    {code}",
            _("It is good for 30 minutes and works only together with one of your recovery codes."),
            _("If you did not ask for it, you need do nothing; your password stays as it is."),
        )
    )


def forget_old(**day: str) -> None:  # noqa: ARG001 - the day only names the job
    """Once a day: delete sessions, codes and counted tries that are long over."""
    with transaction():
        now = time.now()
        sessions.forget_old(now)
        recovery.forget_old(now)
        throttle.forget_old(now)


def _daily(now: datetime) -> Iterable[Promise]:
    day = str(kst_date(now))
    yield Promise("auth.forget_old", day, now, {"day": day})


def register() -> None:
    register_job("auth.mail_code", mail_code)
    register_job("auth.forget_old", forget_old)
    register_sweep("auth.forget_old", _daily)
