"""P7 in full: `python -m tests.faults.tampering [COUNT] [SEED]`, a thousand tamperings, each class at random places.

Prints what each class was found by, and exits with 1 if a single one was not.
"""

from __future__ import annotations

import sys
from collections import Counter

from bidding import pins
from bidding.verify import verdict_of, verify
from tests.bidding.tampering import corpus


def main() -> int:
    given = sys.argv[1:3]
    count, seed = (int(word) for word in [*given, *("1000", "0")[len(given) :]])
    found: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(corpus(count, seed)):
        try:
            report = verify(one.data, pinned=pins.parse(one.policy), old_checkpoint=one.old_checkpoint)
            code = verdict_of(report)
        except ValueError:
            code = "V00"
        found[one.name, code or "UNSEEN"] += 1
        if code is None:
            print(f"number {number} from seed {seed}, {one.name}: not detected")
    for (name, code), times in sorted(found.items()):
        print(f"{name:<22} {code} {times}")
    unseen = sum(times for (_, code), times in found.items() if code == "UNSEEN")
    print(f"{count - unseen} of {count} detected")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
