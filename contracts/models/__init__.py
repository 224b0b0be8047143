"""Tables of contracts and deliveries."""

from contracts.models.contract import Contract, ContractParty
from contracts.models.delivery import Delivery

__all__ = ["Contract", "ContractParty", "Delivery"]
