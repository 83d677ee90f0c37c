"""Results → one HTML file that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.blocks import Block, Chart, Table
from reports.labels import label_of, labels, period
from reports.section import ALL, Results, Section, sections, several
from reports.subjects import Subject
from reports.table_columns import column_rules, table_class
from strategies.result import Backtest
from universes.atomic import check_folder, write_file
from universes.errors import BadParameter

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
SIMULATED, BACKTEST, STUDY, FACTS = "SIMULATED", "BACKTEST", "EVENT STUDY", "FACTS"
EXPLAINED = {
    SIMULATED: "No price on this page was ever traded. It shows how the method works, not what a market did.",
    BACKTEST: "What a rule would have done with past prices. Nobody traded it; the past need not return.",
    STUDY: "What past prices did around past events. Nobody traded it; the past need not return.",
    FACTS: "What was on record on a date, with its sources. No price and no forecast is in it.",
}
THEMES = ("auto", "light", "dark")
# Lists of dates longer than this are kept once for all figures.
LONG = 200
DARK = "@media (prefers-color-scheme: dark)"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A section on the page: its name, anchor, heading and blocks."""

    name: str
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
    result_or_results: Subject | Iterable[Subject],
    path: Path | str,
    *,
    title: str | None = None,
    sections: Sequence[str] = (ALL,),
    theme: str = "auto",
    assets: Path | str | None = None,
) -> Path:
    """Write one or several results as one HTML page that opens without a network.

    Parameters
    ----------
    result_or_results : Backtest, another of `reports.subjects`, or iterable of them
        What to show; several backtests are compared first, then shown one by one.
    path : Path or str
        File to write; its folder must exist. A file that is there is replaced.
    title : str, optional
        Heading; default the strategy and its period.
    sections : sequence of str
        Names of the sections to show, ``all``, and paths of files of one's own.
    theme : {"auto", "light", "dark"}
        Colours; auto is the reader's.
    assets : Path or str, optional
        Folder for the scripts and the style, made if it is not there: the page is then small, and needs the folder
        beside it.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    BadParameter
        If there is no result, or a section or theme is not known.
    CannotWrite
        If a file cannot be written; one that was there stays as it was.
    """
    results = (result_or_results,) if isinstance(result_or_results, Subject) else tuple(result_or_results)
    target = Path(path)
    check_folder(target)
    made = _made(results, title=title, wanted=sections, theme=theme)
    if assets is None:
        return write_file(target, _inlined(made))
    return _beside(made, target, Path(assets))


def page(
    results: Sequence[Subject],
    *,
    title: str | None = None,
    sections: Sequence[str] = (ALL,),
    theme: str = "auto",
) -> str:
    """The page as text; the same results give the same text.

    Parameters
    ----------
    results : sequence of Backtest or another of `reports.subjects`
        At least one.
    title, sections, theme
        As for `tearsheet`.

    Raises
    ------
    BadParameter
        If there is no result, or a section or theme is not known.
    """
    return _inlined(_made(results, title=title, wanted=sections, theme=theme))


def policy(scripts: Iterable[str]) -> str:
    """Content security policy that runs these inline scripts and fetches nothing.

    Parameters
    ----------
    scripts : iterable of str
        Text of each script element.
    """
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{text}'" for text in hashes) or "'none'"
    return _policy(allowed, "'unsafe-inline'")


def _policy(scripts: str, styles: str) -> str:
    # plotly sets style attributes and adds a style element; an image of a chart is a blob.
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def share_axes(chapters: Sequence[_Chapter]) -> tuple[tuple[_Chapter, ...], list[list[Any]]]:
    """Chapters whose figures name their long lists of dates by number, and the lists: each stands once on the page."""
    known: dict[tuple[Any, ...], int] = {}

    def shared(block: Block) -> Block:
        if not isinstance(block, Chart):
            return block
        traces = [
            trace | {"x": f"axis:{known.setdefault(tuple(trace['x']), len(known))}"}
            if len(trace.get("x", ())) > LONG
            else trace
            for trace in block.figure["data"]
        ]
        return replace(block, figure={**block.figure, "data": traces})

    found = tuple(
        replace(
            chapter,
            sections=tuple(
                replace(item, blocks=tuple(map(shared, item.blocks))) for item in chapter.sections
            ),
        )
        for chapter in chapters
    )
    return found, [list(values) for values in known]


@dataclass(frozen=True, slots=True)
class _Made:
    """What the template needs but scripts and style; whether there is a chart; columns of the widest table."""

    content: Mapping[str, Any]
    drawn: bool
    theme: str
    columns: int


def _made(results: Sequence[Subject], *, title: str | None, wanted: Sequence[str], theme: str) -> _Made:
    if not results:
        raise BadParameter("a tearsheet was asked for no result: give at least one Backtest")
    if theme not in THEMES:
        raise BadParameter(f"theme is {theme!r}: it must be one of {', '.join(THEMES)}")
    known = sections(wanted)
    chapters = _from_page(_chapters(results, known), dict(known))
    chapters, axes = share_axes(chapters)
    blocks = [block for chapter in chapters for item in chapter.sections for block in item.blocks]
    if not blocks:
        raise BadParameter(f"no section of {', '.join(wanted)} has anything to say of this: add others")
    banner = _banner(results)
    content = {
        "title": title or _title(results),
        "subtitle": _subtitle(results),
        "banner": banner,
        "explained": EXPLAINED[banner],
        "chapters": chapters,
        "axes": axes,
        "theme": theme,
    }
    tables = [block.twin if isinstance(block, Chart) else block for block in blocks]
    widest = max((len(table.columns) for table in tables if isinstance(table, Table)), default=0)
    return _Made(content, any(block.kind == "chart" for block in blocks), theme, widest)


def _inlined(made: _Made) -> str:
    scripts = [script for _, script in _scripts(drawn=made.drawn)]
    return _rendered(made, style=_style(made), scripts=scripts, files=(), sheet="", policy=policy(scripts))


def _beside(made: _Made, target: Path, folder: Path) -> Path:
    """Page whose scripts and style stand in a folder, named by what they hold."""
    import os

    folder.mkdir(parents=True, exist_ok=True)
    check_folder(folder / "scripts.js")
    away = Path(os.path.relpath(folder.resolve(), target.resolve().parent)).as_posix()
    written = []
    for name, content in (*_scripts(drawn=made.drawn), ("style.css", _style(made))):
        stem, _, suffix = name.rpartition(".")
        named = f"{stem}-{hashlib.sha256(str(content).encode()).hexdigest()[:12]}.{suffix}"
        write_file(folder / named, str(content))
        written.append(f"{away}/{named}")
    # A page opened from a disk has no origin: its own folder is named by the scheme.
    allowed = _policy("'self' file:", "'self' file: 'unsafe-inline'")
    page_ = _rendered(made, style="", scripts=(), files=written[:-1], sheet=written[-1], policy=allowed)
    return write_file(target, page_)


def _rendered(made: _Made, **more: Any) -> str:
    text = _environment().get_template("page.html.j2").render(**made.content, **more)
    # Half of a character, as a torn name may hold, has no place in a file.
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _banner(results: Sequence[Subject]) -> str:
    if any(result.data["kind"] == "simulated" for result in results):
        return SIMULATED
    for name, about in ((BACKTEST, ("Backtest", "SweepRecord")), (STUDY, ("StudyRecord",))):
        if any(type(result).__name__ in about for result in results):
            return name
    return FACTS


def _title(results: Sequence[Subject]) -> str:
    if several(results) and all(isinstance(item, Backtest) for item in results):
        return f"{len(results)} strategies compared"
    return " · ".join(dict.fromkeys(map(label_of, results)))


def _subtitle(results: Sequence[Subject]) -> tuple[str, ...]:
    """Universe, source, period and currency, each once."""
    said = [
        text
        for result in results
        for text in (
            result.data.get("universe") or result.settings.get("universe"),
            result.data["source"],
            period(result),
            result.settings.get("currency"),
        )
        if text
    ]
    return tuple(str(text) for text in dict.fromkeys(said))


def _chapters(results: Results, known: Sequence[tuple[str, Section]]) -> tuple[_Chapter, ...]:
    """All results together, then each for itself, then what belongs to the whole again."""
    if not several(results):
        return (_chapter("", "", "", [item for item in known if item[1].shown(results)], results),)
    each = [item for item in known if _about_each(item[1], results)]
    shared = [item for item in known if item not in each and item[1].shown(results)]
    start = min((section.order for _, section in each), default=0)
    named = enumerate(zip(labels(results), results, strict=True), start=1)
    return (
        _chapter("", "", "", [item for item in shared if item[1].order < start], results),
        *(
            _chapter(
                name,
                period(result),
                f"r{at}-",
                [item for item in each if item[1].shown((result,))],
                (result,),
            )
            for at, (name, result) in named
        ),
        _chapter("", "", "", [item for item in shared if item[1].order >= start], results),
    )


def _from_page(chapters: Sequence[_Chapter], known: Mapping[str, Section]) -> tuple[_Chapter, ...]:
    """Chapters with what sections say of the blocks before them added to their own."""
    before: list[Block] = []
    found = []
    for chapter in chapters:
        placed = []
        for item in chapter.sections:
            more = known[item.name].from_page
            own = item.blocks if more is None else (*item.blocks, *more(before))
            before.extend(own)
            placed.append(replace(item, blocks=own))
        found.append(replace(chapter, sections=tuple(placed)))
    return tuple(found)


def _about_each(section: Section, results: Results) -> bool:
    """Whether it speaks of one result, so that it stands once a result."""
    one = section.of(results)[:1]
    return bool(one) and section.applies(one) and not section.applies((*one, *one))


def _chapter(
    heading: str, note: str, prefix: str, chosen: Iterable[tuple[str, Section]], results: Results
) -> _Chapter:
    placed = tuple(
        _Placed(
            name,
            f"{prefix}{name.replace('_', '-')}",
            section.title,
            tuple(section.render(section.of(results))),
        )
        for name, section in chosen
    )
    return _Chapter(heading, note, prefix, placed)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["brief"] = _brief
    made.filters["table_class"] = table_class
    made.policies["json.dumps_kwargs"] = {"sort_keys": True, "allow_nan": False, "separators": (",", ":")}
    return made


def _brief(key: Any) -> str:
    """A key to sort by: nobody tells numbers apart that differ after seven digits."""
    return f"{key:.7g}" if isinstance(key, float) else str(key)


def _scripts(*, drawn: bool) -> tuple[tuple[str, str], ...]:
    """Name and text of the scripts in the order they run; the chart library only where there is a chart."""
    if not drawn:
        return (("tables.js", _own("tables.js")),)
    from markupsafe import Markup

    from reports.charts import library

    plotly = Markup(library())  # noqa: S704  text of the installed package
    return ("tables.js", _own("tables.js")), ("plotly.js", plotly), ("charts.js", _own("charts.js"))


def _style(made: _Made) -> Any:
    """The style sheet, its dark colours for everybody, nobody, or who asks for them, with the columns of its tables."""
    from markupsafe import Markup

    theme = made.theme
    given = {"auto": DARK, "dark": "@media screen", "light": "@media not all"}[theme]
    scheme = "light dark" if theme == "auto" else theme
    sheet = (HERE / "style.css").read_text("utf-8").replace(DARK, given)
    sheet = sheet.replace("/* columns */", column_rules(made.columns))
    return Markup(sheet.replace("color-scheme: light dark", f"color-scheme: {scheme}"))  # noqa: S704  our own file, never data


def _own(name: str) -> Any:
    """A file of this package as it stands, for the template not to escape."""
    from markupsafe import Markup

    return Markup((HERE / name).read_text("utf-8"))  # noqa: S704  our own file, never data
