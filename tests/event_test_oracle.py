"""The comparison tests a second time: from the papers' formulas, in plain loops over firms and days, without numpy.

Each takes lists: `estimation[i][t]`, `event[i][t]` with None where missing, and the rest as `Residuals` names them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats


@dataclass
class Panel:
    estimation: list
    event: list
    rows: list
    prediction: list
    car_prediction: list
    parameters: int
    episode: list

    @classmethod
    def of(cls, residuals):
        def cells(table):
            return [[None if math.isnan(x) else x for x in row] for row in table.tolist()]

        return cls(
            cells(residuals.estimation),
            cells(residuals.event),
            residuals.estimation_rows.tolist(),
            residuals.prediction.tolist(),
            residuals.car_prediction.tolist(),
            residuals.parameters,
            residuals.episode.tolist(),
        )

    def firms(self):
        """Firm-events with a cumulative return, three spare residuals and a spread."""
        return [
            i
            for i in range(len(self.estimation))
            if self.car(i) is not None
            and len(there(self.estimation[i])) >= self.parameters + 3
            and self.s(i) >= 1e-12
        ]

    def car(self, i):
        days = there(self.event[i])
        return None if 5 * (len(self.event[i]) - len(days)) > len(self.event[i]) else math.fsum(days)

    def s(self, i):
        known = there(self.estimation[i])
        return math.sqrt(math.fsum(e * e for e in known) / (len(known) - self.parameters))

    def scar(self, i):
        return self.car(i) / (self.s(i) * math.sqrt(self.car_prediction[i]))


def there(values):
    return [value for value in values if value is not None]


def mean(values):
    return math.fsum(values) / len(values)


def spread(values):
    """Standard deviation with divisor n − 1."""
    centre = mean(values)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1))


def by_t(statistic, freedom):
    return statistic, 2 * stats.t.sf(abs(statistic), freedom)


def by_normal(statistic):
    return statistic, 2 * stats.norm.sf(abs(statistic))


def cross_sectional_t(panel):
    """Brown and Warner (1980)."""
    cars = there(panel.car(i) for i in range(len(panel.event)))
    return by_t(mean(cars) / (spread(cars) / math.sqrt(len(cars))), len(cars) - 1)


def skewness_adjusted_t(panel):
    """Johnson (1978) as Hall (1992) completes it, in the notation of Lyon, Barber and Tsai (1999)."""
    cars = there(panel.car(i) for i in range(len(panel.event)))
    n, s = len(cars), spread(cars)
    skew = math.fsum((car - mean(cars)) ** 3 for car in cars) / (n * s**3)
    ratio = mean(cars) / s
    return by_normal(math.sqrt(n) * (ratio + skew * ratio**2 / 3 + skew**2 * ratio**3 / 27 + skew / (6 * n)))


def patell(panel):
    """Patell (1976)."""
    firms = panel.firms()
    variance = 0.0
    for i in firms:
        freedom = len(there(panel.estimation[i])) - panel.parameters
        variance += freedom / (freedom - 2)
    return by_normal(math.fsum(panel.scar(i) for i in firms) / math.sqrt(variance))


def bmp(panel):
    """Boehmer, Musumeci and Poulsen (1991)."""
    scars = [panel.scar(i) for i in panel.firms()]
    return by_t(mean(scars) * math.sqrt(len(scars)) / spread(scars), len(scars) - 1)


def pair_correlation(panel, i, j):
    """Products on shared dates over the root of the product of the sums of squares."""
    first, second = _by_date(panel, i), _by_date(panel, j)
    products = math.fsum(first[row] * second[row] for row in first if row in second)
    squares = [math.fsum(value**2 for value in one.values()) for one in (first, second)]
    return products / math.sqrt(squares[0] * squares[1])


def _by_date(panel, i):
    known = {row: e for row, e in zip(panel.rows[i], panel.estimation[i]) if e is not None and row >= 0}
    centre = mean(list(known.values()))
    return {row: e - centre for row, e in known.items()}


def average_correlation(panel, *, within_episodes=False):
    """Pair by pair."""
    firms = panel.firms()
    pairs = [(i, j) for at, i in enumerate(firms) for j in firms[:at]]
    found = [
        pair_correlation(panel, i, j) if panel.episode[i] == panel.episode[j] or not within_episodes else 0.0
        for i, j in pairs
    ]
    return mean(found)


def adjusted_bmp(panel):
    """Kolari and Pynnönen (2010)."""
    n, r = len(panel.firms()), average_correlation(panel)
    return by_t(bmp(panel)[0] * math.sqrt((1 - r) / (1 + (n - 1) * r)), n - 1)


def adjusted_patell(panel):
    """Kolari and Pynnönen (2010)."""
    n, r = len(panel.firms()), average_correlation(panel)
    return by_normal(patell(panel)[0] / math.sqrt(1 + (n - 1) * r))


def _columns(panel, table):
    """Returns that are there, day by day, of the firm-events used; days without any are left out."""
    firms = panel.firms()
    days = [there(table[i][t] for i in firms) for t in range(len(table[0]))]
    return [day for day in days if day]


def crude_dependence(panel):
    """Brown and Warner (1980, 1985)."""
    ordinary = [mean(day) for day in _columns(panel, panel.estimation)]
    event = [mean(day) for day in _columns(panel, panel.event)]
    return by_t(math.fsum(event) / (spread(ordinary) * math.sqrt(len(event))), len(ordinary) - 1)


def ranked(values):
    """Rank of each among those that are there, equal ones sharing the mean; None where missing."""
    known = there(values)
    return [
        None
        if one is None
        else 1 + sum(other < one for other in known) + (sum(other == one for other in known) - 1) / 2
        for one in values
    ]


def corrado(panel):
    """Corrado (1989), over several days as Cowan (1992)."""
    off = []
    for i in panel.firms():
        ranks = ranked(panel.estimation[i] + panel.event[i])
        middle = (len(there(ranks)) + 1) / 2
        off.append([None if rank is None else rank - middle for rank in ranks])
    days = [there(row[t] for row in off) for t in range(len(off[0]))]
    split = len(panel.estimation[0])
    event = [mean(day) for day in days[split:] if day]
    every = [mean(day) for day in days if day]
    s = math.sqrt(mean([value**2 for value in every]))
    return by_normal(math.fsum(event) / (math.sqrt(len(event)) * s))


def corrado_zivney(panel):
    """Corrado and Zivney (1992), the event days scaled by their own cross-section."""
    firms = panel.firms()
    scaled = {
        i: [
            None if ar is None else ar / (panel.s(i) * math.sqrt(panel.prediction[i][t]))
            for t, ar in enumerate(panel.event[i])
        ]
        for i in firms
    }
    for t in range(len(panel.event[0])):
        day = there(scaled[i][t] for i in firms)
        for i in firms:
            # One return, or equal ones, have no cross-section to be scaled by: no rank.
            alone = len(set(day)) < 2 or scaled[i][t] is None
            scaled[i][t] = None if alone else scaled[i][t] / spread(day)
    off = []
    for i in firms:
        ordinary = [None if e is None else e / panel.s(i) for e in panel.estimation[i]]
        ranks = ranked(ordinary + scaled[i])
        off.append([None if rank is None else rank / (1 + len(there(ranks))) - 0.5 for rank in ranks])
    days = [there(row[t] for row in off) for t in range(len(off[0]))]
    split = len(panel.estimation[0])
    sums = [math.fsum(day) / math.sqrt(len(day)) for day in days if day]
    event = [math.fsum(day) / math.sqrt(len(day)) for day in days[split:] if day]
    return by_normal(math.fsum(event) / (math.sqrt(len(event)) * math.sqrt(mean([x**2 for x in sums]))))


def _generalised(panel):
    """U of each firm-event: the estimation days, then the event day."""
    firms = panel.firms()
    width = spread([panel.scar(i) for i in firms])
    rows = []
    for i in firms:
        days = [None if e is None else e / panel.s(i) for e in panel.estimation[i]] + [panel.scar(i) / width]
        ranks = ranked(days)
        rows.append([None if rank is None else rank / (len(there(ranks)) + 1) - 0.5 for rank in ranks])
    return rows


def grank_t(panel):
    """Kolari and Pynnönen (2011)."""
    rows = _generalised(panel)
    days = [there(row[t] for row in rows) for t in range(len(rows[0]))]
    days = [day for day in days if day]
    total = len(days)
    s = math.sqrt(math.fsum(len(day) / len(rows) * mean(day) ** 2 for day in days) / total)
    z = mean(days[-1]) / s
    return by_t(z * math.sqrt((total - 2) / (total - 1 - z**2)), total - 2)


def grank_z(panel):
    """Kolari and Pynnönen (2011); the variance of each firm-event's own uniform ranks."""
    rows = _generalised(panel)
    variance = 0.0
    for row in rows:
        number = len(there(row))
        values = [rank / (number + 1) - 0.5 for rank in range(1, number + 1)]
        variance += math.fsum(value**2 for value in values) / number / len(rows) ** 2
    return by_normal(mean([row[-1] for row in rows]) / math.sqrt(variance))


def generalised_sign(panel):
    """Cowan (1992)."""
    firms = panel.firms()
    shares = [mean([1.0 if e > 0 else 0.0 for e in there(panel.estimation[i])]) for i in firms]
    p, n = mean(shares), len(firms)
    above = sum(panel.car(i) > 0 for i in firms)
    return by_normal((above - n * p) / math.sqrt(n * p * (1 - p)))


def calendar_time(returns, rows, factors=None, weigh=False):
    """Jaffe (1974), Mandelker (1974): date by date; HC3 from leave-one-out, not from leverages.

    The HC3 covariance is that of the changes of the coefficients when each date is left out.
    """
    held = {}
    for series, dates in zip(returns, rows):
        for value, row in zip(series, dates):
            if not math.isnan(value) and row >= 0:
                held.setdefault(row, []).append(value)
    points = [
        (mean(values), [1.0, *(factors[row] if factors is not None else [])], len(values) if weigh else 1.0)
        for row, values in sorted(held.items())
    ]
    whole = _solve(points)
    changes = [_solve(points[:at] + points[at + 1 :])[0] - whole[0] for at in range(len(points))]
    error = math.sqrt(math.fsum(change**2 for change in changes))
    return whole[0], error, *by_t(whole[0] / error, len(points) - len(whole))


def _solve(points):
    """Weighted least squares by the normal equations and Gauss's elimination."""
    size = len(points[0][1])
    table = [
        [math.fsum(w * x[a] * x[b] for _, x, w in points) for b in range(size)]
        + [math.fsum(w * x[a] * y for y, x, w in points)]
        for a in range(size)
    ]
    for at in range(size):
        best = max(range(at, size), key=lambda row: abs(table[row][at]))
        table[at], table[best] = table[best], table[at]
        for row in range(size):
            if row != at:
                share = table[row][at] / table[at][at]
                table[row] = [x - share * y for x, y in zip(table[row], table[at])]
    return [table[at][size] / table[at][at] for at in range(size)]


def prediction_factors(before, after):
    """Closed form of the market model: of each day, and of the whole window; None marks a missing day."""
    known, days = there(before), there(after)
    centre = mean(known)
    variation = math.fsum((x - centre) ** 2 for x in known)
    daily = [None if x is None else 1 + 1 / len(known) + (x - centre) ** 2 / variation for x in after]
    off = math.fsum(x - centre for x in days)
    return daily, len(days) + len(days) ** 2 / len(known) + off**2 / variation
