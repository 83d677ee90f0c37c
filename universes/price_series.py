"""A series as its source has it → the basis of `Quotes`: split-adjusted prices, dividends on the same basis."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from universes.currency import UNITS
from universes.gates import PRICES, finding
from universes.panel import Finding
from universes.price_dialects import OURS
from universes.price_file import Opened, PriceFile

if TYPE_CHECKING:
    import pandas as pd

# A smaller step between Close and Unadjusted Close is rounding, or a bonus too small to matter for sizes.
LEAST_SPLIT = 0.02


def from_table(
    symbol: str,
    name: str,
    table: pd.DataFrame,
    *,
    basis: str = OURS,
    currency: str = "",
    fetched_at: datetime | None = None,
) -> Opened:
    """A vendor's answer as a series that the gates can judge.

    Parameters
    ----------
    symbol : str
        Whose prices, as in the listings.
    name : str
        What it is, for messages: ``yahoo MP of 2026-01-05``.
    table : DataFrame of shape (T, …)
        Index: naive session dates. Columns ``open high low close volume dividend split`` and, where there is one,
        ``adjusted_close``; NaN where the vendor sent nothing.
    basis, currency, fetched_at
        As in `PriceFile`.

    Returns
    -------
    Opened
        Bars with a price or volume missing are left out and said: gate ``null-bar``; gate ``empty-file`` where
        nothing is left. A dividend or split that is missing is none. Without an adjusted close on every bar that is
        left there is none at all.
    """
    bars = table.assign(
        dividend=table["dividend"].fillna(0.0), split=table["split"].fillna(1.0).replace(0.0, 1.0)
    )
    values = bars[[*PRICES, "volume"]].to_numpy(dtype=float)
    gone = ~np.isfinite(values).all(axis=1)
    every = PriceFile(symbol, name, bars, True, name.partition(" ")[0], basis, currency, fetched_at)
    if gone.all():
        message = f"{name}: none of {len(bars)} bars has all its prices and a volume; fetch it again"
        return Opened.refused(Finding("refused", symbol, "", "empty-file", message))
    found = (_null_bars(every, np.flatnonzero(gone), ~np.isfinite(values)),) if gone.any() else ()
    file = every.keep(~gone)
    if "adjusted_close" in file.bars and not np.isfinite(file.values("adjusted_close")).all():
        file = replace(file, bars=file.bars.drop(columns="adjusted_close"))
    return Opened(file, found)


def _null_bars(file: PriceFile, at: npt.NDArray[np.intp], absent: npt.NDArray[np.bool_]) -> Finding:
    half = int((~absent[at].all(axis=1)).sum())
    actions = int(((file.values("dividend")[at] != 0) | (file.values("split")[at] != 1)).sum())
    what = f"{len(at)} bar{'s' if len(at) > 1 else ''} without all prices and a volume"
    partly = f", {half} of them with some" if half else ""
    acted = f", {actions} with a dividend or split" if actions else ""
    return replace(
        finding(file, "null-bar", at[:1], f"{what}{partly}{acted}", "left out; fetch again later"),
    )


def on_our_basis(file: PriceFile) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The series with split-adjusted prices and dividends on the same basis; gate ``basis`` says what was done.

    Parameters
    ----------
    file : PriceFile
        Bars by date, each date once.

    Returns
    -------
    PriceFile
        Raw prices divided, and volumes multiplied, by the splits that follow them; of a total return the dividends
        set to none, as they are in the prices already; split-adjusted prices as they are. Prices labelled in pence
        or cents divided by 100.
    tuple of Finding
        One, unless the series was a plain or Yahoo-like one that is split-adjusted as it stands.
    """
    restate = {"raw": _from_raw, "total-return": _from_total_return}.get(file.basis, _with_splits)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        restated, what = restate(file)
    restated, unit = _in_whole_units(restated)
    if file.dialect in {"plain", "yahoo"} and file.basis == OURS and not unit:
        return restated, ()
    text = f"read as {file.dialect}, prices {file.basis}{what}{unit}"
    return restated, (finding(file, "basis", np.array([0]), text, "nothing to do if that is so"),)


def _in_whole_units(file: PriceFile) -> tuple[PriceFile, str]:
    whole = UNITS.get(file.currency)
    if whole is None:
        return file, ""
    names = [name for name in (*PRICES, "adjusted_close", "dividend") if name in file.bars]
    bars = file.bars.assign(**{name: file.bars[name] / 100 for name in names})
    return replace(file, bars=bars, currency=whole), f", divided by 100 from {file.currency} to {whole}"


def _from_raw(file: PriceFile) -> tuple[PriceFile, str]:
    splits = file.values("split")
    later = np.append(np.cumprod(splits[:0:-1])[::-1], 1.0)
    bars = file.bars.assign(
        **{name: file.bars[name] / later for name in (*PRICES, "dividend")},
        volume=file.bars["volume"] * later,
    ).drop(columns="unadjusted_close", errors="ignore")
    count = int((splits != 1).sum())
    what = (
        f", {count} split{'s' if count > 1 else ''} taken out of what came before"
        if count
        else ", no split given"
    )
    return replace(file, bars=bars, basis=OURS), what


def _from_total_return(file: PriceFile) -> tuple[PriceFile, str]:
    bars = file.bars.drop(columns=["unadjusted_close", "adjusted_close"], errors="ignore").assign(
        dividend=0.0
    )
    what = ", dividends in the prices and not counted again; levels are not those printed on the day"
    return replace(file, bars=bars, basis=OURS, has_dividends=False), what


def _with_splits(file: PriceFile) -> tuple[PriceFile, str]:
    """Splits from the steps of unadjusted over adjusted closes, where the vendor gives both and no splits."""
    if "unadjusted_close" not in file.bars:
        return file, ""
    over = file.values("unadjusted_close") / file.values("close")
    steps = np.ones(len(over))
    steps[1:] = over[:-1] / over[1:]
    real = np.isfinite(steps) & (steps > 0) & (np.abs(np.log(np.where(steps > 0, steps, 1))) > LEAST_SPLIT)
    bars = file.bars.assign(split=np.where(real, steps, 1.0)).drop(columns="unadjusted_close")
    return replace(file, bars=bars), f", {int(real.sum())} splits read from Unadjusted Close"
