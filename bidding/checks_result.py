"""Checks V19-V22: the draw, the estimated price, the ranking, and ties."""

from __future__ import annotations

from app.tlog.canon import jcs
from bidding import opening
from bidding.checks import Case, CheckFunction, Json, Skipped, require, same
from bidding.checks_opening import NOTHING
from bidding.draw import Seeds, draw_lots
from bidding.evaluation import digest_of, draw_sha256, evaluate
from bidding.rules.ranking import ORDER, lot_label
from bidding.sealing import Lane
from bidding.technical_file import read_technical
from bidding.types import DrawRule, Exclusion, NoticeTerms

NO_DRAW = "no draw: too few valid bids"


def v19_draw(case: Case) -> str:
    if not case.is_opened:
        raise Skipped(NOTHING)
    published = case.bundle.json("evaluation.json")
    found = [line.found for line in case.opened]
    terms = NoticeTerms.from_json(case.notice["terms"])
    case.evaluation = evaluate(
        terms,
        DrawRule.from_json(case.box["draw"]),
        box_id=case.box_id,
        box_root=str(case.one("tender.closed").event["box_root"]),
        seeds=_seeds(case),
        found=opening.bids_of(found),
        exclusions=[_exclusion(exclusion) for exclusion in published["exclusions"]],
        technical=read_technical(case.bundle.files["technical.json"]) if terms.technical is not None else None,
    )
    draw = case.evaluation.draw
    require((draw is not None) == ("draw.json" in case.bundle.files), "there is a draw, or there is none")
    if draw is None:
        raise Skipped(NO_DRAW)
    given = case.bundle.json("draw.json")
    computed = draw.to_json()
    for name in ("seed_n", "seed_v", "rates", "prices"):
        require(same(given[name], computed[name]), f"{name} of the draw is another")
    if draw.estimated_price_won is None:
        return "the seed for lots comes out as published (mode M0)"
    return f"seeds and {len(draw.prices_won)} reserve prices come out as published (mode {draw.rule.mode})"


def _exclusion(exclusion: Json) -> Exclusion:
    require(set(exclusion) == {"stmt", "reason", "legal_basis"}, "an exclusion has other members")
    require(all(isinstance(value, str) for value in exclusion.values()), "an exclusion is given in words")
    return Exclusion(**exclusion)


def _seeds(case: Case) -> Seeds:
    rule, lane = DrawRule.from_json(case.box["draw"]), Lane.from_json(case.box["lanes"]["price"])
    return opening.gather_seeds(rule, lane, [line.found for line in case.opened])


def v20_estimated_price(case: Case) -> str:
    if case.evaluation is None:
        raise Skipped(NOTHING)
    draw, logged = case.evaluation.draw, case.one("opening.opened").event
    if draw is None:
        require(logged["draw_sha256"] is None, "the log names a draw where there is none")
        raise Skipped(NO_DRAW)
    require(case.bundle.files["draw.json"] == jcs(draw.to_json()), "draw.json is not what comes out")
    require(logged["draw_sha256"] == draw_sha256(draw), "the log names another draw")
    if draw.estimated_price_won is None:
        return "no reserve prices: a seed for lots and nothing else"
    return f"numbers {', '.join(map(str, draw.drawn))} drawn, estimated price {draw.estimated_price_won}"


def v21_ranking(case: Case) -> str:
    if case.evaluation is None:
        raise Skipped(NOTHING)
    require(
        case.bundle.files["evaluation.json"] == jcs(case.evaluation.to_json()), "evaluation.json is not what comes out"
    )
    logged = case.one("opening.opened").event
    require(logged.get("evaluation") == digest_of(case.evaluation), "the log names another evaluation")
    for exclusion in case.evaluation.exclusions:
        case.warn(f"{exclusion.stmt[:10]} was kept out of the ranking as {exclusion.reason}: no bundle can show why")
    ranked = sum(placing.rank is not None for placing in case.evaluation.placings)
    floor = case.evaluation.floor_price_won
    return f"{case.evaluation.outcome}: {ranked} of {len(case.evaluation.placings)} ranked, floor {floor}"


def v22_ties(case: Case) -> str:
    if case.evaluation is None or case.evaluation.draw is None:
        raise Skipped(NOTHING if case.evaluation is None else NO_DRAW)
    order, tied = ORDER[case.evaluation.terms.method], dict[str, list[str]]()
    for placing in case.evaluation.placings:
        if placing.is_tied:
            tied.setdefault(lot_label(order(placing)), []).append(placing.stmt)
    for label, stmts in tied.items():
        expected = draw_lots(case.evaluation.draw.seed_n, case.evaluation.terms.lot, label, stmts)
        require(expected == stmts, f"the lot over {label} fell otherwise")
    return f"{len(tied)} place(s) decided by lot"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V19", v19_draw),
    ("V20", v20_estimated_price),
    ("V21", v21_ranking),
    ("V22", v22_ties),
)
