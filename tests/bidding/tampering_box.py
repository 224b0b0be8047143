"""Tampering with what lay in the box: bids, seeds, keys, pieces, the notice. Part of `tests.bidding.tampering`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.time import from_wire, wire
from app.tlog import note
from app.tlog.canon import b64u, parse
from bidding import bundle, payload
from bidding.sealing import Lane, box_id, make_ctx, seal_envelope
from bidding.statement import make_statement, sign_statement, statement_hash
from tests.bidding.insider import Inapplicable, Insider, Json

OWN = "9999999999"  # the insider's own firm


def drop_a_bid(it: Insider) -> None:
    entries = it.json("list.json")
    gone = it.pick(entries)
    it.put("list.json", [entry for entry in entries if entry is not gone])
    for path in (f"statements/{gone['stmt']}.json", f"envelopes/{gone['stmt']}.json"):
        it.files.pop(path, None)
    it.files.pop(f"envelopes/{gone['stmt']}.docs.json", None)
    it.log = [
        (event, salt) for event, salt in it.log if event.get("stmt") != gone["stmt"] or event["type"] != "bid.submitted"
    ]
    lines = it.files["opening.jsonl"].splitlines(keepends=True)
    it.files["opening.jsonl"] = b"".join(line for line in lines if gone["stmt"].encode() not in line)
    quietly_reevaluate(it)
    it.retell()


def replace_a_bid(it: Insider) -> None:
    """Another price in the bidder's name; its signature is what cannot be had."""
    entry = it.pick(it.json("list.json"))
    path = f"statements/{entry['stmt']}.json"
    item = it.json(path)
    ctx = make_ctx(**{name: item["statement"][name] for name in ("box", "tender", "lot", "supplier", "bid")})
    stmt = _put_bid(it, ctx, item["signature"])
    for old in (path, f"envelopes/{entry['stmt']}.json", f"envelopes/{entry['stmt']}.docs.json"):
        it.files.pop(old, None)
    _rename(it, entry["stmt"], stmt)
    it.retell()


def insert_a_bid(it: Insider) -> None:
    """A bid of its own firm, signed with a key of its own, as if it had come in time."""
    key, box = Ed25519PrivateKey.generate(), it.box()
    bid = f"0198c0de-0000-7000-8000-{it.chance.randrange(16**12):012x}"
    ctx = make_ctx(box=box_id(box), tender=box["tender"], lot="1", supplier=OWN, bid=bid)
    stmt = _put_bid(it, ctx, None)
    item = it.json(f"statements/{stmt}.json")
    it.put(f"statements/{stmt}.json", {**item, "signature": sign_statement(stmt, OWN, key)})
    closed = it.log.index((it.events("tender.closed")[0], None))
    at = it.events("tender.published")[0]["at"]
    common = {"at": at, "actor": "person:9", "subject": "x"}
    public = b64u(key.public_key().public_bytes_raw())
    enrolled: Json = {
        "type": "supplier.key_added",
        "supplier": OWN,
        "kid": OWN,
        "alg": "Ed25519",
        "public": public,
        **common,
    }
    came: Json = {"type": "bid.submitted", "stmt": stmt, "tender": box["tender"], **common}
    place = it.chance.choice((closed, closed, len(it.log)))
    it.log[place:place] = [(enrolled, None), (came, bytes(32))]
    it.put("list.json", [*it.json("list.json"), {"stmt": stmt, "idx": 0, "received": at, "ver": 1, "final": True}])
    it.retell()


def back_date(it: Insider) -> None:
    entries = it.json("list.json")
    entry = it.pick(entries)
    entry["received"] = wire(
        from_wire(entry["received"]) + it.chance.choice((-1, 1)) * timedelta(minutes=it.chance.randint(1, 600))
    )
    it.put("list.json", entries)
    for event, _ in it.log:
        if event.get("stmt") == entry["stmt"] and event["type"] == "bid.submitted" and it.chance.random() < 0.8:
            event["at"] = entry["received"]
    it.retell()


def swap_a_box_key(it: Insider) -> None:
    """P3: the insider's own key in a holder's place."""
    box = it.box()
    holder = it.pick(box["lanes"]["price"]["holders"])
    holder["pub"] = b64u(X25519PrivateKey.generate().public_key().public_bytes_raw())
    if it.chance.random() < 0.5:
        path = f"khkeys/{holder['id']}.note"
        key = parse(note.text_of(it.files[path].decode()).split("\n")[1].encode())
        it.files[path] = it.signs("khkey", {**key, "pub": holder["pub"]}, "agency")
    _rebox(it, lanes=box["lanes"])


def wrong_cancellation(it: Insider) -> None:
    standing = [event for event, _ in it.log if event["type"] == "tender.cancellations"]
    if standing and it.chance.random() < 0.5:
        it.log = [(event, salt) for event, salt in it.log if event["type"] != "tender.cancellations"]
        for event in it.events("opening.group"):
            event.pop("cancelled", None)
        it.retell()
        return
    if standing:
        raise Inapplicable("one entry there already")
    entry = it.pick(it.json("list.json"))
    closed = it.events("tender.closed")[0]
    facts = {"stmts": [{"stmt": entry["stmt"], "approvals": ["person:1", "person:2"]}]}
    event = (
        {name: closed[name] for name in ("at", "actor", "subject", "tender")} | {"type": "tender.cancellations"} | facts
    )
    it.log.insert(it.log.index((closed, None)) + 1, (event, None))
    it.files.pop(f"envelopes/{entry['stmt']}.json", None)
    it.files.pop(f"envelopes/{entry['stmt']}.docs.json", None)
    lines = it.files["opening.jsonl"].splitlines(keepends=True)
    it.files["opening.jsonl"] = b"".join(line for line in lines if entry["stmt"].encode() not in line)
    for group in it.events("opening.group"):
        group["cancelled"] = 1
    quietly_reevaluate(it)
    it.retell()


def edit_pieces(it: Insider) -> None:
    path = it.pick(it.under("pieces"))
    signed = it.files[path].decode()
    value = parse(note.text_of(signed).split("\n")[1].encode())
    stmt = it.pick(value["pieces"])
    value["pieces"][stmt] = it.chance.choice((None, b64u(it.chance.randbytes(32)), b64u(it.chance.randbytes(64))))
    it.files[path] = it.signs("pieces", value, "agency")


def swap_a_seed(it: Insider) -> None:
    """The agency's own seed, chosen after the bids were seen."""
    seeds, box = it.json("seeds.json"), it.box()
    seed = it.pick(seeds)
    bid = f"0198c0de-0000-7000-8000-{it.chance.randrange(16**12):012x}"
    ctx = make_ctx(box=box_id(box), tender=box["tender"], lot="1", supplier=seed["holder"], bid=bid)
    stmt, old = _put_bid(it, ctx, None, payload.make_seed()), seed["stmt"]
    for path in (f"statements/{old}.json", f"envelopes/{old}.json"):
        del it.files[path]
    seed["stmt"] = stmt
    it.put("seeds.json", seeds)
    it.events("tender.published")[0]["seeds"] = [one["stmt"] for one in seeds]
    it.files["opening.jsonl"] = it.files["opening.jsonl"].replace(old.encode(), stmt.encode())
    quietly_reevaluate(it)
    it.relog()


def edit_an_envelope(it: Insider) -> None:
    path = it.pick(it.under("envelopes"))
    value = it.json(path)
    edit_somewhere(it, value)
    it.put(path, value)


def edit_a_signature(it: Insider) -> None:
    path = it.pick(path for path in it.under("statements") if parse(it.files[path])["signature"] is not None)
    value = it.json(path)
    if it.chance.random() < 0.3:
        value["signature"] = None
    else:
        edit_somewhere(it, value["signature"])
    it.put(path, value)


def edit_the_notice(it: Insider) -> None:
    notice = it.json("notice.json")
    how = it.chance.randrange(3)
    if how == 0:
        notice["title"] += " (정정)"
    elif how == 1:
        notice["terms"]["minimum_valid"] += 1
    else:
        notice["terms"]["rule_version"] += "x"
    it.put("notice.json", notice)
    _rebox(it, notice_sha256=bundle.notice_sha256(notice))


def quietly_reevaluate(it: Insider) -> None:
    """As far as it goes: where nothing more comes out, the old results stay."""
    try:
        it.reevaluate()
    except (Inapplicable, ValueError):
        return


def _put_bid(it: Insider, ctx: Json, signature: Json | None, plain: bytes | None = None) -> str:
    box = it.box()
    plain = plain if plain is not None else payload.make_price(220_000_000, (1, 2))
    _, envelope = seal_envelope(ctx, Lane.from_json(box["lanes"]["price"]), plain)
    made = from_wire(it.events("tender.published")[0]["at"])
    statement = make_statement(ctx, envelope, notice_sha256=box["notice_sha256"], client="c1" * 32, made=made)
    stmt = statement_hash(statement)
    it.put(f"statements/{stmt}.json", {"statement": statement, "signature": signature})
    it.put(f"envelopes/{stmt}.json", envelope)
    return stmt


def _rename(it: Insider, old: str, new: str) -> None:
    it.files["list.json"] = it.files["list.json"].replace(old.encode(), new.encode())
    it.files["opening.jsonl"] = it.files["opening.jsonl"].replace(old.encode(), new.encode())
    for event, _ in it.log:
        if event.get("stmt") == old:
            event["stmt"] = new


def _rebox(it: Insider, **changes: Any) -> None:
    """The box signed anew, and everything that names it by its hash in the log."""
    box = {**it.box(), **changes}
    it.files["box.note"] = it.signs("box", box, "agency")
    for kind in ("tender.published", "tender.closed"):
        for event in it.events(kind):
            event["box"] = box_id(box)
            if "notice_sha256" in event:
                event["notice_sha256"] = box["notice_sha256"]
    it.relog()


def edit_somewhere(it: Insider, value: Any) -> None:
    """Change one leaf of a JSON value to another of the same kind."""
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            if isinstance(node[key], dict | list):
                walk(node[key])
            else:
                places.append((node, key))

    walk(value)
    node, key = it.pick(places)
    old = node[key]
    if isinstance(old, bool):
        node[key] = not old
    elif isinstance(old, int):
        node[key] = old + it.chance.choice((-1, 1))
    elif isinstance(old, str) and old:
        at = it.chance.randrange(len(old))
        node[key] = old[:at] + ("0" if old[at] != "0" else "1") + old[at + 1 :]
    else:
        node[key] = "x"
