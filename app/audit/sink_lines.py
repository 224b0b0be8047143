"""The lines of the second sink, for whoever only reads them: no database needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

COMMITTED = "audit.committed"


def read(lines: Iterable[str]) -> Iterator[str]:
    """The leaf hashes (hex) in lines of a log; other lines are passed over."""
    for line in lines:
        if COMMITTED in line:
            try:
                entry = json.loads(line[line.index("{") :])
            except ValueError:
                continue  # a line that was cut off
            if entry.get("event") == COMMITTED:
                yield from entry["leaves"]
