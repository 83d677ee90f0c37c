"""A second page, by quantstats: called so that it cannot guess, with its known deviations written on it."""

from __future__ import annotations

import html
import logging
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reports.numbers import words
from strategies.metrics import SESSIONS_PER_YEAR, session_returns
from strategies.result import Backtest
from universes.atomic import check_folder, write_file
from universes.errors import BadParameter

if TYPE_CHECKING:
    import pandas as pd

DEVIATIONS = (
    "CAGR counts years as sessions / 252; Lodestone counts calendar days.",
    "Daily value at risk and expected shortfall assume a normal distribution; Lodestone's are historical.",
    "Alpha subtracts no riskless rate and has no error; with a rate of zero it is Lodestone's intercept.",
    "Treynor and the ulcer performance index divide a total return, not a yearly one; the recovery factor has no sign.",
    "A drawdown that begins on the first session and never ends is missing in its table.",
    "A drawdown's date of recovery is the last session under water.",
    "Win rates count sessions with a return, not trades or events; Kelly and risk of ruin are built on them.",
    "“Log scaled” is linear up to +200 %; months without data print as 0.00.",
    "No number here allows for shared dates, for the number of sets tried, or for costs of other sizes.",
)
# What is looked up when the page is opened, or names a function that is not there.
BEACONS = (re.compile(r"<link[^>]*rel=.(?:shortcut )?icon[^>]*>"), re.compile(r"\sonload=\"[^\"]*\""))


def export(result: Backtest, path: Path | str, *, title: str | None = None) -> Path:
    """Write the page of quantstats for a result.

    Parameters
    ----------
    result : Backtest
        Its net equity, and the benchmark on the same sessions.
    path : Path or str
        File to write.
    title : str, optional
        Heading; default the strategy.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    BadParameter
        If the book or the benchmark never moved, or has no value: quantstats fails on them.
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    target = Path(path)
    check_folder(target)
    book, benchmark = aligned(result)
    content = _rendered(book, benchmark, title or result.strategy, words(result.settings.get("benchmark")))
    return write_file(target, _noted(content, simulated=result.data["kind"] == "simulated"))


def aligned(result: Backtest) -> tuple[pd.Series, pd.Series]:
    """Session returns of the book and of its benchmark on the same days, without time zones, shape (S − 1,).

    Raises
    ------
    BadParameter
        If one of them is undefined or never moved.
    """
    import numpy as np
    import pandas as pd

    found = []
    for name in ("net", "benchmark"):
        wealth = result.equity[name]
        returns = session_returns(wealth)
        returns.index = pd.DatetimeIndex(returns.index).tz_localize(None).normalize()
        if len(returns) < 2 or not np.isfinite(returns).all() or float(returns.std()) < 1e-12:
            who = "the book" if name == "net" else "the benchmark"
            raise BadParameter(
                f"{who} never moved or has no value on some session: quantstats cannot show it"
            )
        found.append(returns)
    return found[0], found[1]


def _rendered(book: pd.Series, benchmark: pd.Series, title: str, rival: str) -> str:
    with quietly(), tempfile.TemporaryDirectory() as folder:
        import quantstats

        file = Path(folder) / "page.html"
        # Series without names are named by the arguments alone; match_dates would cut the days in cash off the start.
        quantstats.reports.html(  # type: ignore[no-untyped-call]
            book.rename("Strategy"),
            benchmark=benchmark.rename(_harmless(rival)),
            rf=0.0,
            title=_harmless(title),
            output=str(file),
            match_dates=False,
            periods_per_year=SESSIONS_PER_YEAR,
        )
        return file.read_text("utf-8")


def _harmless(text: str) -> str:
    """Text that is neither markup nor a place holder of the template."""
    return html.escape(re.sub(r"[{}]", "", text))


def _noted(content: str, *, simulated: bool) -> str:
    """The page with its deviations in front, and without what asks the network."""
    for beacon in BEACONS:
        content = beacon.sub("", content)
    banner = "SIMULATED. No price on this page was ever traded. " if simulated else ""
    items = "".join(f"<li>{html.escape(item)}</li>" for item in DEVIATIONS)
    note = (
        '<aside style="font:14px/1.5 sans-serif;max-width:960px;margin:16px auto;padding:8px 16px;'
        'border:1px solid #d08a2a;background:#fff0d6;color:#6b3500">'
        f"<strong>{banner}Made by quantstats, not by Lodestone.</strong> Where it differs from Lodestone's own page:"
        f"<ul>{items}</ul></aside>"
    )
    return re.sub(r"(<body[^>]*>)", lambda found: found.group(1) + note, content, count=1)


@contextmanager
def quietly() -> Iterator[None]:
    """Without what matplotlib and pandas say to developers of quantstats."""
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    fonts.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        fonts.setLevel(level)
