"""From what the box held to every bid placed: the one function that the service and the verifier both call."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from app.tlog.canon import digest, jcs
from bidding.draw import Seeds, make_draw
from bidding.rules import EXPLAIN, RULES
from bidding.rules.failure import next_steps
from bidding.rules.fitting import check_fit
from bidding.rules.floor import explain_floor, floor_price
from bidding.types import (
    Draw,
    DrawRule,
    Evaluation,
    Exclusion,
    Fault,
    NoticeTerms,
    OpenedBid,
    Outcome,
    Placing,
    Reason,
    Step,
    Technical,
    Terms,
    Verdict,
)


def evaluate(
    terms: NoticeTerms,
    rule: DrawRule,
    *,
    box_id: str,
    box_root: str,
    seeds: Seeds | None,
    found: Sequence[OpenedBid | Fault],
    exclusions: Sequence[Exclusion] = (),
    technical: Technical | None = None,
) -> Evaluation:
    """Draw, floor and ranking of one lot.

    `found`: every bid of the frozen list, in its order. `exclusions`: bids that a fact of the registry keeps out of
    the ranking; their picks and nonces still count, so that nobody who decides on an exclusion can move the draw.
    Bids below the floor or above the estimated price are valid as bids and count towards the minimum. `technical`:
    the technical evaluation, for the methods that have one and only for those; proposals that did not qualify, and
    were not opened therefore, count as valid bids too (국가계약법 시행규칙 48조 2항).

    Fewer valid bids than the notice asks: outcome `failed`, and no draw is made (`seeds` may be None).

    ValueError: unknown method, a bid twice, an exclusion of no bid, seeds missing or misshapen, parts of the notice
    that do not fit each other, a technical evaluation missing or out of place.
    """
    if terms.method not in RULES:
        raise ValueError(f"unknown method {terms.method}")
    check_fit(terms, rule)
    if (technical is None) != (terms.technical is None):
        raise ValueError("a technical evaluation, where the method has none, or none where it has one")
    out = {exclusion.stmt: exclusion for exclusion in exclusions}
    stmts = [bid.stmt for bid in found]
    if len(set(stmts)) != len(stmts) or len(out) != len(exclusions) or not set(out) <= set(stmts):
        raise ValueError("a bid appears twice, or an exclusion names none")
    opened = [bid for bid in found if isinstance(bid, OpenedBid)]
    running = [bid for bid in opened if bid.stmt not in out]
    unranked = {bid.stmt: _unranked(bid, out.get(bid.stmt)) for bid in found}
    results = technical.results if technical is not None else {}
    sealed = [one for one in results.values() if one.stmt not in unranked]
    valid = len(running) + sum(not one.is_qualified and not one.is_unread for one in sealed)
    fixed = technical.sha256 if technical is not None else None
    if valid < terms.minimum_valid:
        placings = tuple(unranked[stmt] for stmt in stmts)
        return _finish(terms, box_id, None, Outcome.FAILED, valid, placings, exclusions, fixed)
    if seeds is None:
        raise ValueError("there are bids to rank, and no seeds")
    draw = make_draw(
        rule,
        terms.lot,
        bytes.fromhex(box_id),
        bytes.fromhex(box_root),
        seeds,
        [bid.nonce for bid in opened],
        [bid.picks for bid in opened],
    )
    by = Terms(
        estimated_price_won=draw.estimated_price_won,
        floor_rate=terms.floor_rate,
        a_value_won=terms.a_value_won,
        lot=terms.lot,
        seed_n=draw.seed_n,
        base_won=rule.base.get(terms.lot),
        scoring=terms.scoring,
        technical=results,
    )
    ranking = RULES[terms.method](by, running)
    placed = {placing.stmt for placing in ranking}
    rest = tuple(unranked[stmt] for stmt in stmts if stmt not in placed)
    outcome = Outcome.RANKED if any(placing.rank == 1 for placing in ranking) else Outcome.NO_WINNER
    more = EXPLAIN[terms.method](by, ranking) if terms.method in EXPLAIN else ()
    return _finish(terms, box_id, draw, outcome, valid, (*ranking, *rest), exclusions, fixed, more)


def digest_of(evaluation: Evaluation) -> str:
    """What officers confirm, hex: the hash of `evaluation.json`, which names `draw.json` by its hash."""
    return digest("evaluation", jcs(evaluation.to_json())).hex()


def draw_sha256(draw: Draw) -> str:
    """SHA-256 of the bytes of `draw.json`."""
    return hashlib.sha256(jcs(draw.to_json())).hexdigest()


def _unranked(bid: OpenedBid | Fault, exclusion: Exclusion | None) -> Placing:
    if isinstance(bid, Fault):
        reason = Reason.MALFORMED if bid.verdict is Verdict.MALFORMED else Reason.INVALID
        return Placing(bid.stmt, bid.supplier, None, reason, arithmetic=(Step("fault", bid.reason, str(reason)),))
    reason_code = exclusion.reason if exclusion is not None else Reason.TOO_FEW_VALID_BIDS
    return Placing(bid.stmt, bid.supplier, None, reason_code, amount_won=bid.amount_won, quantity=bid.quantity)


def _finish(
    terms: NoticeTerms,
    box_id: str,
    draw: Draw | None,
    outcome: Outcome,
    valid: int,
    placings: tuple[Placing, ...],
    exclusions: Sequence[Exclusion],
    technical_sha256: str | None,
    more: Sequence[Step] = (),
) -> Evaluation:
    sign = ">=" if valid >= terms.minimum_valid else "<"
    steps = [Step("valid-bids", f"{valid} {sign} {terms.minimum_valid}", sign)]
    floor_won = None
    if draw is not None:
        steps += draw.arithmetic
        if terms.floor_rate is not None and draw.estimated_price_won is not None:
            floor_won = floor_price(draw.estimated_price_won, terms.floor_rate, terms.a_value_won)
            steps.append(explain_floor(draw.estimated_price_won, terms.floor_rate, terms.a_value_won))
    return Evaluation(
        terms=terms,
        box_id=box_id,
        outcome=outcome,
        draw=draw,
        floor_price_won=floor_won,
        valid=valid,
        placings=placings,
        exclusions=tuple(exclusions),
        next_steps=next_steps(terms, outcome),
        arithmetic=(*steps, *more),
        technical_sha256=technical_sha256,
        draw_sha256=draw_sha256(draw) if draw is not None else None,
    )
