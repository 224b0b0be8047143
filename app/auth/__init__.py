"""People, organisations, roles, sessions. The front door: import from here, not from its rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.actor import ANONYMOUS, Actor, system
from app.auth.guard import current_actor, public, requires, signed_in
from app.auth.permissions import ROLES_OF, OrganisationKind, Role, all_permissions, permissions_of, register_permissions

if TYPE_CHECKING:
    from flask import Flask

__all__ = [
    "ANONYMOUS",
    "ROLES_OF",
    "Actor",
    "OrganisationKind",
    "Role",
    "all_permissions",
    "current_actor",
    "init_app",
    "permissions_of",
    "public",
    "register_permissions",
    "requires",
    "signed_in",
    "system",
]


def init_app(app: Flask) -> None:
    from flask_babel import lazy_gettext as _l

    from app import portal
    from app.auth import cli, jobs, loading, passwords, wording
    from app.auth.routes import administration, blueprint, me, signing, step_up
    from app.errors import StepUpRequired
    from app.notifications import register_notification

    register_permissions(
        {
            "organisation:administer": {Role.OPERATOR},
            "people:administer": {Role.OPERATOR},
            "own-people:administer": {Role.SUPPLIER_ADMIN},
        }
    )
    passwords.init_app(app)
    loading.init_app(app)
    jobs.register()
    app.cli.add_command(cli.commands)
    if blueprint.name not in app.blueprints:
        app.register_blueprint(blueprint)
    app.jinja_env.globals.update(role_names=wording.role_names)
    app.register_error_handler(StepUpRequired, step_up.ask_again)
    portal.register_person_item(portal.NavItem("auth.me", _l("My account"), order=30, is_personal=True))
    portal.register_nav(
        portal.NavItem("auth.organisations", _l("Organisations"), "organisation:administer", order=80),
        portal.NavItem("auth.all_people", _l("People"), "people:administer", order=81),
        portal.NavItem("auth.own_people", _l("Our people"), "own-people:administer", order=81),
    )
    register_notification(
        "account.password_changed",
        _l("Your password was changed"),
        _l("If that was not you, or nobody you asked, tell the operator at once."),
        is_always_mailed=True,
    )
    register_notification(
        "account.roles_changed",
        _l("Your roles were changed"),
        _l("An administrator changed what you may do. Your account page shows your roles now."),
        is_always_mailed=True,
    )
    register_notification(
        "account.recovery_codes",
        _l("New recovery codes were made"),
        _l("Your earlier recovery codes no longer work. If that was not you, tell the operator at once."),
        is_always_mailed=True,
    )
    # Importing a module of routes fills the blueprint.
    assert all((administration, me, signing))
