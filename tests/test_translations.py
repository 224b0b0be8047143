"""Every sentence that the code and the templates say exists in Korean, whole and with the same placeholders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from app.i18n import catalogue_directories, compile_catalogues

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "suppliers", "bidding", "contracts")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "_n": (1, 2),
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%%")
Message = tuple[str | None, tuple[str, ...]]


def sources() -> Iterator[tuple[Path, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix == ".py":
                yield path, "python"
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                yield path, "jinja2.ext:babel_extract"


def catalogue_of(path: Path) -> Path:
    """The nearest catalogue up the tree."""
    for folder in path.parents:
        if (folder / "translations").is_dir():
            return folder / "translations" / "ko" / "LC_MESSAGES" / "messages.po"
        if folder == ROOT:
            break
    return ROOT / path.relative_to(ROOT).parts[0] / "translations" / "ko" / "LC_MESSAGES" / "messages.po"


@cache
def said() -> dict[Path, dict[Message, str]]:
    """Every msgid by the catalogue it belongs to, with one place where it is said."""
    found: dict[Path, dict[Message, str]] = {}
    for path, method in sources():
        options = {"silent": "false"} if "jinja2" in method else {}
        for line, message, _comments, context in extract_from_file(
            method, str(path), keywords=KEYWORDS, options=options
        ):
            forms = (message,) if isinstance(message, str) else tuple(message)
            mine = found.setdefault(catalogue_of(path), {})
            mine.setdefault((context, forms), f"{path.relative_to(ROOT)}:{line}")
    return found


@cache
def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ko", abort_invalid=True)


def placeholders(text: str) -> list[str]:
    return sorted({found.group(0) for found in PLACEHOLDER.finditer(text)})


def faults(path: Path) -> list[str]:
    if not path.exists():
        return [f"{path.relative_to(ROOT)} does not exist"]
    messages = catalogue(path)
    wrong = []
    for (context, forms), place in said()[path].items():
        entry = messages.get(forms[0], context)
        given = entry.string if entry is not None else None
        translations = [given] if isinstance(given, str) else list(given or ())
        if not translations or not all(text.strip() for text in translations):
            wrong.append(f"{place}: no Korean for {forms[0]!r}" + (f" ({context})" if context else ""))
        elif entry is not None and entry.fuzzy:
            wrong.append(f"{place}: fuzzy: {forms[0]!r}")
        elif any(placeholders(text) != placeholders(forms[-1]) for text in translations):
            wrong.append(f"{place}: other placeholders than {forms[0]!r}")
    return wrong


def test_the_extractor_sees_python_and_templates() -> None:
    places = [place for messages in said().values() for place in messages.values()]
    assert any(".html:" in place for place in places)
    assert any(".py:" in place for place in places)


@pytest.mark.parametrize("path", sorted(said()), ids=lambda path: str(path.relative_to(ROOT).parents[2]))
def test_every_sentence_of_a_package_is_in_its_korean_catalogue(path: Path) -> None:
    wrong = faults(path)
    assert not wrong, "\n".join(wrong)


def in_templates() -> Iterator[tuple[Path, int, str]]:
    for path, method in sources():
        if "jinja2" in method:
            found = extract_from_file(method, str(path), keywords=KEYWORDS, options={"silent": "false"})
            for line, message, _comments, context in found:
                for one in [message] if isinstance(message, str) else message:
                    entry = catalogue(catalogue_of(path)).get(one, context)
                    yield path, line, one
                    if entry is not None and isinstance(entry.string, str):
                        yield path, line, entry.string


def test_a_percent_sign_in_a_template_is_doubled() -> None:
    """Jinja fills every sentence in, also one without a placeholder: a single sign there is an error page."""
    bare = re.compile(r"(?<!%)(?:%%)*%(?![%(])")
    assert [f"{path.name}:{line} {text}" for path, line, text in in_templates() if bare.search(text)] == []


CATALOGUES = [place for folder in catalogue_directories() for place in folder.glob("*/LC_MESSAGES/messages.po")]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT).parents[3]))
def test_no_entry_is_fuzzy_or_empty(path: Path) -> None:
    entries = [message for message in catalogue(path) if message.id]
    assert [entry.id for entry in entries if entry.fuzzy or not entry.string] == []


def test_a_sentence_has_one_korean_text_wherever_it_is_said() -> None:
    """All catalogues are merged, so a second text for the same msgid would silently win. Use a context instead."""
    texts: dict[tuple[str | None, str], dict[str, Path]] = {}
    for path in CATALOGUES:
        for message in catalogue(path):
            if message.id:
                key = (message.context, message.id if isinstance(message.id, str) else message.id[0])
                texts.setdefault(key, {})[str(message.string)] = path
    assert {key: list(found) for key, found in texts.items() if len(found) > 1} == {}


def test_catalogues_are_compiled_only_where_the_source_is_newer(tmp_path: Path) -> None:
    place = tmp_path / "shop" / "translations" / "ko" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    source = place / "messages.po"
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Bid"\nmsgstr "투찰"\n')
    assert compile_catalogues(tmp_path) == [place / "messages.mo"]
    assert compile_catalogues(tmp_path) == []
    later = (place / "messages.mo").stat().st_mtime_ns + 1_000_000
    os.utime(source, ns=(later, later))
    assert compile_catalogues(tmp_path) == [place / "messages.mo"]
