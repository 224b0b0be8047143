"""The builds of the client: reproducible bytes, one file that can talk to nobody, each release once in the log."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import audit, files, time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.jobs import run_due, sweep
from app.tlog.canon import parse
from bidding.builds import builds
from bidding.bundle import read
from bidding.bundling_scripts import make_script
from bidding.checks import Result
from bidding.models import Bundle, ClientRelease
from bidding.offline_client import FILE_NAME, build, offline_client
from bidding.rehearsal.bidding import seal
from bidding.services.releases import Build, is_released, missing, release
from bidding.services.submission import SealedBid, submit_bid
from bidding.statement import sign_statement, statement_hash
from bidding.verify import verify
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def page(app: Flask) -> str:
    return offline_client()[0].decode()


def test_the_same_sources_give_the_same_bytes_here_and_from_the_command(app: Flask, tmp_path: Path) -> None:
    content, named = build()
    assert build() == (content, named)
    path = tmp_path / "client.html"
    command = [sys.executable, "-m", "bidding.offline_client", str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert path.read_bytes() == content
    assert hashlib.sha256(content).hexdigest() in said
    assert named in said


def test_its_name_is_the_hash_of_the_file_with_the_name_left_empty(app: Flask) -> None:
    content, named = offline_client()
    bare = content.replace(f'name="naru-client" content="{named}"'.encode(), b'name="naru-client" content=""')
    assert bare != content
    assert hashlib.sha256(bare).hexdigest() == named


def test_its_policy_lets_it_load_nothing_and_run_only_its_own_script(page: str) -> None:
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"  # which covers connections, frames, fonts, workers
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        [text] = re.findall(rf'<{element}(?: type="module")?>(.*?)</{element}>', page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert rules["img-src"] == "data:"


def test_nothing_in_it_asks_the_network(page: str) -> None:
    assert re.findall(r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", page) == []
    head = page.split('<script type="module">', maxsplit=1)[0]
    assert re.findall(r"""\b(?:src|href)=["'](?!data:)|@import|url\((?!["']?data:)""", head) == []
    assert not re.search(r"^\s*(?:import|export)\b", page.split('<script type="module">')[1], re.MULTILINE)


def read_of(modules: dict[str, str]) -> str:
    return make_script("main", modules.__getitem__, lambda _, specifier: specifier.removeprefix("./"))


def test_modules_become_one_script_each_once_in_order() -> None:
    modules = {
        "main": 'import { a as x } from "./a";\nimport * as b from "./b";\nexport const sum = x() + b.two;\n',
        "a": 'import { two } from "./b";\nexport function a() { return two; }\n',
        "b": "const one = 1;\nconst two = one + one;\nexport { one, two };\n",
    }
    script = read_of(modules)
    assert script.count("// b\n") == 1
    assert script.index("// b\n") < script.index("// a\n") < script.index("// main\n")
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script + "console.log(module2.sum);"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "4"


@pytest.mark.parametrize(
    "modules",
    [
        {"main": "export default 1;\n"},
        {"main": "export let a = 1;\n"},
        {"main": 'import "./a";\n', "a": ""},
        {"main": 'export * from "./a";\n', "a": ""},
        {"main": 'import { a } from "./a";\n', "a": 'import { b } from "./main";\nexport const a = 1;\n'},
    ],
)
def test_what_is_outside_the_dialect_is_refused(modules: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        read_of(modules)


# ---- releases


def logged() -> list[dict[str, object]]:
    found = db.session.scalars(select(audit.Event).where(audit.Event.type == "client.release"))
    assert all(event.is_open for event in found)
    return [
        parse(event.body)
        for event in db.session.scalars(select(audit.Event).where(audit.Event.type == "client.release"))
    ]


def test_every_build_is_logged_once_by_itself(app: Flask) -> None:
    for _ in range(2):
        with transaction():
            sweep(time.now())
        run_due(time.now())
    assert {(body["build"], body["sha256"]) for body in logged()} == {(one.name, one.sha256) for one in builds()}
    assert len(logged()) == 3
    assert missing(builds()) == []
    [offline] = [body for body in logged() if body["build"] == "offline"]
    assert offline["files"] == {FILE_NAME: hashlib.sha256(offline_client()[0]).hexdigest()}


def test_a_release_is_entered_once_and_known_from_then_on(app: Flask) -> None:
    made = Build("cli", "ab" * 32, "9.9.9", {"x.py": "00" * 32})
    assert not is_released(made.sha256)
    with transaction():
        assert release(made, time.now())
        assert not release(made, time.now())
    assert is_released(made.sha256)
    assert db.session.get_one(ClientRelease, made.sha256).version == "9.9.9"
    assert len(logged()) == 1


def test_the_page_shows_what_is_served_and_where_it_is_logged(client: FlaskClient) -> None:
    text = client.get("/client?lang=en").text
    for one in builds():
        assert one.sha256 in text
    assert "not in the log yet" in text
    with transaction():
        for one in builds():
            release(one, time.now())
    run_step()
    text = client.get("/client?lang=en").text
    assert "not in the log yet" not in text
    assert len(re.findall(r'href="/log/entries/\d+|href="/log/\d+', text)) >= 3
    answer = client.get(f"/client/{FILE_NAME}")
    assert answer.data == offline_client()[0]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(answer.data).hexdigest() in text


# ---- in the published evidence


def test_the_bundle_says_which_programs_sealed_and_points_out_strangers(stage: Stage) -> None:
    with transaction():
        for one in builds():
            release(one, time.now())
    tender = published(an_agency(), stage.keyholder)
    known, stranger, other = bidders(3)
    place(tender, known, 90_000_000)
    place(tender, other, 91_000_000)
    own = seal(tender, stranger, 92_000_000, (1, 2), time.now())
    statement = {**own.statement, "client": "ee" * 32}
    foreign = SealedBid(statement, sign_statement(statement_hash(statement), stranger.kid, stranger.key), own.envelope)
    submit_bid(str(tender.reference), foreign, stranger.actor, time.now())
    stage.close(tender)
    stage.open(tender)
    stage.work()
    data = files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256)
    events = [parse(read(data).files[path])["event"] for path in read(data).under("events")]
    assert {event["sha256"] for event in events if event["type"] == "client.release"} == {
        one.sha256 for one in builds()
    }
    report = verify(data)
    assert [str(check) for check in report if check.result is Result.FAIL] == []
    [warning] = [str(check) for check in report if check.result is Result.WARN and "does not announce" in str(check)]
    assert "1 bid(s)" in warning
