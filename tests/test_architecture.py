"""The shape of the code, as docs/architecture.md gives it: who imports whom, what is pure, who commits, who guards."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import ARRAY, BigInteger, Date, Float, Numeric

from app.auth import all_permissions
from app.db import UtcDateTime, db

ROOT = Path(__file__).parent.parent
FEATURES = ("suppliers", "bidding", "contracts")  # each may use those before it, and the kernel
PACKAGES = ("app", *FEATURES)
ENTRY_POINTS = {"app/worker.py", "app/clockwork.py"}  # they build the whole application, as wsgi does
PURE = (
    "app/tlog/*.py",
    "app/documents/model.py",
    "suppliers/rules.py",
    "suppliers/rules/**/*.py",
    "suppliers/types.py",
    "bidding/types.py",
    "bidding/sealing.py",
    "bidding/statement.py",
    "bidding/webauthn.py",
    "bidding/docs_envelope.py",
    "bidding/file_types.py",
    "bidding/draw.py",
    "bidding/calendar.py",
    "bidding/outage.py",
    "bidding/cancel_request.py",
    "bidding/bundle.py",
    "bidding/pins.py",
    "bidding/checks*.py",
    "bidding/monitor_rules.py",
    "bidding/verify.py",
    "bidding/review.py",
    "bidding/standing.py",
    "bidding/comparison.py",
    "bidding/rules/**/*.py",
    "contracts/rules.py",
    "contracts/rules/**/*.py",
)
IMPURE = {"flask", "flask_sqlalchemy", "sqlalchemy", "redis", "rq", "psycopg", "werkzeug", "requests", "urllib.request"}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


@cache
def sources() -> tuple[Path, ...]:
    """Our own modules below the four packages, and wsgi."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return (*sorted(path for path in found if "node_modules" not in path.parts), ROOT / "wsgi.py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def matching(*patterns: str) -> list[Path]:
    return sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()})


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported, wherever in the module: `from a.b import c` gives `a.b.c`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def users_of(package: str) -> set[str]:
    return {name_of(path) for path in sources() for _, name in imports_of(path) if name.split(".")[0] == package}


def test_imports_run_downward_and_between_features_only_through_the_front_door() -> None:
    wrong = []
    for path in sources():
        home = name_of(path).split("/")[0]
        if home == "wsgi.py" or name_of(path) in ENTRY_POINTS:
            continue
        allowed = FEATURES[: FEATURES.index(home)] if home in FEATURES else ()
        for line, imported in imports_of(path):
            package, *rest = imported.split(".")
            if package == "wsgi" or (package in FEATURES and package != home and package not in allowed):
                wrong.append(f"{name_of(path)}:{line} imports {imported}, which lies above it")
            elif package in FEATURES and package != home and rest[:1] != ["front"]:
                wrong.append(f"{name_of(path)}:{line} imports {imported} past the front door")
    assert wrong == []


def test_only_the_composition_root_and_the_entry_points_import_wsgi() -> None:
    assert users_of("wsgi") <= ENTRY_POINTS


def pure_modules() -> list[Path]:
    return matching(*PURE)


@pytest.mark.parametrize("path", pure_modules(), ids=name_of)
def test_a_pure_module_brings_in_nothing_impure_even_at_second_hand(path: Path) -> None:
    module = name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    # In a process of its own: this one has imported everything already.
    probe = f"import sys, {module}; print(*sorted(set(sys.modules) & {IMPURE!r}))"
    command = [sys.executable, "-c", probe]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "database_now", "localtime", "gmtime"}


def clock_reads(path: Path) -> list[str]:
    found = []
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        module, *rest = called.split(".")
        reads = bool(rest) and rest[-1] in CLOCKS and module in {"datetime", "time", "date", "clock"}
        if called == "database_now" or reads:
            found.append(f"{name_of(path)}:{node.lineno} {called}()")
    return found


def test_pure_modules_read_no_clock() -> None:
    assert [line for path in pure_modules() for line in clock_reads(path)] == []


def services() -> list[Path]:
    return matching(*(f"{feature}/services/**/*.py" for feature in FEATURES), *(f"{f}/services.py" for f in FEATURES))


def test_services_know_no_flask_and_read_no_clock() -> None:
    """But the database's, which decides whether a bid is in time."""
    wrong = [line for path in services() for line in clock_reads(path) if "database_now" not in line]
    for path in services():
        for line, imported in imports_of(path):
            if imported.split(".")[0] in {"flask", "flask_login", "flask_wtf", "werkzeug"}:
                wrong.append(f"{name_of(path)}:{line} imports {imported}")
    assert wrong == []


def calls_of(method: str, paths: tuple[Path, ...] | list[Path]) -> set[str]:
    return {
        name_of(path)
        for path in paths
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    }


def test_only_one_place_commits() -> None:
    # The embedded stores and the sequencer work on connections of their own, not on the application's session.
    assert calls_of("commit", sources()) == {"app/db.py"}


def test_state_is_moved_by_its_table_only() -> None:
    movers = {"app/state.py", "app/jobs.py"}  # the outbox has no actor, and its moves are no events
    wrong = []
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Assign):
                continue
            flat = [inner for target in node.targets for inner in ast.walk(target)]
            if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in flat):
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert [line for line in wrong if line.split(":")[0] not in movers] == []


def test_documents_alone_lay_out_pdfs() -> None:
    assert all(user.startswith("app/documents/") for user in users_of("reportlab"))


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    assert [name_of(path) for path in sources() if BANNED_NAMES & {path.stem, path.parent.name}] == []


def test_every_module_says_what_it_is() -> None:
    bare = [name_of(path) for path in sources() if path.stat().st_size and not ast.get_docstring(tree_of(path))]
    assert bare == []


def test_a_feature_is_imported_without_its_rooms() -> None:
    """`import bidding.sealing` must not pull in the web: a feature's `__init__` imports inside `init_app`."""
    wrong = []
    for feature in FEATURES:
        body = tree_of(ROOT / feature / "__init__.py").body
        lines = [ast.unparse(node) for node in body if isinstance(node, ast.ImportFrom | ast.Import)]
        wrong += [f"{feature}: {line}" for line in lines if not line.startswith(("from __future__", "from typing"))]
    assert wrong == []


# -- what runs -------------------------------------------------------------------------------------------------------


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    bare = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_static = rule.endpoint == "static" or rule.endpoint.endswith(".static")
        if not is_static and not hasattr(view, "guarded_by"):
            bare.append(f"{rule.rule} ({rule.endpoint})")
    assert bare == []


def test_every_permission_that_a_route_asks_for_is_held_by_some_role(app: Flask) -> None:
    asked = {getattr(view, "guarded_by", "public") for view in app.view_functions.values()} - {"public", "signed-in"}
    assert sorted(asked - set(all_permissions())) == []


def test_acts_of_weight_want_the_password_again(app: Flask) -> None:
    """Publishing, approving, opening, awarding, signing: wherever a route's permission names one of them."""
    heavy = re.compile(r":(publish|approve|open|award|sign)$")
    undone = re.compile(r"/(refuse|send-back|withdraw)$")  # whoever may say yes may say no, without the password
    light = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and not undone.search(rule.rule)
        and heavy.search(getattr(app.view_functions[rule.endpoint], "guarded_by", ""))
        and not getattr(app.view_functions[rule.endpoint], "wants_step_up", False)
    ]
    assert light == []


def columns() -> Iterator[tuple[str, object]]:
    # The log's own tables keep the names of the protocol.
    for table in [table for table in db.metadata.tables.values() if table.schema is None]:
        for column in table.columns:
            yield f"{table.name}.{column.name}", column.type


def test_columns_keep_what_their_names_promise(app: Flask) -> None:
    wrong = []
    for name, kind in columns():
        kind = kind.item_type if isinstance(kind, ARRAY) else kind
        if name.endswith("_won") and not isinstance(kind, BigInteger):
            wrong.append(f"{name} is {kind!r}, not whole won in 64 bits")
        if name.endswith("_at") and not isinstance(kind, UtcDateTime):
            wrong.append(f"{name} is {kind!r}, not an instant")
        if name.endswith("_on") and not isinstance(kind, Date):
            wrong.append(f"{name} is {kind!r}, not a day")
    assert wrong == []


def test_no_column_holds_a_fraction(app: Flask) -> None:
    """Rates are integers of a named unit; a float is near no amount."""
    assert [name for name, kind in columns() if isinstance(kind, Float | Numeric)] == []


def test_every_column_that_holds_an_instant_is_named_for_it(app: Flask) -> None:
    wrong = [name for name, kind in columns() if isinstance(kind, UtcDateTime) and not name.endswith("_at")]
    assert wrong == []


# -- what browsers get -----------------------------------------------------------------------------------------------


def templates() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.html")]


def test_no_page_has_inline_script_or_style() -> None:
    inline = re.compile(r"""\s(style|on[a-z]+)\s*=\s*["'{]""", re.IGNORECASE)
    wrong = [
        f"{name_of(path)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if inline.search(line) or "<style" in line or (re.search(r"<script\b", line) and "csp_nonce" not in line)
    ]
    assert wrong == []


def test_no_page_fetches_from_another_origin() -> None:
    elsewhere = re.compile(r"""<(script|link|img|iframe|form)\b[^>]*(src|href|action)\s*=\s*["'](https?:)?//""")
    assert [name_of(path) for path in templates() if elsewhere.search(path.read_text("utf-8"))] == []


def test_scripts_never_write_markup() -> None:
    writes = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b|new Function\b")
    scripts = [path for package in PACKAGES for path in (ROOT / package).rglob("*.js") if "vendor" not in path.parts]
    assert [name_of(path) for path in scripts if writes.search(path.read_text("utf-8"))] == []
