"""Published vectors that lie beside the project (`../shared/data/vectors`), or a few of our own where they do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "data" / "vectors"


def load(name: str, own: Any) -> Any:
    """The vectors of the file `name`; `own` where it is missing (`say_whether_there` tells so in the report)."""
    path = VECTORS / name
    return json.loads(path.read_text()) if path.exists() else own


def say_whether_there(name: str) -> None:
    if not (VECTORS / name).exists():
        pytest.skip(f"{name} is not there: a small set of our own was used")
