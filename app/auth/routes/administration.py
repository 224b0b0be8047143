"""The operator's pages for organisations and people, and a firm's own page for its people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import audit, time
from app.auth import administration, current_actor, people, sessions
from app.auth.guard import requires
from app.auth.models import Organisation, Person
from app.auth.permissions import ROLES_OF, OrganisationKind, Role
from app.auth.routes import blueprint
from app.auth.schemas import NOT_AN_ADDRESS, TAKEN, OrganisationIn, OrganisationNameIn, PersonIn, RolesIn
from app.auth.wording import kind_names, role_names
from app.db import transaction
from app.errors import InvalidInput, NotFound
from app.forms import Form
from app.paging import paginate


def page_number() -> int:
    return request.args.get("page", 1, type=int)


def words() -> str:
    return request.args.get("q", "").strip()[:100]


def note_read(subject: str, what: str) -> None:
    """Every read of personal data by an official is on record.

    Call it before the rows are read: it commits, after which each row read before would be fetched anew, one by one.
    """
    with transaction():
        audit.read_access(current_actor(), time.now(), subject=subject, what=what)


# ---- the operator: organisations ----


@blueprint.get("/admin/organisations")
@requires("organisation:administer")
def organisations() -> str:
    kind = request.args.get("kind", "")
    page = paginate(administration.search_organisations(words(), kind), page_number())
    return render_template("auth/organisations.html", page=page, kind=kind, kinds=kind_names())


@blueprint.route("/admin/organisations/new", methods=["GET", "POST"])
@requires("organisation:administer", step_up=True)
def new_organisation() -> Any:
    form = Form(OrganisationIn())
    if request.method == "POST" and (typed := form.load(request.form)) is not None:
        try:
            with transaction():
                made = administration.add_organisation(**typed, actor=current_actor(), now=time.now())
                place = url_for("auth.organisation", organisation_id=made.id)
        except InvalidInput:
            form.add_error("code", str(TAKEN))
        else:
            flash(_("The organisation is entered. Now add its first person."), "success")
            return redirect(place, 303)
    kinds = {kind.value: kind_names()[kind] for kind in administration.MADE_BY_OPERATOR}
    page = render_template("auth/organisation_new.html", form=form, kinds=kinds)
    return page, 422 if form.errors else 200


@blueprint.route("/admin/organisations/<uuid:organisation_id>", methods=["GET", "POST"])
@requires("organisation:administer", step_up=True)
def organisation(organisation_id: UUID) -> Any:
    found = people.get_organisation(organisation_id)
    form = Form(OrganisationNameIn(), {"name_ko": found.name_ko, "name_en": found.name_en})
    may_rename = found.kind in administration.MADE_BY_OPERATOR
    if request.method == "POST" and may_rename and (typed := form.load(request.form)) is not None:
        with transaction():
            people.rename_organisation(found, typed["name_ko"], typed["name_en"], current_actor(), time.now())
        flash(_("Saved."), "success")
        return redirect(url_for("auth.organisation", organisation_id=organisation_id), 303)
    note_read(found.audit_subject, "people of an organisation")
    page = paginate(administration.search_people(words(), organisation_id=organisation_id), page_number())
    shown = render_template(
        "auth/organisation.html",
        form=form,
        organisation=found,
        page=page,
        kinds=kind_names(),
        roles=role_names(),
        may_rename=may_rename,
        may_add=administration.may_give_roles(current_actor(), found.id, found.kind),
    )
    return shown, 422 if form.errors else 200


# ---- people ----


@blueprint.get("/admin/people")
@requires("people:administer")
def all_people() -> str:
    note_read("people", "list of people")
    role, state = request.args.get("role", ""), request.args.get("state", "")
    page = paginate(administration.search_people(words(), role=role, state=state), page_number())
    return render_template("auth/people.html", page=page, roles=role_names(), role=role, state=state, organisation=None)


@blueprint.get("/people")
@requires("own-people:administer")
def own_people() -> str:
    actor = current_actor()
    assert actor.organisation_id is not None
    role, state = request.args.get("role", ""), request.args.get("state", "")
    query = administration.search_people(words(), organisation_id=actor.organisation_id, role=role, state=state)
    own = people.get_organisation(actor.organisation_id)
    page = paginate(query, page_number())
    return render_template(
        "auth/people.html", page=page, roles=_roles_of(own), role=role, state=state, organisation=own
    )


@blueprint.route("/admin/organisations/<uuid:organisation_id>/people/new", methods=["GET", "POST"])
@requires("people:administer", step_up=True)
def new_person(organisation_id: UUID) -> Any:
    return _new_person(people.get_organisation(organisation_id))


@blueprint.route("/people/new", methods=["GET", "POST"])
@requires("own-people:administer", step_up=True)
def new_own_person() -> Any:
    return _new_person(people.get_organisation(_own_organisation()))


def _own_organisation() -> UUID:
    organisation_id = current_actor().organisation_id
    if organisation_id is None:
        raise NotFound("no organisation")
    return organisation_id


def _new_person(own: Organisation) -> Any:
    form = Form(PersonIn())
    if request.method == "POST" and (typed := form.load(request.form)) is not None:
        try:
            with transaction():
                given = (typed["email"], typed["name"], typed["roles"])
                person, password = administration.add_person(own, *given, current_actor(), time.now())
        except InvalidInput as error:
            _explain(form, error)
        else:
            return render_template("auth/first_password.html", person=person, password=password, is_new=True)
    page = render_template("auth/person_new.html", form=form, organisation=own, roles=_roles_of(own))
    return page, 422 if form.errors else 200


def _explain(form: Form, error: InvalidInput) -> None:
    message = {"taken": TAKEN, "not-an-address": NOT_AN_ADDRESS}.get(error.facts["reason"])
    fallback = _("This role does not exist in this kind of organisation.")
    form.add_error(error.facts["field"], str(message) if message else fallback)


def _roles_of(own: Organisation) -> dict[str, Any]:
    names = role_names()
    return {role.value: names[role] for role in Role if role in ROLES_OF[OrganisationKind(own.kind)]}


@blueprint.get("/admin/people/<uuid:person_id>")
@requires("people:administer")
def person(person_id: UUID) -> str:
    found = administration.get_visible(current_actor(), person_id)
    note_read(found.audit_subject, "account of a person")
    return _person_page(found)


@blueprint.get("/people/<uuid:person_id>")
@requires("own-people:administer")
def own_person(person_id: UUID) -> str:
    return _person_page(administration.get_visible(current_actor(), person_id))


def _person_page(found: Person) -> str:
    actor = current_actor()
    return render_template(
        "auth/person.html",
        person=found,
        form=Form(RolesIn(), {"roles": found.roles}),
        roles=_roles_of(found.organisation),
        kinds=kind_names(),
        is_oneself=found.id == actor.person_id,
        may_give_roles=administration.may_give_roles(actor, found.organisation_id, found.organisation_kind),
        open_sessions=len(sessions.list_open(found.id, time.now())),
        base="/admin/people" if actor.may("people:administer") else "/people",
    )


# The same acts at both addresses; `administration` decides whether this actor may do them to this person.


@blueprint.post("/admin/people/<uuid:person_id>/roles")
@requires("people:administer", step_up=True)
def change_roles(person_id: UUID) -> Response:
    return _change_roles(person_id)


@blueprint.post("/people/<uuid:person_id>/roles")
@requires("own-people:administer", step_up=True)
def change_own_roles(person_id: UUID) -> Response:
    return _change_roles(person_id)


def _change_roles(person_id: UUID) -> Response:
    actor, found = current_actor(), administration.get_visible(current_actor(), person_id)
    form = Form(RolesIn())
    typed = form.load(request.form)
    if typed is None:
        raise InvalidInput("unknown role", reason=_("This role does not exist in this kind of organisation."))
    with transaction():
        administration.change_roles(found, typed["roles"], actor, time.now())
    flash(_("The roles are changed. The person has been signed out and works with the new roles at once."), "success")
    return _back(person_id)


@blueprint.post("/admin/people/<uuid:person_id>/deactivate")
@requires("people:administer", step_up=True)
def deactivate(person_id: UUID) -> Response:
    return _deactivate(person_id)


@blueprint.post("/people/<uuid:person_id>/deactivate")
@requires("own-people:administer", step_up=True)
def deactivate_own(person_id: UUID) -> Response:
    return _deactivate(person_id)


def _deactivate(person_id: UUID) -> Response:
    actor, found = current_actor(), administration.get_visible(current_actor(), person_id)
    with transaction():
        administration.shut(found, actor, time.now())
    flash(_("The account is closed and signed out everywhere. What the person did stays on record."), "success")
    return _back(person_id)


@blueprint.post("/admin/people/<uuid:person_id>/reactivate")
@requires("people:administer", step_up=True)
def reactivate(person_id: UUID) -> Response:
    return _reactivate(person_id)


@blueprint.post("/people/<uuid:person_id>/reactivate")
@requires("own-people:administer", step_up=True)
def reactivate_own(person_id: UUID) -> Response:
    return _reactivate(person_id)


def _reactivate(person_id: UUID) -> Response:
    actor, found = current_actor(), administration.get_visible(current_actor(), person_id)
    with transaction():
        administration.open_again(found, actor, time.now())
    flash(_("The account is open again."), "success")
    return _back(person_id)


@blueprint.post("/admin/people/<uuid:person_id>/password")
@requires("people:administer", step_up=True)
def give_password(person_id: UUID) -> Response:
    return _give_password(person_id)


@blueprint.post("/people/<uuid:person_id>/password")
@requires("own-people:administer", step_up=True)
def give_own_password(person_id: UUID) -> Response:
    return _give_password(person_id)


def _give_password(person_id: UUID) -> Response:
    """The password is in this answer and nowhere else: it is not stored, and cannot be shown again."""
    actor, found = current_actor(), administration.get_visible(current_actor(), person_id)
    with transaction():
        password = administration.give_first_password(found, actor, time.now())
    page = render_template("auth/first_password.html", person=found, password=password, is_new=False)
    return current_app.make_response(page)


def _back(person_id: UUID) -> Response:
    own = not current_actor().may("people:administer")
    return redirect(url_for("auth.own_person" if own else "auth.person", person_id=person_id), 303)
