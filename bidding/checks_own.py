"""Checks V24 and V25: what the person who checks holds beside the bundle: a receipt, an older checkpoint."""

from __future__ import annotations

from app.tlog import checkpoint, merkle, note
from app.tlog.canon import digest, jcs, unb64u
from app.tlog.checkpoint import Checkpoint
from app.tlog.note import Verifier
from bidding.checks import Case, CheckFunction, Skipped, require, same


def v24_receipt(case: Case) -> str:
    if case.own.receipt is None:
        raise Skipped("no receipt given (--receipt)")
    receipt = note.open_object(case.own.receipt, "receipt", [case.keys.receipt])
    require(receipt.get("type") == "receipt", "this is no receipt")
    stmt = receipt["stmt"]
    entry = next((entry for entry in case.entries if entry["stmt"] == stmt), None)
    require(entry is not None, "the bid of this receipt is not in the list")
    assert entry is not None
    statement = case.items[stmt]["statement"]
    said = [receipt[name] for name in ("received", "tender", "bid", "ver")]
    named = [entry["received"], *(statement[name] for name in ("tender", "bid", "ver"))]
    require(same(said, named), "the receipt names another bid, or another instant")
    require(receipt["origin"] == Verifier.from_vkey(case.keys.log).name, "the receipt names another log")
    logged = next(event for event in case.of_type("bid.submitted") if event.index == entry["idx"])
    salt = unb64u(receipt["salt"])
    require(salt == logged.salt, "the receipt's salt is another")
    require(receipt["c"] == digest("event", salt + jcs(logged.event)).hex(), "the receipt commits to another entry")
    if case.pins.receipt is None:
        case.warn("the key of receipts is the bundle's own; pin it with --policy")
    if stmt in case.cancelled:
        case.warn("this receipt's bid was cancelled before the opening")
    return f"this receipt's bid {stmt[:10]} is in the list, unchanged"


def v25_consistency(case: Case) -> str:
    if case.own.checkpoint is None:
        raise Skipped("no older checkpoint given (--old-checkpoint)")
    kept = checkpoint.open_checkpoint(case.own.checkpoint, [case.keys.log])
    require(kept.origin == Verifier.from_vkey(case.keys.log).name, "the older checkpoint is another log's")
    for seen in case.seen():
        if seen.checkpoint.size == kept.size:
            is_same = seen.checkpoint.root == kept.root
            require(is_same, f"two roots for {kept.size} entries: the log was forked; keep both notes, they prove it")
            return f"the log still holds the {kept.size} entries of your checkpoint"
    linked = kept.size == 0 or any(_links(kept, case.head.checkpoint, proof) for proof in case.own.proofs)
    require(
        linked,
        f"nothing links your {kept.size} entries to this checkpoint (--log-url, --consistency)",
    )
    return f"the log continues your checkpoint of {kept.size} entries"


def _links(one: Checkpoint, other: Checkpoint, proof: tuple[bytes, ...]) -> bool:
    old, new = sorted((one, other), key=lambda each: each.size)
    return merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V24", v24_receipt),
    ("V25", v25_consistency),
)
