"""What people read about a file of a bid: its state, its kind, and why it was not handed on. Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from bidding.states import DocumentState as D

DOCUMENT_STATE: Mapping[str, Any] = {
    D.SEALED: _l("Sealed"),
    D.CLEARED: _l("Cleared"),
    D.QUARANTINED: _l("Quarantined"),
    D.UNREADABLE: _l("Unreadable"),
}

DOCUMENT_TONE: Mapping[str, str] = {
    D.SEALED: "neutral",
    D.CLEARED: "success",
    D.QUARANTINED: "warning",
    D.UNREADABLE: "danger",
}

DOCUMENT_REASON: Mapping[str, Any] = {
    "locked": _l("The PDF is protected; it may ask for a password."),
    "empty": _l("The file is empty."),
    "password": _l("The file is protected with a password, so nobody can read it."),
    "damaged": _l("The file is damaged: it does not open as what it is."),
    "type": _l("It is none of the kinds that are handed on (PDF, HWP, HWPX, Office, OpenDocument, images)."),
    "macros": _l("It holds macros, which could run on the reader's machine."),
    "archive": _l("It unpacks to far more than it is, or holds too many parts."),
    "path": _l("It holds parts whose names lead out of their folder."),
    "pixels": _l("The picture has too many pixels to be opened safely."),
    "virus": _l("The virus scanner found something in it."),
    "not-scanned": _l("The virus scanner could not scan it."),
    "differs": _l("It is not the file that the bidder's list describes: its size or fingerprint differs."),
    "ciphertext": _l("It does not decrypt with the bid's own key."),
    "manifest": _l("The bid's list of files does not decrypt or is not in order."),
    "key": _l("The bid's key for its documents is not the one that it committed to."),
}

KIND: Mapping[str, str] = {
    "pdf": "PDF",
    "hwp": "HWP",
    "hwpx": "HWPX",
    "docx": "Word",
    "xlsx": "Excel",
    "pptx": "PowerPoint",
    "doc": "Word (97–2003)",
    "xls": "Excel (97–2003)",
    "ppt": "PowerPoint (97–2003)",
    "odt": "OpenDocument",
    "ods": "OpenDocument",
    "odp": "OpenDocument",
    "png": "PNG",
    "jpeg": "JPEG",
    "gif": "GIF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "webp": "WebP",
}
