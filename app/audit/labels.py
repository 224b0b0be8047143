"""What people read for the types of events. A type without words of its own is shown under its family's."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.audit import types

LABELS: dict[str, Any] = {
    "tender.drafted": _l("Tender drafted"),
    "tender.discarded": _l("Draft discarded"),
    "tender.submitted": _l("Submitted for approval"),
    "tender.sent_back": _l("Sent back to the draft"),
    "tender.published": _l("Notice published"),
    "tender.corrected": _l("Notice corrected"),
    "tender.deadline_changed": _l("Deadline extended"),
    "tender.question_asked": _l("Question asked"),
    "tender.question_answered": _l("Question answered"),
    "tender.revision_asked": _l("Change of the notice asked for"),
    "tender.closing": _l("Deadline passed"),
    "tender.closed": _l("Bids closed and listed"),
    "tender.failed": _l("Tender failed"),
    "tender.cancelled": _l("Tender cancelled"),
    "tender.contracted": _l("Contract concluded for the tender"),
    "bid.submitted": _l("Bid submitted"),
    "bid.refused": _l("Bid refused"),
    "bid.opened": _l("Bid opened"),
    "bid.malformed": _l("Bid does not open"),
    "bid.invalid": _l("Bid invalid"),
    "keyholder.refused": _l("Keyholder refused"),
    "opening.group": _l("Keyholders asked for their pieces"),
    "opening.opened": _l("Bids opened"),
    "draw.made": _l("Estimated price drawn"),
    "evaluation.made": _l("Bids evaluated"),
    "award.proposed": _l("Award proposed"),
    "award.reconsidered": _l("Award sent back"),
    "award.confirmed": _l("Award confirmed"),
    "contract.drafted": _l("Contract drafted"),
    "contract.redrafted": _l("Contract redrafted"),
    "contract.terms_set": _l("Contract terms set"),
    "contract.sent": _l("Contract sent to the supplier"),
    "contract.agreed": _l("Supplier agreed"),
    "contract.declined": _l("Supplier declined"),
    "contract.concluded": _l("Contract concluded"),
    "contract.withdrawn": _l("Contract withdrawn"),
    "contract.delivered": _l("Delivery reported"),
    "contract.accepted": _l("Inspection passed"),
    "contract.fix_required": _l("Inspection asks for repair"),
    "contract.invoiced": _l("Payment claimed"),
    "contract.paid": _l("Paid"),
    "contract.closed": _l("Contract closed"),
    "contract.terminated": _l("Contract terminated"),
    "supplier.registered": _l("Supplier registered"),
    "supplier.approved": _l("Registration approved"),
    "supplier.changed": _l("Registration changed"),
    "supplier.expired": _l("Registration expired"),
    "supplier.key_added": _l("Signing key enrolled"),
    "supplier.key_revoked": _l("Signing key revoked"),
    "supplier.sanctioned": _l("Supplier sanctioned"),
    "supplier.sanction_lifted": _l("Sanction lifted"),
    "supplier.sanction_stayed": _l("Sanction stayed by a court"),
    "supplier.sanction_stay_ended": _l("Stay of the sanction ended"),
    "organisation.created": _l("Organisation entered"),
    "organisation.renamed": _l("Organisation renamed"),
    "document.issued": _l("Document issued"),
    "access.read": _l("Non-public data read"),
}


def label_of(kind: str) -> Any:
    """`tender.published` → "Notice published"."""
    return LABELS.get(kind) or types.FAMILIES.get(types.family_of(kind), kind)
