"""The evaluation report (평가보고서) as a document: all that a result rests on, and how to compute it again. Pure.

Rates are thousandths of a percent, points ten-thousandths, money whole won, instants aware. Words of codes (reasons,
steps, kinds of decision) come in the document's language with the facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.documents.model import Block, Clauses, Document, Heading, KeyValues, Note, Paragraph, Table, Tone
from app.documents.wording import wording
from app.formats import kst, percent, won, won_words
from bidding.documents import Lang, ReservePrice, Say
from bidding.rules.steps import show_points

Row = tuple[str, str]
BIDS_SHOWN = 300  # of each table; the rest is in the bundle and in the tables to download
TRACES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One step of arithmetic: what it computes, in words, as it is written out, and its value."""

    what: str
    expression: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBid:
    """A bid with its place, or with the reason and legal basis that keep it out. `points`: technical, price, total.

    `note`: what a decision after the opening made of a placed bid.
    """

    name: str
    business_number: str
    rank: int | None
    amount_won: int | None = None
    rate: int | None = None
    points: tuple[int | None, int | None, int | None] | None = None
    quantity: int | None = None
    reason: str = ""
    legal_basis: str = ""
    note: str = ""
    trace: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A review after the opening; `sha256` is that of its bytes, which the log names."""

    at: str
    name: str
    business_number: str
    kind: str
    result: str
    reason: str
    legal_basis: str
    approvals: tuple[str, str]
    sha256: str
    agreed_won: int | None = None  # what a negotiation ended with


@dataclass(frozen=True, slots=True)
class Won:
    name: str
    business_number: str
    amount_won: int
    rate: int | None
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """`terms`, `rules`, `digests` are labels and values as they stand; `outcome` is empty where no standing decides."""

    reference: str
    number: str
    title: str
    agency_name: str
    notice: tuple[Row, ...]
    terms: tuple[Row, ...]
    rules: tuple[Row, ...]
    reserve_prices: tuple[ReservePrice, ...]
    arithmetic: tuple[Line, ...]
    placed: tuple[ReportBid, ...]
    out: tuple[ReportBid, ...]
    decisions: tuple[Decision, ...]
    outcome: str
    winners: tuple[Won, ...]
    proposed: tuple[datetime, str] | None
    confirmed: tuple[datetime, str] | None
    digests: tuple[Row, ...]
    addresses: tuple[str, str, str]  # the bundle, the checking page, the page that evaluates again
    is_practice: bool = False


def evaluation_report(facts: ReportFacts, lang: Lang) -> Document:
    say = wording(lang)
    chapters: tuple[tuple[str, list[Block]], ...] = (
        (say("결과", "Result"), _result(facts, say, lang)),
        (say("평가 조건과 규정", "Terms and rules"), [KeyValues(facts.terms), KeyValues(facts.rules)]),
        (say("예정가격과 하한의 산출", "Estimated price and floor"), _draw(facts, say, lang)),
        (say("순위", "Ranking"), _placed(facts, say, lang)),
        (say("순위에서 제외된 입찰", "Bids left out"), [_out(facts, say, lang)]),
        (say("산출 과정", "Arithmetic"), _traces(facts, say)),
        (say("개찰 후 결정", "Decisions after the opening"), _decisions(facts, say, lang)),
        (say("확인한 사람", "Approvals"), _approvals(facts, say)),
        (say("해시값", "Digests"), [KeyValues(facts.digests)]),
        (say("다시 계산하는 방법", "How to compute it again"), _again(facts, say)),
    )
    blocks: list[Block] = [KeyValues(facts.notice)]
    for number, (title, inside) in enumerate(chapters, start=1):
        blocks += [Heading(f"{number}. {title}"), *inside]
    title = say("평가보고서", "Evaluation report")
    return Document("evaluation-report", facts.number, title, lang, tuple(blocks), facts.is_practice, facts.agency_name)


def _result(facts: ReportFacts, say: Say, lang: Lang) -> list[Block]:
    if not facts.winners:
        return [Note(facts.outcome or say("낙찰자가 없습니다.", "Nobody is awarded."), Tone.IMPORTANT)]
    blocks: list[Block] = []
    for one in facts.winners:
        rows = [
            (say("낙찰자", "Winner"), f"{one.name} ({one.business_number})"),
            (say("낙찰금액", "Amount"), f"{won(one.amount_won, lang)}\n{won_words(one.amount_won, lang)}"),
        ]
        if one.rate is not None:
            rows.append((say("예정가격 대비", "Of the estimated price"), percent(one.rate)))
        if one.quantity is not None:
            rows.append((say("수량", "Quantity"), f"{one.quantity:,}"))
        blocks.append(KeyValues(tuple(rows)))
    return blocks


def _draw(facts: ReportFacts, say: Say, lang: Lang) -> list[Block]:
    drawn = say("추첨됨", "drawn")
    prices = Table(
        say("복수예비가격", "Reserve prices"),
        (say("번호", "No."), say("예비가격", "Reserve price"), say("선택 수", "Picks"), say("추첨", "Drawn")),
        tuple(
            (str(one.serial), won(one.price_won, lang), f"{one.picks:,}", drawn if one.is_drawn else "")
            for one in facts.reserve_prices
        ),
        frozenset({0, 1, 2}),
        (1, 3, 2, 2),
        say("예비가격을 만들지 않은 공고입니다.", "This notice has no reserve prices."),
    )
    return [prices, _steps(say("전체에 대한 산출", "What holds for all bids"), facts.arithmetic, say)]


def _steps(caption: str, lines: Sequence[Line], say: Say) -> Table:
    head = (say("계산하는 것", "What is computed"), say("식", "Expression"), say("값", "Value"))
    rows = tuple((one.what, one.expression, one.value) for one in lines)
    return Table(caption, head, rows, frozenset({2}), (7, 9, 5), say("산출 과정이 없습니다.", "There is none."))


def _placed(facts: ReportFacts, say: Say, lang: Lang) -> list[Block]:
    shown = facts.placed[:BIDS_SHOWN]
    has_points = any(one.points is not None for one in shown)
    has_quantity = any(one.quantity is not None for one in shown)
    has_rate = any(one.rate is not None for one in shown)
    head = [say("순위", "Rank"), say("업체", "Bidder"), say("투찰금액", "Amount bid")]
    widths = [3, 12, 9]
    columns = ((has_rate, say("투찰률", "Rate"), 6), (has_points, say("점수", "Points"), 9))
    for is_there, name, width in (*columns, (has_quantity, say("수량", "Quantity"), 5)):
        if is_there:
            head.append(name)
            widths.append(width)
    rows = tuple(
        (
            str(one.rank),
            "\n".join(text for text in (one.name, one.business_number, one.note) if text),
            _amount(one, lang),
            *(["–" if one.rate is None else percent(one.rate)] if has_rate else []),
            *([_points(one, say)] if has_points else []),
            *(["–" if one.quantity is None else f"{one.quantity:,}"] if has_quantity else []),
        )
        for one in shown
    )
    numeric = frozenset(range(len(head))) - {1}
    empty = say("순위가 있는 입찰이 없습니다.", "No bid has a place.")
    table = Table("", tuple(head), rows, numeric, tuple(widths), empty)
    return [table, *_rest(len(facts.placed), say)]


def _rest(count: int, say: Say) -> list[Block]:
    if count <= BIDS_SHOWN:
        return []
    left = count - BIDS_SHOWN
    return [
        Paragraph(
            say(
                f"나머지 {left:,}건은 증거 묶음과 내려받는 표에 있습니다.",
                f"{left:,} more are in the bundle and in the tables to download.",
            )
        )
    ]


def _points(bid: ReportBid, say: Say) -> str:
    if bid.points is None:
        return "–"
    technical, price, total = bid.points
    parts = ((say("기술", "technical"), technical), (say("가격", "price"), price), (say("합계", "total"), total))
    return "\n".join(f"{name} {show_points(value)}" for name, value in parts if value is not None)


def _out(facts: ReportFacts, say: Say, lang: Lang) -> Table:
    head = (say("업체", "Bidder"), say("투찰금액", "Amount bid"), say("사유", "Reason"), say("근거", "Legal basis"))
    rows = tuple(
        (f"{one.name}\n{one.business_number}", _amount(one, lang), one.reason, one.legal_basis or "–")
        for one in facts.out[:BIDS_SHOWN]
    )
    empty = say("제외된 입찰이 없습니다.", "No bid was left out.")
    return Table("", head, rows, frozenset({1}), (12, 9, 12, 12), empty)


def _traces(facts: ReportFacts, say: Say) -> list[Block]:
    first = facts.placed[:TRACES_SHOWN]
    if not first:
        return [Paragraph(say("산출할 입찰이 없습니다.", "There is no bid to compute."))]
    return [_steps(f"{one.rank}. {one.name} ({one.business_number})", one.trace, say) for one in first]


def _decisions(facts: ReportFacts, say: Say, lang: Lang) -> list[Block]:
    if not facts.decisions:
        return [Paragraph(say("개찰 후에 내린 결정이 없습니다.", "No decision was made after the opening."))]
    blocks: list[Block] = []
    for number, one in enumerate(facts.decisions, start=1):
        rows = (
            (say("결정", "Decision"), f"{one.kind}: {one.result}"),
            (say("합의한 금액", "Amount agreed"), "" if one.agreed_won is None else won(one.agreed_won, lang)),
            (say("사유", "Reason"), one.reason),
            (say("근거", "Legal basis"), one.legal_basis),
            (say("일시", "When"), one.at),
            (say("결정한 두 사람", "The two persons"), "\n".join(one.approvals)),
            (say("결정의 SHA-256", "SHA-256 of the decision"), one.sha256),
        )
        name = f"{number}. {one.name} ({one.business_number})"
        blocks += [Heading(name, 3), KeyValues(tuple(row for row in rows if row[1]))]
    return [*blocks, *([Paragraph(facts.outcome)] if facts.outcome else [])]


def _approvals(facts: ReportFacts, say: Say) -> list[Block]:
    acts = (
        (say("평가 확인과 낙찰 제안", "Confirmed and proposed"), facts.proposed),
        (say("두 번째 사람의 확정", "Confirmed by a second person"), facts.confirmed),
    )
    rows = tuple((label, f"{kst(act[0])}\n{act[1]}") for label, act in acts if act is not None)
    if not rows:
        return [Paragraph(say("확정된 낙찰이 없습니다.", "No award was confirmed."))]
    return [KeyValues(rows)]


def _again(facts: ReportFacts, say: Say) -> list[Block]:
    bundle, page, again = facts.addresses
    return [
        Clauses(
            (
                say(
                    f"증거 묶음을 내려받아 SHA-256을 위 값과 비교합니다: {bundle}",
                    f"Download the bundle and compare its SHA-256 with the one above: {bundle}",
                ),
                say(
                    f"명령 하나로 모든 검사를 다시 합니다: python -m bidding.verify {facts.reference}.zip",
                    f"One command repeats every check: python -m bidding.verify {facts.reference}.zip",
                ),
                say(
                    f"브라우저에서 네트워크를 끊고도 확인할 수 있습니다: {page}",
                    f"A browser checks it too, the network switched off: {page}",
                ),
                say(
                    f"이 서버에서 다시 평가하여 해시값을 나란히 볼 수 있습니다: {again}",
                    f"This server evaluates again and shows the digests side by side: {again}",
                ),
            )
        )
    ]


def _amount(bid: ReportBid, lang: Lang) -> str:
    return "–" if bid.amount_won is None else won(bid.amount_won, lang)
