"""A tender whose documents are all optional takes bids that were sealed without a browser, and so without any."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import time
from app.tlog.canon import jcs, parse
from bidding.box_file import read_box_file
from bidding.key_file import Bidder, write_key_file
from bidding.keyholder.panel import Panel
from bidding.seal import main
from bidding.services.submission import SealedBid, submit_bid
from tests.bidding.node import ask
from tests.bidding.staging import an_agency, bidders
from tests.bidding.submitting import PROPOSAL, RECORDS, asking_for_documents

PASSPHRASE = "four quiet herons wade"


@pytest.mark.parametrize(("asked", "needs"), [([RECORDS], False), ([PROPOSAL, RECORDS], True)])
def test_the_box_file_says_whether_a_bid_can_do_without(
    app: Flask, client: FlaskClient, keyholder: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    asked: list[dict[str, object]], needs: bool,
) -> None:  # fmt: skip
    tender = asking_for_documents(an_agency(), keyholder, asked_documents=asked)
    data = client.get(f"/tenders/{tender.reference}/box.json").data
    whole = parse(data.strip())
    bare = jcs({name: value for name, value in whole.items() if name != "notice"})
    forged = jcs({**whole, "notice": {**whole["notice"], "documents": []}})
    assert [read_box_file(one).needs_documents for one in (data, bare)] == [needs, True]
    with pytest.raises(ValueError):
        read_box_file(forged)
    first, second, third = ask("readBoxFiles", [one.decode() for one in (data, bare, forged)])
    assert (first, second) == ({"ok": needs}, {"ok": True})
    assert "ok" not in third

    bidder = bidders(1)[0]
    box, key, secret = tmp_path / "box.json", tmp_path / "key.json", tmp_path / "secret"
    box.write_bytes(data)
    key.write_bytes(write_key_file(Bidder(bidder.business_number, bidder.kid, bidder.key), "x", PASSPHRASE))
    secret.write_text(PASSPHRASE, "utf-8")
    arguments = [str(box), "--key", str(key), "--passphrase-file", str(secret), "--amount", "90000000"]
    assert main([*arguments, "--picks", "1,2"]) == (2 if needs else 0)
    out, err = capsys.readouterr()
    assert ("requires none" in err) is not needs
    if not needs:
        posted = parse(out.strip().encode())
        sealed = SealedBid(posted["statement"], posted["signature"], posted["env_price"], posted["env_docs"])
        assert submit_bid(str(tender.reference), sealed, bidder.actor, time.now()).is_new
