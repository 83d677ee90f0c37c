"""Names of the probes of an audit, and what a decision that one of them moves has done."""

from __future__ import annotations

PROBES = {
    "repeat": "the same call gives something else: it keeps state, or draws numbers without a seed",
    "prices": "it used data that did not exist yet",
    "events": "it used an event that nobody could know yet",
    "facts": "it used a fact that nobody could know yet",
    "truncation": "it used data that did not exist yet, or where the data end",
    "order": "it depends on how the symbols sort",
    "machine": "it depends on the machine, not on the data",
    "units": "it depends on the unit of prices and volumes; --allow price-level if it is meant to",
    "rebasing": "it uses the level of adjusted prices, which every later dividend or split moves; "
    "--allow price-level if it is meant to",
}
ALLOWED = {"price-level": ("units", "rebasing")}
# Events, rows of decisions and other rows that are drawn.
DRAWS = 4
