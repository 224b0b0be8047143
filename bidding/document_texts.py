"""The sentences of the bid page's documents step, in the language of the page. `%(x)s` is filled by the script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def document_texts() -> dict[str, Any]:
    return {
        "doc_states": {
            "waiting": _("Waits for its turn"),
            "hashing": _("Being read and encrypted: %(percent)s"),
            "sending": _("Being uploaded, encrypted: %(percent)s"),
            "lost": _("No connection. Trying again in %(seconds)s s; it goes on where it stopped."),
            "paused": _("Paused"),
            "missing": _("Not uploaded to the end. Choose the same file again, and it goes on where it stopped."),
            "stored": _("Stored, encrypted"),
            "failed": _("Not uploaded: %(fault)s"),
        },
        "doc_problems": {
            "empty": _("“%(name)s” is empty. A file that nobody can read counts as not submitted."),
            "type": _("“%(name)s” is none of the kinds that are accepted: PDF, HWP, HWPX, Office or images."),
            "password": _(
                "“%(name)s” is protected with a password. A file that nobody can read counts as not submitted: save it "
                "without the password and choose it again."
            ),
            "protected": _(
                "“%(name)s” is a protected PDF. If it asks for a password when it is opened, it counts as not "
                "submitted: open it once to make sure, or save it without protection."
            ),
            "large": _("“%(name)s” (%(size)s) is too large: a file here has at most %(most)s, all of them 512 MB."),
            "many": _("More than %(files)s files are not taken in one bid. Put several into one."),
            "twice": _("“%(name)s” is in the list already."),
        },
        "doc_refused": _("This file was not taken"),
        "doc_pause": _("Pause"),
        "doc_resume": _("Go on"),
        "doc_cancel": _("Cancel"),
        "doc_remove": _("Remove"),
        "doc_again": _("Choose the file again"),
        "doc_other": _("That is another file than the one you began with. Choose the same, or cancel this one."),
        "doc_said_stored": _("%(name)s is stored."),
        "doc_missing": _("“%(name)s” is required and not there."),
        "doc_unfinished": _("“%(name)s” is not uploaded to the end."),
        "doc_none": _("No documents"),
        "doc_sealed": _("%(files)s file(s), named in the sealed list"),
        "back_to_documents": _("Back to the documents"),
    }
