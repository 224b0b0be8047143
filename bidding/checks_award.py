"""Checks V23 and V26: the award, and the standing after reviews that it may go by."""

from __future__ import annotations

from app.tlog.canon import digest, jcs
from bidding.checks import Case, CheckFunction, Json, Skipped, check_approvals, require, same
from bidding.evaluation import digest_of
from bidding.review import Kind, Result, Review
from bidding.standing import Due, has_standing, stand, wanted_of

AWARD = {"v", "type", "tender", "lot", "stmt", "supplier", "amount", "evaluation", "disqualified", "approvals"}
DISQUALIFIED = {"stmt", "reason", "legal_basis", "approvals"}
REVIEWS, STANDING = "reviews.json", "standing.json"


def v23_award(case: Case) -> str:
    standing_awards = case.awards()
    if "award.json" not in case.bundle.files:
        require(not standing_awards, "the log knows an award that the bundle leaves out")
        raise Skipped("not awarded")
    award = case.bundle.json("award.json")
    require(case.evaluation is not None, "an award of what was never opened")
    kind = [award[name] for name in ("v", "type", "tender", "lot")]
    require(same(kind, [1, "award", case.box["tender"], case.evaluation.terms.lot]), "award.json is another tender's")
    require(same(award["evaluation"], digest_of(case.evaluation)), "the award confirms another evaluation")
    if STANDING in case.bundle.files:
        confirmed, told = _check_by_standing(case, award), "first in the standing"
    else:
        confirmed, told = _check_by_evaluation(case, award), "first eligible"
    require(standing_awards, "the log knows no award that stands")
    assert standing_awards
    event = standing_awards[0].event
    for name in (*confirmed, "evaluation", "approvals"):
        require(name in event and same(event[name], award[name]), f"the log's award has another {name}")
    require(("standing" in event) == ("standing" in award), "the log's award goes by a standing, or by none")
    check_approvals(event, "the award")
    last = max((entry.index for entry in case.of_type("review.decided")), default=-1)
    require(last < standing_awards[0].index, "a review was decided after the award")
    return f"awarded to {award['supplier']} for {award['amount']}, {told}, confirmed by two"


def _check_by_standing(case: Case, award: Json) -> tuple[str, ...]:
    """The members that the log has to name alike."""
    standing = case.bundle.json(STANDING)
    is_shared = case.evaluation.terms.method == "desired-quantity" or "framework" in case.notice
    more = {"standing", "winners"} if is_shared else {"standing"}
    require(set(award) == AWARD | more, "award.json has other members")
    require(same(award["disqualified"], []), "beside a standing nobody is disqualified")
    require(standing["outcome"] == Due.AWARDABLE, "an award though nobody can be awarded")
    require(same(award["standing"], digest("standing", jcs(standing)).hex()), "the award confirms another standing")
    first = standing["winners"][0]
    for name in ("stmt", "supplier", "amount"):
        require(same(award[name], first[name]), f"the award names another {name} than the standing")
    require(not is_shared or same(award["winners"], standing["winners"]), "the award names other winners")
    return "stmt", "supplier", "amount", "standing"


def _check_by_evaluation(case: Case, award: Json) -> tuple[str, ...]:
    require(not has_standing(case.evaluation.terms.to_json(), ()), "an award without the standing that it goes by")
    require(set(award) == AWARD, "award.json has other members")
    running = [placing for placing in case.evaluation.placings if placing.rank is not None]
    out = _disqualified(award, {placing.stmt for placing in running})
    first = next((placing for placing in running if placing.stmt not in out), None)
    require(first is not None and first.stmt == award["stmt"], "the award is not the first eligible bid's")
    assert first is not None
    said = [award["supplier"], award["amount"]]
    require(same(said, [first.supplier, str(first.amount_won)]), "the award names another price")
    return "stmt", "supplier", "amount"


def _disqualified(award: Json, ranked: set[str]) -> set[str]:
    out: set[str] = set()
    for entry in award["disqualified"]:
        require(set(entry) == DISQUALIFIED, "a disqualification has other members")
        texts = (entry["reason"], entry["legal_basis"])
        require(all(isinstance(text, str) and text for text in texts), "a disqualification without reason")
        check_approvals(entry, "a disqualification")
        require(entry["stmt"] in ranked and entry["stmt"] not in out, "a disqualification of nobody in the ranking")
        out.add(entry["stmt"])
    return out


def v26_standing(case: Case) -> str:
    decided = case.of_type("review.decided")
    if STANDING not in case.bundle.files:
        require(REVIEWS not in case.bundle.files and not decided, "reviews, and no standing after them")
        raise Skipped("no review, and none needed")
    require(case.evaluation is not None, "a standing of what was never opened")
    items = case.bundle.json(REVIEWS) if REVIEWS in case.bundle.files else []
    require(isinstance(items, list) and (items or REVIEWS not in case.bundle.files), "reviews.json lists no review")
    reviews = [Review.from_json(item) for item in items]
    auction = case.bundle.json("auction.json") if "auction.json" in case.bundle.files else None
    standing = stand(case.evaluation.to_json(), reviews, auction, wanted=wanted_of(case.notice))
    require(case.bundle.files[STANDING] == jcs(standing.to_json()), "standing.json is not what comes out")
    require(len(decided) == len(reviews), "the log knows other reviews than the bundle")
    for entry, review in zip(decided, reviews, strict=True):
        said = {name: entry.event.get(name) for name in ("stmt", "kind", "result", "review_sha256", "approvals")}
        told = review.to_json() | {"review_sha256": review.sha256}
        require(all(same(said[name], told[name]) for name in said), f"entry {entry.index} tells of another review")
        if review.result == Result.FAIL or review.kind == Kind.REINSTATEMENT:
            case.warn(f"{review.stmt[:10]}: {review.kind}, {review.result} ({review.reason or 'no reason'}), by two")
    return f"{len(reviews)} review(s), {standing.outcome}"


CHECKS: tuple[tuple[str, CheckFunction], ...] = (
    ("V23", v23_award),
    ("V26", v26_standing),
)
