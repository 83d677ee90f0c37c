"""Buy the pullback after Chinese export controls, in names that score at least 60, on the simulated market."""

import reports
import screener
import strategies
import universes
from strategies.library.pullback import Pullback

miners = universes.load("critical-minerals")
market = universes.market(miners, source="simulated", start="2015-01-01")
events = universes.events(kind="export-control")
result = strategies.backtest(
    Pullback(depth=0.10, wait=20, hold=20),
    market,
    events=events,
    eligible=screener.eligibility(market, "score >= 60"),
)
print(result)
reports.tearsheet(result, "pullback.html")
