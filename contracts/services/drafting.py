"""From the award to the contract that the supplier finds before it: draft, terms, sending, taking back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app import audit, documents
from app.auth import Actor, system
from app.db import db
from app.errors import Forbidden, IllegalTransition, NotEligible, NotFound, RuleBroken, StaleConfirmation
from app.numbers import next_number
from app.time import kst_date
from bidding.front import AwardSummary, find_stamp_duty, get_awards, pin_rules
from contracts import rules
from contracts.documents import contract_document
from contracts.facts import facts_of
from contracts.models import Contract, ContractParty
from contracts.rules import Figures
from contracts.services.access import lock_own_contract, person_id
from contracts.services.figures import figures_from, figures_of
from contracts.services.telling import tell_agency, tell_supplier
from contracts.states import CONTRACT, ContractState
from contracts.types import Terms
from contracts.wording import default_payment_terms

DRAFTER = "contract:draft"


def draft_contracts(tender_id: UUID, now: datetime) -> list[Contract]:
    """The contracts of a tender's awards, one a winner, drafted with number, amount and what the notice said.

    Done once for each award; one that was drafted for another amount or quantity lapses first. Raises NotFound while
    the tender has none.
    """
    live = Contract.tender_id == tender_id, Contract.state != ContractState.LAPSED
    by_bid = {contract.bid_id: contract for contract in db.session.scalars(select(Contract).where(*live))}
    made = []
    for award in get_awards(tender_id):
        contract = by_bid.get(award.bid_id)
        if contract is not None and not _is_of(contract, award):
            lapse_contract(tender_id, award.bid_id, now)
            db.session.flush()  # one live contract of a bid at a time
            contract = None
        made.append(contract or _draft(award, now))
    return made


def _is_of(contract: Contract, award: AwardSummary) -> bool:
    """Whether it is for what was awarded; what is signed or lies beyond stays as it is."""
    same = (contract.amount_won, contract.quantity) == (award.amount_won, award.quantity)
    return same or CONTRACT.find(contract, "lapse") is None


def _draft(award: AwardSummary, now: datetime) -> Contract:
    contract = _from_award(award, now)
    db.session.add(contract)
    db.session.flush()
    audit.emit(
        "contract.drafted",
        system(DRAFTER),
        now,
        subject=contract.audit_subject,
        tender=contract.audit_tender,
        amount_won=contract.amount_won,
        after=str(contract.state),
    )
    tell_agency(contract, "contract.drafted", now)
    return contract


def _from_award(award: AwardSummary, now: datetime) -> Contract:
    today = kst_date(now)
    due_on = award.delivery_on if award.delivery_on and award.delivery_on >= today else today + timedelta(days=30)
    book = pin_rules(now)
    figures = figures_from(book, award.regime, today)
    return Contract(
        number=next_number("TA", now, is_practice=award.is_practice),
        state=ContractState.DRAFTED,
        is_practice=award.is_practice,
        tender_id=award.tender_id,
        bid_id=award.bid_id,
        quantity=award.quantity,
        tender_reference=award.reference,
        title=award.title,
        kind=award.kind,
        regime=award.regime,
        lang="ko",
        agency_id=award.agency_id,
        supplier_id=award.supplier_id,
        amount_won=award.amount_won,
        starts_on=today,
        due_on=due_on,
        delivery_place=award.delivery_place,
        payment_terms=default_payment_terms("ko", figures.payment_working_days.value),
        delay_class=rules.classes_for(award.kind, figures)[0],
        bond_won=rules.performance_bond(award.amount_won, figures).amount_won,
        stamp_duty_won=find_stamp_duty(award.amount_won, today, book=book).value,
        rule_version=book.version,
        penalty_cap_rate=figures.penalty_cap.value,
        created_at=now,
        parties=[
            ContractParty(position=place, organisation_id=one.organisation_id, share=one.share, part=one.part)
            for place, one in enumerate(award.parties)
        ],
    )


def terms_of(contract: Contract) -> Terms | None:
    """The terms as they stand, or None while a day is missing."""
    if contract.starts_on is None or contract.due_on is None:
        return None
    return Terms(
        contract.starts_on,
        contract.due_on,
        contract.delivery_place,
        contract.payment_terms,
        contract.special_terms,
        contract.delay_class,
        contract.regime,
        contract.lang,
    )


def set_terms(number: str, terms: Terms, actor: Actor, now: datetime) -> Contract:
    """Settle the terms of a draft. Raises IllegalTransition once it was sent, RuleBroken, Forbidden, NotFound."""
    contract = lock_own_contract(number, actor)
    if not actor.may(DRAFTER):
        raise Forbidden(f"needs {DRAFTER}", permission=DRAFTER)
    if contract.state != ContractState.DRAFTED:
        raise IllegalTransition("only a draft has terms to settle", subject="contract", state=contract.state)
    figures = figures_of(contract, terms.regime)
    if findings := why_unfit(contract.kind, terms, figures):
        raise RuleBroken("terms that the rules forbid", findings=findings)
    contract.starts_on, contract.due_on = terms.starts_on, terms.due_on
    contract.delivery_place, contract.payment_terms = terms.delivery_place, terms.payment_terms
    contract.special_terms, contract.delay_class = terms.special_terms, terms.delay_class
    contract.regime, contract.lang = terms.regime, terms.lang
    contract.bond_won = rules.performance_bond(contract.amount_won, figures).amount_won
    contract.penalty_cap_rate = figures.penalty_cap.value
    audit.emit(
        "contract.terms_set",
        actor,
        now,
        subject=contract.audit_subject,
        tender=contract.audit_tender,
        terms=terms.digest(contract.number, contract.amount_won),
    )
    return contract


def why_unfit(kind: str, terms: Terms, figures: Figures) -> list[str]:
    """Codes of what is wrong with the terms; empty where nothing is."""
    found = []
    if terms.due_on < terms.starts_on:
        found.append("due-before-start")
    if terms.delay_class not in rules.classes_for(kind, figures):
        found.append("delay-class-not-of-kind")
    if not terms.delivery_place:
        found.append("no-delivery-place")
    if not terms.payment_terms:
        found.append("no-payment-terms")
    return found


def send_contract(number: str, digest: str, actor: Actor, now: datetime) -> Contract:
    """First step (송부): the contract is made a document, and its hash is what both sides will sign.

    `digest` is that of the terms the officer was shown. Raises StaleConfirmation where they are others by now,
    RuleBroken, NotEligible (the supplier is under a sanction), IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    terms = terms_of(contract)
    if contract.state == ContractState.DRAFTED:
        if terms is None or (findings := why_unfit(contract.kind, terms, figures_of(contract))):
            raise RuleBroken("terms are missing", findings=["no-days"] if terms is None else findings)
        if terms.digest(contract.number, contract.amount_won) != digest:
            raise StaleConfirmation("the terms are not the ones that were shown")
        refuse_sanctioned(contract, now)
        issued = documents.issue(
            contract_document(facts_of(contract)),
            subject=contract.audit_subject,
            now=now,
            actor=actor,
            is_public=False,
            owner_id=contract.supplier_id,
            agency_id=contract.agency_id,
        )
        contract.document_id, contract.document_sha256 = issued.id, issued.sha256
    contract.sent_by_id = person_id(actor)
    CONTRACT.fire(contract, "send", actor, now, document=contract.document_sha256)
    tell_supplier(contract, "contract.sent", now)
    return contract


def refuse_sanctioned(contract: Contract, now: datetime) -> None:
    """No contract with a supplier under sanction (부정당업자), nor with one of several: National decree art. 76."""
    firms = {contract.supplier_id, *(one.organisation_id for one in contract.parties)}
    if suppliers.front.sanctioned_among(firms, kst_date(now)):
        raise NotEligible("the supplier is under a sanction", reason="sanctioned")


def withdraw_contract(number: str, actor: Actor, now: datetime) -> Contract:
    """Take back what was sent, before the supplier has agreed. Raises IllegalTransition, Forbidden, NotFound."""
    contract = lock_own_contract(number, actor)
    CONTRACT.fire(contract, "withdraw", actor, now, document=contract.document_sha256)
    tell_supplier(contract, "contract.withdrawn", now)
    return contract


def lapse_contract(tender_id: UUID, bid_id: UUID, now: datetime) -> None:
    """The award was undone before its contract was concluded: the draft ends here. Run again it changes nothing, nor
    where the same is awarded again by now."""
    live = Contract.tender_id == tender_id, Contract.bid_id == bid_id, Contract.state != ContractState.LAPSED
    contract = db.session.scalar(select(Contract).where(*live).with_for_update())
    if contract is None or CONTRACT.find(contract, "lapse") is None or _is_awarded(contract):
        return
    CONTRACT.fire(contract, "lapse", system("contract:lapse"), now)
    tell_supplier(contract, "contract.lapsed", now)
    tell_agency(contract, "contract.lapsed", now)


def _is_awarded(contract: Contract) -> bool:
    try:
        awards = get_awards(contract.tender_id)
    except NotFound:
        return False
    return any(award.bid_id == contract.bid_id and _is_of(contract, award) for award in awards)


def redraft_contract(number: str, actor: Actor, now: datetime) -> Contract:
    """Work on the terms again after the supplier declined them."""
    contract = lock_own_contract(number, actor)
    CONTRACT.fire(contract, "redraft", actor, now)
    return contract
