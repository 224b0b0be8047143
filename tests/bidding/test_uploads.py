"""Uploads of encrypted files: in parts, resumed, checked, kept at both sites, kept from others, cleared away."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import blobs, time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import DamagedUpload, DocumentsMissing, InvalidInput, QuotaExceeded, UploadOutOfStep
from bidding.keyholder.panel import Panel
from bidding.models import BidDocument, Blob
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.services import uploads
from bidding.services.submission import submit_bid
from tests.bidding.staging import an_agency, bidders
from tests.bidding.submitting import ASKED, asking_for_documents
from tests.signing_in import sign_in

PART = 4_198_400


def put(client: FlaskClient, content: bytes, start: int, stop: int, sha256: str = "") -> Any:
    name = sha256 or hashlib.sha256(content).hexdigest()
    headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(content)}"}
    return client.put(f"/api/blobs/{name}", data=content[start:stop], headers=headers)


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


@pytest.fixture
def uploading(client: FlaskClient, bidder: Bidder) -> FlaskClient:
    sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
    return client


def stored(app: Flask) -> list[Path]:
    return [path for path in (Path(app.config["NARU_VAR"]) / "blobs").rglob("*") if path.is_file()]


def test_a_file_in_three_parts_is_stored_under_its_hash(app: Flask, uploading: FlaskClient) -> None:
    content = os.urandom(2 * PART + 999)
    answers = [put(uploading, content, at, min(at + PART, len(content))) for at in (0, PART, 2 * PART)]
    assert [answer.status_code for answer in answers] == [200, 200, 201]
    assert [answer.json["received"] for answer in answers] == [PART, 2 * PART, len(content)]
    [path] = stored(app)
    assert path.read_bytes() == content
    assert db.session.scalars(select(Blob)).one().stored_at is not None


def test_an_upload_goes_on_where_it_stopped_and_says_where_that_is(uploading: FlaskClient) -> None:
    content = os.urandom(300_000)
    sha256 = hashlib.sha256(content).hexdigest()
    assert uploading.head(f"/api/blobs/{sha256}").status_code == 404
    put(uploading, content, 0, 100_000)
    state = uploading.head(f"/api/blobs/{sha256}")
    assert (state.headers["Naru-Received"], state.headers["Naru-Size"]) == ("100000", "300000")
    again = put(uploading, content, 0, 100_000)
    assert (again.status_code, again.json["code"]) == (409, "upload-out-of-step")
    assert again.json["received"] == 100_000
    assert put(uploading, content, 100_000, 300_000).status_code == 201
    assert put(uploading, content, 100_000, 300_000).status_code == 201  # the answer was lost: said again


def test_what_arrived_before_the_connection_broke_is_kept(app: Flask, bidder: Bidder) -> None:
    content = os.urandom(200_000)
    sha256 = hashlib.sha256(content).hexdigest()
    owner = bidder.actor.organisation_id
    assert owner is not None
    source = BytesIO(content)

    def breaks(most: int) -> bytes:
        if source.tell() >= 131_072:
            raise ConnectionResetError
        return source.read(most)

    with pytest.raises(Exception, match="could not be stored"):
        blobs.append(owner, sha256, 0, len(content), breaks)
    assert blobs.received(owner, sha256) == 131_072
    assert blobs.append(owner, sha256, 131_072, len(content), BytesIO(content[131_072:]).read) == len(content)
    assert blobs.is_stored(owner, sha256)


def test_bytes_with_another_hash_are_thrown_away(app: Flask, uploading: FlaskClient) -> None:
    content, name = os.urandom(50_000), "ab" * 32
    refused = put(uploading, content, 0, 50_000, name)
    assert (refused.status_code, refused.json["code"]) == (422, "damaged-upload")
    assert uploading.get(f"/api/blobs/{name}").json == {"received": 0, "size": 50_000}
    assert all(path.stat().st_size == 0 for path in stored(app))


@pytest.mark.parametrize(
    "range_",
    ["", "bytes 0-9/100", "bytes 5-4/100", "bytes 0-99/50", "bytes 0-*/100", "0-99/100", "bytes 0-99/99999999999"],
)
def test_a_part_that_is_not_as_long_as_it_says_is_refused(app: Flask, uploading: FlaskClient, range_: str) -> None:
    answer = uploading.put(f"/api/blobs/{'ab' * 32}", data=b"x" * 100, headers={"Content-Range": range_})
    assert answer.status_code == 422
    assert stored(app) == []


def test_a_part_larger_than_parts_are_is_refused(app: Flask, uploading: FlaskClient) -> None:
    content = bytes(6 * 1024 * 1024)
    assert put(uploading, content, 0, len(content)).status_code == 422
    assert stored(app) == []


def test_a_name_that_is_no_hash_reaches_no_path(app: Flask, uploading: FlaskClient) -> None:
    for name in ("AB" * 32, "ab" * 31, "..%2f..%2fetc%2fpasswd", "%00"):
        answer = uploading.put(f"/api/blobs/{name}", data=b"x", headers={"Content-Range": "bytes 0-0/1"})
        assert answer.status_code in (404, 422), name
    assert stored(app) == []


def test_nobody_learns_of_anothers_upload_and_nobody_reads_any(app: Flask, client: FlaskClient) -> None:
    first, second = bidders(2)
    content = os.urandom(1000)
    sha256 = hashlib.sha256(content).hexdigest()
    sign_in(client, db.session.get_one(Person, first.actor.person_id))
    put(client, content, 0, 1000)
    answer = client.get(f"/api/blobs/{sha256}")
    assert content not in answer.data
    sign_in(client, db.session.get_one(Person, second.actor.person_id))
    assert client.get(f"/api/blobs/{sha256}").status_code == 404
    assert client.delete(f"/api/blobs/{sha256}").status_code == 404
    assert put(client, content, 0, 500).json["received"] == 500  # begins an upload of its own


def test_two_parts_at_once_do_not_mix(app: Flask, bidder: Bidder) -> None:
    owner, content = bidder.actor.organisation_id, os.urandom(400_000)
    assert owner is not None
    sha256 = hashlib.sha256(content).hexdigest()
    inside, go_on = threading.Event(), threading.Event()
    source = BytesIO(content)

    def slow(most: int) -> bytes:
        inside.set()
        assert go_on.wait(20)
        return source.read(most)

    def first() -> None:
        with app.app_context():
            blobs.append(owner, sha256, 0, len(content), slow)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(20)
    with pytest.raises(UploadOutOfStep):
        blobs.append(owner, sha256, 0, len(content), BytesIO(content).read)
    go_on.set()
    thread.join(20)
    assert blobs.is_stored(owner, sha256)


@pytest.fixture
def mirror(app: Flask, tmp_path: Path) -> Iterator[Path]:
    app.config["NARU_BLOBS_MIRROR"] = str(tmp_path / "mirror")
    yield tmp_path / "mirror"
    app.config["NARU_BLOBS_MIRROR"] = ""


def test_with_a_second_site_a_file_is_stored_once_both_have_it(app: Flask, bidder: Bidder, mirror: Path) -> None:
    owner, content = bidder.actor.organisation_id, os.urandom(100_000)
    assert owner is not None
    sha256 = hashlib.sha256(content).hexdigest()
    assert blobs.append(owner, sha256, 0, 100_000, BytesIO(content[:60_000]).read) == 60_000
    [part] = mirror.rglob(".*.part")
    part.write_bytes(content[:50_000])  # the mirror lost its last writes
    assert blobs.received(owner, sha256) == 50_000
    with pytest.raises(UploadOutOfStep):
        blobs.append(owner, sha256, 60_000, 100_000, BytesIO(content[60_000:]).read)
    blobs.append(owner, sha256, 50_000, 100_000, BytesIO(content[50_000:]).read)
    copies = [path for site in blobs.sites() for path in site.rglob(sha256)]
    assert [copy.read_bytes() == content for copy in copies] == [True, True]
    copies[1].unlink()
    assert not blobs.is_stored(owner, sha256)


def test_an_organisation_has_its_quota_of_files_that_no_bid_names(app: Flask, bidder: Bidder) -> None:
    now = time.now()
    with transaction():
        uploads.begin_upload("ab" * 32, 600, bidder.actor, now, 1000)
        uploads.begin_upload("cd" * 32, 400, bidder.actor, now, 1000)
    with pytest.raises(QuotaExceeded):
        uploads.begin_upload("ef" * 32, 1, bidder.actor, now, 1000)
    assert uploads.begin_upload("cd" * 32, 400, bidder.actor, now, 1000)  # goes on with what was begun
    with pytest.raises(InvalidInput):
        uploads.begin_upload("cd" * 32, 401, bidder.actor, now, 1000)


def test_only_what_no_bid_names_is_cleared_away(app: Flask, keyholder: Panel, bidder: Bidder) -> None:
    tender, now = asking_for_documents(an_agency(), keyholder), time.now()
    with transaction():
        sealed = seal(tender, bidder, 90_000_000, (1, 2), now, ASKED)
        submit_bid(str(tender.reference), sealed, bidder.actor, now)
    with transaction():
        seal(tender, bidder, 90_000_000, (1, 2), now, ASKED)  # uploaded, and never bid
    named = db.session.scalar(select(func.count()).select_from(BidDocument))
    assert len(stored(app)) == 2 * (named or 0)
    with transaction():
        assert uploads.collect_blobs(now - timedelta(days=1)) == 0
    with transaction():
        assert uploads.collect_blobs(now + timedelta(seconds=1)) == named
    assert {path.name for path in stored(app)} == set(db.session.scalars(select(BidDocument.blob_sha256)))


def test_a_bid_without_its_files_is_refused_by_their_names(app: Flask, keyholder: Panel, bidder: Bidder) -> None:
    tender, now = asking_for_documents(an_agency(), keyholder), time.now()
    with transaction():
        sealed = seal(tender, bidder, 90_000_000, (1, 2), now, ASKED)
    assert sealed.docs is not None
    lost = sealed.docs["files"][1]["ct_sha256"]
    owner = bidder.actor.organisation_id
    assert owner is not None
    blobs.remove(owner, lost)
    with pytest.raises(DocumentsMissing) as refusal, transaction():
        submit_bid(str(tender.reference), sealed, bidder.actor, now)
    assert refusal.value.facts["missing"] == [lost]


def test_damaged_bytes_are_not_stored_even_at_one_site(app: Flask, bidder: Bidder, mirror: Path) -> None:
    owner, content = bidder.actor.organisation_id, os.urandom(100_000)
    assert owner is not None
    sha256 = hashlib.sha256(content).hexdigest()
    blobs.append(owner, sha256, 0, 100_000, BytesIO(content[:60_000]).read)
    [part] = mirror.rglob(".*.part")
    part.write_bytes(bytes(60_000))
    with pytest.raises(DamagedUpload):
        blobs.append(owner, sha256, 60_000, 100_000, BytesIO(content[60_000:]).read)
    assert not list(mirror.rglob(sha256))
