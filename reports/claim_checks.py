"""Claims held against facts and prices: what the data say of each, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reports import claim_facts, claim_prices
from reports.claim_file import Check, Claim
from reports.claim_ground import FAILS, HOLDS, PARTLY, UNTESTABLE, Found, Ground, sentence

# By the kinds of `reports.claim_file.FORMS`.
CHECKS: dict[str, Callable[[Mapping[str, Any], Ground], Found]] = {
    "filter": claim_facts.companies,
    "event": claim_facts.event,
    "list": claim_facts.mineral_list,
    "supply": claim_facts.supply,
    "name": claim_facts.name,
    "move": claim_prices.move,
    "study": claim_prices.study,
}


def judge(claim: Claim, ground: Ground) -> Found:
    """Verdict on a claim and what it rests on.

    Parameters
    ----------
    claim : Claim
        One sentence with its checks.
    ground : Ground
        Facts, events and, where there are any, prices.

    Returns
    -------
    Found
        With several checks: ``holds`` when all hold, ``partly`` when some hold and some do not, ``does not hold``
        when none holds and one does not, otherwise the verdict of the first check that is undecided.
    """
    found = [_check(check, ground) for check in claim.checks]
    return Found(
        joined([item.verdict for item in found]), " ".join(dict.fromkeys(item.data for item in found))
    )


def joined(verdicts: Sequence[str]) -> str:
    """One verdict of several; see `judge`."""
    if set(verdicts) == {HOLDS}:
        return HOLDS
    if FAILS in verdicts:
        return PARTLY if HOLDS in verdicts else FAILS
    return next(item for item in verdicts if item != HOLDS)


def _check(check: Check, ground: Ground) -> Found:
    if check.kind == "judgement":
        return Found(UNTESTABLE, sentence(check.values["judgement"]))
    return CHECKS[check.kind](check.values, ground)
