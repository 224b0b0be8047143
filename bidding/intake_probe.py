"""The probe of the intake: one whole way of a bid, without a bid. Asked by the clockwork every few seconds.

Over HTTP like any bidder: the web process takes the shared lock, reads the database's clock and signs with the key of
receipts; the answer must be good, signed and about this very question.
"""

from __future__ import annotations

import secrets
import urllib.error
import urllib.request

from app.tlog import note

EVERY_SECONDS = 5.0
PATIENCE_SECONDS = 4.0


def probe(base_url: str, receipt_vkey: str) -> str | None:
    """What is wrong: `http` (no answer), `intake` (it answers that it cannot), `answer` (not a proper one); or None."""
    word = secrets.token_hex(16)
    request = urllib.request.Request(f"{base_url}/api/intake/{word}", headers={"User-Agent": "naru-probe"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310 - our own address
            signed = response.read(4096).decode()
    except urllib.error.HTTPError:
        return "intake"
    except (OSError, ValueError):
        return "http"
    try:
        answered = note.open_object(signed, "intake", [receipt_vkey])
    except ValueError:
        return "answer"
    return None if answered.get("word") == word else "answer"
