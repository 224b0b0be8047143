"""The published bundle of one tender: a zip file that anybody can check offline with `python -m bidding.verify`.

Everything in it is canonical JSON (`app.tlog.canon.jcs`: amounts are decimal strings, no floats) or a signed note.

    MANIFEST                 {"path": sha-256 hex of every other file}
    notice.json              {…, "terms": NoticeTerms.to_json()}; SHA-256 of these bytes = box.notice_sha256
    box.note                 note of type `box` by the agency key: the box (protocol 3.3), draw = DrawRule.to_json()
    khkeys/<holder>.note     notes of type `khkey` by each keyholder's long-term key; <holder>.docs.note: docs lane
    keys.json                Keys.to_json(): the verifier keys claimed; a checker should pin its own
    checkpoint.note          a checkpoint of the log that covers every entry below
    events/<index>.json      {"v":1,"type":"entry","index":n,"event":{…},"salt":b64u|null,"proof":[b64u hash,…]}
                             salt null: an open entry; else a sealed one, revealed
    seeds.json               [{"holder":"@agency","stmt":hex},…] in the order of opening.seed_holders
    list.json                [{"stmt","idx","received","ver":1,"final":true},…] bids only, sorted by stmt;
                             its leaves' root is box_root, SHA-256 of these bytes is list_sha256
    statements/<stmt>.json   {"statement":{…},"signature":{…}|null}     null for seeds: the log names them
    envelopes/<stmt>.json    the price envelope; absent for a bid that tender.cancellations names
    envelopes/<stmt>.docs.json  that of the documents, where env.docs names one, likewise. Files, their keys and the
                             pieces of the docs lane are never in a bundle
    pieces/<nnn>.note        notes of type `pieces` by keyholders:
                             {"type":"pieces","tender","lane":"price","closed_idx":n,
                              "pieces":{stmt: b64u blob, or null where the bidder's wrap does not open}}
    opening.jsonl            opening.Line.to_json() a line: seeds in the order of seeds.json, then bids in list order
        a bid                {"stmt","bid","supplier","verdict":"opened","cek":b64u,"amount":"1","picks":[1,2],"nonce"}
        a faulty bid         {"stmt","bid","supplier","verdict":"malformed"|"invalid","cek":b64u|null,"reason"}
        a seed               {"stmt","bid","supplier":"@A","verdict":"opened","cek":b64u,"nonce":b64u}
        given prices (M3)    {"stmt","bid","supplier":"@prices","verdict":"opened","cek":b64u,"prices":["1",…]}
    draw.json                Draw.to_json(); absent if the tender failed for want of bids
    evaluation.json          Evaluation.to_json(); officers confirm evaluation.digest_of = digest("evaluation", bytes)
    award.json               {"v":1,"type":"award","tender","lot","stmt","supplier","amount":"1","evaluation":digest,
                              "disqualified":[{"stmt","reason","legal_basis","approvals":[handle,handle]}],
                              "approvals":[handle,handle]}; absent before the award

Entries that the verifier reads, with the facts it needs beside `type`, `at`, `actor`, `subject`, `tender`:

    tender.published         box, notice_sha256, closes_at, opens_at, seeds [stmt,…] (as seeds.json),
                             approvals [handle, handle]
    tender.deadline_changed  old, new, old_opens_at, opens_at, approvals              (any number)
    supplier.key_added       supplier, kid, alg, public (b64u); supplier.key_revoked: kid
                             alg Ed25519: public = 32 raw bytes; alg webauthn: public = DER SubjectPublicKeyInfo, and
                             cose_alg (-7, -8 or -257), rp_id, origins [..]: see bidding.webauthn
    bid.submitted            stmt      sealed; `at` is the instant of receipt; index = idx of list.json
    tender.closed            box, closes_at, closed_at, count, box_root, list_sha256
    tender.cancellations     stmts [{"stmt", "approvals": [handle, handle]},…]  granted before the opening; never opened
    opening.group            group [holder ids], cancelled (their number; absent where there are none)
    opening.opened           opening_sha256, draw_sha256|null, evaluation (digest)    (hashes of the files' bytes)
    award.confirmed          evaluation, stmt, supplier, amount, approvals
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.tlog import merkle
from app.tlog.canon import b64u, jcs, parse, unb64u

Json = dict[str, Any]

MAX_FILES = 400_000
MAX_BYTES = 2 * 1024**3
MAX_RATIO = 200
_EPOCH = (2000, 1, 1, 0, 0, 0)  # one spelling: the same parts make the same bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """Verifier keys (`app.tlog.note` spelling) of the log, the agency, receipts, and each keyholder by its id."""

    log: str
    agency: str
    receipt: str
    holders: Mapping[str, str]

    def to_json(self) -> Json:
        return {"log": self.log, "agency": self.agency, "receipt": self.receipt, "holders": dict(self.holders)}


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An entry of the log with its inclusion proof against the bundle's checkpoint. `salt` None: an open entry."""

    index: int
    event: Json
    salt: bytes | None
    proof: tuple[bytes, ...]

    def to_json(self) -> Json:
        return {
            "v": 1,
            "type": "entry",
            "index": self.index,
            "event": self.event,
            "salt": b64u(self.salt) if self.salt is not None else None,
            "proof": [b64u(step) for step in self.proof],
        }

    @classmethod
    def from_json(cls, entry: Json) -> LoggedEvent:
        salt = unb64u(entry["salt"]) if entry["salt"] is not None else None
        made = cls(entry["index"], entry["event"], salt, tuple(unb64u(step) for step in entry["proof"]))
        if made.to_json() != entry or type(made.index) is not int or not isinstance(made.event, dict):
            raise ValueError("not an entry")
        return made


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One bid of the frozen list. `idx` is the index of its `bid.submitted` in the log, `received` a wire instant."""

    stmt: str
    idx: int
    received: str
    ver: int = 1
    final: bool = True

    def to_json(self) -> Json:
        return {"stmt": self.stmt, "idx": self.idx, "received": self.received, "ver": self.ver, "final": self.final}


@dataclass(frozen=True, slots=True)
class SealedItem:
    """A bid or a seed as it lay in the box. `signature` is None for seeds; a cancelled bid's `envelope` is empty."""

    stmt: str
    statement: Json
    envelope: Json
    signature: Json | None = None
    docs: Json | None = None


@dataclass(frozen=True, slots=True)
class BundleParts:
    """Everything that a bundle holds, as plain values."""

    notice: Json
    box_note: str
    khkeys: Mapping[str, str]
    keys: Keys
    checkpoint: str
    events: Sequence[LoggedEvent]
    seeds: Sequence[Json]
    entries: Sequence[ListEntry]
    items: Sequence[SealedItem]
    pieces: Sequence[str] = ()
    opening: bytes = b""
    draw: Json | None = None
    evaluation: Json | None = None
    award: Json | None = None
    docs_khkeys: Mapping[str, str] = field(default_factory=dict)


def make_notice(terms: Json, **facts: Any) -> Json:
    """`notice.json`: what the notice says, with the terms that decide. Values of canonical JSON only."""
    return {**facts, "v": 1, "type": "notice", "terms": terms}


def notice_sha256(notice: Json) -> str:
    """The hash that the box and every statement name."""
    return hashlib.sha256(jcs(notice)).hexdigest()


def freeze_list(entries: Sequence[ListEntry]) -> tuple[bytes, str, str]:
    """Bytes of `list.json`, `box_root` hex and `list_sha256` hex of the accepted bids, whatever their order.

    ValueError if a statement appears twice.
    """
    ordered = sorted((entry.to_json() for entry in entries), key=lambda entry: str(entry["stmt"]))
    if len({entry["stmt"] for entry in ordered}) != len(ordered):
        raise ValueError("a statement appears twice")
    root = merkle.root(merkle.leaf_hash(jcs(entry)) for entry in ordered)
    data = jcs(ordered)
    return data, root.hex(), hashlib.sha256(data).hexdigest()


def write(parts: BundleParts) -> bytes:
    """The bundle's bytes; the same parts always give the same bytes."""
    files: dict[str, bytes] = {
        "notice.json": jcs(parts.notice),
        "box.note": parts.box_note.encode(),
        "keys.json": jcs(parts.keys.to_json()),
        "checkpoint.note": parts.checkpoint.encode(),
        "seeds.json": jcs(list(parts.seeds)),
        "list.json": freeze_list(parts.entries)[0],
        "opening.jsonl": parts.opening,
    }
    files |= {f"khkeys/{holder}.note": note.encode() for holder, note in parts.khkeys.items()}
    files |= {f"khkeys/{holder}.docs.note": note.encode() for holder, note in parts.docs_khkeys.items()}
    files |= {f"events/{event.index:012d}.json": jcs(event.to_json()) for event in parts.events}
    for item in parts.items:
        files[f"statements/{item.stmt}.json"] = jcs({"statement": item.statement, "signature": item.signature})
        if item.envelope:
            files[f"envelopes/{item.stmt}.json"] = jcs(item.envelope)
        if item.docs is not None:
            files[f"envelopes/{item.stmt}.docs.json"] = jcs(item.docs)
    files |= {f"pieces/{number:03d}.note": note.encode() for number, note in enumerate(parts.pieces)}
    for name in ("draw", "evaluation", "award"):
        value = getattr(parts, name)
        if value is not None:
            files[f"{name}.json"] = jcs(value)
    return pack(files)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Zip `files` with a fresh MANIFEST."""
    manifest = jcs({path: hashlib.sha256(data).hexdigest() for path, data in files.items()})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in [("MANIFEST", manifest), *sorted(files.items())]:
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as read: the bytes of its files by path. Nothing in it is trusted; `bidding.verify` checks it."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """A note. ValueError if it is missing or not UTF-8."""
        return self._bytes(path).decode()

    def json(self, path: str) -> Any:
        """Canonical JSON. ValueError if it is missing or not canonical."""
        return parse(self._bytes(path))

    def under(self, folder: str) -> list[str]:
        """The paths in a folder, sorted."""
        return sorted(path for path in self.files if path.startswith(folder + "/"))

    def _bytes(self, path: str) -> bytes:
        if path not in self.files:
            raise ValueError(f"{path} is missing")
        return self.files[path]


def read(data: bytes) -> Bundle:
    """Unpack. ValueError for anything but a plain zip of differently named files within the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > MAX_FILES or total > min(MAX_BYTES, MAX_RATIO * len(data)):
                raise ValueError("the bundle is too large")
            if len({member.filename for member in members}) != len(members):
                raise ValueError("two files share a name")
            return Bundle({member.filename: archive.read(member) for member in members})
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"not a bundle: {error}") from error
