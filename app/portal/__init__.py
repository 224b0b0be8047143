"""Registries that features fill: navigation, desk cards, figures on the front page. The kernel draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from app.auth import Actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """A menu entry. `label` is a lazy translation; shown to whoever holds `permission`, to all where it is None."""

    endpoint: str
    label: Any
    permission: str | None = None
    order: int = 100
    is_personal: bool = False  # only for who has signed in

    def is_for(self, actor: Actor) -> bool:
        return (self.permission is None or actor.may(self.permission)) and (actor.is_signed_in or not self.is_personal)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a desk card: a link, a sentence, and where it matters how urgent it is."""

    text: str
    href: str
    badge: str | None = None
    tone: str = "neutral"  # neutral | info | success | warning | danger
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What waits for a person, by kind. `total` may exceed the entries shown; `empty` says what to do instead."""

    title: str
    entries: list[Entry]
    total: int = 0
    href: str | None = None
    empty: str = ""
    order: int = 100
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the front page, already spelled: `value` "1,204", `label` what it counts."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FrontSection:
    """A part of the front page: a list, a few figures, a chart (`app.charts`), or several of them."""

    title: str
    entries: list[Entry] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    chart: Markup | None = None
    href: str | None = None
    href_label: str = ""
    empty: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """Where the search box of every page leads: a GET of `endpoint` with `parameter`."""

    endpoint: str
    label: Any
    parameter: str = "q"


CardMaker = Callable[[Actor, datetime], Card | None]
FrontMaker = Callable[[datetime], FrontSection | None]
Counter = Callable[[Actor], int]

_nav: list[NavItem] = []
_cards: dict[str, CardMaker] = {}
_front: dict[str, FrontMaker] = {}
_person_items: dict[str, tuple[NavItem, Counter | None]] = {}
_search: list[SearchPlace] = []


def register_nav(*items: NavItem) -> None:
    for item in items:
        if item not in _nav:
            _nav.append(item)


def register_card(name: str, make: CardMaker) -> None:
    """`make(actor, now)` returns a desk card, or None where it does not concern the actor. A few queries at most."""
    _cards[name] = make


def register_front(name: str, make: FrontMaker) -> None:
    """`make(now)` returns a section of the front page, for everybody alike, or None. A few queries at most."""
    _front[name] = make


def register_person_item(item: NavItem, count: Counter | None = None) -> None:
    """An entry of the menu behind the person's name; `count(actor)` is the number shown beside it, none where 0."""
    _person_items[item.endpoint] = (item, count)


def register_search(endpoint: str, label: Any, parameter: str = "q") -> None:
    _search[:] = [SearchPlace(endpoint, label, parameter)]


def navigation(actor: Actor) -> list[NavItem]:
    seen = [item for item in _nav if item.is_for(actor)]
    return sorted(seen, key=lambda item: item.order)


def cards(actor: Actor, now: datetime) -> list[Card]:
    made = [card for make in _cards.values() if (card := make(actor, now)) is not None]
    return sorted(made, key=lambda card: card.order)


def front(now: datetime) -> list[FrontSection]:
    made = [section for make in _front.values() if (section := make(now)) is not None]
    return sorted(made, key=lambda section: section.order)


def person_menu(actor: Actor) -> list[tuple[NavItem, Counter | None]]:
    seen = [pair for pair in _person_items.values() if pair[0].is_for(actor)]
    return sorted(seen, key=lambda pair: pair[0].order)


def search() -> SearchPlace | None:
    return _search[0] if _search else None
