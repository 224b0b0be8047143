"""Envelopes between the browser's code (in Node) and ours, both ways, as many as one likes (C6)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.time import wire
from app.tlog.canon import b64u, parse, unb64u
from bidding import payload, sealing
from bidding.statement import SupplierKey, check_pair, check_statement, ctx_of, statement_hash, verify_signature
from bidding.types import DrawRule
from tests.bidding.node import ask

TENDER = "R26BK00000001-000"
NOTICE = "cd" * 32
CLIENT = "ef" * 32
BOX = "ab" * 32
RULE = DrawRule(base={"1": 250_000_000})
AT = datetime(2026, 11, 23, 0, 59, 59, 123456, UTC)
Groups = list[list[str]]

POLICIES: Mapping[str, Groups] = {
    "1 of 1": [["A"]],
    "2 of 2": [["A", "B"]],
    "2 of 3": [["A", "B"], ["A", "C"], ["B", "C"]],
    "3 of 5": [list(group) for group in combinations("ABCDE", 3)],
    "S and 2 of 3": [["S", "A", "B"], ["S", "A", "C"], ["S", "B", "C"]],
}


def make_lane(groups: Groups) -> tuple[dict[str, Any], dict[str, X25519PrivateKey]]:
    keys = {holder: X25519PrivateKey.generate() for holder in sorted({one for group in groups for one in group})}
    holders = [{"id": one, "pub": b64u(key.public_key().public_bytes_raw())} for one, key in keys.items()]
    return {"holders": holders, "groups": groups, "release": "ceks"}, keys


def some_bids(count: int, seed: int = 0) -> list[dict[str, Any]]:
    rnd = random.Random(count + seed)
    return [
        {
            "ctx": {"box": BOX, "tender": TENDER, "lot": "1", "supplier": "1248100998", "bid": str(UUID(int=one + 1))},
            "amount": str(rnd.randrange(1, 10 ** rnd.randrange(1, 17))),
            "picks": sorted(rnd.sample(range(1, 16), 2)),
        }
        for one in range(count)
    ]


def sealed_there_opens_here(groups: Groups, count: int, seed: int = 0) -> int:
    """Seal and sign in the browser's code; check as the server does, and open by every group. Returns how many."""
    lane_json, keys = make_lane(groups)
    lane, bids = sealing.Lane.from_json(lane_json), some_bids(count, seed)
    asked = {"lane": lane_json, "bids": bids, "noticeSha256": NOTICE, "client": CLIENT, "made": wire(AT)}
    for bid, made in zip(bids, ask("seal", asked), strict=True):
        sent = parse(made["body"].encode())  # the body itself is canonical
        assert set(sent) == {"statement", "signature", "env_price", "env_docs"}
        statement, envelope = sent["statement"], sent["env_price"]
        check_statement(statement, box=BOX, tender=TENDER, notice_sha256=NOTICE, lots=frozenset({"1"}))
        check_pair(statement, envelope)
        sealing.check_envelope(envelope, ctx_of(statement), lane, payload.LENGTH)
        assert statement_hash(statement) == made["stmt"]
        verify_signature(made["stmt"], sent["signature"], SupplierKey("Ed25519", unb64u(made["publicKey"])))
        blobs = {holder: sealing.open_wrap(envelope, holder, key) for holder, key in keys.items()}
        for chosen, group in enumerate(lane.groups):
            cek, plain = sealing.combine(envelope, lane, chosen, {holder: blobs[holder] for holder in group})
            assert cek.hex() == made["cek"]
            assert payload.read_price(plain, RULE)[:2] == (int(bid["amount"]), tuple(bid["picks"]))
    return len(bids)


def sealed_here_opens_there(groups: Groups, count: int, seed: int = 0) -> int:
    """Seal here; the browser's code opens it by every group. Returns how many."""
    lane_json, keys = make_lane(groups)
    lane, envelopes, secrets = sealing.Lane.from_json(lane_json), [], []
    for bid in some_bids(count, seed):
        plain = payload.make_price(int(bid["amount"]), bid["picks"])
        cek, envelope = sealing.seal_envelope(sealing.make_ctx(**bid["ctx"]), lane, plain)
        for group in range(len(groups)):
            envelopes.append({"envelope": envelope, "group": group})
            secrets.append({"ok": {"cek": cek.hex(), "payload": b64u(plain)}})
    raw = {holder: key.private_bytes_raw().hex() for holder, key in keys.items()}
    assert ask("open", {"lane": lane_json, "keys": raw, "envelopes": envelopes}) == secrets
    return count
