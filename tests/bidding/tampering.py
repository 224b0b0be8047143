"""P7: twenty-five ways in which an operator could tamper with a published tender, at random places.

Pure: a class of tampering takes an `Insider` (the files and the keys that it holds) and changes its files. A verifier
that holds the public keys and one older checkpoint must find every one of them.

    python -m tests.bidding.tampering FOLDER [COUNT] [SEED]

writes FOLDER/<n>.<class>.zip, <n>.<class>.policy.txt and <n>.<class>.checkpoint.note for another verifier to try.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from bidding import bundle
from tests.bidding import tampering_box as box
from tests.bidding import tampering_log as log
from tests.bidding.full_world import FullWorld
from tests.bidding.insider import Inapplicable, Insider
from tests.bidding.random_bundles import random_world

Tamper = Callable[[Insider], None]

CLASSES: dict[str, Tamper] = {
    tamper.__name__.replace("_", "-"): tamper
    for tamper in (
        box.drop_a_bid, box.replace_a_bid, box.insert_a_bid, box.back_date, log.reorder, log.edit_a_price,
        log.edit_picks, box.edit_the_notice, log.edit_the_deadline, log.invent_an_extension, log.edit_an_approval,
        box.swap_a_box_key, log.another_group, box.wrong_cancellation, log.edit_the_evaluation,
        log.invent_an_exclusion, log.edit_the_draw, log.award_to_another, log.cut_the_checkpoint,
        log.forge_a_cosignature, log.fork_the_log, box.edit_pieces, box.swap_a_seed, box.edit_an_envelope,
        box.edit_a_signature,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tampered:
    """`policy` and `old_checkpoint` are what the verifier held before."""

    name: str
    data: bytes
    policy: str
    old_checkpoint: str


def tamper(world: FullWorld, name: str, chance: random.Random) -> Tampered:
    """One tampering with the bundle of `world`. Inapplicable where it has nothing of the kind."""
    files = {path: data for path, data in bundle.read(world.bundle()).files.items() if path != "MANIFEST"}
    held = ("log", "agency", "receipt") if chance.random() < 0.7 else ("agency", "receipt")
    insider = Insider(deepcopy(files), {key: world.keys[key] for key in held}, world.names, chance)
    CLASSES[name](insider)
    if insider.files == files:
        raise Inapplicable("nothing has changed")
    # Whoever checks has kept what was published at the time.
    kept = files["checkpoint.note"].decode()
    return Tampered(name, bundle.pack(insider.files), world.pin_file(), kept)


def corpus(count: int, seed: int = 0) -> Iterator[Tampered]:
    """`count` tamperings, the classes in turn, each with another tender."""
    made, number = 0, seed
    while made < count:
        name = list(CLASSES)[made % len(CLASSES)]
        number += 1
        try:
            yield tamper(random_world(number), name, random.Random(f"tamper {number}"))
        except Inapplicable:
            continue
        made += 1


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    given = sys.argv[2:4]
    count, seed = (int(word) for word in [*given, *("100", "0")[len(given) :]])
    for number, one in enumerate(corpus(count, seed)):
        stem = folder / f"{number:05d}.{one.name}"
        stem.with_name(stem.name + ".zip").write_bytes(one.data)
        stem.with_name(stem.name + ".policy.txt").write_text(one.policy)
        stem.with_name(stem.name + ".checkpoint.note").write_text(one.old_checkpoint)


if __name__ == "__main__":
    main()
