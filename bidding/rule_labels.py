"""The words of the rule data as people read them: tables, columns, values, certainty, what the loader finds. Translated
when drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# What each table is.
TABLE: Mapping[str, Any] = {
    "methods": _l("Methods of award"),
    "floor_rates": _l("Floor rates"),
    "score_tables": _l("Score tables of the qualification review"),
    "negotiation_prices": _l("Price points of negotiated contracts"),
    "price_ranges": _l("Ranges of reserve prices"),
    "notice_periods": _l("Notice periods"),
    "quote_limits": _l("Limits of e-quotes"),
    "thresholds": _l("Amounts on which rules turn"),
    "bonds": _l("Bonds"),
    "late_penalties": _l("Delay penalties"),
    "stamp_duties": _l("Stamp duty"),
    "complaint_periods": _l("Periods of complaints"),
    "complaint_thresholds": _l("Amounts from which one may complain"),
    "figures": _l("Single figures"),
    "exclusion_grounds": _l("Grounds on which a bid goes out"),
    "holder_policies": _l("Who is proposed to hold the keys"),
    "sources": _l("Sources"),
}

# What a reader must know of each table.
LEAD: Mapping[str, Any] = {
    "methods": _l("By what each method ranks, and which terms its notice needs."),
    "floor_rates": _l("The lowest part of the estimated price that a bid may ask. The notice's own rate always wins."),
    "score_tables": _l(
        "Points = full points − slope × | base − ratio of the bid |. The table that a notice carries wins."
    ),
    "negotiation_prices": _l("Agencies differ below the mark. The notice names the figures it goes by."),
    "price_ranges": _l("How far the fifteen reserve prices lie from the base amount."),
    "notice_periods": _l("Days that a notice stands, counted back from the eve of the deadline."),
    "quote_limits": _l("Up to which amount without VAT quotes may replace a tender."),
    "thresholds": _l("Amounts without VAT that other rules refer to."),
    "bonds": _l("Parts of the bid or of the contract."),
    "late_penalties": _l("A part of the contract for each day of delay."),
    "stamp_duties": _l("By the amount of the contract."),
    "complaint_periods": _l("Days to complain, to decide, and to go on to the committee."),
    "complaint_thresholds": _l("Below these amounts there is no complaint before the committee."),
    "figures": _l("Hours, days, amounts and parts that stand alone."),
    "exclusion_grounds": _l("Each ground of this system with its article in the law."),
    "holder_policies": _l("Proposals of this system; an agency may choose otherwise."),
}

# The columns of the tables.
MEMBER: Mapping[str, Any] = {
    "regime": _l("Contract law"),
    "kind": _l("Kind"),
    "category": _l("Category"),
    "method": _l("Method"),
    "rate": _l("Rate"),
    "code": _l("Name"),
    "full": _l("Full points"),
    "slope": _l("Slope"),
    "base": _l("Base"),
    "pass_mark": _l("Pass mark"),
    "plateau": _l("Level from"),
    "variant": _l("Variant"),
    "reference": _l("Reference price"),
    "mark": _l("Mark"),
    "low": _l("Low mark"),
    "extra": _l("Points added below the mark"),
    "lifted": _l("Lowest bid lifted to the low mark"),
    "below_low": _l("Below the low mark"),
    "lowest_over": _l("Lowest bid taken over"),
    "lo": _l("Lower end"),
    "hi": _l("Upper end"),
    "above": _l("Above the base amount"),
    "below": _l("Below the base amount"),
    "occasion": _l("Occasion"),
    "days": _l("Days"),
    "working": _l("Working days only"),
    "max_won": _l("Up to"),
    "name": _l("Which amount"),
    "won": _l("Amount"),
    "bond": _l("Bond"),
    "circumstance": _l("In which case"),
    "exempt_up_to_won": _l("None needed up to"),
    "delay_class": _l("Class"),
    "daily_rate": _l("A day"),
    "paper": _l("Document"),
    "days_from_act": _l("Days from the act"),
    "days_from_knowing": _l("Days from knowing"),
    "decision_days": _l("Days to decide"),
    "review_days": _l("Days to go on"),
    "review_decision_days": _l("Days of the committee"),
    "acceptance_days": _l("Accepted after"),
    "from_won": _l("From this amount"),
    "item": _l("Item"),
    "value": _l("Value"),
    "ground": _l("Ground"),
    "policy": _l("Proposed"),
    "ranks_by": _l("Ranks by"),
    "needs": _l("Needs"),
    "may_have": _l("May have"),
}

# How sure a figure is, in words.
CERTAINTY: Mapping[str, Any] = {
    "official": _l("Published text"),
    "secondary": _l("Second hand"),
    "assumed": _l("Assumed"),
}

# What each word means.
CERTAINTY_LONG: Mapping[str, Any] = {
    "official": _l("Read in the published text of the rule, or in official open data."),
    "secondary": _l("Read where somebody else copied or reported it; look at the text before you rely on it."),
    "assumed": _l("From general knowledge, a continuation of what was last known, or our own choice."),
}

# Rows without figures.
STANDING: Mapping[str, Any] = {
    "unknown": _l("Not known"),
    "none": _l("None"),
}

# States of a change.
CHANGE_STATE: Mapping[str, Any] = {
    "draft": _l("Draft"),
    "proposed": _l("Proposed"),
    "adopted": _l("In force since"),
    "dropped": _l("Dropped"),
}
