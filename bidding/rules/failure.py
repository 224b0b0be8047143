"""What the law allows after a tender that found no winner (유찰)."""

from __future__ import annotations

from bidding.types import NextStep, NoticeTerms, Outcome

# A rebid (재입찰) keeps the notice, the price and the conditions; a re-notice (재공고) starts again.
REBID = {"national": "국가계약법 시행령 제20조제1항", "local": "지방계약법 시행령 제19조제1항"}
RENOTICE = {"national": "국가계약법 시행령 제20조제2항", "local": "지방계약법 시행령 제19조제2항"}
NEGOTIATED = {"national": "국가계약법 시행령 제27조제1항", "local": "지방계약법 시행령 제26조제1항"}
SINGLE_QUOTE = {"national": "국가계약법 시행령 제30조제1항", "local": "지방계약법 시행령 제30조제1항"}


def next_steps(terms: NoticeTerms, outcome: Outcome) -> tuple[NextStep, ...]:
    """The roads open after `outcome`, the nearest first; none after a ranking.

    A negotiated contract (수의계약) on the original conditions is open once a re-notice has failed too; for quotes,
    one quote alone may do when a second call would plainly bring no other.
    """
    if outcome is Outcome.RANKED:
        return ()
    steps = [
        NextStep("rebid", REBID[terms.regime]),
        NextStep("renotice", RENOTICE[terms.regime]),
    ]
    if terms.is_rebid:
        steps.append(NextStep("negotiated-contract", NEGOTIATED[terms.regime]))
    elif terms.method == "quote" and outcome is Outcome.FAILED:
        steps.append(NextStep("single-quote", SINGLE_QUOTE[terms.regime]))
    return tuple(steps)
