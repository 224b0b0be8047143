"""Check V27: the technical result comes out of the sheets that the evaluators signed, and left out whom it had to."""

from __future__ import annotations

import hashlib

from app.tlog.canon import jcs
from bidding.bundle import LoggedEvent
from bidding.checks import Case, CheckFunction, Json, Skipped, check_approvals, require, same
from bidding.criteria import read_tech
from bidding.notice_terms import NoticeTerms
from bidding.rules.technical import Sheet, check_sheets, left_out, read_sheets, score_technical, scores_of

MEMBERS = {"v", "type", "tender", "lot", "evaluators", "sheets", "results"}


def v27_technical(case: Case) -> str:
    if not case.is_documents_first():
        require("technical.json" not in case.bundle.files, "a technical result, and the notice scores no proposals")
        raise Skipped("no proposals are scored")
    if not case.is_opened:
        raise Skipped("nothing was opened")
    technical = case.bundle.json("technical.json")
    require(isinstance(technical, dict) and set(technical) == MEMBERS, "technical.json has other members")
    said = [technical[name] for name in ("v", "type", "tender", "lot")]
    terms = case.notice["terms"]
    require(same(said, [1, "technical", case.box["tender"], terms["lot"]]), "technical.json is of something else")
    sheets, rule = read_sheets(technical), terms["scoring"]["technical"]
    standing = [entry["stmt"] for entry in case.entries if entry["stmt"] not in case.cancelled]
    require([sheet.stmt for sheet in sheets] == standing, "the sheets are of other bids than those of the list")
    evaluators = check_sheets(read_tech(rule), sheets)
    require(same(technical["evaluators"], list(evaluators)), "other evaluators are named than those who scored")
    results = score_technical(rule, sheets)
    require(same(technical["results"], [one.to_json() for one in results]), "the results do not follow from the sheets")
    opens_all = NoticeTerms.from_json(terms).opens_all
    _check_fixed(case, set(left_out(results, opens_all=opens_all)))
    _check_signed(case, evaluators, sheets)
    if unread := sum(not sheet.scores for sheet in sheets):
        case.warn(f"{unread} proposal(s) could not be read, by the word of the agency: nothing was scored")
    return f"{len(evaluators)} evaluator(s), {len(results)} proposal(s), {len(case.unqualified)} left out"


def _check_fixed(case: Case, out: set[str]) -> None:
    """Two persons fixed this very result, and left out exactly those whose price stays sealed."""
    sha256 = hashlib.sha256(case.bundle.files["technical.json"]).hexdigest()
    fixed, left = case.one("technical.fixed"), case.one("tender.unqualified")
    check_approvals(fixed.event, "the technical result")
    for entry in (fixed, left):
        require(entry.event.get("technical_sha256") == sha256, "the log fixed another technical result")
    require(case.unqualified == out, "others were left out than those whose price stays sealed")


def _check_signed(case: Case, evaluators: tuple[str, ...], sheets: tuple[Sheet, ...]) -> None:
    """Each evaluator had signed its scores in the log, sealed, before the result was fixed."""
    by_code: dict[str, LoggedEvent] = {}
    for entry in case.of_type("technical.sheet"):
        code = entry.event["evaluator"]
        require(code not in by_code, f"{code} signed twice")
        by_code[code] = entry
    fixed = case.one("technical.fixed").index
    for code in evaluators:
        signed = by_code.get(code)
        require(signed is not None, f"{code} signed nothing")
        assert signed is not None
        require(signed.index < fixed, f"{code} signed after the result was fixed")
        require(signed.event.get("scores_sha256") == _hash(scores_of(code, sheets)), f"{code} signed other scores")


def _hash(value: Json) -> str:
    return hashlib.sha256(jcs(value)).hexdigest()


CHECKS: tuple[tuple[str, CheckFunction], ...] = (("V27", v27_technical),)
