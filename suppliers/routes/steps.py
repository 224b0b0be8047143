"""The steps of a registration: one form each, whether an applicant's browser or an administrator edits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema

from app.db import db, transaction
from app.errors import AlreadyDone, DomainError, InvalidInput, NotFound
from app.forms import Form
from app.i18n import language
from app.regions import region_options
from suppliers import wording
from suppliers.codes import LICENCES, licence_name
from suppliers.models import Supplier
from suppliers.profiles import SECTIONS, differences
from suppliers.rules import format_business_number
from suppliers.schemas import (
    OTHER,
    BusinessIn,
    FirmIn,
    LicenceIn,
    PlaceIn,
    ProductIn,
    RepresentativeIn,
)
from suppliers.services.registration import save_section
from suppliers.types import Profile

# In the order of the steps; "person" is asked of applicants only.
STEPS = ("firm", "person", "representatives", "place", "business", "licences", "products")
LIST_SCHEMAS: dict[str, type[Schema]] = {
    "representatives": RepresentativeIn,
    "licences": LicenceIn,
    "products": ProductIn,
}
PAGE_SCHEMAS: dict[str, type[Schema]] = {"firm": FirmIn, "place": PlaceIn, "business": BusinessIn}
LAST_STEPS = ("licences", "products")  # may stay empty; done once the kinds of business before them are
MOST_ITEMS = {"representatives": 20, "licences": 50, "products": 200}

Link = Callable[[str], str]


def handle_section(supplier: Supplier, section: str, link: Link) -> ResponseReturnValue:
    """Show a step, or save what was typed and go on. `link(step)` is the address of another step or of "check"."""
    if section in LIST_SCHEMAS:
        return _handle_list(supplier, section, link)
    if section in PAGE_SCHEMAS:
        return _handle_page(supplier, section, link)
    raise NotFound(f"no section {section}")


def next_step(supplier: Supplier, section: str) -> str:
    """The step after `section`; the check page when it was the last."""
    steps = steps_of(supplier)
    place = steps.index(section) + 1
    return steps[place] if place < len(steps) else "check"


def steps_of(supplier: Supplier) -> list[str]:
    """The steps that this registration has; whoever has an account is not asked for one."""
    return [step for step in STEPS if step != "person" or supplier.organisation_id is None]


def _handle_page(supplier: Supplier, section: str, link: Link) -> ResponseReturnValue:
    profile = supplier.working_profile
    form = Form(PAGE_SCHEMAS[section](), _values_of(profile, section))
    if request.method == "GET":
        return render_step(supplier, section, link, form=form)
    typed = request.form.copy()
    if section == "firm" and supplier.business_number is not None:
        typed["business_number"] = supplier.business_number
    values = form.load(typed)
    if values is not None and _save(supplier, section, values, form):
        return redirect(_onward(supplier, section, link))
    return render_step(supplier, section, link, form=form), 422


def _values_of(profile: Profile, section: str) -> dict[str, Any]:
    values = {name: getattr(profile, name) for name in SECTIONS[section]}
    values["business_number"] = format_business_number(profile.business_number)
    return values | ({"kinds": list(profile.kinds)} if section == "business" else {})


def _handle_list(supplier: Supplier, section: str, link: Link) -> ResponseReturnValue:
    form = Form(LIST_SCHEMAS[section]())
    if request.method == "GET":
        return render_step(supplier, section, link, form=form)
    items = list(getattr(supplier.working_profile, section))
    if "remove" in request.form:
        return _remove(supplier, section, items, link)
    if "go-on" in request.form and not any(request.form.get(name, "").strip() for name in form.schema.fields):
        if section == "representatives" and not items:
            form.add_error("name", _("Enter every representative, at least one."))
            return render_step(supplier, section, link, form=form), 422
        return redirect(_onward(supplier, section, link))
    item = form.load(request.form)
    if (
        item is not None
        and _is_new(section, items, item, form)
        and _save(supplier, section, {section: (*items, item)}, form)
    ):
        return redirect(_onward(supplier, section, link) if "go-on" in request.form else link(section))
    return render_step(supplier, section, link, form=form), 422


def _remove(supplier: Supplier, section: str, items: list[Any], link: Link) -> ResponseReturnValue:
    """Takes the item out that was shown at this place, if it is still there."""
    place, _mark, key = request.form["remove"].partition(":")
    if place.isdigit() and int(place) < len(items) and key == _key_of(items[int(place)]):
        removed = items.pop(int(place))
        _save(supplier, section, {section: tuple(items)}, None)
        flash(_("Removed: %(what)s", what=_label_of(removed)), "info")
    return redirect(link(section))


def _key_of(item: Any) -> str:
    return "|".join(str(value) for value in asdict(item).values())


def _label_of(item: Any) -> str:
    return str(wording.shown("", (item,)))


def _is_new(section: str, items: list[Any], item: Any, form: Form) -> bool:
    names = {"representatives": ("name", "position"), "licences": ("code", "number"), "products": ("code",)}[section]
    if any(all(getattr(each, name) == getattr(item, name) for name in names) for each in items):
        form.add_error("name" if section == "representatives" else "code", _("This is in the list already."))
        return False
    if len(items) >= MOST_ITEMS[section]:
        form.add_error("", _("At most %(most)s can be entered here.", most=MOST_ITEMS[section]))
        return False
    return True


def _save(supplier: Supplier, section: str, values: dict[str, Any], form: Form | None) -> bool:
    try:
        with transaction():
            db.session.add(supplier)  # the first good step stores the draft
            save_section(supplier, section, values)
    except (AlreadyDone, InvalidInput) as refusal:
        if form is None:
            raise
        form.add_error("business_number", _why_not_saved(refusal))
        return False
    return True


def _why_not_saved(refusal: DomainError) -> Any:
    if isinstance(refusal, AlreadyDone):
        return _("A supplier is registered with this number already. Ask its administrator for an account of your own.")
    return _("The business registration number of a registered supplier never changes.")


def _onward(supplier: Supplier, section: str, link: Link) -> str:
    """After a change from the check page back to it, else to the next step."""
    return link("check") if request.args.get("from") == "check" else link(next_step(supplier, section))


def render_step(supplier: Supplier, section: str, link: Link, form: Form, **more: Any) -> str:
    """The page of one step."""
    steps = steps_of(supplier)
    items = (
        [
            {"item": item, "key": f"{place}:{_key_of(item)}"}
            for place, item in enumerate(getattr(supplier.working_profile, section))
        ]
        if section in LIST_SCHEMAS
        else []
    )
    return render_template(
        f"suppliers/step_{section}.html",
        supplier=supplier,
        section=section,
        form=form,
        items=items,
        link=link,
        progress=progress(supplier, section),
        number=steps.index(section) + 1,
        count=len(steps),
        previous=steps[steps.index(section) - 1] if steps.index(section) else None,
        choices=choices(),
        wording=wording,
        review=last_comments(supplier),
        from_check=request.args.get("from") == "check",
        **more,
    )


def last_comments(supplier: Supplier) -> Any:
    """The round that came back with comments, while the supplier answers it."""
    from suppliers.queries import reviews_of

    latest = next(iter(reviews_of(supplier.id)), None) if supplier.organisation_id else None
    return latest if latest is not None and latest.decision == "returned" else None


def choices() -> dict[str, list[tuple[str, Any]]]:
    """The options of every select and group, in the page's language."""
    lang = language()
    licences = [(code, f"{code} {licence_name(code, lang)}") for code in LICENCES]
    return {
        "legal_form": wording.options(wording.LEGAL_FORMS),
        "size": wording.options(wording.SIZES),
        "kinds": wording.options(wording.KINDS),
        "region": [("", _("Choose")), *region_options(lang)],
        "licence": [("", _("Choose")), *licences, (OTHER, _("Another licence"))],
    }


def progress(supplier: Supplier, here: str | None) -> list[dict[str, Any]]:
    """The step indicator: what is done, where one is, what is to come."""
    from suppliers.services.registration import what_is_missing

    lacking = {section for section, _what in what_is_missing(supplier)}
    if supplier.applicant_email:
        lacking.discard("person")  # entered; whether the mailbox is verified the check page tells
    visited = _has_content(supplier)
    marks = []
    for step in steps_of(supplier):
        is_done = step not in lacking and (step in visited or (step in LAST_STEPS and supplier.working_profile.kinds))
        state = "current" if step == here else "done" if is_done else "todo"
        marks.append({"label": wording.SECTION_TITLES[step], "state": state})
    return [*marks, {"label": _("Check and send"), "state": "current" if here == "check" else "todo"}]


def _has_content(supplier: Supplier) -> set[str]:
    changed = {each.section for each in differences(Profile(), supplier.working_profile)}
    return changed | ({"person"} if supplier.applicant_email else set())


def summary(profile: Profile) -> list[dict[str, Any]]:
    """The whole profile by section, as label and value, for the check and decision pages."""
    return [
        {
            "section": section,
            "title": wording.SECTION_TITLES[section],
            "rows": [(wording.FIELDS[name], wording.shown(name, getattr(profile, name))) for name in names],
        }
        for section, names in SECTIONS.items()
    ]


def draft_id() -> str | None:
    """The registration that this browser began, if any."""
    value = session.get("registration")
    return value if isinstance(value, str) else None
