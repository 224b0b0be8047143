"""The sentences that the bid page's scripts show, in the language of the page. `%(x)s` is filled by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from bidding.document_texts import document_texts


def bid_texts() -> dict[str, Any]:
    """Everything that `bid.js` and its parts may say."""
    return _clock() | _checks() | price_texts() | audit_texts() | _sending() | _received() | document_texts()


def _clock() -> dict[str, Any]:
    return {
        "units": {"day": _(" d"), "hour": _(" h"), "minute": _(" min"), "second": _(" s")},
        "left": _("%(time)s left"),
        "server_now": _("server clock %(time)s"),
        "deadline_passed": _("The deadline has passed"),
        "minutes_left": _("%(minutes)s minutes until the deadline."),
        "done": _("done"),
        "no_connection": _("No connection to the server. Check your network and load the page again."),
    }


def _checks() -> dict[str, Any]:
    return {
        "browser_ok": _("Secure connection; X25519, AES-256-GCM and Ed25519 are there."),
        "box_ok": _(
            "Signed by the agency; every holder has signed its key. Holders: %(holders)s, needed to open: %(least)s."
        ),
        "box_bad": _(
            "The box does not check out (%(fault)s). Do not bid; load the page again, and if it stays, tell the agency."
        ),
        "clock_ok": _(
            "Your clock and the server's differ by %(offset)s s; an answer takes %(trip)s ms. The server's counts."
        ),
        "clock_off": _(
            "Your clock is %(offset)s s away from the server's. The server's clock counts: go by the time shown above."
        ),
        "key_ok": _("“%(label)s”, in this browser since %(since)s."),
        "key_none": _("You have no signing key yet."),
        "key_elsewhere": _("You have %(count)s in other browsers, none in this one. Make one here too."),
        "key_failed": _("The key was not registered"),
        "passkey_ok": _("Passkey “%(label)s”. You confirm with it when the bid is signed."),
        "sign_passkey": _("Passkey"),
        "sign_browser": _("Key of this browser"),
        "passkey_declined": _passkey_declined(),
    }


def _passkey_declined() -> Any:
    return _("The passkey was not used: the request was dismissed, ran out of time, or no such passkey was found.")


def price_texts() -> dict[str, Any]:
    return {
        "amount_missing": _("Enter your bid price."),
        "amount_bad": _("Enter whole won in figures, up to 16 digits, for example 123,456,000."),
        "ratio": _("%(percent)s of the base amount"),
        "look_again": _("Please look again"),
        "unusual": {
            "many-times-base": _("This is more than three times the base amount. Is there a digit too many?"),
            "small-part-of-base": _("This is less than 30% of the base amount. Is a digit missing?"),
            "above-any-estimate": _(
                "This is above any estimated price that the draw can give. A bid above the estimated price cannot win."
            ),
            "below-any-floor": _("This is below the floor whatever the draw gives. A bid below the floor cannot win."),
            "far-below-base": _("This is less than 60% of the base amount. Check it once more."),
        },
        "quantity_bad": _("Enter how many you offer: a whole number from 1 to %(most)s."),
        "picks_none": _("None chosen yet."),
        "picks_some": _("Chosen: %(chosen)s. Choose %(missing)s more."),
        "picks_done": _("Chosen: %(chosen)s."),
        "picks_full": _("You have chosen enough numbers. To change one, press it again first."),
        "picks_missing": _("Choose %(pick)s numbers, or have them drawn."),
    }


def audit_texts() -> dict[str, Any]:
    return {
        "audit_ok": _("Made again from what it reveals: the same, to the last byte"),
        "audit_found": _(
            "Envelope %(code)s… holds %(amount)s won and the numbers %(picks)s, sealed for keyholder %(holders)s and "
            "nobody else."
        ),
        "audit_then": _(
            "This page has checked itself; to be independent of it, save the file and check it with another program:"
        ),
        "audit_bad_title": _("This page does not seal as it should"),
        "audit_bad": _("What came out differs from what went in (%(fault)s). Do not bid here; tell the operator."),
    }


def _sending() -> dict[str, Any]:
    return {
        "sealed_for": _("Sealed to keyholder %(holders)s"),
        "sign_declined": _("the statement was not signed, and nothing was sent"),
        "seal_failed": _("Sealing failed in this browser; nothing was sent"),
        "attempt": _("attempt %(attempt)s"),
        "stamp_had": _("stamped %(at)s"),
        "stamp_none": _("The authority did not answer; your bid is sent without a time stamp."),
        "stamp_off": _("not asked for"),
        "answer_none": _("No answer from the server. Your bid may have arrived or not. Trying again in %(seconds)s s."),
        "answer_open": _("The server could not answer yet (%(status)s). Trying again in %(seconds)s s."),
        "not_twice": _(
            "It is always the same sealed bid: sending it again can never make a second one. Keep this page open."
        ),
        "try_now": _("Try now"),
        "send_again": _("Send again"),
        "receipt_bad_title": _("The answer is not a valid receipt"),
        "receipt_bad": _(
            "It is not signed by this site's receipt key, or is for another bid. Do not count on it: send the bid "
            "again, and if this stays, tell the agency before the deadline."
        ),
        "solve_title": _("Your bid is sealed, but the server wants to know you again"),
        "solve": _("Do this in the new tab, come back to this page and press “Send again”. The sealed bid stays here."),
        "sign_in": _("Sign in (new tab)"),
        "step_up": _("Enter the password (new tab)"),
        "not_received": _("Your bid was not received: %(title)s"),
        "save_refusal": _("Signed refusal (text)"),
        "back_to_review": _("Back to the review"),
        "to_tender": _("Back to the tender"),
    }


def _received() -> dict[str, Any]:
    return {
        "received_title": _("Received"),
        **_from_file(),
        "passphrase_short": _("The passphrase needs at least %(least)s characters."),
        "file_saved": _("The bid file is saved; your passphrase opens it."),
        "file_saved_bare": _("The bid file is saved, without the key to your envelope."),
        "received_early": _("%(time)s before the deadline"),
        **receipt_texts(),
    }


def _from_file() -> dict[str, Any]:
    """What a sealed bid that was made elsewhere is told."""
    return {
        "file_whole": _("A sealed bid for this tender"),
        "file_facts": _(
            "Sealed %(at)s by %(program)s, signed with key %(kid)s. The price stays sealed to this page too."
        ),
        "file_not_read": _("This file is not taken"),
        "file_faults": {
            "not-a-bid-file": _("This is not a bid file, or it was changed or cut."),
            "other-envelope": _("The sealed envelope in it is not the one that its statement names."),
            "unsigned": _("It is not signed."),
            "stamp": _("The time stamp in it is none, or is over something else."),
            "other-tender": _("It was sealed for another tender."),
            "other-box": _("It was sealed for another box: the notice was corrected since, or it is a stranger's."),
            "other-supplier": _("It was sealed for another firm."),
        },
    }


def receipt_texts() -> dict[str, Any]:
    """What the page of a receipt says while it checks."""
    return {
        "log_waiting": _("Looking for it in the log…"),
        "log_ok": _("Entry %(index)s of %(size)s, proved against the signed checkpoint."),
        "log_bad": _("The proof does not hold (%(fault)s). Keep your receipt and tell the auditor."),
        "log_later": _(
            "Not there yet. It has to be there within %(seconds)s s of the receipt; the receipt's page looks again."
        ),
        "receipt_ok": _("Signed by the receipt key, for this very statement."),
        "receipt_bad_here": _("It does not check out (%(fault)s)."),
    }


def keys_texts() -> dict[str, Any]:
    """What the page of signing keys says."""
    return {
        "passkey_declined": _passkey_declined(),
        "challenge_saved": _("The challenge file is saved"),
        "challenge_next": _("Load it in the offline client. It is good for a day, and for you alone."),
        "no_enrolment": _("This is not an enrolment file of the offline client."),
        "key_here": _("“%(label)s” is in this browser since %(since)s. Your bids are signed with it."),
        "key_none_here": _("There is no signing key of yours in this browser."),
        "key_failed": _("The key was not registered"),
        "no_connection": _("No connection to the server. Check your network and load the page again."),
    }


def bid_file_texts() -> dict[str, Any]:
    """What the page says that opens bid files."""
    return {
        "amount": _("Bid price, VAT included"),
        "picks": _("Numbers chosen"),
        "holders": _("Sealed for keyholder"),
        "program": _("Sealed by the program"),
        "tender": _("Tender"),
        "bidder": _("Bidder"),
        "made": _("Sealed at"),
        "signed": _("Signed with"),
        "unsigned": _("not signed"),
        "stmt": _("Statement hash (SHA-256)"),
        "receipt": _("Receipt"),
        "receipt_none": _("none in this file: it was saved before the bid was received"),
        "receipt_ok": _("received at %(at)s, signed by this site"),
        "receipt_bad": _("does not check out here (%(fault)s)"),
        "stamp": _("Time stamp (RFC 3161)"),
        "stamp_at": _("%(at)s, over this very bid; openssl checks who signed it"),
        "not_read": _("The file was not read"),
        "fault": _("It does not check out (%(fault)s)."),
        "faults": _bid_file_faults(),
        "audit_ok": _("Made again from what it reveals: the same, to the last byte"),
        "audit_is": _("This is a throw-away envelope that tests a program. It is no bid."),
        "whole": _("The file is whole"),
        "no_keys": _(
            "Its statement and its sealed envelope belong together. It has no key, so the price stays sealed."
        ),
        "ask_passphrase": _(
            "Its statement and its sealed envelope belong together. With your passphrase you see the price."
        ),
        "opened": _("This is your bid"),
        "matches": _("The key opens the very envelope that the signed statement names, and this is what is in it."),
        "not_opened": _("The file was not opened"),
    }


def _bid_file_faults() -> dict[str, Any]:
    return {
        "not-a-bid-file": _("This is not a bid file, or it was changed or cut."),
        "not-an-audit-file": _("This is not a throw-away envelope, or it was changed or cut."),
        "other-envelope": _("The sealed envelope in it is not the one that its statement names."),
        "passphrase": _("The passphrase does not open this file. Check capital letters and the input language."),
        "other-keys": _("The key in it does not open the envelope."),
        "stamp": _("The time stamp in it is none, or is over something else."),
    }


def resupply_texts() -> dict[str, Any]:
    """What a receipt's page says that opens a bid file and seals its key again, after the keyholders lost theirs."""
    return {
        "no_file": _("Choose your bid file first."),
        "no_passphrase": _("Type the passphrase of the file."),
        "opening": _("Opening the file in this page…"),
        "sealed": _("The file opens, it is of this bid, and its key is sealed"),
        "sending": _("The sealed key is being sent."),
        "not_sealed": _("Nothing was sent"),
        "fault": _("It does not check out (%(fault)s)."),
        "faults": {
            **_bid_file_faults(),
            "other-bid": _("This file is of another bid. Choose the one that you saved for this bid."),
            "no-keys": _("This file has no key in it: it was saved without one."),
        },
    }


def cancel_texts() -> dict[str, Any]:
    """What the page that asks for a cancellation says."""
    return {
        "key_ok": _("“%(label)s”, in this browser since %(since)s."),
        "passkey_ok": _("Passkey “%(label)s”. You confirm with it when the request is signed."),
        "passkey_declined": _passkey_declined(),
        "too_short": _("Say what the error is, in at least ten characters."),
        "no_key": _("None of your signing keys is in this browser. Use the browser in which you made one."),
        "unable": _("This browser cannot sign here. Use the one in which you placed the bid."),
        "failed": _("The request was not received"),
        "no_connection": _("No connection to the server. Check your network and load the page again."),
    }
