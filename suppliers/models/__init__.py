"""Tables of the registry."""

from suppliers.models.review import EmailLink, Review
from suppliers.models.sanction import Sanction, Stay
from suppliers.models.supplier import HeldLicence, HeldProduct, RegisteredRepresentative, Supplier

__all__ = [
    "EmailLink",
    "HeldLicence",
    "HeldProduct",
    "RegisteredRepresentative",
    "Review",
    "Sanction",
    "Stay",
    "Supplier",
]
