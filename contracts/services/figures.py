"""Which figures of the law a contract goes by: those of the rule data it pinned, on the day on which it was made."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from app.time import kst_date
from bidding.front import (
    Book,
    find_bond,
    find_known_figure,
    find_late_penalty,
    find_stamp_duty,
    rule_book,
)
from contracts.models import Contract
from contracts.rules import DelayClass, Figures, Ruled


def figures_of(contract: Contract, regime: str = "") -> Figures:
    """The figures of this contract; under another `regime` those that it would have if that were its law."""
    made_on = kst_date(contract.created_at)
    return figures_from(rule_book(contract.rule_version), regime or contract.regime, made_on)


def stamp_duty_of(contract: Contract) -> Ruled:
    """인지세 in won, with its article."""
    duty = find_stamp_duty(contract.amount_won, kst_date(contract.created_at), book=rule_book(contract.rule_version))
    return Ruled(duty.value, duty.legal_basis)


def figures_from(book: Book, regime: str, on: date) -> Figures:
    """The figures of a book on a day in Korea; what a kept version lacks, as the software has it. LookupError or
    ValueError where neither has one: the loader adopts no such book."""
    bond = find_bond(regime, "contract", on, book=book)
    if bond is None:
        raise LookupError("the rule data have no figure for the bond")

    def known(item: str) -> Ruled:
        figure = find_known_figure(regime, item, on, book=book)
        return Ruled(figure.value, figure.legal_basis)

    found = {one: find_late_penalty(regime, one, on, book=book) for one in DelayClass}
    return Figures(
        bond_rate=Ruled(bond.rate, bond.legal_basis),
        bond_exempt_up_to_won=bond.exempt_up_to_won,
        inspection_days=known("inspection-days"),
        payment_working_days=known("payment-working-days"),
        penalty_cap=known("penalty-cap-rate"),
        daily_rates=MappingProxyType(
            {str(one): Ruled(rate.daily_rate, rate.legal_basis) for one, rate in found.items() if rate is not None}
        ),
        document_omitted_up_to_won=known("document-omitted-up-to-won"),
    )
