"""Who watches the log, as the page shows it: witnesses with what they cosigned last, and time-stamp tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.audit import policies
from app.audit.models import Anchor, Cosignature
from app.audit.sequencer import publication_of
from app.db import db
from app.tlog.checkpoint import Checkpoint
from app.tlog.policy import Policy

SHOWN_TOKENS = 10
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Watcher:
    """`name` in the policy, `called` in its key. `size` and `at`: what it cosigned last, and when; None before."""

    name: str
    called: str
    size: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Watch:
    """`cosigned` is the newest checkpoint that met the policy; `wanted`: of how many witnesses, if it is so simple."""

    text: str
    watchers: list[Watcher]
    wanted: int | None
    cosigned: Checkpoint | None
    cosigned_at: datetime | None
    is_one_operator: bool
    tokens: list[tuple[int, datetime]]


def watch() -> Watch:
    force = policies.in_force()
    policy = force.policy
    newest = publication_of(current_app).cosigned() if policy.witnesses else None
    times = policy.open(newest[0]).times if newest is not None else {}
    last = {witness: (size, at) for witness, size, at in db.session.execute(_LAST)}
    if newest is not None:
        size = newest[1].size
        last |= {name: (size, datetime.fromtimestamp(seconds, UTC)) for name, seconds in times.items()}
    return Watch(
        text=force.text,
        watchers=[
            Watcher(name, verifier.name, *last.get(name, (None, None))) for name, verifier in policy.witnesses.items()
        ],
        wanted=_wanted(policy),
        cosigned=newest[1] if newest is not None else None,
        cosigned_at=datetime.fromtimestamp(max(times.values()), UTC) if times else None,
        is_one_operator=_is_here(policy),
        tokens=[(size, at) for size, at in db.session.execute(_TOKENS)],
    )


_LAST = (
    select(Cosignature.witness, Cosignature.size, Cosignature.at)
    .ext(distinct_on(Cosignature.witness))
    .order_by(Cosignature.witness, Cosignature.size.desc())
)
_TOKENS = select(Anchor.size, Anchor.at).order_by(Anchor.size.desc()).limit(SHOWN_TOKENS)


def _wanted(policy: Policy) -> int | None:
    """The threshold of a quorum that is one group of all witnesses."""
    group = policy.groups.get(policy.quorum)
    return group.threshold if group is not None and set(group.members) == set(policy.witnesses) else None


def _is_here(policy: Policy) -> bool:
    """Whether every witness whose address we have answers on this very machine."""
    addresses = dict(policy.urls) | current_app.config["NARU_WITNESSES"]
    found = [addresses[name] for name in policy.witnesses if name in addresses]
    return bool(found) and all(urlsplit(one).hostname in _HERE for one in found)
