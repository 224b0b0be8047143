"""Bidding together: a lead's proposal, the members' answers, and who bid together once the bids are open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from app import time
from app.auth import Actor, current_actor, public, requires
from app.db import db, transaction
from app.errors import AlreadyDone, DeadlinePassed, InvalidInput, NotEligible, NotFound, RuleBroken, StaleConfirmation
from app.fields import PercentField
from app.forms import Form
from bidding import consortium_views as views
from bidding.consortium_schemas import ConsortiumIn
from bidding.eligibility import told_ineligible
from bidding.models import Consortium, Tender
from bidding.routes import blueprint
from bidding.services import consortia
from bidding.services.access import get_tender
from bidding.services.consortia import Proposed
from bidding.states import ConsortiumState, TenderState
from bidding.views import percent_input
from suppliers.front import Ineligible, get_summary

Rows = list[dict[str, str]]


@blueprint.get("/consortia")
@requires("consortium:form")
def my_consortia() -> ResponseReturnValue:
    """Every consortium of the firm: what it leads, and what it is asked to join."""
    actor = current_actor()
    assert actor.organisation_id is not None  # only suppliers may
    page = views.own(actor.organisation_id, request.args.get("page", 1, int))
    return render_template("bidding/my_consortia.html", page=page, words=views, own=actor.organisation_id)


@blueprint.get("/tenders/<reference>/consortia")
@public
def tender_consortia(reference: str) -> ResponseReturnValue:
    """Who bid together, with shares, parts and the hash of each agreement; from the opening on."""
    tender = get_tender(reference, current_actor())
    return render_template("bidding/consortia.html", tender=tender, joint=views.disclosed(tender), words=views)


@blueprint.get("/tenders/<reference>/consortium")
@requires("consortium:form")
def consortium_page(reference: str) -> ResponseReturnValue:
    """The firm's own consortium in a tender: proposing it, and answering those of others."""
    return _page(_joint_tender(reference), None, None)


def _joint_tender(reference: str) -> Tender:
    tender = get_tender(reference, current_actor())
    if not tender.joint:
        raise NotFound("this notice takes no joint bids")
    return tender


def _page(tender: Tender, form: Form | None, typed: Rows | None) -> ResponseReturnValue:
    actor, now = current_actor(), time.now()
    assert actor.organisation_id is not None  # only suppliers may
    found = views.own_in(tender, actor.organisation_id)
    mine = next((one for one in found if one.lead_id == actor.organisation_id), None)
    terms = consortia.terms_of(tender)
    rows = typed or _rows_of(mine) or [{"number": get_summary(actor.organisation_id).business_number}]
    rows += [{} for _ in range(terms.max_members - len(rows))]
    page = render_template(
        "bidding/consortium.html",
        tender=tender,
        terms=terms,
        mine=mine,
        found=[(one, views.lines_of(one)) for one in found],
        form=form or Form(ConsortiumIn(), {"kind": mine.kind if mine else terms.kinds[0]}),
        rows=rows[: terms.max_members],
        kinds=[(kind, views.KIND[kind]) for kind in terms.kinds],
        until=consortia.until_of(tender),
        may_change=tender.state == TenderState.PUBLISHED
        and now < consortia.until_of(tender)
        and not any(one.state == ConsortiumState.CONCLUDED for one in found),
        words=views,
        own=actor.organisation_id,
    )
    return page, 422 if form is not None else 200


def _rows_of(consortium: Consortium | None) -> Rows:
    if consortium is None:
        return []
    members = consortium.agreement.members
    return [
        {"number": one.supplier, "share": percent_input(one.share) if one.share else "", "part": one.part}
        for one in members
    ]


@blueprint.post("/tenders/<reference>/consortium")
@requires("consortium:form")
def propose_consortium(reference: str) -> ResponseReturnValue:
    """Say who bids together; everybody named is asked. What does not fit is shown as it was typed."""
    tender = _joint_tender(reference)
    form, typed = Form(ConsortiumIn()), _typed()
    data = form.load(request.form)
    members = _members(typed, form)
    if data is not None and members is not None:
        try:
            with transaction():
                consortia.propose(tender.id, data["kind"], members, current_actor(), time.now())
        except (RuleBroken, InvalidInput, NotEligible, AlreadyDone, DeadlinePassed) as refusal:
            for text in _told(refusal, tender):
                form.add_error("members", text)
        else:
            flash(_("Proposed. Every member, your own firm too, now agrees to these words."), "success")
            return redirect(url_for("bidding.consortium_page", reference=reference))
    return _page(_joint_tender(reference), form, typed)


def _typed() -> Rows:
    names = ("number", "share", "part")
    columns = [[one.strip() for one in request.form.getlist(name)] for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=False)]
    return [row for row in rows if any(row.values())]


def _members(typed: Rows, form: Form) -> list[Proposed] | None:
    members = []
    for row in typed:
        try:
            share = PercentField().deserialize(row["share"]) if row["share"] else 0
        except ValidationError as error:
            form.add_error("members", f"{row['number']}: {error.messages[0]}")
            continue
        members.append(Proposed("".join(filter(str.isdigit, row["number"]))[:10], share, row["part"][:300]))
    return None if form.errors else members


def _told(refusal: Exception, tender: Tender) -> list[str]:
    if isinstance(refusal, RuleBroken):
        terms = consortia.terms_of(tender)
        limits = {"min_share": terms.min_share, "max_members": terms.max_members}
        return [views.fault_told(fault, limits) for fault in refusal.facts["findings"]]
    if isinstance(refusal, NotEligible):
        facts = {name: value for name, value in refusal.facts.items() if name not in ("reason", "supplier")}
        meaning, step = told_ineligible(Ineligible(refusal.facts["reason"], facts))
        return [f"{refusal.facts.get('supplier', '')}: {meaning} {step}"]
    if isinstance(refusal, InvalidInput):
        number = refusal.facts.get("number")
        if number is None:
            return [str(_("Your own firm stands first: it leads."))]
        return [str(_("No firm on the register has the number %(number)s.", number=number))]
    if isinstance(refusal, DeadlinePassed):
        return [str(_("Agreements are concluded by the day before the deadline."))]
    what = refusal.facts.get("what") if isinstance(refusal, AlreadyDone) else ""
    told = {
        "bid": _("A firm that has bid cannot join a consortium any more."),
        "consortium": _("The firm is in another consortium of this tender."),
        "concluded": _("The agreement is concluded and stays as it is."),
    }
    return [str(told.get(str(what), _("This has been decided already.")))]


@blueprint.post("/consortia/<uuid:consortium_id>/agree")
@requires("consortium:agree", step_up=True)
def agree_consortium(consortium_id: UUID) -> ResponseReturnValue:
    """A member agrees to the words whose hash the page carried."""
    sha256 = request.form.get("sha256", "")

    def act(actor: Actor, now: datetime) -> Consortium:
        return consortia.agree(consortium_id, sha256, actor, now)

    return _answered(consortium_id, act, _("Your firm has agreed."))


@blueprint.post("/consortia/<uuid:consortium_id>/decline")
@requires("consortium:agree")
def decline_consortium(consortium_id: UUID) -> ResponseReturnValue:
    return _answered(
        consortium_id, lambda actor, now: consortia.decline(consortium_id, actor, now), _("Your firm does not join.")
    )


@blueprint.post("/consortia/<uuid:consortium_id>/dissolve")
@requires("consortium:form")
def dissolve_consortium(consortium_id: UUID) -> ResponseReturnValue:
    return _answered(
        consortium_id,
        lambda actor, now: consortia.dissolve(consortium_id, actor, now),
        _("The consortium is dissolved."),
    )


def _answered(consortium_id: UUID, act: Callable[[Actor, datetime], Consortium], told: str) -> ResponseReturnValue:
    """Do it and go back to the page; a refusal is said there."""
    found = db.session.get(Consortium, consortium_id)
    actor = current_actor()
    if found is None or all(one.organisation_id != actor.organisation_id for one in found.members):
        raise NotFound(f"no consortium {consortium_id}")
    reference, tender_id = found.tender.reference, found.tender_id
    try:
        with transaction():
            act(actor, time.now())
        flash(told, "success")
    except StaleConfirmation:
        flash(_("The agreement was changed in the meantime. Read it again."), "error")
    except (NotEligible, AlreadyDone, DeadlinePassed) as refusal:
        flash(" ".join(_told(refusal, db.session.get_one(Tender, tender_id))), "error")
    return redirect(url_for("bidding.consortium_page", reference=reference))
