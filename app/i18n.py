"""Korean and English: which one a request gets, and the catalogues of every package behind one `gettext`.

A page's language is `?lang=` (kept in a cookie), else the cookie, else the person's own, else what the browser asks
for, else Korean. Each package keeps its catalogue in `translations/ko/LC_MESSAGES/messages.po`; English is the msgid.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, get_locale, gettext, refresh
from flask_babel import lazy_gettext as _l

ROOT = Path(__file__).parent.parent
LANGUAGES = ("ko", "en")
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600


def catalogue_directories(root: Path = ROOT) -> list[Path]:
    """The `translations` folders of the packages under `root`; the kernel's first, so that a feature's word wins."""
    packages = [path.parent for path in root.glob("*/__init__.py")]
    packages.sort(key=lambda package: (package.name != "app", package.name))
    folders = [folder for package in packages for folder in (package / "translations", *package.glob("*/translations"))]
    return [folder for folder in folders if folder.is_dir()]


def compile_catalogues(root: Path = ROOT) -> list[Path]:
    """Make every `.mo` that is missing or older than its `.po`; return those made. Processes may do it side by side."""
    made = []
    for folder in catalogue_directories(root):
        for source in folder.glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
                continue
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parent.parent.name)
            with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
                write_mo(part, catalogue)
            Path(part.name).chmod(0o644)
            Path(part.name).replace(target)
            made.append(target)
    return made


def init_app(app: Flask) -> None:
    if app.config.get("NARU_ENV") != "production":
        compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(folder) for folder in catalogue_directories())
    Babel(app, default_locale="ko", default_timezone="Asia/Seoul", locale_selector=select_language)
    # Translations are kept on `g`, which a test's outer application context shares between requests.
    app.before_request(refresh)
    app.after_request(_keep_choice)


def select_language() -> str:
    """The language of this request, "ko" or "en". Outside a request (jobs, commands) Korean."""
    if not has_request_context():
        return "ko"
    asked = (request.args.get("lang"), request.cookies.get(COOKIE), g.get("person_locale"))
    for language in asked:
        if language in LANGUAGES:
            return str(language)
    return request.accept_languages.best_match(LANGUAGES, default="ko") or "ko"


def language() -> str:
    """The language now in force: that of the request, or of `flask_babel.force_locale`."""
    locale = get_locale()
    return "ko" if locale is None else str(locale.language)


def _keep_choice(response: Response) -> Response:
    if response.mimetype == "application/json":
        return response  # values for a program: the same in every language
    response.headers.setdefault("Content-Language", language())
    asked = request.args.get("lang")
    if asked in LANGUAGES and asked != request.cookies.get(COOKIE):
        is_secure = request.is_secure
        response.set_cookie(COOKIE, asked, COOKIE_SECONDS, samesite="Lax", httponly=True, secure=is_secure)
    response.vary.update(("Accept-Language", "Cookie"))
    return response


# What marshmallow says by itself, in words for people. The schemas' own messages are translated where they are written.
_MARSHMALLOW: tuple[tuple[re.Pattern[str], Any], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"Missing data for required field\.|Field may not be null\.", _l("This is required.")),
        (r"Unknown field\.", _l("This field is not known.")),
        (r"Not a valid (?:utf-8 )?string\.", _l("Enter text.")),
        (r"Not a valid UUID\.", _l("This is not a valid identifier.")),
        (r"Not a valid (?:number|integer)\.", _l("Enter a whole number.")),
        (r"Number too large\.", _l("This number is too large.")),
        (r"Not a valid boolean\.", _l("Choose yes or no.")),
        (r"Not a valid (?:naive |aware )?datetime\.", _l("Enter a date and time, for example 2026-12-01 10:00.")),
        (r"Not a valid date\.", _l("Enter a date, for example 2026-12-01.")),
        (r"Not a valid time\.", _l("Enter a time, for example 10:00.")),
        (r"Not a valid email address\.", _l("Enter an e-mail address, for example name@company.co.kr.")),
        (r"Not a valid URL\.", _l("Enter a web address that starts with https://.")),
        (r"Not a valid list\.", _l("Choose from the list.")),
        (r"(?:Must be one of|One or more of the choices you made was not in): .*\.", _l("Choose one of the options.")),
        (r"Must be greater than or equal to (?P<least>.+?)\.", _l("Enter %(least)s or more.")),
        (r"Must be less than or equal to (?P<most>.+?)\.", _l("Enter %(most)s or less.")),
        (r"Must be greater than (?P<least>.+?)\.", _l("Enter more than %(least)s.")),
        (r"Must be less than (?P<most>.+?)\.", _l("Enter less than %(most)s.")),
        (r"Shorter than minimum length 1\.", _l("This is required.")),
        (r"Shorter than minimum length (?P<least>\d+)\.", _l("Enter at least %(least)s characters.")),
        (r"Longer than maximum length (?P<most>\d+)\.", _l("Enter at most %(most)s characters.")),
        (r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.", _l("Enter %(least)s to %(most)s characters.")),
        (r"Length must be (?P<exact>\d+)\.", _l("Enter exactly %(exact)s characters.")),
        (
            r"String does not match expected pattern\.|Invalid (?:value|input|type|input type)\.",
            _l("This is not in the expected form."),
        ),
    )
)


def told(message: Any) -> str:
    """A validation message for people: marshmallow's own sentences in the page's language, any other as it is."""
    spelled = str(message)
    for pattern, words in _MARSHMALLOW:
        if found := pattern.fullmatch(spelled):
            template = str(words)
            return template % found.groupdict() if found.groupdict() else template
    return gettext(spelled) if spelled else spelled
