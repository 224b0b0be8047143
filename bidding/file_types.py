"""What a decrypted file is, by what it holds, and whether it may be handed on.

Its name and the type that its sender gave it decide nothing. Documents (PDF, HWP, HWPX, Office, ODF) and pictures are
handed on; everything else is not, nor what unpacks to far more than it is or holds macros.
"""

from __future__ import annotations

import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

import puremagic
from PIL import Image

from bidding.compound import SIGNATURE, Compound, NotCompound

HEAD = 4096
MAX_ENTRIES = 10_000
MAX_DIRECTORY = 4 * 1024**2  # bytes of an archive's list of files
MAX_UNPACKED = 1024**3
MAX_RATIO = 200
SMALL = 10 * 1024**2  # what unpacks to less is no bomb
MAX_PIXELS = 150_000_000
BLOCK = 65_536

# Media type and endings of what is handed on.
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "pdf": ("application/pdf", (".pdf",)),
    "hwp": ("application/x-hwp", (".hwp",)),
    "hwpx": ("application/hwp+zip", (".hwpx",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",)),
    "odt": ("application/vnd.oasis.opendocument.text", (".odt",)),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", (".ods",)),
    "odp": ("application/vnd.oasis.opendocument.presentation", (".odp",)),
    "doc": ("application/msword", (".doc",)),
    "xls": ("application/vnd.ms-excel", (".xls",)),
    "ppt": ("application/vnd.ms-powerpoint", (".ppt",)),
    "png": ("image/png", (".png",)),
    "jpeg": ("image/jpeg", (".jpg", ".jpeg")),
    "gif": ("image/gif", (".gif",)),
    "tiff": ("image/tiff", (".tif", ".tiff")),
    "bmp": ("image/bmp", (".bmp",)),
    "webp": ("image/webp", (".webp",)),
}
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_PARTS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_TOLD = {media_type: kind for kind, (media_type, _) in KINDS.items()}  # what a `mimetype` member says
_MACROS = ("vbaproject.bin", "vbadata.xml")
_MACRO_STREAMS = frozenset({"VBA", "_VBA_PROJECT_CUR", "Macros"})
_ENCRYPTED_PDF = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R")
# Bidirectional controls turn `cod.exe` round to look like `exe.doc`.
_UNSEEN = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\ufeff\u200b")
# What the readers of archives and pictures raise for what is none, or is cut off or changed.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError),
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, RuntimeError, SyntaxError),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is one of KINDS or a media type. `reason` None: handed on; else a code that says why not.

    `is_unreadable`: nobody could read it, not even its receiver. `is_locked`: it may ask for a password (PDF).
    """

    kind: str
    reason: str | None = None
    is_locked: bool = False

    @property
    def is_unreadable(self) -> bool:
        return self.reason in ("empty", "password", "damaged")


def examine(file: BinaryIO) -> Finding:
    """Look into a file that can be sought in. Raises nothing for whatever it holds."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return Finding("", "empty")
    if head.startswith(SIGNATURE):
        return _compound(file)
    if head.startswith(b"PK\x03\x04"):
        return _archive(file)
    if head.startswith((b"%PDF-", b"\xef\xbb\xbf%PDF-")):
        return Finding("pdf", is_locked=_is_locked_pdf(file))
    picture = _picture_kind(head)
    return _picture(file, picture) if picture else Finding(_other(head), "type")


def _compound(file: BinaryIO) -> Finding:
    try:
        found = Compound(file)
        names = found.names
        if "EncryptedPackage" in names:
            return Finding("office", "password")
        if "FileHeader" in names:
            header = found.head("FileHeader", 40)
            if not header.startswith(b"HWP Document File"):
                return Finding("application/x-ole-storage", "type")
            return Finding("hwp", "password" if len(header) > 36 and header[36] & 2 else None)
    except (NotCompound, struct.error):
        return Finding("application/x-ole-storage", "damaged")
    for stream, kind in _STREAMS.items():
        if stream in names:
            return Finding(kind, "macros" if names & _MACRO_STREAMS else None)
    return Finding("application/x-ole-storage", "type")


def _archive(file: BinaryIO) -> Finding:
    kind = "application/zip"
    try:
        if (why := _why_not_listed(file)) is not None:
            return Finding(kind, why)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            kind = _archive_kind(archive, [entry.filename for entry in entries])
            return Finding(kind, _why_not_unpacked(archive, entries, file) or (None if kind in KINDS else "type"))
    except BROKEN:
        return Finding(kind, "damaged")


def _why_not_listed(file: BinaryIO) -> str | None:
    """The list of an archive's files is looked at before anything reads it into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return "damaged"
    entries, length = struct.unpack_from("<HI", tail, at + 10)
    return "archive" if entries > MAX_ENTRIES or length > MAX_DIRECTORY else None


def _archive_kind(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "mimetype" in names and archive.getinfo("mimetype").file_size <= 200:
        told = archive.read("mimetype").decode("ascii", errors="replace").strip()
        return _TOLD.get(told, "application/zip")
    if "[Content_Types].xml" in names:
        found = (kind for part, kind in _PARTS.items() if any(name.startswith(part) for name in names))
        return next(found, "application/zip")
    return "application/zip"


def _why_not_unpacked(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], file: BinaryIO) -> str | None:
    packed = file.seek(0, 2)
    unpacked = sum(entry.file_size for entry in entries)
    if any(_leads_out(entry.filename) or (entry.external_attr >> 28) == 0xA for entry in entries):
        return "path"
    if any(entry.flag_bits & 1 for entry in entries):
        return "password"
    # Files that share their packed bytes add up to more than the archive has.
    if sum(entry.compress_size for entry in entries) > packed or unpacked > MAX_UNPACKED:
        return "archive"
    if unpacked > max(SMALL, MAX_RATIO * packed):
        return "archive"
    if any(PurePath(entry.filename).name.lower() in _MACROS for entry in entries):
        return "macros"
    for entry in entries:
        with archive.open(entry) as member:  # what is longer or shorter than it says ends in BadZipFile
            while member.read(BLOCK):
                pass
    return None


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\0" in name


def _is_locked_pdf(file: BinaryIO) -> bool:
    """Whether it names an encryption: of the content, or only of what may be done with it."""
    file.seek(0)
    kept = b""
    while block := file.read(1024**2):
        if _ENCRYPTED_PDF.search(kept + block):
            return True
        kept = block[-64:]
    return False


def _picture_kind(head: bytes) -> str | None:
    beginnings = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}
    beginnings |= {b"II*\0": "tiff", b"MM\0*": "tiff", b"BM": "bmp"}
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return next((kind for beginning, kind in beginnings.items() if head.startswith(beginning)), None)


def _picture(file: BinaryIO, kind: str) -> Finding:
    """Its size is read, not its pixels."""
    file.seek(0)
    try:
        with Image.open(file, formats=[kind.upper()]) as picture:
            width, height = picture.size
    except Image.DecompressionBombError:
        return Finding(kind, "pixels")
    except BROKEN:
        return Finding(kind, "damaged")
    return Finding(kind, "pixels" if width * height > MAX_PIXELS else None)


def _other(head: bytes) -> str:
    if head.startswith((b"MZ", b"\x7fELF", b"#!")):
        return "application/x-executable"
    try:
        return str(puremagic.from_string(head, mime=True)) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"


def clean_name(name: str) -> str:
    """A name as it can be shown and saved: nothing unseen, and no path."""
    seen = [character for character in name if character not in _UNSEEN]
    plain = ["_" if unicodedata.category(one)[0] == "C" or one in '/\\:*?"<>|' else one for one in seen]
    return "".join(plain).strip(" .")[-180:] or "document"


def safe_name(name: str, kind: str) -> str:
    """A name to save a file of one of KINDS under, with an ending that says what it is."""
    plain, endings = clean_name(name), KINDS[kind][1]
    return plain if plain.lower().endswith(endings) else plain + endings[0]
