"""A whole tender made from nothing but the pure modules: a log, keys, keyholders, bidders, an opening, an award.

What it makes is what the services publish, so that the verifier's tests need neither database nor server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.time import wire
from app.tlog import checkpoint, merkle, note
from app.tlog.canon import b64u, digest, jcs
from bidding import bundle, opening, payload
from bidding.evaluation import digest_of, draw_sha256, evaluate
from bidding.review import Review
from bidding.scoring import read_scoring
from bidding.sealing import BidderFault, Lane, box_id, make_ctx, open_wrap, seal_envelope
from bidding.standing import Standing, stand
from bidding.standing import digest_of as standing_digest
from bidding.statement import make_receipt, make_statement, receipt_note, sign_statement, statement_hash
from bidding.types import DrawRule, Evaluation, Exclusion, NoticeTerms

Json = dict[str, Any]
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CLOSES = START + timedelta(days=10)
CLIENT = "c1" * 32


def bid_uuid(number: int) -> str:
    return str(UUID(int=(0x0198C0DE00007000 << 64) | (0x8 << 60) | number))


@dataclass
class World:
    """`closing()` and `award()` move it on; `parts()` is the bundle at that point."""

    rule: DrawRule = field(default_factory=lambda: DrawRule(base={"1": 250_000_000}))
    holders: tuple[str, ...] = ("A",)
    groups: tuple[tuple[str, ...], ...] = (("A",),)
    method: str = "quote"
    floor_rate: int | None = 88_000
    tender: str = "R26BK00000001-000"
    given: tuple[int, ...] = ()
    tender_of_terms: str = ""
    scoring: Json | None = None

    def __post_init__(self) -> None:
        self.keys = {name: Ed25519PrivateKey.generate() for name in ("log", "agency", "receipt", *self.holders)}
        self.names = {name: f"{name}.naru.example" for name in self.keys}
        self.lane_keys = {holder: X25519PrivateKey.generate() for holder in self.holders}
        self.suppliers: dict[str, Ed25519PrivateKey] = {}
        self.log: list[tuple[Json, bytes | None]] = []
        self.items: dict[str, bundle.SealedItem] = {}
        self.entries: list[bundle.ListEntry] = []
        self.receipts: dict[str, str] = {}
        self.seeds: list[Json] = []
        self.pieces: list[str] = []
        self.lines: list[opening.Line] = []
        self.evaluation: Evaluation | None = None
        self.award_json: Json | None = None
        self.cancelled: list[str] = []
        self.reviews: list[Review] = []
        scoring = read_scoring(self.method, self.scoring)
        named = self.tender_of_terms or self.tender
        self.terms = NoticeTerms(named, self.method, self.floor_rate, "test", scoring=scoring)
        self.notice = bundle.make_notice(self.terms.to_json(), title="문서고 정비 용역")
        public = {holder: b64u(key.public_key().public_bytes_raw()) for holder, key in self.lane_keys.items()}
        lane = {
            "holders": [{"id": holder, "pub": public[holder]} for holder in self.holders],
            "groups": [list(group) for group in self.groups],
            "release": "ceks",
        }
        self.box: Json = {
            "v": 1,
            "type": "box",
            "tender": self.tender,
            "notice_sha256": bundle.notice_sha256(self.notice),
            "suite": "S1",
            "lanes": {"price": lane, **self.more_lanes()},
            "draw": self.rule.to_json(),
            "replace": "forbidden",
            "bid_statement_max": 65536,
            "policy": self.policy_sha256(),
            **self.more_of_box(),
        }
        self.lane = Lane.from_json(lane)
        self.box_id = box_id(self.box)
        self.khkeys = {
            holder: self.sign(
                "khkey",
                {
                    "v": 1,
                    "type": "khkey",
                    "tender": self.tender,
                    "lane": "price",
                    "holder": holder,
                    "pub": public[holder],
                },
                holder,
            )
            for holder in self.holders
        }
        self._publish()

    def more_lanes(self) -> Json:
        """Lanes of the box beside the price's."""
        return {}

    def more_of_box(self) -> Json:
        """Members of the box that only some have."""
        return {}

    def policy_sha256(self) -> str | None:
        """The policy of witnesses that the box names."""
        return None

    def sign(self, kind: str, value: Json, who: str) -> str:
        return note.sign_object(kind, value, self.names[who], self.keys[who])

    def vkey(self, who: str) -> str:
        return note.vkey(self.names[who], self.keys[who].public_key().public_bytes_raw())

    def emit(self, kind: str, at: datetime, salt: bytes | None = None, /, **facts: Any) -> int:
        tender = {} if kind.startswith("supplier.") else {"tender": self.tender}
        event = {"type": kind, "at": wire(at), "actor": "person:1", "subject": self.tender, **tender, **facts}
        self.log.append((event, salt))
        return len(self.log) - 1

    def _publish(self) -> None:
        for holder in opening.seed_holders(self.rule, self.lane):
            plain = payload.make_prices(self.given) if holder == opening.PRICES else payload.make_seed()
            ctx = self.ctx(holder, 900 + len(self.seeds))
            _, envelope = seal_envelope(ctx, self.lane, plain)
            statement = self.statement(ctx, envelope)
            stmt = statement_hash(statement)
            self.items[stmt] = bundle.SealedItem(stmt, statement, envelope)
            self.seeds.append({"holder": holder, "stmt": stmt})
        self.emit(
            "tender.published",
            START,
            box=self.box_id,
            notice_sha256=self.box["notice_sha256"],
            closes_at=wire(CLOSES),
            opens_at=wire(CLOSES + timedelta(hours=1)),
            seeds=[seed["stmt"] for seed in self.seeds],
            approvals=["person:1", "person:2"],
        )

    def ctx(self, supplier: str, number: int) -> Json:
        return make_ctx(box=self.box_id, tender=self.tender, lot="1", supplier=supplier, bid=bid_uuid(number))

    def statement(self, ctx: Json, envelope: Json, docs: Json | None = None) -> Json:
        notice = self.box["notice_sha256"]
        return make_statement(ctx, envelope, notice_sha256=notice, client=CLIENT, made=START, docs=docs)

    def bid(
        self,
        supplier: str,
        amount_won: int,
        picks: tuple[int, ...] = (1, 2),
        plain: bytes | None = None,
        quantity: int | None = None,
    ) -> str:
        """Seal, sign, submit and receipt one bid. `plain` replaces the price payload (a faulty bidder)."""
        plain = payload.make_price(amount_won, picks, quantity=quantity) if plain is None else plain
        ctx = self.ctx(supplier, len(self.entries) + 1)
        _, envelope = seal_envelope(ctx, self.lane, plain)
        return self.submit(supplier, ctx, envelope)

    def enrol(self, supplier: str) -> None:
        key = self.suppliers.setdefault(supplier, Ed25519PrivateKey.generate())
        public = b64u(key.public_key().public_bytes_raw())
        self.emit("supplier.key_added", START, supplier=supplier, kid=supplier, alg="Ed25519", public=public)

    def sign_bid(self, supplier: str, stmt: str) -> Json:
        return sign_statement(stmt, supplier, self.suppliers[supplier])

    def received_at(self) -> datetime:
        """When the next bid comes."""
        return START + timedelta(minutes=1 + len(self.entries))

    def submit(self, supplier: str, ctx: Json, envelope: Json, docs: Json | None = None) -> str:
        self.enrol(supplier)
        statement = self.statement(ctx, envelope, docs)
        stmt = statement_hash(statement)
        received = self.received_at()
        salt = hashlib.sha256(stmt.encode()).digest()
        idx = self.emit("bid.submitted", received, salt, stmt=stmt)
        self.entries.append(bundle.ListEntry(stmt, idx, wire(received)))
        self.items[stmt] = bundle.SealedItem(stmt, statement, envelope, self.sign_bid(supplier, stmt), docs)
        commitment = digest("event", salt + jcs(self.log[idx][0]))
        receipt = make_receipt(
            statement, stmt, received=received, commitment=commitment, salt=salt, origin=self.names["log"]
        )
        self.receipts[stmt] = receipt_note(receipt, self.names["receipt"], self.keys["receipt"])
        return stmt

    def extend(self, days: int) -> None:
        old, new = CLOSES, CLOSES + timedelta(days=days)
        self.emit(
            "tender.deadline_changed",
            START + timedelta(days=1),
            old=wire(old),
            new=wire(new),
            approvals=["person:1", "person:2"],
        )
        self.closes = new

    closes: datetime = CLOSES

    def close(self) -> None:
        self.entries.sort(key=lambda entry: entry.stmt)
        _, self.box_root, list_sha256 = bundle.freeze_list(self.entries)
        self.closed_idx = self.emit(
            "tender.closed",
            self.closes,
            box=self.box_id,
            closes_at=wire(self.closes),
            closed_at=wire(self.closes + timedelta(seconds=1)),
            count=len(self.entries),
            box_root=self.box_root,
            list_sha256=list_sha256,
        )

    def cancel(self, *stmts: str) -> None:
        """Two officers let these be taken back, before the opening."""
        self.cancelled += stmts
        granted = [{"stmt": stmt, "approvals": ["person:1", "person:2"]} for stmt in sorted(stmts)]
        self.emit("tender.cancellations", self.closes + timedelta(minutes=30), stmts=granted)
        for stmt in stmts:
            self.items[stmt] = replace(self.items[stmt], envelope={}, docs=None)

    def open(self, chosen: int = 0, exclusions: tuple[Exclusion, ...] = (), tried: tuple[int, ...] = ()) -> Evaluation:
        """Pieces, opening, draw, evaluation, as the services would. `tried`: groups that were fixed before, in vain."""
        fixed = [*tried, chosen]
        group = self.groups[chosen]
        told: Json = {"cancelled": len(self.cancelled)} if self.cancelled else {}
        at = self.closes + timedelta(hours=1)
        self.emit("opening.group", at, lane="price", group=list(self.groups[fixed[0]]), **told)
        for number in fixed[1:]:
            again: Json = {"group": list(self.groups[number]), "missing": ["X"], "reason": "no-answer"}
            self.emit("opening.fallback", at, lane="price", approvals=["person:1", "person:2"], **again)
        sealed = {stmt: item for stmt, item in self.items.items() if item.envelope}
        blobs: dict[str, dict[str, bytes | None]] = {stmt: {} for stmt in sealed}
        for holder in group:
            pieces = {stmt: self.piece(holder, item.envelope) for stmt, item in sealed.items()}
            for stmt, blob in pieces.items():
                blobs[stmt][holder] = blob
            self.pieces.append(self.pieces_note(holder, pieces))
        lines = [
            opening.open_line(self.rule, self.lane, chosen, stmt, self.items[stmt].envelope, blobs[stmt])
            for stmt in self.opened_order()
        ]
        return self.finish(lines, exclusions)

    def opened_order(self) -> list[str]:
        bids = (entry.stmt for entry in self.entries if entry.stmt not in self.cancelled)
        return [*(seed["stmt"] for seed in self.seeds), *bids]

    def finish(self, lines: list[opening.Line], exclusions: tuple[Exclusion, ...] = ()) -> Evaluation:
        """The draw and the evaluation of what was found, and the entry that names them."""
        self.lines = lines
        found = [line.found for line in self.lines]
        self.evaluation = evaluate(
            self.terms,
            self.rule,
            box_id=self.box_id,
            box_root=self.box_root,
            seeds=opening.gather_seeds(self.rule, self.lane, found),
            found=opening.bids_of(found),
            exclusions=exclusions,
        )
        draw = self.evaluation.draw
        self.emit(
            "opening.opened",
            self.closes + timedelta(hours=1, minutes=1),
            opening_sha256=hashlib.sha256(opening.write_lines(self.lines)).hexdigest(),
            draw_sha256=draw_sha256(draw) if draw is not None else None,
            evaluation=digest_of(self.evaluation),
        )
        return self.evaluation

    def piece(self, holder: str, envelope: Json) -> bytes | None:
        try:
            return open_wrap(envelope, holder, self.lane_keys[holder])
        except BidderFault:
            return None

    def pieces_note(self, holder: str, pieces: Mapping[str, bytes | None]) -> str:
        value = {
            "type": "pieces",
            "tender": self.tender,
            "lane": "price",
            "closed_idx": self.closed_idx,
            "pieces": {stmt: b64u(blob) if blob is not None else None for stmt, blob in pieces.items()},
        }
        return self.sign("pieces", value, holder)

    def award(self, disqualified: tuple[Json, ...] = ()) -> None:
        assert self.evaluation is not None
        out = {entry["stmt"] for entry in disqualified}
        first = next(placing for placing in self.evaluation.placings if placing.rank and placing.stmt not in out)
        facts: Json = {
            "stmt": first.stmt,
            "supplier": first.supplier,
            "amount": str(first.amount_won),
            "evaluation": digest_of(self.evaluation),
            "approvals": ["person:1", "person:2"],
        }
        terms = {"v": 1, "type": "award", "tender": self.tender, "lot": "1"}
        self.award_json = {**terms, **facts, "disqualified": list(disqualified)}
        self.emit("award.confirmed", self.closes + timedelta(hours=2), **facts)

    def review(self, stmt: str, kind: str, result: str = "fail", **more: Any) -> Review:
        """Two persons decide about a ranked bid."""
        at = self.closes + timedelta(hours=3, minutes=len(self.log))
        held = {"reason": "not-eligible", "legal_basis": "국가계약법 시행규칙 제44조제1항"} if result == "fail" else {}
        made = Review(self.tender, "1", stmt, kind, result, ("person:1", "person:2"), wire(at), **(held | more))
        self.reviews.append(made)
        self.emit(
            "review.decided", at, stmt=stmt, kind=kind, result=result, review_sha256=made.sha256,
            approvals=list(made.approvals),
        )  # fmt: skip
        return made

    def standing(self) -> Standing:
        assert self.evaluation is not None
        return stand(self.evaluation.to_json(), self.reviews)

    def award_by_standing(self) -> None:
        assert self.evaluation is not None
        standing = self.standing()
        facts: Json = {
            **{name: value for name, value in standing.winners[0].to_json().items() if name != "quantity"},
            "evaluation": digest_of(self.evaluation),
            "standing": standing_digest(standing),
            "approvals": ["person:1", "person:2"],
        }
        terms = {"v": 1, "type": "award", "tender": self.tender, "lot": "1"}
        several = {"winners": [one.to_json() for one in standing.winners]} if self.method == "desired-quantity" else {}
        self.award_json = {**terms, **facts, **several, "disqualified": []}
        self.emit("award.confirmed", self.closes + timedelta(hours=4, minutes=len(self.log)), **facts)

    def refuse_to_sign(self) -> None:
        """The award is undone: its bidder does not sign."""
        assert self.award_json is not None
        stmt = self.award_json["stmt"]
        self.review(stmt, "refusal", reason="contract-refused", legal_basis="국가계약법 시행령 제38조")
        self.emit("award.refused", self.closes + timedelta(hours=5, minutes=len(self.log)), stmt=stmt)
        self.award_json = None

    def parts(self) -> bundle.BundleParts:
        leaves = [
            jcs({"e": event, "v": 1}) if salt is None else jcs({"c": digest("event", salt + jcs(event)).hex(), "v": 1})
            for event, salt in self.log
        ]
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        node = merkle.memory(hashes)
        signed = checkpoint.sign(
            checkpoint.Checkpoint(self.names["log"], len(leaves), merkle.root(hashes)), self.keys["log"]
        )
        events = [
            bundle.LoggedEvent(index, event, salt, tuple(merkle.inclusion_proof(index, len(leaves), node)))
            for index, (event, salt) in enumerate(self.log)
        ]
        evaluation = self.evaluation
        return bundle.BundleParts(
            notice=self.notice,
            box_note=self.sign("box", self.box, "agency"),
            khkeys=self.khkeys,
            keys=bundle.Keys(
                self.vkey("log"), self.vkey("agency"), self.vkey("receipt"), {h: self.vkey(h) for h in self.holders}
            ),
            checkpoint=signed,
            events=events,
            seeds=self.seeds,
            entries=self.entries,
            items=list(self.items.values()),
            pieces=self.pieces,
            opening=opening.write_lines(self.lines),
            draw=evaluation.draw.to_json() if evaluation is not None and evaluation.draw is not None else None,
            evaluation=evaluation.to_json() if evaluation is not None else None,
            award=self.award_json,
            reviews=[review.to_json() for review in self.reviews],
            standing=self.standing().to_json() if self.reviews else None,
        )

    def bundle(self, **changes: Any) -> bytes:
        return bundle.write(replace(self.parts(), **changes))


def finished(**settings: Any) -> World:
    """A tender with five bids, awarded. 225,000,000 is valid and lowest whatever the draw."""
    world = World(**settings)
    for number, amount in enumerate((225_000_000, 226_000_000, 226_000_000, 100_000_000, 300_000_000), start=1):
        world.bid(f"12481009{number:02d}", amount, (number, number + 3))
    world.close()
    world.open()
    world.award()
    return world
