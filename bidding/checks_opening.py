"""Checks V15-V18: who gave the pieces, what the envelopes held, what was published of it, and the seeds of the draw."""

from __future__ import annotations

import hashlib

from app.tlog import note
from app.tlog.canon import unb64u
from bidding import opening
from bidding.checks import PRICE, Case, CheckFunction, Json, Skipped, require, same
from bidding.sealing import HolderFault, Lane
from bidding.types import DrawRule, Verdict

NOTHING = "nothing was opened"
RECOVERY = {"v", "type", "lane", "ceks"}


def v15_pieces(case: Case) -> str:
    groups = case.groups()
    if not groups:
        _explain_silence(case)
        raise Skipped(NOTHING)
    lane = Lane.from_json(case.box["lanes"][PRICE])
    asked = [tuple(entry.event["group"]) for entry in groups]
    require(all(group in lane.groups for group in asked), "a group that the box does not know")
    case.chosen, case.is_opened = lane.groups.index(asked[-1]), True
    if "recovery.json" in case.bundle.files:
        return _read_recovery(case)
    for path in case.bundle.under("pieces"):
        _read_pieces(case, path, {holder for group in asked for holder in group})
    for stmt in case.sealed():
        given = case.blobs.get(stmt, {})
        require(set(given) >= set(asked[-1]), f"pieces of {stmt[:10]} are missing")
        if any(given[holder] is None for holder in asked[-1]):
            case.warn(f"{stmt[:10]} is malformed by the word of a keyholder: its wrap did not open")
    return f"exactly one group ({', '.join(asked[-1])}) gave the pieces of {len(case.envelopes)} envelope(s)"


def _explain_silence(case: Case) -> None:
    """A tender that was never opened must have come to an end in the log, and claim nothing."""
    ended = case.of_type("tender.failed") + case.of_type("tender.cancelled")
    require(ended, "nothing was opened, and the log does not say that the tender failed or was cancelled")
    files = ("opening.jsonl", "technical.json", "draw.json", "evaluation.json", "award.json", "recovery.json")
    claimed = [
        path for path in files if path in case.bundle.files and (path != "opening.jsonl" or case.bundle.files[path])
    ]
    claimed += case.bundle.under("pieces")
    require(not claimed, f"nothing was opened, yet there is {', '.join(claimed)}")


def _read_pieces(case: Case, path: str, holders: set[str]) -> None:
    holder, pieces = _open_pieces(case, case.bundle.text(path), holders)
    said = [pieces.get(name) for name in ("tender", "lane", "closed_idx")]
    require(same(said, [case.box["tender"], PRICE, case.one("tender.closed").index]), f"{path} answers something else")
    logged = case.of_type("opening.pieces", PRICE)
    if logged:
        told = {(entry.event.get("holder"), entry.event.get("note_sha256")) for entry in logged}
        sha256 = hashlib.sha256(case.bundle.files[path]).hexdigest()
        require((holder, sha256) in told, f"the log does not know {path}")
    for stmt, blob in pieces["pieces"].items():
        require(stmt in case.items, f"{path} holds a piece of a bid that is not in the list")
        require(stmt not in case.unopened, f"{path} holds a piece of a bid that was cancelled, or does not qualify")
        given = case.blobs.setdefault(stmt, {})
        require(holder not in given, f"{path} gives a piece again")
        given[holder] = unb64u(blob) if blob is not None else None


def _open_pieces(case: Case, signed: str, holders: set[str]) -> tuple[str, Json]:
    """Whose note it is is what its signature says."""
    for holder in sorted(holders):
        try:
            return holder, note.open_object(signed, "pieces", [case.keys.holders[holder]])
        except ValueError:
            continue
    raise ValueError("pieces that no holder of the group signed")


def _read_recovery(case: Case) -> str:
    """Keys that the bidders brought themselves, after their holders lost theirs."""
    recovery = case.bundle.json("recovery.json")
    require(set(recovery) == RECOVERY, "recovery.json has other members")
    kind = [recovery[name] for name in ("v", "type", "lane")]
    require(same(kind, [1, "recovery", PRICE]), "recovery.json is of another kind")
    require(not case.bundle.under("pieces"), "there are pieces beside the recovery")
    require(set(recovery["ceks"]) <= set(case.sealed()), "a key of something that is not opened")
    require(case.of_type("opening.recovery", PRICE), "the log knows no recovery")
    done = case.of_type("opening.recovered", PRICE)
    sha256 = hashlib.sha256(case.bundle.files["recovery.json"]).hexdigest()
    require(len(done) == 1 and done[0].event.get("recovery_sha256") == sha256, "the log knows another recovery")
    case.recovered = {stmt: unb64u(cek) for stmt, cek in recovery["ceks"].items()}
    case.warn("keyholders lost their keys: the bidders themselves gave the keys of their envelopes")
    return f"{len(case.recovered)} of {len(case.sealed())} envelope(s) have the key that their bidder gave"


def v16_opened(case: Case) -> str:
    if not case.is_opened:
        raise Skipped(NOTHING)
    rule = DrawRule.from_json(case.box["draw"])
    lane = Lane.from_json(case.box["lanes"][PRICE])
    for stmt in case.sealed():
        envelope = case.envelopes[stmt]
        if case.recovered is not None:
            case.opened.append(opening.recovered_line(rule, stmt, envelope, case.recovered.get(stmt)))
            continue
        try:
            case.opened.append(opening.open_line(rule, lane, case.chosen, stmt, envelope, case.blobs[stmt]))
        except HolderFault as fault:
            raise ValueError(f"{stmt[:10]}: {fault}") from fault
    return f"{len(case.opened)} envelope(s) opened with their committed keys"


def v17_as_published(case: Case) -> str:
    if not case.is_opened:
        raise Skipped(NOTHING)
    data = case.bundle.files["opening.jsonl"]
    require(opening.write_lines(case.opened) == data, "opening.jsonl says something else than the envelopes")
    logged = case.one("opening.opened").event
    require(logged.get("opening_sha256") == hashlib.sha256(data).hexdigest(), "the log names another opening")
    verdicts = [line["verdict"] for line in opening.read_lines(data) if not line["supplier"].startswith("@")]
    faults = sum(verdict != Verdict.OPENED for verdict in verdicts)
    return f"{len(verdicts)} bid(s), {faults} of them faulty by their own commitments"


def v18_seeds(case: Case) -> str:
    rule, lane = DrawRule.from_json(case.box["draw"]), Lane.from_json(case.box["lanes"][PRICE])
    require(case.published().get("seeds") == [seed["stmt"] for seed in case.seeds], "other seeds were published")
    holders = tuple(seed["holder"] for seed in case.seeds)
    require(holders == opening.seed_holders(rule, lane), "the seeds are not those that the draw asks for")
    for seed in case.seeds:
        require(set(seed) == {"holder", "stmt"}, "seeds.json has other members")
        supplier = case.items[seed["stmt"]]["statement"]["supplier"]
        require(supplier == seed["holder"], f"the seed of {seed['holder']} is another's")
    return f"{len(holders)} seed(s) are those published before the first bid"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V15", v15_pieces),
    ("V16", v16_opened),
    ("V17", v17_as_published),
    ("V18", v18_seeds),
)
