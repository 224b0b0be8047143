"""Every move that a tender, a bid or an award can make. Nothing else changes `state`."""

from enum import StrEnum

from app.state import Machine, Row


class TenderState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in-review"  # the approver has it; its box is made and frozen
    PUBLISHED = "published"  # 입찰공고: taking bids
    CLOSING = "closing"  # the deadline has passed; accepted bids are being sequenced
    CLOSED = "closed"  # 마감: the list of bids is frozen and in the log, the bids still sealed
    EVALUATING = "evaluating"  # proposals are open and scored, the prices still sealed; only where a notice scores them
    OPENING = "opening"  # the keyholder group is fixed, pieces are asked for
    AUCTION = "auction"  # 역경매: bids opened for a reverse auction; who they are stays unsaid until it is over
    OPENED = "opened"  # 개찰완료: bids opened, draw made, evaluation computed
    PROPOSED = "proposed"  # an officer has confirmed the evaluation; the second person has not yet
    AWARDED = "awarded"  # 낙찰
    CONTRACTED = "contracted"
    FAILED = "failed"  # 유찰
    CANCELLED = "cancelled"


class BidState(StrEnum):
    SUBMITTED = "submitted"  # sealed, receipted, final
    PRESENTED = "presented"  # its documents are open for the evaluators, its price is sealed
    UNQUALIFIED = "unqualified"  # its proposal does not qualify: the price is never opened
    OPENED = "opened"
    MALFORMED = "malformed"  # does not open by its bidder's own fault
    INVALID = "invalid"  # opens to something that is no bid
    CANCELLED = "cancelled"  # taken back for a material error, by leave of two officers; never opened


class DocumentState(StrEnum):
    SEALED = "sealed"  # encrypted, nobody can read it
    CLEARED = "cleared"  # decrypted, as the bidder described it, of a kind that may be handed on
    QUARANTINED = "quarantined"  # decrypted, but not handed on to anybody
    UNREADABLE = "unreadable"  # does not decrypt, or is not what the bidder described: counts as not submitted


class ReviewState(StrEnum):
    """A decision about one bid after the opening, on its way."""

    REQUESTED = "requested"  # its bidder is asked for documents
    SUBMITTED = "submitted"  # they are here, or the time for them is over and somebody looks at it again
    SUPPLEMENT = "supplement"  # once, something is missing
    PROPOSED = "proposed"  # one officer has said what the result is
    DECIDED = "decided"  # a second one agreed: it counts in the standing
    DROPPED = "dropped"  # a second one did not


class OutageState(StrEnum):
    MEASURED = "measured"  # found in what the intake probe measured; it may still go on
    PROPOSED = "proposed"  # one operator has said what is to be done
    APPLIED = "applied"  # a second one agreed: every deadline it touched has moved
    DISMISSED = "dismissed"  # two agreed that it hindered nobody: deadlines stay


class RulesState(StrEnum):
    DRAFT = "draft"  # a change of the rule data that somebody works on
    PROPOSED = "proposed"  # one operator stands behind it
    ADOPTED = "adopted"  # a second one agreed: it is in force
    DROPPED = "dropped"


class DirectState(StrEnum):
    """A contract without competition (수의계약) after a failed tender; the tender itself stays failed."""

    ASKED = "asked"  # an officer asks for it
    APPROVED = "approved"  # a second person agreed: its contract is drafted
    REFUSED = "refused"  # and the other roads are open again
    LAPSED = "lapsed"  # nothing was concluded, say since the firm does not sign: the roads are open again


class ConsortiumState(StrEnum):
    FORMING = "forming"  # its lead proposes, its members are asked
    CONCLUDED = "concluded"  # 공동수급협정: agreed by all, final; its lead bids for all
    DISSOLVED = "dissolved"


T, B, D, OUT = TenderState, BidState, DocumentState, OutageState
RUL, R = RulesState, ReviewState
C, DIR = ConsortiumState, DirectState

# fmt: off
TENDER = Machine("tender", TenderState,
    #   event      from          to            who may            written to the log     stamp
    Row("submit",  T.DRAFT,      T.IN_REVIEW,  "tender:draft",    "tender.submitted",    "submitted_at"),
    Row("send_back", T.IN_REVIEW, T.DRAFT,     "tender:approve",  "tender.sent_back"),
    Row("take_back", T.IN_REVIEW, T.DRAFT,     "tender:draft",    "tender.sent_back"),
    Row("publish", T.IN_REVIEW,  T.PUBLISHED,  "tender:approve",  "tender.published",    "published_at"),
    Row("correct", T.PUBLISHED,  T.PUBLISHED,  "tender:approve",  "tender.corrected"),
    Row("extend",  T.PUBLISHED,  T.PUBLISHED,  "tender:approve",  "tender.deadline_changed"),
    Row("postpone", T.PUBLISHED, T.PUBLISHED,  "outage:approve",  "tender.deadline_changed"),
    Row("cancel",  T.PUBLISHED,  T.CANCELLED,  "tender:approve",  "tender.cancelled",    "cancelled_at"),
    Row("cancel",  T.CLOSED,     T.CANCELLED,  "tender:approve",  "tender.cancelled",    "cancelled_at"),
    Row("cancel",  T.FAILED,     T.CANCELLED,  "tender:approve",  "tender.cancelled",    "cancelled_at"),
    # Once bids are open nobody cancels but by a complaint that was upheld.
    Row("annul",   T.OPENED,     T.CANCELLED,  "tender:approve",  "tender.cancelled",    "cancelled_at"),
    Row("annul",   T.PROPOSED,   T.CANCELLED,  "tender:approve",  "tender.cancelled",    "cancelled_at"),
    Row("annul",   T.AWARDED,    T.CANCELLED,  "tender:approve",  "tender.cancelled",    "cancelled_at"),
    Row("begin_closing", T.PUBLISHED, T.CLOSING, "tender:close",  "tender.closing",      "closing_at"),
    Row("close",   T.CLOSING,    T.CLOSED,     "tender:close",    "tender.closed",       "closed_at"),
    Row("fail",    T.CLOSED,     T.FAILED,     "tender:open",     "tender.failed",       "failed_at"),
    Row("open_proposals", T.CLOSED, T.EVALUATING, "tender:open",  "opening.group",       "evaluating_at"),
    Row("fail",    T.EVALUATING, T.FAILED,     "tender:open",     "tender.failed",       "failed_at"),
    Row("fix_group", T.EVALUATING, T.OPENING,  "tender:open",     "opening.group",       "opening_at"),
    Row("fix_group", T.CLOSED,   T.OPENING,    "tender:open",     "opening.group",       "opening_at"),
    Row("fail",    T.OPENING,    T.FAILED,     "tender:open",     "tender.failed",       "failed_at"),
    Row("open",    T.OPENING,    T.OPENED,     "tender:open",     "opening.opened",      "opened_at"),
    Row("begin_auction", T.OPENING, T.AUCTION, "tender:open",     "opening.opened",      "auction_at"),
    Row("end_auction", T.AUCTION, T.OPENED,    "tender:open",     "auction.closed",      "opened_at"),
    Row("fail",    T.OPENED,     T.FAILED,     "tender:open",     "tender.failed",       "failed_at"),
    Row("propose", T.OPENED,     T.PROPOSED,   "award:propose",   "award.proposed",      "proposed_at"),
    Row("reconsider", T.PROPOSED, T.OPENED,    "award:confirm",   "award.reconsidered"),
    Row("award",   T.PROPOSED,   T.AWARDED,    "award:confirm",   "award.confirmed",     "awarded_at"),
    Row("reopen",  T.PROPOSED,   T.OPENED,     "complaint:decide", "award.reconsidered"),
    Row("reopen",  T.AWARDED,    T.OPENED,     "complaint:decide", "award.reopened"),
    Row("refuse",  T.AWARDED,    T.OPENED,     "review:confirm",  "award.refused"),
    Row("contract", T.AWARDED,   T.CONTRACTED, "tender:contract", "tender.contracted",   "contracted_at"),
)

BID = Machine("bid", BidState,
    # Sealed: whose proposal it is stays hidden from the evaluators, and from everybody until the prices are open.
    Row("present",      B.SUBMITTED, B.PRESENTED, "tender:open", "bid.presented", None, False),
    Row("unqualify",    B.SUBMITTED, B.UNQUALIFIED, "tender:open", "bid.unqualified", "unqualified_at", False),
    Row("unqualify",    B.PRESENTED, B.UNQUALIFIED, "tender:open", "bid.unqualified", "unqualified_at", False),
    Row("open",         B.SUBMITTED, B.OPENED,    "tender:open", "bid.opened", "opened_at"),
    Row("open",         B.PRESENTED, B.OPENED,    "tender:open", "bid.opened", "opened_at"),
    Row("find_malformed", B.SUBMITTED, B.MALFORMED, "tender:open", "bid.malformed", "opened_at"),
    Row("find_malformed", B.PRESENTED, B.MALFORMED, "tender:open", "bid.malformed", "opened_at"),
    Row("find_invalid", B.SUBMITTED, B.INVALID,   "tender:open", "bid.invalid", "opened_at"),
    Row("find_invalid", B.PRESENTED, B.INVALID,   "tender:open", "bid.invalid", "opened_at"),
    # Sealed: before the opening nobody learns who has bid, nor that somebody wants out.
    Row("ask_cancel",   B.SUBMITTED, B.SUBMITTED, "bid:submit", "bid.cancel_requested", None, False),
    Row("cancel",       B.SUBMITTED, B.CANCELLED, "cancellation:approve", "bid.cancel_decided", "cancelled_at", False),
    Row("keep",         B.SUBMITTED, B.SUBMITTED, "cancellation:approve", "bid.cancel_decided", None, False),
    Row("lapse",        B.SUBMITTED, B.SUBMITTED, "tender:open", "bid.cancel_decided", None, False),
)

DOCUMENT = Machine("document", DocumentState,
    Row("clear",      D.SEALED, D.CLEARED,     "document:check", "document.cleared",     "checked_at", is_open=False),
    Row("quarantine", D.SEALED, D.QUARANTINED, "document:check", "document.quarantined", "checked_at", is_open=False),
    Row("give_up",    D.SEALED, D.UNREADABLE,  "document:check", "document.unreadable",  "checked_at", is_open=False),
)

# Sealed until two have decided: nobody is held up to the public by what one person thinks.
REVIEW = Machine("review", ReviewState,
    Row("submit",    R.REQUESTED,  R.SUBMITTED,  "bid:submit",     "review.submitted", "submitted_at", False),
    Row("submit",    R.SUPPLEMENT, R.SUBMITTED,  "bid:submit",     "review.submitted", "submitted_at", False),
    Row("supplement", R.SUBMITTED, R.SUPPLEMENT, "review:propose", "review.supplement", "supplement_asked_at", False),
    Row("propose",   R.REQUESTED,  R.PROPOSED,   "review:propose", "review.proposed", "proposed_at", False),
    Row("propose",   R.SUBMITTED,  R.PROPOSED,   "review:propose", "review.proposed", "proposed_at", False),
    Row("propose",   R.SUPPLEMENT, R.PROPOSED,   "review:propose", "review.proposed", "proposed_at", False),
    Row("send_back", R.PROPOSED,   R.SUBMITTED,  "review:confirm", "review.sent_back", None, False),
    Row("drop",      R.PROPOSED,   R.DROPPED,    "review:confirm", "review.dropped", None, False),
    Row("decide",    R.PROPOSED,   R.DECIDED,    "review:confirm", "review.decided", "decided_at"),
)

CONSORTIUM = Machine("consortium", ConsortiumState,
    # Sealed: before the opening nobody learns who will bid, or with whom.
    Row("propose",  C.FORMING, C.FORMING,   "consortium:form",  "consortium.proposed",  None, False),
    Row("agree",    C.FORMING, C.FORMING,   "consortium:agree", "consortium.agreed",    None, False),
    Row("decline",  C.FORMING, C.FORMING,   "consortium:agree", "consortium.declined",  None, False),
    Row("conclude", C.FORMING, C.CONCLUDED, "consortium:agree", "consortium.concluded", "concluded_at", False),
    Row("dissolve", C.FORMING, C.DISSOLVED, "consortium:form",  "consortium.dissolved", "dissolved_at", False),
)

OUTAGE = Machine("outage", OutageState,
    # Sealed until two have decided.
    Row("propose",   OUT.MEASURED, OUT.PROPOSED,  "outage:propose", "outage.proposed", None, False),
    Row("propose",   OUT.PROPOSED, OUT.PROPOSED,  "outage:propose", "outage.proposed", None, False),
    Row("send_back", OUT.PROPOSED, OUT.MEASURED,  "outage:approve", "outage.sent_back", None, False),
    Row("apply",     OUT.PROPOSED, OUT.APPLIED,   "outage:approve", "outage.applied", "decided_at"),
    Row("dismiss",   OUT.PROPOSED, OUT.DISMISSED, "outage:approve", "outage.dismissed", "decided_at"),
)

DIRECT = Machine("direct", DirectState,
    Row("approve", DIR.ASKED, DIR.APPROVED, "direct:decide", "tender.direct", "decided_at"),
    # Sealed: what was only asked for is not public.
    Row("refuse",  DIR.ASKED, DIR.REFUSED,  "direct:decide", "tender.direct_refused", "decided_at", False),
    Row("lapse",   DIR.APPROVED, DIR.LAPSED, "direct:decide", "tender.direct_lapsed", "lapsed_at"),
)

RULES = Machine("rules", RulesState,
    Row("propose",   RUL.DRAFT,    RUL.PROPOSED, "rules:propose", "rules.proposed",  "proposed_at"),
    Row("send_back", RUL.PROPOSED, RUL.DRAFT,    "rules:approve", "rules.sent_back"),
    Row("adopt",     RUL.PROPOSED, RUL.ADOPTED,  "rules:approve", "rules.changed",   "decided_at"),
    Row("drop",      RUL.DRAFT,    RUL.DROPPED,  "rules:propose", "rules.dropped",   "decided_at"),
)
# fmt: on

# What each state looks like from outside, in order: the step indicator of every tender page.
PATH = (T.DRAFT, T.IN_REVIEW, T.PUBLISHED, T.CLOSED, T.OPENED, T.AWARDED, T.CONTRACTED)

# States in which anybody may see the tender.
PUBLIC = frozenset(set(TenderState) - {T.DRAFT, T.IN_REVIEW})

# States of a bid whose price nobody has read.
SEALED_BIDS = frozenset({B.SUBMITTED, B.PRESENTED, B.UNQUALIFIED, B.CANCELLED})

# What came of a failed tender without competition, while it waits or counts.
LIVE_DIRECT = frozenset({DIR.ASKED, DIR.APPROVED})

# States in which bids are open and the result is public.
WITH_RESULT = frozenset({T.OPENED, T.PROPOSED, T.AWARDED, T.CONTRACTED})
