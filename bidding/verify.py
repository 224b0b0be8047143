"""`python -m bidding.verify bundle.zip [--policy FILE] [--receipt FILE] [--old-checkpoint FILE] [--log-url URL]`

Recomputes a published tender from its bundle, offline: no database, no web framework, and no network unless --log-url
asks for it. Prints one line a check, `PASS|FAIL|WARN|SKIP Vnn text`, and exits with 0 only if none failed (1: some did,
2: not a bundle at all, or a wrong argument). What each check asks is in docs/protocol.md, section 13.

A policy file pins what you believe without being shown: `log VKEY`, `agency VKEY`, `receipt VKEY`, `holder ID VKEY`,
witnesses, groups and the quorum, `tsa NAME CERTIFICATE`. What is not pinned is taken from the bundle, with a warning:
then only consistency is shown, not who speaks.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.tlog.canon import unb64u
from bidding import (
    checks_auction,
    checks_award,
    checks_bids,
    checks_box,
    checks_log,
    checks_opening,
    checks_own,
    checks_result,
    checks_technical,
    checks_time,
    pins,
)
from bidding.bundle import Bundle, Keys, read
from bidding.checks import Case, Check, CheckFunction, Own, Result, Skipped
from bidding.pins import Pins

CHECKS: tuple[tuple[str, CheckFunction], ...] = tuple(
    sorted(
        (
            *checks_log.CHECKS,
            *checks_box.CHECKS,
            *checks_bids.CHECKS,
            *checks_time.CHECKS,
            *checks_opening.CHECKS,
            *checks_result.CHECKS,
            *checks_award.CHECKS,
            *checks_auction.CHECKS,
            *checks_own.CHECKS,
            *checks_technical.CHECKS,
        )
    )
)
# What a check builds upon. Where that failed, it fails too, and says so: the first failure is what counts.
NEEDS = {
    "V03": ("V02",),
    "V04": ("V03",),
    "V05": ("V03",),
    "V06": ("V05",),
    "V07": ("V03",),
    "V08": ("V05",),
    "V09": ("V08",),
    "V10": ("V09",),
    "V11": ("V07", "V08"),
    "V12": ("V11",),
    "V13": ("V07",),
    "V14": ("V06", "V09"),
    "V15": ("V14",),
    "V16": ("V15",),
    "V17": ("V16",),
    "V18": ("V06", "V09"),
    "V19": ("V17", "V18"),
    "V20": ("V19",),
    "V21": ("V19",),
    "V22": ("V21",),
    "V23": ("V21",),
    "V24": ("V09", "V11"),
    "V25": ("V02",),
    "V26": ("V21",),
    "V27": ("V15",),
    "V28": ("V10", "V21"),
}
# The bundle is a stranger's file: whatever its shape breaks is the bundle's failure, not the program's.
MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, OverflowError, RecursionError)


def verify(
    data: bytes,
    *,
    keys: Keys | None = None,
    log_vkey: str | None = None,
    receipt: str | None = None,
    pinned: Pins | None = None,
    old_checkpoint: str | None = None,
    proofs: Sequence[tuple[bytes, ...]] = (),
) -> list[Check]:
    """Run all checks on the bytes of a bundle. A check that needs a failed one fails too.

    `pinned`: what a policy file pins; `keys` pins all verifier keys, `log_vkey` the log's alone. `receipt` and
    `old_checkpoint` are notes, `proofs` consistency proofs for the latter. ValueError if the bytes are no bundle.
    """
    bundle = read(data)
    believed = pinned if pinned is not None else Pins.of_keys(keys) if keys is not None else Pins()
    if log_vkey is not None:
        believed = replace(believed, logs=(log_vkey,))
    own = Own(receipt, old_checkpoint, tuple(proofs))
    try:
        claimed = claimed_keys(bundle)
    except ValueError:
        claimed = Keys("", "", "", {})  # then only pinned keys can be used, and a check that lacks one fails
    return run(Case(bundle, believed.over(claimed), believed, own))


def run(case: Case) -> list[Check]:
    """All checks, in order."""
    report: list[Check] = []
    failed: set[str] = set()
    for code, check in CHECKS:
        verdict = _judge(case, code, check, failed)
        if verdict.result is Result.FAIL:
            failed.add(code)
        report += [verdict, *(Check(Result.WARN, code, warning) for warning in case.warnings)]
        case.warnings.clear()
    return report


def _judge(case: Case, code: str, check: CheckFunction, failed: set[str]) -> Check:
    missing = next((needed for needed in NEEDS.get(code, ()) if needed in failed), None)
    if missing is not None:
        return Check(Result.FAIL, code, f"needs {missing}")
    try:
        return Check(Result.PASS, code, check(case))
    except Skipped as reason:
        return Check(Result.SKIP, code, str(reason))
    except MISSHAPEN as error:
        told = str(error) if type(error).__name__ in ("Broken", "ValueError") else f"{type(error).__name__}: {error}"
        return Check(Result.FAIL, code, told)


def is_sound(report: Sequence[Check]) -> bool:
    """No check failed."""
    return all(check.result is not Result.FAIL for check in report)


def verdict_of(report: Sequence[Check]) -> str | None:
    """The code of the first check that failed, or None: that on which every verifier must agree."""
    return next((check.code for check in report if check.result is Result.FAIL), None)


def claimed_keys(bundle: Bundle) -> Keys:
    """The keys that the bundle itself names. ValueError if it names none as it should."""
    try:
        named = bundle.json("keys.json")
        keys = Keys(named["log"], named["agency"], named["receipt"], named["holders"], named.get("operators", {}))
        spelled = [keys.log, keys.agency, keys.receipt, *keys.holders.values(), *keys.operators.values()]
        is_proper = keys.to_json() == named and all(isinstance(one, str) for one in spelled)
    except MISSHAPEN as error:
        raise ValueError(f"not a bundle: {error}") from error
    if not is_proper:
        raise ValueError("keys.json has another shape")
    return keys


def read_policy(text: str, claimed: Keys) -> Keys:
    """`claimed` with the keys that a policy file pins. ValueError for a line that is none of its own."""
    return pins.parse(text).over(claimed)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        data = options.bundle.read_bytes()
        believed = pins.parse(options.policy.read_text()) if options.policy else Pins()
        if options.log_vkey:
            believed = replace(believed, logs=(options.log_vkey,))
        report = verify(
            data,
            pinned=believed,
            receipt=options.receipt.read_text() if options.receipt else None,
            old_checkpoint=options.old_checkpoint.read_text() if options.old_checkpoint else None,
            proofs=_proofs(options, data),
        )
    except (OSError, ValueError) as error:
        print(f"FAIL V00 {error}", file=sys.stderr)  # noqa: T201
        return 2
    if options.json:
        lines = [{"result": str(check.result), "code": check.code, "text": check.text} for check in report]
        print(json.dumps({"verdict": verdict_of(report), "checks": lines}, ensure_ascii=False))  # noqa: T201
    else:
        for check in report:
            print(check)  # noqa: T201
    return 0 if is_sound(report) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bidding.verify", description="Check a published tender offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--policy", type=Path, help="file that pins keys, witnesses and time-stamping certificates")
    parser.add_argument("--log-vkey", help="pin the log's verifier key alone")
    parser.add_argument("--receipt", type=Path, help="a bidder's receipt: check that its bid is in the list")
    parser.add_argument(
        "--old-checkpoint", type=Path, help="a checkpoint that you kept: check that the log continues it"
    )
    parser.add_argument("--consistency", type=Path, help="the proof for it: one hash a line, base64url")
    parser.add_argument(
        "--log-url", help="fetch the proof from the log's tiles at this address (the only use of a network)"
    )
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")
    return parser


def _proofs(options: argparse.Namespace, data: bytes) -> list[tuple[bytes, ...]]:
    """The proofs that were given or can be fetched for the older checkpoint."""
    proofs = []
    if options.consistency:
        proofs.append(tuple(unb64u(line) for line in options.consistency.read_text().split()))
    if options.log_url and options.old_checkpoint:
        from bidding.fetching import fetch_proof  # here alone: everything else does without a network

        proofs.append(
            fetch_proof(options.log_url, options.old_checkpoint.read_text(), read(data).text("checkpoint.note"))
        )
    return proofs


if __name__ == "__main__":
    sys.exit(main())
