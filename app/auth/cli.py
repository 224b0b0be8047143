"""`flask --app wsgi people add-operator`: the first operator of a new system, who then enters everybody else."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app import time
from app.auth import passwords, people
from app.auth.actor import system
from app.auth.models import Organisation
from app.auth.permissions import OrganisationKind, Role
from app.db import db, transaction
from app.errors import InvalidInput

commands = AppGroup("people", help="People, from the machine itself.")
OPERATOR_CODE = "operator"


@commands.command("add-operator")
@click.argument("email")
@click.argument("name")
@click.option("--organisation-ko", default="나루 운영기관", help="Korean name, where the organisation is new.")
@click.option("--organisation-en", default="Naru operator", help="English name, where the organisation is new.")
def add_operator(email: str, name: str, organisation_ko: str, organisation_en: str) -> None:
    """Enter EMAIL, called NAME, as operator and registrar; print a first password, to be changed at once."""
    password, now, actor = passwords.first_password(), time.now(), system()
    try:
        with transaction():
            operator = db.session.scalar(select(Organisation).where(Organisation.kind == OrganisationKind.OPERATOR))
            if operator is None:
                names = (organisation_ko, organisation_en)
                operator = people.create_organisation(OrganisationKind.OPERATOR, OPERATOR_CODE, *names, actor, now)
            roles = (Role.OPERATOR, Role.REGISTRAR)
            people.create_person(operator, email, name, password, roles, actor, now, must_change_password=True)
    except InvalidInput as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{email} may sign in once with the password {password}")
