"""The filters of the board and of a result, read from the query string."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.auth import Actor
from app.forms import Form, flatten
from bidding.queries import BoardFilter
from bidding.result_queries import ResultFilter, owner_of
from bidding.schemas import BoardIn, ResultIn

Args = MultiDict[str, str]


def board_filter(args: Args) -> tuple[Form, BoardFilter, int]:
    """The form as typed, the filter and the page. A value that does not fit is reported and filters nothing."""
    form = Form(BoardIn())
    data = _load(form, args)
    page, words = data.pop("page"), data.pop("q")
    return form, BoardFilter(words=words, **data), page


def result_filter(args: Args, actor: Actor) -> tuple[Form, ResultFilter, int]:
    """The same for the bids of a result. Who bids nowhere has no bids of its own to ask for."""
    form = Form(ResultIn())
    data = _load(form, args)
    own = owner_of(actor)
    show = data["show"] if data["show"] != "mine" or own is not None else ""
    return form, ResultFilter(data["q"], show, data["sort"], own), data["page"]


def _load(form: Form, args: Args) -> dict[str, Any]:
    data = form.load(args)
    if data is None:
        entered = {
            key: value for key, value in args.items() if key in form.schema.fields and value and key not in form.errors
        }
        try:
            data = form.schema.load(entered)
        except ValidationError as error:
            form.errors |= flatten(error.messages)
            data = form.schema.load({})
    return dict(data)
