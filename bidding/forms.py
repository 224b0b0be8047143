"""The board's filters, read from the query string."""

from __future__ import annotations

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.forms import Form, flatten
from bidding.queries import BoardFilter
from bidding.schemas import BoardIn


def board_filter(args: MultiDict[str, str]) -> tuple[Form, BoardFilter, int]:
    """The form as typed, the filter and the page. A value that does not fit is reported and filters nothing."""
    form = Form(BoardIn())
    data = form.load(args)
    if data is None:
        entered = {
            key: value for key, value in args.items() if key in form.schema.fields and value and key not in form.errors
        }
        try:
            data = BoardIn().load(entered)
        except ValidationError as error:
            form.errors |= flatten(error.messages)
            data = BoardIn().load({})
    page, words = data.pop("page"), data.pop("q")
    return form, BoardFilter(words=words, **data), page
