"""The places of technical evaluations in the kernel's registries: permissions, routes, notifications, menu, desk."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import portal
from app.auth import Actor, Role, register_permissions
from app.notifications import register_notification
from app.portal import Card, Entry, NavItem
from bidding import labels
from bidding.models import EvaluationSeat
from bidding.services.evaluators import my_seats
from bidding.states import TenderState

SHOWN = 6


def register() -> None:
    """Before the blueprint is registered: importing a module of routes fills it."""
    from bidding.routes import evaluating, evaluations

    assert all((evaluating, evaluations))
    register_permissions(
        {
            "proposal:evaluate": {Role.EVALUATOR},
            "evaluation:propose": {Role.OFFICER},
            "evaluation:approve": {Role.APPROVER},
        }
    )
    for kind, subject, body in (
        (
            "technical.seated",
            _l("You were drawn into an evaluation committee"),
            _l("“%(title)s”: say first whether you have an interest in any bidder."),
        ),
        (
            "technical.begun",
            _l("Proposals wait for your scores"),
            _l("“%(title)s”: the proposals can be read now."),
        ),
        (
            "technical.short",
            _l("An evaluation committee is short of members"),
            _l("“%(title)s”: nobody is left in the drawn order; name an evaluator, and have it approved."),
        ),
        (
            "technical.all_in",
            _l("All score sheets are in"),
            _l("“%(title)s”: take the technical result together; a second person fixes it."),
        ),
        (
            "technical.proposed",
            _l("A technical result waits for the second person"),
            _l("“%(title)s”: check it and fix it; then the prices of those who qualify are opened."),
        ),
        (
            "technical.fixed",
            _l("The technical result is fixed"),
            _l("“%(title)s”: begin the opening of the prices in the opening room."),
        ),
        (
            "technical.asked",
            _l("A change of a committee waits for approval"),
            _l("“%(title)s”: a second person decides on the evaluator."),
        ),
    ):
        register_notification(kind, subject, body)
    portal.register_nav(NavItem("bidding.evaluations", _l("Evaluations"), "proposal:evaluate", order=26))
    portal.register_card("bidding.evaluations", evaluations_card)


def evaluations_card(actor: Actor, _now: datetime) -> Card | None:
    """Of an evaluator: what waits, the newest first."""
    if not actor.may("proposal:evaluate"):
        return None
    seats = my_seats(actor)
    entries = [
        Entry(
            seat.tender.title,
            url_for("bidding.evaluation_seat", tender_id=seat.tender_id),
            str(labels.SEAT_TASK[task_of(seat)]),
            labels.SEAT_TONE[task_of(seat)],
            seat.seated_at,
        )
        for seat in seats[:SHOWN]
    ]
    empty = _(
        "No committee has been drawn with you in it. Enter the pool, and keep your fields of expertise up to date."
    )
    return Card(_("Evaluations"), entries, len(seats), url_for("bidding.evaluations"), empty, order=11)


def task_of(seat: EvaluationSeat) -> str:
    """What waits for an evaluator, as a key of `labels.SEAT_TASK`."""
    if seat.left_at is not None:
        return "left"
    if seat.submitted_at is not None:
        return "signed"
    if seat.tender.state != TenderState.EVALUATING:
        return "over"
    return "declare" if seat.declared_at is None else "score"
