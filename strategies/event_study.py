"""Event study: what policy events did to the companies they touch, counted by independent dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies.abnormal_returns import Abnormal, abnormal_returns, cumulative
from strategies.abnormal_volume import BEFORE, abnormal_volumes
from strategies.arrays import Numbers
from strategies.confounds import confounds
from strategies.date_test import band, date_test
from strategies.episodes import means
from strategies.evidence import Study
from strategies.firm_event_arrays import FirmEventArrays
from strategies.firm_events import land
from strategies.grade import Grounds, grade, verdict
from strategies.group_difference import differences
from strategies.normal_returns import DESCRIBED, MARKET
from strategies.placebo import DRAWS
from strategies.study_design import CLEAN, EVERYONE, PRIMARY, Design, column
from strategies.study_evidence import Chance, Fragility, Sample, chance, fragile
from strategies.study_groups import SCORE_BAND, check_tag, group_values, in_order, score_bands
from strategies.window_test import WindowTest
from universes.errors import BadParameter
from universes.survivorship import survivorship

if TYPE_CHECKING:
    import pandas as pd

    from universes.panel import Market
    from universes.policy import Events


BENCHMARKS = {
    CLEAN: (
        "equal-weight mean of the controls and the members that no event of an overlapping window touches, on "
        "exchanges of the same part of the day; at least 3 names"
    ),
    EVERYONE: "equal-weight mean of every name on exchanges of the same part of the day, touched or not",
}


def study(
    market: Market,
    events: Events,
    *,
    window: tuple[int, int] = (-10, 20),
    group_by: str | None = None,
    estimation: int = 250,
    gap: int = 30,
    least_estimation: int = 100,
    model: str = MARKET,
    benchmark: str = CLEAN,
    factors: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int = 0,
    scores: pd.DataFrame | None = None,
    calendar: Events | None = None,
) -> Study:
    """Abnormal returns around events and what they are worth as evidence.

    docs/study.md has the method on one page.

    Parameters
    ----------
    market : Market
        Prices of N symbols.
    events : Events
        E events; they should be chosen before their returns are looked at.
    window : tuple of (int, int)
        First and last session of the event window, in own sessions from the reaction session.
    group_by : str, optional
        A company tag, as ``stage``, an event tag, as ``kind``, ``purity_band``, or ``score_band``: the primary window
        is tested for each value, and each against the rest.
    estimation, gap, least_estimation : int
        Sessions of the estimation window, sessions between its last and the event window's first, and valid
        returns it must have.
    model : str
        Of normal returns, one of `strategies.normal_returns.MODELS`; docs/normal-returns.md says when to take which.
    benchmark : str
        ``clean``: names that no event touches. ``all``: every name of the part of the day. Or a symbol.
    factors : sequence of str
        Symbols of further factors, for the model ``factors``.
    scores : DataFrame of shape (T, N), optional
        Alignment scores as known after each session, for ``score_band``.
    calendar : Events, optional
        Every event there is, to find those beside the studied ones; default the studied ones alone.
    draws, seed : int
        Random calendars of ordinary days to compare with, none where that is 0, and the seed of all that is random.

    Returns
    -------
    Study
        Also when nothing is left to measure; then it says why.

    Raises
    ------
    BadParameter
        If a window is out of order or out of range.
    UnknownName
        If there is no such tag.
    """
    design = Design(window, estimation, gap, least_estimation, model, benchmark, tuple(factors))
    if group_by is not None:
        check_tag(group_by)
        if group_by == SCORE_BAND and scores is None:
            raise BadParameter("group_by is 'score_band', which needs the alignment scores: pass scores")
    landing = land(market, events)
    abnormal = abnormal_returns(market, landing, design)
    arrays = FirmEventArrays.of(market, abnormal.firm_events)
    episode = arrays.episodes(PRIMARY)
    cars = {item: cumulative(abnormal.returns, design, *item) for item in design.windows}
    tests = tuple(_window_test(arrays, cars[item], item) for item in design.windows)
    sample = Sample(market, landing, abnormal, design, arrays, episode, cars)
    found, hangs = chance(sample, draws=draws, seed=seed), fragile(sample)
    volume, before = abnormal_volumes(sample, (PRIMARY, BEFORE))
    words = _words(group_by, sample, events, scores)
    order = in_order(group_by or "", words)
    grounds = _grounds(tests[0], sample.values, found, hangs)
    given = grade(grounds)
    return Study(
        settings=_settings(market, events, design, group_by)
        | {"draws": draws, "seed": seed, "warnings": list(abnormal.warnings)},
        data={
            "source": market.source,
            "kind": market.kind,
            "hash": market.hash,
            "survivorship": survivorship(market).as_dict(),
        },
        episodes=_episode_table(sample),
        firm_events=_firm_event_table(sample),
        dropped=_dropped_table(abnormal),
        path=_path(arrays, abnormal, design),
        windows=tests,
        groups=_groups(order, words, sample),
        differences=differences(cars[PRIMARY], episode, words, order),
        volume=volume,
        volume_before=before,
        confounds=confounds(sample, None if calendar is None or calendar.hash == events.hash else calendar),
        chance=found,
        fragility=hangs,
        grade=given,
        verdict=verdict(given, grounds, len(abnormal.firm_events), len(abnormal.dropped)),
    )


def _grounds(test: WindowTest, values: Numbers, found: Chance, hangs: Fragility) -> Grounds:
    adjusted = found.adjusted[PRIMARY]
    return Grounds(
        test=test,
        values=values,
        sign_flip=found.sign_flip.p,
        placebo=found.placebo.p,
        adjusted=adjusted if np.isfinite(adjusted) else None,
        models=tuple(hangs.models.values()),
        tradable=hangs.tradable.value,
    )


def _window_test(arrays: FirmEventArrays, values: Numbers, window: tuple[int, int]) -> WindowTest:
    here = np.isfinite(values)
    return date_test(means(values[here], arrays.only(here).episodes(window)), *window)


def _path(arrays: FirmEventArrays, abnormal: Abnormal, design: Design) -> pd.DataFrame:
    import pandas as pd

    columns = ["day", "abnormal", "cumulative", "low", "high", "episodes"]
    whole = np.isfinite(cumulative(abnormal.returns, design, *design.window))
    if not whole.any():
        return pd.DataFrame(columns=columns)
    returns = abnormal.returns[whole]
    episode = arrays.only(whole).episodes(design.window)
    daily = means(returns, episode)
    here = np.isfinite(daily)
    summed = np.cumsum(np.where(np.isfinite(returns), returns, 0.0), axis=1)
    mean, low, high = band(means(summed, episode))
    number = here.sum(axis=0)
    return pd.DataFrame(
        {
            "day": np.arange(design.first, design.last + 1),
            "abnormal": np.where(
                number > 0, np.where(here, daily, 0.0).sum(axis=0) / np.maximum(number, 1), np.nan
            ),
            "cumulative": mean,
            "low": low,
            "high": high,
            "episodes": number,
        },
        columns=columns,
    )


def _firm_event_table(sample: Sample) -> pd.DataFrame:
    import pandas as pd

    abnormal, items = sample.abnormal, sample.abnormal.firm_events
    return pd.DataFrame(
        {
            "event": pd.Series([item.event for item in items], dtype=str),
            "symbol": pd.Series([item.symbol for item in items], dtype=str),
            "exchange": pd.Series([item.exchange for item in items], dtype=str),
            "episode": sample.episode + 1,
            "reaction_session": sample.market.sessions[sample.arrays.rows(0)],
            "sign": sample.arrays.sign,
            **{column(*item): values for item, values in sample.cars.items()},
            "beta": abnormal.beta,
            "estimation_returns": abnormal.sessions,
            "benchmark_names": abnormal.names,
        }
    )


def _episode_table(sample: Sample) -> pd.DataFrame:
    import pandas as pd

    count = int(sample.episode.max()) + 1 if len(sample.episode) else 0
    firsts = np.full(count, len(sample.market.sessions), dtype=np.int64)
    np.minimum.at(firsts, sample.episode, sample.arrays.rows(0))
    events: list[dict[str, None]] = [{} for _ in range(count)]
    for number, item in zip(sample.episode.tolist(), sample.abnormal.firm_events, strict=True):
        events[number][item.event] = None
    return pd.DataFrame(
        {
            "episode": np.arange(1, count + 1),
            "first_session": sample.market.sessions[firsts],
            "events": pd.Series(["|".join(names) for names in events], dtype=str),
            "firm_events": np.bincount(sample.episode, minlength=count),
            **{column(*item): means(values, sample.episode) for item, values in sample.cars.items()},
        }
    )


def _dropped_table(abnormal: Abnormal) -> pd.DataFrame:
    import pandas as pd

    rows = [(item.event, item.symbol, item.reason) for item in abnormal.dropped]
    return pd.DataFrame(rows, columns=["event", "symbol", "reason"], dtype=str)


def _words(tag: str | None, sample: Sample, events: Events, scores: pd.DataFrame | None) -> tuple[str, ...]:
    """Group of each firm-event; none where no tag was asked for."""
    items = sample.abnormal.firm_events
    if tag is None or not items:
        return ()
    if scores is not None and tag == SCORE_BAND:
        return score_bands(items, sample.market, scores)
    return group_values(tag, items, events, sample.market.universe)


def _groups(order: Sequence[str], words: Sequence[str], sample: Sample) -> dict[str, tuple[int, WindowTest]]:
    found = {}
    for word in order:
        here = np.array([item == word for item in words])
        _, numbers = np.unique(sample.episode[here], return_inverse=True)
        found[word] = (
            int(here.sum()),
            date_test(means(sample.cars[PRIMARY][here], numbers), *PRIMARY),
        )
    return found


def _settings(market: Market, events: Events, design: Design, group_by: str | None) -> dict[str, Any]:
    return {
        "events": len(events),
        "events_hash": events.hash,
        "first": f"{market.sessions[0]:%Y-%m-%d}",
        "last": f"{market.sessions[-1]:%Y-%m-%d}",
        "currencies": sorted(set(market.lives["currency"])),
        "window": list(design.window),
        "primary_window": list(PRIMARY),
        "estimation": design.estimation,
        "gap": design.gap,
        "least_estimation": design.least_estimation,
        "group_by": group_by,
        "model": DESCRIBED[design.model],
        "benchmark": BENCHMARKS.get(design.benchmark, f"{design.benchmark}, by closes known at each close"),
        "factors": list(design.factors),
        "sign": "returns are multiplied by the sign of the firm-event: above zero is as the direction says",
        "unit": "the episode: events whose days of a window meet are one, and a longer window merges more",
        "missing": (
            "a return over a halt is missing and adds nothing; a window of which more than a fifth is missing is not "
            "used; a firm-event without the primary window is dropped"
        ),
        "detectable": "true mean found in 80 of 100 such studies, from the noncentral t distribution",
        "path": "mean over episodes, cumulated from the first day; pointwise 95 % bands with K − 1 degrees of freedom",
    }
