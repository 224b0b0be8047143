"""A tender's result made again for whoever asks: the same engine over what was opened. It changes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.tlog.canon import jcs
from bidding import queries
from bidding.evaluation import digest_of
from bidding.models import Award, Opening, Tender
from bidding.services import auctions, auditing
from bidding.services.auditing import Difference
from bidding.services.standings import decided_reviews
from bidding.standing import digest_of as standing_digest_of
from bidding.standing import stand


@dataclass(frozen=True, slots=True)
class Compared:
    """One digest three times: made again, stored, and as the log has it. `what`: opening, evaluation or standing.

    `logged` is None for a standing: the award that two persons confirmed is what it is compared with.
    """

    what: str
    made: str
    stored: str
    logged: str | None

    @property
    def is_same(self) -> bool:
        return self.made == self.stored and self.logged in (None, self.made)


@dataclass(frozen=True, slots=True)
class Rerun:
    """`fault`: why the engine refused what is stored; there is no evaluation then."""

    digests: tuple[Compared, ...]
    differences: tuple[Difference, ...] = ()
    fault: str = ""

    @property
    def is_same(self) -> bool:
        return not self.fault and not self.differences and all(one.is_same for one in self.digests)


def rerun(tender: Tender, opening: Opening) -> Rerun:
    """Hash the lines of the opening, evaluate them, walk the decisions of the award; each against store and log."""
    logged = auditing.logged_opening(tender) or {}
    lines = hashlib.sha256(b"".join(jcs(line) + b"\n" for line in opening.lines)).hexdigest()
    told = str(logged.get("opening_sha256", ""))
    digests = [Compared("opening", lines, told, told)]
    try:
        made = auditing.evaluate_again(tender, opening)
        digests.append(
            Compared("evaluation", digest_of(made), opening.evaluation_digest, str(logged.get("evaluation", "")))
        )
        award = queries.find_award(tender.id)
        if award is not None and award.standing_digest is not None:
            digests.append(_standing(tender, award, made.to_json()))
    except (ValueError, KeyError, TypeError) as error:
        return Rerun(tuple(digests), fault=str(error))
    return Rerun(tuple(digests), tuple(auditing.differences(opening, made)))


def _standing(tender: Tender, award: Award, evaluation: dict[str, object]) -> Compared:
    reviews = decided_reviews(tender.id, award.review_count)
    made = stand(evaluation, reviews, auctions.result_of(tender.id), wanted=tender.framework_winners or 1)
    return Compared("standing", standing_digest_of(made), award.standing_digest or "", None)
