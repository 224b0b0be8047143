"""The envelope of a bid's documents (protocol 3.3, docs lane): what is named in it, and what each file is bound to.

The files themselves lie beside the bid, encrypted one by one under the lane's one key, each with a salt of its own and
the context of the bid with the file's number. Number 0 is the manifest: names, sizes, kinds and hashes of the others,
encrypted like them, so that not even a file's name is known before the opening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.tlog.canon import jcs, parse
from bidding import chunked
from bidding.sealing import BadEnvelope, BidderFault, Lane, check_head, is_hash, payload_context, seal_key

Json = dict[str, Any]

MANIFEST = 0
MAX_FILES = 60  # beside the manifest
MAX_NUMBER = 999
MAX_FILE = 256 * 1024**2  # bytes of text
MAX_TOTAL = 512 * 1024**2  # of all files of one bid, encrypted
MAX_MANIFEST = 65_536
MAX_NAME = 200
_FILE = {"n", "ct_sha256", "ct_len"}
_ENTRY = {"n", "name", "size", "media_type", "sha256", "asked"}


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What the bidder says of one file. `asked` is the place (1, 2, …) of the document in the notice's list of
    documents asked for, or None for one that was not asked for; `sha256` and `size` are of the text."""

    n: int
    name: str
    size: int
    media_type: str
    sha256: str
    asked: int | None = None

    def to_json(self) -> Json:
        return {name: getattr(self, name) for name in ("n", "name", "size", "media_type", "sha256", "asked")}


def file_context(ctx: Json, n: int) -> bytes:
    """What the encryption of file `n` is bound to: the bid, the lane and the number."""
    return payload_context(ctx) + b"\0" + str(n).encode()


def seal_docs_envelope(ctx: Json, lane: Lane, cek: bytes, files: Sequence[tuple[int, str, int]]) -> Json:
    """The envelope of `files`: number, SHA-256 (hex) and length of each ciphertext, the manifest first."""
    named = [{"n": n, "ct_sha256": sha256, "ct_len": length} for n, sha256, length in files]
    return seal_key(ctx, lane, cek) | {"files": named}


def check_docs_envelope(envelope: Any, ctx: Json, lane: Lane) -> None:
    """Everything that can be checked from outside. `ctx` has lane `docs`. Raises BadEnvelope.

    Files are numbered upwards from the manifest's 0, with gaps where the bidder took one out again.
    """
    check_head(envelope, ctx, lane, "files")
    files = envelope["files"]
    if not isinstance(files, list) or not 2 <= len(files) <= MAX_FILES + 1:
        raise BadEnvelope("files")
    last = -1
    for file in files:
        if not isinstance(file, dict) or set(file) != _FILE or not is_hash(file["ct_sha256"]):
            raise BadEnvelope("file")
        if not _is_count(file["n"]) or not last < file["n"] <= MAX_NUMBER or (last < 0 and file["n"] != MANIFEST):
            raise BadEnvelope("number")
        last = file["n"]
        largest = MAX_MANIFEST if last == MANIFEST else MAX_FILE
        least, most = chunked.sealed_length(1), chunked.sealed_length(largest)
        if not _is_count(file["ct_len"]) or not least <= file["ct_len"] <= most:
            raise BadEnvelope("length")
    if sum(file["ct_len"] for file in files) > MAX_TOTAL:
        raise BadEnvelope("total")


def write_manifest(entries: Sequence[ManifestEntry]) -> bytes:
    return jcs({"v": 1, "type": "manifest", "files": [entry.to_json() for entry in entries]})


def read_manifest(plain: bytes, envelope: Json) -> Mapping[int, ManifestEntry]:
    """The entries by number: exactly the envelope's files, in its order. Raises BidderFault (`manifest`)."""
    try:
        manifest = parse(plain)
        if set(manifest) != {"v", "type", "files"} or manifest["v"] != 1 or manifest["type"] != "manifest":
            raise ValueError("kind")
        entries = [_entry(entry) for entry in manifest["files"]]
    except (ValueError, TypeError, KeyError) as error:
        raise BidderFault("manifest") from error
    if [entry.n for entry in entries] != [file["n"] for file in envelope["files"] if file["n"] != MANIFEST]:
        raise BidderFault("manifest")
    return {entry.n: entry for entry in entries}


def _entry(entry: Json) -> ManifestEntry:
    if set(entry) != _ENTRY:
        raise ValueError("members")
    texts = (entry["name"], entry["media_type"])
    if not all(isinstance(text, str) and 0 < len(text) <= MAX_NAME for text in texts) or not is_hash(entry["sha256"]):
        raise ValueError("texts")
    counts = [entry["n"], entry["size"]] + ([] if entry["asked"] is None else [entry["asked"]])
    if not all(map(_is_count, counts)):
        raise ValueError("counts")
    return ManifestEntry(**entry)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0
