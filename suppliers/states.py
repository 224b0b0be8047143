"""Every move that a registration and a sanction can make. Nothing else changes their `state`."""

from __future__ import annotations

from enum import StrEnum

from app.state import Machine, Row


class SupplierState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"  # the registrar asks for changes, or the applicant took it back
    REFUSED = "refused"
    ACTIVE = "active"
    CHANGES_PENDING = "changes_pending"  # the old entry stays in force meanwhile
    EXPIRED = "expired"


class SanctionState(StrEnum):
    PROPOSED = "proposed"
    REJECTED = "rejected"
    DECIDED = "decided"  # in force on the days it names; not necessarily yet, nor still
    LIFTED = "lifted"


S, D = SupplierState, SanctionState
EDIT, REVIEW, EXPIRE = "supplier:edit", "supplier:review", "supplier:expire"

# What concerns an application that was never granted stays a sealed entry of the log; the register itself is public.
# fmt: off
SUPPLIER = Machine("supplier", SupplierState,
    #   event        from               to                 who may audit                         stamp           open
    Row("submit",    S.DRAFT,           S.SUBMITTED,       EDIT,   "supplier.submitted",         "submitted_at", False),
    Row("submit",    S.RETURNED,        S.SUBMITTED,       EDIT,   "supplier.submitted",         "submitted_at", False),
    Row("submit",    S.EXPIRED,         S.SUBMITTED,       EDIT,   "supplier.submitted",         "submitted_at", False),
    Row("take_back", S.SUBMITTED,       S.RETURNED,        EDIT,   "supplier.taken_back",        "returned_at",  False),
    Row("return",    S.SUBMITTED,       S.RETURNED,        REVIEW, "supplier.returned",          "returned_at",  False),
    Row("refuse",    S.SUBMITTED,       S.REFUSED,         REVIEW, "supplier.refused",           "refused_at",   False),
    Row("reopen",    S.REFUSED,         S.DRAFT,           EDIT,   "supplier.reopened",          None,           False),
    Row("approve",   S.SUBMITTED,       S.ACTIVE,          REVIEW, "supplier.registered",        "approved_at",  True),
    Row("propose",   S.ACTIVE,          S.CHANGES_PENDING, EDIT,   "supplier.changes_proposed",  "changes_at",   False),
    Row("take_back", S.CHANGES_PENDING, S.ACTIVE,          EDIT,   "supplier.changes_withdrawn", None,           False),
    Row("refuse",    S.CHANGES_PENDING, S.ACTIVE,          REVIEW, "supplier.changes_refused",   None,           False),
    Row("return",    S.CHANGES_PENDING, S.ACTIVE,          REVIEW, "supplier.changes_returned",  None,           False),
    Row("approve",   S.CHANGES_PENDING, S.ACTIVE,          REVIEW, "supplier.changed",           "approved_at",  True),
    Row("expire",    S.ACTIVE,          S.EXPIRED,         EXPIRE, "supplier.expired",           "expired_at",   True),
    Row("expire",    S.CHANGES_PENDING, S.EXPIRED,         EXPIRE, "supplier.expired",           "expired_at",   True),
)

SANCTION = Machine("sanction", SanctionState,
    #   event       from        to          who may             audit                           stamp
    Row("decide",   D.PROPOSED, D.DECIDED,  "sanction:decide",  "supplier.sanctioned",          "decided_at",  True),
    Row("reject",   D.PROPOSED, D.REJECTED, "sanction:decide",  "supplier.sanction_rejected",   "rejected_at", False),
    Row("withdraw", D.PROPOSED, D.REJECTED, "sanction:propose", "supplier.sanction_withdrawn",  "rejected_at", False),
    Row("lift",     D.DECIDED,  D.LIFTED,   "sanction:decide",  "supplier.sanction_lifted",     "lifted_at",   True),
    Row("stay",     D.DECIDED,  D.DECIDED,  "sanction:decide",  "supplier.sanction_stayed",     None,          True),
    Row("end_stay", D.DECIDED,  D.DECIDED,  "sanction:decide",  "supplier.sanction_stay_ended", None,          True),
)
# fmt: on

# The states in which a registration is on the public register and its data are in force.
REGISTERED = (S.ACTIVE, S.CHANGES_PENDING, S.EXPIRED)
# The states in which the supplier may edit the working copy.
EDITABLE = (S.DRAFT, S.RETURNED, S.ACTIVE, S.EXPIRED)
UNDER_REVIEW = (S.SUBMITTED, S.CHANGES_PENDING)
