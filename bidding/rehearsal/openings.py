"""Where the real openings lie: beside the project, where somebody has put them; else a small set of our own."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
REAL = Path("..") / "shared" / "data" / "koneps_openings.jsonl"
OWN = Path(__file__).parent / "openings.jsonl"


def openings_file() -> Path:
    """NARU_OPENINGS, the file of real openings beside the project, or our own invented ones."""
    named = os.environ.get("NARU_OPENINGS")
    if named:
        return Path(named)
    real = (ROOT / REAL).resolve()
    return real if real.exists() else OWN
