"""Published openings through the whole system: sealed, opened, awarded, verified, as in reality."""

from __future__ import annotations

from itertools import islice

from flask import Flask

from bidding.keyholder.panel import Panel
from bidding.rehearsal.openings import openings_file
from bidding.rehearsal.replaying import replay
from bidding.replay import read_openings

OPENINGS = 5


def test_five_openings_come_out_as_they_did(app: Flask, keyholder: Panel) -> None:
    tenders = list(islice(read_openings(openings_file()), OPENINGS))
    stages: list[str] = []
    summary = replay(tenders, keyholder, lambda what, done, total: stages.append(what) if done == total else None)
    assert summary.differences == []
    assert summary.winner_ok == summary.floor_price_ok == summary.planned_price_ok == summary.tenders == len(tenders)
    assert set(stages) == {"register", "bid", "open", "award", "bundle", "verify"}
