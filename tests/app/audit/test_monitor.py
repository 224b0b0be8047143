"""The monitor follows a real log over HTTP, is silent while all is well, and names every way in which it is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from app import audit, keys, time
from app.audit import monitor as program
from app.audit import policies, sequencer
from app.audit.monitoring import Alarm, Monitor
from app.audit.reading import LogReader
from app.audit.signer import Signer
from app.audit.watch_rules import EntryRules
from app.audit.watch_store import Store
from app.audit.witnessing import attendants
from app.auth import system
from app.db import transaction
from app.embedded.postgres import Postgres
from app.tlog import checkpoint, merkle, policy, tiles
from app.tlog.checkpoint import Checkpoint
from tests.app.audit import logbook
from tests.app.audit.test_witnessing import settle
from tests.app.audit.witnesses import serving, three, write_policy


def emit(kind: str, **facts: Any) -> audit.Event:
    """An open event of now, sequenced and published."""
    with transaction():
        event = audit.emit(kind, system(), time.now(), subject="a test", **facts)
    sequencer.run_step()
    return event


def watching(url: str, store: Store | None = None, text: str | None = None) -> Monitor:
    spelled = text or f"log {keys.vkey_of('log')}\nquorum none\n"
    return Monitor(LogReader(f"{url}/log"), policy.parse(spelled), store or Store(None), [EntryRules()], text)


def kinds(alarms: list[Alarm]) -> list[str]:
    return [alarm.kind for alarm in alarms]


@pytest.fixture
def url(live_server: Any) -> str:
    address: str = live_server.url
    return address


@pytest.fixture
def watched(app: Flask, url: str) -> Monitor:
    """A monitor that has followed 300 entries."""
    emit("config.test")
    logbook.write(299)
    sequencer.run_step()
    made = watching(url)
    assert made.turn(time.now()) == []
    return made


def tree_of(leaves: list[bytes]) -> Checkpoint:
    return Checkpoint(keys.name_of("log"), len(leaves), merkle.root(map(merkle.leaf_hash, leaves)))


def publish(app: Flask, leaves: list[bytes], name: str = "checkpoint") -> None:
    """Another log under the log's own key, as an operator could make it."""
    folder = logbook.folder(app)
    shutil.rmtree(folder / "tile", ignore_errors=True)
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    for tile in tiles.tiles_between(0, len(leaves)):
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        start = tile.index * tiles.WIDTH
        is_bundle = tile.level == tiles.ENTRIES
        path.write_bytes(
            tiles.bundle_bytes(leaves[start : start + tile.width])
            if is_bundle
            else tiles.tile_bytes(tile, merkle.memory(hashes))
        )
    (folder / name).write_text(checkpoint.sign(tree_of(leaves), keys.load("log")))


def test_a_log_that_grows_as_it_should_is_silent(app: Flask, watched: Monitor) -> None:
    for count in (1, 5, 600, 0):
        if count:
            emit("config.test")
            logbook.write(count - 1)
            sequencer.run_step()
        assert [one for one in watched.turn(time.now()) if one.kind != "late"] == []
    assert watched.policy.open(watched.store.get("note")).checkpoint.size == 300 + 606


def test_a_second_root_for_one_size_is_a_fork_and_both_notes_are_evidence(app: Flask, watched: Monitor) -> None:
    _, leaves = logbook.read_published(app)
    before = (logbook.folder(app) / "checkpoint").read_text()
    publish(app, [*leaves[:-1], leaves[0]])
    [alarm] = watched.turn(time.now())
    assert alarm.kind == "fork"
    notes = {name: checkpoint.open_checkpoint(one, [keys.vkey_of("log")]) for name, one in alarm.evidence.items()}
    assert alarm.evidence["before"] == before
    assert notes["before"].size == notes["checkpoint"].size == 300
    assert notes["before"].root != notes["checkpoint"].root
    publish(app, leaves)
    assert watched.turn(time.now()) == []


def test_a_log_that_shrinks_or_rewrites_its_past_is_named(app: Flask, watched: Monitor) -> None:
    _, leaves = logbook.read_published(app)
    publish(app, leaves[:-1])
    assert kinds(watched.turn(time.now())) == ["shrink"]
    publish(app, [leaves[1], *leaves[1:], *leaves[:5]])
    [alarm] = watched.turn(time.now())
    assert alarm.kind == "rewritten"
    assert set(alarm.evidence) == {"before", "checkpoint"}


def test_a_changed_entry_or_tile_or_signature_is_named(app: Flask, url: str) -> None:
    emit("config.test")
    logbook.write(299)
    sequencer.run_step()
    folder = logbook.folder(app)
    for name, said in (("tile/entries/001.p/44", "rewritten"), ("tile/0/001.p/44", "tile"), ("tile/1/000.p/1", "tile")):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert said in kinds(watching(url).turn(time.now())), name
        (folder / name).write_bytes(content)
    signed = (folder / "checkpoint").read_text()
    (folder / "checkpoint").write_text(signed.replace("\n300\n", "\n299\n"))
    assert kinds(watching(url).turn(time.now())) == ["signature"]
    (folder / "checkpoint").write_text(signed)
    assert [one for one in watching(url).turn(time.now()) if one.kind != "late"] == []


def test_another_key_is_not_believed(app: Flask, url: str) -> None:
    emit("config.test")
    stranger = watching(url, text=f"log {keys.vkey_of('receipt')}\nquorum none\n")
    assert kinds(stranger.turn(time.now())) == ["signature"]


def test_an_entry_that_came_too_late_is_named(app: Flask, url: str) -> None:
    emit("config.test")
    monitor = watching(url)
    assert monitor.turn(time.now()) == []
    with transaction():
        audit.emit("config.test", system(), time.now() - timedelta(seconds=90), subject="a test")
    sequencer.run_step()
    assert kinds(monitor.turn(time.now())) == ["late"]
    assert monitor.turn(time.now()) == []


def test_an_event_that_never_reaches_the_log_is_named_after_a_minute(app: Flask, url: str) -> None:
    event = emit("config.test")
    monitor, now = watching(url), time.now()
    told = [merkle.leaf_hash(event.leaf).hex(), "ab" * 32]
    assert monitor.turn(now, told) == []
    assert monitor.turn(now + timedelta(seconds=59)) == []
    [alarm] = monitor.turn(now + timedelta(seconds=61))
    assert alarm.kind == "missing"
    assert "ab" * 32 in alarm.text


def test_a_clock_out_of_bounds_and_a_clock_that_is_not_told_are_named(app: Flask, url: str) -> None:
    emit("clock.status", state="ok", offset_us=-49_000)
    monitor, now = watching(url), time.now()
    assert monitor.turn(now) == []
    emit("clock.status", state="alarm", offset_us=51_000)
    alarms = monitor.turn(now)
    assert [one.text.partition(": ")[2] for one in alarms] == [
        "the clock is off by 51000 µs",
        "the clock's state is alarm",
    ]
    assert any("last told" in one.text for one in monitor.turn(now + timedelta(minutes=21)))


def test_one_persons_two_approvals_and_a_wrong_reveal_are_named(app: Flask, url: str) -> None:
    with transaction():
        sealed = audit.emit("config.test", system(), time.now(), subject="a test", is_open=False)
    sequencer.run_step()
    with transaction():
        audit.reveal(sealed, 0, system(), time.now())
        audit.emit("config.test", system(), time.now(), subject="a test", approvals=["person:1", "person:2"])
    sequencer.run_step()
    monitor = watching(url)
    assert monitor.turn(time.now()) == []
    with transaction():
        audit.emit("config.test", system(), time.now(), subject="a test", approvals=["person:1", "person:1"])
        audit.reveal(sealed, 1, system(), time.now())
    sequencer.run_step()
    said = " ".join(one.text for one in monitor.turn(time.now()))
    assert "not of two different persons" in said
    assert "reveals something else than entry 1 holds" in said


def test_a_log_that_does_not_answer_is_an_alarm_after_two_minutes(app: Flask, url: str, tmp_path: Path) -> None:
    emit("config.test")
    store = Store(tmp_path / "state")
    assert watching(url, store).turn(time.now()) == []
    away, now = watching("http://127.0.0.1:9", store), time.now()
    assert away.turn(now) == []
    assert kinds(away.turn(now + timedelta(minutes=3))) == ["unreachable"]
    assert watching(url, store).turn(now) == []
    assert kinds(watching("http://127.0.0.1:9").turn(now)) == ["unreachable"]


@pytest.fixture
def policed(app: Flask, url: str, cluster: Postgres, tmp_path: Path) -> Iterator[tuple[str, ExitStack]]:
    """A log with three witnesses whose addresses are in the policy; the policy's text."""
    emit("config.test")
    witnesses = three(tmp_path)
    path = write_policy(app, tmp_path, witnesses)
    with ExitStack() as stack:
        text = path.read_text()
        for witness in witnesses.values():
            address = stack.enter_context(serving(witness))
            text = text.replace(witness.vkey, f"{witness.vkey} {address}")
        path.write_text(text)
        settle(cluster)
        for one in attendants(app):
            one.turn()
        yield text, stack


def test_cosignatures_must_follow_within_two_minutes(
    app: Flask, url: str, policed: tuple[str, ExitStack], cluster: Postgres
) -> None:
    monitor, now = watching(url, text=policed[0]), time.now()
    assert monitor.turn(now) == []
    emit("config.test")
    assert monitor.turn(now) == []
    assert kinds(monitor.turn(now + timedelta(minutes=3))) == ["unwitnessed"]
    settle(cluster)
    for one in attendants(app):
        one.turn()
    assert monitor.turn(now + timedelta(minutes=3)) == []


def test_a_witness_that_was_shown_another_tree_proves_the_split_view(
    app: Flask, url: str, policed: tuple[str, ExitStack], tmp_path: Path
) -> None:
    """The operator shows the public one tree and W2 another, and has both signed: P9's fork, seen from outside."""
    monitor = watching(url, text=policed[0])
    assert monitor.turn(time.now()) == []
    _, leaves = logbook.read_published(app)
    fork = Signer(keys.load("log"), keys.name_of("log"), tmp_path / "second" / "last")
    other = [*leaves, b'{"c":"' + b"00" * 32 + b'","v":1}']
    hashes = [merkle.leaf_hash(leaf) for leaf in other]
    second = fork.sign(len(other), merkle.root(hashes), [])
    [victim] = [one for one in attendants(app) if one.client.name == "W2"]
    from app.audit.publication import Publication

    aside = Publication(tmp_path / "aside")
    aside.write_tiles(0, len(other), lambda start, end: other[start:end])
    victim.client.cosign(second, aside)
    emit("config.test")
    alarms = [one for one in monitor.turn(time.now()) if one.kind == "fork"]
    assert len(alarms) == 1
    assert "W2" in alarms[0].text
    both = [checkpoint.open_checkpoint(one, [keys.vkey_of("log")]) for one in alarms[0].evidence.values()]
    assert both[0].size == both[1].size
    assert both[0].root != both[1].root


def test_another_policy_is_named(app: Flask, url: str, policed: tuple[str, ExitStack]) -> None:
    monitor = watching(url, text=policed[0])
    assert monitor.turn(time.now()) == []
    path = Path(app.config["NARU_POLICY"])
    path.write_text(path.read_text().replace("group q 2", "group q 1"))
    assert kinds(monitor.turn(time.now())) == ["policy"]
    assert policies.in_force().policy.groups["q"].threshold == 1


def test_the_program_tells_once_keeps_evidence_and_sends_it_elsewhere(
    app: Flask, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], smtp: Any
) -> None:
    posted: list[Any] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Nothing."""

    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=hook.serve_forever, daemon=True).start()
    smtp[0].clear()
    event = emit("config.test")
    sink = tmp_path / "sink.log"
    sink.write_text(json.dumps({"event": "audit.committed", "leaves": [merkle.leaf_hash(event.leaf).hex()]}) + "\n")
    arguments = [f"{url}/log", "--vkey", keys.vkey_of("log"), "--state", str(tmp_path / "state"), "--once"]
    arguments += ["--sink", str(sink), "--webhook", f"http://127.0.0.1:{hook.server_address[1]}/"]
    arguments += ["--mail", "audit@example.kr", "--smtp", f"127.0.0.1:{smtp[1]}"]
    assert program.run(arguments) == 0
    assert capsys.readouterr().out == ""
    _, leaves = logbook.read_published(app)
    publish(app, [leaves[0] + b" "])
    assert program.run(arguments) == 1
    assert program.run(arguments) == 1
    hook.shutdown()
    hook.server_close()
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["alarm"] for one in told] == ["fork", "fork"]
    assert [one["alarm"] for one in posted] == ["fork"]
    [mail] = smtp[0].to("audit@example.kr")
    assert mail["Subject"] == "[naru-monitor] fork"
    [kept] = (tmp_path / "state.evidence").iterdir()
    assert set(json.loads(kept.read_text())["evidence"]) == {"before", "checkpoint"}


def test_a_policy_that_is_none_ends_with_two(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("quorum q\n")
    assert program.run(["http://127.0.0.1:9/log", "--policy", str(tmp_path / "policy"), "--once"]) == 2


def test_the_second_sinks_file_is_read_on_from_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sink"

    def line(hashed: str) -> str:
        return json.dumps({"event": "audit.committed", "leaves": [hashed]}) + "\n"

    path.write_text(line("aa") + line("bb")[:9])
    found, mark = program._new_lines(path, None)
    assert found == ["aa"]
    path.write_text(line("aa") + line("bb"))
    found, mark = program._new_lines(path, mark)
    assert found == ["bb"]
    assert program._new_lines(path, mark) == ([], mark)
    path.unlink()
    assert program._new_lines(path, mark) == ([], mark)
    path.write_text(line("cc"))
    assert program._new_lines(path, mark)[0] == ["cc"]


def test_the_applications_sink_is_what_the_monitor_reads(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "sink"
    app.config["NARU_SINK"] = str(path)
    events = logbook.write(3) + logbook.write(1, is_open=False)
    assert program._new_lines(path, None)[0] == [merkle.leaf_hash(event.leaf).hex() for event in events]
    app.config["NARU_SINK"] = str(tmp_path / "nowhere" / "sink")
    logbook.write(1)  # a sink that is away stops nobody


def test_the_program_needs_no_part_of_the_application(root: Path) -> None:
    probe = "import sys, json, app.audit.monitor, bidding.monitor; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"flask", "sqlalchemy", "psycopg", "structlog"}
