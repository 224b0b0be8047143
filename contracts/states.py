"""Every move a contract can make. Nothing else changes `state`."""

from __future__ import annotations

from enum import StrEnum

from app.state import Machine, Row


class ContractState(StrEnum):
    DRAFTED = "drafted"  # 초안: the officer completes the terms
    SENT = "sent"  # 송부: waits for the supplier
    AGREED = "agreed"  # 응답: waits for the officer's confirmation
    DECLINED = "declined"  # 거절: with a reason; the officer may redraft
    CONCLUDED = "concluded"  # 체결: in force
    DELIVERED = "delivered"  # 납품·완료 통지: waits for the inspection
    CORRECTING = "correcting"  # 보완: the inspection found faults
    INSPECTED = "inspected"  # 검사 합격
    INVOICED = "invoiced"  # 대금 청구
    PAID = "paid"  # 지급 완료
    CLOSED = "closed"  # 종결
    TERMINATED = "terminated"  # 해지
    LAPSED = "lapsed"  # 미체결: the award was undone before it was concluded


S = ContractState

# fmt: off
CONTRACT = Machine("contract", ContractState,
    #   event              from          to            who may               log entry                    stamp
    Row("send",            S.DRAFTED,    S.SENT,       "contract:send",      "contract.sent",         "sent_at"),
    Row("withdraw",        S.SENT,       S.DRAFTED,    "contract:send",      "contract.withdrawn"),
    Row("decline",         S.SENT,       S.DECLINED,   "contract:agree",     "contract.declined",     "declined_at"),
    Row("redraft",         S.DECLINED,   S.DRAFTED,    "contract:send",      "contract.redrafted"),
    Row("agree",           S.SENT,       S.AGREED,     "contract:agree",     "contract.agreed",       "agreed_at"),
    Row("confirm",         S.AGREED,     S.CONCLUDED,  "contract:confirm",   "contract.concluded",    "concluded_at"),
    Row("lapse",           S.DRAFTED,    S.LAPSED,     "contract:lapse",     "contract.lapsed"),
    Row("lapse",           S.SENT,       S.LAPSED,     "contract:lapse",     "contract.lapsed"),
    Row("lapse",           S.AGREED,     S.LAPSED,     "contract:lapse",     "contract.lapsed"),
    Row("lapse",           S.DECLINED,   S.LAPSED,     "contract:lapse",     "contract.lapsed"),
    Row("notify_delivery", S.CONCLUDED,  S.DELIVERED,  "contract:deliver",   "contract.delivered",    "delivered_at"),
    Row("notify_delivery", S.CORRECTING, S.DELIVERED,  "contract:deliver",   "contract.delivered",    "delivered_at"),
    Row("require_fix",     S.DELIVERED,  S.CORRECTING, "contract:inspect",   "contract.fix_required"),
    Row("accept",          S.DELIVERED,  S.INSPECTED,  "contract:inspect",   "contract.accepted",     "inspected_at"),
    Row("invoice",         S.INSPECTED,  S.INVOICED,   "contract:invoice",   "contract.invoiced",     "invoiced_at"),
    Row("record_payment",  S.INVOICED,   S.PAID,       "contract:pay",       "contract.paid",         "paid_at"),
    Row("close",           S.PAID,       S.CLOSED,     "contract:close",     "contract.closed",       "closed_at"),
    Row("terminate",       S.CONCLUDED,  S.TERMINATED, "contract:terminate", "contract.terminated",   "terminated_at"),
    Row("terminate",       S.CORRECTING, S.TERMINATED, "contract:terminate", "contract.terminated",   "terminated_at"),
    Row("terminate",       S.DELIVERED,  S.TERMINATED, "contract:terminate", "contract.terminated",   "terminated_at"),
)
# fmt: on

# Before this the two sides negotiate a text; from here on the contract exists and the public may see it.
IN_FORCE = (S.CONCLUDED, S.DELIVERED, S.CORRECTING, S.INSPECTED, S.INVOICED, S.PAID, S.CLOSED, S.TERMINATED)
BEFORE = (S.DRAFTED, S.SENT, S.AGREED, S.DECLINED, S.LAPSED)
