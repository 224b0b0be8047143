"""A form keeps what was typed and says what is wrong."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict

from app.forms import Form, flatten


class PersonIn(Schema):
    name = fields.String(required=True, validate=validate.Length(min=2))
    age = fields.Integer(load_default=None)
    codes = fields.List(fields.String(), load_default=list)


def test_what_fits_is_loaded_stripped_and_unknown_names_are_left_out() -> None:
    form = Form(PersonIn())
    typed = MultiDict([("name", "  김담당 "), ("codes", "a"), ("codes", ""), ("codes", "b"), ("csrf_token", "x")])
    typed.add("is_admin", "1")
    assert form.load(typed) == {"name": "김담당", "age": None, "codes": ["a", "b"]}
    assert form.errors == {}


def test_an_empty_box_says_nothing() -> None:
    assert Form(PersonIn()).load(MultiDict({"name": "김담당", "age": " "})) == {
        "name": "김담당",
        "age": None,
        "codes": [],
    }


def test_what_does_not_fit_is_named_and_stays_as_typed() -> None:
    form = Form(PersonIn(), {"name": "before"})
    assert form.load(MultiDict({"name": "x", "age": "old"})) is None
    assert set(form.errors) == {"name", "age"}
    assert (form.value("name"), form.value("age"), form.value("none")) == ("x", "old", "")
    form.add_error("name", "too short a name")
    assert form.errors_of("name")[-1] == "too short a name"
    assert form.errors_of("codes") == []


def test_the_token_is_never_kept_among_the_values() -> None:
    form = Form(PersonIn())
    form.load(MultiDict({"csrf_token": "secret"}))
    assert "csrf_token" not in form.values


def test_nested_messages_become_flat_names() -> None:
    assert flatten({"licences": {0: {"code": ["bad"]}}, "name": "short"}) == {
        "licences.0.code": ["bad"],
        "name": ["short"],
    }
