"""Tables of tenders and bids."""

from bidding.models.auction import Auction, AuctionBid
from bidding.models.bid import Award, Bid, Bundle, Opening, Release
from bidding.models.bid_bond import BidBond
from bidding.models.bid_review import BidReview, ReviewFile
from bidding.models.cancellation import Cancellation
from bidding.models.client_release import ClientRelease
from bidding.models.clock import ClockGuard
from bidding.models.complaint import Complaint, ComplaintFile
from bidding.models.consortium import Consortium, ConsortiumMember
from bidding.models.direct_award import DirectAward
from bidding.models.document import BidDocument, Blob
from bidding.models.evaluation import (
    EvaluationAsk,
    EvaluationCommittee,
    EvaluationSeat,
    EvaluationSheet,
    Evaluator,
    Proposal,
)
from bidding.models.holder import HolderTest, OpeningGroup, TenderHolder
from bidding.models.lot_group import LotGroup
from bidding.models.notice_parts import Attachment, Question, Revision
from bidding.models.outage import IntakeMinute, Outage, Postponement
from bidding.models.recovery import Recovery, SuppliedKey
from bidding.models.refusal import Refusal
from bidding.models.rule_data import RuleChange, RuleVersion
from bidding.models.session import Attendance, FallbackAsk
from bidding.models.signing_key import SigningKey
from bidding.models.tender import Tender

__all__ = [
    "Attachment",
    "Attendance",
    "Auction",
    "AuctionBid",
    "Award",
    "Bid",
    "BidBond",
    "BidDocument",
    "BidReview",
    "Blob",
    "Bundle",
    "Cancellation",
    "ClientRelease",
    "ClockGuard",
    "Complaint",
    "ComplaintFile",
    "Consortium",
    "ConsortiumMember",
    "DirectAward",
    "EvaluationAsk",
    "EvaluationCommittee",
    "EvaluationSeat",
    "EvaluationSheet",
    "Evaluator",
    "FallbackAsk",
    "HolderTest",
    "IntakeMinute",
    "LotGroup",
    "Opening",
    "OpeningGroup",
    "Outage",
    "Postponement",
    "Proposal",
    "Question",
    "Recovery",
    "Refusal",
    "Release",
    "ReviewFile",
    "Revision",
    "RuleChange",
    "RuleVersion",
    "SigningKey",
    "SuppliedKey",
    "Tender",
    "TenderHolder",
]
