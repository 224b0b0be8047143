"""`python -m bidding.keyholder`: one keyholder, served on a loopback port.

Settings: NARU_KEYHOLDER_NAME (default A), NARU_KEYHOLDER_DIR (its store), NARU_KEYHOLDER_BACKUP (where everything is
written a second time: another disk), NARU_KEYHOLDER_PORT, NARU_LOG_ORIGIN, NARU_KEYHOLDER_POLICY (a tlog policy file:
the witnesses that must have cosigned), NARU_KEYHOLDER_OVERRIDE (1: two officers may go on without them, in the log),
and the two verifier keys it trusts, NARU_LOG_VKEY and NARU_AGENCY_VKEY. On one machine both may be left out: the public
key files that the application wrote beside its signing keys (NARU_KEYS_DIR) are read instead.
"""

from __future__ import annotations

import os
from pathlib import Path

from gunicorn.app.base import BaseApplication

from app import config, keys, time
from app.tlog import policy
from bidding.keyholder.holder import Holder
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn around one program, with one process: the store has one writer."""

    def __init__(self, holder: Holder, port: int) -> None:
        self.holder, self.port = holder, port
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{self.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 4,
            "timeout": 120,
            "proc_name": "naru-keyholder",
            "accesslog": None,
            "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> object:
        return make_service(self.holder, time.now)


def main() -> None:
    settings = config.read()
    folder = Path(os.environ.get("NARU_KEYHOLDER_DIR") or Path(settings["NARU_VAR"]) / "keyholder")
    keys_dir = Path(settings["NARU_KEYS_DIR"] or Path(settings["NARU_VAR"]) / "keys")
    backup = Path(os.environ.get("NARU_KEYHOLDER_BACKUP") or folder.with_name(folder.name + "-backup"))
    policy_file = os.environ.get("NARU_KEYHOLDER_POLICY")
    holder = Holder(
        name=os.environ.get("NARU_KEYHOLDER_NAME", "A"),
        store=Store(folder, backup),
        log_vkey=os.environ.get("NARU_LOG_VKEY") or keys.read_vkey(keys_dir, "log"),
        origin=settings["NARU_LOG_ORIGIN"],
        app_vkey=os.environ.get("NARU_AGENCY_VKEY") or keys.read_vkey(keys_dir, "agency"),
        policy=policy.parse(Path(policy_file).read_text("utf-8")) if policy_file else None,
        takes_override=os.environ.get("NARU_KEYHOLDER_OVERRIDE") == "1",
    )
    Server(holder, int(os.environ.get("NARU_KEYHOLDER_PORT", "8091"))).run()


if __name__ == "__main__":
    main()
