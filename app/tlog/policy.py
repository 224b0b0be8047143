"""Whom to believe about a log (C2SP tlog-policy): its keys, its witnesses, and how many of them must have cosigned.

    log VKEY [URL]
    witness NAME VKEY [URL]
    group NAME K|any|all MEMBER…
    quorum NAME|none

A verifier's own policy may add what Naru's bundles need: `agency VKEY`, `receipt VKEY`, `holder ID VKEY`, `tsa …`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType

from app.tlog import checkpoint, cosignature, note
from app.tlog.checkpoint import Checkpoint
from app.tlog.note import COSIGNATURE, ED25519, Verifier

NONE = "none"
MAX_LINES = 1000
EXTRAS = ("agency", "receipt", "holder", "tsa")
_ALLOWED = re.compile(r"[\t\n\x20-\x7e\x80-\U0010ffff]*")
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that one of the policy's logs signed. `times`: witness → when it cosigned, seconds since 1970."""

    checkpoint: Checkpoint
    times: dict[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`witnesses` and `groups` by name; `urls` by witness name or log vkey; `extras`: (keyword, its items)."""

    logs: tuple[str, ...]
    witnesses: MappingProxyType[str, Verifier]
    groups: MappingProxyType[str, Group]
    quorum: str
    urls: MappingProxyType[str, str]
    extras: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def open(self, signed: str) -> Cosigned:
        """The checkpoint in a note, signed by a log of this policy under the log's own name, quorum or not.

        ValueError for any other note, and where a signature that claims to be of a known key is wrong.
        """
        text, signatures = note.split(signed)
        opened = checkpoint.open_checkpoint(signed, self.logs)
        if not any(one.name == opened.origin for one in signatures if self._is_log(one.name, one.key_id)):
            raise ValueError(f"no log named {opened.origin} signed")
        times: dict[str, int] = {}
        for name, witness in self.witnesses.items():
            for one in signatures:
                if (one.name, one.key_id) == (witness.name, witness.key_id):
                    times[name] = max(times.get(name, 0), cosignature.verify(text, one, witness))
        return Cosigned(opened, times)

    def is_met(self, signed: str) -> bool:
        """Whether a log of this policy signed the checkpoint, and the quorum cosigned it."""
        try:
            return self.is_quorum(self.open(signed).times)
        except ValueError:
            return False

    def is_quorum(self, cosigners: dict[str, int] | set[str]) -> bool:
        """Whether these witnesses, by their names here, are enough."""
        return self.quorum == NONE or self._has_seen(self.quorum, set(cosigners))

    def extra(self, keyword: str) -> list[tuple[str, ...]]:
        """What stands after `keyword` on each of its lines."""
        return [items for name, items in self.extras if name == keyword]

    def _is_log(self, name: str, key_id: bytes) -> bool:
        return any((log.name, log.key_id) == (name, key_id) for log in map(Verifier.from_vkey, self.logs))

    def _has_seen(self, name: str, cosigners: set[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigners
        return sum(self._has_seen(member, cosigners) for member in group.members) >= group.threshold


def parse(text: str) -> Policy:
    """The policy that `text` spells. ValueError, with the number of the line, for anything C2SP does not allow."""
    if not _ALLOWED.fullmatch(text):
        raise ValueError("a control character in the policy")
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise ValueError("a policy of too many lines")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        items = [item for item in re.split(r"[ \t]+", line) if item]
        if not items or items[0].startswith("#"):
            continue
        try:
            reading.take(items[0], items[1:])
        except ValueError as error:
            raise ValueError(f"line {number} of the policy: {error}") from None
    return reading.done()


@dataclass(slots=True)
class _Reading:
    logs: list[str] = field(default_factory=list)
    witnesses: dict[str, Verifier] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    extras: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    quorum: str | None = None
    _keys: set[tuple[str, bytes]] = field(default_factory=set)
    _members: set[str] = field(default_factory=set)

    def take(self, keyword: str, items: list[str]) -> None:
        if keyword == "log" and 1 <= len(items) <= 2:
            self._claim_key("log", Verifier.of_type(items[0], ED25519))
            self.logs.append(items[0])
            self.urls.update({items[0]: items[1]} if len(items) == 2 else {})
        elif keyword == "witness" and 2 <= len(items) <= 3:
            self._claim_name(items[0])
            witness = Verifier.of_type(items[1], COSIGNATURE)
            self._claim_key("witness", witness)
            self.witnesses[items[0]] = witness
            self.urls.update({items[0]: items[2]} if len(items) == 3 else {})
        elif keyword == "group" and len(items) >= 3:
            self._claim_name(items[0])
            self.groups[items[0]] = self._group(items[1], items[2:])
        elif keyword == "quorum" and len(items) == 1:
            self._set_quorum(items[0])
        elif keyword in EXTRAS and items:
            self.extras.append((keyword, tuple(items)))
        else:
            raise ValueError(f"not a line that begins with {keyword!r}")

    def done(self) -> Policy:
        if self.quorum is None:
            raise ValueError("a policy says its quorum")
        return Policy(
            tuple(self.logs),
            MappingProxyType(self.witnesses),
            MappingProxyType(self.groups),
            self.quorum,
            MappingProxyType(self.urls),
            tuple(self.extras),
        )

    def _claim_key(self, kind: str, key: Verifier) -> None:
        # A key under two names would count twice, so it is the key alone that must differ.
        claim = (kind, key.public.public_bytes_raw())
        if claim in self._keys:
            raise ValueError(f"the key of {key.name} is there already")
        self._keys.add(claim)

    def _claim_name(self, name: str) -> None:
        if name == NONE or self._is_defined(name):
            raise ValueError(f"the name {name} is taken")

    def _is_defined(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _group(self, spelled: str, members: list[str]) -> Group:
        count = {"any": 1, "all": len(members)}.get(spelled)
        if count is None:
            if not _COUNT.fullmatch(spelled):
                raise ValueError("a threshold is any, all or a number")
            count = int(spelled)
        if count > len(members):
            raise ValueError(f"{count} of {len(members)} members")
        for member in members:
            if not self._is_defined(member):
                raise ValueError(f"{member} is not defined before")
            if member in self._members:
                raise ValueError(f"{member} is in a group already")
            self._members.add(member)
        return Group(count, tuple(members))

    def _set_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise ValueError("a second quorum")
        if name != NONE and not self._is_defined(name):
            raise ValueError(f"{name} is not defined before")
        self.quorum = name
