"""The `report` and `demo` commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from universes.commandline import examples

if TYPE_CHECKING:
    from reports.demonstration import Demonstration


@click.command(
    epilog=examples(
        "lodestone report pullback chase -o tearsheet.html",
    )
)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option(
    "-o",
    "--output",
    default=Path("tearsheet.html"),
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
)
@click.option("--title", metavar="TEXT", help="Title of the page.")
def report(runs: tuple[Path, ...], output: Path, title: str | None) -> None:
    """Write one self-contained page of one or several run folders."""
    from reports.page import tearsheet
    from strategies.run_folder import load_run

    results = [load_run(run) for run in runs]
    click.echo(tearsheet(results if len(results) > 1 else results[0], output, title=title))


@click.command()
@click.option(
    "-o", "--output", default=Path("demo"), show_default=True, type=click.Path(path_type=Path), metavar="DIR",
    help="Folder to write into.",
)  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Seed of the simulated market.")
def demo(output: Path, seed: int) -> None:
    """Run screen, study and backtests on the simulated market and write a tearsheet.

    Writes tearsheet.html, truth.csv (the effects that were planted) and a run folder for each strategy.
    """
    from reports.demonstration import demonstrate

    _print(demonstrate(output, seed))


def _print(shown: Demonstration) -> None:
    from universes.rendering import BANNER, as_table

    click.echo(f"{BANNER}\n")
    click.echo(f"The screen on {shown.as_of}, best ten of {shown.ranked}")
    click.echo(as_table(shown.screen_columns, shown.screen_rows))
    click.echo(f"\nThe study: {shown.verdict}\n")
    click.echo("The strategies, after costs")
    click.echo(as_table(shown.comparison_columns, shown.comparison_rows))
    click.echo(f"\nOpen {shown.page}")
