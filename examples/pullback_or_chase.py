"""Would waiting for the pullback have paid, or chasing the pop? With 5 million dollars, on price files of FOLDER."""

import sys

import strategies
import universes
from strategies.library.chase import Chase
from strategies.library.pullback import Pullback

miners = universes.load("critical-minerals")
market = universes.market(miners, source=f"csv:{sys.argv[1]}", start="2012-01-01", currency="USD")
events = universes.events(start=str(market.sessions[0].date()))
limits = strategies.Limits(participation=0.05, max_positions=12, mineral=0.4)
for strategy in (Pullback(depth=0.10, stop=0.15, hold=20), Chase(stop=0.15, hold=20)):
    result = strategies.backtest(strategy, market, events=events, cash=5e6, limits=limits)
    print(result)
    print(
        result.unfilled["reason"].str.replace(r"[-+\d.]+", "N", regex=True).value_counts().to_string(), "\n"
    )
    strategies.save_run(result, f"{type(strategy).__name__.lower()}_run")
