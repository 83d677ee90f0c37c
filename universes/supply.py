"""A mineral on a date: the lists that name it, who leads its supply, how far imports of it are relied on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from universes.facts import Facts, Mineral, MineralList, Supply
from universes.minerals import is_critical, us_list


@dataclass(frozen=True, slots=True)
class MineralRecord:
    """One mineral on one date.

    Parameters
    ----------
    mineral : Mineral
        Its row in the ontology.
    lists : tuple of str
        Lists in force that name it: ``us`` and those of `universes.facts.MINERAL_LISTS`, sorted. Before the first
        list of the United States, none of theirs.
    supply : Supply or None
        The latest estimate known; of mining before refining where both are of one year.
    """

    mineral: Mineral
    lists: tuple[str, ...]
    supply: Supply | None


def mineral_records(facts: Facts, on: date) -> tuple[MineralRecord, ...]:
    """Every mineral of the tables, as known on a date, by name.

    Parameters
    ----------
    facts : Facts
        The tables.
    on : date
        The date.
    """
    return tuple(
        MineralRecord(row, _lists(row, facts.mineral_lists, on), _latest(row, facts.supply, on))
        for row in sorted(facts.minerals, key=lambda row: row.mineral)
    )


def _lists(mineral: Mineral, rows: tuple[MineralList, ...], on: date) -> tuple[str, ...]:
    named = {row.list for row in rows if row.mineral == mineral.mineral and _in_force(row, on)}
    if us_list(on) and is_critical(mineral, on):
        named.add("us")
    return tuple(sorted(named))


def _in_force(row: MineralList, on: date) -> bool:
    return row.known_from <= on and row.start <= on and (row.end is None or on < row.end)


def _latest(mineral: Mineral, rows: tuple[Supply, ...], on: date) -> Supply | None:
    known = [row for row in rows if row.mineral == mineral.mineral and row.known_from <= on]
    return max(known, key=lambda row: (row.year, row.step == "mining"), default=None)
