"""A sequencer as a process to be killed: steps without pause; some of its writes break off, before or after they count.

`python -m tests.faults.log_sequencer URL FOLDER SIGNER VKEY SEED`
"""

from __future__ import annotations

import sys
import time as clock
from contextlib import suppress
from pathlib import Path
from random import Random

from app.audit import durable
from app.audit.publication import Publication
from app.audit.sequencer import Sequencer
from app.audit.signer_client import RemoteSigner, SignerAway

BREAKS = 0.02  # of all writes, half of them before they take effect
PAUSE = 0.005


class BrokenOff(OSError):
    """The disk, or the store behind it, gave an error."""


def break_writes(chance: Random) -> None:
    real = durable.write

    def write(path: Path, content: bytes) -> None:
        if chance.random() >= BREAKS:
            real(path, content)
            return
        if chance.random() < 0.5:
            real(path, content)
        raise BrokenOff(str(path))

    durable.write = write


def main(url: str, folder: str, signer: str, vkey: str, seed: str) -> None:
    break_writes(Random(int(seed)))
    sequencer = Sequencer(url, RemoteSigner(signer, vkey), Publication(Path(folder)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        with suppress(BrokenOff, SignerAway):  # anything else is a fault of the log, and ends this
            sequencer.step()
        clock.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
