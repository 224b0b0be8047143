"""The dry run in words: why somebody would win, why nobody would, and what to mind before publishing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app import charts, formats
from app.i18n import language
from bidding import labels
from bidding.dry_run import MOST_SAMPLES, OTHER_DRAWS, DryRun
from bidding.rounding import show_rate
from bidding.rules.steps import show_points
from bidding.sample_bids import limit_of
from bidding.sample_lines import LONGEST_NAME, LineError
from bidding.types import Evaluation, Outcome, Placing, Reason

LINE_ERROR: Mapping[str, Any] = {
    "too-long": _l("This is too much to read: give a few lines, one for each sample bid."),
    "too-many": _l("At most %(most)s sample bids.", most=MOST_SAMPLES),
    "none": _l("Give one sample bid at least: a name and an amount."),
    "too-few-columns": _l("Columns are missing. Part them by a semicolon, a tab or a comma."),
    "too-many-columns": _l("Too many columns. If the amount is written with commas, part the columns by a semicolon."),
    "name": _l("Give each bid a name of at most %(most)s characters.", most=LONGEST_NAME),
    "name-twice": _l("This name stands there twice."),
    "amount": _l("Enter an amount in whole won, for example 12,500,000."),
    "points": _l("Technical points lie between 0 and the full points, with at most four decimals."),
    "quantity": _l("A quantity is a whole number above zero, and not above what is wanted."),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know of the outcome. `tone` as of notices."""

    tone: str
    text: str


def line_error_text(error: LineError) -> str:
    told = str(LINE_ERROR[error.code])
    if not error.line:
        return told
    place = _("Line %(line)s", line=error.line)
    return f"{place}: {told} ({error.typed})" if error.typed else f"{place}: {told}"


def remarks(run: DryRun) -> list[Remark]:
    """Who would win and why, then what to mind."""
    evaluation = run.evaluation
    if evaluation.outcome is Outcome.FAILED:
        return [Remark("danger", _failed(evaluation)), *_unopened(run)]
    winner = evaluation.winner
    found = [Remark("danger", _nobody(run))] if winner is None else list(_won(evaluation, winner))
    return [*found, *_unopened(run), Remark("info", _others(run))]


def _failed(evaluation: Evaluation) -> str:
    told: str = _(
        "The tender would fail (유찰): %(valid)s valid bids, and %(least)s are needed. No draw would be made.",
        valid=evaluation.valid,
        least=evaluation.terms.minimum_valid,
    )
    return told


def _nobody(run: DryRun) -> str:
    counts = Counter(str(one.reason) for one in run.placings)
    reasons = ", ".join(f"{labels.REASON.get(reason, reason)} {count}" for reason, count in counts.most_common())
    return str(_("Nobody would win. Of %(bids)s bids: %(told)s.", bids=len(run.placings), told=reasons))


WHY: Mapping[str, Any] = {
    "quote": _l("%(name)s would win with %(amount)s: the lowest of the %(running)s bids in the running."),
    "qualification": _l(
        "%(name)s would be reviewed first with %(amount)s: the lowest of the %(running)s in the running."
    ),
    "negotiation": _l("%(name)s would negotiate first with %(amount)s: %(points)s points, the most of %(running)s."),
    "best-value": _l("%(name)s would win with %(amount)s: %(points)s points, the most of %(running)s."),
    "sale": _l("%(name)s would win with %(amount)s: the highest of the %(running)s bids in the running."),
    "desired-quantity": _l("%(name)s would be taken first at %(amount)s each; %(winners)s bidders would win in all."),
    "reverse-auction": _l(
        "%(name)s would lead after the first round with %(amount)s; the auction then goes on from there."
    ),
}


def _won(evaluation: Evaluation, winner: Placing) -> Iterator[Remark]:
    assert winner.amount_won is not None
    facts = {
        "name": winner.supplier,
        "amount": _won_text(winner.amount_won),
        "running": sum(1 for one in evaluation.placings if one.rank is not None),
        "points": show_points(winner.points.total) if winner.points is not None else "",
        "winners": sum(1 for one in evaluation.placings if one.allotted),
    }
    yield Remark("success", str(WHY.get(evaluation.terms.method, WHY["quote"])) % facts)
    if winner.is_tied:
        yield Remark("warning", _("Equal bids came first: a lot from the seed decided between them."))
    if evaluation.floor_price_won is not None:
        yield _about_floor(winner.amount_won, evaluation.floor_price_won)
    elif evaluation.terms.method == "lowest" and winner.rate is not None:
        rate = show_rate(winner.rate)
        yield Remark(
            "warning",
            _("Without a floor, any lower bid would beat the winner's %(rate)s %% of the estimated price.", rate=rate),
        )
    yield from _about_points(evaluation, winner)
    yield from _out(evaluation)


def _about_points(evaluation: Evaluation, winner: Placing) -> Iterator[Remark]:
    """By how much points decided, or whether the review can still be failed."""
    if winner.points is None:
        return
    if winner.points.needed is not None:
        needed = show_points(winner.points.needed)
        yield Remark("info", _("To pass, its review must give %(needed)s other points.", needed=needed))
        return
    second = next((one for one in evaluation.placings if one.rank == 2), None)
    if second is not None and second.points is not None and evaluation.terms.method in ("negotiation", "best-value"):
        gap = show_points(winner.points.total - second.points.total)
        yield Remark("info", _("%(gap)s points ahead of %(second)s.", gap=gap, second=second.supplier))


def _unopened(run: DryRun) -> Iterator[Remark]:
    if run.unopened:
        names = ", ".join(one.supplier for one in run.unopened)
        yield Remark(
            "warning", _("Below the technical threshold, so that the price is never opened: %(names)s.", names=names)
        )


def _about_floor(amount_won: int, floor_won: int) -> Remark:
    if amount_won == floor_won:
        return Remark("warning", _("A bid exactly at the floor wins: it can be equalled, never beaten."))
    return Remark(
        "info",
        _(
            "The floor of this draw is %(floor)s. Any bid from there to below %(amount)s would have won instead.",
            floor=_won_text(floor_won),
            amount=_won_text(amount_won),
        ),
    )


def _out(evaluation: Evaluation) -> Iterator[Remark]:
    near = [one for one in evaluation.placings if one.reason == Reason.BELOW_FLOOR]
    if near:
        yield Remark(
            "info",
            _("Lower, but out because below the floor: %(names)s.", names=", ".join(one.supplier for one in near)),
        )


def _others(run: DryRun) -> str:
    nobody = OTHER_DRAWS - run.wins.total()
    told = [f"{name} {count}" for name, count in run.wins.most_common()]
    if nobody:
        told.append(_("nobody %(count)s", count=nobody))
    if len(told) == 1:
        return str(_("The same in all of %(draws)s other draws: the draw does not decide here.", draws=OTHER_DRAWS))
    shown = ", ".join(told)
    return str(_("Under %(draws)s other draws the same bids win: %(told)s.", draws=OTHER_DRAWS, told=shown))


def _won_text(amount_won: int) -> str:
    return formats.won(amount_won, language())


TONES = {Reason.VALID: "success", Reason.BELOW_FLOOR: "danger", Reason.ABOVE_ESTIMATED_PRICE: "danger"}


def strip(run: DryRun) -> Markup:
    """The sample bids against the floor and what limits them: the estimated price, or what the notice gives."""
    evaluation = run.evaluation
    limit = evaluation.estimated_price_won or limit_of(evaluation.terms)
    if evaluation.outcome is Outcome.FAILED or limit is None:
        return Markup()
    bids = [
        (one.supplier, one.amount_won, TONES.get(Reason(one.reason), "neutral"))
        for one in evaluation.placings
        if one.amount_won is not None
    ]
    has_floor = evaluation.floor_price_won is not None
    caption = (
        _("Every bid against the floor and the estimated price") if has_floor else _("Every bid against the limit")
    )
    name = "" if evaluation.estimated_price_won else str(_("Amount of the notice"))
    return charts.bid_strip(bids, evaluation.floor_price_won, limit, caption, name)
