"""What the pages of technical evaluations send: entering the pool, declarations, plans, and score sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from bidding.committee_schemas import one_of, text
from bidding.criteria import POINT, Tech
from bidding.models import EvaluationSheet
from bidding.models.evaluation import FIELDS
from bidding.services.sheets import LONGEST

SCORE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?", re.ASCII)
CHOOSE = _l("Choose one of the options.")


def chosen_fields(least: int) -> Any:
    known = fields.String(validate=validate.OneOf(FIELDS, error=CHOOSE))
    return fields.List(known, load_default=list, validate=validate.Length(least, error=CHOOSE))


class PoolIn(Schema):
    expertise = chosen_fields(1)
    affiliation = text(100)


class DeclarationIn(Schema):
    conflict = one_of("no", "yes")
    note = fields.String(load_default="", validate=validate.Length(0, 2000))
    keeps_secret = fields.Boolean(load_default=False)


class PlanIn(Schema):
    seats = fields.Integer(
        required=True,
        validate=validate.Range(1, 50, error=_l("From 1 to 50 evaluators.")),
        error_messages={"required": _l("Fill in this field."), "invalid": _l("From 1 to 50 evaluators.")},
    )
    expertise = chosen_fields(0)


class SeatAskIn(Schema):
    person = fields.UUID(required=True, error_messages={"required": CHOOSE, "invalid_uuid": CHOOSE})
    reason = text(1000)


def read_sheet(tech: Tech, typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str], dict[str, str]]:
    """Scores in ten-thousandths, comments, and what is wrong, by the name of the box. An empty box is no score yet."""
    scores: dict[str, int] = {}
    errors: dict[str, str] = {}
    for code, full in tech.leaves.items():
        name = f"score-{code}"
        entered = typed.get(name, "").strip()
        if not entered:
            continue
        score = read_points(entered)
        if score is None or score > full * POINT:
            errors[name] = _("From 0 to %(full)s points, with at most four decimals.", full=full)
        else:
            scores[code] = score
    comments = {code: typed.get(f"comment-{code}", "").strip() for code in ("", *tech.leaves)}
    for code, comment in comments.items():
        if len(comment) > LONGEST:
            errors[f"comment-{code}"] = _("At most %(most)s characters.", most=LONGEST)
    return scores, {code: comment for code, comment in comments.items() if comment}, errors


def read_points(entered: str) -> int | None:
    """`17.5` → 175000; None for what is no score."""
    match = SCORE.fullmatch(entered)
    return int(match[1]) * POINT + int((match[2] or "").ljust(4, "0")) if match else None


def shown_points(score: int) -> str:
    """175000 → `17.5`: as people type it."""
    whole, part = divmod(score, POINT)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".") if part else str(whole)


def shown_sheet(tech: Tech, sheet: EvaluationSheet | None) -> dict[str, Any]:
    """What the boxes of the form hold."""
    if sheet is None:
        return {}
    typed = {f"score-{code}": shown_points(sheet.scores[code]) for code in tech.leaves if code in sheet.scores}
    return typed | {f"comment-{code}": comment for code, comment in sheet.comments.items()}
