"""Strategies that look ahead, each as someone might write it in good faith, and beside each one that does not."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import numpy as np
import pandas as pd

from strategies.plan import Entries, Entry, Exits, Weights
from strategies.reactions import reactions
from universes.policy import known_at

PART = 1 / 400


def hold(where):
    """The same small part in each name of a table of yes and no."""
    return Weights(where.astype(float) * PART)


def buy(found):
    """One purchase for each (row, symbol)."""
    return Entries(tuple(Entry(int(row), symbol, "", Exits(hold=5)) for row, symbol in found))


def first(market):
    """The name of New York whose company comes first."""
    companies = market.lives.loc[market.lives["exchange"] == "XNYS", "company"]
    return companies.sort_values().index[0]


def returns(market, days=1):
    close = market.close.ffill()
    return close / close.shift(days) - 1


class NextBar:
    """Holds what closes higher tomorrow."""

    def plan(self, market, events, eligible):
        close = market.close.ffill()
        return hold(close.shift(-1) > close)


class LastBar:
    """Holds what closed higher than yesterday."""

    def plan(self, market, events, eligible):
        close = market.close.ffill()
        return hold(close > close.shift(1))


class WholeSampleScale:
    """Measures a move by the deviation of the whole history."""

    def plan(self, market, events, eligible):
        moved = returns(market)
        return hold(moved / moved.std() > 1.5)


class ScaleSoFar:
    """Measures a move by the deviation up to the day."""

    def plan(self, market, events, eligible):
        moved = returns(market)
        return hold(moved / moved.expanding(20).std() > 1.5)


class FilledBack:
    """Fills days without a bar with the next close."""

    def plan(self, market, events, eligible):
        close = market.close.bfill()
        return hold(close > close.shift(1))


class FilledForward:
    """Fills days without a bar with the last close."""

    def plan(self, market, events, eligible):
        close = market.close.ffill()
        return hold(close > close.shift(1))


class KnowsTheOutcome:
    """Buys the reaction to events after which the price rose for a week."""

    waits = 0

    def plan(self, market, events, eligible):
        close, found = market.close.ffill().to_numpy(), reactions(market, events)
        return buy(
            (row + self.waits, market.symbols[column])
            for row, column in zip(found.row, found.column)
            if row + 5 < len(close) and close[row + 5, column] > close[row, column]
        )


class WaitsForTheOutcome(KnowsTheOutcome):
    """Waits a week, and buys if the price rose."""

    waits = 5


class MonthEnd:
    """Sets weights on the last session of a month, which only the next session shows."""

    which = "last"

    def plan(self, market, events, eligible):
        months = pd.Series(range(len(market.sessions)), market.sessions.to_period("M"))
        rows = months.groupby(level=0).agg(self.which)
        weights = pd.DataFrame(np.nan, market.sessions, list(market.symbols))
        weights.iloc[rows] = (returns(market, 20) > 0).iloc[rows] * PART
        return Weights(weights)


class MonthStart(MonthEnd):
    """Sets weights on the first session of a month."""

    which = "first"


class CentredWindow:
    """Compares the close with a mean whose window has the day in its middle."""

    def plan(self, market, events, eligible):
        close = market.close.ffill()
        return hold(close < close.rolling(11, center=True).mean())


class TrailingWindow:
    """Compares the close with the mean of the days up to it."""

    def plan(self, market, events, eligible):
        close = market.close.ffill()
        return hold(close < close.rolling(11).mean())


class RevisedFact:
    """Holds producers from the day their production is dated, though it was told months later."""

    def since(self, row):
        return row.start

    def plan(self, market, events, eligible):
        facts = market.universe.facts
        owner = {row.asset: row.company for row in facts.assets}
        where = pd.DataFrame(False, market.sessions, list(market.symbols))
        for row in facts.stages:
            if row.stage == "production":
                symbols = market.lives.index[market.lives["company"] == owner[row.asset]]
                where.loc[market.sessions >= pd.Timestamp(self.since(row)), symbols] = True
        return hold(where)


class FactAsKnown(RevisedFact):
    """Holds producers from the day on which it was known."""

    def since(self, row):
        return max(row.start, row.known_from)


class EventOnItsDate:
    """Buys on the row of the event's date, though the last close of that date came before the event."""

    def plan(self, market, events, eligible):
        dates = [pd.Timestamp(known_at(event).date()) for event in events]
        rows = market.sessions.searchsorted(dates)
        return buy((row, first(market)) for row in rows if row < len(market.sessions))


class EventOnItsClock:
    """Buys on the first row whose session closed after the event."""

    def plan(self, market, events, eligible):
        instants = [pd.Timestamp(known_at(event)) for event in events]
        rows = [market.clock.reaction_row(market.reference_exchange, instant) for instant in instants]
        return buy((row, first(market)) for row in rows if row is not None)


class NewYorkAhead:
    """Holds Sydney by New York's close; where New York has a holiday, by the close of the day after."""

    def filled(self, close):
        return close.bfill()

    def plan(self, market, events, eligible):
        close = self.filled(market.close[first(market)])
        there = (market.lives["exchange"] == "XASX").to_numpy() & market.close.notna()
        return hold(there & (close > close.shift(1)).to_numpy()[:, None])


class NewYorkBehind(NewYorkAhead):
    """Holds Sydney by New York's last close."""

    def filled(self, close):
        return close.ffill()


class AdjustedPrice:
    """Holds names above 20, by prices that later dividends and splits have moved."""

    def plan(self, market, events, eligible):
        return hold(market.close > 20)


class PrintedPrice:
    """Holds names above 20, by prices as they were printed."""

    def plan(self, market, events, eligible):
        return hold(market.traded_close > 20)


class OwnMean:
    """Holds names above their own mean so far."""

    def plan(self, market, events, eligible):
        return hold(market.close > market.close.expanding().mean())


class Survivors:
    """Holds names that still trade at the end of the data."""

    def plan(self, market, events, eligible):
        return hold(market.close.notna() & (market.lives["end"] < 0).to_numpy())


class TradesToday:
    """Holds names that have a bar today."""

    def plan(self, market, events, eligible):
        return hold(market.close.notna())


class TomorrowsScores:
    """Holds what scores well tomorrow."""

    def plan(self, market, events, eligible, scores):
        return hold(scores.shift(-1) > 60)


class TodaysScores:
    """Holds what scores well today."""

    def plan(self, market, events, eligible, scores):
        return hold(scores > 60)


class PartOfAllNames:
    """Shares equally among all names of the data, those that are not yet listed among them."""

    def plan(self, market, events, eligible):
        return Weights(market.close.notna() / len(market.symbols))


class PartOfTrading:
    """Shares equally among the names that trade."""

    def plan(self, market, events, eligible):
        trading = market.close.notna()
        return Weights(trading.div(trading.sum(axis=1).clip(lower=1), axis=0))


class FirstOfTheAlphabet:
    """Holds the first three names that trade."""

    def plan(self, market, events, eligible):
        trading = market.close.notna()
        return hold(trading & (trading.cumsum(axis=1) <= 3))


class BestThree:
    """Holds the three names that rose most."""

    def plan(self, market, events, eligible):
        return hold(returns(market, 20).rank(axis=1, ascending=False) <= 3)


class OrderOfASet:
    """Buys the first three names that a set gives."""

    def plan(self, market, events, eligible):
        return buy((100, symbol) for symbol in list(set(market.symbols))[:3])


class OrderOfAList:
    """Buys the first three names of a sorted set."""

    def plan(self, market, events, eligible):
        return buy((100, symbol) for symbol in sorted(set(market.symbols))[:3])


class LocalDate:
    """Takes the date of an event by the clock of the machine."""

    def date_of(self, event):
        return datetime.fromtimestamp(known_at(event).timestamp()).date()  # noqa: DTZ006

    def plan(self, market, events, eligible):
        rows = market.sessions.searchsorted(pd.to_datetime([self.date_of(event) for event in events])) + 3
        return buy((row, first(market)) for row in rows if 3 < row < len(market.sessions))


class DateInGreenwich(LocalDate):
    """Takes the date of an event in UTC."""

    def date_of(self, event):
        return known_at(event).date()


class KeepsCount:
    """Holds what rose over as many days as it has been called."""

    calls = count(1)

    def plan(self, market, events, eligible):
        return hold(returns(market, next(self.calls)) > 0)


class KeepsNothing:
    """Holds what rose over two days."""

    def plan(self, market, events, eligible):
        return hold(returns(market, 2) > 0)


class DrawsUnseeded:
    """Draws names anew each time."""

    def plan(self, market, events, eligible):
        return hold(market.close.notna() & (np.random.default_rng().random(market.close.shape) < 0.5))


class DrawsByName:
    """Draws half of the names by their company, once and for all."""

    def plan(self, market, events, eligible):
        chosen = [sum(company.encode()) % 2 == 0 for company in market.lives["company"]]
        return hold(market.close.notna() & np.array(chosen))


class FirstMarketOnly:
    """Keeps the prices of the first market that it saw."""

    kept: dict = {}  # noqa: RUF012

    def plan(self, market, events, eligible):
        return hold(self.kept.setdefault("close", market.close).diff() > 0)


class Raises:
    """Divides by nothing."""

    def plan(self, market, events, eligible):
        return 1 / 0


class NeedsEveryBar:
    """Raises where a market ends early."""

    def plan(self, market, events, eligible):
        if market.close.iloc[-1].isna().all():
            raise ValueError("no bar on the last session")
        return hold(market.close.notna())
