"""Why a tender failed and what comes after, as people read it. Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.formats import won
from app.i18n import language
from bidding.rules.failure import Failure

WHY: Mapping[str, Any] = {
    "no-bids": _l("Nobody bid. Two valid bids are needed for a competition."),
    "too-few-bids": _l("%(left)s bid was left at the deadline; %(needed)s are needed. It stays sealed for ever."),
    "keys-lost": _l("Too few keyholders could give their keys, and the sealed reserve prices were lost with them."),
    "too-few-proposals": _l(
        "Of %(left)s proposals fewer than %(needed)s could be read. The prices stay sealed for ever."
    ),
    "none-qualified": _l("None of the %(left)s proposals qualifies. The prices stay sealed for ever."),
    "too-few-valid-bids": _l("%(valid)s of %(received)s bids are valid; %(needed)s are needed."),
    "all-above": _l(
        "Every valid bid lies above the estimated price."
        " The lowest, %(lowest_won)s, is %(over_won)s above %(price_won)s."
    ),
    "all-below": _l(
        "Every valid bid lies below the floor. The highest, %(highest_won)s, is %(under_won)s below %(floor_won)s."
    ),
    "none-between": _l(
        "No valid bid lies between the floor and the estimated price: %(above)s above (the nearest by %(over_won)s),"
        " %(below)s below (the nearest by %(under_won)s)."
    ),
    "all-below-price": _l(
        "Every valid bid lies below the price that had to be reached, %(limit_won)s."
        " The highest, %(nearest_won)s, is %(apart_won)s below it."
    ),
    "all-above-ceiling": _l(
        "Every valid bid lies above the most that the notice pays, %(limit_won)s."
        " The lowest, %(nearest_won)s, is %(apart_won)s above it."
    ),
    "none-can-pass": _l(
        "Nobody can win: the price points of %(hopeless)s valid bids are too few to pass,"
        " even with every other point in full."
    ),
    "none-in-range": _l("No valid bid can win by its price."),
    "exhausted": _l("Everybody in the running fell out in a review or did not contract."),
}

ROAD: Mapping[str, Any] = {
    "rebid": _l("Bid again (재입찰)"),
    "renotice": _l("Announce it again (재공고)"),
    "negotiated-contract": _l("Contract without competition (수의계약)"),
    "single-quote": _l("Contract with the one quote (수의계약)"),
    "cancel": _l("Cancel for good"),
}

ROAD_TEXT: Mapping[str, Any] = {
    "rebid": _l(
        "Not a new tender: the same number, price and conditions, only the time limit differs. No notice period;"
        " bids are taken for 48 hours at least."
    ),
    "renotice": _l(
        "A new notice with the next number of announcement, the same price and conditions,"
        " for the days that the law asks."
    ),
    "negotiated-contract": _l(
        "On the original conditions and at most for the estimated price, with reasons, decided by two persons."
    ),
    "single-quote": _l("On the original conditions and at most for the estimated price, decided by two persons."),
    "cancel": _l("The purchase is given up, with a public reason, decided by two persons. Bids stay as they are."),
}

GROUND: Mapping[str, Any] = {
    "no-winner": _l("There were not two valid bids, or no winner."),
    "renotice-failed": _l("The re-notice (재공고) has failed as well."),
    "single-bidder": _l("A single bidder came, and it is plain that a re-notice would bring no other."),
    "one-quote": _l("One quote came, and it is plain that a second call would bring no other."),
    "no-need": _l("The agency no longer buys this, or buys it otherwise."),
}

BIDDERS: Mapping[str, Any] = {
    "all": _l("Everybody who is eligible"),
    "first-round": _l("Only those who bid in the round before"),
}


def failure_text(failure: Failure) -> str:
    """The rule and its figures in one sentence."""
    lang = language()
    facts = {name: won(value, lang) if name.endswith("_won") else str(value) for name, value in failure.facts.items()}
    return str(WHY[failure.code]) % facts


def place_text(tender: Any) -> str:
    """What a tender is in its family: first notice, re-notice, rebid."""
    if tender.rbid_no:
        return str(_("Rebid (재입찰) no. %(number)s", number=tender.rbid_no))
    if tender.first_ord:
        return str(_("Re-notice (재공고), announcement %(ord)s", ord=f"{tender.first_ord:03d}"))
    return str(_("First notice"))
