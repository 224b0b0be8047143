"""Checks V18-V25: the seeds, the draw, the ranking, ties, the award, and one bidder's own receipt."""

from __future__ import annotations

from app.tlog.canon import digest, jcs, unb64u
from bidding import opening
from bidding.checks import Case, CheckFunction, Skipped, require
from bidding.checks_log import check_approvals
from bidding.draw import Seeds, draw_lots
from bidding.evaluation import digest_of, draw_sha256, evaluate
from bidding.sealing import Lane
from bidding.statement import open_receipt
from bidding.types import DrawRule, Exclusion, NoticeTerms

AWARD = {"v", "type", "tender", "lot", "stmt", "supplier", "amount", "evaluation", "disqualified", "approvals"}


def v18_seeds(case: Case) -> str:
    rule, lane = DrawRule.from_json(case.box["draw"]), Lane.from_json(case.box["lanes"]["price"])
    require(case.published().get("seeds") == [seed["stmt"] for seed in case.seeds], "other seeds were published")
    holders = tuple(seed["holder"] for seed in case.seeds)
    require(holders == opening.seed_holders(rule, lane), "the seeds are not those that the draw asks for")
    for seed in case.seeds:
        require(set(seed) == {"holder", "stmt"}, "seeds.json has other members")
        supplier = case.items[seed["stmt"]]["statement"]["supplier"]
        require(supplier == seed["holder"], f"the seed of {seed['holder']} is another's")
    return f"{len(holders)} seed(s) are those published before the first bid"


def v19_draw(case: Case) -> str:
    terms = NoticeTerms.from_json(case.notice["terms"])
    published = case.bundle.json("evaluation.json") if "evaluation.json" in case.bundle.files else None
    if published is None:
        require(not case.opened, "the bids were opened, and not evaluated")
        raise Skipped("not evaluated")
    exclusions = [Exclusion(**exclusion) for exclusion in published["exclusions"]]
    found = [line.found for line in case.opened]
    case.evaluation = evaluate(
        terms,
        DrawRule.from_json(case.box["draw"]),
        box_id=case.box_id,
        box_root=str(case.one("tender.closed").event["box_root"]),
        seeds=_seeds(case) if case.opened else None,
        found=opening.bids_of(found),
        exclusions=exclusions,
    )
    draw = case.evaluation.draw
    require((draw is not None) == ("draw.json" in case.bundle.files), "there is a draw, or there is none")
    if draw is None:
        raise Skipped("no draw: too few valid bids")
    given = case.bundle.json("draw.json")
    computed = draw.to_json()
    for name in ("seed_n", "seed_v", "rates", "prices"):
        require(given.get(name) == computed[name], f"{name} of the draw is another")
    return f"seeds and {len(draw.prices_won)} reserve prices come out as published (mode {draw.rule.mode})"


def _seeds(case: Case) -> Seeds:
    rule, lane = DrawRule.from_json(case.box["draw"]), Lane.from_json(case.box["lanes"]["price"])
    return opening.gather_seeds(rule, lane, [line.found for line in case.opened])


def v20_estimated_price(case: Case) -> str:
    draw = case.evaluation.draw if case.evaluation is not None else None
    if draw is None:
        raise Skipped("no draw")
    require(case.bundle.files["draw.json"] == jcs(draw.to_json()), "draw.json is not what comes out")
    logged = case.one("opening.opened").event
    require(logged.get("draw_sha256") == draw_sha256(draw), "the log names another draw")
    return f"numbers {', '.join(map(str, draw.drawn))} drawn, estimated price {draw.estimated_price_won}"


def v21_ranking(case: Case) -> str:
    if case.evaluation is None:
        raise Skipped("not evaluated")
    require(
        case.bundle.files["evaluation.json"] == jcs(case.evaluation.to_json()), "evaluation.json is not what comes out"
    )
    if case.of_type("opening.opened"):
        logged = case.one("opening.opened").event
        require(logged.get("evaluation") == digest_of(case.evaluation), "the log names another evaluation")
    ranked = sum(placing.rank is not None for placing in case.evaluation.placings)
    floor = case.evaluation.floor_price_won
    return f"{case.evaluation.outcome}: {ranked} of {len(case.evaluation.placings)} ranked, floor {floor}"


def v22_ties(case: Case) -> str:
    if case.evaluation is None or case.evaluation.draw is None:
        raise Skipped("no ranking")
    tied: dict[int, list[str]] = {}
    for placing in case.evaluation.placings:
        if placing.is_tied:
            tied.setdefault(placing.amount_won, []).append(placing.stmt)
    for amount, stmts in tied.items():
        expected = draw_lots(case.evaluation.draw.seed_n, case.evaluation.terms.lot, amount, stmts)
        require(expected == stmts, f"the lot over {amount} fell otherwise")
    return f"{len(tied)} price(s) decided by lot"


def v23_award(case: Case) -> str:
    if "award.json" not in case.bundle.files:
        require(not case.of_type("award.confirmed"), "the log knows an award that the bundle leaves out")
        raise Skipped("not awarded")
    award = case.bundle.json("award.json")
    require(set(award) == AWARD, "award.json has other members")
    kind = (award["v"], award["type"], award["tender"], award["lot"])
    require(kind == (1, "award", case.box["tender"], case.evaluation.terms.lot), "award.json is another tender's")
    out = {entry["stmt"]: entry for entry in award["disqualified"]}
    for entry in out.values():
        require(entry.get("reason") and entry.get("legal_basis"), "a disqualification without reason")
        check_approvals(entry, "a disqualification")
    running = [placing for placing in case.evaluation.placings if placing.rank is not None]
    first = next((placing for placing in running if placing.stmt not in out), None)
    require(first is not None and first.stmt == award["stmt"], "the award is not the first eligible bid's")
    assert first is not None
    require(
        (award["supplier"], award["amount"]) == (first.supplier, str(first.amount_won)), "the award names another price"
    )
    require(award["evaluation"] == digest_of(case.evaluation), "the award confirms another evaluation")
    event = case.one("award.confirmed").event
    for name in ("stmt", "supplier", "amount", "evaluation", "approvals"):
        require(event.get(name) == award.get(name), f"the log's award has another {name}")
    check_approvals(event, "the award")
    return f"awarded to {first.supplier} for {first.amount_won}, first eligible, confirmed by two"


def v24_receipt(case: Case) -> str:
    if case.receipt is None:
        raise Skipped("no receipt given (--receipt)")
    by_stmt = {entry["stmt"]: entry for entry in case.entries}
    stmt = next((stmt for stmt in by_stmt if stmt in case.receipt), None)
    require(stmt is not None, "the bid of this receipt is not in the list")
    assert stmt is not None
    receipt = open_receipt(case.receipt, stmt, [case.keys.receipt])
    entry, statement = by_stmt[stmt], case.items[stmt]["statement"]
    require(receipt["received"] == entry["received"], "the receipt names another instant")
    require(
        (receipt["tender"], receipt["bid"]) == (statement["tender"], statement["bid"]), "the receipt names another bid"
    )
    logged = next(event for event in case.of_type("bid.submitted") if event.index == entry["idx"])
    salt = unb64u(receipt["salt"])
    require(salt == logged.salt, "the receipt's salt is another")
    require(receipt["c"] == digest("event", salt + jcs(logged.event)).hex(), "the receipt commits to another entry")
    return f"this receipt's bid {stmt[:10]} is in the list, unchanged"


def v25_consistency(_: Case) -> str:
    raise Skipped("needs the log itself: compare an older checkpoint with `audit verify`")


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V18", v18_seeds),
    ("V19", v19_draw),
    ("V20", v20_estimated_price),
    ("V21", v21_ranking),
    ("V22", v22_ties),
    ("V23", v23_award),
    ("V24", v24_receipt),
    ("V25", v25_consistency),
)
