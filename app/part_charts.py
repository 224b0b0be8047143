"""Charts of things made of parts: points that add up, quantities side by side. As in `app.charts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.charts import FULL, ROW, drawing, framed, share, tone_of, words_at

NAME = 26  # letters of a name that stand beside its figure on a narrow screen; the table has the whole
TALL, LEAST, HEAD, FOOT = 180, 60, 24, 44  # pixels of a supply chart: its bars, the least, above, below them


@dataclass(frozen=True, slots=True)
class Part:
    """One part of every bar: what it is called, and its tone."""

    name: str
    tone: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer of a supply: so many at a price for one; `taken` of them."""

    name: str
    quantity: int
    price: int
    taken: int


def stacked(
    rows: Sequence[tuple[str, Sequence[int]]],
    parts: Sequence[Part],
    full: int,
    show: Callable[[int], str],
    caption: str = "",
    mark: int | None = None,
) -> Markup:
    """Horizontal bars, each of `parts` in a row, out of `full`. `mark`: a value that a whole bar has to reach.

    Values are whole and not negative, as many as there are parts; `show` spells one.
    """
    if not rows or full <= 0:
        return Markup("")
    shapes = []
    for index, (name, values) in enumerate(rows):
        top, left = index * ROW, 0
        shapes += [words_at(0, top + 16, short(name), "start"), words_at(FULL, top + 16, show(sum(values)), "end")]
        for part, value in zip(parts, values, strict=True):
            right = min(left + value, full)
            shapes.append(_rect(left * FULL // full, (right - left) * FULL // full, top + 23, 12, part.tone))
            left = right
    height = len(rows) * ROW
    if mark is not None:
        x = share(min(mark, full) * FULL // full)
        shapes.append(Markup('<line class="mark" x1="{x}" x2="{x}" y1="0" y2="{y}"/>').format(x=x, y=height))
    table = [(name, _sum(values, parts, show)) for name, values in rows]
    return framed(drawing(Markup("").join(shapes), height), caption, table, key(parts))


def supply(
    offers: Sequence[Offer], wanted: int, show: Callable[[int], str], names: tuple[str, str], caption: str
) -> Markup:
    """Offers side by side, each as wide as its quantity, up to what is `wanted` and beyond; the dearer, the higher.

    Heights run from the cheapest to the dearest and not from nought, so that small differences show; both are named.
    `names`: of what is taken, and of what is left; the line is at the quantity wanted.
    """
    total = max(sum(one.quantity for one in offers), wanted)
    if not offers or total <= 0:
        return Markup("")
    cheapest, dearest = min(one.price for one in offers), max(one.price for one in offers)
    base, shapes, before = HEAD + TALL, [], 0
    for one in offers:
        left, right = before * FULL // total, (before + one.quantity) * FULL // total
        middle = (before + one.taken) * FULL // total
        tall = LEAST + (TALL - LEAST) * (one.price - cheapest) // max(dearest - cheapest, 1)
        shapes += [_rect(left, middle - left, base - tall, tall, "success", f"{one.name} · {show(one.price)}")]
        shapes += [_rect(middle, right - middle, base - tall, tall, "neutral", f"{one.name} · {show(one.price)}")]
        shapes.append(Markup('<line class="edge" x1="{x}" x2="{x}" y1="{top}" y2="{base}"/>').format(
            x=share(right), top=base - tall, base=base
        ))  # fmt: skip
        before += one.quantity
    x = wanted * FULL // total
    shapes += [
        Markup('<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>').format(y=base),
        Markup('<line class="mark" x1="{x}" x2="{x}" y1="6" y2="{y}"/>').format(x=share(x), y=base + 6),
        words_at(x, base + 26, f"{wanted:,}", "start" if x < FULL // 4 else "end"),
        words_at(0, 16, f"{show(cheapest)} – {show(dearest)}", "start", "faint"),
    ]
    parts = [Part(names[0], "success"), Part(names[1], "neutral")]
    table = [(one.name, f"{one.taken:,} / {one.quantity:,} × {show(one.price)}") for one in offers]
    return framed(drawing(Markup("").join(shapes), base + FOOT), caption, table, key(parts))


def key(parts: Sequence[Part]) -> Markup:
    """Which tone is which part."""
    names = Markup("").join(
        Markup('<li><span class="key {tone}" aria-hidden="true"></span>{name}</li>').format(
            tone=tone_of(part.tone), name=part.name
        )
        for part in parts
    )
    return Markup('<ul class="chart-key">{}</ul>').format(names)


def short(name: str) -> str:
    return name if len(name) <= NAME else name[: NAME - 1] + "…"


def _sum(values: Sequence[int], parts: Sequence[Part], show: Callable[[int], str]) -> str:
    told = " + ".join(f"{part.name} {show(value)}" for part, value in zip(parts, values, strict=True))
    return f"{told} = {show(sum(values))}"


def _rect(left: int, width: int, top: int, tall: int, tone: str, title: str = "") -> Markup:
    if width <= 0:
        return Markup("")
    said = Markup("<title>{}</title>").format(title) if title else ""
    return Markup('<rect class="{tone}" x="{x}" y="{y}" width="{width}" height="{tall}">{said}</rect>').format(
        tone=tone_of(tone), x=share(left), y=top, width=share(width), tall=tall, said=said
    )
