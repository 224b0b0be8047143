"""The application's side: ask a keyholder, check that the answer is its own.

Requests are notes signed with the application's key; answers are notes of the keyholder's key, which is pinned by
NARU_KEYHOLDER_VKEYS or, on one machine, taken from the keyholder itself and written to the log with every box.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.errors import KeyholderRefused, TemporarilyUnavailable
from app.tlog import note

Json = dict[str, Any]
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Who:
    """`seen` is the size of the log that the keyholder saw last."""

    holder: str
    vkey: str
    seen: int


@dataclass(frozen=True, slots=True)
class KeyholderClient:
    """`key` signs requests under `key_name`; `pinned_vkey` must be the keyholder's where it is given.

    `timeout` in seconds, for each answer.
    """

    url: str
    key_name: str
    key: Ed25519PrivateKey
    pinned_vkey: str | None = None
    timeout: float = TIMEOUT

    def who(self) -> Who:
        """Raises TemporarilyUnavailable if it does not answer, KeyholderRefused if it is another than the pinned."""
        try:
            told = json.loads(self._send(None))
            who = Who(str(told["holder"]), str(told["vkey"]), int(told["seen"]))
        except (ValueError, KeyError, TypeError) as error:
            raise KeyholderRefused(f"not a keyholder's answer: {error}") from error
        if self.pinned_vkey is not None and who.vkey != self.pinned_vkey:
            raise KeyholderRefused("the keyholder is not the pinned one", holder=who.holder)
        return who

    def ask(self, request: Json, kind: str, vkey: str) -> str:
        """The signed answer of type `kind`, its signature checked. Raises as `who`."""
        signed = note.sign_object("khrequest", {"v": 1, "type": "khrequest", **request}, self.key_name, self.key)
        answer = self._send(signed.encode())
        try:
            note.open_object(answer, kind, [vkey])
        except ValueError as error:
            raise KeyholderRefused(f"not the keyholder's answer: {error}") from error
        return answer

    def _send(self, body: bytes | None) -> str:
        # The address is the operator's setting, never a user's input.
        request = urllib.request.Request(self.url + "/", data=body)  # noqa: S310
        if body is not None:
            request.add_header("Content-Type", "text/plain; charset=utf-8")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")[:500]
            raise KeyholderRefused(f"the keyholder refused: {told}", answer=told) from error
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            raise TemporarilyUnavailable(f"the keyholder does not answer: {error}") from error
