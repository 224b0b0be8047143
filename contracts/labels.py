"""The words of contracts as people read them. Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from contracts.states import ContractState as S

STATE: Mapping[str, Any] = {
    S.DRAFTED: _l("Draft"),
    S.SENT: _l("Sent to the supplier"),
    S.AGREED: _l("Agreed, to be confirmed"),
    S.DECLINED: _l("Declined by the supplier"),
    S.CONCLUDED: _l("In force"),
    S.DELIVERED: _l("Waiting for inspection"),
    S.CORRECTING: _l("To be corrected"),
    S.INSPECTED: _l("Accepted"),
    S.INVOICED: _l("Invoiced"),
    S.PAID: _l("Paid"),
    S.CLOSED: _l("Closed"),
    S.TERMINATED: _l("Terminated"),
    S.LAPSED: _l("Not concluded: the award was undone"),
}

TONE: Mapping[str, str] = {
    S.DRAFTED: "neutral",
    S.SENT: "info",
    S.AGREED: "warning",
    S.DECLINED: "danger",
    S.CONCLUDED: "info",
    S.DELIVERED: "warning",
    S.CORRECTING: "warning",
    S.INSPECTED: "success",
    S.INVOICED: "warning",
    S.PAID: "success",
    S.CLOSED: "success",
    S.TERMINATED: "danger",
    S.LAPSED: "danger",
}

KIND: Mapping[str, Any] = {"goods": _l("Goods"), "services": _l("Services"), "works": _l("Works")}

REGIME: Mapping[str, Any] = {"national": _l("National contract law"), "local": _l("Local contract law")}

DELAY_CLASS: Mapping[str, Any] = {
    "works": _l("Works"),
    "goods": _l("Goods"),
    "goods-designed": _l("Goods made to an approved design"),
    "services": _l("Services and other contracts"),
    "food": _l("Food for the armed forces"),
    "transport": _l("Transport and storage"),
}

LANG: Mapping[str, Any] = {"ko": _l("Korean"), "en": _l("English")}

# Log entries as lines of a timeline.
ENTRY: Mapping[str, Any] = {
    "contract.drafted": _l("Drafted from the award"),
    "contract.terms_set": _l("Terms settled"),
    "contract.sent": _l("Sent to the supplier"),
    "contract.withdrawn": _l("Taken back by the agency"),
    "contract.declined": _l("Declined by the supplier"),
    "contract.redrafted": _l("Drafted again"),
    "contract.agreed": _l("Agreed by the supplier"),
    "contract.lapsed": _l("Not concluded: the award was undone"),
    "contract.concluded": _l("Concluded"),
    "contract.delivered": _l("Delivery notified"),
    "contract.fix_required": _l("Inspected: to be corrected"),
    "contract.accepted": _l("Inspected: accepted"),
    "contract.invoiced": _l("Invoiced"),
    "contract.paid": _l("Paid"),
    "contract.closed": _l("Closed"),
    "contract.terminated": _l("Terminated"),
}

# What a service found wrong, and the field of the form it belongs to.
FINDING: Mapping[str, tuple[str, Any]] = {
    "no-days": ("starts_on", _l("Enter the first and the last day.")),
    "due-before-start": ("due_on", _l("The last day is before the first.")),
    "delay-class-not-of-kind": ("delay_class", _l("This class does not fit the kind of contract and the law.")),
    "no-delivery-place": ("delivery_place", _l("Say where is delivered or performed.")),
    "no-payment-terms": ("payment_terms", _l("Say when is paid.")),
    "no-bond": ("bond_reference", _l("Enter the number of the guarantee or of the deposit.")),
    "no-reason": ("reason", _l("Give a reason.")),
    "no-finding": ("finding", _l("Say what is to be put right.")),
    "no-excuse": ("excuse", _l("Say why these days are not the supplier's fault.")),
    "figures-clash": ("excused_days", _l("More than was late, or more accepted than agreed.")),
    "paid-on-out-of-range": ("paid_on", _l("Enter a day between the invoice and today.")),
}
