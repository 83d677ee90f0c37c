"""The `report` and `demo` commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from universes.commandline import examples

if TYPE_CHECKING:
    from reports.demonstration import Demonstration
    from reports.subjects import Subject
    from strategies.result import Backtest


@click.command(
    epilog=examples(
        "lodestone report pullback chase -o tearsheet.html",
        "lodestone report study.json -o study.html --theme light",
    )
)
@click.argument(
    "given", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN|SWEEP|FILE.json..."
)
@click.option(
    "-o",
    "--output",
    default=Path("tearsheet.html"),
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Page to write.",
)
@click.option("--title", metavar="TEXT", help="Title of the page.")
@click.option(
    "--sections",
    default="all",
    show_default=True,
    metavar="NAME,...",
    help="Sections to show: names, all, or a FILE.py of your own with a constant SECTION.",
)
@click.option(
    "--theme",
    type=click.Choice(("auto", "light", "dark")),
    default="auto",
    show_default=True,
    help="Colours; auto is the reader's choice.",
)
@click.option(
    "--assets",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Put scripts and style there: a small page that needs the folder beside it.",
)
@click.option(
    "--quantstats",
    "second",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the page of quantstats for a single run, with its deviations noted on it.",
)
def report(
    given: tuple[Path, ...],
    output: Path,
    title: str | None,
    sections: str,
    theme: str,
    assets: Path | None,
    second: Path | None,
) -> None:
    """Write one self-contained page of run folders, a sweep, a study, a screen or claims.

    Several runs are compared first, on the sessions they have in common, then shown one by one. A study, screen or
    claims is the file that its command writes with --format json.
    """
    from reports.subjects import read, shown_as_written

    subjects = tuple(read(path) for path in given)
    wanted = tuple(word.strip() for word in sections.split(",") if word.strip())
    run = None if second is None else _single(subjects, output, second)
    with shown_as_written(subjects, given):
        from reports.page import tearsheet

        page = tearsheet(subjects, output, title=title, sections=wanted, theme=theme, assets=assets)
    click.echo(page)
    if run is not None and second is not None:
        from reports.quantstats_export import export

        click.echo(export(run, second, title=title))


def _single(subjects: Sequence[Subject], output: Path, second: Path) -> Backtest:
    """The run of the second page, refused before anything is written where it cannot be made."""
    from reports.quantstats_export import aligned
    from strategies.result import Backtest
    from universes.atomic import check_folder
    from universes.errors import BadParameter

    runs = [item for item in subjects if isinstance(item, Backtest)]
    if len(runs) != 1:
        raise BadParameter(f"--quantstats shows one run and {len(runs)} were given: report them one by one")
    if second.resolve() == output.resolve():
        raise BadParameter(f"--quantstats and --output are both {output}: give the second page another name")
    check_folder(second)
    aligned(runs[0])
    return runs[0]


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
