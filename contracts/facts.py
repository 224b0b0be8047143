"""From a contract's rows to the values that its documents say."""

from __future__ import annotations

import suppliers.front
from app.errors import NotFound, RuleBroken
from contracts.documents import ContractFacts, Lang, Partner, Side
from contracts.models import Contract
from contracts.services.figures import figures_of, stamp_duty_of


def facts_of(contract: Contract) -> ContractFacts:
    """Raises RuleBroken where a day is not settled yet."""
    if contract.starts_on is None or contract.due_on is None:
        raise RuleBroken("terms are missing", findings=["no-days"])
    lang: Lang = "en" if contract.lang == "en" else "ko"
    return ContractFacts(
        number=contract.number,
        tender_reference=contract.tender_reference,
        title=contract.title,
        kind=contract.kind,
        regime=contract.regime,
        lang=lang,
        amount_won=contract.amount_won,
        starts_on=contract.starts_on,
        due_on=contract.due_on,
        delivery_place=contract.delivery_place,
        payment_terms=contract.payment_terms,
        special_terms=contract.special_terms,
        delay_class=contract.delay_class,
        bond_won=contract.bond_won,
        stamp_duty=stamp_duty_of(contract),
        figures=figures_of(contract),
        agency=Side(contract.agency.name_in(lang), contract.agency.code),
        supplier=_supplier_side(contract, lang),
        is_practice=contract.is_practice,
        partners=_partners(contract, lang),
        document_sha256=contract.document_sha256 or "",
        bond_reference=contract.bond_reference,
        sent_at=contract.sent_at,
        agreed_at=contract.agreed_at,
        concluded_at=contract.concluded_at,
    )


def _partners(contract: Contract, lang: Lang) -> tuple[Partner, ...]:
    """The firms of a consortium, its lead first, as their organisations are named."""
    return tuple(
        Partner(
            one.organisation.name_in(lang),
            suppliers.front.format_business_number(one.organisation.code),
            one.share,
            one.part,
        )
        for one in contract.parties
    )


def _supplier_side(contract: Contract, lang: Lang) -> Side:
    """As the register has it; a supplier that is not on it (any more) by its organisation's name."""
    try:
        summary = suppliers.front.get_summary(contract.supplier_id)
    except NotFound:
        return Side(contract.supplier.name_in(lang), contract.supplier.code)
    name = summary.name_en if lang == "en" else summary.name_ko
    number = suppliers.front.format_business_number(summary.business_number)
    return Side(name, number, summary.address, summary.representatives)
