"""Tampering with the log and with what came of the opening. Part of `tests.bidding.tampering`."""

from __future__ import annotations

from datetime import timedelta

from app.time import from_wire, wire
from app.tlog.canon import digest, jcs, parse
from tests.bidding.insider import Inapplicable, Insider
from tests.bidding.tampering_box import edit_somewhere, quietly_reevaluate


def reorder(it: Insider) -> None:
    one, other = it.chance.sample(range(len(it.log)), 2)
    if it.log[one] == it.log[other]:
        raise Inapplicable("the same entry twice")
    it.log[one], it.log[other] = it.log[other], it.log[one]
    it.retell()


def edit_a_price(it: Insider) -> None:
    lines = [parse(line) for line in it.files["opening.jsonl"].splitlines()]
    line = it.pick(line for line in lines if "amount" in line)
    line["amount"] = str(int(line["amount"]) + it.chance.choice((-1, 1)) * it.chance.randint(1, 10**6))
    it.files["opening.jsonl"] = b"".join(jcs(one) + b"\n" for one in lines)
    quietly_reevaluate(it)
    it.relog()


def edit_picks(it: Insider) -> None:
    lines = [parse(line) for line in it.files["opening.jsonl"].splitlines()]
    line = it.pick(line for line in lines if "picks" in line)
    picks = it.chance.sample(range(1, 16), 2)
    line["picks"] = picks if picks != line["picks"] else picks[::-1]
    it.files["opening.jsonl"] = b"".join(jcs(one) + b"\n" for one in lines)
    quietly_reevaluate(it)
    it.relog()


def edit_the_deadline(it: Insider) -> None:
    kind, name = it.chance.choice(
        (("tender.published", "closes_at"), ("tender.closed", "closes_at"), ("tender.closed", "closed_at"))
    )
    event = it.events(kind)[0]
    event[name] = wire(from_wire(event[name]) + timedelta(seconds=it.chance.choice((-86400, -1, 1, 3600, 86400))))
    it.relog()


def invent_an_extension(it: Insider) -> None:
    published = it.events("tender.published")[0]
    last = it.events("tender.closed")[0]
    old = last["closes_at"]
    new = wire(from_wire(old) + timedelta(hours=it.chance.randint(1, 200)))
    event = {**published, "type": "tender.deadline_changed", "old": old, "new": new, "at": published["at"]}
    event = {name: event[name] for name in ("type", "at", "actor", "subject", "tender", "old", "new", "approvals")}
    place = it.log.index((last, None))
    it.log.insert(place, (event, None))
    last.update(closes_at=new, closed_at=new)
    it.retell()


def edit_an_approval(it: Insider) -> None:
    event = it.pick(event for event, _ in it.log if "approvals" in event)
    event["approvals"] = it.chance.choice(
        (["person:1", "person:7"], ["person:1", "person:1"], ["person:1"], ["person:8", "person:9"])
    )
    it.relog()


def another_group(it: Insider) -> None:
    event = it.pick(it.events("opening.group") + [event for event, _ in it.log if event["type"] == "opening.fallback"])
    groups = [group for group in it.box()["lanes"]["price"]["groups"] if group != event["group"]]
    event["group"] = it.chance.choice([*groups, ["Z"], event["group"][::-1] if len(event["group"]) > 1 else ["Y"]])
    it.relog()


def edit_the_evaluation(it: Insider) -> None:
    value = it.json("evaluation.json")
    edit_somewhere(it, value)
    it.put("evaluation.json", value)
    if it.chance.random() < 0.5:
        it.events("opening.opened")[0]["evaluation"] = digest("evaluation", it.files["evaluation.json"]).hex()
        it.relog()


def invent_an_exclusion(it: Insider) -> None:
    """All is computed anew, and consistent: only the log that somebody has kept a checkpoint of says otherwise."""
    placings = it.json("evaluation.json")["placings"]
    gone = it.pick(placing for placing in placings if placing["rank"] is not None)
    given = [one for one in it.json("evaluation.json")["exclusions"] if one["stmt"] != gone["stmt"]]
    it.reevaluate([*given, {"stmt": gone["stmt"], "reason": "sanctioned", "legal_basis": "x"}])
    it.relog()


def edit_the_draw(it: Insider) -> None:
    value = it.json("draw.json")
    edit_somewhere(it, value)
    it.put("draw.json", value)


def award_to_another(it: Insider) -> None:
    award = it.json("award.json")
    ranked = [
        one
        for one in it.json("evaluation.json")["placings"]
        if one["rank"] is not None and one["stmt"] != award["stmt"]
    ]
    other = it.pick(ranked)
    facts = {"stmt": other["stmt"], "supplier": other["supplier"], "amount": other["amount"]}
    it.put("award.json", {**award, **facts})
    if it.chance.random() < 0.7:
        it.events("award.confirmed")[0].update(facts)
        it.relog()


def cut_the_checkpoint(it: Insider) -> None:
    """Back to an older one, or without its witnesses."""
    older = it.under("checkpoints")
    if older and it.chance.random() < 0.5:
        path = it.pick(older)
        it.files["checkpoint.note"] = it.json(path)["note"].encode()
        for one in older:
            del it.files[one]
        for one in it.under("tokens"):
            del it.files[one]
        return
    lines = it.cosignatures()
    if not lines:
        raise Inapplicable("no witnesses")
    text = it.files["checkpoint.note"].decode()
    for line in lines:
        text = text.replace(line.line, "")
    it.files["checkpoint.note"] = text.encode()


def forge_a_cosignature(it: Insider) -> None:
    lines = it.cosignatures()
    line = it.pick(lines)
    text = it.files["checkpoint.note"].decode()
    seconds = int.from_bytes(line.blob[:8], "big")
    forged = it.forge(line.name, seconds + it.chance.choice((-3600, 0, 1)))
    it.files["checkpoint.note"] = text.replace(line.line, forged.line).encode()


def fork_the_log(it: Insider) -> None:
    """A log in which one thing never happened, or another did."""
    if it.chance.random() < 0.5:
        event = {
            "type": "clock.status",
            "at": it.events("tender.published")[0]["at"],
            "actor": "system",
            "subject": "clock",
        }
        it.log.insert(it.chance.randrange(len(it.log)), (event, None))
    else:
        event = it.pick(event for event, _ in it.log if event["type"].startswith(("tender.", "opening.", "award.")))
        event["actor"] = f"person:{it.chance.randint(100, 999)}"
    it.retell()
    if "log" not in it.keys:
        raise Inapplicable("a fork needs the log's key")
