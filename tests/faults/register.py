"""The list of what can be run at length, with the number of runs that the protocol asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Fault:
    """`module` below `tests.faults` has `run(runs) -> figures`, which raises AssertionError where the bar is missed."""

    bar: str
    runs: int
    module: str
    meaning: str

    def load(self) -> Callable[[int], str]:
        run: Callable[[int], str] = import_module(f"tests.faults.{self.module}").run
        return run


FAULTS = {
    "verifiers": Fault("N2", 500, "verifiers_agree", "both verifiers on random bundles, and on twice as many tampered"),
    "tampering": Fault("P7", 1000, "tampering", "an operator who turned: every tampering with a bundle is detected"),
    "envelopes": Fault("C6", 1000, "envelopes", "envelopes between Python and the browser's code, both ways"),
    "mutations": Fault("C7", 100_000, "mutations", "changed, cut and grown ciphertexts: none opens"),
    "deadline-race": Fault("D2", 200, "deadline_race", "64 bidders around each deadline: receipts against lists"),
    "web-crash": Fault("F1", 500, "web_crash", "kill -9 of a web worker while bids come in"),
    "database-crash": Fault("F2", 100, "database_crash", "kill -9 or immediate stop of PostgreSQL while bids come in"),
    "log-crashes": Fault("F3", 200, "log_crashes", "kill -9 of sequencer and signer, writes that fail either way"),
    "large-documents": Fault("W2", 1, "large_documents", "200 MB of documents in one bid, broken off and gone on with"),
    "valkey-crash": Fault("F4", 100, "valkey_crash", "Valkey killed, emptied, stopped or full while bids come in"),
}
