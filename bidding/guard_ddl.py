"""A table's guard: a function `guard_<table>` that a trigger of the database asks before a row changes."""

from __future__ import annotations

from collections.abc import Iterable

Guard = tuple[str, str, str]  # the function's definition, its table, and before what it is asked


def guard_statements(guards: Iterable[Guard]) -> list[str]:
    """Every function and its trigger, in the order of `guards`."""
    made = []
    for function, table, when in guards:
        made.append(function)
        made.append(f"CREATE TRIGGER guard BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION guard_{table}()")
    return made
