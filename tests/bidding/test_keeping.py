"""The sealed entry of a bid cannot be erased while its tender goes on."""

from __future__ import annotations

import pytest
from flask import Flask

from app import time
from app.audit import erasure, evidence, find_index, sequencer
from app.auth import system
from app.db import transaction
from app.errors import IllegalTransition
from bidding.keyholder.panel import Panel
from bidding.services.opening import fail
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published


def test_a_bids_entry_is_kept_until_the_tender_is_over(app: Flask, keyholder: Panel, stage: Stage) -> None:
    tender = published(an_agency(), keyholder)
    bid = place(tender, bidders(1)[0], 90_000_000)
    sequencer.run_step()
    index, owner = find_index(bid.event_id), app.config["DATABASE_OWNER_URL"]
    assert index is not None
    with pytest.raises(IllegalTransition, match="is not over"):
        erasure.erase(index, "PIPA 21", system(), time.now(), owner)
    stage.close(tender)
    with transaction():
        fail(tender, "too-few-bids", time.now())
    assert tender.state == TenderState.FAILED
    assert erasure.erase(index, "PIPA 21", system(), time.now(), owner)
    assert evidence.logged([bid.event_id]) == []
