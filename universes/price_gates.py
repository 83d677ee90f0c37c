"""Price gates: values that cannot be prices, and moves that look like a fault of the data rather than of the market."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from universes.gates import PRICES, finding, runs
from universes.panel import Finding
from universes.price_file import PriceFile

# Vendors round open and close apart from high and low; past half a per cent it is another price.
ROUNDING, PRINT_NOISE = 0.005, 1e-6
# A change of unit, cents for dollars, is a factor of 100 times the day's own move of at most a quarter.
UNIT_JUMP = 75.0
LARGE_MOVE = 0.40
SPLIT_RATIOS, SPLIT_MATCH = np.arange(3, 21), 0.02
# Shares of a blank-cheque company before its merger stand at the 10 dollars held in trust for each.
SHELL_LOW, SHELL_HIGH, SHELL_RANGE, SHELL_SESSIONS = 9.5, 10.6, 0.01, 20
QUIET_SESSIONS = 20
FACTOR_MATCH = 5e-4
# Steps of price: in New York a cent, half of one in auctions; in Sydney half a cent below two dollars, a tenth below
# ten cents.
DEAR, COARSE_STEP, FINE_STEP, ENOUGH = 2.0, 0.005, 0.001, 5
# Outside of this a number is a fault of the file, and its square or its inverse is no number at all.
LEAST_PRICE, MOST_PRICE = 1e-6, 1e7


def prices(file: PriceFile) -> tuple[Finding, ...]:
    """What the price gates see in bars by date, one finding a gate."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return tuple(found for gate in PRICE_GATES for found in gate(file)) if len(file) else ()


def _non_positive(file: PriceFile) -> Iterator[Finding]:
    columns = [name for name in (*PRICES, "adjusted_close") if name in file.bars]
    low = file.bars[columns].to_numpy(dtype=float) <= 0
    at = np.flatnonzero(low.any(axis=1))
    if len(at):
        name = columns[int(low[at[0]].argmax())]
        what = f"{name} {file.values(name)[at[0]]:g} is not above zero"
        yield finding(file, "non-positive-price", at, what, "correct the line or remove it")


def _extreme(file: PriceFile) -> Iterator[Finding]:
    values = file.bars[list(PRICES)].to_numpy(dtype=float)
    far = ((values > 0) & (values < LEAST_PRICE)) | (values > MOST_PRICE)
    at = np.flatnonzero(far.any(axis=1))
    if len(at):
        name = PRICES[int(far[at[0]].argmax())]
        what = f"{name} {file.values(name)[at[0]]:g} is outside {LEAST_PRICE:g} to {MOST_PRICE:g}"
        mend = "correct the line; if splits explain it, leave the early years out with a start date"
        yield finding(file, "extreme-price", at, what, mend)


def _high_below_low(file: PriceFile) -> Iterator[Finding]:
    high, low = file.values("high"), file.values("low")
    what = "high {high:g} is below low {low:g}"
    yield from _range_breach(file, "high-below-low", (low - high) / np.abs(low), what)


def _outside_high_low(file: PriceFile) -> Iterator[Finding]:
    high, low = file.values("high"), file.values("low")
    # Where high and low are swapped the other gate has said so.
    low, high = np.minimum(low, high), np.maximum(low, high)
    gaps = [
        np.maximum(low - price, price - high) / np.abs(price)
        for price in (file.values("open"), file.values("close"))
    ]
    what = "open {open:g} or close {close:g} is outside low {low:g} to high {high:g}"
    yield from _range_breach(file, "outside-high-low", np.maximum(*gaps), what)


def _range_breach(file: PriceFile, gate: str, gap: npt.NDArray[np.float64], what: str) -> Iterator[Finding]:
    """Refuses a gap above rounding; flags smaller ones, print noise apart."""
    wide, small = np.flatnonzero(gap > ROUNDING), np.flatnonzero((gap > PRINT_NOISE) & (gap <= ROUNDING))
    if len(wide):
        text = what.format_map(_bar(file, wide))
        yield finding(file, gate, wide, f"{text}, by more than {ROUNDING:.1%}", "correct the line")
    if len(small):
        text = what.format_map(_bar(file, small))
        mend = f"used as it is: within {ROUNDING:.1%}, which vendors' rounding explains"
        yield replace(finding(file, gate, small, text, mend), severity="flagged")


def _bar(file: PriceFile, at: npt.NDArray[np.intp]) -> dict[str, float]:
    return {name: float(file.values(name)[at[0]]) for name in PRICES}


def _ratios(file: PriceFile) -> npt.NDArray[np.float64]:
    """Close over the close before, 1 for the first bar; shape (T,)."""
    close = file.values("close")
    ratios = np.ones(len(close))
    ratios[1:] = close[1:] / close[:-1]
    return ratios


def _from_to(file: PriceFile, at: int) -> str:
    close = file.values("close")
    return f"close {close[at]:g} after {close[at - 1]:g} on {file.day(at - 1)}"


def _hundredfold(file: PriceFile) -> Iterator[Finding]:
    ratios = _ratios(file)
    at = np.flatnonzero((ratios >= UNIT_JUMP) | ((ratios <= 1 / UNIT_JUMP) & (ratios > 0)))
    if len(at):
        what = f"{_from_to(file, int(at[0]))}, about a hundredfold"
        mend = "bring all prices to one unit (dollars, not cents) and one split basis"
        yield finding(file, "hundredfold-jump", at, what, mend)


def _negative_volume(file: PriceFile) -> Iterator[Finding]:
    volume = file.values("volume")
    at = np.flatnonzero(volume < 0)
    if len(at):
        yield finding(
            file, "negative-volume", at, f"volume {volume[at[0]]:g} is below zero", "correct the line"
        )


def _bad_dividend(file: PriceFile) -> Iterator[Finding]:
    dividend = file.values("dividend")
    previous = np.append(np.inf, file.values("close")[:-1])
    at = np.flatnonzero((dividend < 0) | ((dividend > 0) & (dividend >= previous)))
    if len(at):
        first = int(at[0])
        what = f"dividend {dividend[first]:g} is below zero"
        if dividend[first] > 0:
            what = f"dividend {dividend[first]:g} is not below the close before, {previous[first]:g}"
        yield finding(file, "bad-dividend", at, what, "write cash a share, in the basis of the closes")


def _large_move(file: PriceFile) -> Iterator[Finding]:
    moves = _ratios(file) - 1
    at = np.flatnonzero((np.abs(moves) > LARGE_MOVE) & (file.values("split") == 1))
    if len(at):
        what = f"{_from_to(file, int(at[0]))}, {moves[at[0]]:+.0%} without a split"
        yield finding(file, "large-move", at, what, "used as it is: check it against the news of the day")


def _unadjusted_split(file: PriceFile) -> Iterator[Finding]:
    ratios = _ratios(file)
    fold = np.maximum(ratios, 1 / ratios)
    whole = np.rint(fold)
    near = np.isin(whole, SPLIT_RATIOS) & (np.abs(fold / whole - 1) <= SPLIT_MATCH)
    at = np.flatnonzero(near & (file.values("split") == 1))
    if len(at):
        first = int(at[0])
        kind = "consolidation" if ratios[first] > 1 else "split"
        what = f"{_from_to(file, first)}, nearly {whole[first]:.0f} to one, as after a {kind}"
        yield finding(file, "unadjusted-split", at, what, "if it was one, fetch split-adjusted prices")


def _zero_volume(file: PriceFile) -> Iterator[Finding]:
    quiet = [span for span in runs(file.values("volume") == 0) if span[1] - span[0] >= QUIET_SESSIONS]
    if quiet:
        longest = max(stop - begin for begin, stop in quiet)
        others = f", the longest of {len(quiet)} such runs" if quiet[1:] else ""
        what = f"{longest} bars in a row without volume{others}"
        mend = "used as they are: nobody could have traded at such prices"
        yield finding(file, "zero-volume", np.array([quiet[0][0]]), what, mend)


def _flat_last_bar(file: PriceFile) -> Iterator[Finding]:
    last = file.bars[list(PRICES)].to_numpy(dtype=float)[-1]
    if (last == last[0]).all():
        what = f"the last bar has one price, {last[0]:g}"
        mend = "the session may not have ended: fetch it again or leave it out with an end date"
        yield finding(file, "flat-last-bar", np.array([len(file) - 1]), what, mend)


def _flat_shell(file: PriceFile) -> Iterator[Finding]:
    close, spread = file.values("close"), file.values("high") - file.values("low")
    flat = (close >= SHELL_LOW) & (close <= SHELL_HIGH)
    length = len(flat) if flat.all() else int(flat.argmin())
    if length >= SHELL_SESSIONS and float(np.median(spread[:length] / close[:length])) <= SHELL_RANGE:
        what = f"the first {length} closes stand between {SHELL_LOW:g} and {SHELL_HIGH:g}, as before a merger"
        yield finding(
            file, "flat-shell", np.array([0]), what, "used as they are: write spac_until in listings.csv"
        )


def _adjusted_close(file: PriceFile) -> Iterator[Finding]:
    if not file.has_dividends or "adjusted_close" not in file.bars:
        return
    close = file.values("close")
    steps = np.ones(len(close))
    steps[:-1] = 1 - file.values("dividend")[1:] / close[:-1]
    own = np.cumprod(steps[::-1])[::-1]
    vendor = file.values("adjusted_close") / close
    gap = np.abs(own / (vendor / vendor[-1]) - 1)
    at = np.flatnonzero(gap > FACTOR_MATCH)
    if len(at):
        what = (
            f"Adj Close and the dividends disagree by up to {np.max(gap[at]):.2%}, "
            f"the last time on {file.day(int(at[-1]))}"
        )
        yield finding(
            file, "adjusted-close", at, what, "the dividends are used: check those that follow that date"
        )


def _adjusted_ratio(file: PriceFile) -> Iterator[Finding]:
    """Adj Close over Close falls from one bar to the next: no dividend can do that."""
    # Where there are dividends they are compared with Adj Close, and used.
    if file.has_dividends or "adjusted_close" not in file.bars:
        return
    close, adjusted = file.values("close"), file.values("adjusted_close")
    over = adjusted / close
    step = _decimal_step(adjusted)
    # Both of its ends may be rounded by half a step.
    slack = FACTOR_MATCH + step * (1 / adjusted[1:] + 1 / adjusted[:-1]) / 2
    at = np.flatnonzero(1 - over[1:] / over[:-1] > slack) + 1
    if len(at):
        first = int(at[0])
        what = (
            f"Adj Close over Close falls from {over[first - 1]:.6g} to {over[first]:.6g}, as no dividend can"
        )
        yield finding(file, "adjusted-ratio", at, what, "fetch the whole file again: it may be joined of two")


def _decimal_step(values: npt.NDArray[np.float64]) -> float:
    """Last decimal place to which all values are written, of six at most: 0.01 for cents."""
    places = (place for place in range(6) if np.allclose(values, np.round(values, place), rtol=0, atol=1e-9))
    return float(10.0 ** -next(places, 6))


def _dividends_twice(file: PriceFile) -> Iterator[Finding]:
    """Closes before the last dividend that no exchange prints until that dividend is taken out of them again."""
    paid = np.flatnonzero(file.values("dividend") > 0)
    if "adjusted_close" in file.bars or not len(paid):
        return
    last, actions = int(paid[-1]), np.union1d(paid[:-1], np.flatnonzero(file.values("split") != 1))
    since = int(actions[-1]) if len(actions) else 0
    close = file.values("close")
    before, after = close[since:last], close[last:]
    if min(len(before), len(after)) < ENOUGH:
        return
    # Stated with the dividend D in it, the close before the ex-date is C - D, and every earlier one (C - D) / C of
    # what was printed.
    restored = before * (before[-1] + file.values("dividend")[last]) / before[-1]
    if _printed(before) < 0.5 and min(_printed(after), _printed(restored)) > 0.9:
        what = (
            f"closes from here to the dividend of {file.day(last)} are prices that an exchange prints only with that "
            "dividend added: it is in the prices already"
        )
        mend = (
            "say basis = 'total-return' in prices.toml, or download prices without adjustment for dividends"
        )
        yield finding(file, "dividends-twice", np.array([since]), what, mend)


def _printed(close: npt.NDArray[np.float64]) -> float:
    """Share of the closes that are on an exchange's steps, up to single precision and six decimals."""
    step = np.where(close >= DEAR, COARSE_STEP, FINE_STEP)
    off = np.abs(close / step - np.rint(close / step)) * step
    return float((off <= 5e-7 * close + 2e-6).mean())


PRICE_GATES: tuple[Callable[[PriceFile], Iterator[Finding]], ...] = (
    _non_positive,
    _extreme,
    _high_below_low,
    _outside_high_low,
    _hundredfold,
    _negative_volume,
    _bad_dividend,
    _large_move,
    _unadjusted_split,
    _zero_volume,
    _flat_last_bar,
    _flat_shell,
    _adjusted_close,
    _adjusted_ratio,
    _dividends_twice,
)
