"""What a keyholder does when asked: make a key, seal a contribution, open a test, give pieces. It answers by notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.ids import new_id
from app.time import from_wire, wire
from app.tlog import note
from app.tlog.canon import b64u
from app.tlog.checkpoint import open_checkpoint
from app.tlog.policy import Policy
from bidding.keyholder.checks import LANES, MISSHAPEN, Json, Refused, Trust, check_release, read_story
from bidding.keyholder.store import Store
from bidding.payload import make_seed
from bidding.policy import Medium
from bidding.sealing import BidderFault, Lane, box_id, make_ctx, open_with_key, open_wrap, seal_envelope
from bidding.statement import make_statement

# The statement of a contribution names no browser build: a program of our own made it.
NO_CLIENT = "0" * 64
# Whom a test envelope is from. No bid's wrap opens under this context, so that a test is no way to open one.
TESTER = "@test"


@dataclass(frozen=True, slots=True)
class Holder:
    """`name` is its id in boxes (`A`); `log_vkey` and `origin` are the log it trusts, `app_vkey` who may ask.

    `policy` says how many witnesses must have cosigned a checkpoint of that log; None: its own signature has to do.
    """

    name: str
    store: Store
    log_vkey: str
    origin: str
    app_vkey: str
    policy: Policy | None = None
    takes_override: bool = False

    @property
    def key_name(self) -> str:
        return f"keyholder-{self.name}"

    def who(self) -> Json:
        """Its verifier key, and how much of the log it has seen (so that a consistency proof can be brought)."""
        seen = self.store.last_checkpoint()
        size = open_checkpoint(seen, [self.log_vkey]).size if seen else 0
        public = self.store.identity().public_key().public_bytes_raw()
        return {"v": 1, "holder": self.name, "vkey": note.vkey(self.key_name, public), "seen": size}

    def answer(self, signed_request: str, now: datetime) -> str:
        """Answer a request (a note of type `khrequest` by the application's key). Raises Refused."""
        try:
            request = note.open_object(signed_request, "khrequest", [self.app_vkey])
        except ValueError as error:
            raise Refused("R7", f"the request: {error}") from error
        asks = {"key": self._key, "seed": self._seed, "test": self._test, "pieces": self._pieces}
        asked = asks.get(str(request.get("ask")))
        if asked is None:
            raise Refused("R7", "nothing that a keyholder does")
        try:
            # One after another: what was seen of the log must not go back.
            with self.store.lock:
                return asked(request, now)
        except MISSHAPEN as error:
            raise Refused("R7", f"not a proper request: {error}") from error

    def _sign(self, kind: str, value: Json) -> str:
        return note.sign_object(kind, value, self.key_name, self._identity())

    def _identity(self) -> Ed25519PrivateKey:
        return self.store.identity()

    def _key(self, request: Json, now: datetime) -> str:
        tender, lane = str(request["tender"]), str(request["lane"])
        if lane not in LANES:
            raise Refused("R7", f"no lane {lane}")
        standing = self.store.find_key(tender, lane)
        if standing is not None:
            return standing[1]
        key = X25519PrivateKey.generate()
        published = self._sign(
            "khkey",
            {
                "v": 1,
                "type": "khkey",
                "tender": tender,
                "lane": lane,
                "holder": self.name,
                "suite": "S1",
                "pub": b64u(key.public_key().public_bytes_raw()),
                "created": wire(now),
            },
        )
        return self.store.keep_key(tender, lane, key, published)

    def _seed(self, request: Json, now: datetime) -> str:
        """The sealed contribution to a box: 32 bytes that the holder itself forgets."""
        box: Json = request["box"]
        box_name, tender = box_id(box), str(box["tender"])
        lane = Lane.from_json(box["lanes"]["price"])
        ctx = make_ctx(box=box_name, tender=tender, lot="1", supplier=f"@{self.name}", bid=str(new_id()))
        _, envelope = seal_envelope(ctx, lane, make_seed())
        statement = make_statement(ctx, envelope, notice_sha256=box["notice_sha256"], client=NO_CLIENT, made=now)
        answer = self._sign("khseed", {"v": 1, "type": "khseed", "statement": statement, "envelope": envelope})
        return self.store.keep_seed(tender, box_name, answer)

    def _test(self, request: Json, now: datetime) -> str:
        """Open fresh test envelopes; before the publication with the keys of the backup, as after a restoration."""
        tender, medium = str(request["tender"]), Medium(request["medium"])
        try:
            store = self.store.restored() if medium == Medium.RESTORED else self.store
        except LookupError as error:
            raise Refused("R1", str(error)) from error
        texts = {}
        for lane, envelope in request["envelopes"].items():
            standing = store.find_key(tender, lane)
            if standing is None:
                raise Refused("R1", f"no key for {tender} {lane} in {medium}")
            if (envelope["ctx"]["supplier"], envelope["ctx"]["tender"]) != (TESTER, tender):
                raise Refused("R6", "not a test envelope of this tender")
            texts[lane] = b64u(open_with_key(envelope, open_wrap(envelope, self.name, standing[0])))
        answer = {"v": 1, "type": "khtest", "tender": tender, "holder": self.name, "medium": medium, "texts": texts}
        return self._sign("khtest", {**answer, "at": wire(now)})

    def _pieces(self, request: Json, now: datetime) -> str:
        tender, lane = str(request["tender"]), str(request["lane"])
        standing = self.store.find_key(tender, lane)
        if standing is None:
            raise Refused("R1", f"no key for {tender} {lane}")
        story = read_story(request, self._trust())
        self.store.see_opening_time(tender, wire(story.opens_at))
        permission = check_release(request, story, self.name, from_wire(self.store.opens_at(tender) or ""), now)
        pieces = {stmt: self._piece(envelope, standing[0]) for stmt, envelope in permission.envelopes.items()}
        try:
            self.store.keep_list(tender, lane, story.box_root, story.closed_index)
            self.store.keep_answers(tender, lane, {stmt: piece or "" for stmt, piece in pieces.items()}, wire(now))
        except ValueError as error:
            raise Refused("R1", str(error)) from error
        self.store.see(request["checkpoint"])
        return self._sign(
            "pieces",
            {
                "v": 1,
                "type": "pieces",
                "tender": tender,
                "lane": lane,
                "holder": self.name,
                "closed_idx": story.closed_index,
                "pieces": pieces,
            },
        )

    def _trust(self) -> Trust:
        seen = self.store.last_checkpoint()
        last = open_checkpoint(seen, [self.log_vkey]) if seen else None
        return Trust(self.name, self.origin, self.log_vkey, last, self.policy, self.takes_override)

    def _piece(self, envelope: dict[str, Any], key: X25519PrivateKey) -> str | None:
        """A holder's blob; None where the bidder's wrap does not hold what the bidder committed to."""
        try:
            return b64u(open_wrap(envelope, self.name, key))
        except BidderFault:
            return None
