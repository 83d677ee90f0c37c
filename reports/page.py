"""Results → one HTML file that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.blocks import Chart, Table
from reports.chapters import Chapter, chapters_of, share_axes
from reports.page_files import ASSETS, policy, put_beside, scripts_of, style_of
from reports.page_head import EXPLAINED, banner, subtitle, title_of
from reports.section import ALL, name_of, sections
from reports.subjects import SUBJECTS, Subject
from reports.table_columns import table_class
from universes.atomic import check_folder, write_file
from universes.errors import BadParameter

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
THEMES = ("auto", "light", "dark")


def tearsheet(
    result_or_results: Subject | Iterable[Subject],
    path: Path | str,
    *,
    title: str | None = None,
    sections: str | Sequence[str] = (ALL,),
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
    sections : str or sequence of str
        Names of the sections to show, ``all``, and paths of files of one's own.
    theme : {"auto", "light", "dark"}
        Colours; auto is the reader's.
    assets : Path or str, optional
        Folder for the scripts and the style, made if it is not there (the one it is in must be): the page is then
        small, and needs the folder beside it.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    BadParameter
        If there is no result, a section or theme is not known, or a section that is named has nothing to say of it.
    UserCodeError
        If a section of one's own raises.
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
    sections: str | Sequence[str] = (ALL,),
    theme: str = "auto",
) -> str:
    """The page as text.

    Parameters
    ----------
    results : sequence of Backtest or another of `reports.subjects`
        At least one.
    title, sections, theme
        As for `tearsheet`.

    Returns
    -------
    str
        The same results give the same text.

    Raises
    ------
    BadParameter, UserCodeError
        As for `tearsheet`.
    """
    return _inlined(_made(results, title=title, wanted=sections, theme=theme))


@dataclass(frozen=True, slots=True)
class _Made:
    """What the template needs but scripts and style; whether there is a chart; columns of the widest table."""

    content: Mapping[str, Any]
    drawn: bool
    theme: str
    columns: int


def _made(results: Sequence[Subject], *, title: str | None, wanted: str | Sequence[str], theme: str) -> _Made:
    words = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    _check(results, words, theme)
    chapters, axes = share_axes(chapters_of(results, sections(words)))
    _check_shown(chapters, words)
    said = banner(results)
    content = {
        "title": title or title_of(results),
        "subtitle": subtitle(results),
        "banner": said,
        "explained": EXPLAINED[said],
        "chapters": chapters,
        "axes": axes,
        "theme": theme,
    }
    blocks = [block for chapter in chapters for item in chapter.sections for block in item.blocks]
    tables = [block.twin if isinstance(block, Chart) else block for block in blocks]
    widest = max((len(table.columns) for table in tables if isinstance(table, Table)), default=0)
    return _Made(content, any(block.kind == "chart" for block in blocks), theme, widest)


def _check(results: Sequence[Subject], words: Sequence[str], theme: str) -> None:
    if not results:
        raise BadParameter("a tearsheet was asked for no result: give at least one Backtest")
    for result in results:
        if not isinstance(result, SUBJECTS):
            raise BadParameter(
                f"a tearsheet was asked for {result!r:.60}: give a Backtest, or what reports.subjects.read gives"
            )
    if not words:
        raise BadParameter("no section was named: name some, or all")
    if theme not in THEMES:
        raise BadParameter(f"theme is {theme!r}: it must be one of {', '.join(THEMES)}")


def _check_shown(chapters: Sequence[Chapter], words: Sequence[str]) -> None:
    """Refuse a section that was named and has nothing to say: it would be left out without a word."""
    shown = {item.name for chapter in chapters for item in chapter.sections if item.blocks}
    idle = [word for word in words if word != ALL and name_of(word) not in shown]
    if idle or not shown:
        raise BadParameter(f"section {', '.join(idle) or ALL} has nothing to say of this: name others")


def _inlined(made: _Made) -> str:
    scripts = [script for _, script in scripts_of(drawn=made.drawn)]
    style = style_of(made.theme, made.columns)
    return _rendered(made, style=style, scripts=scripts, files=(), sheet="", policy=policy(scripts))


def _beside(made: _Made, target: Path, folder: Path) -> Path:
    """Page whose scripts and style stand in a folder."""
    named = (*scripts_of(drawn=made.drawn), ("style.css", style_of(made.theme, made.columns)))
    *files, sheet = put_beside(named, target, folder)
    return write_file(target, _rendered(made, style="", scripts=(), files=files, sheet=sheet, policy=ASSETS))


def _rendered(made: _Made, **more: Any) -> str:
    text = _environment().get_template("page.html.j2").render(**made.content, **more)
    # Half of a character, as a torn name may hold, has no place in a file.
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


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
    """A key to sort by and to save: ten digits tell apart whatever money is counted in."""
    return f"{key:.10g}" if isinstance(key, float) else str(key)
