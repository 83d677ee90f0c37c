"""What every command shares: its options, and how its rows go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from universes.rendering import BANNER, as_csv, as_json, as_table

FORMATS = ("table", "csv", "json")

Command = TypeVar("Command", bound=Callable[..., Any])


def examples(*lines: str) -> str:
    """Epilogue of a help text: commands as they are typed, a line each."""
    return "\b\n" + "\n".join(lines)


def output_options(command: Command) -> Command:
    """Add ``--format`` and ``-o``: what `emit` takes as `format` and `output`."""
    place = click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        callback=_writable,
        metavar="FILE",
        help="Write there instead of to stdout.",
    )
    form = click.option(
        "--format", type=click.Choice(FORMATS), default="table", show_default=True, help="Form of the data."
    )
    return form(place(command))


def source_options(command: Command) -> Command:
    """Add ``--source --from --to --seed --accept --currency``, as `source start end seed accept currency`."""
    for add in (
        click.option(
            "--currency",
            default="",
            metavar="CODE",
            help="Read all prices in this currency, as USD; default each listing's own.",
        ),
        click.option(
            "--accept",
            multiple=True,
            metavar="GATE",
            help="Use series that this gate refuses; see docs/prices.md.",
        ),
        click.option("--seed", default=0, show_default=True, help="Seed of the simulated market."),
        click.option("--to", "end", metavar="DATE", help="Last session; default the last there is."),
        click.option("--from", "start", metavar="DATE", help="First session; default the first there is."),
        click.option(
            "--source",
            default="simulated",
            show_default=True,
            metavar="simulated|csv:FOLDER|yahoo",
            help="Prices.",
        ),
    ):
        command = add(command)
    return command


def _writable(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    # Before the work is done, not after it.
    from universes.atomic import check_folder

    del context, option
    if path is not None:
        check_folder(path)
    return path


def emit(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    settings: Mapping[str, Any],
    data: Mapping[str, Any],
    format: str,
    output: Path | None,
    extra: Mapping[str, Any] | None = None,
    table: Callable[[], str] | None = None,
) -> None:
    """Print rows, or write them to a file, in the form that was asked for.

    Parameters
    ----------
    rows : sequence of mapping
        Values by field name.
    columns : sequence of str
        Fields of the table and of the CSV, in order.
    settings : mapping
        What was asked for.
    data : mapping
        ``source kind hash`` of what it was asked of.
    format : {"table", "csv", "json"}
        JSON is one object: ``settings``, ``data``, ``rows`` and those of `extra`.
    output : Path or None
        File to write; None is stdout.
    extra : mapping, optional
        Further fields of the JSON.
    table : callable, optional
        Makes the text of the table where it is more than its rows.

    Raises
    ------
    CannotWrite
        If the file cannot be written.
    """
    simulated = data["kind"] == "simulated"
    if format == "json":
        text = as_json({"settings": settings, "data": data, "rows": rows, **(extra or {})})
    elif format == "csv":
        text = _csv(rows, columns, simulated=simulated)
    else:
        text = table() if table else as_table(columns, [[row.get(name) for name in columns] for row in rows])
        text = f"{BANNER}\n{text}\n" if simulated else f"{text}\n"
    _put(text, output)


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, simulated: bool) -> str:
    if not simulated:
        return as_csv(columns, rows)
    return as_csv((*columns, "data_kind"), [{**row, "data_kind": "SIMULATED"} for row in rows])


def _put(text: str, output: Path | None) -> None:
    from universes.atomic import write_file

    if output is None:
        click.echo(text, nl=False)
        return
    write_file(output, text)
    click.echo(f"Written to {output}", err=True)
