"""A short run of F3; two hundred kills in `python -m tests.faults log-crashes`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from app.embedded.postgres import Postgres
from tests.faults import log_crashes


@pytest.mark.timeout(180)
def test_kills_and_broken_writes_leave_no_gap_no_fork_and_one_root_for_each_size(cluster: Postgres) -> None:
    with tempfile.TemporaryDirectory(prefix="naru-log-") as folder:
        assert log_crashes.crash(cluster, Path(folder), 8, seed=1).startswith("8 kills")
