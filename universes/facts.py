"""The fact tables: one frozen row a fact, each with the date it became known, its source and its confidence."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from universes import cells
from universes.errors import BadData, Fault
from universes.table import Row, column, read_rows

DATA = Path(__file__).parent / "data"

STAGES = (
    "exploration", "resource", "pea", "pfs", "dfs", "permitted", "construction", "commissioning", "production",
)  # fmt: skip
SIDE_STAGES = ("care-and-maintenance", "suspended", "blocked", "closed")
TIERS = ("feoc", "neutral", "partner", "fta", "allied", "domestic")
BINDINGNESS = ("cancelled", "letter-of-interest", "conditional", "binding", "closed")
ROLES = (
    "miner", "refiner", "separator", "magnet", "equipment", "engineering", "royalty", "physical", "diversified",
    "fund", "index", "control",
)  # fmt: skip
INSTRUMENTS = (
    "dpa-title-iii", "ibas", "osc-loan", "exim", "dfc", "doe-lpo", "doe-grant", "tax-48c", "chips", "efa", "naif",
    "nrf", "jogmec", "eu-strategic-project", "fast-41", "national-stockpile", "offtake", "price-floor",
    "equity-stake", "canada", "japan", "other-government",
)  # fmt: skip
EVENT_KINDS = (
    "export-control", "export-relaxation", "export-signal", "tariff", "permitting", "grant-loan", "stockpile",
    "equity-stake", "offtake-price-floor", "tax-credit", "alliance", "strategy", "trade-truce", "trade-case",
    "nationalisation", "supply-shock", "demand-policy", "investment-screening", "import-ban", "procurement-rule",
)  # fmt: skip
LIFE_CYCLE = ("rumour", "report", "announcement", "effect", "suspension", "expiry")
MINERAL_GROUPS = (
    "light-rare-earths", "heavy-rare-earths", "battery", "semiconductor", "uranium", "base", "platinum-group",
    "refractory", "fertiliser", "precious", "bulk", "industrial", "other",
)  # fmt: skip
MINERAL_LISTS = ("eu-critical", "eu-strategic", "au-critical", "ca-critical")
DIRECTIONS = ("tailwind", "headwind", "ambiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Row):
    """What every fact carries: first day the public could know it, a citation, and how sure we are."""

    known_from: date = column(cells.day)
    source: str = column(cells.prose)
    confidence: str = column(cells.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company(Fact):
    """A company or fund; `purity` is the share of revenue or project potential from critical minerals."""

    company: str = column(cells.slug)
    name: str = column(cells.prose)
    role: str = column(cells.one_of(*ROLES))
    purity: float | None = column(cells.share, optional=True)
    domicile: str | None = column(cells.country, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Fact):
    """A period in which a symbol was a company's own shares; `listed_to` is the first day without trading."""

    symbol: str = column(cells.symbol)
    company: str = column(cells.slug)
    exchange: str = column(str)
    currency: str = column(cells.currency)
    listed_from: date | None = column(cells.day, optional=True)
    listed_to: date | None = column(cells.day, optional=True)
    ended_by: str | None = column(
        cells.one_of("acquired", "merged", "renamed", "delisted", "suspended", "bankrupt"), optional=True
    )
    successor: str | None = column(cells.symbol, optional=True)
    terminal_kind: str | None = column(cells.one_of("cash", "ratio", "zero"), optional=True)
    terminal_value: float | None = column(cells.number, optional=True)
    spac_until: date | None = column(cells.day, optional=True)

    def alive(self, on: date) -> bool:
        """Whether the shares trade on a date."""
        return (self.listed_from is None or self.listed_from <= on) and (
            self.listed_to is None or on < self.listed_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset(Fact):
    """A mine, project or plant; `weight` is its share of the company's value."""

    asset: str = column(cells.slug)
    company: str = column(cells.slug)
    name: str = column(cells.prose)
    jurisdiction: str = column(cells.country)
    subdivision: str | None = column(cells.subdivision, optional=True)
    weight: float = column(cells.share)
    held_from: date | None = column(cells.day, optional=True)
    held_to: date | None = column(cells.day, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetMineral(Fact):
    """Weight of one mineral in an asset's value."""

    asset: str = column(cells.slug)
    mineral: str = column(cells.slug)
    weight: float = column(cells.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Fact):
    """A study or production stage an asset reached; a step back needs `reason`."""

    asset: str = column(cells.slug)
    stage: str = column(cells.one_of(*STAGES, *SIDE_STAGES))
    start: date = column(cells.day, header="from")
    reason: str | None = column(cells.prose, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Float(Fact):
    """Shares outstanding and the bounds of the free-float share on a date."""

    company: str = column(cells.slug)
    on: date = column(cells.day)
    shares_outstanding: float | None = column(cells.positive, optional=True)
    float_low: float | None = column(cells.share, optional=True)
    float_high: float | None = column(cells.share, optional=True)
    method: str = column(cells.one_of("filing", "screener-snapshot", "holder-arithmetic", "band-estimate"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(Fact):
    """A status that one instrument of government support reached."""

    support: str = column(cells.slug)
    company: str = column(cells.slug)
    instrument: str = column(cells.one_of(*INSTRUMENTS))
    counterparty: str = column(cells.prose)
    country: str | None = column(str, optional=True)
    amount: float | None = column(cells.number, optional=True)
    currency: str | None = column(cells.currency, optional=True)
    status: str = column(cells.one_of(*BINDINGNESS))
    on: date = column(cells.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChinaLink(Fact):
    """A Chinese holder, offtaker, processor, partner or asset of a company."""

    company: str = column(cells.slug)
    kind: str = column(
        cells.one_of("holder", "offtaker", "processor", "joint-venture", "assets", "state-owned")
    )
    party: str = column(cells.prose)
    share: float | None = column(cells.share, optional=True)
    start: date | None = column(cells.day, optional=True, header="from")
    end: date | None = column(cells.day, optional=True, header="to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Fact):
    """Standing of a jurisdiction in United States supply policy over a range of dates."""

    jurisdiction: str = column(cells.country)
    tier: str = column(cells.one_of(*TIERS))
    start: date = column(cells.day, header="from")
    end: date | None = column(cells.day, optional=True, header="to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mineral(Fact):
    """A mineral, its group, and whether each United States list of critical minerals has it."""

    mineral: str = column(cells.slug)
    element: str | None = column(str, optional=True)
    group: str = column(cells.one_of(*MINERAL_GROUPS))
    us_list_2018: str = column(cells.yes_no)
    us_list_2022: str = column(cells.yes_no)
    us_list_2025: str = column(cells.yes_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class MineralList(Fact):
    """A stretch of time in which a government's list of critical minerals named a mineral.

    The lists of the United States stand in `Mineral`.
    """

    mineral: str = column(cells.slug)
    list: str = column(cells.one_of(*MINERAL_LISTS))
    start: date = column(cells.day, header="from")
    end: date | None = column(cells.day, optional=True, header="to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Fact):
    """Who leads the supply of a mineral in a year, and how far the United States rely on imports of it.

    `share` is the leader's share of the world's output; the reliance is a range, both bounds from 0 to 1.
    """

    mineral: str = column(cells.slug)
    step: str = column(cells.one_of("mining", "refining"))
    year: int = column(cells.year)
    country: str = column(cells.country)
    share: float | None = column(cells.share, optional=True)
    import_reliance_low: float | None = column(cells.share, optional=True)
    import_reliance_high: float | None = column(cells.share, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningRank(Fact):
    """Place of a jurisdiction in the Fraser Institute's survey of one year, known from its publication on."""

    survey: int = column(cells.year)
    measure: str = column(cells.one_of("investment-attractiveness", "policy-perception"))
    jurisdiction: str = column(cells.country)
    subdivision: str | None = column(cells.subdivision, optional=True)
    rank: float = column(cells.positive)
    of: float | None = column(cells.positive, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Fact):
    """A policy act or signal, with the instant at which the public could know it."""

    event: str = column(cells.slug)
    announced: datetime | date = column(cells.moment)
    precision: str = column(cells.one_of("minute", "hour", "session", "day", "month"))
    effective: date | None = column(cells.day, optional=True)
    expires: date | None = column(cells.day, optional=True)
    status: str = column(cells.one_of(*LIFE_CYCLE))
    kind: str = column(cells.one_of(*EVENT_KINDS))
    scope: str = column(cells.one_of("sector", "company"))
    country: str = column(str)
    body: str = column(cells.prose)
    instrument: str = column(cells.prose)
    title: str = column(cells.prose)
    minerals: tuple[str, ...] = column(cells.words)
    direction: str = column(cells.one_of(*DIRECTIONS))
    supersedes: str | None = column(cells.slug, optional=True)
    leaked: date | None = column(cells.day, optional=True)
    contaminated: str | None = column(cells.prose, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCompany(Fact):
    """A company named by an event, or whose sign differs from the event's."""

    event: str = column(cells.slug)
    company: str = column(cells.slug)
    direction: str = column(cells.one_of(*DIRECTIONS))
    reason: str = column(cells.prose)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDate(Fact):
    """A date ahead that an event sets beside its effect and expiry: a deadline, a review, a further step."""

    event: str = column(cells.slug)
    on: date = column(cells.day)
    kind: str = column(cells.one_of("effect", "deadline", "sunset", "review"))
    what: str = column(cells.prose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Fact):
    """A company's time in a universe."""

    company: str = column(cells.slug)
    start: date = column(cells.day, header="from")
    end: date | None = column(cells.day, optional=True, header="to")

    def holds(self, on: date) -> bool:
        """Whether the company is a member on a date."""
        return self.start <= on and (self.end is None or on < self.end)


FactType = TypeVar("FactType", bound=Fact)

TABLES: dict[str, type[Fact]] = {
    "companies": Company,
    "listings": Listing,
    "assets": Asset,
    "asset_minerals": AssetMineral,
    "stages": Stage,
    "floats": Float,
    "support": Support,
    "china_links": ChinaLink,
    "jurisdictions": Tier,
    "minerals": Mineral,
    "mineral_lists": MineralList,
    "supply": Supply,
    "mining_ranks": MiningRank,
}


@dataclass(frozen=True)
class Facts:
    """Rows of every company table.

    Each field is a tuple in the order of its file, which is by date within one subject.
    """

    companies: tuple[Company, ...]
    listings: tuple[Listing, ...]
    assets: tuple[Asset, ...]
    asset_minerals: tuple[AssetMineral, ...]
    stages: tuple[Stage, ...]
    floats: tuple[Float, ...]
    support: tuple[Support, ...]
    china_links: tuple[ChinaLink, ...]
    jurisdictions: tuple[Tier, ...]
    minerals: tuple[Mineral, ...]
    mineral_lists: tuple[MineralList, ...] = ()
    supply: tuple[Supply, ...] = ()
    mining_ranks: tuple[MiningRank, ...] = ()

    def as_of(self, on: date) -> Facts:
        """The same tables with only the rows known on a date."""
        return Facts(
            **{
                item.name: tuple(row for row in getattr(self, item.name) if row.known_from <= on)
                for item in fields(self)
            }
        )

    @cached_property
    def known_dates(self) -> tuple[date, ...]:
        """Every date on which some row became known, increasing."""
        return tuple(sorted({row.known_from for item in fields(self) for row in getattr(self, item.name)}))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over every row's values, in file order."""
        digest = hashlib.sha256()
        for item in fields(self):
            for row in getattr(self, item.name):
                digest.update(repr((item.name, replace(row, where=""))).encode())
        return digest.hexdigest()


def read_facts(folder: Path = DATA) -> Facts:
    """Facts of a data folder.

    Raises
    ------
    BadData
        With the faults of all tables together.
    """
    tables: dict[str, tuple[Fact, ...]] = {}
    faults: list[Fault] = []
    for name, row_type in TABLES.items():
        try:
            tables[name] = read_rows(folder / f"{name}.csv", row_type)
        except BadData as error:
            faults.extend(error.faults)
    if faults:
        raise BadData(faults)
    return Facts(**tables)  # type: ignore[arg-type]


def by_key(rows: Iterable[FactType], key: str) -> dict[str, tuple[FactType, ...]]:
    """Rows grouped by one of their fields, in the given order."""
    groups: dict[str, list[FactType]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return {name: tuple(members) for name, members in groups.items()}
