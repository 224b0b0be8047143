"""The log over HTTP: files as the public formats want them, pages as people want them, sealed entries shut."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import audit, keys
from app.audit import labels, sequencer, types
from app.audit.models import Event
from app.auth import Role
from app.db import db, transaction
from app.tlog import canon, proof, tiles
from tests.app.audit import logbook
from tests.builders import make_person

ROOT = Path(__file__).resolve().parents[3]


def test_the_checkpoint_is_served_and_kept_briefly(app: Flask, client: FlaskClient) -> None:
    logbook.write(3)
    sequencer.run_step()
    answer = client.get("/log/checkpoint")
    assert answer.text == (logbook.folder(app) / "checkpoint").read_text()
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=5"


def test_before_the_first_step_there_is_no_checkpoint_but_a_page(client: FlaskClient) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log?lang=en").status_code == 200
    assert "The log is empty" in client.get("/log?lang=en").text


def test_tiles_are_served_for_ever_and_partial_ones_even_after_they_were_tidied(
    app: Flask, client: FlaskClient
) -> None:
    logbook.write(200)
    sequencer.run_step()
    partial = client.get("/log/tile/0/000.p/200")
    entries = client.get("/log/tile/entries/000.p/200")
    logbook.write(100)
    sequencer.run_step()
    full = client.get("/log/tile/0/000")
    assert (partial.status_code, len(partial.data), len(full.data)) == (200, 200 * 32, 256 * 32)
    assert full.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert full.content_type == "application/octet-stream"
    assert not (logbook.folder(app) / "tile/0/000.p/200").exists()
    assert client.get("/log/tile/0/000.p/200").data == partial.data == full.data[: 200 * 32]
    assert client.get("/log/tile/entries/000.p/200").data == entries.data
    assert len(tiles.parse_bundle(client.get("/log/tile/entries/001.p/44").data)) == 44


@pytest.mark.parametrize(
    "path",
    [
        "0/001",
        "0/000.p/4",
        "9/000",
        "data/000",
        "0/0",
        "0/../checkpoint",
        "entries/x001/000",
        "0/000.p/256",
        "%2e%2e/x",
    ],
)
def test_there_is_no_other_file(app: Flask, client: FlaskClient, path: str) -> None:
    logbook.write(3)
    sequencer.run_step()
    assert client.get(f"/log/tile/{path}").status_code == 404


def test_each_entry_has_a_proof_that_verifies_offline(app: Flask, client: FlaskClient) -> None:
    logbook.write(5)
    logbook.write(2, is_open=False)
    sequencer.run_step()
    _, leaves = logbook.read_published(app)
    for index, leaf in enumerate(leaves):
        read = proof.parse(client.get(f"/log/proof/{index}").text)
        assert proof.verify(read, leaf, keys.name_of("log"), [keys.vkey_of("log")]).size == 7
    assert client.get("/log/proof/7").status_code == 404


def test_the_key_is_published(app: Flask, client: FlaskClient) -> None:
    assert client.get("/log/vkey").text.strip() == keys.vkey_of("log")


def test_the_explorer_lists_newest_first_and_hides_what_is_sealed(client: FlaskClient) -> None:
    logbook.write(1)
    sequencer.run_step()
    logbook.write(1, is_open=False)
    sequencer.run_step()
    page = client.get("/log?lang=en").text
    assert page.index('href="/log/1"') < page.index('href="/log/0"')
    assert page.count('<span class="quiet hash">tender.published</span>') == 1  # the open one alone
    assert page.count(f">{logbook.TENDER}</a>") == 1


def _rows(page: str) -> list[int]:
    import re

    return [int(found) for found in re.findall(r'<td data-label="Number"><a href="/log/(\d+)">', page)]


def test_filters_leave_open_entries_of_that_kind_only(client: FlaskClient) -> None:
    with transaction():
        audit.emit("award.confirmed", logbook.OFFICER, logbook.NOW, subject="x", tender="R26BK00000002-000")
    sequencer.run_step()
    logbook.write(1)
    logbook.write(1, is_open=False)
    sequencer.run_step()
    open_tender = next(index for index in (1, 2) if "tender.published" in client.get(f"/log/{index}?lang=en").text)
    for query, expected in {
        "family=award": [0],
        "family=tender": [open_tender],
        "type=award.confirmed": [0],
        f"tender={logbook.TENDER}": [open_tender],
        f"tender={logbook.TENDER.lower()}": [open_tender],
        f"tender={logbook.TENDER}&family=award": [],
        "family=bid": [],
    }.items():
        assert _rows(client.get(f"/log?lang=en&{query}").text) == expected, query
    assert "No open entry matches" in client.get("/log?lang=en&family=bid").text
    assert len(_rows(client.get("/log?lang=en&family=nonsense").text)) == 2  # an unknown one shows all open entries


def test_long_lists_are_paged(client: FlaskClient) -> None:
    logbook.write(45)
    sequencer.run_step()
    seen = [index for number in (1, 2, 3) for index in _rows(client.get(f"/log?lang=en&page={number}").text)]
    assert seen == list(range(44, -1, -1))
    assert client.get("/log?page=x").status_code == 200


def test_an_open_entry_is_shown_with_its_proof(app: Flask, client: FlaskClient) -> None:
    logbook.write(6)
    sequencer.run_step()
    page = client.get("/log/3?lang=en").text
    signed, _ = logbook.read_published(app)
    assert "Notice published" in page
    assert "This is the signed root" in page
    assert page.count("joined on the") == 3
    assert signed.root.hex() in page
    assert 'rel="prev"' in page
    assert 'rel="next"' in page
    assert client.get("/log/6").status_code == 404
    assert client.get("/log/99999999999999999999999").status_code == 404


def test_a_sealed_entry_shows_nothing_but_its_commitment(client: FlaskClient) -> None:
    (event,) = logbook.write(1, is_open=False)
    sequencer.run_step()
    page = client.get("/log/0?lang=en").text
    assert event.commitment is not None
    assert event.salt is not None
    assert event.commitment.hex() in page
    for secret in (
        "tender.published",
        logbook.TENDER,
        "person:1",
        canon.b64u(event.salt),
        event.salt.hex(),
    ):
        assert secret not in page


def test_an_entry_waiting_for_publication_says_so(app: Flask, client: FlaskClient) -> None:
    logbook.write(2)
    with sequencer.connect(app.config["SEQUENCER_DATABASE_URL"]) as connection:
        sequencer.sequence_once(connection)
    assert "about to be published" in client.get("/log/1?lang=en").text
    assert client.get("/log/proof/1").status_code == 404


def test_a_changed_published_tile_is_told_on_the_page(app: Flask, client: FlaskClient) -> None:
    logbook.write(2)
    sequencer.run_step()
    path = logbook.folder(app) / "tile/0/000.p/2"
    path.write_bytes(bytes(64))
    assert "This is not the signed root" in client.get("/log/0?lang=en").text


@pytest.mark.parametrize(("typed", "leads_to"), [("2", "/log/2"), ("1,234", "/log/1234"), (" 7 ", "/log/7")])
def test_a_number_leads_to_its_entry(client: FlaskClient, typed: str, leads_to: str) -> None:
    answer = client.get("/log/find", query_string={"index": typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


@pytest.mark.parametrize("typed", ["", "x", "-1", "１", "9" * 16])
def test_what_is_no_number_leads_nowhere(client: FlaskClient, typed: str) -> None:
    assert client.get("/log/find", query_string={"index": typed}).status_code == 404


def test_the_explanation_shows_the_key_and_the_program(app: Flask, client: FlaskClient) -> None:
    sequencer.run_step()
    page = client.get("/log/how-to-verify?lang=en").text
    assert keys.vkey_of("log") in page
    assert "check_entry.py" in page


@pytest.mark.parametrize("path", ["/log", "/log/0", "/log/1", "/log/how-to-verify"])
def test_every_page_is_korean_too(client: FlaskClient, path: str) -> None:
    logbook.write(1)
    sequencer.run_step()
    logbook.write(1, is_open=False)
    sequencer.run_step()
    page = client.get(f"{path}?lang=ko")
    assert page.status_code == 200
    assert '<html lang="ko"' in page.text
    for english in ("Public log", "What happened", "The way to", "Sealed entry", "How to verify", "Check it"):
        assert english not in page.text


def test_every_label_is_for_a_type_that_exists() -> None:
    for name in labels.LABELS:
        types.check(name)
    assert str(labels.label_of("tender.something_new")) in ("Tender", "입찰 공고")


def test_a_stranger_and_a_bidder_may_not_read_a_sealed_entry(client: FlaskClient) -> None:
    logbook.write(1, is_open=False)
    sequencer.run_step()
    assert client.post("/log/0/read", headers={"Accept": "application/json"}).status_code == 401
    assert db.session.scalars(select(Event.type)).all() == ["tender.published"]


def test_an_auditor_reads_a_sealed_entry_and_leaves_a_trace(client: FlaskClient, sign_in: Any) -> None:
    auditor = make_person([Role.AUDITOR])
    logbook.write(1, is_open=False)
    sequencer.run_step()
    sign_in(client, auditor)
    assert "Read the sealed entry" in client.get("/log/0?lang=en").text
    page = client.post("/log/0/read?lang=en")
    assert page.status_code == 200
    assert logbook.TENDER in page.text
    trace = db.session.scalars(select(Event).where(Event.type == "access.read")).one()
    assert canon.parse(trace.body) | {"at": "", "actor": ""} == {
        "type": "access.read", "at": "", "actor": "", "subject": "entry:0", "what": "tender.published",
    }  # fmt: skip


def test_the_program_on_the_page_checks_a_real_log(live_server: Any, app: Flask) -> None:
    logbook.write(300)
    sequencer.run_step()
    script = str(ROOT / "app/audit/static/check_entry.py")

    def run(index: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, script, f"http://127.0.0.1:{live_server.port}/log", str(index)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    for index in (0, 255, 256, 299):
        done = run(index)
        assert done.returncode == 0, done.stderr
        assert f"is entry {index} of the 300" in done.stdout
    path = logbook.folder(app) / "tile/entries/001.p/44"
    path.write_bytes(path.read_bytes().replace(b"tender.published", b"tender.publishee", 1))
    assert "NOT in the signed tree" in run(256).stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_the_browsers_module_agrees_with_ours(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    logbook.write(7)
    sequencer.run_step()
    data = {
        "proofs": [client.get(f"/log/proof/{index}").text for index in range(7)],
        "bundle": list(client.get("/log/tile/entries/000.p/7").data),
        "vkey": keys.vkey_of("log"),
        "root": list(logbook.read_published(app)[0].root),
    }
    shutil.copy(ROOT / "app/audit/static/check.js", tmp_path / "check.mjs")
    (tmp_path / "run.mjs").write_text(
        """
        import { readProof, leafOf, climb, isSigned } from "./check.mjs";
        import { readFileSync } from "node:fs";
        if (!globalThis.crypto) globalThis.crypto = (await import("node:crypto")).webcrypto;
        const data = JSON.parse(readFileSync(process.argv[2]));
        const results = [];
        for (const [at, text] of data.proofs.entries()) {
          const { index, path, note } = readProof(text);
          const leaf = leafOf(Uint8Array.from(data.bundle), at);
          const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from([0, ...leaf])));
          const root = (await climb(hash, index, 7, path)).at(-1);
          const changed = note.replace("\\n7\\n", "\\n8\\n");
          const isRoot = [...root].join() === data.root.join();
          results.push([isRoot, await isSigned(note, data.vkey), await isSigned(changed, data.vkey)]);
        }
        console.log(JSON.stringify(results));
        """
    )
    (tmp_path / "data.json").write_text(json.dumps(data))
    done = subprocess.run(
        ["node", str(tmp_path / "run.mjs"), str(tmp_path / "data.json")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[True, True, False]] * 7
