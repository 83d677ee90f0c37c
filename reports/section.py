"""A section of the page: a title, a place, and a function from what the page is about to blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from reports.blocks import Block, Cell, Table
from strategies.result import Backtest
from universes.errors import BadParameter
from universes.plugins import load, names

PACKAGE = "reports.sections"
CONSTANT = "SECTION"
ALL = "all"
# Anchors of the page itself.
RESERVED = ("content", "axes")
# Backtests, or what `reports.subjects` reads, according to the section.
Results = Sequence[Any]


def single(results: Results) -> bool:
    """Whether there is one result: the rule of a section that is about one."""
    return len(results) == 1


def several(results: Results) -> bool:
    """Whether there are results to compare."""
    return len(results) > 1


def always(results: Results) -> bool:
    """Yes: the rule of a section that is shown once a page, however many results there are."""
    return len(results) > 0


@dataclass(frozen=True, slots=True)
class Section:
    """What a file of `reports.sections`, or a file of one's own, offers.

    A section that applies to all results of a page stands there once; one that applies to a single result stands
    once a result.

    Parameters
    ----------
    title : str
        Heading.
    order : int
        Place on the page; lower comes first.
    render : callable
        From results to blocks. Blocks hold plain text and numbers, never markup: the template escapes them.
    applies : callable
        From results to whether the section is shown.
    subjects : tuple of type
        What it is about; it is given these alone.
    from_page : callable, optional
        From the blocks that stand before it on the page to blocks that follow its own.
    """

    title: str
    order: int
    render: Callable[[Any], Iterable[Block]]
    applies: Callable[[Results], bool] = single
    subjects: tuple[type, ...] = (Backtest,)
    from_page: Callable[[Sequence[Block]], Iterable[Block]] | None = None

    def of(self, results: Results) -> Results:
        """Those of the results that the section is about."""
        return tuple(item for item in results if isinstance(item, self.subjects))

    def shown(self, results: Results) -> bool:
        """Whether it has something to say of these."""
        return self.applies(self.of(results))


def sections(wanted: Sequence[str] = (ALL,)) -> tuple[tuple[str, Section], ...]:
    """Name and section of every file in `reports.sections`, in the order of the page.

    Parameters
    ----------
    wanted : sequence of str
        Names of sections, ``all``, and paths of files of one's own, each with a constant ``SECTION``.

    Raises
    ------
    UnknownName
        If there is no such section or file.
    BadParameter
        If a file holds no section, or has the name of one that ships.
    UserCodeError
        If a file raises.
    """
    found: dict[str, Section] = {}
    for word in wanted:
        if word == ALL:
            found |= {name: load(PACKAGE, name, CONSTANT, "section") for name in names(PACKAGE)}
        elif word.endswith(".py"):
            found[name_of(word)] = _own(word)
        else:
            found[name_of(word)] = load(PACKAGE, word, CONSTANT, "section")
    return tuple(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def name_of(word: str) -> str:
    """Name of the section that a word asks for: a name, or the path of a file of one's own."""
    return Path(word.removesuffix(".py")).name.replace("-", "_")


def _own(path: str) -> Section:
    """A section of a user's file, whose rendering is watched: what it raises, or gives, is told as the user's."""
    from strategies.user_file import constant

    section = constant(path, CONSTANT)
    if not isinstance(section, Section):
        raise BadParameter(
            f"{path} has no {CONSTANT}: set SECTION = reports.Section(title, order, render) in it"
        )
    if name_of(path) in (*RESERVED, *names(PACKAGE)):
        raise BadParameter(f"{path} has a name that the page uses itself: give the file another")
    if not isinstance(section.order, int | float):
        raise BadParameter(f"{path}: the order of its section is {section.order!r}: give a number")
    return replace(section, render=partial(_watched, section.render, path))


def _watched(render: Callable[[Any], Iterable[Block]], path: str, results: Results) -> list[Block]:
    from strategies.user_file import user_code

    with user_code(str(Path(path).resolve()), "in render"):
        found = list(render(results))
    for block in found:
        if not isinstance(block, get_args(Block)):
            raise BadParameter(
                f"{path}: render gave {type(block).__name__}: give Text, Table, Points of reports"
            )
        rows = block.rows if isinstance(block, Table) else ()
        if any(not isinstance(cell, Cell) for row in rows for cell in row):
            raise BadParameter(
                f"{path}: a row of its table holds no Cell: give every one as reports.Cell(text)"
            )
    return found
