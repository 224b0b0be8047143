"""A time stamp over a bid before it is sent: by a real authority (`openssl ts`), and never in the way."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import time
from app.auth.models import Person
from app.db import db
from app.tlog.canon import parse, unb64u
from app.web.limits import limiter
from bidding.bid_file import BidFileError, make_bid_file, read_bid_file
from bidding.seal import main, seal_bid
from bidding.stamp import imprint_of, stamped_at
from tests.app.audit import tsa
from tests.bidding.node import ask
from tests.bidding.staging import bidders
from tests.bidding.test_bid_file import AT, BIDDER, PASSPHRASE, changed
from tests.bidding.world import World
from tests.signing_in import sign_in

STMT = "5a" * 32


@pytest.fixture
def authority(app: Flask, tmp_path: Path) -> Iterator[tsa.Authority]:
    made = tsa.Authority(tmp_path / "tsa")
    with tsa.serving(made) as url:
        app.config.update(NARU_TSA_URL=url, NARU_TSA_CERTS=str(made.certs))
        yield made


@pytest.fixture
def signed_in(client: FlaskClient) -> FlaskClient:
    sign_in(client, db.session.get_one(Person, bidders(1)[0].actor.person_id))
    return client


def stamp(client: FlaskClient, stmt: str = STMT) -> bytes:
    answer = client.post("/api/my/stamps", json={"stmt": stmt})
    assert answer.status_code == 200, answer.text
    return unb64u(answer.get_json()["token"])


def test_the_token_is_over_the_statement_and_openssl_takes_it(
    signed_in: FlaskClient, authority: tsa.Authority, tmp_path: Path
) -> None:
    token = stamp(signed_in)
    assert abs(stamped_at(token, STMT) - time.now()) < timedelta(seconds=10)
    (tmp_path / "bid.tsr").write_bytes(token)
    command = ["openssl", "ts", "-verify", "-digest", imprint_of(STMT), "-in", str(tmp_path / "bid.tsr")]
    done = subprocess.run([*command, "-CAfile", str(authority.certs)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with pytest.raises(ValueError):
        stamped_at(token, "5b" * 32)


@pytest.mark.parametrize("stmt", ["5a" * 31, "5A" * 32, "5a" * 32 + "\n", 5, None])
def test_only_a_statements_hash_is_stamped(signed_in: FlaskClient, authority: tsa.Authority, stmt: object) -> None:
    assert signed_in.post("/api/my/stamps", json={"stmt": stmt}).status_code == 422
    assert authority.asked == 0


def test_an_authority_that_is_away_or_was_never_named_is_said_so(app: Flask, signed_in: FlaskClient) -> None:
    assert signed_in.post("/api/my/stamps", json={"stmt": STMT}).status_code == 404
    app.config["NARU_TSA_URL"] = "http://127.0.0.1:9/"
    assert signed_in.post("/api/my/stamps", json={"stmt": STMT}).status_code == 503


def test_nobody_asks_without_end(signed_in: FlaskClient, authority: tsa.Authority) -> None:
    limiter.enabled = True
    limiter.reset()
    try:
        answers = [signed_in.post("/api/my/stamps", json={"stmt": "x"}).status_code for _ in range(13)]
    finally:
        limiter.enabled = False
    assert answers == [422] * 12 + [429]


def test_the_bid_file_keeps_it_and_python_and_the_browser_read_the_same(
    signed_in: FlaskClient, authority: tsa.Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = seal_bid(World().box, BIDDER, 225_000_000, (3, 11), AT)
    token = stamp(signed_in, sealed.stmt)
    at = stamped_at(token, sealed.stmt)
    data = make_bid_file(sealed.submission(), sealed.cek, None, PASSPHRASE, None, token)
    assert read_bid_file(data).stamped_at == at
    path, secret = tmp_path / "bid.json", tmp_path / "passphrase"
    path.write_bytes(data + b"\n")
    secret.write_text(PASSPHRASE, "utf-8")
    assert main(["--open", str(path), "--passphrase-file", str(secret)]) == 0
    assert f"time stamp {at:%Y-%m-%dT%H:%M:%SZ}" in capsys.readouterr().out
    other = stamp(signed_in)
    bad = [make_bid_file(sealed.submission(), sealed.cek, None, PASSPHRASE, None, other)]
    bad += [changed(data, "stamp", value=value) for value in (None, 5, "", "AAAA", parse(data)["stamp"][:-80])]
    good, *refused = ask("openBidFiles", [{"text": one.decode(), "passphrase": PASSPHRASE} for one in (data, *bad)])
    assert good["ok"]["stampedAt"] == int(at.timestamp()) * 1000
    assert refused == [{"fault": "stamp"}] * len(bad)
    for one in bad:
        with pytest.raises(BidFileError) as fault:
            read_bid_file(one)
        assert fault.value.code == "stamp"
