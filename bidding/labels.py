"""The words of bidding as people read them: states, kinds, methods, reasons, findings. Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from bidding.states import TenderState as T

STATE: Mapping[str, Any] = {
    T.DRAFT: _l("Draft"),
    T.IN_REVIEW: _l("In review"),
    T.PUBLISHED: _l("Open for bids"),
    T.CLOSING: _l("Closing"),
    T.CLOSED: _l("Closed, bids sealed"),
    T.OPENING: _l("Opening"),
    T.OPENED: _l("Opened"),
    T.PROPOSED: _l("Award proposed"),
    T.AWARDED: _l("Awarded"),
    T.CONTRACTED: _l("Contract concluded"),
    T.FAILED: _l("Failed"),
    T.CANCELLED: _l("Cancelled"),
}

TONE: Mapping[str, str] = {
    T.DRAFT: "neutral",
    T.IN_REVIEW: "warning",
    T.PUBLISHED: "info",
    T.CLOSING: "warning",
    T.CLOSED: "warning",
    T.OPENING: "warning",
    T.OPENED: "info",
    T.PROPOSED: "warning",
    T.AWARDED: "success",
    T.CONTRACTED: "success",
    T.FAILED: "danger",
    T.CANCELLED: "danger",
}

STEP: Mapping[str, Any] = {
    T.DRAFT: _l("Draft"),
    T.IN_REVIEW: _l("Review"),
    T.PUBLISHED: _l("Bidding"),
    T.CLOSED: _l("Closing"),
    T.OPENED: _l("Opening"),
    T.AWARDED: _l("Award"),
    T.CONTRACTED: _l("Contract"),
}

KIND: Mapping[str, Any] = {"goods": _l("Goods"), "services": _l("Services"), "works": _l("Works")}

METHOD: Mapping[str, Any] = {
    "quote": _l("E-quotes: lowest at or above the floor"),
    "qualification": _l("Qualification review: lowest at or above the price floor"),
    "lowest": _l("Lowest price, no floor"),
}

REGIME: Mapping[str, Any] = {"national": _l("National contract law"), "local": _l("Local contract law")}

DRAW: Mapping[str, Any] = {
    "M1": _l("Prices made at the opening from the bids' own numbers"),
    "M2": _l("Prices sealed in advance by the keyholders; nobody knows them"),
    "M3": _l("Prices given by the officer and sealed; renumbered at the opening"),
}

ROUNDING: Mapping[str, Any] = {
    "up-1": _l("Up to the won"),
    "down-1": _l("Down to the won"),
    "exact": _l("No rounding (the mean must be whole)"),
    "up-10": _l("Up to 10 won"),
    "up-100": _l("Up to 100 won"),
    "up-1000": _l("Up to 1,000 won"),
}

SIZE: Mapping[str, Any] = {
    "micro": _l("Micro enterprise"),
    "small": _l("Small enterprise"),
    "medium": _l("Medium enterprise"),
    "middle": _l("Mid-sized enterprise"),
    "large": _l("Large enterprise"),
}

FAILURE: Mapping[str, Any] = {
    "no-bids": _l("Nobody bid."),
    "too-few-bids": _l("Fewer than two bids came in; two valid bids are needed."),
    "too-few-valid-bids": _l("Fewer than two of the bids are valid."),
    "none-in-range": _l("No valid bid lies between the floor and the estimated price."),
}

# Why a bid stands where it stands (`bidding.types.Reason`).
REASON: Mapping[str, Any] = {
    "valid": _l("Valid"),
    "below-floor": _l("Below the floor"),
    "above-estimated-price": _l("Above the estimated price"),
    "malformed": _l("Could not be opened: sealed wrongly"),
    "invalid": _l("Opens to something that is no bid"),
    "duplicate-representative": _l("Same representative as another bidder"),
    "not-eligible": _l("Not eligible"),
    "sanctioned": _l("Barred from bidding"),
    "cancelled": _l("Cancelled on request"),
    "too-few-valid-bids": _l("Too few valid bids"),
}
