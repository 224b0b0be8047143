"""One marshmallow schema for the HTML form and the JSON body alike; a form keeps what was typed and says what is wrong.

    form = Form(QuestionIn())
    if request.method == "POST" and (data := form.load(request.form)) is not None: ...
    return render_template("…", form=form)

In the template `ui.field(form, "title", _("Title"))` shows `form.value("title")` and `form.errors_of("title")`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError
from werkzeug.datastructures import MultiDict


class Form:
    def __init__(self, schema: Schema, values: Mapping[str, Any] | None = None) -> None:
        self.schema = schema
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, list[str]] = {}

    def load(self, typed: MultiDict[str, str]) -> Any | None:
        """The schema's value, or None with `errors` filled. Fields of type List read every value of their name.

        Fields that the schema does not know (the CSRF token, the button) are left out.
        """
        raw: dict[str, Any] = {}
        for name, field in self.schema.fields.items():
            key = field.data_key or name
            if hasattr(field, "inner"):
                raw[key] = [value for value in typed.getlist(key) if value.strip()]
            elif key in typed:
                raw[key] = typed[key].strip()
        self.values = raw | {key: typed[key] for key in typed if key not in raw and key != "csrf_token"}
        # An empty box means that nothing was entered.
        entered = {key: value for key, value in raw.items() if value != ""}
        try:
            return self.schema.load(entered, unknown=EXCLUDE)
        except ValidationError as error:
            self.errors = flatten(error.messages)
            return None

    def value(self, name: str) -> Any:
        return self.values.get(name, "")

    def errors_of(self, name: str) -> list[str]:
        return self.errors.get(name, [])

    def add_error(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(message)


def flatten(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as `{"licences.0.code": ["…"]}`."""
    if isinstance(messages, list):
        return {prefix: [str(message) for message in messages]}
    if not isinstance(messages, dict):
        return {prefix: [str(messages)]}
    flat: dict[str, list[str]] = {}
    for key, inner in messages.items():
        flat |= flatten(inner, f"{prefix}.{key}" if prefix else str(key))
    return flat
