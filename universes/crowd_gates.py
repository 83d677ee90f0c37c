"""Gates across the symbols of one exchange: a session whose volume fell for nearly all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from universes.gates import finding
from universes.panel import Finding
from universes.price_file import PriceFile

if TYPE_CHECKING:
    import pandas as pd

# The vendor cut one session short for two thirds of Sydney on 2024-01-15: the median symbol had a quarter of its
# volume. Over twenty-five years of New York no ordinary session has both figures.
LOW_VOLUME, CROWD, MEDIAN_LEFT = 0.5, 2 / 3, 1 / 3
NEIGHBOURS, LEAST_NEIGHBOURS, LEAST_SYMBOLS = 20, 10, 10


def volume_collapse(files: Sequence[PriceFile], hours: pd.DataFrame) -> tuple[Finding, ...]:
    """Sessions on which the volume of nearly all symbols fell at once, one finding a symbol; gate ``volume-collapse``.

    Parameters
    ----------
    files : sequence of PriceFile
        Series of one exchange, bars by date.
    hours : DataFrame of shape (S, 2)
        Its sessions with their ``open close``, as `universes.sessions.schedule` gives.

    Notes
    -----
    A volume is low when it is under half of the symbol's median over the 20 sessions around it. A session is found
    when two thirds of at least 10 symbols are low and the median symbol has less than a third, and when neither session
    beside it has half as many low ones: in the quiet days after Christmas, one day is like the next. Sessions that
    close early are not judged. An exchange's own outage is found as well.
    """
    import pandas as pd

    ratios = _ratios(files)
    low = (ratios < LOW_VOLUME).sum(axis=1)
    counted = ratios.notna().sum(axis=1)
    share = low / counted.where(counted > 0)
    beside = pd.concat([share.shift(1), share.shift(-1)], axis=1).max(axis=1).fillna(0.0)
    found = (
        (counted >= LEAST_SYMBOLS)
        & (share >= CROWD)
        & (ratios.median(axis=1) < MEDIAN_LEFT)
        & (beside < share / 2)
        & share.index.isin(_whole_days(hours))
    )
    days = share.index[found]
    return tuple(item for file in files for item in _said(file, ratios[file.symbol], days, low, counted))


def _ratios(files: Sequence[PriceFile]) -> pd.DataFrame:
    """Volume over its own median nearby, sessions by symbols; NaN where too few sessions are near."""
    import pandas as pd

    columns = {}
    for file in files:
        volume = file.bars["volume"]
        usual = volume.rolling(NEIGHBOURS + 1, center=True, min_periods=LEAST_NEIGHBOURS + 1).median()
        columns[file.symbol] = volume / usual.where(usual > 0)
    return pd.DataFrame(columns)


def _whole_days(hours: pd.DataFrame) -> pd.Index:
    length = hours["close"] - hours["open"]
    # An hour less is a half day; half an hour is a change of the exchange's hours.
    return hours.index[length > length.median() * 0.85]


def _said(
    file: PriceFile, ratios: pd.Series, days: pd.Index, low: pd.Series, counted: pd.Series
) -> tuple[Finding, ...]:
    own = ratios.reindex(days)
    days = days[(own < LOW_VOLUME).to_numpy()]
    if not len(days):
        return ()
    at = np.flatnonzero(np.asarray(file.bars.index.isin(days)))
    first = days[0]
    what = (
        f"volume is {own[first]:.0%} of its usual, and low for {int(low[first])} of {int(counted[first])} symbols "
        "of the exchange"
    )
    mend = "used as it is: fetch the session again, the vendor may have cut it short"
    return (finding(file, "volume-collapse", at, what, mend),)
