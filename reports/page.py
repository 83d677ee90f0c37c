"""Results → one HTML file that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.blocks import Block
from reports.labels import labels, period
from reports.section import Results, Section, sections, several
from strategies.result import Backtest
from universes.atomic import check_folder, write_file
from universes.errors import BadParameter

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
SIMULATED = "SIMULATED"
BACKTEST = "BACKTEST"
EXPLAINED = {
    SIMULATED: "No price on this page was ever traded. It shows how the method works, not what a market did.",
    BACKTEST: "What a rule would have done with past prices. Nobody traded it; the past need not return.",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A section on the page: its anchor, heading and blocks."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Chapter:
    """Sections under one heading; links between their tables stay within `prefix`."""

    heading: str
    note: str
    prefix: str
    sections: tuple[_Placed, ...]


def tearsheet(
    result_or_results: Backtest | Iterable[Backtest], path: Path | str, *, title: str | None = None
) -> Path:
    """Write one or several results as one HTML page that opens without a network.

    Parameters
    ----------
    result_or_results : Backtest or iterable of Backtest
        What to show; several are compared first, then shown one by one.
    path : Path or str
        File to write; its folder must exist. A file that is there is replaced.
    title : str, optional
        Heading; default the strategy and its period.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    BadParameter
        If there is no result.
    CannotWrite
        If the file cannot be written; one that was there stays as it was.
    """
    results = (result_or_results,) if isinstance(result_or_results, Backtest) else tuple(result_or_results)
    target = Path(path)
    check_folder(target)
    return write_file(target, page(results, title=title))


def page(results: Sequence[Backtest], *, title: str | None = None) -> str:
    """The page as text; the same results give the same text.

    Parameters
    ----------
    results : sequence of Backtest
        At least one.
    title : str, optional
        Heading.

    Raises
    ------
    BadParameter
        If there is no result.
    """
    if not results:
        raise BadParameter("a tearsheet was asked for no result: give at least one Backtest")
    chapters = _chapters(results)
    drawn = any(
        block.kind == "chart" for chapter in chapters for item in chapter.sections for block in item.blocks
    )
    scripts = _scripts(drawn=drawn)
    banner = SIMULATED if any(result.data["kind"] == "simulated" for result in results) else BACKTEST
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=title or _title(results),
            subtitle=_subtitle(results),
            banner=banner,
            explained=EXPLAINED[banner],
            chapters=chapters,
            style=_own("style.css"),
            scripts=scripts,
            policy=policy(scripts),
        )
    )


def policy(scripts: Iterable[str]) -> str:
    """Content security policy that runs these inline scripts and fetches nothing.

    Parameters
    ----------
    scripts : iterable of str
        Text of each script element.
    """
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{text}'" for text in hashes) or "'none'"
    # plotly sets style attributes and adds a style element; an image of a chart is a blob.
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _title(results: Sequence[Backtest]) -> str:
    if several(results):
        return f"{len(results)} strategies compared"
    return results[0].strategy


def _subtitle(results: Sequence[Backtest]) -> tuple[str, ...]:
    """Universe, source, period and currency, each once."""
    said = [
        text
        for result in results
        for text in (
            result.data.get("universe"),
            result.data["source"],
            period(result),
            result.settings.get("currency"),
        )
        if text
    ]
    return tuple(str(text) for text in dict.fromkeys(said))


def _chapters(results: Sequence[Backtest]) -> tuple[_Chapter, ...]:
    """All results together, then each for itself, then what belongs to the whole again."""
    known = sections()
    whole = [item for item in known if item[1].applies(results)]
    if not several(results):
        return (_chapter("", "", "", whole, results),)
    own = [item for item in known if item[1].applies(results[:1]) and not item[1].applies(results)]
    start = min((section.order for _, section in own), default=0)
    named = enumerate(zip(labels(results), results, strict=True), start=1)
    return (
        _chapter("", "", "", [item for item in whole if item[1].order < start], results),
        *(_chapter(name, period(result), f"r{at}-", own, (result,)) for at, (name, result) in named),
        _chapter("", "", "", [item for item in whole if item[1].order >= start], results),
    )


def _chapter(
    heading: str, note: str, prefix: str, chosen: Iterable[tuple[str, Section]], results: Results
) -> _Chapter:
    placed = tuple(
        _Placed(f"{prefix}{name.replace('_', '-')}", section.title, tuple(section.render(results)))
        for name, section in chosen
    )
    return _Chapter(heading, note, prefix, placed)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"sort_keys": True, "allow_nan": False, "separators": (",", ":")}
    return made


def _scripts(*, drawn: bool) -> tuple[str, ...]:
    """Scripts of the page in the order they run; the chart library only where there is a chart."""
    if not drawn:
        return (_own("tables.js"),)
    from markupsafe import Markup

    from reports.charts import library

    return _own("tables.js"), Markup(library()), _own("charts.js")  # noqa: S704  text of the installed package


def _own(name: str) -> Any:
    """A file of this package as it stands, for the template not to escape."""
    from markupsafe import Markup

    return Markup((HERE / name).read_text("utf-8"))  # noqa: S704  our own file, never data
