"""python -m benchmarks [B1 B3 …]: run all, or those named, and print one table."""

from __future__ import annotations

import sys
import time as stopwatch
from collections.abc import Sequence
from importlib import import_module

from benchmarks.table import Line, rendered

SCENARIOS = {
    "B1": "b01_submit",
    "B3": "b03_hot_tender",
    "B6": "b06_board",
    "B7": "b07_search",
    "B9": "b09_opening",
    "B10": "b10_audit_verify",
    "B17": "b17_cold_start",
    "B18": "b18_verify",
    "B19": "b19_sequencer",
    "B20": "b20_technical",
    "B21": "b21_evaluation",
}


def main(wanted: Sequence[str]) -> int:
    """Exit status 2 for an unknown name; a scenario that fails is named, and the others run."""
    unknown = [name for name in wanted if name not in SCENARIOS]
    if unknown:
        print(f"There is no {', '.join(unknown)}; there are {', '.join(SCENARIOS)}.", file=sys.stderr)
        return 2
    lines: list[Line] = []
    failed = 0
    for name in wanted or SCENARIOS:
        began = stopwatch.perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            lines += import_module(f"benchmarks.{SCENARIOS[name]}").run()
        except Exception as error:
            failed = 1
            lines.append(Line(name, f"failed: {error!r}"[:200], ""))
        print(f"{name} took {stopwatch.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(rendered(lines))
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
