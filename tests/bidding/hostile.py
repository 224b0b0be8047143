"""Files as attackers and careless people hand them in, made here: no sample of anything real."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def docx(**more: bytes) -> bytes:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
    return zipped(parts | {name.replace("__", "/"): content for name, content in more.items()})


def hwpx() -> bytes:
    return zipped({"mimetype": b"application/hwp+zip", "Contents/section0.xml": b"<hs:sec/>"}, zipfile.ZIP_STORED)


def bomb() -> bytes:
    """A document of some tens of kilobytes that unpacks to 60 MB."""
    return docx(word__media=bytes(60 * 1024 * 1024))


def liar() -> bytes:
    """An archive whose list says that a member is short; it unpacks to more."""
    content = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"A" * 100_000})
    short = struct.pack("<I", 10)
    return content.replace(struct.pack("<I", 100_000), short)


def slip() -> bytes:
    return docx(**{"..__..__etc__cron.d__x": b"* * * * * root id"})


def locked_zip() -> bytes:
    """The flag of encryption set on every member, here and in the list."""
    content = bytearray(docx())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = content.find(mark)
        while found >= 0:
            content[found + at] |= 1
            found = content.find(mark, found + 4)
    return bytes(content)


def picture(kind: str, width: int = 20, height: int = 10) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(target, kind)
    return target.getvalue()


def huge_png() -> bytes:
    """A PNG of a few hundred bytes that says it has 40,000 by 40,000 pixels."""
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(200))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def compound(streams: Mapping[str, bytes], *, cyclic: bool = False) -> bytes:
    """A compound file whose small streams lie in the root's own; at most seven of them, each within 64 bytes."""
    names = list(streams)
    mini = b"".join(content[:64].ljust(64, b"\0") for content in streams.values()).ljust(512, b"\0")
    entries = [_entry("Root Entry", 5, 2, len(mini))]
    entries += [_entry(name, 2, place, min(64, len(streams[name]))) for place, name in enumerate(names)]
    directory = b"".join(entries).ljust(1024, b"\0")
    # Sectors: 0 FAT, 1 and 3 directory, 2 the mini stream, 4 mini FAT.
    fat = struct.pack("<5I", FAT, 1 if cyclic else 3, END, END, END).ljust(512, b"\xff")
    mini_fat = struct.pack(f"<{len(names)}I", *[END] * len(names)).ljust(512, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(10) + struct.pack("<IIIIIIII", 1, 1, 0, 4096, 4, 1, END, 0) + struct.pack("<I", 0)
    return header.ljust(512, b"\xff") + fat + directory[:512] + mini + directory[512:] + mini_fat


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    spelled = name.encode("utf-16-le") + b"\0\0"
    head = spelled.ljust(64, b"\0") + struct.pack("<HBB", len(spelled), kind, 1)
    return head.ljust(116, b"\0") + struct.pack("<IQ", start, size)


def hwp(flags: int = 1) -> bytes:
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010000, flags)
    return compound({"FileHeader": header, "DocInfo": b"x"})
