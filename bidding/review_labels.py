"""The words of reviews as people read them. Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from bidding.states import ReviewState as R

KIND: Mapping[str, Any] = {
    "qualification": _l("Qualification review (적격심사)"),
    "negotiation": _l("Negotiation"),
    "disqualification": _l("Disqualification"),
    "refusal": _l("Contract not signed"),
    "lot-limit": _l("Limit of lots"),
    "reinstatement": _l("Reinstatement"),
}

RESULT: Mapping[str, Any] = {"pass": _l("passed"), "fail": _l("out of the running")}

STATE: Mapping[str, Any] = {
    R.REQUESTED: _l("waits for documents"),
    R.SUBMITTED: _l("to be examined"),
    R.SUPPLEMENT: _l("waits for a supplement"),
    R.PROPOSED: _l("waits for the second person"),
    R.DECIDED: _l("decided"),
    R.DROPPED: _l("dropped"),
}

TONE: Mapping[str, str] = {
    R.REQUESTED: "info",
    R.SUBMITTED: "warning",
    R.SUPPLEMENT: "info",
    R.PROPOSED: "warning",
    R.DECIDED: "success",
    R.DROPPED: "neutral",
}

CHECKED: Mapping[str, Any] = {
    "ok": _l("checked by itself: in order"),
    "out": _l("found by itself: the bid is void"),
    "look": _l("for the officer: the data hint at it"),
    "officer": _l("for the officer: only papers show it"),
    "intake": _l("never taken: such a bid is refused when it comes"),
}

OUTCOME: Mapping[str, Any] = {
    "awardable": _l("The first in line can be awarded."),
    "review-due": _l("The first in line has to be reviewed before anybody is awarded."),
    "exhausted": _l("Nobody is left in line."),
}

BOND: Mapping[str, Any] = {
    "cash": _l("Deposit in money"),
    "guarantee": _l("Guarantee (보증서)"),
    "undertaking": _l("Undertaking to pay, by who is exempt (지급확약)"),
}
