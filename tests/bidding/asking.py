"""A tender's story in a log of its own, and the request for its pieces: nothing but pure modules and a keyholder."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.time import wire
from app.tlog import checkpoint, merkle, note
from app.tlog.canon import jcs
from bidding import bundle
from bidding.keyholder.holder import Holder
from bidding.keyholder.store import Store
from bidding.payload import make_price, make_seed
from bidding.sealing import Lane, box_id, make_ctx, seal_envelope
from bidding.statement import make_statement, statement_hash

Json = dict[str, Any]
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CLOSES = START + timedelta(days=10)
OPENS = CLOSES + timedelta(hours=1)
ORIGIN = "log.naru.example"
TENDER = "R26BK00000001-000"


@dataclass
class Asking:
    """`log` holds the entries in clear; bids are put in by `bid`, and `request()` asks for everything there is."""

    folder: Path
    tender: str = TENDER
    is_documents_first: bool = False
    log: list[Json] = field(default_factory=list)
    log_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    app_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.holder = self.restarted()
        self.items: dict[str, Json] = {}
        self.entries: list[bundle.ListEntry] = []
        answered = self.ask({"ask": "key", "tender": self.tender, "lane": "price"}, START)
        public = note.open_object(answered, "khkey", [self.vkey])["pub"]
        lane = {"holders": [{"id": "A", "pub": public}], "groups": [["A"]], "release": "ceks"}
        self.box: Json = {"v": 1, "tender": self.tender, "notice_sha256": "ab" * 32, "lanes": {"price": lane}}
        self.box |= {"first": "docs"} if self.is_documents_first else {}
        self.lane = Lane.from_json(lane)
        self.seed = self.put("@agency", make_seed())
        self.emit(
            "tender.published", box=box_id(self.box), closes_at=wire(CLOSES), opens_at=wire(OPENS), seeds=[self.seed]
        )

    @property
    def vkey(self) -> str:
        return str(self.holder.who()["vkey"])

    def restarted(self) -> Holder:
        """The same keyholder as a new process would find it."""
        log_vkey = note.vkey(ORIGIN, self.log_key.public_key().public_bytes_raw())
        app_vkey = note.vkey("agency", self.app_key.public_key().public_bytes_raw())
        return Holder("A", Store(self.folder), log_vkey, ORIGIN, app_vkey)

    def emit(self, kind: str, **facts: Any) -> int:
        self.log.append({"type": kind, "tender": self.tender} | facts)
        return len(self.log) - 1

    def put(self, supplier: str, plain: bytes, box: Json | None = None) -> str:
        ctx = make_ctx(box=box_id(box or self.box), tender=self.tender, lot="1", supplier=supplier, bid=str(uuid4()))
        _, envelope = seal_envelope(ctx, self.lane, plain)
        return self.put_envelope(ctx, envelope)

    def put_envelope(self, ctx: Json, envelope: Json) -> str:
        statement = make_statement(ctx, envelope, notice_sha256="ab" * 32, client="0" * 64, made=START)
        stmt = statement_hash(statement)
        self.items[stmt] = {"statement": statement, "envelope": envelope}
        return stmt

    def bid(self, supplier: str = "1248100901") -> str:
        """A sealed bid in the list, its entry in the log."""
        return self.enter(self.put(supplier, make_price(90_000_000, (1, 2))))

    def enter(self, stmt: str) -> str:
        self.entries.append(bundle.ListEntry(stmt, self.emit("bid.submitted", stmt=stmt), wire(START)))
        return stmt

    def close(self, group: tuple[str, ...] = ("A",), **changes: Any) -> None:
        self.entries.sort(key=lambda entry: entry.stmt)
        _, root, _ = bundle.freeze_list(self.entries)
        facts = {"box": box_id(self.box), "opens_at": wire(OPENS), "box_root": root} | changes
        self.closed = self.emit("tender.closed", **facts)
        self.group = self.emit("opening.group", group=list(group))

    def hashes(self) -> list[bytes]:
        return [merkle.leaf_hash(jcs({"e": event, "v": 1})) for event in self.log]

    def entry(self, index: int) -> Json:
        """An entry with its proof in the log as it is now."""
        hashes = self.hashes()
        proof = merkle.inclusion_proof(index, len(hashes), merkle.memory(hashes))
        spelled = [base64.b64encode(step).decode() for step in proof]
        return {"index": index, "event": self.log[index], "proof": spelled}

    def request(self, seen: int = 0, **changes: Any) -> Json:
        """Everything a keyholder wants, proved in the log as it is now; `changes` replace members."""
        hashes = self.hashes()
        node, size, entry = merkle.memory(hashes), len(hashes), self.entry
        spell = [base64.b64encode(step).decode() for step in merkle.consistency_proof(seen, size, node)] if seen else []
        moved = [n for n, event in enumerate(self.log) if event["type"] == "tender.deadline_changed"]
        asked: Json = {
            "ask": "pieces",
            "tender": self.tender,
            "lane": "price",
            "box": self.box,
            "published": entry(0),
            "changes": [entry(index) for index in moved],
            "closed": entry(self.closed),
            "group": entry(self.group),
            "checkpoint": self.checkpoint(merkle.root(hashes), size),
            "consistency": spell,
            "list": [one.to_json() for one in self.entries],
            "items": list(self.items.values()),
        }
        return asked | changes

    def checkpoint(self, root: bytes, size: int, origin: str = ORIGIN) -> str:
        return checkpoint.sign(checkpoint.Checkpoint(origin, size, root), self.log_key)

    def ask(self, request: Json, now: datetime, key: Ed25519PrivateKey | None = None) -> str:
        """The answer to a request signed by the application, or by `key`."""
        told = {"v": 1, "type": "khrequest", **request}
        return self.holder.answer(note.sign_object("khrequest", told, "agency", key or self.app_key), now)

    def pieces(self, answer: str) -> dict[str, str | None]:
        pieces: dict[str, str | None] = note.open_object(answer, "pieces", [self.vkey])["pieces"]
        return pieces


def ready(folder: Path, bids: int = 2) -> Asking:
    """A closed tender with its group fixed: the pieces are due at `OPENS`."""
    asking = Asking(folder)
    for number in range(bids):
        asking.bid(f"12481009{number:02d}")
    asking.close()
    return asking
