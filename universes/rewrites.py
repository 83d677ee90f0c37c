"""Two series of one symbol, an older and a newer one → what the vendor rewrote between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from universes.panel import Finding

if TYPE_CHECKING:
    import pandas as pd

# Five basis points of return: vendors round to fewer.
LEAST_CHANGE = 5e-4
SHOWN = 6

Numbers = npt.NDArray[np.float64]


def rewrites(symbol: str, old: pd.DataFrame, new: pd.DataFrame) -> tuple[Finding, ...]:
    """What two series of one symbol say differently of the same sessions, and whether later actions explain it.

    Parameters
    ----------
    symbol : str
        Whose series, for the findings.
    old, new : DataFrame of shape (T, …)
        Index: naive session dates, increasing and unique. Any of the columns ``close volume adjusted_close`` that
        both have is compared; ``dividend`` and ``split``, 0 and 1 where there are none, in the basis of `close`.
        Missing values are compared with nothing.

    Returns
    -------
    tuple of Finding
        All flagged, empty when one is the other with later sessions. Gates:

        ``rescaled``
            The closes, or adjusted closes, changed by one factor: which, and whether the splits and dividends after
            the last old session explain it.
        ``rewritten-close``, ``rewritten-volume``
            Returns of close, and volumes, that differ beyond that factor.
        ``rewritten-return``
            Total returns, of `adjusted_close`, that differ by more than 5 basis points beyond one factor.
        ``rewritten-actions``
            Dividends or splits that came, went or changed on sessions that both have.
        ``sessions-gone``, ``sessions-added``
            Sessions between the first and the last that only one has.
        ``last-bar``
            The last old bar alone changed, as one does that was fetched before its session had closed.

    Notes
    -----
    A return is that between two sessions that both have; one close that changed shows as two returns. The factor is
    the median of new over old on the sessions after the last return that differs.
    """
    shared = old.index.intersection(new.index)
    if not len(shared):
        text = "the two have no session in common: nothing to compare; check that they are of one symbol"
        return (Finding("flagged", symbol, "", "sessions-gone", text),)
    before, after = old.loc[shared], new.loc[shared]
    return (
        *_sessions(symbol, old, new),
        *_levels(symbol, before, after, new),
        *_volumes(symbol, before, after),
        *_actions(symbol, before, after),
    )


def _flag(symbol: str, gate: str, days: pd.Index, what: str, mend: str) -> Finding:
    return Finding("flagged", symbol, f"{days[0]:%Y-%m-%d}" if len(days) else "", gate, f"{what}; {mend}")


def _named(days: pd.Index) -> str:
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return ", ".join(f"{day:%Y-%m-%d}" for day in days[:SHOWN]) + more


def _sessions(symbol: str, old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Finding]:
    for gate, one, other, verb in (
        ("sessions-gone", old, new, "were there before and are gone"),
        ("sessions-added", new, old, "were not there before"),
    ):
        inside = (one.index >= other.index[0]) & (one.index <= other.index[-1])
        days = one.index[inside & ~one.index.isin(other.index)]
        if len(days):
            what = f"{len(days)} sessions {verb}: {_named(days)}"
            yield _flag(symbol, gate, days, what, "compare with the exchange's own record")


def _levels(symbol: str, before: pd.DataFrame, after: pd.DataFrame, new: pd.DataFrame) -> Iterator[Finding]:
    for column, gate in (("close", "rewritten-close"), ("adjusted_close", "rewritten-return")):
        if column in before and column in after:
            yield from _level(symbol, column, gate, before, after, new)


def _level(
    symbol: str, column: str, gate: str, before: pd.DataFrame, after: pd.DataFrame, new: pd.DataFrame
) -> Iterator[Finding]:
    past, present = before[column].to_numpy(dtype=float), after[column].to_numpy(dtype=float)
    usable = (past > 0) & (present > 0) & np.isfinite(past) & np.isfinite(present)
    days, change = before.index[usable], np.log(present[usable] / past[usable])
    if not len(days):
        return
    steps = np.flatnonzero(np.abs(np.diff(change)) > LEAST_CHANGE) + 1
    alone = len(change) - 1
    # The level of the sessions since the last step; one bar alone at the end is no level.
    marks = [0, *(int(step) for step in steps if step < alone), len(change)]
    scale = float(np.median(change[marks[-2] : marks[-1]]))
    name = column.replace("_", " ")
    if list(steps) == [alone]:
        what = f"{name} of the last session that both have changed by {_percent(change[-1] - scale)}"
        yield _flag(symbol, "last-bar", days[-1:], what, "it was fetched before that session had closed")
    elif len(steps):
        worst = float(np.max(np.abs(np.diff(change))))
        what = (
            f"{len(steps)} returns of {name} differ, by up to {_percent(worst)}: {_named(days[steps])}; "
            f"earlier ones changed by {_percent(change[0])} in level, the last by {_percent(change[-1])}"
        )
        yield _flag(symbol, gate, days[steps], what, "never join the two: use one of them whole")
    if abs(scale) > LEAST_CHANGE:
        yield _rescaled(symbol, column, days, scale, new)


def _percent(log_change: float) -> str:
    return f"{np.expm1(log_change):+.2%}"


def _rescaled(symbol: str, column: str, days: pd.Index, scale: float, new: pd.DataFrame) -> Finding:
    expected = _explained(column, days[-1], new)
    name = column.replace("_", " ")
    what = f"{name} to {days[-1]:%Y-%m-%d} stands at {np.exp(scale):.6g} times its old level"
    if abs(scale - expected) <= LEAST_CHANGE:
        mend = "the splits and dividends since explain it: use the new series whole"
    elif expected:
        mend = f"the splits and dividends since say {np.exp(expected):.6g}: look for one that is missing or wrong"
    else:
        mend = f"no split or dividend since {days[-1]:%Y-%m-%d} explains it: look for one that is missing"
    return _flag(symbol, "rescaled", days, what, mend)


def _explained(column: str, last: pd.Timestamp, new: pd.DataFrame) -> float:
    """Logarithm of the factor that actions after the last shared session put on what came before."""
    later = np.asarray(new.index > last)
    factor = 1.0
    if "split" in new:
        factor /= float(new["split"].fillna(1.0).to_numpy(dtype=float)[later].prod())
    if column == "adjusted_close" and {"dividend", "close"} <= set(new.columns):
        previous = new["close"].shift().to_numpy(dtype=float)
        # Adjusted closes are stated on the same splits as closes, and on the dividends besides.
        factor *= float(
            np.prod(1 - new["dividend"].fillna(0.0).to_numpy(dtype=float)[later] / previous[later])
        )
    return float(np.log(factor)) if factor > 0 and np.isfinite(factor) else 0.0


def _volumes(symbol: str, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[Finding]:
    if "volume" not in before or "volume" not in after:
        return
    past, present = before["volume"].to_numpy(dtype=float), after["volume"].to_numpy(dtype=float)
    known = np.isfinite(past) & np.isfinite(present)
    traded = known & (past > 0) & (present > 0)
    scale = float(np.median(present[traded] / past[traded])) if traded.any() else 1.0
    differs = known & (np.abs(present - past * scale) > LEAST_CHANGE * np.maximum(past * scale, 1.0) + 0.5)
    days = before.index[differs]
    if len(days) == 1 and days[0] == before.index[-1]:
        what = f"volume of the last session that both have went from {past[-1]:.0f} to {present[-1]:.0f}"
        yield _flag(symbol, "last-bar", days, what, "it was fetched before that session had closed")
    elif len(days):
        what = f"{len(days)} volumes differ: {_named(days)}"
        yield _flag(symbol, "rewritten-volume", days, what, "the newer ones are the vendor's present view")


def _actions(symbol: str, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[Finding]:
    rescale = 1.0
    if "close" in before and "close" in after:
        ratio = (after["close"] / before["close"]).to_numpy(dtype=float)
        rescale = float(np.nanmedian(ratio)) if np.isfinite(ratio).any() else 1.0
    for column, none, factor in (("dividend", 0.0, rescale), ("split", 1.0, 1.0)):
        if column not in before or column not in after:
            continue
        past = before[column].fillna(none).to_numpy(dtype=float)
        past = np.where(past == none, none, past * factor)
        present = after[column].fillna(none).to_numpy(dtype=float)
        size = np.maximum(np.abs(past), np.abs(present))
        at = np.flatnonzero(np.abs(present - past) > LEAST_CHANGE * size)
        if len(at):
            days = before.index[at]
            shown = ", ".join(
                f"{day:%Y-%m-%d} {past[row]:g} to {present[row]:g}"
                for day, row in zip(days[:SHOWN], at, strict=False)
            )
            what = f"{len(at)} {column}s came, went or changed: {shown}{' …' if len(at) > SHOWN else ''}"
            yield _flag(symbol, "rewritten-actions", days, what, "check them against the company's notices")
