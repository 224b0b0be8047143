"""The page of one's own notifications."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import time
from app.auth import Actor, current_actor, signed_in
from app.db import db, transaction
from app.errors import NotFound
from app.notifications.kinds import text_of
from app.notifications.models import Notification
from app.notifications.sending import count_unread, mark_read
from app.paging import paginate

blueprint = Blueprint("notifications", __name__, template_folder="templates")


@blueprint.get("/notifications")
@signed_in
def index() -> str:
    mine = select(Notification).where(Notification.person_id == current_actor().person_id)
    is_unread_only = request.args.get("show") == "unread"
    if is_unread_only:
        mine = mine.where(Notification.read_at.is_(None))
    page = paginate(mine.order_by(Notification.id.desc()), request.args.get("page", 1, type=int))
    texts = {row.id: text_of(row.kind, row.facts) for row in page.items}
    unread = unread_of(current_actor())
    return render_template(
        "notifications/index.html", page=page, texts=texts, unread=unread, is_unread_only=is_unread_only
    )


@blueprint.post("/notifications/<uuid:notification_id>/open")
@signed_in
def open_one(notification_id: UUID) -> Response:
    """Mark it read and go where it leads. A POST, so that a link fetched ahead marks nothing."""
    with transaction():
        row = db.session.get(Notification, notification_id)
        if row is None or row.person_id != current_actor().person_id:
            raise NotFound(f"notification {notification_id}")
        mark_read(row.person_id, time.now(), row.id)
        href = row.href
    return redirect(href, 303)


@blueprint.post("/notifications/read")
@signed_in
def read_all() -> Response:
    from flask import flash

    person_id = current_actor().person_id
    assert person_id is not None
    with transaction():
        count = mark_read(person_id, time.now())
    if count:
        flash(_("All notifications are marked as read."), "success")
    return redirect(url_for("notifications.index"), 303)


def unread_of(actor: Actor) -> int:
    """The badge's number: one query a request, and only for pages that show it."""
    if actor.person_id is None:
        return 0
    if "unread_notifications" not in g:
        g.unread_notifications = count_unread(actor.person_id)
    count: int = g.unread_notifications
    return count
