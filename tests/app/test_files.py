"""The file store: bytes under their own hash, whole or not there."""

from __future__ import annotations

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from app import files
from app.errors import NotFound


def kept(app: Flask) -> list[Path]:
    return [path for path in (Path(app.config["NARU_VAR"]) / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"words", bytes(1_000_000)])
def test_what_is_stored_is_found_under_its_hash(app: Flask, content: bytes) -> None:
    sha256 = files.store(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert files.load(sha256) == content


def test_the_same_bytes_are_kept_once_and_for_nobody_else_to_write(app: Flask) -> None:
    def store(_: int) -> str:
        with app.app_context():
            return files.store(b"the same")

    with ThreadPoolExecutor(8) as hands:
        assert len(set(hands.map(store, range(16)))) == 1
    (path,) = kept(app)  # and no unfinished part beside it
    assert stat.S_IMODE(path.stat().st_mode) & 0o027 == 0


def test_a_damaged_file_is_a_fault_and_no_answer(app: Flask) -> None:
    sha256 = files.store(b"as it was")
    (path,) = kept(app)
    path.write_bytes(b"as it is not")
    with pytest.raises(OSError, match="damaged"):
        files.load(sha256)


@pytest.mark.parametrize("name", ["", "0" * 64, "../../../etc/passwd", "A" * 64, "0" * 63, "٠" * 64])
def test_what_is_no_file_of_ours_is_not_found(app: Flask, name: str) -> None:
    with pytest.raises(NotFound):
        files.load(name)
