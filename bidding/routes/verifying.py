"""The page that checks a bundle in the reader's own browser, and the same as a single file to keep."""

from __future__ import annotations

import hashlib

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.auth import public
from bidding import single_file
from bidding.routes import blueprint
from bidding.services.pins import published_policy

LANGUAGES = ("ko", "en")


@blueprint.get("/verify")
@public
def verify() -> ResponseReturnValue:
    """Everything is computed by the browser; the page asks nothing of the server once it is there."""
    lang = str(get_locale())
    return render_template(
        "bidding/verify.html",
        page={
            "lang": lang,
            "texts": texts(),
            "worker": url_for("bidding.static", filename="verify/worker.js"),
        },
        policy=published_policy(),
        single_file_sha256=hashlib.sha256(_single_file(lang)).hexdigest(),
    )


@blueprint.get("/verify/naru-verify.html")
@public
def verify_single_file() -> ResponseReturnValue:
    """The verifier in one file. The same source gives the same bytes; no key of this site is in it."""
    wanted = request.args.get("lang", "ko")
    lang = wanted if wanted in LANGUAGES else "ko"
    response = Response(_single_file(lang), mimetype="text/html")
    response.headers.set("Content-Disposition", "attachment", filename=f"naru-verify-{lang}.html")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _single_file(lang: str) -> bytes:
    with force_locale(lang):
        form = render_template("bidding/_verify_single.html", lang=lang, policy="")
        return single_file.build(_("Check a tender yourself"), form, {"lang": lang, "texts": texts()})


def texts() -> dict[str, object]:
    """What the page's program says, in the reader's language. The checks' own words are in the program itself."""
    return {
        "ready": _("Ready. The network is not needed any more: you may switch it off."),
        "busy": _("Checking… nothing is sent anywhere."),
        "done": _("Done. Nothing was sent anywhere."),
        "broken": _("The program could not run. Use a current browser, or the command line."),
        "fault": _("The program stopped: %(fault)s"),
        "choose": _("Choose the bundle of a tender."),
        "chosen": _("%(name)s (%(size)s KiB)"),
        "holds": _("All %(count)s checks hold."),
        "holds_mostly": _("Nothing is wrong."),
        "holds_detail": _(
            "Of %(count)s checks, %(warned)s hold with a remark and %(skipped)s had nothing to check; all others hold."
        ),
        "fails": _("%(code)s does not hold: “%(name)s”"),
        "go": _("Go to %(code)s"),
        "fails_detail": _("%(why)s. %(count)s check(s) do not hold; this is the first."),
        "results": {"PASS": _("holds"), "FAIL": _("fails"), "WARN": _("remark"), "SKIP": _("not checked")},
    }
