"""Asking one witness for its cosignature (C2SP tlog-witness, the log's side)."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass

from app.audit.publication import Publication
from app.audit.witness import spell_request
from app.tlog import checkpoint, cosignature, merkle, note
from app.tlog.note import Signature, Verifier

TIMEOUT = 10
MAX_ANSWER = 64 * 1024


class WitnessFailed(Exception):
    """The witness does not answer, refuses, or answers with something else than its cosignature."""


@dataclass(slots=True)
class WitnessClient:
    """`known` is the size of the tree that the witness cosigned last, as we know it; a wrong guess costs a round."""

    name: str
    url: str
    verifier: Verifier
    known: int = 0

    def cosign(self, signed: str, publication: Publication) -> tuple[Signature, int]:
        """Its line for the checkpoint `signed` and the time in it. Raises WitnessFailed."""
        text = note.text_of(signed)
        size = checkpoint.parse(text).size
        status, body = self._post(signed, size, publication)
        if status == 409 and body.strip().isdecimal():
            self.known = int(body)
            if self.known > size:
                raise WitnessFailed(f"it has seen {self.known} entries already")
            status, body = self._post(signed, size, publication)
        if status != 200:
            raise WitnessFailed(f"it answers {status}: {body.strip()[:200]}")
        line, seconds = self._own_line(text, body)
        self.known = size
        return line, seconds

    def _own_line(self, text: str, body: str) -> tuple[Signature, int]:
        try:
            for line in note.parse_lines(body):
                if (line.name, line.key_id) == (self.verifier.name, self.verifier.key_id):
                    return line, cosignature.verify(text, line, self.verifier)
        except ValueError as error:
            raise WitnessFailed(str(error)) from error
        raise WitnessFailed("it answers without a line of its own")

    def _post(self, signed: str, size: int, publication: Publication) -> tuple[int, str]:
        old = min(self.known, size)
        proof = merkle.consistency_proof(old, size, publication.node(size))
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's setting, http or https
            f"{self.url}/add-checkpoint", spell_request(old, proof, signed).encode(), {"Content-Type": "text/plain"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return answer.status, answer.read(MAX_ANSWER).decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(MAX_ANSWER).decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            raise WitnessFailed(f"it does not answer: {error}") from error
