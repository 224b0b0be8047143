"""A pytest plugin that judges mutants: collects once, sees which tests reach which function, forks a process for each.

mutmut's own loop begins pytest anew for every mutant; here a verdict costs what its tests cost. The first test that
fails kills a mutant, those first that killed its neighbours, then quick ones; it survives when all of them pass.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

from bidding.rules.data import archived, shipped

NAMES = "NARU_MUTANTS"  # a file with the modules to judge, as JSON
MOST_SECONDS = 20  # of processor time: a mutant may loop for ever
MOST_MEMORY = 3 << 30
MOST_NEIGHBOURS = 4  # tests that are tried first
SURVIVED, KILLED, NO_TESTS = 0, 1, 33  # as mutmut numbers them


@dataclass
class Reached:
    """Which tests run each function, the quickest first."""

    items: dict[str, list[pytest.Item]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def by(cls, items: Sequence[pytest.Item]) -> Reached:
        """Runs everything once, unchanged. pytest.UsageError where something fails already."""
        found, spent = cls(), {}
        os.environ["MUTANT_UNDER_TEST"] = "stats"
        for item in items:
            state()._stats.clear()
            forget()  # what the first test has read, each that needs it reads
            began = time.process_time()
            reports = runtestprotocol(item, log=False, nextitem=None)
            spent[item.nodeid] = time.process_time() - began
            if any(report.failed for report in reports):
                raise pytest.UsageError(f"{item.nodeid} fails without any mutant")
            for name in state()._stats:
                found.items[name].append(item)
        os.environ["MUTANT_UNDER_TEST"] = ""
        for reaching in found.items.values():
            reaching.sort(key=lambda item: spent[item.nodeid])
        return found


def pytest_runtestloop(session: pytest.Session) -> bool:
    reached = Reached.by(session.items)
    for path in json.loads(Path(os.environ[NAMES]).read_text("utf-8")):
        judge_module(Path(path + ".meta"), reached)
    return True


def judge_module(kept: Path, reached: Reached) -> None:
    """Gives every mutant of one module a verdict that has none."""
    known = json.loads(kept.read_text("utf-8"))
    verdicts = known["exit_code_by_key"]
    killers: list[pytest.Item] = []  # of this module, the last one first
    for number, name in enumerate([name for name, verdict in verdicts.items() if verdict is None], 1):
        tests = reached.items.get(mangled_name_from_mutant_name(name), [])
        first = [item for item in killers if item in tests][:MOST_NEIGHBOURS]
        tests = first + [item for item in tests if item not in first]
        verdicts[name], killer = judge(name, tests) if tests else (NO_TESTS, None)
        if killer:
            killers = [killer, *(item for item in killers if item is not killer)]
        if number % 20 == 0:  # whoever interrupts it loses little
            kept.write_text(json.dumps(known), "utf-8")
    kept.write_text(json.dumps(known), "utf-8")
    survived = sum(verdict in (SURVIVED, NO_TESTS) for verdict in verdicts.values())
    sys.__stderr__ and print(f"  {kept.with_suffix('')}: {survived} of {len(verdicts)} survived", file=sys.__stderr__)


def forget() -> None:
    shipped.cache_clear()
    archived.cache_clear()


def judge(name: str, tests: Sequence[pytest.Item]) -> tuple[int, pytest.Item | None]:
    """The verdict, and the test that was running when it fell."""
    with mmap.mmap(-1, 8) as place:  # shared with the child, which may end at any moment
        child = os.fork()
        if child == 0:
            try:
                os._exit(run(name, tests, place))
            finally:
                os._exit(KILLED)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return (-code, None) if code < 0 else (code, tests[int.from_bytes(place[:], "big")] if code else None)


def run(name: str, tests: Sequence[pytest.Item], place: mmap.mmap) -> int:
    """In the child: whether a test notices. `place` holds the number of the test that runs."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.environ["MUTANT_UNDER_TEST"] = name
    if ".data." in name:  # a mutant of the loader must load
        forget()
    for number, item in enumerate(tests):
        place[:] = number.to_bytes(8, "big")
        item._initrequest()  # type: ignore[attr-defined]
        try:
            item.session._setupstate.setup(item)
            item.runtest()
            item.session._setupstate.teardown_exact(None)
        except BaseException:
            return KILLED
    return SURVIVED
