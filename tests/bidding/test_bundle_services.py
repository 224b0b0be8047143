"""What the running system publishes of a tender that witnesses looked at: their word is in the bundle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask

from app import files, keys, time
from app.audit.sequencer import run_step
from app.audit.witness import Witness
from app.audit.witnessing import attendants
from app.db import db, transaction
from app.embedded.postgres import Postgres
from app.errors import TemporarilyUnavailable
from bidding import bundle, pins
from bidding.checks import Check, Result
from bidding.keyholder.panel import Panel
from bidding.keyholders import configured
from bidding.models import Bundle, Tender
from bidding.rehearsal.stages import award
from bidding.services.bundling import publish_bundle
from bidding.services.opening import begin_opening, open_bids
from bidding.services.release import gather
from bidding.verify import verify
from tests.app.audit.test_witnessing import settle
from tests.app.audit.witnesses import serving, three, write_policy
from tests.bidding.conftest import PATIENCE, Stage
from tests.bidding.real import real_tender, working_day
from tests.bidding.staging import an_agency, bidders, place, published
from tests.bidding.test_outages import MINUTE, decided, sample, well


@pytest.fixture
def witnesses(app: Flask, tmp_path: Path) -> Iterator[dict[str, Witness]]:
    """Three, of whom two are enough, being served."""
    made = three(tmp_path)
    write_policy(app, tmp_path, made)
    with ExitStack() as stack:
        app.config["NARU_WITNESSES"] = {name: stack.enter_context(serving(one)) for name, one in made.items()}
        yield made


def look(app: Flask, cluster: Postgres, count: int = 2) -> None:
    """So many of the witnesses cosign what there is."""
    settle(cluster)
    for attendant in attendants(app)[:count]:
        attendant.turn()


def results(report: list[Check], code: str) -> list[Result]:
    return [check.result for check in report if check.code == code]


def open_before_witnesses(app: Flask, cluster: Postgres, stage: Stage, tender: Tender) -> None:
    """As `Stage.open` does, but the witnesses see the group before pieces are asked for: a release waits for them."""
    assert tender.opens_at is not None
    stage.later.set_to(tender.opens_at)
    with transaction():
        assert begin_opening(tender.id, stage.later)
    run_step()
    look(app, cluster)
    with transaction():
        assert gather(tender.id, "price", configured(), stage.later(), PATIENCE)
    with transaction():
        assert open_bids(tender.id, stage.later)
    run_step()


def opened(app: Flask, cluster: Postgres, keyholder: Panel, stage: Stage) -> Tender:
    agency = an_agency()
    tender = published(agency, keyholder)
    for number, bidder in enumerate(bidders(3)):
        place(tender, bidder, 90_000_000 + number, (1, number + 2))
    look(app, cluster)
    stage.close(tender)
    look(app, cluster)
    open_before_witnesses(app, cluster, stage, tender)
    with transaction():
        assert award(agency, tender.id, time.now())
    run_step()
    return tender


def test_witnesses_are_in_the_bundle_and_it_passes(
    app: Flask, cluster: Postgres, keyholder: Panel, stage: Stage, witnesses: dict[str, Witness]
) -> None:
    tender = opened(app, cluster, keyholder, stage)
    look(app, cluster)
    with transaction():
        publish_bundle(tender.id, "award", time.now())
    data = files.load(db.session.get_one(Bundle, (tender.id, "award")).sha256)
    read = bundle.read(data)
    assert tender.box is not None
    assert sha256(read.files["policy.txt"]).hexdigest() == tender.box["policy"]
    assert read.under("checkpoints")
    own = [f"agency {keys.vkey_of('agency')}", f"receipt {keys.vkey_of('receipt')}"]
    own += [f"holder {holder} {vkey}" for holder, vkey in tender.holder_vkeys.items()]
    pinned = pins.parse(read.text("policy.txt") + "\n".join(own) + "\n")
    older = read.json(read.under("checkpoints")[0])["note"]
    report = verify(data, pinned=pinned, old_checkpoint=older)
    assert [str(check) for check in report if check.result is Result.FAIL] == []
    for code in ("V02", "V12", "V13", "V25"):
        assert results(report, code) == [Result.PASS]


def test_without_the_quorum_there_is_no_bundle_yet(
    app: Flask, cluster: Postgres, keyholder: Panel, stage: Stage, witnesses: dict[str, Witness]
) -> None:
    """What the witnesses have not seen is not published as if they had."""
    tender = opened(app, cluster, keyholder, stage)
    look(app, cluster, count=1)
    with pytest.raises(TemporarilyUnavailable), transaction():
        publish_bundle(tender.id, "award", time.now())
    look(app, cluster, count=2)
    with transaction():
        publish_bundle(tender.id, "award", time.now())
    assert db.session.get(Bundle, (tender.id, "award")) is not None


def test_a_bundle_is_made_once(app: Flask, cluster: Postgres, keyholder: Panel, stage: Stage) -> None:
    tender = opened(app, cluster, keyholder, stage)
    for _ in range(2):
        with transaction():
            publish_bundle(tender.id, "award", time.now())
    first = db.session.get_one(Bundle, (tender.id, "award"))
    assert first.size == len(files.load(first.sha256))


def test_an_outage_that_moved_the_deadline_is_in_the_bundle(
    app: Flask, cluster: Postgres, keyholder: Panel, stage: Stage
) -> None:
    noon = working_day()
    tender = real_tender(an_agency(), keyholder, noon + 4 * MINUTE)
    for number, bidder in enumerate(bidders(2)):
        place(tender, bidder, 90_000_000 + number)
    run_step()
    end = sample(noon, "..xxxxxx..")
    decided(end)
    db.session.expire_all()
    assert tender.closes_at is not None
    well(end, tender.closes_at)
    stage.close(tender)
    stage.open(tender)
    with transaction():
        publish_bundle(tender.id, "opening", time.now())
    data = files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256)
    report = verify(data)
    assert [str(check) for check in report if check.result is Result.FAIL] == []
    assert results(report, "V07") == [Result.PASS, Result.WARN]
