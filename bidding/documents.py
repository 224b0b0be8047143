"""Bidding's documents as values: notice, bid receipt, opening record, award notice. Pure: values to values.

Rates are thousandths of a percent (89.745 % is 89745); money is whole won; instants are aware. No builder takes a price
that is not public at the time of the document: the receipt (접수증) has none at all.
"""

from __future__ import annotations

from collections.abc import Callable
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
    Table,
    Tone,
)
from app.documents.wording import day, wording
from app.formats import kst, kst_micro, percent, won, won_words

Lang = Literal["ko", "en"]
Say = Callable[[str, str], str]

KINDS = {"goods": ("물품", "Goods"), "services": ("용역", "Services"), "works": ("공사", "Works")}
METHODS = {
    "quote": ("소액수의견적 (낙찰하한율 이상 최저가)", "E-quote: lowest at or above the floor"),
    "qualification": ("적격심사 (낙찰하한율 이상 최저가)", "Qualification review: lowest at or above the floor"),
    "lowest": ("최저가 (예정가격 이하, 하한 없음)", "Lowest price at or below the estimated price, no floor"),
    "negotiation": ("협상에 의한 계약 (기술·가격 종합평가)", "Negotiation: technical and price points together"),
    "two-stage": ("2단계 경쟁입찰 (규격·가격)", "Two stages: lowest price among the proposals that qualify"),
    "desired-quantity": ("희망수량 경쟁입찰", "Desired quantity: cheapest first until the quantity is there"),
    "sale": ("최고가 (예정가격 이상)", "Sale: highest price at or above the estimated price"),
    "best-value": ("가격·품질 가중평가", "Weighted price and quality"),
    "reverse-auction": ("역경매", "Reverse auction in rounds"),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Correction:
    """정정: what changed, when, and why."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """What a notice must state (국가계약법 시행령 제36조).

    `requirements`, `legal_basis` and `terms` are sentences in the document's language; `range_rates` is the band of the
    reserve prices around the base amount, e.g. (98000, 102000); `floor_rate` is None where there is no floor.
    """

    reference: str
    title: str
    agency_name: str
    business_kind: str
    method: str
    base_amount_won: int
    range_rates: tuple[int, int]
    floor_rate: int | None
    published_at: datetime
    bids_from_at: datetime
    bids_until_at: datetime
    opening_at: datetime
    description: str = ""
    requirements: tuple[str, ...] = ()
    delivery_place: str = ""
    delivery_on: date | None = None
    delivery_text: str = ""
    terms: tuple[str, ...] = ()
    legal_basis: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    corrections: tuple[Correction, ...] = ()
    rule_version: str = ""
    box_code: str = ""
    is_practice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """One received bid. No price: nobody but the bidder knows it yet."""

    receipt_number: str
    reference: str
    title: str
    agency_name: str
    supplier_name: str
    business_number: str
    statement_sha256: str
    received_at: datetime
    bids_until_at: datetime
    opening_at: datetime
    envelope_sha256: str = ""
    log_index: int | None = None
    is_practice: bool = False


@dataclass(frozen=True, slots=True)
class ReservePrice:
    """복수예비가격: `serial` 1 to 15, how many bids picked it, whether it is one of the four drawn."""

    serial: int
    price_won: int
    picks: int
    is_drawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BidLine:
    """A bid as the opening placed it. `rank` is None where it was not ranked, and `reason` then says why.

    `price_won` is None where the envelope could not be opened. `picks` are the two numbers the bidder chose.
    """

    supplier_name: str
    business_number: str
    received_at: datetime
    price_won: int | None
    bid_rate: int | None
    picks: tuple[int, ...] = ()
    rank: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFacts:
    """개찰조서. `estimated_price_won` and `floor_price_won` are None where the tender failed before they were made."""

    reference: str
    title: str
    agency_name: str
    business_kind: str
    method: str
    base_amount_won: int
    opened_at: datetime
    reserve_prices: tuple[ReservePrice, ...]
    bids: tuple[BidLine, ...]
    estimated_price_won: int | None
    floor_rate: int | None
    floor_price_won: int | None
    rounding: str = ""
    failure: str = ""
    evaluation_sha256: str = ""
    frozen_root: str = ""
    is_practice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardFacts:
    """낙찰자 통보. `bid_rate` is the bid over the estimated price; both are None where there is no such price."""

    reference: str
    title: str
    agency_name: str
    business_kind: str
    method: str
    supplier_name: str
    business_number: str
    amount_won: int
    estimated_price_won: int | None
    bid_rate: int | None
    bid_count: int
    decided_at: datetime
    next_steps: tuple[str, ...] = ()
    is_practice: bool = False


def notice(facts: NoticeFacts, lang: Lang = "ko") -> Document:
    """입찰공고서."""
    say = wording(lang)
    blocks: list[Block] = [
        Paragraph(say("다음과 같이 입찰에 부치고자 공고합니다.", "Bids are invited as follows.")),
        Heading(say("1. 입찰에 부치는 사항", "1. What is procured")),
        KeyValues(_subject(facts, say, lang)),
        *([Paragraph(facts.description)] if facts.description else []),
        Heading(say("2. 일정", "2. Schedule")),
        KeyValues(
            (
                (say("공고일시", "Published"), kst(facts.published_at)),
                (say("투찰 시작", "Bids from"), kst(facts.bids_from_at)),
                (say("투찰 마감", "Bids until"), kst(facts.bids_until_at)),
                (say("개찰 일시", "Opening"), kst(facts.opening_at)),
                (say("입찰·개찰 장소", "Where"), say("나루 전자조달시스템", "Naru, electronically")),
            )
        ),
        Heading(say("3. 가격과 낙찰자 결정", "3. Price and award")),
        KeyValues(_price(facts, say, lang)),
        Clauses(_price_clauses(facts, say)),
        Heading(say("4. 입찰 참가 자격", "4. Who may bid")),
        Clauses(
            facts.requirements or (say("경쟁입찰 참가자격을 등록한 자", "Any supplier with a current registration"),)
        ),
        Heading(say("5. 입찰의 제출과 무효", "5. Submission and invalid bids")),
        Clauses(_submission_clauses(say)),
    ]
    if facts.terms:
        blocks += [Heading(say("6. 계약 조건", "6. Terms of contract")), Clauses(facts.terms)]
    return _document(
        "notice", facts.reference, say("입찰공고", "Tender notice"), lang, [*blocks, *_notice_tail(facts, say)], facts
    )


def _subject(facts: NoticeFacts, say: Say, lang: Lang) -> tuple[tuple[str, str], ...]:
    rows = [
        (say("공고번호", "Notice number"), facts.reference),
        (say("건명", "Title"), facts.title),
        (say("공고기관", "Agency"), facts.agency_name),
        (say("업무 구분", "Kind"), say(*KINDS[facts.business_kind])),
        (say("납품·이행 장소", "Place of delivery"), facts.delivery_place),
        (
            say("납품·이행 기한", "Delivery by"),
            day(facts.delivery_on, lang) if facts.delivery_on else facts.delivery_text,
        ),
        (say("투찰함 번호", "Box code"), facts.box_code),
    ]
    return tuple((label, value) for label, value in rows if value)


def _price(facts: NoticeFacts, say: Say, lang: Lang) -> tuple[tuple[str, str], ...]:
    low, high = facts.range_rates
    floor = say("없음", "none") if facts.floor_rate is None else percent(facts.floor_rate)
    return (
        (say("기초금액 (부가가치세 포함)", "Base amount (VAT included)"), won(facts.base_amount_won, lang)),
        (say("예비가격 범위", "Range of reserve prices"), f"{percent(low)} – {percent(high)}"),
        (say("낙찰자 결정 방법", "Award method"), say(*METHODS[facts.method])),
        (say("낙찰하한율", "Floor rate"), floor),
    )


def _price_clauses(facts: NoticeFacts, say: Say) -> tuple[str, ...]:
    clauses = [
        say(
            "복수예비가격 15개 가운데 투찰자가 가장 많이 선택한 4개를 평균하여 예정가격으로 합니다.",
            "The estimated price is the mean of the four of fifteen reserve prices that bidders pick most often.",
        ),
        say(
            "유효한 입찰이 2인 미만이면 유찰됩니다(국가계약법 시행령 제11조).",
            "Fewer than two valid bids fail the tender (Enforcement Decree of the State Contracts Act, art. 11).",
        ),
        say(
            "최저가가 둘 이상이면 공개된 값으로 누구나 다시 계산할 수 있는 추첨으로 정합니다.",
            "A tie is decided by a lot that anyone can recompute from published values.",
        ),
    ]
    if facts.rule_version:
        clauses.append(
            say(f"적용 기준 판: {facts.rule_version}", f"Rules in force for this notice: {facts.rule_version}")
        )
    return tuple(clauses)


def _submission_clauses(say: Say) -> tuple[str, ...]:
    return (
        say(
            "입찰서는 나루에서 봉인하여 제출하며, 시스템 시계로 마감 시각부터는 받지 않습니다.",
            "Bids are sealed and submitted in Naru. By the system's clock, the closing instant is already late.",
        ),
        say(
            "제출한 입찰서는 교환, 변경 또는 철회할 수 없습니다(국가계약법 시행령 제39조 제3항).",
            "A submitted bid cannot be exchanged, changed or withdrawn (Enforcement Decree, art. 39(3)).",
        ),
        say(
            "국가계약법 시행규칙 제44조의 사유가 있는 입찰은 무효이며, 그 사유를 입찰자에게 알립니다.",
            "A bid is invalid for the reasons of art. 44 of the Enforcement Rule; the bidder is told which.",
        ),
        say(
            "입찰자는 청렴계약을 지킬 것을 서약한 것으로 봅니다.",
            "By bidding, the bidder undertakes to honour the integrity pact.",
        ),
    )


def _notice_tail(facts: NoticeFacts, say: Say) -> list[Block]:
    tail: list[Block] = []
    if facts.attachments:
        rows = tuple((attachment.name, attachment.sha256) for attachment in facts.attachments)
        head = (say("파일", "File"), "SHA-256")
        tail += [Heading(say("붙임", "Attachments")), Table("", head, rows, widths=(2, 3))]
    if facts.corrections:
        moves = tuple((kst(correction.at), correction.text) for correction in facts.corrections)
        head = (say("일시", "When"), say("내용", "What changed"))
        tail += [Heading(say("정정 이력", "Corrections")), Table("", head, moves, widths=(1, 3))]
    if facts.legal_basis:
        tail += [Heading(say("근거", "Legal basis")), Clauses(facts.legal_basis)]
    return tail


def bid_receipt(facts: ReceiptFacts, lang: Lang = "ko") -> Document:
    """투찰 접수증: proof that these very bytes arrived at this very instant. It holds no price."""
    say = wording(lang)
    rows = [
        (say("접수번호", "Receipt number"), facts.receipt_number),
        (say("공고번호", "Notice number"), facts.reference),
        (say("건명", "Title"), facts.title),
        (say("공고기관", "Agency"), facts.agency_name),
        (say("입찰자", "Bidder"), f"{facts.supplier_name} ({facts.business_number})"),
        (say("접수 시각", "Received at"), kst_micro(facts.received_at)),
        (say("투찰서 해시 (SHA-256)", "Statement hash (SHA-256)"), facts.statement_sha256),
    ]
    if facts.envelope_sha256:
        rows.append((say("봉인 해시 (SHA-256)", "Envelope hash (SHA-256)"), facts.envelope_sha256))
    if facts.log_index is not None:
        rows.append((say("공개 기록 순번", "Entry in the public log"), f"{facts.log_index:,}"))
    opening, closing = kst(facts.opening_at), kst(facts.bids_until_at)
    blocks: list[Block] = [
        Paragraph(say("아래와 같이 투찰서가 접수되었습니다.", "The bid below has been received.")),
        KeyValues(tuple(rows)),
        Heading(say("다음 절차", "What happens next")),
        Clauses(
            (
                say(
                    f"투찰은 {closing}에 마감됩니다. 그때까지 아무도 가격을 볼 수 없습니다.",
                    f"Bidding closes at {closing}. Until then nobody can see a price.",
                ),
                say(
                    f"개찰은 {opening}에 시작되며, 결과는 공고 화면에 공개됩니다.",
                    f"Bids are opened at {opening}; the result appears on the tender's page.",
                ),
                say(
                    "제출한 투찰서는 최종입니다. 중대한 입력 오류는 개찰 전에 취소를 신청할 수 있습니다.",
                    "A submitted bid is final; a material input error may be a ground for cancellation before opening.",
                ),
            )
        ),
        Note(
            say(
                "이 접수증에는 가격이 없습니다. 해시로 투찰서와 공개 기록을 대조할 수 있으니 보관하십시오.",
                "This receipt states no price. Keep it: its hash ties the bid to the public log.",
            )
        ),
    ]
    return _document("bid-receipt", facts.receipt_number, say("투찰 접수증", "Bid receipt"), lang, blocks, facts)


def opening_record(facts: OpeningFacts, lang: Lang = "ko") -> Document:
    """개찰조서: the fifteen prices, the draw, the floor, and every bid with its place or the reason why it has none."""
    say = wording(lang)
    blocks: list[Block] = [
        KeyValues(
            (
                (say("공고번호", "Notice number"), facts.reference),
                (say("건명", "Title"), facts.title),
                (say("공고기관", "Agency"), facts.agency_name),
                (say("업무 구분", "Kind"), say(*KINDS[facts.business_kind])),
                (say("낙찰자 결정 방법", "Award method"), say(*METHODS[facts.method])),
                (say("개찰 일시", "Opened at"), kst(facts.opened_at)),
                (say("투찰 수", "Bids"), f"{len(facts.bids):,}"),
            )
        ),
        *(
            [Note(say(f"유찰: {facts.failure}", f"Tender failed: {facts.failure}"), Tone.IMPORTANT)]
            if facts.failure
            else []
        ),
        Heading(say("1. 예정가격", "1. Estimated price")),
        KeyValues(_opening_prices(facts, say, lang)),
        _reserve_table(facts, say, lang),
        Heading(say("2. 투찰 결과", "2. Bids")),
        _bid_table(facts, say, lang),
    ]
    evidence = [
        (say("마감 명단의 루트", "Root of the frozen list"), facts.frozen_root),
        (say("평가 결과의 해시", "Digest of the evaluation"), facts.evaluation_sha256),
    ]
    if any(value for _, value in evidence):
        blocks += [Heading(say("3. 확인 값", "3. Evidence")), KeyValues(tuple(row for row in evidence if row[1]))]
    return _document("opening-record", facts.reference, say("개찰조서", "Record of opening"), lang, blocks, facts)


def _opening_prices(facts: OpeningFacts, say: Say, lang: Lang) -> tuple[tuple[str, str], ...]:
    none = say("정해지지 않음", "not made")
    rows = [
        (say("기초금액", "Base amount"), won(facts.base_amount_won, lang)),
        (
            say("예정가격", "Estimated price"),
            none if facts.estimated_price_won is None else won(facts.estimated_price_won, lang),
        ),
        (
            say("낙찰하한율", "Floor rate"),
            say("없음", "none") if facts.floor_rate is None else percent(facts.floor_rate),
        ),
    ]
    if facts.floor_price_won is not None:
        rows.append((say("낙찰하한가", "Floor price"), won(facts.floor_price_won, lang)))
    if facts.rounding:
        rows.append((say("끝수 처리", "Rounding"), facts.rounding))
    return tuple(rows)


def _reserve_table(facts: OpeningFacts, say: Say, lang: Lang) -> Table:
    head = (say("번호", "No."), say("예비가격", "Reserve price"), say("선택 수", "Picks"), say("추첨", "Drawn"))
    rows = tuple(
        (
            str(price.serial),
            won(price.price_won, lang),
            f"{price.picks:,}",
            say("추첨됨", "drawn") if price.is_drawn else "",
        )
        for price in sorted(facts.reserve_prices, key=lambda price: price.serial)
    )
    empty = say("예비가격이 공개되지 않았습니다.", "No reserve prices were revealed.")
    return Table(say("복수예비가격", "Reserve prices"), head, rows, frozenset({0, 1, 2}), (1, 3, 2, 2), empty)


def _bid_table(facts: OpeningFacts, say: Say, lang: Lang) -> Table:
    head = (
        say("순위", "Rank"),
        say("업체", "Bidder"),
        say("투찰금액", "Price"),
        say("투찰률", "Rate"),
        say("선택", "Picks"),
        say("접수 시각", "Received"),
        say("비고", "Remark"),
    )
    order = sorted(facts.bids, key=lambda bid: (bid.rank is None, bid.rank or 0, bid.received_at))
    rows = tuple(
        (
            "–" if bid.rank is None else str(bid.rank),
            f"{bid.supplier_name}\n{bid.business_number}",
            "–" if bid.price_won is None else won(bid.price_won, lang),
            "–" if bid.bid_rate is None else percent(bid.bid_rate),
            ", ".join(str(pick) for pick in bid.picks),
            kst(bid.received_at),
            bid.reason,
        )
        for bid in order
    )
    empty = say("접수된 투찰이 없습니다.", "No bid was received.")
    return Table(say("모든 투찰", "All bids"), head, rows, frozenset({0, 2, 3}), (4, 14, 12, 8, 6, 12, 14), empty)


def _against_estimate(facts: AwardFacts, say: Say, lang: Lang) -> tuple[tuple[str, str], ...]:
    if facts.estimated_price_won is None or facts.bid_rate is None:
        return ()
    return (
        (say("예정가격", "Estimated price"), won(facts.estimated_price_won, lang)),
        (say("투찰률", "Rate"), percent(facts.bid_rate)),
    )


def award_notice(facts: AwardFacts, lang: Lang = "ko") -> Document:
    """낙찰자 결정 통보서."""
    say = wording(lang)
    steps = facts.next_steps or (
        say("발주기관이 나루로 계약서 초안을 보냅니다.", "The agency sends the draft contract through Naru."),
        say(
            "내용을 확인한 뒤 동의하면, 발주기관의 확정으로 계약이 성립합니다(전자조달법 제9조).",
            "After you agree, the agency's confirmation concludes the contract (Electronic Procurement Act, art. 9).",
        ),
        say(
            "계약금액의 10% 이상을 계약보증금으로 냅니다. 5천만원 이하의 계약은 면제됩니다.",
            "A performance bond of at least 10 % is due; contracts up to 50 million won are exempt.",
        ),
    )
    blocks: list[Block] = [
        Paragraph(
            say(
                f"{facts.supplier_name} 귀하\n아래 입찰의 낙찰자로 결정되었음을 알려 드립니다.",
                f"To {facts.supplier_name}\nYou have been chosen as the winner of the tender below.",
            )
        ),
        KeyValues(
            (
                (say("공고번호", "Notice number"), facts.reference),
                (say("건명", "Title"), facts.title),
                (say("업무 구분", "Kind"), say(*KINDS[facts.business_kind])),
                (say("낙찰자", "Winner"), f"{facts.supplier_name} ({facts.business_number})"),
                (say("낙찰금액", "Amount"), f"{won(facts.amount_won, lang)}\n{won_words(facts.amount_won, lang)}"),
                *_against_estimate(facts, say, lang),
                (say("투찰 수", "Bids"), f"{facts.bid_count:,}"),
                (say("결정 일시", "Decided at"), kst(facts.decided_at)),
            )
        ),
        Heading(say("다음 절차", "What happens next")),
        Clauses(steps),
        Signatures((Party(say("발주기관", "Agency"), (facts.agency_name,)),)),
    ]
    return _document("award-notice", facts.reference, say("낙찰자 결정 통보", "Notice of award"), lang, blocks, facts)


def _document(
    kind: str,
    number: str,
    title: str,
    lang: Lang,
    blocks: list[Block],
    facts: NoticeFacts | ReceiptFacts | OpeningFacts | AwardFacts,
) -> Document:
    return Document(kind, number, title, lang, tuple(blocks), facts.is_practice, facts.agency_name)
