"""The sentences that the auction page's scripts show, in the language of the page. `%(x)s` is filled by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def auction_texts() -> dict[str, Any]:
    return {
        "units": {"day": _(" d"), "hour": _(" h"), "minute": _(" min"), "second": _(" s")},
        "waiting": _("The auction has not begun"),
        "running": _("Round %(round)s of %(rounds)s"),
        "over": _("The last round is over"),
        "over_text": _("The result is being entered. It appears here by itself."),
        "closed": _("The auction is over"),
        "begins_in": _("begins in %(time)s"),
        "ends_in": _("%(time)s left"),
        "extended": _("extended %(count)s times"),
        "extended_once": _("extended once"),
        "said_round": _("Round %(round)s has begun."),
        "said_leader": _("Bidder %(label)s leads with %(amount)s."),
        "said_you_lead": _("You lead with %(amount)s."),
        "said_extended": _("The round was extended to %(at)s."),
        "said_last": _("%(seconds)s seconds left in this round."),
        "offline": _("No connection. What is shown may be old; the page keeps trying."),
        **_form_texts(),
    }


def _form_texts() -> dict[str, Any]:
    return {
        "key_ok": _("“%(label)s”, in this browser since %(since)s."),
        "passkey_ok": _("Passkey “%(label)s”. You confirm with it when the price is signed."),
        "sign_passkey": _("Passkey"),
        "sign_browser": _("Key of this browser"),
        "no_key": _("None of your signing keys is in this browser. Use the browser in which you made one."),
        "unable": _("This browser cannot sign here. Use the one in which you placed the bid."),
        "declined": _("Nothing was sent: the passkey was not used."),
        "amount_bad": _("Enter whole won in figures, for example 123,456,000."),
        "amount_high": _("At most %(amount)s: one step below your present price."),
        "amount_low": _("This is more than ten steps below your price."),
        "place": _("With this price you would be in place %(place)s."),
        "sending": _("Signing and sending…"),
        "accepted": _("Accepted at %(at)s: %(amount)s."),
        "not_accepted": _("Not accepted"),
        "no_answer": _("No answer came. The same signed price is sent again."),
        "bad_receipt": _("The answer does not check out. Load the page and see whether your price stands."),
        "faults": {
            "round": _("The round had just changed. Look at the new round and sign again."),
            "ended": _("The auction is over."),
            "not-started": _("The auction has not begun."),
            "step": _("Your price must be at most %(amount)s now."),
            "prev": _("The page was out of date. Sign again."),
        },
    }
