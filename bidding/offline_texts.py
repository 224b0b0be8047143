"""The sentences of the offline client, in the language in force; the build asks for them in both."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from bidding.bid_texts import audit_texts, price_texts


def offline_texts() -> dict[str, Any]:
    return price_texts() | audit_texts() | _frame() | _box() | _key() | _price() | _sealing()


def _frame() -> dict[str, Any]:
    return {
        "title": _("Seal a bid without a network"),
        "lead": _(
            "This file does everything on this machine and talks to nobody. Take the box file from the tender's page, "
            "seal here, and carry the sealed bid back to the bid page."
        ),
        "this_build": _("This program"),
        "compare": _("Every statement sealed here names this number. The site lists it among its releases."),
        "unable": _("Bids cannot be sealed here"),
        "insecure": _("This browser allows no cryptography in local files. Open the file in another browser."),
        "old": _(
            "Your browser is too old to seal a bid: it lacks X25519 or Ed25519. A current version of Chrome, Edge, "
            "Firefox or Safari has both."
        ),
        "faults": {
            "short": _("The passphrase needs at least %(least)s characters.", least=12),
            "passphrase": _("The passphrase does not open this file. Check capital letters and the input language."),
        },
    }


def _box() -> dict[str, Any]:
    return {
        "h_box": _("1. The box"),
        "box_file": _("Box file"),
        "box_hint": _("The file named …box.json from the tender's page."),
        "agency": _("The agency's key, if you have it from elsewhere (optional)"),
        "agency_hint": _("Then only a box that this key has signed is taken."),
        "box_bad": _("This box is not taken"),
        "docs_optional": _("This bid will bring no documents"),
        "docs_optional_why": _(
            "The tender asks for documents, but requires none. To bring some, bid on the tender's page."
        ),
        "asks_documents": _("this tender asks for documents, which only the bid page can submit"),
        "box_code": _("Box code"),
        "box_code_hint": _(
            "The same ten characters stand in the notice. If they differ, do not bid and tell the agency."
        ),
        "tender": _("Tender"),
        "closes": _("Bids close"),
        "opens": _("Bids are opened"),
        "who_opens": _("Who can open it"),
        "holders": _("Keyholders %(holders)s, at least %(least)s together"),
        "agency_key": _("Signed by the agency's key"),
        "pinned": _("the key that you gave"),
        "not_pinned": _("as the file itself says: compare the box code"),
    }


def _key() -> dict[str, Any]:
    return {
        "h_key": _("2. Your signing key"),
        "key_file": _("Key file"),
        "key_passphrase": _("Passphrase of the key file"),
        "open_key": _("Open the key"),
        "key_bad": _("The key was not opened"),
        "key_open": _("The key is open"),
        "key_is": _("“%(label)s” of the firm %(supplier)s"),
        "new_key": _("Make a new key on this machine"),
        "new_key_hint": _(
            "Take the challenge file from the page of your signing keys, make the key here, and load the enrolment "
            "file there within a day. The key itself never leaves this machine."
        ),
        "challenge_file": _("Challenge file"),
        "new_label": _("Name of the key, so that you recognise it later"),
        "new_passphrase": _("Passphrase for the new key file (at least 12 characters)"),
        "make_key": _("Make the key and save both files"),
        "no_challenge": _("this is not a challenge file"),
        "key_made": _("The key is made"),
        "key_made_next": _(
            "Two files were saved: the key file stays on this machine, the enrolment file goes to the site. A bid is "
            "taken once the key is enrolled."
        ),
    }


def _price() -> dict[str, Any]:
    return {
        "h_price": _("3. Price and numbers"),
        "check_entries": _("Please check what you entered"),
        "amount": _("Bid price, VAT included"),
        "quantity": _("Quantity offered"),
        "choose": _("Choose %(pick)s of the %(of)s reserve price numbers"),
        "draw": _("Draw them for me"),
        "test": _("Test the sealing with a throw-away envelope"),
        "test_hint": _(
            "This page seals another price exactly as it will seal yours, then shows everything inside: the key, its "
            "pieces, the random numbers. Any program can make the envelope again from that and compare. It is never "
            "signed and cannot be submitted; your own bid gets a new key."
        ),
        "test_price": _("Price to test with (leave empty for a random one; not your real price)"),
        "test_make": _("Seal, reveal and check"),
        "test_save": _("Save it, to check with another program"),
        "to_review": _("Continue to the review"),
    }


def _sealing() -> dict[str, Any]:
    return {
        "h_review": _("4. Review, seal and sign"),
        "picks": _("Numbers chosen"),
        "supplier": _("Bidder"),
        "signed_with": _("Signed with"),
        "bid_passphrase": _("Passphrase for your bid file"),
        "bid_passphrase_hint": _("At least 12 characters. It opens your own bid file later; nobody can recover it."),
        "passphrase_short": _("The passphrase needs at least %(least)s characters."),
        "agree": _("I have checked the price and the tender."),
        "agree_missing": _("Tick the box to go on."),
        "seal": _("Seal and sign"),
        "not_sealed": _("Not sealed"),
        "h_done": _("5. Take two files with you"),
        "done": _(
            "Your bid is sealed and signed. It is not submitted yet: load the sealed bid on the bid page before the "
            "deadline."
        ),
        "stmt": _("Statement hash (SHA-256)"),
        "save_submission": _("Save the sealed bid"),
        "save_bid": _("Save your bid file"),
        "done_hint": _(
            "The sealed bid goes to the bid page; nobody can read the price from it. The bid file stays with you: your "
            "passphrase opens it."
        ),
    }
