"""A closing counts as witnessed once enough witnesses have cosigned it; after ten minutes without, people decide."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.audit.witnessing import attendants, cadence
from app.embedded.postgres import Postgres
from bidding.keyholder.panel import Panel
from bidding.services.witnessing import Standing, is_closing_near, standing
from tests.app.audit.test_witnessing import settle
from tests.app.audit.witnesses import serving, three, write_policy
from tests.bidding.conftest import Later, Stage
from tests.bidding.staging import an_agency, bidders, place, published


def test_the_closing_waits_for_the_quorum_and_after_ten_minutes_says_so(
    app: Flask, keyholder: Panel, stage: Stage, later: Later, cluster: Postgres, tmp_path: Path
) -> None:
    tender = published(an_agency(), keyholder)
    for bidder in bidders(2):
        place(tender, bidder, 90_000_000)
    witnesses = three(tmp_path)
    write_policy(app, tmp_path, witnesses)
    with ExitStack() as stack:
        app.config["NARU_WITNESSES"] = {name: stack.enter_context(serving(one)) for name, one in witnesses.items()}
        stage.close(tender)
        settle(cluster)
        assert standing(tender, later()) is Standing.WAITING
        first, second, _ = attendants(app)
        first.turn()
        assert standing(tender, later() + timedelta(minutes=11)) is Standing.UNWITNESSED
        second.turn()
        assert standing(tender, later() + timedelta(minutes=11)) is Standing.WITNESSED
    with pytest.raises(LookupError, match=r"opening\.group"):
        standing(tender, later(), ("tender.closed", "opening.group"))


def test_without_witnesses_a_signed_closing_is_enough(keyholder: Panel, stage: Stage, later: Later) -> None:
    tender = published(an_agency(), keyholder)
    stage.close(tender)
    assert standing(tender, later()) is Standing.WITNESSED


def test_the_archive_is_dense_for_ten_minutes_before_and_after_a_closing(
    app: Flask, keyholder: Panel, stage: Stage
) -> None:
    tender = published(an_agency(), keyholder)
    assert tender.closes_at is not None
    near = [timedelta(minutes=minutes) for minutes in (-11, -9, 0, 9, 11)]
    assert [is_closing_near(tender.closes_at + by) for by in near] == [False, True, True, True, False]
    stage.close(tender)
    assert is_closing_near(tender.closes_at + timedelta(minutes=9))
    assert cadence(tender.closes_at) == 10.0
