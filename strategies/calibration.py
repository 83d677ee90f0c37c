"""How often each test is wrong, and how often it finds an effect, on simulated studies of a design one can choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from strategies import calibration_statistics as statistics
from strategies.arrays import Numbers
from universes.errors import BadParameter

TAILS = ("normal", "t4")
LEVEL = 0.05
# Numbers of one chunk of studies: some 200 MB with what is made of them.
CELLS = 3_000_000
PLACEBO_DRAWS = 199
# What is calibrated: the grade rests on the first three, and the last four do not allow for shared dates.
TESTS = (
    "date test", "sign flip", "random calendars", "adj-BMP", "adj-Patell", "crude dependence", "Corrado", "BMP",
    "Patell", "cross-sectional t", "generalised sign",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Design:
    """A study to simulate: each of K dates has N firms and an estimation window of its own.

    Parameters
    ----------
    episodes, firms : int
        K and N.
    correlation : float
        ρ of any two firms' residuals on one day.
    days : int
        Sessions of the event window.
    estimation : int
        Sessions of the estimation window.
    effect : float
        True abnormal return over the event window, in daily residual standard deviations of each firm.
    tails : {"normal", "t4"}
        Law of the residuals; t4 is Student's t with four degrees of freedom, scaled to the same variance.
    event_deviation : float
        Factor on the standard deviation of all residuals in the event window.
    common_deviation : float
        Factor on that of the common part alone, as on a policy day.
    date_deviations : tuple of float
        Factors on the residuals of each date in turn, repeated to K; none by default.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    episodes: int = 10
    firms: int = 10
    correlation: float = 0.3
    days: int = 1
    estimation: int = 120
    effect: float = 0.0
    tails: str = "normal"
    event_deviation: float = 1.0
    common_deviation: float = 1.0
    date_deviations: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        whole = {"episodes": (1, 500), "firms": (1, 500), "days": (1, 20), "estimation": (20, 1_000)}
        for name, (least, most) in whole.items():
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
                raise BadParameter(f"{name} is {given!r}: it must be a whole number from {least} to {most}")
        if not 0 <= self.correlation < 1:
            raise BadParameter(f"correlation is {self.correlation}: it must be at least 0 and below 1")
        if self.tails not in TAILS:
            raise BadParameter(f"tails is {self.tails!r}: it must be one of {', '.join(TAILS)}")
        if not all(item > 0 for item in (self.event_deviation, self.common_deviation, *self.date_deviations)):
            raise BadParameter("a factor on a standard deviation is not above zero: 1 leaves it as it is")


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one test rejects.

    Parameters
    ----------
    test : str
        One of `TESTS`.
    rejected : float or None
        Share of the studies with p of 0.05 or less.
    error : float or None
        Standard error of that share, from the number of studies.
    verdict : str
        Without an effect: whether the share is that of the level. With one: empty.
    reason : str
        Why there is no share; empty otherwise.
    """

    test: str
    rejected: float | None = None
    error: float | None = None
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Rates of all tests under one design.

    Parameters
    ----------
    design : Design
        What was simulated.
    draws : int
        Studies.
    rates : tuple of Rate
        One a test.
    detectable : float or None
        Effect that the date test finds in 80 of 100 such studies, in daily residual standard deviations of a firm.
    """

    design: Design
    draws: int
    rates: tuple[Rate, ...]
    detectable: float | None

    def rate(self, test: str) -> float:
        """Share of the studies that a test rejects; NaN where it cannot be had."""
        found = next(item.rejected for item in self.rates if item.test == test)
        return float("nan") if found is None else found


def calibrate(design: Design | None = None, *, draws: int = 2_000, seed: int = 0) -> Calibration:
    """Share of simulated studies that each test rejects.

    Parameters
    ----------
    design : Design, optional
        Default ten dates of ten firms with correlation 0.3 and no effect.
    draws : int
        Studies; the standard error of a share of 5 % is 0.5 points for 2,000.
    seed : int
        Of every number.

    Raises
    ------
    BadParameter
        If `draws` is out of range.
    """
    if not 100 <= draws <= 1_000_000:
        raise BadParameter(f"draws is {draws}: it must be from 100 to 1,000,000")
    chosen = design or Design()
    found: dict[str, list[Numbers]] = {}
    spread = []
    for part in simulated(chosen, draws, seed):
        for name, p in p_values(chosen, part, seed).items():
            found.setdefault(name, []).append(p)
        spread.append(
            part.means.std(axis=1, ddof=1) if chosen.episodes > 1 else np.full(len(part.means), np.nan)
        )
    rates = tuple(_rate(name, found, draws, chosen) for name in TESTS)
    return Calibration(chosen, draws, rates, _detectable(chosen, np.concatenate(spread)))


@dataclass(frozen=True, eq=False)
class Studies:
    """R simulated studies, fitted.

    Parameters
    ----------
    residuals : ndarray of shape (R, K, N, L1)
        Of the market model in the estimation window.
    returns : ndarray of shape (R, K, N, L2)
        Abnormal returns.
    deviation : ndarray of shape (R, K, N)
        s of the residuals.
    prediction : ndarray of shape (R, K)
        C of the whole window.
    """

    residuals: Numbers
    returns: Numbers
    deviation: Numbers
    prediction: Numbers

    @property
    def car(self) -> Numbers:
        """Cumulative abnormal returns, shape (R, K N)."""
        return self.returns.sum(axis=3).reshape(len(self.returns), -1)

    @property
    def means(self) -> Numbers:
        """One number an episode, shape (R, K)."""
        return np.asarray(self.returns.sum(axis=3).mean(axis=2))

    @property
    def standardised(self) -> Numbers:
        """Cumulative abnormal returns over their prediction error, shape (R, K N)."""
        error = self.deviation * np.sqrt(self.prediction)[..., None]
        return np.asarray((self.returns.sum(axis=3) / error).reshape(len(error), -1))


def simulated(design: Design, draws: int, seed: int) -> Iterator[Studies]:
    """Simulated studies, a chunk at a time.

    Market returns are normal with 1 % a day; β is uniform on 0.6 to 1.8, and the residual deviation of a firm on 2 to
    5 %. A residual is σ (√ρ f + √(1 − ρ) u), f common to all firms of a day.

    Parameters
    ----------
    design : Design
        What to simulate.
    draws, seed : int
        Studies and seed; a chunk has a stream of its own.
    """
    cells = design.episodes * design.firms * (design.estimation + design.days)
    step = max(CELLS // cells, 1)
    for number, first in enumerate(range(0, draws, step)):
        yield _fitted(design, min(step, draws - first), np.random.default_rng([seed, number]))


def _fitted(design: Design, studies: int, random: np.random.Generator) -> Studies:
    shape = (studies, design.episodes, design.firms, design.estimation + design.days)
    market = random.normal(0, 0.01, (studies, design.episodes, 1, shape[3]))
    sigma = random.uniform(0.02, 0.05, (*shape[:3], 1))
    beta = random.uniform(0.6, 1.8, (*shape[:3], 1))
    own = beta * market + sigma * _shocks(design, shape, random)
    before = slice(design.estimation)
    x, y = market[..., before], own[..., before]
    mean_x, mean_y = x.mean(axis=3, keepdims=True), y.mean(axis=3, keepdims=True)
    variation = ((x - mean_x) ** 2).sum(axis=3, keepdims=True)
    slope = ((x - mean_x) * (y - mean_y)).sum(axis=3, keepdims=True) / variation
    left = own - mean_y - slope * (market - mean_x)
    after = market[..., design.estimation :] - mean_x
    days = design.days
    factor = days + days**2 / design.estimation + after.sum(axis=3) ** 2 / variation[..., 0]
    residuals = left[..., before]
    deviation = np.sqrt((residuals**2).sum(axis=3) / (design.estimation - 2))
    effect = design.effect / days * sigma
    return Studies(residuals, left[..., design.estimation :] + effect, deviation, factor[..., 0])


def _shocks(design: Design, shape: tuple[int, ...], random: np.random.Generator) -> Numbers:
    """Residuals in units of each firm's deviation."""

    def drawn(size: tuple[int, ...]) -> Numbers:
        if design.tails == "normal":
            return random.normal(size=size)
        # Student's t with four degrees of freedom has variance 2.
        return random.standard_t(4, size) / np.sqrt(2)

    common = drawn((*shape[:2], 1, shape[3]))
    common[..., design.estimation :] *= design.common_deviation
    shocks = np.sqrt(design.correlation) * common + np.sqrt(1 - design.correlation) * drawn(shape)
    shocks[..., design.estimation :] *= design.event_deviation
    if design.date_deviations:
        factors = np.resize(np.array(design.date_deviations), design.episodes)
        shocks[..., design.estimation :] *= factors[:, None, None]
    return shocks


def p_values(design: Design, part: Studies, seed: int) -> Mapping[str, Numbers]:
    """Two-sided p of each test that can be had, each of shape (R,).

    Parameters
    ----------
    design : Design
        Of the studies.
    part : Studies
        R of them.
    seed : int
        Of flipped signs and random calendars.
    """
    found: dict[str, Numbers] = {}
    values, scaled = part.means, part.standardised
    count, freedom = scaled.shape[1], design.estimation - 2
    if design.episodes > 1:
        found["date test"] = statistics.date_p(values)
    if design.episodes > 5:
        found["sign flip"] = statistics.sign_flip_p(values, seed)
    if design.days == 1:
        random = np.random.default_rng([seed, 1])
        found["random calendars"] = statistics.placebo_p(
            values, part.residuals.mean(axis=2), PLACEBO_DRAWS, random
        )
        found["Corrado"] = statistics.two_sided_normal(
            statistics.corrado_statistic(part.residuals, part.returns)
        )
    patell = statistics.patell_statistic(scaled, freedom)
    linked = statistics.mean_correlation(part.residuals)
    found["Patell"] = statistics.two_sided_normal(patell)
    found["adj-Patell"] = statistics.two_sided_normal(patell / np.sqrt(1 + (count - 1) * linked))
    if count > 1:
        bmp = statistics.bmp_statistic(scaled)
        found["BMP"] = statistics.two_sided_t(bmp, count - 1)
        adjusted = bmp * np.sqrt((1 - linked) / (1 + (count - 1) * linked))
        found["adj-BMP"] = statistics.two_sided_t(adjusted, count - 1)
        found["cross-sectional t"] = statistics.two_sided_t(statistics.bmp_statistic(part.car), count - 1)
    found["crude dependence"] = statistics.crude_p(part.residuals, part.returns)
    found["generalised sign"] = statistics.two_sided_normal(
        statistics.sign_statistic(part.residuals, part.car)
    )
    return found


def _rate(name: str, found: Mapping[str, list[Numbers]], draws: int, design: Design) -> Rate:
    if name not in found:
        need = {"date test": "two dates", "sign flip": "six dates"}.get(name, "a window of one session")
        return Rate(name, reason=f"it needs {need}")
    share = float((np.concatenate(found[name]) <= LEVEL).mean())
    error = float(np.sqrt(max(share * (1 - share), 1e-9) / draws))
    return Rate(name, share, error, "" if design.effect else _verdict(share, draws))


def _verdict(share: float, draws: int) -> str:
    """Whether a share is that of the level, allowing a point and three standard errors."""
    room = 0.01 + 3 * float(np.sqrt(LEVEL * (1 - LEVEL) / draws))
    if share > LEVEL + room:
        return "rejects too often"
    return "rejects too rarely" if share < LEVEL - room else "holds"


def _detectable(design: Design, spread: Numbers) -> float | None:
    """From the middle spread of the episodes, over a firm's mean deviation of 3.5 %."""
    from strategies.date_test import detectable_errors

    if design.episodes < 2:
        return None
    return (
        float(np.median(spread))
        / 0.035
        * detectable_errors(design.episodes)
        / float(np.sqrt(design.episodes))
    )


def as_record(found: Calibration) -> dict[str, object]:
    """A calibration as plain data."""
    return {
        "design": asdict(found.design) | {"draws": found.draws},
        "rates": [asdict(item) for item in found.rates],
        "detectable": found.detectable,
    }
