"""Second and third step of the electronic contract: the supplier's answer, the officer's confirmation."""

from __future__ import annotations

from datetime import datetime

from app import documents
from app.auth import Actor
from app.errors import RuleBroken, StaleConfirmation
from bidding.front import mark_contracted, refuse_early_signing
from contracts.documents import conclusion_certificate
from contracts.facts import facts_of
from contracts.models import Contract
from contracts.services.access import lock_own_contract, person_id
from contracts.services.drafting import refuse_sanctioned
from contracts.services.telling import tell_agency, tell_supplier
from contracts.states import CONTRACT, ContractState


def agree_to_contract(number: str, sha256: str, bond_reference: str, actor: Actor, now: datetime) -> Contract:
    """Second step (응답): the supplier agrees to the document whose hash it was shown.

    `bond_reference` is the number of the guarantee or deposit; wanted unless the contract is exempt. Raises
    StaleConfirmation (another document by now), RuleBroken, Standstill, IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    _same_document(contract, sha256)
    if contract.bond_won and not bond_reference.strip():
        raise RuleBroken("the performance bond is missing", findings=["no-bond"])
    if contract.state == ContractState.SENT:
        refuse_early_signing(contract.tender_id, now)
    contract.bond_reference = bond_reference.strip() if contract.bond_won else ""
    contract.agreed_by_id = person_id(actor)
    CONTRACT.fire(contract, "agree", actor, now, document=contract.document_sha256)
    tell_agency(contract, "contract.agreed", now)
    return contract


def decline_contract(number: str, reason: str, actor: Actor, now: datetime) -> Contract:
    """The supplier says no, and why. Raises RuleBroken without a reason, IllegalTransition, Forbidden, NotFound."""
    contract = lock_own_contract(number, actor)
    if not reason.strip():
        raise RuleBroken("a reason is wanted", findings=["no-reason"])
    contract.decline_reason = reason.strip()
    CONTRACT.fire(contract, "decline", actor, now)
    tell_agency(contract, "contract.declined", now)
    return contract


def confirm_contract(number: str, sha256: str, actor: Actor, now: datetime) -> Contract:
    """Third step (확정): the contract is concluded, its tender contracted, and both sides get the certificate.

    Raises StaleConfirmation, NotEligible (a sanction came in between), Standstill, IllegalTransition, Forbidden,
    NotFound.
    """
    contract = lock_own_contract(number, actor)
    _same_document(contract, sha256)
    refuse_sanctioned(contract, now)
    if contract.state == ContractState.AGREED:
        refuse_early_signing(contract.tender_id, now)
    contract.confirmed_by_id = person_id(actor)
    CONTRACT.fire(contract, "confirm", actor, now, document=contract.document_sha256, amount_won=contract.amount_won)
    issued = documents.issue(
        conclusion_certificate(facts_of(contract)),
        subject=contract.audit_subject,
        now=now,
        actor=actor,
        is_public=False,
        owner_id=contract.supplier_id,
        agency_id=contract.agency_id,
    )
    contract.certificate_id = issued.id
    mark_contracted(contract.tender_id, contract.bid_id, actor, now)
    tell_supplier(contract, "contract.concluded", now)
    return contract


def _same_document(contract: Contract, sha256: str) -> None:
    """StaleConfirmation where another document is on the table; where there is none the state refuses."""
    if contract.document_sha256 not in (None, sha256):
        raise StaleConfirmation("the document is not the one that was shown")
