"""The monitor follows a whole tender, from notice to award, and has nothing to say; then it is given reasons."""

from __future__ import annotations

from typing import Any

from app import audit, keys, time
from app.audit.monitoring import Monitor
from app.audit.reading import LogReader
from app.audit.sequencer import run_step
from app.audit.watch_rules import EntryRules
from app.audit.watch_store import Store
from app.auth import system
from app.db import transaction
from app.tlog import policy
from bidding.keyholder.panel import Panel
from bidding.monitor_rules import TenderRules
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency
from tests.bidding.test_awarding import confirm, opened, propose


def test_a_whole_tender_is_silent_and_what_breaks_its_rules_is_not(
    keyholder: Panel, stage: Stage, live_server: Any
) -> None:
    agency = an_agency()
    tender, digest = opened(agency, keyholder, stage, 90_000_000, 91_000_000, 92_000_000)
    propose(tender, digest, agency)
    confirm(tender, digest, agency)
    stage.work()
    read = policy.parse(f"log {keys.vkey_of('log')}\nquorum none\n")
    monitor = Monitor(LogReader(f"{live_server.url}/log"), read, Store(None), [EntryRules(), TenderRules()])
    assert monitor.turn(time.now()) == []
    kinds = {"tender.published", "tender.closed", "opening.group", "opening.opened", "award.confirmed"}
    assert kinds <= {entry.type for entry in audit.entries_of(str(tender.reference))}
    with transaction():
        for kind in ("tender.closed", "tender.deadline_changed", "bid.submitted"):
            audit.emit(kind, system(), time.now(), subject="tender:1", tender=str(tender.reference), closed_at="soon")
    run_step()
    alarms = monitor.turn(time.now())
    assert [alarm.kind for alarm in alarms] == ["tender"] * 4
    said = " ".join(alarm.text for alarm in alarms)
    for part in ("there is one already", "out of time", "names nobody who approved it", "sealed part of the log"):
        assert part in said
