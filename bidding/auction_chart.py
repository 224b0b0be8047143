"""Prices stepping down through the rounds, as SVG; the table beside it has every figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup

from app import formats
from app.i18n import language
from bidding.auction_views import Board
from bidding.rules.auction import Entrant

TOP, TALL, FOOT = 24, 200, 34  # pixels above the highest price, of the prices, below the lowest
LEFT, RIGHT = 20, 900  # tenths of a percent between which the time runs; the letters stand behind it
KINDS = 6  # ways to draw a line; the letter at its end tells them apart in any case
APART = 17  # pixels between two letters


def falling(board: Board) -> Markup:
    """One line for each bidder, from its first price to its last."""
    start, end = board.auction.start.starts_at, board.auction.ends_at
    shown = [one.amount_won for one in board.auction.start.entrants] + [row.amount_won for row in board.rows]
    low, high = min(shown), max(shown)

    def x(at: datetime) -> int:
        return LEFT + (RIGHT - LEFT) * ((at - start) // _MICROSECOND) // ((end - start) // _MICROSECOND)

    def y(won: int) -> int:
        return TOP + (TALL * (high - won) // (high - low) if high > low else TALL // 2)

    shapes = [
        _text(LEFT, 14, formats.won(high, language())),
        _text(LEFT, TOP + TALL + 16, formats.won(low, language())),
    ]
    for one in board.rounds:
        edge = x(one.begins_at)
        shapes.append(_line(edge, TOP, edge, TOP + TALL, "grid"))
        shapes.append(_text(edge + 6, TOP + TALL + 32, _("Round %(number)s", number=one.number), "faint"))
    shapes.append(_line(RIGHT, TOP, RIGHT, TOP + TALL, "grid"))
    ends = []
    for number, entrant in enumerate(board.auction.start.entrants):
        points = _points(board, entrant)
        for (before, won), (at, lower) in zip(points, [*points[1:], (end, points[-1][1])], strict=True):
            kind = f"fall fall--{number % KINDS}"
            shapes.append(_line(x(before), y(won), x(at), y(won), kind))
            if lower != won:
                shapes.append(_line(x(at), y(won), x(at), y(lower), kind))
        ends.append((y(points[-1][1]), entrant.label))
    shapes += [_text(RIGHT + 14, place + 5, label, "fall-name") for place, label in _spread(ends)]
    height = TOP + TALL + FOOT + 8
    drawn = Markup('<svg width="100%" height="{height}" aria-hidden="true" focusable="false">{inside}</svg>').format(
        height=height, inside=Markup("").join(shapes)
    )
    caption = _("Prices through the rounds, one line for each bidder (the table below has every figure)")
    return Markup('<figure class="chart auction-chart"><figcaption>{}</figcaption>{}</figure>').format(caption, drawn)


_MICROSECOND = datetime.resolution


def _points(board: Board, entrant: Entrant) -> list[tuple[datetime, int]]:
    mine = [(one.at, one.bid.amount_won) for one in board.auction.accepted if one.label == entrant.label]
    return [(board.auction.start.starts_at, entrant.amount_won), *mine]


def _spread(ends: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """The letters at the lines' ends, moved down where they would stand upon each other."""
    placed: list[tuple[int, str]] = []
    for at, label in sorted(ends):
        placed.append((max(at, placed[-1][0] + APART) if placed else at, label))
    return placed


def _line(x1: int, y1: int, x2: int, y2: int, kind: str) -> Markup:
    return Markup('<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>').format(
        kind=kind, x1=_at(x1), y1=y1, x2=_at(x2), y2=y2
    )


def _text(x: int, y: int, words: str, kind: str = "") -> Markup:
    return Markup('<text class="{kind}" x="{x}" y="{y}">{words}</text>').format(kind=kind, x=_at(x), y=y, words=words)


def _at(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}%"
