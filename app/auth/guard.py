"""The guard that every route carries. A route without one fails the URL-map test; nothing is public by omission."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g

from app.auth.actor import ANONYMOUS, Actor
from app.errors import Forbidden, NotSignedIn, StepUpRequired

View = Callable[..., Any]


def current_actor() -> Actor:
    """Who makes this request. Set by `app.auth.sessions` before the view runs."""
    actor: Actor = g.get("actor", ANONYMOUS)
    return actor


def public(view: View) -> View:
    """Anyone may call it."""
    view.guarded_by = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: str, *, step_up: bool = False) -> Callable[[View], View]:
    """Only who holds `permission`; with `step_up`, unsafe methods also want the password entered again just now.

    Raises NotSignedIn, Forbidden or StepUpRequired, in this order.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            from flask import request

            actor = current_actor()
            if not actor.is_signed_in:
                raise NotSignedIn
            if permission not in actor.permissions:
                raise Forbidden(f"needs {permission}", permission=permission)
            if step_up and request.method not in ("GET", "HEAD") and not actor.is_stepped_up:
                raise StepUpRequired
            return view(*args, **kwargs)

        guarded.guarded_by = permission  # type: ignore[attr-defined]
        guarded.wants_step_up = step_up  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: View) -> View:
    """Anyone who has signed in, whatever their role."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_actor().is_signed_in:
            raise NotSignedIn
        return view(*args, **kwargs)

    guarded.guarded_by = "signed-in"  # type: ignore[attr-defined]
    return guarded
