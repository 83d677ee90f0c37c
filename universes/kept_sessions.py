"""Sessions that were built before, in the user's caches: building all calendars takes seconds, reading them none.

A table is kept under the versions of what made it. What cannot be read or written is built, without a word: nothing is
lost but time.
"""

from __future__ import annotations

import io
import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from universes.atomic import write_file
from universes.errors import CannotWrite

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# To be raised when `universes.sessions.build` gives another table from the same calendar.
EDITION = 1
VARIABLE = "LODESTONE_SESSIONS"


def kept(calendar: str, first: str, last: str) -> pd.DataFrame | None:
    """The table of a calendar over whole years as it was built before; None where there is none that can be used."""
    import numpy as np

    try:
        table = np.load(io.BytesIO(_file(calendar, first, last).read_bytes()), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return _frame(table) if _whole(table) else None


def keep(calendar: str, first: str, last: str, table: pd.DataFrame) -> None:
    """Keep a table for later processes; where that cannot be done, nothing is."""
    import numpy as np

    columns = (table.index, table["open"], table["close"])
    numbers = np.column_stack(
        [np.asarray(column, dtype="datetime64[ns]").view(np.int64) for column in columns]
    )
    # The first row is the sum of the others: a file that was cut or changed is built anew.
    raw = io.BytesIO()
    np.save(raw, np.vstack([numbers.sum(axis=0), numbers]), allow_pickle=False)
    path = _file(calendar, first, last)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, raw.getvalue())
    except (OSError, CannotWrite):
        return


def _whole(table: np.ndarray) -> bool:
    if table.ndim != 2 or table.shape[1] != 3 or table.dtype != "int64" or not len(table):
        return False
    sessions, opens, closes = table[1:].T
    in_order = (sessions[1:] > sessions[:-1]).all() and (closes >= opens).all()
    return bool(in_order and (table[0] == table[1:].sum(axis=0)).all())


def _frame(table: np.ndarray) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    sessions, opens, closes = (np.ascontiguousarray(column).view("datetime64[ns]") for column in table[1:].T)
    return pd.DataFrame({"open": opens, "close": closes}, index=pd.DatetimeIndex(sessions, name="session"))


def _file(calendar: str, first: str, last: str) -> Path:
    return _folder() / f"{calendar}-{first}-{last}-{_made_by()}.npy"


def _folder() -> Path:
    """The folder in ``LODESTONE_SESSIONS``, else ``lodestone/sessions`` in the user's caches."""
    given = os.environ.get(VARIABLE, "")
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("lodestone") / "sessions"


@cache
def _made_by() -> str:
    """What the hours of a calendar come from: rules of the exchanges, and of the clocks of their cities."""
    return "-".join([*map(_version, ("exchange_calendars", "tzdata", "pandas")), str(EDITION)])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        # Where the system has its own clocks of cities, tzdata need not be there.
        return "none"
