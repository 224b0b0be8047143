"""Checks V12 and V13: what others than the operator saw, and when: witnesses and time-stamping authorities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.time import from_wire, wire
from app.tlog import timestamp
from app.tlog.timestamp import Token
from bidding.checks import Case, CheckFunction, Skipped, require

SOON, SOONER = timedelta(seconds=90), timedelta(seconds=30)
NEAR = timedelta(minutes=10)  # before the deadline: there a bid must be seen sooner
CLOSED_WITHIN = timedelta(seconds=120)
CLOCKS = timedelta(seconds=60)  # by which the operator's clock and an authority's may differ


def v12_witnessed(case: Case) -> str:
    if not case.has_witnesses():
        raise Skipped("no witnesses in the policy")
    if not case.entries:
        raise Skipped("no bids")
    deadline = from_wire(case.deadline)
    late = []
    for entry in case.entries:
        received, seen = from_wire(entry["received"]), case.seen_at(entry["idx"])
        assert seen is not None  # the bundle's own checkpoint is cosigned, and covers all
        gap = _instant(seen) - received
        if gap > (SOONER if received >= deadline - NEAR else SOON):
            late.append((gap, entry["stmt"]))
    for gap, stmt in sorted(late, reverse=True)[:10]:
        case.warn(f"{stmt[:10]} was seen by witnesses {_seconds(gap)} after it was received")
    if len(late) > 10:
        case.warn(f"and {len(late) - 10} more")
    in_time = len(case.entries) - len(late)
    return f"witnesses saw {in_time} of {len(case.entries)} bid(s) within 90 s (30 s near the closing)"


def v13_time_stamped(case: Case) -> str:
    tokens = {path: _token(case, path) for path in case.bundle.under("tokens")}
    if not tokens and not case.has_witnesses():
        raise Skipped("no witnesses and no time stamps")
    closed, last = case.one("tender.closed"), from_wire(case.deadline) + CLOSED_WITHIN
    said = []
    if case.has_witnesses():
        seen = case.seen_at(closed.index)
        assert seen is not None  # as above
        if _instant(seen) > last:
            case.warn(
                f"witnesses saw the closing {_seconds(_instant(seen) - from_wire(case.deadline))} after the deadline"
            )
        said.append(f"seen by witnesses at {wire(_instant(seen))}")
    if tokens:
        said.append(f"{len(tokens)} time stamp(s)")
        stamps = [token.at for path, token in tokens.items() if _size(path) > closed.index]
        if not any(at <= last for at in stamps):
            case.warn("no time stamp shows that the closing was logged within two minutes of the deadline")
        if not case.pins.certificates:
            case.warn("the time stamps' signatures are not checked: pin the authority's certificate, or use openssl ts")
    return f"the closing: {', '.join(said)}"


def _token(case: Case, path: str) -> Token:
    """A token over a checkpoint of the bundle. Nothing that the checkpoint covers can be younger than the token."""
    size = _size(path)
    require(path == f"tokens/{size:012d}.tsr", f"{path} is not named by its size")
    covered = next((one for one in case.seen() if one.checkpoint.size == size), None)
    require(covered is not None, f"{path} stamps a checkpoint that is not here")
    assert covered is not None
    token = timestamp.parse(case.bundle.files[path])
    require(token.imprint == covered.imprint, f"{path} stamps something else")
    for entry in case.events:
        if entry.index < size:
            require(
                from_wire(entry.event["at"]) <= token.at + CLOCKS, f"entry {entry.index} is younger than its time stamp"
            )
    pinned = case.pins.certificates
    require(not pinned or token.is_signed_by(pinned), f"{path} is not signed by a pinned authority")
    return token


def _size(path: str) -> int:
    return int(path.removeprefix("tokens/").removesuffix(".tsr"))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(gap: timedelta) -> str:
    return f"{gap.total_seconds():.0f} s"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V12", v12_witnessed),
    ("V13", v13_time_stamped),
)
