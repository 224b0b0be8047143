"""Tables of the registry."""

from suppliers.models.identity import RepresentativeIdentity
from suppliers.models.review import EmailLink, Review
from suppliers.models.sanction import Sanction, Stay
from suppliers.models.supplier import HeldLicence, HeldProduct, RegisteredRepresentative, Supplier

__all__ = [
    "EmailLink",
    "HeldLicence",
    "HeldProduct",
    "RegisteredRepresentative",
    "RepresentativeIdentity",
    "Review",
    "Sanction",
    "Stay",
    "Supplier",
]
