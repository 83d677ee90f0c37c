"""A section of the page: a title, a place, and a function from results to blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.blocks import Block
from strategies.result import Backtest
from universes.plugins import load, names

PACKAGE = "reports.sections"
Results = Sequence[Backtest]


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
    """What a file of `reports.sections` offers.

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
    """

    title: str
    order: int
    render: Callable[[Results], Iterable[Block]]
    applies: Callable[[Results], bool] = single


def sections() -> tuple[tuple[str, Section], ...]:
    """Name and section of every file in `reports.sections`, in the order of the page."""
    found = [(name, load(PACKAGE, name, "SECTION", "section")) for name in names(PACKAGE)]
    return tuple(sorted(found, key=lambda item: (item[1].order, item[0])))
