"""Everything the system may refuse, as a closed list; `app.web.errors` turns each into a page or problem+json.

`code` is stable and public; the message is for the log. What a person reads is the translated text that
`app.web.errors` keeps for the code, filled from `facts`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal that the user can act on."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(message or self.code)
        self.facts = facts


class NotFound(DomainError):
    code, status = "not-found", 404


class Forbidden(DomainError):
    code, status = "forbidden", 403


class NotSignedIn(DomainError):
    code, status = "not-signed-in", 401


class StepUpRequired(DomainError):
    """The act needs the password again."""

    code, status = "step-up-required", 403


class PasswordChangeRequired(DomainError):
    code, status = "password-change-required", 403


class TooManyTries(DomainError):
    code, status = "too-many-tries", 429


class IllegalTransition(DomainError):
    """The transition table has no such move from the present state."""

    code = "illegal-transition"


class AlreadyDone(DomainError):
    code = "already-done"


class RuleBroken(DomainError):
    """Values that a rule of the law forbids. `facts["findings"]` lists them."""

    code, status = "rule-broken", 422


class InvalidInput(DomainError):
    code, status = "invalid-input", 422


class SamePerson(DomainError):
    """Two persons must act, and this is the first one again."""

    code = "same-person"


class NotYourself(DomainError):
    """Nobody decides on their own account."""

    code = "not-yourself"


class LastAdministrator(DomainError):
    """Somebody must be left who can administer the organisation."""

    code = "last-administrator"


class StaleConfirmation(DomainError):
    """What is being confirmed is no longer what was shown."""

    code = "stale-confirmation"


class Standstill(DomainError):
    """Nothing is signed now. `facts`: `until_at` (an instant, or None) and `complaints` (how many block it)."""

    code = "standstill"


class DeadlinePassed(DomainError):
    code = "deadline-passed"


class NotOpenForBids(DomainError):
    code = "not-open-for-bids"


class AuctionRefused(DomainError):
    """A bid that the rule of its auction does not allow. `facts["fault"]` says why, `most_won` what would be."""

    code = "auction-refused"


class NotEligible(DomainError):
    code, status = "not-eligible", 403


class BadSignature(DomainError):
    code, status = "bad-signature", 422


class BadEnvelope(DomainError):
    code, status = "bad-envelope", 422


class DocumentsMissing(DomainError):
    """The bid names documents that are not stored here, or none where the notice asks for them."""

    code = "documents-missing"


class UploadOutOfStep(DomainError):
    """A part that does not continue what is here. `facts["received"]` says where to go on."""

    code = "upload-out-of-step"


class DamagedUpload(DomainError):
    code, status = "damaged-upload", 422


class QuotaExceeded(DomainError):
    code, status = "quota-exceeded", 413


class KeyholderRefused(DomainError):
    code = "keyholder-refused"


class HoldersNotReady(DomainError):
    """Not every keyholder has proved that it can open. `facts["holders"]` names those that have not."""

    code = "holders-not-ready"


class TemporarilyUnavailable(DomainError):
    code, status = "temporarily-unavailable", 503
