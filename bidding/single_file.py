"""The offline verifier as one HTML file. It carries its own policy: no network, only the scripts inside it."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from bidding.inlining import ROOT, inlined

VERIFY = Path(__file__).parent / "static" / "verify"
STYLES = (
    ROOT / "app/static/css/tokens.css",
    ROOT / "app/static/css/layout.css",
    ROOT / "app/static/css/components.css",
    VERIFY / "verify.css",
)


def build(title: str, body: str, page: dict[str, Any]) -> bytes:
    """One page of `body`, with the program, its worker, and `page` (language and texts) inside.

    The same arguments and sources give the same bytes.
    """
    script, worker = _scripts()
    style = _style()
    values = json.dumps(page, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src 'sha256-{_sha256(script)}' blob:; worker-src blob:;"
        f" style-src 'sha256-{_sha256(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!doctype html>\n<html lang="{escape(str(page["lang"]))}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        f'<script type="application/json" id="verify-page">{values}</script>\n'
        f'<script type="text/plain" id="verify-worker">{worker}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    ).encode()


@cache
def _scripts() -> tuple[str, str]:
    return inlined(VERIFY / "page.js"), inlined(VERIFY / "worker.js")


@cache
def _style() -> str:
    """The site's own styles without the fonts, which would be requests."""
    text = "\n".join(path.read_text("utf-8") for path in STYLES)
    first, *fonts = text.split("@font-face")
    return first + "".join(part.partition("}")[2] for part in fonts)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
