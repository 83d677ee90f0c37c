"""Which sections stand on a page, in which chapter, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reports.blocks import Block, Chart
from reports.labels import labels, period
from reports.section import Results, Section, several

# Lists of dates longer than this are kept once for all figures.
LONG = 200


@dataclass(frozen=True, slots=True)
class Placed:
    """A section on the page: its name, anchor, heading and blocks."""

    name: str
    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sections under one heading; links between their tables stay within `prefix`."""

    heading: str
    note: str
    prefix: str
    sections: tuple[Placed, ...]


def share_axes(chapters: Sequence[Chapter]) -> tuple[tuple[Chapter, ...], list[list[Any]]]:
    """Chapters whose figures name their long lists of dates by number, and the lists: each stands once on the page.

    Parameters
    ----------
    chapters : sequence of Chapter
        As `chapters_of` gives.
    """
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


def chapters_of(results: Results, known: Sequence[tuple[str, Section]]) -> tuple[Chapter, ...]:
    """All results together, then each for itself, then what belongs to the whole again.

    Parameters
    ----------
    results : sequence of Backtest or another of `reports.subjects`
        At least one.
    known : sequence of (str, Section)
        Name and section, in the order of the page.
    """
    return _with_more(_chapters(results, known), dict(known))


def _chapters(results: Results, known: Sequence[tuple[str, Section]]) -> tuple[Chapter, ...]:
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


def _with_more(chapters: Sequence[Chapter], known: Mapping[str, Section]) -> tuple[Chapter, ...]:
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
) -> Chapter:
    placed = tuple(
        Placed(
            name,
            f"{prefix}{name.replace('_', '-')}",
            section.title,
            tuple(section.render(section.of(results))),
        )
        for name, section in chosen
    )
    return Chapter(heading, note, prefix, placed)
