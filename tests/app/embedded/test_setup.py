"""The set-up of a fresh clone: what can be tried without fetching anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.embedded import setup


def make(root: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command, changed = ["make", *arguments], dict(os.environ, **env)
    return subprocess.run(command, cwd=root, env=changed, capture_output=True, text=True, timeout=60, check=False)


def fake_python(tmp_path: Path, version: str) -> Path:
    """A program that answers as a Python of `version` would."""
    program = tmp_path / "python-of-old"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}" && exit 0\nexit 1\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("target", ["run", "test", "lint"])
def test_an_old_python_is_named_with_a_way_out(root: Path, tmp_path: Path, target: str) -> None:
    done = make(root, f"PYTHON={fake_python(tmp_path, '3.10.1')}", target)
    assert done.returncode != 0
    assert "needs Python 3.11 or later" in done.stdout
    assert "Python 3.10.1" in done.stdout
    assert "PYTHON=python3.12" in done.stdout


def test_the_list_of_commands_is_what_make_says_by_itself(root: Path) -> None:
    said = make(root).stdout
    for target in ("run", "test", "lint", "bench", "stop", "reset"):
        assert f"make {target}" in said


def test_everything_that_is_installed_is_pinned(root: Path) -> None:
    for name in ("requirements.txt", "requirements-demo.txt", "requirements-test.txt", "requirements-mutation.txt"):
        lines = [line for line in (root / name).read_text("utf-8").splitlines() if not line.startswith("#")]
        assert lines
        assert all("==" in line for line in lines), name


def test_every_wanted_package_has_its_pin(root: Path) -> None:
    for name in ("requirements", "requirements-demo", "requirements-test", "requirements-mutation"):
        pins = (root / f"{name}.txt").read_text("utf-8").splitlines()
        pinned = {line.split("==")[0] for line in pins if "==" in line}
        wanted = [line for line in (root / f"{name}.in").read_text("utf-8").splitlines() if line and line[0] != "#"]
        names = {line.split("[")[0].split("<")[0].strip().lower() for line in wanted}
        assert names <= pinned, name


def test_nothing_third_party_is_committed(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    tracked = listed.stdout.splitlines()
    strangers = ("node_modules/", "app/static/vendor/", ".venv/", "var/")
    assert [name for name in tracked if name.startswith(strangers) or name.endswith((".woff2", ".ttf", ".mo"))] == []


def test_what_pages_and_documents_need_is_in_place() -> None:
    for name in setup.BROWSER_FILES.values():
        assert (setup.VENDOR / name).stat().st_size > 0


def test_a_stamp_tells_changed_lists_from_unchanged_ones(tmp_path: Path) -> None:
    pins, stamp = tmp_path / "pins.txt", tmp_path / "stamp"
    pins.write_text("flask==3.1.3\n")
    stamp.write_text(setup.digest(pins))
    assert setup.is_stamped(stamp, setup.digest(pins))
    pins.write_text("flask==3.1.4\n")
    assert not setup.is_stamped(stamp, setup.digest(pins))


def test_without_any_way_to_a_virtual_environment_the_way_out_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "VENV", tmp_path / "venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(setup.SetUpFailed, match="apt-get install python3-venv"):
        setup.make_venv()
