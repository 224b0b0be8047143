"""`python -m tests.faults [NAME [--runs N]] | all`"""

from __future__ import annotations

import argparse
import sys
import time as stopwatch

from tests.faults.register import FAULTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Crashes, races, tampering at length.")
    parser.add_argument("names", nargs="*", help="which; `all` for all")
    parser.add_argument("--runs", type=int, help="how often, instead of the number in the protocol")
    options = parser.parse_args()
    if not options.names:
        for name, fault in FAULTS.items():
            print(f"{name:20} {fault.bar:4} {fault.runs:>7,} runs   {fault.meaning}")
        return 0
    chosen = list(FAULTS) if options.names == ["all"] else options.names
    failed = [name for name in chosen if not _run(name, options.runs)]
    print(f"{len(chosen) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _run(name: str, runs: int | None) -> bool:
    fault = FAULTS[name]
    began = stopwatch.monotonic()
    try:
        figures = fault.load()(runs or fault.runs)
    except AssertionError as missed:
        print(f"FAIL {fault.bar} {name}: {missed}", flush=True)
        return False
    print(f"PASS {fault.bar} {name}: {figures} ({stopwatch.monotonic() - began:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
