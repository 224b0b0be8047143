"""What a refusal says to people: title, what it means, what to do next; one entry for every code of `app.errors`.

Sentences may use the error's facts by name (`%(needed)s`); a fact that is missing is shown as "–".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app import formats


@dataclass(frozen=True, slots=True)
class Refusal:
    title: Any
    meaning: Any
    next: Any

    def filled(self, facts: Mapping[str, Any]) -> tuple[str, str, str]:
        """Title, meaning and next step in the page's language, with the facts put in."""
        shown = _Shown({name: spell(value) for name, value in facts.items()})
        return str(self.title) % shown, str(self.meaning) % shown, str(self.next) % shown


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "–"


def spell(value: Any) -> str:
    """A fact as a person reads it: instants in Korean time, the rest as text."""
    return formats.kst_micro(value) if isinstance(value, datetime) else str(value)


REFUSALS: Mapping[str, Refusal] = {
    "refused": Refusal(
        _l("This cannot be done now"),
        _l("The system refused the request. Nothing has been changed."),
        _l("Go back, load the page again and check its present state."),
    ),
    "not-found": Refusal(
        _l("This page was not found"),
        _l("There is nothing at this address, or it is not open to you."),
        _l("Check the address, or search for the tender by its number or name."),
    ),
    "forbidden": Refusal(
        _l("You may not do this"),
        _l("Your role does not include this. The attempt changed nothing."),
        _l("If your work needs it, ask the administrator of your organisation for the role."),
    ),
    "not-signed-in": Refusal(
        _l("Please sign in"),
        _l("This page is for people who have signed in."),
        _l("Sign in; you come back to this page afterwards."),
    ),
    "step-up-required": Refusal(
        _l("Please enter your password again"),
        _l("This act is final, so the system makes sure that it is you."),
        _l("Enter your password; then confirm once more. Nothing has been sent yet."),
    ),
    "password-change-required": Refusal(
        _l("Please choose a new password"),
        _l("Your present password was given to you by someone else."),
        _l("Choose a password that only you know; then go on."),
    ),
    "too-many-tries": Refusal(
        _l("Too many tries"),
        _l("There were too many tries in a short time, so this is closed for a while."),
        _l("Wait a few minutes and try again."),
    ),
    "illegal-transition": Refusal(
        _l("The state has changed"),
        _l(
            "This step is not possible in the present state (%(state)s). Somebody may have gone ahead, or a "
            "time has passed."
        ),
        _l("Load the page again to see where the case stands."),
    ),
    "already-done": Refusal(
        _l("This has been done already"),
        _l("The same act was carried out before; it counts once. Nothing was done twice."),
        _l("Load the page again to see the result."),
    ),
    "rule-broken": Refusal(
        _l("A rule does not allow this"),
        _l("Some of the values go against a rule of the law or of the notice. Nothing has been saved."),
        _l("Change the values that the list names, or give the ground that the rule asks for."),
    ),
    "invalid-input": Refusal(
        _l("Something in the form is not right"),
        _l("Some of what was entered is missing or not in the expected form. Nothing has been saved."),
        _l("Go back and correct the fields named here; what you typed is still there."),
    ),
    "same-person": Refusal(
        _l("A second person must do this"),
        _l("You took the first step yourself. The law wants two different people here."),
        _l("Ask a colleague with the right role to take this step."),
    ),
    "not-yourself": Refusal(
        _l("Someone else must do this"),
        _l("Nobody decides on their own account. Nothing has been changed."),
        _l("Ask another administrator of your organisation, or the operator."),
    ),
    "last-administrator": Refusal(
        _l("This is the last administrator"),
        _l("Without this person nobody could administer the organisation's people. Nothing has been changed."),
        _l("Give the administrator's role to somebody else first."),
    ),
    "stale-confirmation": Refusal(
        _l("What you saw has changed"),
        _l("The figures changed after the page was shown to you, so your confirmation was not accepted."),
        _l("Load the page again, check the figures and confirm anew."),
    ),
    "standstill": Refusal(
        _l("It cannot be signed yet"),
        _l("The tender's standstill runs until %(until_at)s, or a complaint blocks the contract."),
        _l("You are told as soon as it can be signed. The tender's page shows what stands in the way."),
    ),
    "deadline-passed": Refusal(
        _l("The deadline has passed"),
        _l("It arrived after the deadline and was not accepted (deadline %(deadline_at)s, arrived %(arrived_at)s)."),
        _l(
            "Nothing can be submitted any more. The clock of the system's database decides; the opening's "
            "time is on the tender's page."
        ),
    ),
    "not-open-for-bids": Refusal(
        _l("This tender does not take bids now"),
        _l("Bidding has not begun, or the tender has been closed or cancelled."),
        _l("See the schedule on the tender's page."),
    ),
    "auction-refused": Refusal(
        _l("The auction did not take this price"),
        _l("The auction's rule does not allow it: the round was over, or the price was less than a step below yours."),
        _l("See the present round and your present price on the auction's page."),
    ),
    "not-eligible": Refusal(
        _l("You cannot bid in this tender"),
        _l("Your registration does not meet a condition of the notice."),
        _l(
            "Compare the conditions on the tender's page with your registration; where the registration is "
            "out of date, have it changed."
        ),
    ),
    "bad-signature": Refusal(
        _l("The signature does not fit"),
        _l(
            "What arrived was not signed by the key that is enrolled for you, or was changed on the way. It "
            "was not accepted."
        ),
        _l("Try again in the browser in which you enrolled the key, or enrol a new key."),
    ),
    "bad-envelope": Refusal(
        _l("The sealed envelope is not in order"),
        _l("What arrived is not a sealed bid in the form that the protocol gives. It was not accepted."),
        _l("Load the bid page again and seal the bid once more. If it happens again, tell the operator."),
    ),
    "documents-missing": Refusal(
        _l("Documents of the bid are missing"),
        _l("The notice asks for documents, or the bid names some, that are not stored here. The bid was not accepted."),
        _l("Go back to the documents, upload what is missing, and submit again."),
    ),
    "upload-out-of-step": Refusal(
        _l("This part does not fit here"),
        _l("The upload stands at another place than this part continues (%(received)s bytes have arrived)."),
        _l("The page goes on from there by itself."),
    ),
    "damaged-upload": Refusal(
        _l("The file was damaged on the way"),
        _l("What arrived does not have the fingerprint that was announced. It was thrown away."),
        _l("Upload the file once more."),
    ),
    "quota-exceeded": Refusal(
        _l("There is no room for this file"),
        _l("Your organisation has as many unsubmitted files here as one may have."),
        _l("Remove files that you do not need, or wait: what no bid names is cleared away after some days."),
    ),
    "keyholder-refused": Refusal(
        _l("The keyholder did not release the keys"),
        _l("The keyholder found a condition of the opening unmet. All envelopes stay sealed."),
        _l("See the reason in the tender's history. The opening is tried again by itself."),
    ),
    "holders-not-ready": Refusal(
        _l("Not every keyholder is ready"),
        _l(
            "A keyholder has not proved that it can open, or has not given its part of the draw. Nothing was published."
        ),
        _l("See who is missing on the review page. Have it test again, or let two persons accept it with a reason."),
    ),
    "temporarily-unavailable": Refusal(
        _l("Not available for a moment"),
        _l("A part of the system does not answer. Nothing has been lost or changed."),
        _l("Wait a moment and try again; what you typed is still on your page."),
    ),
    # Not of app.errors: what the web itself refuses.
    "form-expired": Refusal(
        _l("The form has expired"),
        _l("The page was open for too long, or was opened before you signed in. Nothing has been sent."),
        _l("Go back, load the page again and send the form once more."),
    ),
    "method-not-allowed": Refusal(
        _l("This address does not take such a request"),
        _l("The page exists, but not for this kind of request."),
        _l("Go back and use the buttons of the page."),
    ),
    "too-large": Refusal(
        _l("This is too large"),
        _l("What was sent is larger than the system takes."),
        _l("Make the file smaller or send several."),
    ),
    "bad-request": Refusal(
        _l("The request cannot be read"),
        _l("What arrived is not in the expected form. Nothing has been changed."),
        _l("Go back and try again."),
    ),
    "failed": Refusal(
        _l("Something went wrong on our side"),
        _l("The system met an error that it did not expect. What you sent may not have been saved."),
        _l(
            "Load the page before this one and see whether your change is there. If it happens again, tell "
            "the operator the number below."
        ),
    ),
}

OF_STATUS: Mapping[int, str] = {
    400: "bad-request",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "refused",
    410: "not-found",
    413: "too-large",
    415: "bad-request",
    422: "invalid-input",
    429: "too-many-tries",
    503: "temporarily-unavailable",
}
