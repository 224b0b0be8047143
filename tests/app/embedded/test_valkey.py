"""Our launcher of Valkey."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from redis import Redis

from app.embedded import valkey
from app.embedded.process import CannotStart


def test_what_was_written_is_there_after_kill_9(tmp_path: Path) -> None:
    first = valkey.launch(tmp_path)
    with Redis.from_url(first.url) as client:
        client.set("kept", "kept")
        time.sleep(1.2)  # it writes to disk every second
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    second = valkey.launch(tmp_path)
    try:
        assert second.port == first.port
        with Redis.from_url(second.url) as client:
            assert client.get("kept") == b"kept"
    finally:
        second.stop()
    assert second.process.poll() is not None


def test_it_listens_to_this_machine_only(tmp_path: Path) -> None:
    store = valkey.launch(tmp_path, is_throw_away=True)
    try:
        with Redis.from_url(store.url) as client:
            assert client.config_get("bind") == {"bind": "127.0.0.1"}
    finally:
        store.stop()


def test_without_any_valkey_both_ways_out_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(valkey, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match=r"(?s)apt-get install redis-server.*REDIS_URL="):
        valkey.find_program()
