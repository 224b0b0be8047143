"""Complaints as people read them. Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from bidding.complaint_states import ComplaintState as C

STATE: Mapping[str, Any] = {
    C.FILED: _l("Filed"),
    C.ACCEPTED: _l("Being examined"),
    C.INADMISSIBLE: _l("Inadmissible"),
    C.UPHELD: _l("Upheld"),
    C.PARTLY: _l("Upheld in part"),
    C.DISMISSED: _l("Dismissed"),
    C.WITHDRAWN: _l("Withdrawn"),
    C.APPEALED: _l("Before the committee"),
    C.RECOMMENDED: _l("The committee has proposed"),
    C.CLOSED: _l("Closed"),
}
TONE: Mapping[str, str] = {
    C.FILED: "warning",
    C.ACCEPTED: "warning",
    C.INADMISSIBLE: "neutral",
    C.UPHELD: "success",
    C.PARTLY: "success",
    C.DISMISSED: "neutral",
    C.WITHDRAWN: "neutral",
    C.APPEALED: "warning",
    C.RECOMMENDED: "info",
    C.CLOSED: "neutral",
}
ACT: Mapping[str, Any] = {
    "notice": _l("The notice and its conditions"),
    "opening": _l("The opening"),
    "evaluation": _l("The evaluation and its arithmetic"),
    "disqualification": _l("A bid taken out"),
    "award": _l("The award"),
    "failure": _l("The failure of the tender (유찰)"),
    "other": _l("Something else"),
}
REMEDY: Mapping[str, Any] = {
    "none": _l("Nothing further"),
    "correct": _l("The agency corrects it otherwise"),
    "reinstate": _l("The bid is put back and everything is placed anew"),
    "disqualify": _l("The disputed bid is taken out and everything is placed anew"),
    "cancel": _l("The tender is cancelled"),
}
# What a line of the trace is (`bidding.complaint_lines`), beside the labels of arithmetic.
LINE: Mapping[str, Any] = {
    "place": _l("Place in the ranking"),
    "exclusion": _l("Exclusion by the register"),
    "review": _l("Decision after the opening"),
}
EVENT: Mapping[str, Any] = {
    "complaint.decided": _l("A complaint was decided"),
    "complaint.appealed": _l("A complaint went to the committee"),
    "complaint.suspended": _l("The committee suspended the procedure, or lifted it"),
    "complaint.recommended": _l("The committee's proposal was recorded"),
    "complaint.closed": _l("A complaint was closed"),
}
