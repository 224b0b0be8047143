"""The offline client: one HTML file that seals and signs a bid on a machine without a network.

    python -m bidding.offline_client [FILE]     writes it and prints its SHA-256

The same modules as on the bid page, with the HPKE library, made into one script; styles, sentences in both languages.
The same sources always give the same bytes. The file's own policy lets it load nothing and talk to nobody.

The statement names the build: SHA-256 of the file with that name left empty, for no file can hold its own hash.
"""

from __future__ import annotations

import argparse
import base64
import json
import posixpath
import re
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_app_context
from flask_babel import force_locale

from bidding.bundling_scripts import make_script
from bidding.offline_texts import offline_texts

ROOT = Path(__file__).resolve().parent.parent
ENTRY = "bidding/offline/main.js"
STYLES = (
    *("app/static/css/tokens.css", "app/static/css/layout.css", "app/static/css/components.css"),
    *("bidding/static/bidding/bid.css", "bidding/offline/page.css"),
)
FILE_NAME = "naru-offline-client.html"
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def build(root: Path = ROOT) -> tuple[bytes, str]:
    """The file's bytes, and the name of the build: what statements carry as `client` (SHA-256, hex)."""
    parts = {"style": _style(root), "script": _script(root), "texts": _texts()}
    page = (root / "bidding/offline/page.htm").read_text("utf-8")
    named = sha256(_filled(page, parts, client="").encode()).hexdigest()
    return _filled(page, parts, client=named).encode(), named


@cache
def offline_client() -> tuple[bytes, str]:
    """The build that this process serves. Made once: files do not change under a running process."""
    return build()


def _filled(page: str, parts: dict[str, str], client: str) -> str:
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_source(parts['script'])}'",
            f"style-src '{_source(parts['style'])}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    values = {**parts, "csp": policy, "client": client}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], page)


def _source(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _style(root: Path) -> str:
    # Fonts would have to be fetched: the machine's own serve.
    return _FONT_FACE.sub("", "".join((root / name).read_text("utf-8") for name in STYLES))


def _script(root: Path) -> str:
    script = make_script(ENTRY, lambda path: (root / path).read_text("utf-8"), _resolve)
    if "</script" in script.lower():
        raise ValueError("a script must not close its own element")
    return script


def _resolve(importer: str, specifier: str) -> str:
    if specifier.startswith("/static/"):
        return f"app{specifier}"
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))


def _texts() -> str:
    texts: dict[str, Any] = {}
    for language in ("ko", "en"):
        with force_locale(language):
            texts[language] = {name: _plain(text) for name, text in offline_texts().items()}
    return json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")


def _plain(text: Any) -> Any:
    return {name: _plain(one) for name, one in text.items()} if isinstance(text, dict) else str(text)


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns the exit code."""
    from app import i18n

    parser = argparse.ArgumentParser(prog="python -m bidding.offline_client", description="Write the offline client.")
    parser.add_argument("file", type=Path, nargs="?", default=Path(FILE_NAME))
    options = parser.parse_args(arguments)
    if has_app_context():
        content, named = build(Path(current_app.root_path).parent)
    else:
        bare = Flask("offline")
        i18n.init_app(bare)
        with bare.test_request_context():
            content, named = build()
    options.file.write_bytes(content)
    print(f"{sha256(content).hexdigest()}  {options.file}")  # noqa: T201
    print(f"{named}  client, as its statements name it")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
