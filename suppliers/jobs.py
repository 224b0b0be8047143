"""What the registry promises to do later: mail links, certificates, the end of registrations. All can run twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app import documents, time
from app.auth import system
from app.db import db, transaction
from app.jobs import Promise, register_job, register_sweep
from app.notifications import send_mail
from app.time import kst_date
from suppliers.documents import KIND, certificate
from suppliers.links import token_of
from suppliers.models import EmailLink, Supplier
from suppliers.services.registration import (
    LINK_HOURS,
    find_usable_link,
    forget_stale_drafts,
    has_account,
    is_stale_draft,
)
from suppliers.services.reviewing import expire, ids_to_expire
from suppliers.states import SupplierState


def mail_link(link_id: str) -> None:
    """Mail a one-time link; to somebody who has an account already, that they have. A copy carries the same id."""
    with transaction():
        link = find_usable_link(UUID(link_id), time.now())
        if link is None:
            return
        supplier = db.session.get_one(Supplier, link.supplier_id)
        with force_locale(supplier.applicant_locale):
            subject, body = _mail_of(link, supplier)
            send_mail(link.email, subject, body, message_id=f"supplier-link-{link.id}")


def _mail_of(link: EmailLink, supplier: Supplier) -> tuple[str, str]:
    base, firm = current_app.config["NARU_BASE_URL"], supplier.working_profile.name_ko
    if has_account(link.email):
        return _("You have an account already"), _(
            "Somebody, perhaps you, began to register %(firm)s with this address, which has an account in Naru "
            "already. Sign in at %(url)s, or begin with another address. If it was not you, do nothing.",
            firm=firm,
            url=f"{base}/sign-in",
        )
    address = f"{base}/register/verify/{token_of(link.id, current_app.config['SECRET_KEY'])}"
    return _("Verify your e-mail address"), _(
        "You began to register %(firm)s as a supplier. Open this link within %(hours)s hours, set your password, and "
        "send the application:\n\n%(url)s\n\nIf it was not you, do nothing: without the link nothing happens.",
        firm=firm,
        hours=LINK_HOURS,
        url=address,
    )


def issue_certificate(supplier_id: str) -> None:
    """The certificate of a registration just approved, in Korean."""
    now = time.now()
    with transaction():
        supplier = db.session.get(Supplier, UUID(supplier_id), with_for_update=True)
        if supplier is None or supplier.state not in (SupplierState.ACTIVE, SupplierState.CHANGES_PENDING):
            return
        issued = documents.issued_about(supplier.audit_subject, KIND)
        if supplier.approved_at is not None and any(each.issued_at >= supplier.approved_at for each in issued):
            return
        documents.issue(
            certificate(supplier, kst_date(now), "ko"),
            subject=supplier.audit_subject,
            now=now,
            actor=system(),
            is_public=False,
            owner_id=supplier.organisation_id,
        )


def expire_registration(supplier_id: str) -> None:
    """End a registration whose last day is over."""
    with transaction():
        expire(UUID(supplier_id), system("supplier:expire"), time.now())


def due_to_expire(now: datetime) -> Iterable[Promise]:
    """Derived from the register itself; the day in the key lets a renewed one expire again."""
    today = kst_date(now).isoformat()
    return [
        Promise("suppliers.expire", f"{supplier_id}:{today}", now, {"supplier_id": str(supplier_id)})
        for supplier_id in ids_to_expire(now)
    ]


def forget_drafts() -> None:
    """Drop drafts that nobody went on with."""
    with transaction():
        forget_stale_drafts(time.now())


def due_to_forget(now: datetime) -> Iterable[Promise]:
    """Once a day, where there is one."""
    found = db.session.scalar(select(Supplier.id).where(is_stale_draft(now)).limit(1))
    return [Promise("suppliers.forget_drafts", kst_date(now).isoformat(), now)] if found is not None else []


def init_jobs() -> None:
    register_job("suppliers.mail_link", mail_link)
    register_job("suppliers.issue_certificate", issue_certificate)
    register_job("suppliers.expire", expire_registration)
    register_sweep("suppliers.expire", due_to_expire)
    register_job("suppliers.forget_drafts", forget_drafts)
    register_sweep("suppliers.forget_drafts", due_to_forget)
