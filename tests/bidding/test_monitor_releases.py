"""The monitor fetches the bidding client that the site serves, and names a file that no release announces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask

from app import keys, time
from app.audit.monitoring import Monitor
from app.audit.reading import LogReader, fetch
from app.audit.sequencer import run_step
from app.audit.watch_rules import Entry
from app.audit.watch_store import Store
from app.db import transaction
from app.tlog import policy
from bidding.builds import builds
from bidding.monitor import rules_for
from bidding.monitor_releases import EVERY, ReleaseRules, served
from bidding.services.releases import release


def entry(files: Any) -> Entry:
    event = {"type": "client.release", "build": "browser", "files": files}
    return Entry(7, event, lambda _index: b"")


def test_the_real_site_serves_what_its_log_announces(app: Flask, live_server: Any) -> None:
    with transaction():
        assert all(release(build, time.now()) for build in builds())
    run_step()
    url = f"{live_server.url}/log"
    rules = rules_for(url)
    read = policy.parse(f"log {keys.vkey_of('log')}\nquorum none\n")
    monitor, now = Monitor(LogReader(url), read, Store(None), rules), time.now()
    assert monitor.turn(now) == []
    [browser] = [build for build in builds() if build.name == "browser"]
    assert all(fetch(live_server.url + served(path)) for path in browser.files)


def test_a_file_that_no_release_announces_is_named_and_an_older_ones_is_not() -> None:
    def digest_of(content: bytes) -> str:
        from hashlib import sha256

        return sha256(content).hexdigest()

    site = {"/static/js/a.js": b"one", "/bidding-static/bidding/b.js": b"two"}
    rules, now = ReleaseRules(lambda path: site[path]), time.now()
    paths = ("app/static/js/a.js", "bidding/static/bidding/b.js")
    assert list(rules.tick(now)) == []  # nothing is announced yet
    old = {paths[0]: digest_of(b"one"), paths[1]: digest_of(b"two")}
    assert list(rules.take(entry(old))) == []
    assert list(rules.take(entry(old | {paths[1]: digest_of(b"new")}))) == []
    assert list(rules.tick(now)) == []
    site["/static/js/a.js"] = b"one, and a line that steals prices"
    assert list(rules.tick(now + timedelta(minutes=1))) == []
    rules.load(rules.dump())
    [said] = rules.tick(now + EVERY)
    assert "/static/js/a.js" in said
    assert list(rules.take(entry("none"))) == ["entry 7 announces a build without its files"]
