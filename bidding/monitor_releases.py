"""Whether the site serves the bidding client that the log announces (protocol 4.9): fetched and hashed from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from app.audit.reading import Unreachable
from app.audit.watch_rules import Entry
from app.time import from_wire, wire

EVERY = timedelta(minutes=10)
SERVED = (("app/static/", "/static/"), ("bidding/static/", "/bidding-static/"))


class ReleaseRules:
    """`fetch(path)` gives the bytes that the site serves at `path`. Files of any announced build are right: two builds
    are served side by side while the web processes are replaced one by one.
    """

    name = "release"

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._announced: dict[str, list[str]] = {}
        self._newest: list[str] = []
        self._looked_at: str | None = None

    def take(self, entry: Entry) -> Iterator[str]:
        event = entry.event
        if event is None or event["type"] != "client.release" or event.get("build") != "browser":
            return
        files = event.get("files")
        if not isinstance(files, dict):
            yield f"entry {entry.index} announces a build without its files"
            return
        self._newest = sorted(files)
        for path, digest in files.items():
            self._announced.setdefault(path, []).append(digest)

    def tick(self, now: datetime) -> Iterator[str]:
        if not self._newest or (self._looked_at is not None and now - from_wire(self._looked_at) < EVERY):
            return
        for path in self._newest:
            try:
                digest = sha256(self._fetch(served(path))).hexdigest()
            except Unreachable:
                continue  # that the site is away is another alarm
            if digest not in self._announced[path]:
                yield f"the site serves {served(path)} with the SHA-256 {digest}, which no release announces"
        self._looked_at = wire(now)

    def dump(self) -> Any:
        return {"announced": self._announced, "newest": self._newest, "looked_at": self._looked_at}

    def load(self, value: Any) -> None:
        self._announced = dict(value["announced"]) if value else {}
        self._newest = list(value["newest"]) if value else []
        self._looked_at = value["looked_at"] if value else None


def served(path: str) -> str:
    """The address of a file of the build, below the site's own."""
    for folder, address in SERVED:
        if path.startswith(folder):
            return address + path.removeprefix(folder)
    return f"/{path}"
