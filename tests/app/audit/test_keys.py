"""The system's keys: made once, private, and never made in production."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import keys
from app.tlog import note


def _app(folder: Path, environment: str = "development") -> Flask:
    small = Flask("small")
    small.config.update(NARU_KEYS_DIR=str(folder), NARU_ENV=environment, NARU_LOG_ORIGIN="naru.example/2026")
    return small


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with _app(folder).app_context():
        first = keys.load("receipt").private_bytes_raw()
        keys._load.cache_clear()
        assert keys.load("receipt").private_bytes_raw() == first
    assert stat.S_IMODE((folder / "receipt.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_log_key_is_named_as_the_log_and_the_others_under_it(tmp_path: Path) -> None:
    with _app(tmp_path).app_context():
        assert keys.name_of("log") == "naru.example/2026"
        assert keys.name_of("agency") == "naru.example/2026/agency"
        signed = note.sign_object("box", {"v": 1}, keys.name_of("agency"), keys.load("agency"))
        assert note.open_object(signed, "box", [keys.vkey_of("agency")]) == {"v": 1}
        assert keys.read_vkey(tmp_path, "agency") == keys.vkey_of("agency")


def test_who_only_checks_needs_no_private_key(tmp_path: Path) -> None:
    with _app(tmp_path).app_context():
        made = keys.vkey_of("log")
    keys._load.cache_clear()
    (tmp_path / "log.pem").unlink()
    with _app(tmp_path, "production").app_context():
        assert keys.vkey_of("log") == made
        with pytest.raises(LookupError):
            keys.load("log")


def test_a_public_file_of_another_log_is_not_taken(tmp_path: Path) -> None:
    with _app(tmp_path).app_context():
        made = keys.vkey_of("log")
        (tmp_path / "log.vkey").write_text(made.replace("naru.example", "other.example"))
        assert keys.vkey_of("log") == made


def test_production_makes_no_key(tmp_path: Path) -> None:
    with _app(tmp_path, "production").app_context(), pytest.raises(LookupError, match="is missing"):
        keys.load("log")
    assert list(tmp_path.iterdir()) == []


def test_production_uses_the_key_it_was_given(tmp_path: Path) -> None:
    with _app(tmp_path).app_context():
        made = keys.vkey_of("log")
    with _app(tmp_path, "production").app_context():
        assert keys.vkey_of("log") == made


def test_two_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    keys._place(tmp_path / "log.pem", b"first")
    keys._place(tmp_path / "log.pem", b"second")
    assert (tmp_path / "log.pem").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["log.pem"]


@pytest.mark.parametrize("name", ["", "other", "../log", "LOG"])
def test_other_names_are_no_keys(tmp_path: Path, name: str) -> None:
    with _app(tmp_path).app_context():
        for ask in (keys.load, keys.name_of, keys.vkey_of):
            function: Any = ask
            with pytest.raises(LookupError):
                function(name)


def test_a_public_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"log\.vkey"):
        keys.read_vkey(tmp_path, "log")
