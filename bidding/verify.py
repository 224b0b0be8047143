"""`python -m bidding.verify bundle.zip [--receipt r.note] [--policy policy.txt] [--log-vkey KEY]`

Recomputes a published tender from its bundle, offline: no database, no web framework, no network. Prints one line a
check, `PASS|FAIL|WARN|SKIP Vnn text`, and exits with 0 only if none failed (2: not a bundle at all).

A policy file pins keys, one a line: `log VKEY`, `agency VKEY`, `receipt VKEY`, `holder ID VKEY`. What is not pinned is
taken from the bundle, with a warning for the log's key: then only consistency is shown, not who speaks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bidding import checks_bids, checks_log, checks_result
from bidding.bundle import Bundle, Keys, read
from bidding.checks import Case, Check, Result, Skipped

CHECKS = (*checks_log.CHECKS, *checks_bids.CHECKS, *checks_result.CHECKS)


def verify(
    data: bytes, *, keys: Keys | None = None, log_vkey: str | None = None, receipt: str | None = None
) -> list[Check]:
    """Run all checks on the bytes of a bundle. A check that cannot be made for an earlier failure fails too.

    `keys` pins all verifier keys, `log_vkey` the log's alone. ValueError if the bytes are no bundle at all.
    """
    bundle = read(data)
    claimed = keys if keys is not None else claimed_keys(bundle)
    if log_vkey is not None:
        claimed = replace(claimed, log=log_vkey)
    case = Case(bundle, claimed, keys is not None or log_vkey is not None, receipt)
    report: list[Check] = []
    for code, check in CHECKS:
        try:
            report.append(Check(Result.PASS, code, check(case)))
        except Skipped as reason:
            report.append(Check(Result.SKIP, code, str(reason)))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration) as error:
            # The bundle is a stranger's file: whatever its shape breaks is the bundle's failure, not the program's.
            report.append(Check(Result.FAIL, code, f"{type(error).__name__}: {error}"))
        report += [Check(Result.WARN, code, warning) for warning in case.warnings]
        case.warnings.clear()
    return report


def is_sound(report: Sequence[Check]) -> bool:
    """No check failed."""
    return all(check.result is not Result.FAIL for check in report)


def claimed_keys(bundle: Bundle) -> Keys:
    """The keys that the bundle itself names. ValueError if it names none."""
    try:
        named = bundle.json("keys.json")
        keys = Keys(named["log"], named["agency"], named["receipt"], named["holders"])
        if keys.to_json() != named:
            raise ValueError("keys.json")
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a bundle: {error}") from error
    return keys


def read_policy(text: str, claimed: Keys) -> Keys:
    """`claimed` with the keys that a policy file pins. ValueError for a line that is none of its own."""
    keys = claimed
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0] == "log" and len(words) == 2:
            keys = replace(keys, log=words[1])
        elif words[0] == "agency" and len(words) == 2:
            keys = replace(keys, agency=words[1])
        elif words[0] == "receipt" and len(words) == 2:
            keys = replace(keys, receipt=words[1])
        elif words[0] == "holder" and len(words) == 3:
            keys = replace(keys, holders={**keys.holders, words[1]: words[2]})
        else:
            raise ValueError(f"not a line of a policy: {line}")
    return keys


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bidding.verify", description="Check a published tender offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--receipt", type=Path, help="a bidder's receipt: check that its bid is in the list")
    parser.add_argument("--policy", type=Path, help="file that pins keys: log, agency, receipt, holder ID")
    parser.add_argument("--log-vkey", help="pin the log's verifier key")
    options = parser.parse_args(arguments)
    try:
        data = options.bundle.read_bytes()
        keys = read_policy(options.policy.read_text(), claimed_keys(read(data))) if options.policy else None
        receipt = options.receipt.read_text() if options.receipt else None
        report = verify(data, keys=keys, log_vkey=options.log_vkey, receipt=receipt)
    except (OSError, ValueError) as error:
        print(f"FAIL V00 {error}", file=sys.stderr)  # noqa: T201
        return 2
    for check in report:
        print(check)  # noqa: T201
    return 0 if is_sound(report) else 1


if __name__ == "__main__":
    sys.exit(main())
