"""Ways to tamper with the reviews and the standing of a published tender; each is a change of one bundle's files.

Each takes an `Insider` that holds the log's key, so that what it changes is consistent again in the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from app.tlog.canon import jcs
from bidding.review import Review
from bidding.standing import digest_of, stand
from tests.bidding.insider import Insider, Json


def retell_standing(it: Insider) -> None:
    """Standing, award and log as the reviews of the files would have them."""
    reviews = [Review.from_json(item) for item in it.json("reviews.json")]
    standing = stand(it.json("evaluation.json"), reviews)
    it.put("standing.json", standing.to_json())
    decided = it.events("review.decided")
    for event, review in zip(decided, reviews, strict=False):
        event.update(
            {"stmt": review.stmt, "kind": review.kind, "result": review.result, "review_sha256": review.sha256}
        )
    if not standing.winners:
        return
    facts = {"standing": digest_of(standing), **standing.winners[0].to_json()}
    it.put("award.json", it.json("award.json") | facts)
    it.events("award.confirmed")[-1].update(facts)


def forget_a_review(it: Insider) -> None:
    """Its entry stays in the log: that cannot be taken away from who has seen it."""
    items = it.json("reviews.json")
    it.put("reviews.json", items[1:])
    decided = it.events("review.decided")[0]
    kept = dict(decided)
    retell_standing(it)
    decided.clear()
    decided.update(kept)
    it.relog()


def forget_all_reviews(it: Insider) -> None:
    del it.files["reviews.json"], it.files["standing.json"]
    award = it.json("award.json")
    award.pop("standing")
    it.put("award.json", award)
    it.events("award.confirmed")[-1].pop("standing")
    it.relog()


def change_a_result(it: Insider) -> None:
    """The hash in the log stays the true one."""
    items = it.json("reviews.json")
    items[0]["reason"] = "sanctioned"
    it.put("reviews.json", items)
    before = [dict(event) for event in it.events("review.decided")]
    retell_standing(it)
    for event, kept in zip(it.events("review.decided"), before, strict=True):
        event.update(kept)
    it.relog()


def decide_alone(it: Insider) -> None:
    items = it.json("reviews.json")
    items[0]["approvals"] = ["person:1", "person:1"]
    it.put("reviews.json", items)
    event = it.events("review.decided")[0]
    event["approvals"] = items[0]["approvals"]
    event["review_sha256"] = hashlib.sha256(jcs(items[0])).hexdigest()
    it.relog()


def move_the_winner(it: Insider) -> None:
    """A standing that does not come out of its reviews, and an award that goes by it."""
    standing = it.json("standing.json")
    standing["placings"][0], standing["placings"][1] = standing["placings"][1], standing["placings"][0]
    it.put("standing.json", standing)
    _award_by(it, standing)


def award_to_another_in_line(it: Insider) -> None:
    standing = it.json("standing.json")
    other = next(place for place in standing["placings"] if place["place"] == 2)
    placing = next(one for one in it.json("evaluation.json")["placings"] if one["stmt"] == other["stmt"])
    facts = {name: placing[name] for name in ("stmt", "supplier", "amount")}
    it.put("award.json", it.json("award.json") | facts)
    it.events("award.confirmed")[-1].update(facts)
    it.relog()


def decide_after_the_award(it: Insider) -> None:
    """The last review moves behind the award in the log."""
    places = [n for n, (event, _) in enumerate(it.log) if event["type"] == "review.decided"]
    it.log.append(it.log.pop(places[-1]))
    it.retell()


def keep_the_refused_award(it: Insider) -> None:
    """Nobody is told that the first winner did not sign."""
    it.log[:] = [entry for entry in it.log if entry[0]["type"] != "award.refused"]
    it.retell()


def _award_by(it: Insider, standing: Json) -> None:
    from app.tlog.canon import digest

    named = {"standing": digest("standing", jcs(standing)).hex()}
    it.put("award.json", it.json("award.json") | named)
    it.events("award.confirmed")[-1].update(named)
    it.relog()


CLASSES: dict[str, tuple[Callable[[Insider], None], str]] = {
    "forget a review": (forget_a_review, "V26"),
    "forget all reviews": (forget_all_reviews, "V23"),
    "change a result": (change_a_result, "V26"),
    "decide alone": (decide_alone, "V26"),
    "move the winner": (move_the_winner, "V26"),
    "award to another in line": (award_to_another_in_line, "V23"),
    "decide after the award": (decide_after_the_award, "V23"),
    "keep the refused award": (keep_the_refused_award, "V04"),
}
