"""Charts as SVG drawn by the server: values in, `Markup` out; colours come from the style sheet by class.

Positions along x are percentages, so that text keeps its size on a narrow screen. Each chart is a `<figure>` with a
caption and a table of the same figures for whoever cannot see it. Coordinates are integers in tenths of a percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app import formats
from app.i18n import language

TONES = frozenset({"neutral", "info", "success", "warning", "danger"})
ROW = 46  # pixels that one horizontal bar takes, its label above it
DOT = 6  # radius of a dot
STACK = 12  # dots above each other before they overlap
BIN = 24  # dots nearer than this (tenths of a percent) are stacked
EDGE = 14  # room that a dot needs at either end
FULL = 1000  # the width of a chart in tenths of a percent


def bars(rows: Sequence[Sequence[Any]], unit: str = "", caption: str = "") -> Markup:
    """Horizontal bars. `rows` are (label, value) or (label, value, tone), values whole and not negative."""
    if not rows:
        return Markup("")
    most = max(*(int(row[1]) for row in rows), 1)
    shapes = []
    for index, row in enumerate(rows):
        value, top = int(row[1]), index * ROW
        shapes.append(
            Markup('<text x="0" y="{y}">{label}</text><text x="100%" y="{y}" text-anchor="end">{figure}</text>').format(
                y=top + 16, label=row[0], figure=_figure(value, unit)
            )
            + Markup('<rect class="{tone}" x="0" y="{y}" width="{width}" height="12" rx="3"/>').format(
                tone=tone_of(row[2]) if len(row) > 2 else "bar", y=top + 23, width=share(value * FULL // most)
            )
        )
    svg = drawing(Markup("").join(shapes), len(rows) * ROW)
    return framed(svg, caption, [(row[0], _figure(int(row[1]), unit)) for row in rows])


def columns(
    rows: Sequence[Sequence[Any]], unit: str = "", caption: str = "", height: int = 120, *, is_dense: bool = False
) -> Markup:
    """A small column chart, oldest first. `rows` are (label, value) or (label, value, tone).

    Every label is shown where there are at most fifteen. `is_dense`: many narrow columns, so no figures above them and
    five labels below; the table has them all.
    """
    if not rows:
        return Markup("")
    most, slot = max(*(int(row[1]) for row in rows), 1), FULL // len(rows)
    every = -(-len(rows) // (5 if is_dense else 15))
    shapes = [Markup('<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>').format(y=height + 20)]
    for index, row in enumerate(rows):
        label, value = row[0], int(row[1])
        tall, middle = value * height // most, index * slot + slot // 2
        shapes.append(
            Markup('<rect class="{tone}" x="{x}" y="{y}" width="{width}" height="{tall}" rx="2"/>').format(
                tone=tone_of(row[2]) if len(row) > 2 else "bar",
                x=share(index * slot + slot // 6),
                y=height + 20 - tall,
                width=share(slot * 2 // 3),
                tall=tall,
            )
        )
        if value and not is_dense:
            shapes.append(words_at(middle, height + 14 - tall, _figure(value, ""), "middle"))
        if index % every == 0:
            shapes.append(words_at(middle, height + 40, label, "middle"))
    svg = drawing(Markup("").join(shapes), height + 50)
    return framed(svg, caption, [(row[0], _figure(int(row[1]), unit)) for row in rows])


def marks(values: Sequence[tuple[Any, int, str]], low: int, high: int, parts: int = 0, caption: str = "") -> Markup:
    """Values on one line from `low` to `high`, as (label, value, tone); `parts` equal parts of it are marked off."""
    if not values or low >= high:
        return Markup("")
    axis = Markup('<line class="axis" x1="{a}" x2="{b}" y1="60" y2="60"/>')
    shapes = [axis.format(a=share(EDGE), b=share(FULL - EDGE))]
    for part in range(parts + 1 if parts else 0):
        x = EDGE + part * (FULL - 2 * EDGE) // parts
        shapes.append(Markup('<line class="mark" x1="{x}" x2="{x}" y1="48" y2="72"/>').format(x=share(x)))
    for index, (label, value, tone) in enumerate(sorted(values, key=lambda one: one[1])):
        x = EDGE + (value - low) * (FULL - 2 * EDGE) // (high - low)
        dot = Markup('<circle class="dot {tone}" cx="{x}" cy="60" r="6"/>')
        shapes.append(dot.format(tone=tone_of(tone), x=share(x)))
        shapes.append(words_at(x, (40, 94, 22, 112)[index % 4], label, "middle", "faint"))
    table = [(str(number), label) for number, (label, _, _) in enumerate(values, start=1)]
    return framed(drawing(Markup("").join(shapes), 120), caption, table)


def crossing(pairs: Sequence[tuple[Any, int, str]], ends: tuple[Any, Any], caption: str = "") -> Markup:
    """Where each of a row of things went: (label, its place on the right from 1, tone), in their order on the left.

    `ends` name the two sides.
    """
    step, top = 26, 34
    shapes = [words_at(0, 14, ends[0], "start", "faint"), words_at(FULL, 14, ends[1], "end", "faint")]
    right = {place: label for label, place, _ in pairs}
    for index, (label, place, tone) in enumerate(pairs):
        y, to = top + index * step, top + (place - 1) * step
        shapes.append(words_at(0, y + 5, label, "start"))
        way = Markup('<line class="way {tone}" x1="34%" x2="66%" y1="{y}" y2="{to}"/>')
        shapes.append(way.format(tone=tone_of(tone), y=y, to=to))
    for place, label in sorted(right.items()):
        shapes.append(words_at(FULL, top + (place - 1) * step + 5, f"#{place}  {label}", "end"))
    table = [(label, f"#{place}") for label, place, _ in pairs]
    return framed(drawing(Markup("").join(shapes), top + len(pairs) * step), caption, table)


def bid_strip(
    bids: Sequence[tuple[Any, int, str]],
    floor_won: int | None,
    ceiling_won: int | None,
    caption: str = "",
    ceiling_name: str = "",
    floor_name: str = "",
) -> Markup:
    """Bids as dots along the price axis, between the floor (낙찰하한가) and the estimated price (예정가격).

    `bids` are (label, won, tone). Bids far outside are drawn at the edge; the table has their figures. The names:
    what the limits are called where they are not the floor and the estimated price.
    """
    if not bids:
        return Markup("")
    low, high = _axis([won for _label, won, _tone_name in bids], floor_won, ceiling_won)
    stacks: dict[int, int] = {}
    dots = []
    for label, won, tone in sorted(bids, key=lambda bid: bid[1]):
        x = _place(won, low, high)
        bin_ = x // BIN
        level = stacks[bin_] = stacks.get(bin_, -1) + 1
        dots.append((x, level, label, won, tone))
    tall = (min(max(stacks.values()), STACK) + 1) * (2 * DOT + 1)
    base = 58 + tall
    names = (floor_name or _("Floor price"), ceiling_name or _("Estimated price"))
    shapes = [_band(floor_won, ceiling_won, low, high, base, names)]
    for x, level, label, won, tone in dots:
        shapes.append(
            Markup(
                '<circle class="dot {tone}" cx="{x}" cy="{y}" r="{r}"><title>{label} · {won}</title></circle>'
            ).format(
                tone=tone_of(tone),
                x=share(x),
                y=base - DOT - 3 - (level % (STACK + 1)) * (2 * DOT + 1),
                r=DOT,
                label=label,
                won=_won(won),
            )
        )
    shapes.append(Markup('<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>').format(y=base))
    shapes.append(words_at(0, base + 22, _short(low), "start", "faint"))
    shapes.append(words_at(FULL, base + 22, _short(high), "end", "faint"))
    table = [(label, _won(won)) for label, won, _tone_name in sorted(bids, key=lambda bid: bid[1])]
    return framed(drawing(Markup("").join(shapes), base + 30), caption, table)


def schedule(points: Sequence[tuple[Any, datetime]], now: datetime, caption: str = "") -> Markup:
    """Instants on one line in proportion, with the part that has passed filled in. Two points at least."""
    ordered = sorted(points, key=lambda point: point[1])
    if len(ordered) < 2:
        return Markup("")
    first, last = ordered[0][1], ordered[-1][1]
    span = max(int((last - first).total_seconds()), 1)
    passed = EDGE + min(max(int((now - first).total_seconds()), 0), span) * (FULL - 2 * EDGE) // span
    shapes = [
        Markup('<rect class="neutral" x="0" y="52" width="100%" height="6" rx="3"/>'),
        Markup('<rect class="info" x="0" y="52" width="{width}" height="6" rx="3"/>').format(width=share(passed)),
    ]
    for index, (label, at) in enumerate(ordered):
        x = EDGE + int((at - first).total_seconds()) * (FULL - 2 * EDGE) // span
        above = index % 2 == 0
        anchor = "start" if x < 150 else "end" if x > 850 else "middle"
        shapes += [
            Markup('<circle class="dot {tone}" cx="{x}" cy="55" r="8"/>').format(
                tone="info" if at <= now else "neutral", x=share(x)
            ),
            words_at(x, 18 if above else 84, label, anchor),
            words_at(x, 37 if above else 103, formats.kst_short(at, language()), anchor, "faint"),
        ]
    table = [(label, formats.kst(at)) for label, at in ordered]
    return framed(drawing(Markup("").join(shapes), 112), caption, table)


def _axis(wons: list[int], floor_won: int | None, ceiling_won: int | None) -> tuple[int, int]:
    """The shown range: around floor and ceiling, wide enough for bids near them, never for a bid far away."""
    marks = [won for won in (floor_won, ceiling_won) if won is not None]
    if len(marks) < 2:
        low, high = min(wons + marks), max(wons + marks)
    else:
        span = max(marks) - min(marks)
        low = max(min(wons + marks), min(marks) - span * 4 // 10)
        high = min(max(wons + marks), max(marks) + span * 2 // 10)
    pad = max((high - low) // 20, 1)
    return max(low - pad, 0), high + pad


def _place(won: int, low: int, high: int) -> int:
    """Tenths of a percent along the axis, kept a dot's width inside it."""
    return min(max((won - low) * FULL // max(high - low, 1), EDGE), FULL - EDGE)


def _band(
    floor_won: int | None, ceiling_won: int | None, low: int, high: int, base: int, names: tuple[str, str]
) -> Markup:
    """The range in which a bid may win, with its two marks and their names."""
    drawn = Markup("")
    if floor_won is not None or ceiling_won is not None:
        left = 0 if floor_won is None else _place(floor_won, low, high)
        right = FULL if ceiling_won is None else _place(ceiling_won, low, high)
        drawn += Markup('<rect class="band" x="{x}" y="44" width="{width}" height="{tall}"/>').format(
            x=share(left), width=share(max(right - left, 1)), tall=base - 44
        )
    for won, name, y in ((floor_won, names[0], 16), (ceiling_won, names[1], 36)):
        if won is None:
            continue
        x = _place(won, low, high)
        drawn += Markup('<line class="mark" x1="{x}" x2="{x}" y1="{y}" y2="{base}"/>').format(
            x=share(x), y=y + 6, base=base
        )
        drawn += words_at(x, y, f"{name} {_won(won)}", "start" if x < FULL // 2 else "end")
    return drawn


def words_at(x: int, y: int, words: Any, anchor: str, tone: str = "") -> Markup:
    return Markup('<text class="{tone}" x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>').format(
        tone=tone, x=share(x), y=y, anchor=anchor, words=words
    )


def share(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}%"


def tone_of(tone: str) -> str:
    return tone if tone in TONES else "neutral"


def _figure(value: int, unit: str) -> str:
    return f"{value:,}{unit if not unit or unit[0] in '%원건명개' else ' ' + unit}"


def _won(amount: int) -> str:
    return formats.won(amount, language())


def _short(amount: int) -> str:
    return formats.won_short(amount, language())


def drawing(inside: Markup, height: int) -> Markup:
    return Markup('<svg width="100%" height="{height}" aria-hidden="true" focusable="false">{inside}</svg>').format(
        height=height, inside=inside
    )


def framed(svg: Markup, caption: str, table: Sequence[tuple[Any, Any]], key: Markup | str = "") -> Markup:
    """The picture with its caption and key, and its figures as a table."""
    rows = Markup("").join(
        Markup('<tr><th scope="row">{label}</th><td class="num">{value}</td></tr>').format(label=label, value=value)
        for label, value in table
    )
    return Markup(
        '<figure class="chart">{caption}{key}{svg}<details><summary>{summary}</summary>'
        '<table class="table table--wide"><tbody>{rows}</tbody></table></details></figure>'
    ).format(
        caption=Markup("<figcaption>{}</figcaption>").format(caption) if caption else "",
        key=key,
        svg=svg,
        summary=_("The figures as a table"),
        rows=rows,
    )
