"""Checks V08-V17: the frozen list, the statements and their signatures, the envelopes, the pieces, the opening."""

from __future__ import annotations

import hashlib

from app.time import from_wire
from app.tlog import note
from app.tlog.canon import unb64u
from bidding import opening
from bidding.bundle import ListEntry, freeze_list
from bidding.checks import Case, CheckFunction, Json, Skipped, require
from bidding.checks_log import check_approvals
from bidding.docs_envelope import check_docs_envelope
from bidding.payload import LENGTH
from bidding.sealing import HolderFault, Lane, check_envelope
from bidding.statement import (
    SupplierKey,
    check_docs_pair,
    check_pair,
    check_statement,
    ctx_of,
    statement_hash,
    verify_signature,
)
from bidding.types import DrawRule, NoticeTerms, Verdict


def v08_list(case: Case) -> str:
    raw = case.bundle.json("list.json")
    entries = [ListEntry(**entry) for entry in raw]
    require(all(entry.ver == 1 and entry.final is True for entry in entries), "a bid is not final")
    data, root, sha256 = freeze_list(entries)
    require(data == case.bundle.files["list.json"], "the list is not sorted")
    closed = case.one("tender.closed").event
    require(closed.get("box") == case.box_id, "another box was closed")
    require(closed.get("box_root") == root, "the list does not lead to the closed root")
    require(closed.get("list_sha256") == sha256 and closed.get("count") == len(entries), "another list was closed")
    case.entries = raw
    _check_cancellations(case)
    return f"{len(entries)} bid(s), sorted and unique, root {root[:10]} as closed"


def _check_cancellations(case: Case) -> None:
    """What was taken back before the opening: bids of the list, each by leave of two (protocol 3.6)."""
    for entry in case.of_type("tender.cancellations"):
        for one in entry.event["stmts"]:
            check_approvals(one, "a cancellation")
            require(one["stmt"] not in case.cancelled, "a bid was cancelled twice")
            case.cancelled.add(one["stmt"])
    require(case.cancelled <= {entry["stmt"] for entry in case.entries}, "a cancelled bid is not in the list")
    for group in case.of_type("opening.group"):
        require(group.event.get("cancelled", 0) == len(case.cancelled), "the group counts other cancellations")


def v09_statements(case: Case) -> str:
    case.seeds = case.bundle.json("seeds.json")
    listed = {entry["stmt"] for entry in case.entries}
    named = {seed["stmt"] for seed in case.seeds}
    require(len(named) == len(case.seeds) and not named & listed, "a seed is named twice, or is a bid")
    require(
        case.bundle.under("statements") == sorted(f"statements/{stmt}.json" for stmt in listed | named), "statements"
    )
    lot = NoticeTerms.from_json(case.notice["terms"]).lot
    suppliers = set()
    for stmt in sorted(listed | named):
        item = case.bundle.json(f"statements/{stmt}.json")
        require(isinstance(item, dict) and set(item) == {"statement", "signature"}, f"{stmt[:10]} is no statement")
        statement = item["statement"]
        require(statement_hash(statement) == stmt, f"{stmt[:10]} is the hash of another statement")
        check_statement(
            statement,
            box=case.box_id,
            tender=case.box["tender"],
            notice_sha256=case.box["notice_sha256"],
            lots=frozenset({lot}),
        )
        is_seed = statement["supplier"].startswith("@")
        require(is_seed == (stmt in named), f"{stmt[:10]} stands among the wrong ones")
        require(statement["supplier"] not in suppliers, f"{statement['supplier']} is there twice")
        suppliers.add(statement["supplier"])
        case.items[stmt] = item
    return f"{len(listed)} bid(s) and {len(named)} seed(s) state what the list says"


def v10_signatures(case: Case) -> str:
    """What a bundle cannot show is that no revocation was left out of it: for that, look into the log itself."""
    added = {entry.event.get("kid"): entry for entry in case.of_type("supplier.key_added")}
    revoked = {entry.event.get("kid"): entry.index for entry in case.of_type("supplier.key_revoked")}
    for entry in case.entries:
        item = case.items[entry["stmt"]]
        signature = item["signature"] or {}
        key = added.get(signature.get("kid"))
        require(key is not None, f"the key of {entry['stmt'][:10]} is not in the log")
        assert key is not None
        require(key.index < entry["idx"], f"the key of {entry['stmt'][:10]} came after the bid")
        require(key.event.get("supplier") == item["statement"]["supplier"], "a key of another supplier")
        gone = revoked.get(signature["kid"])
        require(gone is None or gone > entry["idx"], f"the key of {entry['stmt'][:10]} had been revoked")
        verify_signature(entry["stmt"], signature, SupplierKey.from_entry(key.event))
    if not case.entries:
        raise Skipped("no bids")
    return f"{len(case.entries)} bid(s) signed with keys enrolled before"


def v11_in_time(case: Case) -> str:
    by_index = {entry.index: entry for entry in case.of_type("bid.submitted")}
    require(set(by_index) == {entry["idx"] for entry in case.entries}, "bids in the log and bids in the list differ")
    deadline = from_wire(case.deadline())
    for entry in case.entries:
        logged = by_index[entry["idx"]]
        require(logged.salt is not None, "a bid was logged in clear")
        require(logged.event.get("stmt") == entry["stmt"], f"entry {entry['idx']} is another bid's")
        require(logged.event.get("at") == entry["received"], f"{entry['stmt'][:10]} was received at another time")
        require(from_wire(entry["received"]) < deadline, f"{entry['stmt'][:10]} was late")
    return f"all bids were in the log before {case.deadline()}"


def v12_witnessed(_: Case) -> str:
    raise Skipped("no witnesses in this cut: the archived checkpoints are the operator's own")


def v13_time_stamped(_: Case) -> str:
    raise Skipped("no witnesses and no RFC 3161 time stamps in this cut")


def v14_envelopes(case: Case) -> str:
    lane = Lane.from_json(case.box["lanes"]["price"])
    sealed = {stmt: item for stmt, item in case.items.items() if stmt not in case.cancelled}
    with_docs = [stmt for stmt, item in sealed.items() if item["statement"]["env"]["docs"] is not None]
    expected = [f"envelopes/{stmt}.json" for stmt in sealed] + [f"envelopes/{stmt}.docs.json" for stmt in with_docs]
    require(case.bundle.under("envelopes") == sorted(expected), "envelopes")
    for stmt, item in sealed.items():
        envelope = case.bundle.json(f"envelopes/{stmt}.json")
        check_pair(item["statement"], envelope)
        check_envelope(envelope, ctx_of(item["statement"]), lane, LENGTH)
        case.envelopes[stmt] = envelope
    for stmt in with_docs:
        require("docs" in case.box["lanes"], "documents in a box that takes none")
        docs, statement = case.bundle.json(f"envelopes/{stmt}.docs.json"), case.items[stmt]["statement"]
        check_docs_pair(statement, docs)
        check_docs_envelope(docs, ctx_of(statement, "docs"), Lane.from_json(case.box["lanes"]["docs"]))
    return f"{len(case.envelopes)} envelope(s), {len(with_docs)} of documents, are the ones signed for"


def v15_pieces(case: Case) -> str:
    lane = Lane.from_json(case.box["lanes"]["price"])
    groups = case.of_type("opening.group")
    if not groups:
        _explain_silence(case)
        raise Skipped("nothing was opened")
    group = tuple(case.one("opening.group").event["group"])
    case.chosen = lane.groups.index(group)
    closed = case.one("tender.closed").index
    for path in case.bundle.under("pieces"):
        holder, pieces = _read_pieces(case, case.bundle.text(path), group)
        require(pieces["closed_idx"] == closed, f"{path} answers another closing")
        for stmt, blob in pieces["pieces"].items():
            require(stmt in case.items, f"{path} holds a piece of a bid that is not in the list")
            require(stmt not in case.cancelled, f"{path} holds a piece of a bid that was cancelled")
            given = case.blobs.setdefault(stmt, {})
            require(holder not in given, f"{path} gives a piece again")
            given[holder] = unb64u(blob) if blob is not None else None
    for stmt in case.envelopes:
        given = case.blobs.get(stmt, {})
        require(set(given) == set(group), f"pieces of {stmt[:10]} are missing")
        if None in given.values():
            case.warnings.append(f"{stmt[:10]} is malformed by the word of a keyholder: its wrap did not open")
    return f"exactly one group ({', '.join(group)}) gave the pieces of {len(case.envelopes)} envelope(s)"


def _explain_silence(case: Case) -> None:
    """A tender that was never opened must have come to an end in the log, and claim nothing."""
    ended = case.of_type("tender.failed") + case.of_type("tender.cancelled")
    require(ended, "nothing was opened, and the log does not say that the tender failed or was cancelled")
    claims = {"opening.jsonl", "draw.json", "evaluation.json", "award.json"}
    claimed = [path for path in sorted(claims) if case.bundle.files.get(path)]
    require(not claimed and not case.bundle.under("pieces"), f"nothing was opened, yet there is {', '.join(claimed)}")


def _read_pieces(case: Case, signed: str, group: tuple[str, ...]) -> tuple[str, Json]:
    """Whose note it is is what its signature says."""
    for holder in group:
        try:
            pieces = note.open_object(signed, "pieces", [case.keys.holders[holder]])
        except ValueError:
            continue
        require(
            pieces.get("tender") == case.box["tender"] and pieces.get("lane") == "price", "pieces of something else"
        )
        return holder, pieces
    raise ValueError("pieces that no holder of the group signed")


def v16_opened(case: Case) -> str:
    if not case.blobs:
        raise Skipped("nothing was opened")
    rule = DrawRule.from_json(case.box["draw"])
    lane = Lane.from_json(case.box["lanes"]["price"])
    order = [seed["stmt"] for seed in case.seeds] + [entry["stmt"] for entry in case.entries]
    for stmt in (stmt for stmt in order if stmt not in case.cancelled):
        try:
            line = opening.open_line(rule, lane, case.chosen, stmt, case.envelopes[stmt], case.blobs[stmt])
        except HolderFault as fault:
            raise ValueError(f"{stmt[:10]}: {fault}") from fault
        case.opened.append(line)
    return f"{len(case.opened)} envelope(s) opened with their committed keys"


def v17_as_published(case: Case) -> str:
    if not case.opened:
        raise Skipped("nothing was opened")
    data = case.bundle.files["opening.jsonl"]
    case.lines = opening.read_lines(data)
    require(opening.write_lines(case.opened) == data, "opening.jsonl says something else than the envelopes")
    logged = case.one("opening.opened").event
    require(logged.get("opening_sha256") == hashlib.sha256(data).hexdigest(), "the log names another opening")
    verdicts = [line["verdict"] for line in case.lines if not line["supplier"].startswith("@")]
    faults = sum(verdict != Verdict.OPENED for verdict in verdicts)
    return f"{len(verdicts)} bid(s), {faults} of them faulty by their own commitments"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V08", v08_list),
    ("V09", v09_statements),
    ("V10", v10_signatures),
    ("V11", v11_in_time),
    ("V12", v12_witnessed),
    ("V13", v13_time_stamped),
    ("V14", v14_envelopes),
    ("V15", v15_pieces),
    ("V16", v16_opened),
    ("V17", v17_as_published),
)
