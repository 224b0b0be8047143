"""The published bundle of one tender: a zip file that anybody can check offline with `python -m bidding.verify`.

Everything in it is canonical JSON (`app.tlog.canon.jcs`: amounts are decimal strings, no floats), a signed note, or a
time-stamp token. Every member of every file is in docs/protocol.md, section 11.

    MANIFEST                     SHA-256 of every other file
    notice.json, box.note        what was published; khkeys/<holder>[.docs].note: the keys that it is sealed to
    keys.json                    the verifier keys claimed; a checker should pin its own
    checkpoint.note              a checkpoint of the log that covers every entry; cosigned where the policy asks for it
    policy.txt                   the witness policy that the box names
    checkpoints/<size>.json      archived cosigned checkpoints with their consistency proofs
    tokens/<size>.tsr            RFC 3161 tokens over checkpoints
    events/<index>.json          entries of the log with inclusion proofs; sealed ones with their salts
    seeds.json, list.json        what was sealed in advance; the frozen list of accepted bids
    statements/, envelopes/      what lay in the box (of cancelled bids the statement alone)
    pieces/<nnn>.note            what the keyholders gave; recovery.json: in their place, after a loss of keys
    technical.json               the evaluators' sheets and what came of them, before any price was opened
    opening.jsonl                `opening.Line` a line; draw.json, evaluation.json: what came of it
    auction.json                 the bids of a reverse auction, signed and chained, and its final ranking
    reviews.json, standing.json  what two persons decided of bids after the opening, and where each bid stands then
    award.json                   what two persons confirmed

What is absent there is not in the tender: no witnesses, no documents, no award yet. Older bundles lack the newer files.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.tlog import merkle
from app.tlog.canon import b64u, jcs, parse, unb64u
from bidding.plain_zip import check_plain

Json = dict[str, Any]

MAX_FILES = 400_000
MAX_BYTES = 2 * 1024**3
MAX_RATIO = 200
PATH = re.compile(r"(?=.{1,200}\Z)(?:(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._@-]+(?:/(?!\Z)|\Z))+", re.ASCII)
_ENCRYPTED = 0x1
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, struct.error, zlib.error)
_EPOCH = (2000, 1, 1, 0, 0, 0)  # one spelling: the same parts make the same bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """Verifier keys (`app.tlog.note` spelling) of the log, the agency, receipts, and each keyholder by its id.

    `operators`: who runs each keyholder, by its id. Whoever runs a whole group can read early.
    """

    log: str
    agency: str
    receipt: str
    holders: Mapping[str, str]
    operators: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> Json:
        keys = {"log": self.log, "agency": self.agency, "receipt": self.receipt, "holders": dict(self.holders)}
        return keys | ({"operators": dict(self.operators)} if self.operators else {})


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
        if type(made.index) is not int or not isinstance(made.event, dict) or jcs(made.to_json()) != jcs(entry):
            raise ValueError("not an entry")  # by their bytes: 1 == True, and is not it
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
    """A bid or a seed as it lay in the box. `signature` is None for seeds, `envelope` empty for cancelled bids.

    `docs` is the envelope of the documents, where there are any.
    """

    stmt: str
    statement: Json
    envelope: Json
    signature: Json | None = None
    docs: Json | None = None


@dataclass(frozen=True, slots=True)
class Archived:
    """An older checkpoint with its cosignatures, and the proof that the bundle's own continues it.

    `token`: a DER TimeStampResp over it, where there is one."""

    size: int
    note: str
    consistency: tuple[bytes, ...] = ()
    token: bytes | None = None

    def to_json(self) -> Json:
        return {"note": self.note, "consistency": [b64u(step) for step in self.consistency]}


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
    policy: str | None = None
    archived: Sequence[Archived] = ()
    tokens: Mapping[int, bytes] = field(default_factory=dict)  # by size; of archived ones they may stand there
    recovery: Json | None = None
    auction: Json | None = None
    reviews: Sequence[Json] = ()
    standing: Json | None = None
    technical: Json | None = None


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
    files |= {f"pieces/{number:03d}.note": note.encode() for number, note in enumerate(parts.pieces)}
    for item in parts.items:
        files |= _files_of(item)
    files |= _witnessed(parts)
    for name in ("technical", "draw", "evaluation", "auction", "standing", "award", "recovery"):
        value = getattr(parts, name)
        if value is not None:
            files[f"{name}.json"] = jcs(value)
    if parts.reviews:
        files["reviews.json"] = jcs(list(parts.reviews))
    return pack(files)


def _files_of(item: SealedItem) -> dict[str, bytes]:
    files = {f"statements/{item.stmt}.json": jcs({"statement": item.statement, "signature": item.signature})}
    if item.envelope:
        files[f"envelopes/{item.stmt}.json"] = jcs(item.envelope)
    if item.docs is not None:
        files[f"envelopes/{item.stmt}.docs.json"] = jcs(item.docs)
    return files


def _witnessed(parts: BundleParts) -> dict[str, bytes]:
    """What others than the operator have seen and signed of the log."""
    files = {f"checkpoints/{one.size:012d}.json": jcs(one.to_json()) for one in parts.archived}
    tokens = {one.size: one.token for one in parts.archived if one.token is not None} | dict(parts.tokens)
    files |= {f"tokens/{size:012d}.tsr": token for size, token in tokens.items()}
    if parts.policy is not None:
        files["policy.txt"] = parts.policy.encode()
    return files


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
            _check_members(members, len(data))
            check_plain(data, members, archive.start_dir)
            files = {member.filename: archive.read(member) for member in members}
    except _UNREADABLE as error:
        raise ValueError(f"not a bundle: {error}") from error
    if any(len(files[member.filename]) != member.file_size for member in members):
        raise ValueError("a file is not as long as the directory says")
    return Bundle(files)


def member(data: bytes, path: str) -> bytes:
    """One file of a bundle, without unpacking the rest. ValueError where it is no bundle or has no such file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = archive.getinfo(path)
            _check_members([found], len(data))
            return archive.read(found)
    except (*_UNREADABLE, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error


def _check_members(members: Sequence[zipfile.ZipInfo], size: int) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MAX_FILES or total > min(MAX_BYTES, MAX_RATIO * size):
        raise ValueError("the bundle is too large")
    if len({member.filename for member in members}) != len(members):
        raise ValueError("two files share a name")
    for member in members:
        if not PATH.fullmatch(member.orig_filename):
            raise ValueError(f"a file named {member.orig_filename!r}")
        plain = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if member.flag_bits & _ENCRYPTED or member.compress_type not in plain:
            raise ValueError(f"{member.filename} is encrypted, or packed in another way")
