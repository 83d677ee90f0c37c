"""What a page is called, of what, and what its prices are."""

from __future__ import annotations

from collections.abc import Sequence

from reports.labels import label_of, period
from reports.section import several
from reports.subjects import StudyRecord, Subject, SweepRecord
from strategies.result import Backtest

SIMULATED, BACKTEST, STUDY, FACTS = "SIMULATED", "BACKTEST", "EVENT STUDY", "FACTS"
EXPLAINED = {
    SIMULATED: "No price on this page was ever traded. It shows how the method works, not what a market did.",
    BACKTEST: "What a rule would have done with past prices. Nobody traded it; the past need not return.",
    STUDY: "What past prices did around past events. Nobody traded it; the past need not return.",
    FACTS: "What was on record on a date, with its sources. No price and no forecast is in it.",
}


def banner(results: Sequence[Subject]) -> str:
    """What the prices are: simulated ones anywhere on the page make it simulated."""
    if any(result.data["kind"] == "simulated" for result in results):
        return SIMULATED
    for name, about in ((BACKTEST, (Backtest, SweepRecord)), (STUDY, (StudyRecord,))):
        if any(isinstance(result, about) for result in results):
            return name
    return FACTS


def title_of(results: Sequence[Subject]) -> str:
    """How many strategies are compared, or what each result is called."""
    if several(results) and all(isinstance(item, Backtest) for item in results):
        return f"{len(results)} strategies compared"
    return " · ".join(dict.fromkeys(map(label_of, results)))


def subtitle(results: Sequence[Subject]) -> tuple[str, ...]:
    """Universe, source, period and currency, each once."""
    said = [
        text
        for result in results
        for text in (
            result.data.get("universe") or result.settings.get("universe"),
            result.data["source"],
            period(result),
            result.settings.get("currency"),
        )
        if text
    ]
    return tuple(str(text) for text in dict.fromkeys(said))
