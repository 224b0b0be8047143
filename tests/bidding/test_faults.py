"""The short form of `make torture`: bids come in while the machine is taken apart under them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults import database_crash, intake, register, valkey_crash, web_crash
from tests.faults.intake import UnderLoad


@pytest.mark.timeout(300)
def test_no_receipt_is_lost_and_no_bid_doubled_whatever_is_killed() -> None:
    ways: tuple[Callable[[UnderLoad], None], ...] = (
        web_crash.kill_a_worker,
        valkey_crash.kill,
        database_crash.kill,
        valkey_crash.empty,
        web_crash.kill_a_worker,
    )

    def fault(load: UnderLoad, number: int) -> None:
        load.wait(0.1, 0.4)
        ways[number](load)

    assert intake.run(len(ways), fault, tenders=8).startswith("5 faults")


@pytest.mark.parametrize("name", register.FAULTS)
def test_what_is_listed_can_be_run(name: str) -> None:
    assert callable(register.FAULTS[name].load())
