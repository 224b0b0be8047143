"""What a verifier believes before it opens a bundle: keys, witnesses, time-stamping certificates (docs/protocol.md 12).

A pin file is a C2SP tlog-policy with Naru's own lines: `agency VKEY`, `receipt VKEY`, `holder ID VKEY`,
`tsa NAME BASE64`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.tlog import cosignature, note, policy
from app.tlog.note import Verifier, decode_base64
from app.tlog.policy import Policy
from bidding.bundle import Keys

OWN = policy.EXTRAS
_WITNESSED = ("witness", "group", "quorum")


@dataclass(frozen=True, slots=True)
class Pins:
    """`logs`: any of these may be the log's key; empty: none is pinned. `witnesses` None: the bundle's policy decides.

    `certificates`: DER, of authorities whose time stamps count.
    """

    logs: tuple[str, ...] = ()
    agency: str | None = None
    receipt: str | None = None
    holders: Mapping[str, str] = field(default_factory=dict)
    witnesses: Policy | None = None
    certificates: tuple[bytes, ...] = ()

    @classmethod
    def of_keys(cls, keys: Keys) -> Pins:
        """All of a bundle's keys pinned, as a test or the operator's own check does."""
        return cls((keys.log,), keys.agency, keys.receipt, dict(keys.holders))

    def over(self, claimed: Keys) -> Keys:
        """The keys in use: what is pinned, and for the rest what the bundle claims."""
        log = claimed.log if not self.logs or claimed.log in self.logs else self.logs[0]
        agency = claimed.agency if self.agency is None else self.agency
        receipt = claimed.receipt if self.receipt is None else self.receipt
        return Keys(log, agency, receipt, {**claimed.holders, **self.holders}, claimed.operators)


def parse(text: str) -> Pins:
    """Read a pin file. ValueError, with the line, for anything that is none."""
    plain, own = [], []
    for line in text.split("\n"):
        words = line.split()
        is_own = bool(words) and words[0] in OWN
        own += [words] if is_own else []
        plain.append("" if is_own else line)
    firsts = {line.split()[0] for line in plain if line.split()}
    # A file of pins alone says nothing of witnesses; whoever names one must say how many are enough.
    has_witnesses = not firsts.isdisjoint(_WITNESSED)
    read = policy.parse("\n".join(plain if has_witnesses else [*plain, "quorum none"]))
    pinned = _own_lines(own)
    return Pins(
        logs=read.logs,
        agency=pinned.agency,
        receipt=pinned.receipt,
        holders=pinned.holders,
        witnesses=read if has_witnesses else None,
        certificates=pinned.certificates,
    )


def _own_lines(lines: list[list[str]]) -> Pins:
    keys: dict[str, str] = {}
    holders: dict[str, str] = {}
    certificates = []
    for words in lines:
        if words[0] == "holder" and len(words) == 3 and words[1] not in holders:
            holders[words[1]] = _vkey(words[2])
        elif words[0] in ("agency", "receipt") and len(words) == 2 and words[0] not in keys:
            keys[words[0]] = _vkey(words[1])
        elif words[0] == "tsa" and len(words) == 3:
            certificates.append(decode_base64(words[2]))
        else:
            raise ValueError(f"not a line of a policy: {' '.join(words)}")
    return Pins((), keys.get("agency"), keys.get("receipt"), holders, None, tuple(certificates))


def _vkey(spelling: str) -> str:
    Verifier.from_vkey(spelling)
    return spelling


def cosigned_at(witnesses: Policy, signed: str) -> dict[str, int]:
    """When each of the policy's witnesses first cosigned this checkpoint, in seconds since 1970.

    Lines of others are passed over. ValueError where a line that claims to be a witness's is wrong.
    """
    text, lines = note.split(signed)
    times: dict[str, int] = {}
    for name, witness in witnesses.witnesses.items():
        for line in lines:
            if (line.name, line.key_id) == (witness.name, witness.key_id):
                seconds = cosignature.verify(text, line, witness)
                times[name] = min(times.get(name, seconds), seconds)
    return times


def quorum_at(witnesses: Policy, times: Mapping[str, int]) -> int | None:
    """The first second at which enough of them had cosigned; None if they never did, or none is asked for."""
    for second in sorted(set(times.values())) if witnesses.quorum != policy.NONE else ():
        if witnesses.is_quorum({name for name, time in times.items() if time <= second}):
            return second
    return None
