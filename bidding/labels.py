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
    T.EVALUATING: _l("Proposals under evaluation, prices sealed"),
    T.OPENING: _l("Opening"),
    T.AUCTION: _l("Reverse auction"),
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
    T.EVALUATING: "warning",
    T.OPENING: "warning",
    T.AUCTION: "info",
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
    T.CLOSED: _l("Deadline"),
    T.EVALUATING: _l("Proposals scored"),
    T.OPENED: _l("Opening"),
    T.AWARDED: _l("Award"),
    T.CONTRACTED: _l("Contract"),
}

KIND: Mapping[str, Any] = {"goods": _l("Goods"), "services": _l("Services"), "works": _l("Works")}

MEDIUM: Mapping[str, Any] = {
    "medium-1": _l("first saved medium"),
    "medium-2": _l("second saved medium"),
    "restored": _l("from its back-up"),
    "T-24h": _l("drill a day before the opening"),
    "T-1h": _l("drill an hour before the opening"),
}

HOLDER_FAULT: Mapping[str, Any] = {
    "": _l("opened"),
    "no-answer": _l("no answer"),
    "refused": _l("refused"),
    "wrong-text": _l("did not open"),
    "wrong-piece": _l("wrong piece"),
    "absent": _l("did not come"),
}

METHOD: Mapping[str, Any] = {
    "quote": _l("E-quotes: lowest at or above the floor"),
    "qualification": _l("Qualification review: lowest at or above the price floor"),
    "lowest": _l("Lowest price, no floor"),
    "negotiation": _l("Negotiated contract: proposals and price"),
    "two-stage": _l("Two stages: qualified proposals, then the lowest price"),
    "desired-quantity": _l("Desired quantity"),
    "sale": _l("Sale: the highest price"),
    "best-value": _l("Best value: weighted proposals and price"),
    "reverse-auction": _l("Reverse auction"),
}

REGIME: Mapping[str, Any] = {"national": _l("National contract law"), "local": _l("Local contract law")}

DRAW: Mapping[str, Any] = {
    "M0": _l("No reserve prices: the notice itself names what it pays"),
    "M1": _l("Prices made at the opening from the bids' own numbers"),
    "M2": _l("Prices sealed in advance by the keyholders; nobody knows them"),
    "M3": _l("Prices given by the officer and sealed; renumbered at the opening"),
}

DRAW_SHORT: Mapping[str, Any] = {
    "M0": _l("none"),
    "M1": _l("made at the opening"),
    "M2": _l("sealed by the keyholders"),
    "M3": _l("given and sealed"),
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
    "keys-lost": _l("Too few keyholders could give their keys, and the reserve prices were lost with them."),
    "none-left": _l("After the reviews nobody was left in line."),
    "too-few-proposals": _l("Fewer than two proposals could be read; no price is ever opened."),
    "none-qualified": _l("No proposal qualifies; no price is ever opened."),
    "none-in-range": _l("No valid bid can win by its price."),
}

# Why a bid stands where it stands (`bidding.types.Reason`).
REASON: Mapping[str, Any] = {
    "valid": _l("Valid"),
    "below-floor": _l("Below the floor"),
    "below-net-cost": _l("Below 98 % of the net cost of the work"),
    "cannot-pass": _l("Cannot pass the review, even with all other points"),
    "above-estimated-price": _l("Above the estimated price"),
    "below-estimated-price": _l("Below the estimated price"),
    "above-ceiling": _l("Above the most that the notice pays"),
    "not-qualified": _l("Too few technical points"),
    "malformed": _l("Could not be opened: sealed wrongly"),
    "invalid": _l("Opens to something that is no bid"),
    "duplicate-representative": _l("Same representative as another bidder"),
    "not-eligible": _l("Not eligible"),
    "sanctioned": _l("Barred from bidding"),
    "cancelled": _l("Cancelled on request"),
    "too-few-valid-bids": _l("Too few valid bids"),
    "late": _l("Late"),
    "representative-sanctioned": _l("A representative is barred from bidding"),
    "licence-missing": _l("Lacks a licence that the notice asks for"),
    "region-mismatch": _l("Head office outside the regions of the notice"),
    "business-kind": _l("Not registered for this kind of business"),
    "bond-missing": _l("Bid bond missing or too small at its time"),
    "duplicate-bid": _l("Two or more bids of one bidder"),
    "statement-missing": _l("No statement of quantities"),
    "amounts-differ": _l("Bid amount and statement of quantities differ"),
    "registration-changed": _l("Name or representatives changed and not registered"),
    "not-by-system": _l("Not submitted as the system prescribes"),
    "quality-statement-missing": _l("No statement of quality"),
    "joint-contract-breach": _l("Against the rules of joint contracts"),
    "designer-alternative": _l("Alternative bid with the designer or supervisor of the original"),
    "instructions-breach": _l("Against the instructions to bidders (입찰유의서)"),
    "below-pass-mark": _l("Below the pass mark"),
    "documents-missing": _l("Documents were not given in time"),
    "false-documents": _l("False documents"),
    "negotiation-failed": _l("The negotiation led to no agreement"),
    "contract-refused": _l("Did not sign the contract"),
    "lot-limit": _l("Has won as many lots as one bidder may"),
    "complaint-upheld": _l("A complaint was upheld"),
}

REVISION: Mapping[str, Any] = {
    "correction": _l("Correction of texts"),
    "extension": _l("Extension of the deadline"),
    "cancellation": _l("Cancellation"),
    "override": _l("Opening without the witnesses"),
}

FIELD: Mapping[str, Any] = {
    "holder_policy": _l("Who holds the keys"),
    "members": _l("Members of the committee"),
    "title": _l("Title of the notice"),
    "description": _l("Description"),
    "delivery_place": _l("Place of delivery or work"),
    "estimated_value_won": _l("Estimated value"),
    "base_amount_won": _l("Base amount"),
    "draw_mode": _l("How the fifteen reserve prices are made"),
    "scoring": _l("Terms of the method"),
    "floor_rate": _l("Floor rate"),
    "bids_from_at": _l("Bids from"),
    "closes_at": _l("Deadline"),
    "opens_at": _l("Opening"),
}

DOCUMENT: Mapping[str, Any] = {
    "notice": _l("Notice (PDF)"),
    "opening-record": _l("Opening record (PDF)"),
    "award-notice": _l("Award notice (PDF)"),
    "evaluation-report": _l("Evaluation report (PDF)"),
    "bid-receipt": _l("Bid receipt (PDF)"),
}

EVENT: Mapping[str, Any] = {
    "tender.submitted": _l("Sent to the approver; the box was made"),
    "tender.sent_back": _l("Sent back to draft"),
    "tender.published": _l("Published by a second person"),
    "tender.corrected": _l("A text was corrected"),
    "tender.deadline_changed": _l("The deadline was extended"),
    "tender.question_answered": _l("A question was answered"),
    "tender.cancelled": _l("Cancelled"),
    "tender.closing": _l("The deadline has passed"),
    "tender.closed": _l("The list of bids was frozen"),
    "tender.failed": _l("Failed (유찰)"),
    "tender.direct": _l("A contract without competition (수의계약) was decided by two persons"),
    "tender.direct_lapsed": _l("The contract without competition was given up; nothing was concluded"),
    "opening.group": _l("The keyholders who open it were fixed"),
    "opening.opened": _l("Every bid was opened"),
    "technical.pool": _l("The pool of evaluators was frozen"),
    "technical.committee": _l("The committee was drawn"),
    "technical.seated": _l("An evaluator took a seat"),
    "technical.proposed": _l("An officer took the technical result together"),
    "technical.fixed": _l("A second person fixed the technical result"),
    "tender.unqualified": _l("The bids that do not qualify were named"),
    "draw.made": _l("The draw was made"),
    "evaluation.made": _l("Every bid was placed"),
    "award.proposed": _l("An officer confirmed the evaluation"),
    "award.reconsidered": _l("The proposal was sent back"),
    "award.confirmed": _l("A second person confirmed the award"),
    "award.refused": _l("The winner did not sign: the award is undone"),
    "review.decided": _l("Two persons decided about a bid"),
    "tender.contracted": _l("The contract was concluded"),
    "document.issued": _l("A document was issued"),
    "contract.drafted": _l("The contract was drafted"),
}

# Who holds the keys of a tender (`bidding.policy.HolderPolicy`).
HOLDER_POLICY: Mapping[str, Any] = {
    "services": _l("Keyholder services: the opening runs by itself, on time"),
    "committee": _l("A committee: three to five people, each with a key file of their own"),
    "hybrid": _l("Both: one service and a committee; neither can open alone"),
}

# What waits for a member of a committee (`bidding.seats.Task`).
TASK: Mapping[str, Any] = {
    "make-keys": _l("Make your keys"),
    "prove": _l("Prove both media"),
    "contribute": _l("Seal your contribution to the draw"),
    "drill": _l("Open a test envelope"),
    "attend": _l("Come to the opening"),
    "give": _l("Give your pieces"),
}

ATTENDANCE: Mapping[str, Any] = {
    "member": _l("member"),
    "witness": _l("witness"),
    "presiding": _l("presiding officer"),
}

# Why another group is asked (`bidding.services.groups.FALLBACK_REASONS`).
FALLBACK_REASON: Mapping[str, Any] = {
    "absent": _l("Not present"),
    "no-answer": _l("Does not answer"),
    "refused": _l("Refuses"),
    "wrong-piece": _l("Gives wrong pieces"),
}

NEXT: Mapping[str, Any] = {
    "rebid": _l("Bid again in the same tender (재입찰): same price and conditions, a new time limit"),
    "renotice": _l("Announce it again (재공고): same price and conditions, 5 days at least"),
    "single-quote": _l("Contract with the one quote, where a second call would plainly bring no other"),
    "negotiated-contract": _l("Contract without competition (수의계약) on the original conditions"),
}

FINDING: Mapping[str, Any] = {
    "rules-changed": _l(
        "The rule data have changed since this was submitted. Send it back, and submit it again under those in force."
    ),
    "committee-proposed": _l(
        "From an estimated value of %(limit_won)s won people should hold the keys. The amount is the agency's own."
    ),
    "members-missing": _l("Name three to five people for the committee."),
    "members-without-keys": _l("These members have not made their keys yet: %(names)s."),
    "method-without-provision": _l(
        "No provision of contract law was found for this method: an agency's own rules must allow it."
    ),
    "needs-reserve-prices": _l("This method needs an estimated price: have reserve prices made."),
    "terms-missing": _l("The terms of the method are missing."),
    "proposal-not-asked": _l("Proposals are scored, but no required document is asked for."),
    "no-threshold": _l("No least technical points: every proposal has its price opened."),
    "threshold-unusual": _l("The usual least technical points are %(rate)s %."),
    "few-evaluators": _l("Fewer than %(least)s evaluators decide."),
    "drop-needs-more": _l("Highest and lowest are left out only where at least %(least)s evaluators score."),
    "reference-not-made": _l("The price points refer to an estimated price, and no reserve prices are made."),
    "formula-needs-ceiling": _l("This formula needs the most that is paid."),
    "no-ceiling": _l("Nothing limits the price: neither an estimated price nor a most that is paid."),
    "ceiling-differs": _l("The most that is paid differs from the base amount (%(won)s won)."),
    "price-counts-little": _l("The price has %(points)s points only: it will hardly decide."),
    "sale-without-price": _l("Without reserve prices a sale needs its least price."),
    "sale-with-two-prices": _l(
        "A sale has one price to reach: reserve prices are made, so no least price is published."
    ),
    "comprehensive-review": _l(
        "From %(limit_won)s won on the law wants a comprehensive review (종합심사), which this system does not have."
    ),
    "no-table": _l("Without a price table the points of the review are not worked out."),
    "floor-not-of-table": _l("By this price table the lowest rate that can pass is %(rate)s %."),
    "net-cost-of-works": _l("The limit of the net cost is for works."),
    "no-net-cost": _l("In works under 10 billion won bids under 98 % of the net cost are out; it is not given."),
    "table-of-another-band": _l(
        "The rule tables have another price table for this amount: %(full)s − %(slope)s × |%(base)s − R|."
    ),
    "missing": _l("%(field)s is missing."),
    "base-and-estimate-apart": _l("The base amount is usually the estimated value plus 10 % VAT."),
    "a-value-too-high": _l("The costs that no bid may cut (A값) leave nothing to bid for."),
    "above-quote-limit": _l("E-quotes are for estimated values up to %(limit_won)s won."),
    "floor-differs": _l(
        "The rule tables have %(rate)s % as floor rate for this tender. The notice's own figure counts."
    ),
    "figures-of-one-lot": _l(
        "The scoring holds for every lot: a ceiling, a net cost or a quantity in it would be one lot's own."
    ),
    "range-differs": _l("The usual range of the reserve prices under this law is %(low)s to %(high)s %."),
    "lowest-is-exceptional": _l("Lowest price without a floor is for the price stage of two-stage tenders."),
    "deadline-in-the-past": _l("The deadline has passed already."),
    "deadline-before-bidding": _l("The deadline must come after the beginning of bidding."),
    "opening-before-deadline": _l("The opening must come after the deadline."),
    "opening-too-soon": _l("Between deadline and opening lie at least %(needed_seconds)s seconds."),
    "bidding-too-short": _l("Bids are taken for %(hours)s hours; at least %(needed_hours)s are needed."),
    "deadline-on-holiday": _l("%(on)s is not a working day: state the reason in the notice, or move the deadline."),
    "deadline-outside-hours": _l(
        "%(at)s lies outside 10:00 to 17:00: state the reason in the notice, or move the deadline."
    ),
    "notice-too-short": _l(
        "The notice would stand %(days)s days; %(needed_days)s are needed."
        " The last day to publish for this deadline was %(latest_posting_on)s."
    ),
    "urgent-without-reason": _l("An urgent notice states its reason."),
    "deadline-passed": _l("The deadline has passed."),
    "only-later": _l("A deadline only moves later."),
    "too-few-to-be-among-themselves": _l(
        "Only %(bidders)s bid in the round before, and %(needed)s are needed: open the rebid to everybody."
    ),
    "complaint-too-late": _l(
        "It is too late to complain of this: the last day was %(last_on)s."
        " From the act (%(act_on)s) the law gives until %(from_act_on)s,"
        " from when you learned of it (%(known_on)s) until %(from_knowing_on)s."
    ),
    "appeal-too-late": _l("The last day to go to the committee was %(last_on)s."),
    "below-complaint-threshold": _l("The committee takes complaints from a higher estimated value only."),
    "correction-too-short": _l("A correction adds at least %(needed_days)s days; this adds %(days)s."),
}

STEP_LINE: Mapping[str, Any] = {
    "drawn-numbers": _l("Numbers drawn, with how often each was picked"),
    "estimated-price": _l("Estimated price: the mean of the four"),
    "base-amount": _l("Base amount"),
    "valid-bids": _l("Valid bids against the minimum"),
    "floor-price": _l("Floor: estimated price times floor rate, rounded up"),
    "against-floor": _l("Bid against the floor"),
    "against-estimated-price": _l("Bid against the estimated price"),
    "bid-rate": _l("Bid rate, percent of the estimated price, cut to three decimals"),
    "fault": _l("What was wrong with it"),
    "bids-left": _l("Bids received less those that were cancelled"),
    "difference": _l("Difference"),
    "price-ratio": _l("Price ratio, percent, to two decimals"),
    "plateau": _l("On the table's plateau: the ratio counts as"),
    "price-points": _l("Points of the price"),
    "needed-points": _l("Other points that are needed, against all that there are"),
    "net-cost": _l("Net cost of the work at the estimated price, rounded up"),
    "net-cost-limit": _l("Limit: net cost times rate, rounded up"),
    "against-net-cost": _l("Bid against that limit"),
    "no-proposal": _l("No proposal that could be read"),
    "technical-dropped": _l("Left out, highest and lowest"),
    "technical-total": _l("Sum of the evaluators' totals"),
    "technical-mean": _l("Mean of the totals"),
    "technical-threshold": _l("Against the threshold"),
    "technical-rank-gap": _l("Fixed gap between ranks"),
    "technical-points": _l("Technical points"),
    "total-points": _l("Technical and price points together"),
    "reference-price": _l("Price that the formula refers to"),
    "lowest-price": _l("Lowest price that the formula counts from"),
    "against-ceiling": _l("Bid against the most that the notice pays"),
    "allotted": _l("Quantity allotted: what is offered, or what is left"),
    "quantity-allotted": _l("Quantity allotted in all, against what is wanted"),
    "review": _l("Decision of two persons"),
    "against-pass-mark": _l("Against the pass mark"),
    "equal-price": _l("Bids of the same price, and the points of this one's review"),
    "quantity-taken": _l("Quantity taken"),
    "agreed-amount": _l("Amount agreed in the negotiation"),
    "first-price": _l("Place and price of the sealed first round"),
    "auction-bid": _l("Round and number of the bid, against the most it could be"),
    "before-next": _l("Last price against the next one's"),
    "earlier-than-next": _l("Same price: which came first"),
    "lots-won": _l("Lots won with this one, against the limit"),
    "won-in-all": _l("Won in all with this one, against the limit"),
}

# What became of a request to cancel a bid.
CANCELLATION: Mapping[str, Any] = {
    "granted": _l("Cancelled: the envelope is never opened"),
    "refused": _l("Refused: the bid stands"),
    "lapsed": _l("Not decided in time: the bid stands"),
    "grant": _l("Cancel the bid"),
    "refuse": _l("Refuse the request"),
}

REFUSAL: Mapping[str, Any] = {
    "late": _l("It arrived after the deadline."),
    "closed": _l("The tender took no bids at that moment."),
    "schema": _l("What was sent was not a proper sealed bid for this tender."),
    "signature": _l("Its signature does not hold, or its key is not one of your company's live keys."),
    "eligibility": _l("Your company did not meet the conditions of this tender."),
    "documents": _l("Documents that the bid names had not been uploaded, or were missing."),
    "auction": _l("The rule of the auction did not allow it: the round was over, or the price not a step below."),
}

OUTAGE: Mapping[str, Any] = {
    "measured": _l("Measured, not decided"),
    "proposed": _l("Waits for the second operator"),
    "applied": _l("Deadlines moved"),
    "dismissed": _l("No deadline moves"),
}
OUTAGE_TONE: Mapping[str, str] = {
    "measured": "warning",
    "proposed": "warning",
    "applied": "success",
    "dismissed": "neutral",
}

CLOCK: Mapping[str, Any] = {
    "ok": _l("Right"),
    "unknown": _l("Not synchronised (not required)"),
    "alarm": _l("Alarm"),
    "hold": _l("Not to be trusted"),
}
CLOCK_TONE: Mapping[str, str] = {"ok": "success", "unknown": "neutral", "alarm": "warning", "hold": "danger"}

# What waits for an evaluator (`bidding.evaluation_places.task_of`).
SEAT_TASK: Mapping[str, Any] = {
    "declare": _l("Declare your interests"),
    "score": _l("Score the proposals"),
    "signed": _l("Signed"),
    "left": _l("Left the committee"),
    "over": _l("Evaluation over"),
}
SEAT_TONE: Mapping[str, str] = {
    "declare": "warning",
    "score": "warning",
    "signed": "success",
    "left": "neutral",
    "over": "neutral",
}

EXPERTISE: Mapping[str, Any] = {
    "software": _l("Software and data"),
    "construction": _l("Construction"),
    "design": _l("Architecture and design"),
    "engineering": _l("Engineering"),
    "environment": _l("Environment"),
    "research": _l("Research"),
    "education": _l("Education"),
    "operations": _l("Operations"),
    "safety": _l("Health and safety"),
    "law-finance": _l("Law and finance"),
}
LEFT_REASON: Mapping[str, Any] = {
    "conflict": _l("has an interest in a bidder"),
    "absent": _l("absent, replaced by two persons"),
}
