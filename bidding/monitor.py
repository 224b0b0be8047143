"""`python -m bidding.monitor URL --policy FILE …`: the monitor of `app.audit.monitor`, which also knows tenders."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.audit.monitor import run
from app.audit.reading import fetch
from app.audit.watch_rules import Rules
from bidding.monitor_releases import ReleaseRules
from bidding.monitor_rules import TenderRules


def rules_for(url: str) -> Sequence[Rules]:
    """What is asked of the log at `url` (`https://naru.example/log`) and of the site around it."""
    site = url.rstrip("/").removesuffix("/log")
    return [TenderRules(), ReleaseRules(lambda path: fetch(site + path))]


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], rules_for, "bidding.monitor"))
