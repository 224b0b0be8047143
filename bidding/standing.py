"""Where each bid stands after the reviews: who is awarded, who is reviewed next, who is out and by which decision.

An evaluation ranks prices; it does not yet name a winner where the law asks for more. `stand` walks the ranking, takes
out what a review has taken out, and stops at the bid that is the winner or the next to be reviewed. Pure: the same
evaluation and the same reviews, the same standing; officers confirm `digest_of` it, and every verifier recomputes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.tlog.canon import digest, jcs
from bidding.price_scoring import PriceTable
from bidding.review import Kind, Result, Review, reviews_sha256
from bidding.rules.failure import next_steps
from bidding.rules.qualification import explain_score, passes, price_score
from bidding.rules.steps import show_points
from bidding.types import NextStep, NoticeTerms, Outcome, Reason, Step

Json = dict[str, Any]


class Due(StrEnum):
    AWARDABLE = "awardable"
    REVIEW_DUE = "review-due"
    EXHAUSTED = "exhausted"


# By method, the review that its first bid has to pass before it can be awarded; the others need none. A qualification
# without figures in its notice (`scoring`) may be reviewed, and then the review alone says who passes.
NEEDED: Mapping[str, Kind] = {"qualification": Kind.QUALIFICATION, "negotiation": Kind.NEGOTIATION}
ALWAYS = ("desired-quantity", "reverse-auction")  # several winners; a ranking that is not the evaluation's


@dataclass(frozen=True, slots=True)
class Winner:
    """`quantity` is None but where a quantity is bought from several."""

    stmt: str
    supplier: str
    amount_won: int
    quantity: int | None = None

    def to_json(self) -> Json:
        made: Json = {"stmt": self.stmt, "supplier": self.supplier, "amount": str(self.amount_won)}
        return made if self.quantity is None else made | {"quantity": self.quantity}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one bid stands. `place` counts those still in line; None for a bid that is out, `reason` says why."""

    stmt: str
    place: int | None
    reason: str
    points: Mapping[str, int] | None = None  # of a qualification: price, others, total; ten-thousandths
    arithmetic: tuple[Step, ...] = ()

    def to_json(self) -> Json:
        made: Json = {
            "stmt": self.stmt,
            "place": self.place,
            "reason": str(self.reason),
            "arithmetic": [step.to_json() for step in self.arithmetic],
        }
        return made if self.points is None else made | {"points": dict(self.points)}


@dataclass(frozen=True, slots=True)
class Standing:
    tender: str
    lot: str
    evaluation: str  # digest
    reviews_sha256: str
    outcome: Due
    winners: tuple[Winner, ...]
    due: str | None
    placings: tuple[Place, ...]
    next_steps: tuple[NextStep, ...] = ()

    def to_json(self) -> Json:
        return {
            "v": 1,
            "type": "standing",
            "tender": self.tender,
            "lot": self.lot,
            "evaluation": self.evaluation,
            "reviews_sha256": self.reviews_sha256,
            "outcome": str(self.outcome),
            "winners": [winner.to_json() for winner in self.winners],
            "due": self.due,
            "placings": [placing.to_json() for placing in self.placings],
            "next": [step.to_json() for step in self.next_steps],
        }


def stand(evaluation: Json, reviews: Sequence[Review], auction: Json | None = None, *, wanted: int = 1) -> Standing:
    """The standing of one lot.

    `evaluation`: the value of `evaluation.json`. `reviews`: in the order of the log. `auction`: the value of
    `auction.json` for a reverse auction, whose `ranking` takes the evaluation's place. `wanted`: how many winners the
    notice wants (`wanted_of`), where it does not count a quantity.

    ValueError: a review of another tender or of no ranked bid, a qualification whose result is not what its points
    say, an auction missing or out of place.
    """
    terms = evaluation["terms"]
    ranking = _ranking(evaluation, auction)
    histories: dict[str, list[Review]] = {placing["stmt"]: [] for placing in ranking}
    for review in reviews:
        if (review.tender, review.lot) != (terms["tender"], terms["lot"]) or review.stmt not in histories:
            raise ValueError("a review of another tender, or of no ranked bid")
        histories[review.stmt].append(review)
    walk = _Walk(terms, evaluation["estimated_price"], _needed(terms, reviews), wanted)
    equals: Mapping[str, int] = {}
    if table_of(terms.get("scoring", {})) is not None:
        ranking = _by_points(ranking, histories)
        equals = Counter(placing["amount"] for placing in ranking)
    for placing in ranking:
        walk.take(placing, histories[placing["stmt"]], equals.get(placing["amount"], 1))
    rest = tuple(
        Place(placing["stmt"], None, placing["reason"])
        for placing in evaluation["placings"]
        if placing["stmt"] not in histories
    )
    outcome = Due.REVIEW_DUE if walk.due is not None else Due.AWARDABLE if walk.winners else Due.EXHAUSTED
    return Standing(
        tender=terms["tender"],
        lot=terms["lot"],
        evaluation=digest("evaluation", jcs(evaluation)).hex(),
        reviews_sha256=reviews_sha256(reviews),
        outcome=outcome,
        winners=tuple(walk.winners),
        due=walk.due,
        placings=(*walk.placings, *rest),
        next_steps=_roads(terms) if outcome is Due.EXHAUSTED else (),
    )


def digest_of(standing: Standing) -> str:
    """What officers confirm where there is a standing, hex: the hash of `standing.json`."""
    return digest("standing", jcs(standing.to_json())).hex()


def has_standing(terms: Json, reviews: Sequence[Review]) -> bool:
    """Whether an award of these terms goes by a standing: the method asks for one, or somebody made a review."""
    return bool(reviews) or ("scoring" in terms and terms["method"] in (*NEEDED, *ALWAYS))


def wanted_of(notice: Json) -> int:
    """How many winners a notice wants: one, or those of its framework (단가계약)."""
    wanted = notice.get("framework", {"winners": 1})["winners"]
    if type(wanted) is not int or wanted < 1:
        raise ValueError("a notice wants a number of winners")
    return wanted


def table_of(scoring: Json) -> PriceTable | None:
    """The price table of a qualification's terms."""
    table = scoring.get("table")
    if table is None:
        return None
    return PriceTable(table["full"], Fraction(table["slope"]), table["base"], table["pass_mark"], table["plateau"])


def _roads(terms: Json) -> tuple[NextStep, ...]:
    decisive = {name: terms[name] for name in ("tender", "method", "floor_rate", "rule_version", "regime", "is_rebid")}
    return next_steps(NoticeTerms(**decisive), Outcome.NO_WINNER)


def _ranking(evaluation: Json, auction: Json | None) -> list[Json]:
    """Of a reverse auction that came about, its own; one bidder alone has nobody to lower its price against."""
    ranked = [placing for placing in evaluation["placings"] if placing["rank"] is not None]
    if (evaluation["terms"]["method"] == "reverse-auction" and len(ranked) > 1) != (auction is not None):
        raise ValueError("a reverse auction stands by its auction, and nothing else does")
    if auction is None:
        return ranked
    known = {placing["stmt"]: placing for placing in ranked}
    if {one["stmt"] for one in auction["ranking"]} != set(known) or len(auction["ranking"]) != len(known):
        raise ValueError("the auction ranks other bids")
    return [known[one["stmt"]] | {"amount": one["amount"]} for one in auction["ranking"]]


def _by_points(ranking: Sequence[Json], histories: Mapping[str, Sequence[Review]]) -> list[Json]:
    """Equal prices by the points of their reviews, the lot only between equal points (국가계약법 시행령 47조 1항 2호).

    Who is not reviewed yet comes first: none of them wins before all have been.
    """

    def key(placing: Json) -> tuple[int, bool, int]:
        points = _points_of(histories[placing["stmt"]])
        return int(placing["amount"]), points is not None, -(points or 0)

    return sorted(ranking, key=key)


def _points_of(history: Sequence[Review]) -> int | None:
    """The points of the review in force, 0 for a bid that is out without any; None for one still to be reviewed."""
    in_force = _in_force(history)
    found = next((review for review in in_force if review.kind == Kind.QUALIFICATION), None)
    if found is not None:
        return found.points or 0
    return 0 if any(review.result == Result.FAIL for review in in_force) else None


def _needed(terms: Json, reviews: Sequence[Review]) -> Kind | None:
    kind = NEEDED.get(terms["method"])
    if kind is None or "scoring" in terms or any(review.kind == kind for review in reviews):
        return kind
    return None


@dataclass(slots=True)
class _Walk:
    """Down the ranking, bid by bid."""

    terms: Json
    estimated_price: str | None
    needed: Kind | None
    wanted: int
    winners: list[Winner] = field(default_factory=list)
    due: str | None = None
    placings: list[Place] = field(default_factory=list)
    in_line: int = 0

    def take(self, placing: Json, history: Sequence[Review], equals: int) -> None:
        """The next bid; `equals` bids have its price."""
        stmt = placing["stmt"]
        steps = [Step("review", str(review.kind), str(review.result)) for review in history]
        in_force = _in_force(history)
        points = None
        for review in history:
            if review.points is not None:
                counted, scored = self._score(placing, review)
                if review in in_force:
                    points, steps = counted, steps + scored
        if equals > 1:
            own = _points_of(history)
            steps.append(
                Step("equal-price", f"{equals} x {placing['amount']}", "-" if own is None else show_points(own))
            )
        for review in history:
            self._refuse_above(placing, review)
        agreed = next((review.agreed_won for review in in_force if review.agreed_won is not None), None)
        if agreed is not None:
            steps.append(Step("agreed-amount", f"{agreed} < {placing['amount']}", str(agreed)))
        against = next((review for review in in_force if review.result == Result.FAIL), None)
        if against is not None:
            self.placings.append(Place(stmt, None, against.reason, points, tuple(steps)))
            return
        self.in_line += 1
        steps += self._award(placing, {review.kind for review in in_force}, agreed)
        self.placings.append(Place(stmt, self.in_line, Reason.VALID, points, tuple(steps)))

    def _award(self, placing: Json, passed: set[str], agreed: int | None) -> tuple[Step, ...]:
        """Whether the bid wins, or is the one to review now; nobody behind a bid to be reviewed does either."""
        left = self._quantity_left()
        if self.due is not None or left == 0 or (left is None and len(self.winners) >= self.wanted):
            return ()
        if self.needed is not None and self.needed not in passed:
            self.due = placing["stmt"]
            return ()
        amount = int(placing["amount"]) if agreed is None else agreed
        if left is None:
            self.winners.append(Winner(placing["stmt"], placing["supplier"], amount))
            return ()
        taken = min(placing["quantity"], left)
        self.winners.append(Winner(placing["stmt"], placing["supplier"], amount, taken))
        return (Step("quantity-taken", f"min({placing['quantity']}, {left})", str(taken)),)

    def _refuse_above(self, placing: Json, review: Review) -> None:
        """A negotiation only lowers the price, and never ends above the estimated price or the notice's limit."""
        if review.agreed_won is None:
            return
        if self.terms["method"] != "negotiation":
            raise ValueError("nothing is negotiated by this method")
        limits = (self.estimated_price, self.terms.get("scoring", {}).get("ceiling_won"))
        if review.agreed_won >= int(placing["amount"]) or any(
            limit is not None and review.agreed_won > int(limit) for limit in limits
        ):
            raise ValueError("an agreed amount that is not below the bid's, or above a limit")

    def _quantity_left(self) -> int | None:
        if self.terms["method"] != "desired-quantity":
            return None
        bought: int = self.terms["scoring"]["quantity"]
        return bought - sum(winner.quantity or 0 for winner in self.winners)

    def _score(self, placing: Json, review: Review) -> tuple[dict[str, int], list[Step]]:
        table = table_of(self.terms.get("scoring", {}))
        if table is None or self.estimated_price is None:
            raise ValueError("points without a table to count them by")
        figures = (table, int(placing["amount"]), int(self.estimated_price), int(self.terms["a_value"]))
        others = review.points or 0
        price = price_score(*figures)
        has_passed = passes(table, price, others)
        if others > table.others * 10_000 or has_passed != (review.result == Result.PASS):
            raise ValueError("the result of a qualification is not what its points say")
        total, mark = show_points(price + others), show_points(table.pass_mark * 10_000)
        sign = ">=" if has_passed else "<"
        steps = [
            *explain_score(*figures),
            Step("total-points", f"{show_points(price)} + {show_points(others)}", total),
            Step("against-pass-mark", f"{total} {sign} {mark}", sign),
        ]
        return {"price": price, "others": others, "total": price + others}, steps


def _in_force(history: Sequence[Review]) -> list[Review]:
    """The reviews that count: the last of each kind, but none that took the bid out before it was reinstated."""
    last: dict[str, Review] = {}
    for review in history:
        if review.kind == Kind.REINSTATEMENT:
            last = {kind: earlier for kind, earlier in last.items() if earlier.result == Result.PASS}
        else:
            last.pop(review.kind, None)  # so that the order stays the order in which they were decided
            last[review.kind] = review
    return list(last.values())
