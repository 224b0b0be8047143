"""The three keyholders of `make run`: a program each, with its own folder, backup, port and key.

They stand on one machine, so that they are one operator's, and every page says so. What they show is how it works.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from app.embedded.children import Children
from app.embedded.console import kept_port

NAMES = ("A", "B", "C")
FOLDERS = tuple(f"keyholder-{name}{end}" for name in NAMES for end in ("", "-backup"))


def addresses(run_folder: Path) -> str:
    """NARU_KEYHOLDERS: each at a port of its own, the same as last time."""
    ports = {name: kept_port(run_folder / f"keyholder-{name}-port") for name in NAMES}
    return ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in ports.items())


def start_all(children: Children, env: Mapping[str, str], var: Path) -> None:
    """Start those that do not run yet. Where the caller's environment names other keyholders, ours are none of them."""
    running = {child.name for child in children.all}
    urls = dict(pair.split("=", 1) for pair in env["NARU_KEYHOLDERS"].split(",") if "=" in pair)
    _take_over(var)
    for name in NAMES:
        if f"keyholder-{name}" in running or not urls.get(name, "").startswith("http://127.0.0.1:"):
            continue
        own = {
            "NARU_KEYHOLDER_NAME": name,
            "NARU_KEYHOLDER_PORT": urls[name].rsplit(":", 1)[1],
            "NARU_KEYHOLDER_DIR": str(var / f"keyholder-{name}"),
            "NARU_KEYHOLDER_BACKUP": str(var / f"keyholder-{name}-backup"),
        }
        children.start(f"keyholder-{name}", [sys.executable, "-m", "bidding.keyholder"], own)


def _take_over(var: Path) -> None:
    """The folder of the one keyholder of version 0.1, which is A."""
    old, new = var / "keyholder", var / "keyholder-A"
    if old.exists() and not new.exists():
        old.rename(new)
