"""The verifier's numbered checks as people read them (protocol 3.15). Translated when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

CHECK: Mapping[str, Any] = {
    "V01": _l("Every file of the bundle is as its manifest says"),
    "V02": _l("The checkpoint is signed by this log"),
    "V03": _l("Every entry is in the log"),
    "V04": _l("The entries stand in the right order"),
    "V05": _l("Box and notice are the ones that two persons published"),
    "V06": _l("The keyholders' keys are signed by their holders"),
    "V07": _l("The deadline moved only later, and bidding closed at it"),
    "V08": _l("The list of bids is the frozen one"),
    "V09": _l("Every bid of the list states this tender, and nothing else is there"),
    "V10": _l("Every bid is signed with a key enrolled before"),
    "V11": _l("Every bid was in the log before the deadline"),
    "V12": _l("Witnesses saw the log in time"),
    "V13": _l("Outside time stamps agree"),
    "V14": _l("Every envelope is the one that was signed for"),
    "V15": _l("The keyholders gave their pieces after the closing"),
    "V16": _l("Every envelope opens with its committed key"),
    "V17": _l("What was found is what was published"),
    "V18": _l("The seeds of the draw are those published before the first bid"),
    "V19": _l("The fifteen reserve prices come out of the seeds"),
    "V20": _l("The drawn numbers and the estimated price are right"),
    "V21": _l("Floor, order and reason of every bid follow the rules"),
    "V22": _l("Equal prices were decided by the lot"),
    "V23": _l("The award went to the first bid in the running, by two persons"),
    "V24": _l("A bidder's receipt is in the list"),
    "V25": _l("An older checkpoint fits this one"),
    "V26": _l("After the reviews every bid stands where it should"),
    "V27": _l("The technical scores come out of the sheets that the evaluators signed"),
    "V28": _l("The auction comes out of its signed bids"),
}

RESULT: Mapping[str, Any] = {
    "PASS": _l("Passed"),
    "FAIL": _l("Failed (check)"),
    "WARN": _l("Mind this"),
    "SKIP": _l("Does not apply"),
}

TONE: Mapping[str, str] = {"PASS": "success", "FAIL": "danger", "WARN": "warning", "SKIP": "neutral"}
