"""gunicorn's settings for the bare program: Naru's own, without what belongs to Naru's database pool."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

globals().update(runpy.run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py")))
wsgi_app = "benchmarks.bare:app"


def post_fork(_server: Any, _worker: Any) -> None:
    """Connections are opened after the fork, by each thread for itself."""
