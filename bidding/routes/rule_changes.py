"""Changing the rule data over HTTP: one operator drafts and proposes, a second one adopts."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import InvalidInput, NotFound, RuleBroken, StaleConfirmation
from bidding import rule_labels, rule_views
from bidding.models import RuleChange
from bidding.queries_rules import changes_of, names_of
from bidding.routes import blueprint
from bidding.rules.data.schema import FILES
from bidding.services import rule_changes, rulebook


@blueprint.get("/operations/rules")
@requires("rules:propose")
def rule_changes_page() -> ResponseReturnValue:
    """What is in force, what was changed, and what waits for a second operator."""
    return render_template(
        "bidding/rule_changes.html",
        current=rulebook.current_version(),
        changes=changes_of(),
        states=rule_labels.CHANGE_STATE,
        software_waits=rule_changes.software_waits(),
    )


@blueprint.post("/operations/rules/start")
@requires("rules:propose")
def start_rule_change() -> ResponseReturnValue:
    with transaction():
        from_software = request.form.get("from") == "software"
        change = rule_changes.start(current_actor(), time.now(), from_software=from_software)
    return _to(change.id)


@blueprint.get("/operations/rules/<uuid:change_id>")
@requires("rules:propose")
def rule_change_page(change_id: UUID) -> ResponseReturnValue:
    """One change: its files, what the loader says, the difference, and what may be done with it now."""
    return _page(change_id)


def _page(change_id: UUID, error: str = "", reason: str = "") -> ResponseReturnValue:
    change = _change(change_id)
    looked = rule_changes.look(change, time.now())
    page = render_template(
        "bidding/rule_change.html",
        change=change,
        looked=looked,
        error=error,
        reason=reason or change.reason,
        names=names_of(change),
        files=FILES,
        titles=rule_labels.TABLE,
        states=rule_labels.CHANGE_STATE,
        problems=[rule_views.problem_text(problem) for problem in looked.problems],
        differences=rule_views.differences(change.base.texts, change.texts),
        is_mine=change.proposed_by_id == current_actor().person_id,
        is_stale=change.base_version != rulebook.current_version(),
    )
    return page, 422 if error else 200


@blueprint.route("/operations/rules/<uuid:change_id>/<name>", methods=["GET", "POST"])
@requires("rules:propose")
def rule_file_page(change_id: UUID, name: str) -> ResponseReturnValue:
    """One file of a draft in a text field. Whatever is typed is kept; what is wrong with it stands above it."""
    change = _change(change_id)
    if name not in FILES:
        raise NotFound(f"no file {name}")
    error = ""
    if request.method == "POST":
        try:
            with transaction():
                change = rule_changes.write(change_id, name, request.form.get("text", ""), current_actor())
            flash(_("Kept as you typed it."), "success")
            return redirect(url_for("bidding.rule_file_page", change_id=change_id, name=name))
        except InvalidInput:
            error = _("The text is too long.")
    looked = rule_changes.look(change, time.now())
    page = render_template(
        "bidding/rule_file.html",
        change=change,
        name=name,
        title=rule_labels.TABLE[name],
        text=request.form.get("text", looked.texts[name]) if error else looked.texts[name],
        error=error,
        problems=[rule_views.problem_text(problem) for problem in looked.problems if problem.file == name],
    )
    return page, 422 if error else 200


@blueprint.post("/operations/rules/<uuid:change_id>/propose")
@requires("rules:propose")
def propose_rule_change(change_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    try:
        with transaction():
            rule_changes.propose(change_id, reason, current_actor(), time.now())
    except InvalidInput:
        return _page(change_id, _("Say why the rules change."))
    except RuleBroken as broken:
        nothing = "nothing-changed" in broken.facts["findings"]
        return _page(change_id, _("Nothing is changed.") if nothing else _("Mend first what is listed below."), reason)
    except StaleConfirmation:
        return _page(change_id, _("Another version has come into force since. Start anew from it."), reason)
    flash(_("Proposed. A second operator has to adopt it."), "success")
    return _to(change_id)


@blueprint.post("/operations/rules/<uuid:change_id>/adopt")
@requires("rules:approve", step_up=True)
def adopt_rule_change(change_id: UUID) -> ResponseReturnValue:
    with transaction():
        rule_changes.adopt(change_id, request.form.get("sha256", ""), current_actor(), time.now())
    flash(_("Adopted: it is in force from now on. Published notices keep their version."), "success")
    return redirect(url_for("bidding.rules_page"))


@blueprint.post("/operations/rules/<uuid:change_id>/send-back")
@requires("rules:approve")
def return_rule_change(change_id: UUID) -> ResponseReturnValue:
    with transaction():
        rule_changes.send_back(change_id, current_actor(), time.now())
    flash(_("Sent back: it is a draft again."), "success")
    return _to(change_id)


@blueprint.post("/operations/rules/<uuid:change_id>/drop")
@requires("rules:propose")
def drop_rule_change(change_id: UUID) -> ResponseReturnValue:
    with transaction():
        rule_changes.drop(change_id, current_actor(), time.now())
    flash(_("Dropped."), "success")
    return redirect(url_for("bidding.rule_changes_page"))


def _change(change_id: UUID) -> RuleChange:
    change = db.session.get(RuleChange, change_id)
    if change is None:
        raise NotFound(f"no change {change_id}")
    return change


def _to(change_id: UUID) -> Response:
    return redirect(url_for("bidding.rule_change_page", change_id=change_id))
