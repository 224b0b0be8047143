"""The log's policy in force: the file NARU_POLICY, or without one the log's own key and no witnesses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import current_app

from app import keys
from app.config import ConfigurationError
from app.tlog import policy
from app.tlog.policy import NONE, Policy


@dataclass(frozen=True, slots=True)
class InForce:
    """`sha256` (hex) is that of the file, None where there is none: a box says which policy it was made under."""

    text: str
    policy: Policy
    sha256: str | None

    @property
    def wants_witnesses(self) -> bool:
        return self.policy.quorum != NONE


def in_force() -> InForce:
    """Raises ConfigurationError where the file cannot be read, is no policy, or is one of another log."""
    path = current_app.config.get("NARU_POLICY")
    vkey = keys.vkey_of("log")
    if not path:
        text = f"log {vkey}\nquorum {NONE}\n"
        return InForce(text, _parse(text), None)
    try:
        content = Path(path).read_bytes()
        text = content.decode()
        parsed = _parse(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"NARU_POLICY ({path}): {error}") from error
    if vkey not in parsed.logs:
        raise ConfigurationError(f"NARU_POLICY ({path}) does not name this log's key {vkey}")
    return InForce(text, parsed, hashlib.sha256(content).hexdigest())


_parse = lru_cache(maxsize=8)(policy.parse)
