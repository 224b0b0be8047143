"""The front door of contracts: what the composition root, commands and whole-story tests may use."""

from __future__ import annotations

from contracts.queries import get_public, of_tender
from contracts.services.agreement import agree_to_contract, confirm_contract, decline_contract
from contracts.services.drafting import (
    draft_contracts,
    lapse_contract,
    redraft_contract,
    send_contract,
    set_terms,
    terms_of,
    withdraw_contract,
)
from contracts.services.performance import (
    close_contract,
    inspect_delivery,
    invoice_contract,
    notify_delivery,
    record_payment,
    terminate_contract,
)
from contracts.states import ContractState
from contracts.types import Inspection, Terms

__all__ = [
    "ContractState",
    "Inspection",
    "Terms",
    "agree_to_contract",
    "close_contract",
    "confirm_contract",
    "decline_contract",
    "draft_contracts",
    "get_public",
    "inspect_delivery",
    "invoice_contract",
    "lapse_contract",
    "notify_delivery",
    "of_tender",
    "record_payment",
    "redraft_contract",
    "send_contract",
    "set_terms",
    "terminate_contract",
    "terms_of",
    "withdraw_contract",
]
