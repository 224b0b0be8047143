"""Registries that features fill: navigation, desk cards, figures on the front page. The kernel draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.auth import Actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """A main-menu entry. `label` is a lazy translation; shown to whoever holds `permission`, to all where it is None."""

    endpoint: str
    label: Any
    permission: str | None = None
    order: int = 100


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


CardMaker = Callable[[Actor, datetime], Card | None]

_nav: list[NavItem] = []
_cards: dict[str, CardMaker] = {}


def register_nav(*items: NavItem) -> None:
    for item in items:
        if item not in _nav:
            _nav.append(item)


def register_card(name: str, make: CardMaker) -> None:
    """`make(actor, now)` returns a desk card, or None where it does not concern the actor. A few queries at most."""
    _cards[name] = make


def navigation(actor: Actor) -> list[NavItem]:
    seen = [item for item in _nav if item.permission is None or actor.may(item.permission)]
    return sorted(seen, key=lambda item: item.order)


def cards(actor: Actor, now: datetime) -> list[Card]:
    made = [card for make in _cards.values() if (card := make(actor, now)) is not None]
    return sorted(made, key=lambda card: card.order)
