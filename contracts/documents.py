"""The contract and the certificate of its conclusion, as document values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.documents.model import (
    Block,
    Clauses,
    Document,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Party,
    Signatures,
)
from app.documents.wording import day, wording
from app.formats import kst, percent, won, won_round, won_words
from contracts import rules
from contracts.rules import Figures, Ruled
from contracts.wording import DELAY_CLASSES, KINDS, REGIMES

Lang = Literal["ko", "en"]


@dataclass(frozen=True, slots=True)
class Side:
    """A party as the contract names it."""

    name: str
    number: str = ""
    address: str = ""
    representatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Partner:
    """A firm of a consortium. `share` in thousandths of a percent, 0 where each does a part of its own."""

    name: str
    number: str
    share: int
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """Everything that the two documents say. The last fields are known once the contract is concluded."""

    number: str
    tender_reference: str
    title: str
    kind: str
    regime: str
    lang: Lang
    amount_won: int
    starts_on: date
    due_on: date
    delivery_place: str
    payment_terms: str
    special_terms: str
    delay_class: str
    bond_won: int
    stamp_duty: Ruled
    figures: Figures
    agency: Side
    supplier: Side
    is_practice: bool
    partners: tuple[Partner, ...] = ()
    document_sha256: str = ""
    bond_reference: str = ""
    sent_at: datetime | None = None
    agreed_at: datetime | None = None
    concluded_at: datetime | None = None


def contract_document(facts: ContractFacts) -> Document:
    """계약서: amount in figures and words, the terms, the general conditions, the two sides."""
    say = wording(facts.lang)
    blocks: list[Block] = [
        KeyValues(_terms(facts)),
        Paragraph(
            say(
                "발주기관과 계약상대자는 위와 같이 계약을 체결하고, 아래 조건에 따라 신의와 성실로 이행한다.",
                "The agency and the supplier conclude this contract and perform it in good faith on these conditions.",
            )
        ),
        *_partners(facts),
        Heading(say("계약 조건", "Conditions")),
        Clauses(_conditions(facts)),
        *_special(facts),
        Signatures(
            (
                Party(say("발주기관", "Agency"), _lines(facts.agency, facts), say("전자 송부", "Sent electronically")),
                Party(
                    say("계약상대자", "Supplier"),
                    _lines(facts.supplier, facts),
                    say("전자 동의", "Agreed electronically"),
                ),
            )
        ),
        Note(
            say(
                "이 계약은 발주기관의 송부, 계약상대자의 동의, 발주기관의 확정으로 성립한다(전자조달법 제9조). "
                "서명 대상은 이 파일의 SHA-256 해시이며, 각 단계는 공개 기록에 남는다.",
                "The contract is concluded when the agency has sent it, the supplier has agreed and the agency has "
                "confirmed (Electronic Procurement Act, art. 9). What is signed is the SHA-256 of this file; each step "
                "is in the public log.",
            )
        ),
    ]
    title = {
        "goods": say("물품구매계약서", "Contract for goods"),
        "services": say("용역계약서", "Contract for services"),
        "works": say("공사도급계약서", "Contract for works"),
    }[facts.kind]
    return Document("contract", facts.number, title, facts.lang, tuple(blocks), facts.is_practice, facts.agency.name)


def _partners(facts: ContractFacts) -> tuple[Block, ...]:
    """공동수급체: who performs together, with shares or parts; nothing where the supplier is alone."""
    if not facts.partners:
        return ()
    say = wording(facts.lang)
    rows = []
    for place, one in enumerate(facts.partners):
        share = f"{one.share // 1000}.{one.share % 1000:03d} %" if one.share else ""
        role = say("대표자", "leads") if place == 0 else say("구성원", "member")
        rows.append((f"{one.name} ({one.number})", ", ".join(text for text in (role, share, one.part) if text)))
    return (Heading(say("공동수급체 구성원", "Members of the consortium")), KeyValues(tuple(rows)))


def _terms(facts: ContractFacts) -> tuple[tuple[str, str], ...]:
    say, lang = wording(facts.lang), facts.lang
    rate = rules.per_mille(rules.delay_rate(facts.delay_class, facts.figures))
    basis = facts.figures.daily_rates[facts.delay_class].basis
    return (
        (say("계약번호", "Contract number"), facts.number),
        (say("공고번호", "Notice number"), facts.tender_reference),
        (say("계약건명", "Title"), facts.title),
        (say("업무 구분", "Kind"), say(*KINDS[facts.kind])),
        (say("계약금액", "Amount"), f"{won_words(facts.amount_won, lang)}\n({won(facts.amount_won, lang)})"),
        (say("계약기간", "Period"), f"{day(facts.starts_on, lang)} – {day(facts.due_on, lang)}"),
        (say("납품·이행 장소", "Place of delivery"), facts.delivery_place),
        (say("대금 지급", "Payment"), facts.payment_terms),
        (say("계약보증금", "Performance bond"), f"{_bond(facts)} ({facts.figures.bond_rate.basis})"),
        (
            say("지체상금률", "Delay penalty"),
            f"{rate} {say('(1일)', 'a day')}, {say(*DELAY_CLASSES[facts.delay_class])} ({basis})",
        ),
        (say("인지세", "Stamp duty"), f"{won(facts.stamp_duty.value, lang)} ({facts.stamp_duty.basis})"),
        (say("적용 법령", "Governing act"), say(*REGIMES[facts.regime])),
    )


def _bond(facts: ContractFacts) -> str:
    limit = facts.figures.bond_exempt_up_to_won
    if facts.bond_won or limit is None:
        return won(facts.bond_won, facts.lang)
    most = won_round(limit, facts.lang)
    return wording(facts.lang)(f"면제 ({most} 이하)", f"exempt (up to {most})")


def _conditions(facts: ContractFacts) -> tuple[str, ...]:
    say = wording(facts.lang)
    inspection, cap = facts.figures.inspection_days, facts.figures.penalty_cap
    most = percent(cap.value, 0).removesuffix("%")
    return (
        say(
            "계약상대자는 계약기간 안에 계약의 목적물을 납품하거나 이행을 마치고 그 사실을 나루로 통지한다.",
            "The supplier delivers or performs within the period and gives notice of it through Naru.",
        ),
        say(
            f"발주기관은 통지를 받은 날부터 {inspection.value}일 이내에 검사를 마친다({inspection.basis}).",
            f"The agency completes the inspection within {inspection.value} days of the notice ({inspection.basis}).",
        ),
        say(
            "검사에서 보완을 요구받은 때에는 지체 없이 보완하고 다시 통지하며, 검사 기간은 다시 기산한다.",
            "Where the inspection asks for corrections, the supplier makes them without delay and gives notice again; "
            "the period of inspection then starts anew.",
        ),
        say(
            f"기한을 넘기면 지체일수마다 위 비율의 지체상금을 공제하며, 계약금액의 {most}%를 한도로 한다({cap.basis}).",
            "For each day of delay the penalty above is deducted from the price, "
            f"up to {most} % of the contract ({cap.basis}).",
        ),
        say(
            "계약상대자에게 책임이 없는 사유로 지체된 일수는 지체일수에서 뺀다.",
            "Days of delay without the supplier's fault are not counted.",
        ),
        say(
            "계약상대자가 계약상의 의무를 이행하지 아니하면 발주기관은 계약을 해지하고 계약보증금을 귀속시킬 수 있다.",
            "If the supplier does not perform, the agency may terminate the contract and keep the performance bond.",
        ),
        say(
            "양 당사자는 청렴계약을 지키며, 금품이나 향응을 주고받은 때에는 계약을 해지할 수 있다.",
            "Both sides keep the integrity pact; the contract may be terminated where favours were given or taken.",
        ),
        say(
            "계약의 변경은 양 당사자의 합의로 하며 변경 사실을 공개한다.",
            "Changes are made by agreement of both sides and are made public.",
        ),
        say(
            "이 계약에 정하지 아니한 사항은 위 적용 법령과 계약예규에 따른다.",
            "What is not settled here follows the governing act and the rules under it.",
        ),
    )


def _special(facts: ContractFacts) -> list[Block]:
    if not facts.special_terms:
        return []
    return [Heading(wording(facts.lang)("특수 조건", "Special conditions")), Paragraph(facts.special_terms)]


def _lines(side: Side, facts: ContractFacts) -> tuple[str, ...]:
    say = wording(facts.lang)
    lines = [
        side.name,
        side.number and f"{say('등록번호', 'Number')} {side.number}",
        side.representatives and f"{say('대표자', 'Represented by')} {', '.join(side.representatives)}",
        side.address,
    ]
    return tuple(line for line in lines if line)


def conclusion_certificate(facts: ContractFacts) -> Document:
    """계약체결 확인서: which document was agreed to, by its hash, and the instants of the three steps."""
    say, lang = wording(facts.lang), facts.lang
    steps = (
        (say("1. 송부", "1. Sent"), facts.sent_at),
        (say("2. 동의", "2. Agreed"), facts.agreed_at),
        (say("3. 확정", "3. Confirmed"), facts.concluded_at),
    )
    rows = [
        (say("계약번호", "Contract number"), facts.number),
        (say("계약건명", "Title"), facts.title),
        (say("계약금액", "Amount"), f"{won_words(facts.amount_won, lang)}\n({won(facts.amount_won, lang)})"),
        (say("발주기관", "Agency"), facts.agency.name),
        (say("계약상대자", "Supplier"), facts.supplier.name),
        (say("계약서 해시 (SHA-256)", "Contract's hash (SHA-256)"), facts.document_sha256),
    ]
    if facts.bond_reference:
        rows.append((say("계약보증 번호", "Bond number"), facts.bond_reference))
    blocks: list[Block] = [
        Paragraph(
            say(
                "아래 계약이 전자조달법 제9조에 따라 체결되었음을 확인합니다.",
                "The contract below has been concluded under article 9 of the Electronic Procurement Act.",
            )
        ),
        KeyValues(tuple(rows)),
        Heading(say("체결 단계", "The three steps")),
        KeyValues(tuple((label, kst(at)) for label, at in steps if at)),
    ]
    title = say("계약체결 확인서", "Certificate of conclusion")
    return Document(
        "contract-certificate", facts.number, title, lang, tuple(blocks), facts.is_practice, facts.agency.name
    )
