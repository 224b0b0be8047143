"""The front door of contracts: what the composition root, commands and whole-story tests may use."""

from __future__ import annotations

from contracts.queries import find_of_tender, get_public
from contracts.services.agreement import agree_to_contract, confirm_contract, decline_contract
from contracts.services.drafting import (
    draft_contract,
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
    "draft_contract",
    "find_of_tender",
    "get_public",
    "inspect_delivery",
    "invoice_contract",
    "notify_delivery",
    "record_payment",
    "redraft_contract",
    "send_contract",
    "set_terms",
    "terminate_contract",
    "terms_of",
    "withdraw_contract",
]
