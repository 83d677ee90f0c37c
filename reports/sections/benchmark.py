"""What of the book the benchmark explains."""

from __future__ import annotations

from collections.abc import Iterator

from reports.benchmark_regression import NORMAL, Regression, regression
from reports.blocks import Block, Cell, Column, Table, Text
from reports.conventions import numeric
from reports.numbers import NOTHING, percent, plain, words
from reports.section import Results, Section
from strategies.metrics import SESSIONS_PER_YEAR


def render(results: Results) -> Iterator[Block]:
    """Intercept and slope with their intervals, on how many sessions."""
    (result,) = results
    name = words(result.settings.get("benchmark"))
    found = regression(result.equity["net"], result.equity["benchmark"])
    if found.intercept is None:
        yield Text(f"Nothing can be said of the benchmark {name}: {found.reason}.")
        return
    yield _table(found, name)
    yield Text(
        f"Session returns of the book on those of {name}, on the {found.sessions:,} sessions that both have; "
        f"Newey–West errors with {found.lags} lags. The slope is that of the whole book, cash included; the "
        "benchmark pays no costs."
    )


def _table(found: Regression, name: str) -> Table:
    assert found.intercept is not None
    assert found.slope is not None
    year = SESSIONS_PER_YEAR
    yearly, error = found.intercept * year, (found.intercept_error or 0.0) * year
    slope_error = found.slope_error or 0.0
    rows = (
        (
            Cell("Intercept a year, after costs"),
            Cell(percent(yearly, 2, signed=True), yearly),
            Cell(" to ".join(percent(yearly + side * NORMAL * error, 1, signed=True) for side in (-1, 1))),
        ),
        (
            Cell("Slope (beta)"),
            Cell(plain(found.slope, 2), found.slope),
            Cell(
                f"{plain(found.slope - NORMAL * slope_error, 2)} to {plain(found.slope + NORMAL * slope_error, 2)}"
            ),
        ),
        (
            Cell("Explained (R²)"),
            Cell(f"{NOTHING}: the book never moved")
            if found.explained is None
            else Cell(percent(found.explained, 0), found.explained),
            Cell(""),
        ),
    )
    count = f"n = {found.sessions:,} session returns that both have"
    columns = (
        Column("Number"),
        numeric("Value", f"least squares of the book's session returns on the benchmark's; intercept × 252, not "
                         f"compounded; {count}"),
        numeric("95 % interval", f"± 1.96 Newey–West errors, {found.lags} lags, times √(n / (n − 2)); {count}"),
    )  # fmt: skip
    return Table(f"The book against {name}", columns, rows)


SECTION = Section("Against the benchmark", 64, render)
