"""Every move that a complaint can make. Nothing else changes its `state`."""

from __future__ import annotations

from enum import StrEnum

from app.state import Machine, Row


class ComplaintState(StrEnum):
    FILED = "filed"  # 신청: waits for the agency
    ACCEPTED = "accepted"  # 접수: its substance is examined
    INADMISSIBLE = "inadmissible"  # 각하
    UPHELD = "upheld"  # 인용
    PARTLY = "partly"  # 일부 인용
    DISMISSED = "dismissed"  # 기각
    WITHDRAWN = "withdrawn"  # 취하
    APPEALED = "appealed"  # 재심 청구: before the dispute mediation committee
    RECOMMENDED = "recommended"  # 조정안: the committee has proposed
    CLOSED = "closed"


C = ComplaintState
DECIDED = (C.INADMISSIBLE, C.UPHELD, C.PARTLY, C.DISMISSED)
OPEN = (C.FILED, C.ACCEPTED)

# Filed, accepted and withdrawn are sealed: who complains, and of what, is not public before it is decided.
# fmt: off
COMPLAINT = Machine("complaint", ComplaintState,
    #   event          from            to              who may             log entry                stamp
    Row("accept",      C.FILED,        C.ACCEPTED,     "complaint:handle", "complaint.accepted", "accepted_at", False),
    Row("inadmissible", C.FILED,       C.INADMISSIBLE, "complaint:decide", "complaint.decided",     "decided_at"),
    Row("inadmissible", C.ACCEPTED,    C.INADMISSIBLE, "complaint:decide", "complaint.decided",     "decided_at"),
    Row("upheld",      C.ACCEPTED,     C.UPHELD,       "complaint:decide", "complaint.decided",     "decided_at"),
    Row("partly",      C.ACCEPTED,     C.PARTLY,       "complaint:decide", "complaint.decided",     "decided_at"),
    Row("dismissed",   C.ACCEPTED,     C.DISMISSED,    "complaint:decide", "complaint.decided",     "decided_at"),
    Row("withdraw", C.FILED, C.WITHDRAWN, "complaint:file", "complaint.withdrawn", "withdrawn_at", False),
    Row("withdraw", C.ACCEPTED, C.WITHDRAWN, "complaint:file", "complaint.withdrawn", "withdrawn_at", False),
    Row("appeal",      C.INADMISSIBLE, C.APPEALED,     "complaint:file",   "complaint.appealed",    "appealed_at"),
    Row("appeal",      C.PARTLY,       C.APPEALED,     "complaint:file",   "complaint.appealed",    "appealed_at"),
    Row("appeal",      C.DISMISSED,    C.APPEALED,     "complaint:file",   "complaint.appealed",    "appealed_at"),
    Row("recommend",   C.APPEALED,     C.RECOMMENDED,  "complaint:handle", "complaint.recommended", "recommended_at"),
    Row("close",       C.RECOMMENDED,  C.CLOSED,       "complaint:handle", "complaint.closed",      "closed_at"),
)
# fmt: on
