"""Demonstration content: `flask --app wsgi demo` runs what each feature registered, in order, and prints the logins.

Everything goes through the real services. It is refused in production, and where there is anybody already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy import select

from app import time
from app.audit import witnessing
from app.auth import OrganisationKind, Role, system
from app.auth.models import Person
from app.auth.people import create_organisation, create_person
from app.db import db, transaction

PASSWORD = "five boats at dawn"  # noqa: S105 - printed at the start, for a demonstration only


@dataclass(frozen=True, slots=True)
class Login:
    """Who can sign in: what they are, and their address. The password is the same for all."""

    role: str
    email: str
    organisation: str


@dataclass(slots=True)
class Demo:
    """What the steps share. `found` holds what an earlier step left for later ones, by its own name."""

    logins: list[Login] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Progress, on standard error: standard output is the list of logins."""
        click.echo(f"  {text}", err=True)


Step = Callable[[Demo], None]
_steps: dict[str, tuple[int, Step]] = {}


def register_demo(name: str, order: int, step: Step) -> None:
    """`step(demo)` adds content, in transactions of its own; lower orders run first."""
    _steps[name] = (order, step)


def kernel_step(demo: Demo) -> None:
    """The operator with a registrar, and an audit body."""
    now = time.now()
    with transaction():
        operator = create_organisation(
            OrganisationKind.OPERATOR, "OP0001", "나루 운영센터", "Naru operations", system(), now
        )
        create_person(operator, "operator@naru.example", "운영자", PASSWORD, [Role.OPERATOR], system(), now)
        create_person(operator, "operator2@naru.example", "운영자 2", PASSWORD, [Role.OPERATOR], system(), now)
        create_person(operator, "registrar@naru.example", "등록심사", PASSWORD, [Role.REGISTRAR], system(), now)
        audit_body = create_organisation(
            OrganisationKind.AUDIT, "AU0001", "나루 감사위원회", "Naru board of audit", system(), now
        )
        create_person(audit_body, "auditor@naru.example", "감사관", PASSWORD, [Role.AUDITOR], system(), now)
    demo.logins += [
        Login("operator", "operator@naru.example", operator.name_en),
        Login("operator", "operator2@naru.example", operator.name_en),
        Login("registrar", "registrar@naru.example", operator.name_en),
        Login("auditor", "auditor@naru.example", audit_body.name_en),
    ]


@click.command("demo")
def demo_command() -> None:
    """Fill an empty system with demonstration content and print who can sign in."""
    if current_app.config["NARU_ENV"] == "production":
        raise click.ClickException("demonstration content is not for production")
    if db.session.scalar(select(Person.id).limit(1)) is not None:
        raise click.ClickException("there are people already: demonstration content goes into an empty system")
    demo = Demo()
    with witnessing.attending(current_app._get_current_object()):  # type: ignore[attr-defined]
        for _, step in sorted(_steps.values(), key=lambda pair: pair[0]):
            step(demo)
    click.echo(told(demo.logins))
    sys.stdout.flush()


def told(logins: list[Login]) -> str:
    """The logins as lines of a table."""
    width = max(len(login.email) for login in logins)
    lines = [f"  {login.role:<10} {login.email:<{width}}  {login.organisation}" for login in logins]
    return "\n".join([f"Sign in with the password: {PASSWORD}", *lines])


def init_app(app: Flask) -> None:
    app.cli.add_command(demo_command)
    register_demo("kernel", 0, kernel_step)
