"""The sentences that a committee member's pages show by script. `%(x)s` is filled by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def member_texts() -> dict[str, Any]:
    """Everything that `committee.js` and its parts may say."""
    return _keys() | _opening()


def _keys() -> dict[str, Any]:
    return {
        "no_connection": _("No connection to the server. Check your network and load the page again."),
        "states": {"done": _("done"), "current": _("now"), "todo": _("to come")},
        "strength": [
            _("Too short: at least 12 characters."),
            _("Weak: use more and different characters."),
            _("Fair."),
            _("Strong."),
        ],
        "make_failed": _("The keys were not registered"),
        "step_up_title": _("Your password is needed first"),
        "step_up": _("Enter it now; you come back to this page."),
        "proof_ok": _("The test envelope was opened with this file."),
        "proof_bad": _("The test envelope was not opened."),
        "seed_ok": _("Your contribution is sealed and with the box."),
        "seed_bad": _("The contribution was not taken"),
        "faults": {
            "no-file": _("Choose the key file first."),
            "not-a-key-file": _("This is not a key file of this system."),
            "cut": _("The file is cut off: part of it is missing. Use the copy on your other medium."),
            "damaged": _("The file is damaged: it is not as it was written. Use the copy on your other medium."),
            "weak": _("The file is protected too weakly to be used."),
            "passphrase": _("The passphrase is not the one of this file."),
            "other-tender": _("This is the key file of another tender."),
            "other-holder": _("This is another member's key file."),
            "other-keys": _("The keys in this file do not belong together. Use the copy on your other medium."),
            "short": _("Too short: at least 12 characters."),
            "different": _("The two passphrases differ."),
            "unreadable": _("The file could not be read."),
        },
    }


def _opening() -> dict[str, Any]:
    return {
        "log_ok": _("Signed by the log that your key file names, and grown from what you saw then. Entries: %(size)s."),
        "witnesses_ok": _("Witnesses who have signed it: %(names)s."),
        "witnesses_none": _("The box names no witnesses: nobody but the log itself vouches for it."),
        "story_ok": _("Published, closed and your group are in the log, in this order."),
        "box_ok": _("Your own key is in the box that was published. Box code: %(code)s."),
        "technical_ok": _("Fixed by two persons in the log, before your group. Bids left out: %(count)s."),
        "time_ok": _("By your own clock the opening time %(time)s has come."),
        "list_ok": _("Sealed bids in the frozen list: %(count)s."),
        "rules": {
            "R1": _("These keys are not the ones that were published for you"),
            "R2": _("The opening time has not come"),
            "R3": _("The log is not the one that your key file knows"),
            "R4": _("The log does not say what it should"),
            "R5": _("The list of bids is not the frozen one"),
            "R6": _("A sealed bid is not the one that was submitted"),
            "R7": _("You are not asked for pieces"),
        },
        "refused": _("Nothing was given. %(why)s"),
        "nothing_asked": _("Nothing is asked of you at the moment."),
        "giving": _("%(done)s of %(total)s opened"),
        "given": _("Your pieces have been given"),
        "given_more": _("Empty envelopes that you could not open: %(empty)s. Each is its bidder's fault, not yours."),
        "give_failed": _("Your pieces were not taken"),
        "another_list": _(
            "This browser has given pieces for another list of this tender. Stop, and tell the presiding officer."
        ),
    }
