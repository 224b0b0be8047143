"""Checks V08-V11 and V14: the frozen list, the statements and their signatures, the time, the envelopes."""

from __future__ import annotations

import re
from collections import defaultdict

from app.time import from_wire
from bidding.bundle import ListEntry, LoggedEvent, freeze_list
from bidding.checks import DOCS, PRICE, Case, CheckFunction, Json, Skipped, check_approvals, require, same
from bidding.docs_envelope import check_docs_envelope
from bidding.payload import LENGTH
from bidding.sealing import Lane, check_envelope
from bidding.statement import (
    SupplierKey,
    check_docs_pair,
    check_pair,
    check_statement,
    ctx_of,
    statement_hash,
    verify_signature,
)
from bidding.types import NoticeTerms

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def v08_list(case: Case) -> str:
    raw = case.bundle.json("list.json")
    entries = [_entry(entry) for entry in raw]
    data, root, sha256 = freeze_list(entries)
    require(data == case.bundle.files["list.json"], "the list is not sorted")
    closed = case.one("tender.closed").event
    require(closed.get("box") == case.box_id, "another box was closed")
    require(closed.get("box_root") == root, "the list does not lead to the closed root")
    require(closed.get("list_sha256") == sha256 and same(closed.get("count"), len(entries)), "another list was closed")
    case.entries = raw
    _read_cancellations(case)
    _read_unqualified(case)
    without = f", {len(case.cancelled)} of them cancelled" if case.cancelled else ""
    without += f", {len(case.unqualified)} that do not qualify" if case.unqualified else ""
    return f"{len(entries)} bid(s){without}, sorted and unique, root {root[:10]} as closed"


def _entry(entry: Json) -> ListEntry:
    made = ListEntry(**entry)
    require(same([made.ver, made.final], [1, True]), "a bid is not final")
    require(isinstance(made.stmt, str) and _HASH.fullmatch(made.stmt), "a statement is named by its hash")
    require(type(made.idx) is int and made.idx >= 0, "an index is a number")
    from_wire(made.received)
    return made


def _read_cancellations(case: Case) -> None:
    """What was taken back before the opening: bids of the list, each by leave of two."""
    for entry in case.of_type("tender.cancellations"):
        for one in entry.event["stmts"]:
            check_approvals(one, "a cancellation")
            require(one["stmt"] not in case.cancelled, "a bid was cancelled twice")
            case.cancelled.add(one["stmt"])
    require(case.cancelled <= {entry["stmt"] for entry in case.entries}, "a cancelled bid is not in the list")
    for group in case.of_type("opening.group", PRICE):
        told = group.event.get("cancelled", 0)
        require(same(told, len(case.cancelled)), "the group counts other cancellations")


def _read_unqualified(case: Case) -> None:
    """What the technical evaluation leaves out: bids of the list that were not cancelled, by two persons."""
    for entry in case.of_type("tender.unqualified"):
        require(case.is_documents_first(), "bids were left out of a tender that scores no proposals")
        check_approvals(entry.event, "what was left out")
        stmts = entry.event["stmts"]
        require(stmts == sorted(set(stmts)), "a bid was left out twice, or they are not sorted")
        case.unqualified |= set(stmts)
    left = {entry["stmt"] for entry in case.entries} - case.cancelled
    require(case.unqualified <= left, "a bid that was left out is not in the list, or was cancelled")
    for group in case.of_type("opening.group", PRICE):
        told = group.event.get("unqualified")
        expected = len(case.unqualified) if case.is_documents_first() else None
        require(same(told, expected), "the group counts other bids that do not qualify")


def v09_statements(case: Case) -> str:
    case.seeds = case.bundle.json("seeds.json")
    listed = {entry["stmt"] for entry in case.entries}
    named = {seed["stmt"] for seed in case.seeds}
    require(len(named) == len(case.seeds) and not named & listed, "a seed is named twice, or is a bid")
    require(
        case.bundle.under("statements") == sorted(f"statements/{stmt}.json" for stmt in listed | named), "statements"
    )
    lots = frozenset({NoticeTerms.from_json(case.notice["terms"]).lot})
    suppliers: set[str] = set()
    for stmt in sorted(listed | named):
        item = case.bundle.json(f"statements/{stmt}.json")
        require(isinstance(item, dict) and set(item) == {"statement", "signature"}, f"{stmt[:10]} is no statement")
        _check_own(case, stmt, item["statement"], lots)
        supplier = item["statement"]["supplier"]
        require(supplier.startswith("@") == (stmt in named), f"{stmt[:10]} stands among the wrong ones")
        require(item["signature"] is None or stmt not in named, f"{stmt[:10]} is a seed with a signature")
        require(supplier not in suppliers, f"{supplier} is there twice")
        suppliers.add(supplier)
        case.items[stmt] = item
    _warn_of_clients(case, listed)
    return f"{len(listed)} bid(s) and {len(named)} seed(s) state what the list says"


def _check_own(case: Case, stmt: str, statement: Json, lots: frozenset[str]) -> None:
    require(statement_hash(statement) == stmt, f"{stmt[:10]} is the hash of another statement")
    check_statement(
        statement,
        box=case.box_id,
        tender=case.box["tender"],
        notice_sha256=case.box["notice_sha256"],
        lots=lots,
    )
    takes_docs = DOCS in case.box["lanes"]
    require(takes_docs or statement["env"]["docs"] is None, f"{stmt[:10]} has documents, and the box takes none")


def _warn_of_clients(case: Case, listed: set[str]) -> None:
    """A program that nobody announced is not wrong: bidders may use their own. But it should be looked at."""
    released = {entry.event.get("sha256") for entry in case.of_type("client.release")}
    others = [stmt for stmt in sorted(listed) if case.items[stmt]["statement"]["client"] not in released]
    if released and others:
        case.warn(
            f"{len(others)} bid(s) were sealed by a program that the log does not announce, first {others[0][:10]}"
        )


def v10_signatures(case: Case) -> str:
    """What a bundle cannot show is that no revocation was left out of it: for that, look into the log itself."""
    if not case.entries:
        raise Skipped("no bids")
    added: dict[str, LoggedEvent] = {}
    for entry in case.of_type("supplier.key_added"):
        require(entry.event["kid"] not in added, "a key was enrolled twice")
        added[entry.event["kid"]] = entry
    revoked: defaultdict[str, list[int]] = defaultdict(list)
    for entry in case.of_type("supplier.key_revoked"):
        revoked[entry.event["kid"]].append(entry.index)
    for listed in case.entries:
        stmt, item = listed["stmt"], case.items[listed["stmt"]]
        signature = item["signature"] or {}
        key = added.get(str(signature.get("kid")))
        require(key is not None, f"the key of {stmt[:10]} is not in the log")
        assert key is not None
        require(key.index < listed["idx"], f"the key of {stmt[:10]} came after the bid")
        require(key.event.get("supplier") == item["statement"]["supplier"], "a key of another supplier")
        is_live = all(gone > listed["idx"] for gone in revoked[signature["kid"]])
        require(is_live, f"the key of {stmt[:10]} had been revoked")
        verify_signature(stmt, signature, SupplierKey.from_entry(key.event))
    return f"{len(case.entries)} bid(s) signed with keys enrolled before"


def v11_in_time(case: Case) -> str:
    by_index = {entry.index: entry for entry in case.of_type("bid.submitted")}
    require(set(by_index) == {entry["idx"] for entry in case.entries}, "bids in the log and bids in the list differ")
    deadline = from_wire(case.deadline)
    for entry in case.entries:
        logged = by_index[entry["idx"]]
        require(logged.salt is not None, "a bid was logged in clear")
        require(logged.event.get("stmt") == entry["stmt"], f"entry {entry['idx']} is another bid's")
        require(logged.event.get("at") == entry["received"], f"{entry['stmt'][:10]} was received at another time")
        require(from_wire(entry["received"]) < deadline, f"{entry['stmt'][:10]} was late")
    return f"all bids were in the log before {case.deadline}"


def v14_envelopes(case: Case) -> str:
    price = Lane.from_json(case.box["lanes"][PRICE])
    sealed = {stmt: item for stmt, item in sorted(case.items.items()) if stmt not in case.unopened}
    with_docs = {stmt for stmt, item in sealed.items() if item["statement"]["env"]["docs"] is not None}
    expected = [f"envelopes/{stmt}.json" for stmt in sealed] + [f"envelopes/{stmt}.docs.json" for stmt in with_docs]
    require(case.bundle.under("envelopes") == sorted(expected), "envelopes")
    for stmt, item in sealed.items():
        envelope = case.bundle.json(f"envelopes/{stmt}.json")
        docs = case.bundle.json(f"envelopes/{stmt}.docs.json") if stmt in with_docs else None
        check_pair(item["statement"], envelope)
        check_envelope(envelope, ctx_of(item["statement"]), price, LENGTH)
        if docs is not None:
            check_docs_pair(item["statement"], docs)
            check_docs_envelope(docs, ctx_of(item["statement"], DOCS), Lane.from_json(case.box["lanes"][DOCS]))
        case.envelopes[stmt] = envelope
    return f"{len(case.envelopes)} envelope(s), {len(with_docs)} more of documents, are the ones signed for"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V08", v08_list),
    ("V09", v09_statements),
    ("V10", v10_signatures),
    ("V11", v11_in_time),
    ("V14", v14_envelopes),
)
