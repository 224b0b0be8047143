"""Whether a zip file can be read in one way only: one file after the other, their directory, its end, nothing else."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence

_LOCAL, _CENTRAL, _END, _LONG_END = 30, 46, 22, 76  # bytes of the fixed parts
_UTF8_NAMES, _SPEED = 0x0800, 0x0006  # flags that change nothing in what is read


def check_plain(data: bytes, members: Sequence[zipfile.ZipInfo], directory: int) -> None:
    """ValueError where anything stands before, between or after the files, the directory (at `directory`) and its end.

    Two readers then see the same files: nothing is left that one of them finds and the other passes over.
    """
    at = directory_bytes = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.flag_bits & ~(_UTF8_NAMES | _SPEED):
            raise ValueError(f"{member.filename} is encrypted, or packed in another way")
        if member.header_offset != at:
            raise ValueError("something stands between the files")
        name, extra = struct.unpack_from("<HH", data, at + 26)
        at += _LOCAL + name + extra + member.compress_size
        directory_bytes += _CENTRAL + name + len(member.extra) + len(member.comment)
    rest = len(data) - directory - directory_bytes
    if at != directory or rest not in (_END, _END + _LONG_END) or data[-_END:-18] != b"PK\x05\x06":
        raise ValueError("something stands between the files and the end")
