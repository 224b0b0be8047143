"""How often somebody may try a password: a growing pause after each failure, never a closed door.

Tries are counted at up to three doors: the account that is named (whether it exists or not), the address the
request comes from, and, instead of the account, a device that this person has signed in from before. So a stranger's
failures slow strangers down, not the supplier at his own desk in the last hour before a deadline.

A try is counted before the password is looked at, in one step with the question whether it may be made, so that a
hundred tries at once get no further than one after another. Redis counts; while it is away the database does, by the
same rule.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

import structlog
from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.auth.models import Throttle
from app.db import db

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 900  # seconds
FORGOTTEN_AFTER = 24 * 3600  # seconds without a try


@dataclass(frozen=True, slots=True)
class Door:
    """One thing that tries are counted at; `free` of them have no pause. `name` holds no personal data."""

    name: str
    free: int


def pause_after(tries: int, free: int) -> int:
    """Seconds until the next try may be made: none for the first `free`, then 2, 4, 8 … LONGEST_PAUSE."""
    return 0 if tries <= free else min(2 ** min(tries - free, 20), LONGEST_PAUSE)


def account_door(email: str, secret: str) -> Door:
    return Door(f"account:{_keyed(email.strip().lower(), secret)}", free=5)


def address_door(address: str, secret: str) -> Door:
    # Larger: a whole office may share one address.
    return Door(f"address:{_keyed(address, secret)}", free=20)


def device_door(device: str, secret: str) -> Door:
    return Door(f"device:{_keyed(device, secret)}", free=5)


def mail_door(email: str, secret: str) -> Door:
    """Asking for mail: a few, then pauses, so that nobody's mailbox can be filled."""
    return Door(f"mail:{_keyed(email.strip().lower(), secret)}", free=3)


def _keyed(value: str, secret: str) -> str:
    return hmac.new(secret.encode(), value.encode(), sha256).hexdigest()[:32]


# KEYS[1]; ARGV: now (seconds), free, longest pause, life of the key. Returns the seconds still to wait; 0 = counted.
# The same rule as `pause_after`, inside Redis, because asking and counting must be one step.
SCRIPT = """
local state = redis.call('HMGET', KEYS[1], 'tries', 'until')
local now, free = tonumber(ARGV[1]), tonumber(ARGV[2])
local wait = math.ceil(tonumber(state[2] or '0') - now)
if wait > 0 then return wait end
local tries = tonumber(state[1] or '0') + 1
local pause = 0
if tries > free then pause = math.min(2 ^ math.min(tries - free, 20), tonumber(ARGV[3])) end
redis.call('HSET', KEYS[1], 'tries', tries, 'until', string.format('%.3f', now + pause))
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[4]))
return 0
"""


def admit(door: Door, now: datetime) -> int:
    """Count one try at `door`, or return the seconds to wait before one may be made (then nothing is counted)."""
    try:
        script = _redis().register_script(SCRIPT)
        seconds = script(keys=[_key(door)], args=[f"{now.timestamp():.3f}", door.free, LONGEST_PAUSE, FORGOTTEN_AFTER])
        return int(seconds)
    except RedisError as error:
        log.warning("throttle.redis_away", error=str(error))
        return _admit_in_database(door, now)


def _admit_in_database(door: Door, now: datetime) -> int:
    until = now + timedelta(seconds=pause_after(1, door.free))
    first = insert(Throttle).values(key=door.name, tries=1, blocked_until_at=until, last_at=now)
    if db.session.execute(first.on_conflict_do_nothing().returning(Throttle.key)).scalar() is not None:
        return 0
    row = db.session.scalars(select(Throttle).where(Throttle.key == door.name).with_for_update()).one_or_none()
    if row is None:  # somebody has just been forgiven
        return 0
    if row.blocked_until_at > now:
        return ceil((row.blocked_until_at - now).total_seconds())
    is_stale = now - row.last_at >= timedelta(seconds=FORGOTTEN_AFTER)
    row.tries = 1 if is_stale else row.tries + 1
    row.blocked_until_at, row.last_at = now + timedelta(seconds=pause_after(row.tries, door.free)), now
    return 0


def forgive(door: Door) -> None:
    """Forget every try at `door`: the right password was given."""
    try:
        _redis().delete(_key(door))
    except RedisError:
        log.warning("throttle.redis_away")
    db.session.execute(delete(Throttle).where(Throttle.key == door.name))


def take_back(door: Door) -> None:
    """Uncount one try at `door`: it succeeded. Failures of others at the same door stay counted."""
    try:
        _redis().eval(TAKE_BACK, 1, _key(door))
    except RedisError:
        row = db.session.get(Throttle, door.name, with_for_update=True)
        if row is not None:
            row.tries, row.blocked_until_at = max(1, row.tries - 1), row.last_at


TAKE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 and tonumber(redis.call('HGET', KEYS[1], 'tries')) > 0 then
  redis.call('HINCRBY', KEYS[1], 'tries', -1)
  redis.call('HSET', KEYS[1], 'until', '0')
end
return 0
"""


def forget_old(now: datetime) -> int:
    """Delete what the database counted a day ago; returns how many."""
    old = Throttle.last_at < now - timedelta(seconds=FORGOTTEN_AFTER)
    return len(db.session.scalars(delete(Throttle).where(old).returning(Throttle.key)).all())


def _redis() -> Redis:
    redis: Redis = current_app.extensions["redis"]
    return redis


def _key(door: Door) -> str:
    return f"naru:throttle:{door.name}"
