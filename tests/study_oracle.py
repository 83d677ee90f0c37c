"""The event study a second time: from the formulas of docs/study.md, in plain loops, slow and without tables."""

from __future__ import annotations

import math
from datetime import datetime, time
from functools import cache

import numpy as np
from scipy import stats

REGION = {"XNYS": 1, "XTSE": 1, "XASX": 2, "XLON": 3}


def slow_study(market, events, exposed, window, estimation, gap, least):
    """Used firm-events with their numbers, and the tests of each window.

    `exposed` has (event, symbol, sign) of every firm-event, the ambiguous ones too.
    """
    world = _World(market, events, exposed, window)
    used = {}
    for event, symbol, sign in exposed:
        series = sign and world.abnormal(event, symbol, estimation, gap, least)
        if series:
            used[event, symbol] = [None if value is None else sign * value for value in series]
    a, b = window
    spans = dict.fromkeys([(0, 1), (0, 0), (0, 4), (-1, 1), (0, b), (a, -2)])
    tests = {span: world.test(used, span) for span in spans if a <= span[0] <= span[1] <= b}
    return used, tests, world.path(used)


class _World:
    def __init__(self, market, events, exposed, window):
        self.market, self.window, self.exposed = market, window, exposed
        self.instants = {row.event: _instant(row) for row in events}
        self.exchange = dict(market.lives["exchange"])
        self.rows = {name: [int(row) for row in hours.rows] for name, hours in market.clock.hours.items()}
        self.at = {name: {row: at for at, row in enumerate(rows)} for name, rows in self.rows.items()}
        self.close = {name: list(market.close[name]) for name in market.symbols}
        # The same questions come a thousand times.
        self.place, self.own_return = cache(self.place), cache(self.own_return)
        self.clean = cache(self.clean)

    def place(self, event, exchange):
        """Own session that closes first after the news; None when there is none."""
        for at, close in enumerate(self.market.clock.hours[exchange].close_at):
            if close > self.instants[event]:
                return at
        return None

    def own_return(self, symbol, at):
        """Return on an own session, None over a halt."""
        rows = self.rows[self.exchange[symbol]]
        if not 0 < at < len(rows):
            return None
        before, now = self.close[symbol][rows[at - 1]], self.close[symbol][rows[at]]
        return None if math.isnan(before) or math.isnan(now) else now / before - 1

    def span(self, event, exchanges, first, last):
        """Session dates that a window covers on some exchanges."""
        covered = []
        for exchange in exchanges:
            rows = self.rows[exchange]
            at = self.place(event, exchange)
            if at is None:
                continue
            covered += [rows[min(max(at + day, 0), len(rows) - 1)] for day in (first, last)]
        return (min(covered), max(covered)) if covered else (math.inf, -math.inf)

    def clean(self, event, exchange):
        """Names that no overlapping event touches, of the same region."""
        mine = self.span(event, self.rows, *self.window)
        dirty = set()
        for other, symbol, _ in self.exposed:
            low, high = self.span(other, self.rows, *self.window)
            if low <= mine[1] and mine[0] <= high:
                dirty.add(symbol)
        return [
            name
            for name in self.market.symbols
            if name not in dirty and REGION[self.exchange[name]] == REGION[exchange]
        ]

    def benchmark(self, names, exchange, at):
        """Mean return of the names on the date of an own session of another exchange."""
        rows = self.rows[exchange]
        if not 0 <= at < len(rows):
            return None
        found = []
        for name in names:
            row = rows[at]
            if row in self.at[self.exchange[name]]:
                value = self.own_return(name, self.at[self.exchange[name]][row])
                if value is not None:
                    found.append(value)
        return sum(found) / len(found) if len(found) >= 3 else None

    def abnormal(self, event, symbol, estimation, gap, least):
        exchange = self.exchange[symbol]
        at = self.place(event, exchange)
        if at is None or at == 0 or self.own_return(symbol, at) is None:
            return None
        names = self.clean(event, exchange)
        if len(names) < 3:
            return None
        taken = self.reactions(symbol, exchange)
        ends = at + self.window[0] - gap
        pairs = []
        for day in range(ends - estimation + 1, ends + 1):
            own, other = self.own_return(symbol, day), self.benchmark(names, exchange, day)
            if day not in taken and own is not None and other is not None:
                pairs.append((own, other))
        if len(pairs) < least:
            return None
        design = np.array([[1.0, other] for _, other in pairs])
        (intercept, beta), *_ = np.linalg.lstsq(design, np.array([own for own, _ in pairs]), rcond=None)
        series = []
        for day in range(at + self.window[0], at + self.window[1] + 1):
            own, other = self.own_return(symbol, day), self.benchmark(names, exchange, day)
            series.append(None if own is None or other is None else own - intercept - beta * other)
        return None if None in series[-self.window[0] : -self.window[0] + 2] else series

    def reactions(self, symbol, exchange):
        """Own sessions 0 to 5 of every event that touches a name."""
        places = [self.place(event, exchange) for event, touched, _ in self.exposed if touched == symbol]
        return {place + day for place in places if place is not None for day in range(6)}

    def clusters(self, used, first, last):
        """Events in lists: those whose days of a window meet, directly or by a chain."""
        first, last = min(first, 0), max(last, 1)
        spans = {}
        for event in {event for event, _ in used}:
            places = {self.exchange[symbol] for other, symbol in used if other == event}
            spans[event] = self.span(event, places, first, last)
        found = []
        for event, (low, high) in spans.items():
            joined = [event]
            for cluster in list(found):
                if any(spans[other][0] <= high and low <= spans[other][1] for other in cluster):
                    joined += cluster
                    found.remove(cluster)
            found.append(joined)
        return sorted(found, key=lambda cluster: min(spans[event][0] for event in cluster))

    def car(self, series, first, last):
        part = series[first - self.window[0] : last - self.window[0] + 1]
        there = [value for value in part if value is not None]
        return sum(there) if len(part) - len(there) <= 0.2 * len(part) else None

    def numbers(self, used, value, clusters):
        """Mean over the firm-events of each cluster."""
        found = []
        for cluster in clusters:
            there = [value(series) for (event, _), series in used.items() if event in cluster]
            there = [item for item in there if item is not None]
            if there:
                found.append(sum(there) / len(there))
        return found

    def test(self, used, span):
        there = {key: series for key, series in used.items() if self.car(series, *span) is not None}
        values = self.numbers(there, lambda series: self.car(series, *span), self.clusters(there, *span))
        if len(values) < 2:
            return len(values), None, None, None, None, None
        told = stats.ttest_1samp(values, 0.0)
        interval = told.confidence_interval(0.95)
        return len(values), float(np.mean(values)), told.statistic, told.pvalue, interval.low, interval.high

    def path(self, used):
        used = {key: series for key, series in used.items() if self.car(series, *self.window) is not None}
        clusters = self.clusters(used, *self.window)
        days = range(self.window[1] - self.window[0] + 1)
        found = []
        for day in days:
            sums = self.numbers(
                used, lambda series, day=day: sum(value or 0.0 for value in series[: day + 1]), clusters
            )
            abnormal = self.numbers(used, lambda series, day=day: series[day], clusters)
            found.append((float(np.mean(abnormal)), float(np.mean(sums))))
        return found


def _instant(row):
    announced = row.announced
    if not isinstance(announced, datetime):
        announced = datetime.combine(announced, time(23, 59, 59))
    return np.datetime64(announced.replace(tzinfo=None), "ns")
