"""A tender with everything that a bundle may hold: witnesses, time stamps, documents, passkeys, outages, lost keys.

Built upon `World`, from the pure modules alone; what is not asked for is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.time import wire
from app.tlog import checkpoint, cosignature, merkle, note
from app.tlog.canon import b64u, digest, jcs
from bidding import bundle, chunked
from bidding.docs_envelope import seal_docs_envelope
from bidding.opening import recovered_line
from bidding.sealing import Lane, join, open_wrap
from bidding.types import Evaluation
from tests.bidding.authenticator import ORIGIN, RP_ID, Authenticator
from tests.bidding.tokens import Stamps
from tests.bidding.world import CLOSES, START, Json, World

APPROVALS = ["person:1", "person:2"]


@dataclass
class FullWorld(World):
    """`witnesses`: how many there are; a majority is the quorum. `see` archives a checkpoint that they cosigned."""

    witnesses: int = 0
    takes_docs: bool = False
    names_holders: bool = False
    operators: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        self.witness_keys = {f"W{n + 1}": Ed25519PrivateKey.generate() for n in range(self.witnesses)}
        self.docs_keys = {holder: X25519PrivateKey.generate() for holder in self.holders}
        self.passkeys: dict[str, Authenticator] = {}
        self.sights: list[tuple[int, datetime, tuple[str, ...]]] = []  # size, when, which witnesses
        self.stamped: list[tuple[int, datetime]] = []
        self.stamps: Stamps | None = None
        self.recovery: Json | None = None
        self.next_at: datetime | None = None
        super().__post_init__()

    # ---- the box

    def more_lanes(self) -> Json:
        if not self.takes_docs:
            return {}
        keys = [{"id": holder, "pub": self._docs_pub(holder)} for holder in self.holders]
        return {"docs": {"holders": keys, "groups": [list(group) for group in self.groups], "release": "ceks"}}

    def _docs_pub(self, holder: str) -> str:
        return b64u(self.docs_keys[holder].public_key().public_bytes_raw())

    def docs_khkeys(self) -> dict[str, str]:
        if not self.takes_docs:
            return {}
        common = {"v": 1, "type": "khkey", "tender": self.tender, "lane": "docs"}
        return {
            holder: self.sign("khkey", {**common, "holder": holder, "pub": self._docs_pub(holder)}, holder)
            for holder in self.holders
        }

    @property
    def policy_text(self) -> str | None:
        if not self.witness_keys:
            return None
        lines = [f"log {self.vkey('log')}"]
        lines += [f"witness {name} {self.witness_vkey(name)}" for name in self.witness_keys]
        enough = self.witnesses // 2 + 1
        return "\n".join([*lines, f"group q {enough} {' '.join(self.witness_keys)}", "quorum q", ""])

    def witness_vkey(self, name: str) -> str:
        public = self.witness_keys[name].public_key().public_bytes_raw()
        return cosignature.vkey(f"{name.lower()}.witness.example", public)

    def policy_sha256(self) -> str | None:
        text = self.policy_text
        return hashlib.sha256(text.encode()).hexdigest() if text is not None else None

    def emit(self, kind: str, at: datetime, salt: bytes | None = None, /, **facts: Any) -> int:
        if kind == "tender.published" and self.names_holders:
            facts["holders"] = {holder: self.vkey(holder) for holder in self.holders}
        if kind == "tender.published" and self.operators:
            facts["operators"] = dict(self.operators)
        return super().emit(kind, at, salt, **facts)

    def pin_file(self) -> str:
        """What a verifier with a mind of its own would pin."""
        lines = [self.policy_text or f"log {self.vkey('log')}"]
        lines += [f"agency {self.vkey('agency')}", f"receipt {self.vkey('receipt')}"]
        lines += [f"holder {holder} {self.vkey(holder)}" for holder in self.holders]
        return "\n".join([*lines, ""])

    # ---- bids

    def enrol(self, supplier: str) -> None:
        passkey = self.passkeys.get(supplier)
        if passkey is None:
            super().enrol(supplier)
            return
        key: Json = {"public": b64u(passkey.public), "cose_alg": passkey.cose_alg, "rp_id": RP_ID, "origins": [ORIGIN]}
        self.emit("supplier.key_added", START, supplier=supplier, kid=supplier, alg="webauthn", **key)

    def sign_bid(self, supplier: str, stmt: str) -> Json:
        passkey = self.passkeys.get(supplier)
        if passkey is None:
            return super().sign_bid(supplier, stmt)
        return {"alg": "webauthn", "kid": supplier, **passkey.sign(bytes.fromhex(stmt))}

    def received_at(self) -> datetime:
        at, self.next_at = self.next_at, None
        return at if at is not None else super().received_at()

    def documents(self, supplier: str, number: int) -> Json:
        """The envelope of two files, themselves thrown away: no bundle holds them."""
        ctx = {**self.ctx(supplier, number), "lane": "docs"}
        files = [(n, hashlib.sha256(bytes([n])).hexdigest(), chunked.sealed_length(1000 * (n + 1))) for n in range(3)]
        return seal_docs_envelope(
            ctx, Lane.from_json(self.box["lanes"]["docs"]), hashlib.sha256(b"cek").digest(), files
        )

    # ---- others who look on

    def see(self, at: datetime, *names: str) -> int:
        """Archive the log as it is, cosigned at this instant by these witnesses (none named: all); its size."""
        self.sights.append((len(self.log), at, names or tuple(self.witness_keys)))
        return len(self.log)

    def stamp(self, at: datetime) -> None:
        """Have the last checkpoint that was seen stamped."""
        self.stamps = self.stamps or Stamps()
        self.stamped.append((self.sights[-1][0], at))

    def checkpoint_of(self, size: int, at: datetime, names: Sequence[str]) -> str:
        """The log's first entries as a signed checkpoint, cosigned."""
        root = merkle.root(self.hashes()[:size])
        signed = checkpoint.sign(checkpoint.Checkpoint(self.names["log"], size, root), self.keys["log"])
        lines = []
        for name in names:
            key, named = self.witness_keys[name], f"{name.lower()}.witness.example"
            lines.append(cosignature.sign(note.text_of(signed), named, key, int(at.timestamp())))
        return cosignature.add(signed, lines)

    def hashes(self) -> list[bytes]:
        return [
            merkle.leaf_hash(
                jcs({"e": event, "v": 1})
                if salt is None
                else jcs({"c": digest("event", salt + jcs(event)).hex(), "v": 1})
            )
            for event, salt in self.log
        ]

    # ---- what goes wrong

    def postpone_for_outage(self, began: datetime, ended: datetime) -> None:
        """An outage over the deadline; it is moved two hours beyond the recovery's announcement."""
        announced = ended + timedelta(minutes=10)
        old, new = self.closes, max(self.closes, announced) + timedelta(hours=2)
        told: Json = {"began": wire(began), "ended": wire(ended), "announced": wire(announced)}
        self.emit("outage.declared", ended, outage="outage-1", approvals=APPROVALS, **told)
        facts: Json = {"old": wire(old), "new": wire(new), "outage": "outage-1", "reason": "outage"}
        self.emit("tender.deadline_changed", ended, approvals=APPROVALS, **facts)
        self.closes = new

    def recover(self, without: Sequence[str] = ()) -> Evaluation:
        """No group can open: the bidders (all but those of `without`) and whoever sealed a seed give their keys."""
        at = self.closes + timedelta(hours=1)
        told: Json = {"cancelled": len(self.cancelled)} if self.cancelled else {}
        self.emit("opening.group", at, lane="price", group=list(self.groups[0]), **told)
        self.emit("opening.recovery", at, lane="price", until=wire(at + timedelta(days=2)), approvals=APPROVALS)
        order = self.opened_order()
        ceks = {stmt: self._cek(self.items[stmt].envelope) for stmt in order if stmt not in without}
        given = {stmt: b64u(cek) for stmt, cek in ceks.items()}
        self.recovery = {"v": 1, "type": "recovery", "lane": "price", "ceks": given}
        sha256 = hashlib.sha256(jcs(self.recovery)).hexdigest()
        self.emit("opening.recovered", at + timedelta(days=2), lane="price", recovery_sha256=sha256)
        envelopes = {stmt: self.items[stmt].envelope for stmt in order}
        return self.finish([recovered_line(self.rule, stmt, envelopes[stmt], ceks.get(stmt)) for stmt in order])

    def can_open(self, stmt: str) -> bool:
        """Whether every wrap of this envelope still opens."""
        envelope = self.items[stmt].envelope
        return all(self.piece(holder, envelope) is not None for holder in self.holders)

    def _cek(self, envelope: Json) -> bytes:
        """What the bidder has kept; here taken from the holders' wraps, which still open in a test."""
        blobs = {holder: open_wrap(envelope, holder, self.lane_keys[holder]) for holder in self.groups[0]}
        return join(self.groups, 0, blobs)

    # ---- the bundle

    def parts(self) -> bundle.BundleParts:
        parts, size = super().parts(), len(self.log)
        if not (self.witness_keys or self.sights or self.takes_docs or self.recovery):
            return parts
        last = max([self.closes + timedelta(hours=3), *(at for _, at, _ in self.sights)])
        node = merkle.memory(self.hashes())
        archived = {}
        for seen, at, names in self.sights:
            token = next((self._token(seen, at) for stamped, at in self.stamped if stamped == seen), None)
            proof = tuple(merkle.consistency_proof(seen, size, node))
            archived[seen] = bundle.Archived(seen, self.checkpoint_of(seen, at, names), proof, token)
        return replace(
            parts,
            checkpoint=self.checkpoint_of(size, last, tuple(self.witness_keys)),
            policy=self.policy_text,
            archived=list(archived.values()),
            docs_khkeys=self.docs_khkeys(),
            recovery=self.recovery,
        )

    def _token(self, size: int, at: datetime) -> bytes:
        assert self.stamps is not None
        return self.stamps.stamp(note.text_of(self.checkpoint_of(size, at, ())), at)


def near_closing() -> datetime:
    """Within the ten minutes in which witnesses look more often."""
    return CLOSES - timedelta(minutes=5)
