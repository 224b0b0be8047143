"""An operator who turned: it holds the files of a bundle, the whole log, and the operator's own signing keys.

What it does not hold: the bidders' keys, the keyholders', the witnesses', and the checkpoint that somebody has kept.
Everything that it can make consistent again, it does (`retell`): the list and its root, the log and its proofs, the
checkpoints, the evaluation and what the log says of it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import checkpoint, cosignature, merkle, note
from app.tlog.canon import b64u, digest, jcs, parse, unb64u
from bidding import bundle, opening
from bidding.evaluation import digest_of, draw_sha256, evaluate
from bidding.sealing import Lane
from bidding.types import DrawRule, Exclusion, NoticeTerms

Json = dict[str, Any]
Files = dict[str, bytes]


class Inapplicable(Exception):
    """This bundle has nothing of the kind."""


@dataclass
class Insider:
    """`keys`: of `log`, `agency`, `receipt`, those that it holds; `names` is what each key signs as."""

    files: Files
    keys: Mapping[str, Ed25519PrivateKey]
    names: Mapping[str, str]
    chance: random.Random

    def __post_init__(self) -> None:
        paths = sorted(path for path in self.files if path.startswith("events/"))
        entries = [bundle.LoggedEvent.from_json(parse(self.files[path])) for path in paths]
        if [entry.index for entry in entries] != list(range(len(entries))):
            raise Inapplicable("the bundle does not hold the whole log")
        self.log: list[tuple[Json, bytes | None]] = [(entry.event, entry.salt) for entry in entries]

    # ---- reading

    def json(self, path: str) -> Any:
        if path not in self.files:
            raise Inapplicable(path)
        return parse(self.files[path])

    def put(self, path: str, value: Any) -> None:
        self.files[path] = jcs(value)

    def under(self, folder: str) -> list[str]:
        return sorted(path for path in self.files if path.startswith(folder + "/"))

    def pick(self, things: Any) -> Any:
        things = list(things)
        if not things:
            raise Inapplicable("nothing to pick from")
        return self.chance.choice(things)

    def events(self, kind: str) -> list[Json]:
        found = [event for event, _ in self.log if event["type"] == kind]
        if not found:
            raise Inapplicable(kind)
        return found

    def box(self) -> Json:
        value: Json = parse(note.text_of(self.files["box.note"].decode()).split("\n")[1].encode())
        return value

    def signs(self, kind: str, value: Json, who: str) -> bytes:
        if who not in self.keys:
            raise Inapplicable(f"no key of {who}")
        return note.sign_object(kind, value, self.names[who], self.keys[who]).encode()

    # ---- making it consistent again

    def retell(self) -> None:
        """List, closing, log and checkpoints, as far as the keys at hand allow."""
        self.renumber()
        self.relist()
        self.relog()

    def renumber(self) -> None:
        """The list's indexes after entries were moved."""
        at = {event.get("stmt"): n for n, (event, _) in enumerate(self.log) if event["type"] == "bid.submitted"}
        entries = self.json("list.json")
        for entry in entries:
            entry["idx"] = at.get(entry["stmt"], entry["idx"])
        self.put("list.json", sorted(entries, key=lambda entry: str(entry["stmt"])))

    def relist(self) -> None:
        data = self.files["list.json"]
        root = merkle.root(merkle.leaf_hash(jcs(entry)) for entry in parse(data)).hex()
        facts = {"box_root": root, "list_sha256": hashlib.sha256(data).hexdigest(), "count": len(parse(data))}
        for event in self.events("tender.closed"):
            event.update(facts)

    def relog(self) -> None:
        """Without the log's key: the entries alone, with the proofs that no longer fit."""
        hashes = [merkle.leaf_hash(_leaf(event, salt)) for event, salt in self.log]
        node, size = merkle.memory(hashes), len(hashes)
        if "log" not in self.keys:
            for path in self.under("events"):
                entry = self.json(path)
                index = entry["index"]
                if index < size:
                    event, salt = self.log[index]
                    self.put(path, {**entry, "event": event, "salt": b64u(salt) if salt is not None else None})
            return
        for path in self.under("events"):
            del self.files[path]
        for index, (event, salt) in enumerate(self.log):
            logged = bundle.LoggedEvent(index, event, salt, tuple(merkle.inclusion_proof(index, size, node)))
            self.put(f"events/{index:012d}.json", logged.to_json())
        self.files["checkpoint.note"] = self._checkpoint(hashes, size, self.files["checkpoint.note"]).encode()
        for path in self.under("checkpoints"):
            self._recheckpoint(path, hashes)

    def _recheckpoint(self, path: str, hashes: list[bytes]) -> None:
        seen, size = int(path[12:24]), len(hashes)
        old = self.json(path)["note"]
        if seen > size:
            del self.files[path]
            return
        proof = merkle.consistency_proof(seen, size, merkle.memory(hashes))
        signed = self._checkpoint(hashes[:seen], seen, old.encode())
        self.put(path, {"note": signed, "consistency": [b64u(step) for step in proof]})

    def _checkpoint(self, hashes: list[bytes], size: int, old: bytes) -> str:
        """Signed anew. Cosignatures are kept where the text is the old one; no witness would sign another."""
        made = checkpoint.Checkpoint(self.names["log"], size, merkle.root(hashes))
        if note.text_of(old.decode()) == made.text:
            return old.decode()
        return checkpoint.sign(made, self.keys["log"])

    def reevaluate(self, exclusions: list[Json] | None = None) -> None:
        """Opening, draw, evaluation and award from `opening.jsonl` as it stands, and the log's words about them."""
        lines = [opening.from_json(line) for line in opening.read_lines(self.files["opening.jsonl"])]
        if not lines:
            raise Inapplicable("nothing was opened")
        box, old = self.box(), self.json("evaluation.json")
        rule, found = DrawRule.from_json(box["draw"]), [line.found for line in lines]
        given = old["exclusions"] if exclusions is None else exclusions
        evaluation = evaluate(
            NoticeTerms.from_json(self.json("notice.json")["terms"]),
            rule,
            box_id=digest("box", jcs(box)).hex(),
            box_root=self.events("tender.closed")[0]["box_root"],
            seeds=opening.gather_seeds(rule, Lane.from_json(box["lanes"]["price"]), found),
            found=opening.bids_of(found),
            exclusions=[Exclusion(**one) for one in given],
        )
        self.put("evaluation.json", evaluation.to_json())
        self.files.pop("draw.json", None)
        if evaluation.draw is not None:
            self.put("draw.json", evaluation.draw.to_json())
        self.events("opening.opened")[0].update(
            opening_sha256=hashlib.sha256(self.files["opening.jsonl"]).hexdigest(),
            draw_sha256=draw_sha256(evaluation.draw) if evaluation.draw is not None else None,
            evaluation=digest_of(evaluation),
        )
        first = evaluation.winner
        if "award.json" in self.files and first is not None:
            facts = {"stmt": first.stmt, "supplier": first.supplier, "amount": str(first.amount_won)}
            facts["evaluation"] = digest_of(evaluation)
            self.put("award.json", {**self.json("award.json"), **facts, "disqualified": []})
            self.events("award.confirmed")[0].update(facts)

    def cosignatures(self, path: str = "checkpoint.note") -> list[note.Signature]:
        """The witnesses' lines on the bundle's checkpoint."""
        lines = note.split(self.files[path].decode())[1]
        return [line for line in lines if line.name != self.names["log"]]

    def forge(self, name: str, seconds: int) -> note.Signature:
        """A cosignature in a witness's name by a key of the insider's own, with the key id of the witness."""
        text = note.text_of(self.files["checkpoint.note"].decode())
        real = next(line for line in self.cosignatures() if line.name == name)
        mine = cosignature.sign(text, name, Ed25519PrivateKey.generate(), seconds)
        return note.Signature(name, real.key_id, mine.blob)


def _leaf(event: Json, salt: bytes | None) -> bytes:
    if salt is None:
        return jcs({"e": event, "v": 1})
    return jcs({"c": digest("event", salt + jcs(event)).hex(), "v": 1})


def blob_of(spelled: str) -> bytes:
    return unb64u(spelled)
