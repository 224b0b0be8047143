"""`python -m bidding.monitor URL --policy FILE …`: the monitor of `app.audit.monitor`, which also knows tenders."""

from __future__ import annotations

import sys

from app.audit.monitor import run
from bidding.monitor_rules import TenderRules

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], [TenderRules()], "bidding.monitor"))
