"""A monitor: `python -m app.audit.monitor URL --policy FILE [--state FILE]`, to be run by anybody, anywhere.

It follows a log by what the log publishes, over HTTP alone, and checks everything again and again; `bidding.monitor`
does the same and knows the rules of tenders. Each alarm is one JSON line on the standard output, told once; with
`--webhook` or `--mail` it goes there too. With `--once` it ends after one turn: 0 all well, 1 alarms, 2 not usable.
It needs Python and `cryptography`.
"""

from __future__ import annotations

import argparse
import json
import os
import smtplib
import sys
import time as clock
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from app import time
from app.audit import durable
from app.audit.monitoring import Alarm, Monitor
from app.audit.reading import LogReader
from app.audit.sink_lines import read as read_sink
from app.audit.watch_rules import EntryRules, Rules
from app.audit.watch_store import Store
from app.time import wire
from app.tlog import policy

TIMEOUT = 20
Channel = Callable[[str, str], None]  # (subject, JSON text) -> told, or OSError


def run(
    arguments: Sequence[str],
    more_rules: Callable[[str], Sequence[Rules]] = lambda _url: (),
    program: str = "app.audit.monitor",
) -> int:
    """The program; its exit status. `more_rules(url)`: what is asked of the log at `url` beside the general rules."""
    chosen = _parser(program).parse_args(arguments)
    try:
        text = Path(chosen.policy).read_text("utf-8") if chosen.policy else f"log {chosen.vkey}\nquorum none\n"
        read = policy.parse(text)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"the policy: {error}\n")
        return 2
    store = Store(chosen.state)
    rules = [EntryRules(), *more_rules(chosen.url)]
    monitor = Monitor(LogReader(chosen.url), read, store, rules, text if chosen.same_policy else None)
    teller = Teller(store, chosen.state, list(_channels(chosen)), is_repeating=chosen.once)
    try:
        while True:
            now = time.now()
            told, mark = _new_lines(chosen.sink, store.get("sink")) if chosen.sink else ([], None)
            alarms = monitor.turn(now, told)
            store.put("sink", mark)
            teller.tell(alarms, now)
            if chosen.once:
                return 1 if alarms else 0
            clock.sleep(chosen.every)
    except KeyboardInterrupt:
        return 0
    finally:
        store.close()


class Teller:
    """Tells each alarm once, here and on every channel; keeps its evidence beside the state."""

    def __init__(self, store: Store, state: Path | None, channels: Sequence[Channel], *, is_repeating: bool) -> None:
        self._store, self._channels, self._is_repeating = store, channels, is_repeating
        self._folder = state.with_name(state.name + ".evidence") if state is not None else None

    def tell(self, alarms: Sequence[Alarm], now: datetime) -> None:
        for alarm in alarms:
            is_known = self._store.is_told(f"{alarm.kind} {alarm.text}", wire(now))
            if not is_known or self._is_repeating:
                self._tell(alarm, now, is_known=is_known)

    def _tell(self, alarm: Alarm, now: datetime, *, is_known: bool) -> None:
        said = {"at": wire(now), "alarm": alarm.kind, "text": alarm.text, "evidence": alarm.evidence}
        text = json.dumps(said, ensure_ascii=False)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        if is_known:
            return
        if self._folder is not None and alarm.evidence:
            name = f"{now.strftime('%Y%m%dT%H%M%S.%fZ')}-{alarm.kind}.json"
            durable.write(self._folder / name, json.dumps(said, ensure_ascii=False, indent=1).encode())
        for channel in self._channels:
            try:
                channel(f"[naru-monitor] {alarm.kind}", text)
            except (OSError, smtplib.SMTPException) as error:  # the other channels, and the standard output, have it
                sys.stderr.write(f"an alarm could not be sent: {error}\n")


def _channels(chosen: argparse.Namespace) -> Iterator[Channel]:
    if chosen.webhook:
        yield lambda _subject, text: _post(chosen.webhook, text)
    if chosen.mail:
        yield lambda subject, text: _mail(chosen, subject, text)


def _post(url: str, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, text.encode(), headers)  # noqa: S310 - the address is its operator's
    with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310
        pass


def _mail(chosen: argparse.Namespace, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = subject, chosen.mail, chosen.mail_from or chosen.mail
    message.set_content(text)
    host, _, port = chosen.smtp.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT) as server:
        server.send_message(message)


def _new_lines(path: Path, mark: list[int] | None) -> tuple[list[str], list[int] | None]:
    """Leaf hashes in the whole lines that the sink's file has gained since `mark`, and the new mark.

    From its beginning where the file was replaced.
    """
    at, inode = mark or [0, 0]
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            begin = at if inode == status.st_ino and at <= status.st_size else 0
            file.seek(begin)
            lines = file.read()
    except OSError as error:
        sys.stderr.write(f"the second sink cannot be read: {error}\n")
        return [], mark
    whole = lines[: lines.rfind(b"\n") + 1]
    return list(read_sink(whole.decode("utf-8", "replace").splitlines())), [begin + len(whole), status.st_ino]


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description="Follow a log and check all of it.")
    parser.add_argument("url", help="the log: https://naru.example/log")
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--vkey", help="the log's verifier key, as you wrote it down")
    whom.add_argument("--policy", help="your policy file: the log's key, its witnesses, the quorum")
    parser.add_argument("--same-policy", action="store_true", help="the log must publish this very policy file")
    parser.add_argument("--state", type=Path, help="file of what was seen; evidence is kept beside it")
    parser.add_argument("--sink", type=Path, help="the second sink: every event it tells of must be there in 60 s")
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--once", action="store_true", help="one turn; the exit status says whether all is well")
    parser.add_argument("--webhook", metavar="URL", help="each alarm is posted there, as JSON")
    parser.add_argument("--mail", metavar="ADDRESS", help="each alarm is mailed there")
    parser.add_argument("--mail-from", metavar="ADDRESS")
    parser.add_argument("--smtp", default="127.0.0.1:25", metavar="HOST:PORT")
    return parser


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
