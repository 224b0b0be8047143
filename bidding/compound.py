"""Just enough of the Compound File Binary format (HWP 5, old Office) to know what a file is: the names of its streams,
and the first bytes of a small one. Every chain is cut at a limit, so that a file that turns in circles ends.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
END = 0xFFFFFFFA  # this and higher are marks, not sectors
MAX_CHAIN = 4096
ENTRY = 128


class NotCompound(ValueError):
    """Not such a file, or a damaged one."""


class Compound:
    """A compound file as far as it has been looked into. Raises NotCompound."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)
        header = file.read(512)
        if len(header) < 512 or not header.startswith(SIGNATURE):
            raise NotCompound("no header")
        self._shift, self._mini_shift = struct.unpack_from("<HH", header, 30)
        if self._shift not in (9, 12) or self._mini_shift != 6:
            raise NotCompound("sector sizes")
        directory, self._cutoff, self._mini_fat = struct.unpack_from("<I4xII", header, 48)
        self._difat = [one for one in struct.unpack_from("<109I", header, 76) if one < END]
        self._read_difat(struct.unpack_from("<I", header, 68)[0])
        self._entries = dict(self._read_entries(directory))

    @property
    def names(self) -> frozenset[str]:
        """Every stream and storage, wherever it lies."""
        return frozenset(self._entries)

    def head(self, name: str, length: int) -> bytes:
        """The first bytes of a stream, at most one sector of it."""
        start, size = self._entries.get(name, (END, 0))
        if start >= END:
            return b""
        if size >= self._cutoff:
            return self._sector(start)[: min(length, size)]
        return self._mini_sector(start)[: min(length, size)]

    def _sector(self, number: int) -> bytes:
        self._file.seek((number + 1) << self._shift)
        content = self._file.read(1 << self._shift)
        if len(content) < 1 << self._shift:
            raise NotCompound("cut off")
        return content

    def _read_difat(self, start: int) -> None:
        for _ in range(MAX_CHAIN):
            if start >= END:
                return
            *numbers, start = struct.unpack(f"<{(1 << self._shift) // 4}I", self._sector(start))
            self._difat += [one for one in numbers if one < END]
        raise NotCompound("goes round")

    def _after(self, number: int) -> int:
        place, at = divmod(number, (1 << self._shift) // 4)
        if place >= len(self._difat):
            raise NotCompound("no such sector")
        following: int = struct.unpack_from("<I", self._sector(self._difat[place]), at * 4)[0]
        return following

    def _chain(self, start: int) -> Iterator[int]:
        for _ in range(MAX_CHAIN):
            if start >= END:
                return
            yield start
            start = self._after(start)
        raise NotCompound("goes round")

    def _read_entries(self, directory: int) -> Iterator[tuple[str, tuple[int, int]]]:
        for number in self._chain(directory):
            sector = self._sector(number)
            for at in range(0, len(sector), ENTRY):
                entry = sector[at : at + ENTRY]
                length, kind = struct.unpack_from("<HB", entry, 64)
                if kind and 2 <= length <= 64:
                    name = entry[: length - 2].decode("utf-16-le", errors="replace")
                    yield ("/" if kind == 5 else name), struct.unpack_from("<II", entry, 116)

    def _mini_sector(self, number: int) -> bytes:
        """A small stream's first 64 bytes: they lie in the root's own stream."""
        place, at = divmod(number << self._mini_shift, 1 << self._shift)
        root, _ = self._entries.get("/", (END, 0))
        for position, sector in enumerate(self._chain(root)):
            if position == place:
                return self._sector(sector)[at : at + (1 << self._mini_shift)]
        raise NotCompound("cut off")
