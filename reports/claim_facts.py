"""Claims that facts and events settle: companies, dates, lists, supply and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from reports.claim_ground import BOUNDS, FAILS, HOLDS, UNKNOWN, Found, Ground, cited, within
from universes.errors import did_you_mean
from universes.minerals import RARE_EARTHS, is_critical, us_list
from universes.policy import known_at, tags

if TYPE_CHECKING:
    from universes.facts import Company, Event, Fact, Mineral
    from universes.profile import Profile
    from universes.universe import Universe

FUNDS = ("fund", "index")
# How many names a sentence spells out.
SHOWN = 6


def companies(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether a company passes a filter as known on a date, or how many do.

    Parameters
    ----------
    values : mapping
        ``filter``, ``as_of``, and ``symbol`` or the bounds ``least`` and ``most``.
    ground : Ground
        Facts.
    """
    return _company(values, ground) if "symbol" in values else _passing(values, ground)


def _company(values: Mapping[str, Any], ground: Ground) -> Found:
    on, symbol, test = values["as_of"], values["symbol"], values["filter"]
    profile = ground.universe.profile(ground.universe.company_of(symbol, on), on)
    if profile is None:
        return Found(UNKNOWN, f"{symbol} did not trade on {on}, so that nothing is on record for that day.")
    fields = sorted(test.fields)
    row = profile.tags()
    said = ", ".join(f"{name} {_shown(row[name], test.text)}" for name in fields)
    facts = [fact for name in fields for fact in behind(profile, name)]
    source = cited(sorted(facts, key=lambda fact: not _is_asked(fact, test.text)))
    verdict = {True: HOLDS, False: FAILS, None: UNKNOWN}[test.test(row)]
    return Found(verdict, f"{symbol} ({profile.company.name}) on {on}: {said} ({source}).")


def behind(profile: Profile, field: str) -> tuple[Fact, ...]:
    """Facts that a tag of a company rests on."""
    assets = profile.assets
    where = [item.asset for item in assets]
    what = [row for item in assets for row in item.minerals]
    rows: dict[str, Sequence[Fact | None]] = {
        "jurisdiction": where[:1],
        "jurisdictions": where,
        "tier": [item.tier for item in assets[:1]],
        "stage": [item.stage for item in assets],
        "mineral": what,
        "minerals": what,
        "shares_outstanding": [profile.float_],
        "float_share": [profile.float_],
        "float_band": [profile.float_],
        "support": profile.support,
        "instruments": profile.support,
        "china_linked": profile.china_links,
        "symbol": [profile.listing],
        "exchange": [profile.listing],
        "currency": [profile.listing],
    }
    return tuple(row for row in rows.get(field, [profile.company]) if row is not None)


def _passing(values: Mapping[str, Any], ground: Ground) -> Found:
    on, test = values["as_of"], values["filter"]
    profiles = ground.universe.profiles(on)
    answers = {item.listing.symbol: test.test(item.tags()) for item in profiles}
    passing = [name for name, answer in answers.items() if answer]
    unknown = [name for name, answer in answers.items() if answer is None]
    open_ = f" Of {_several(unknown)} it is not known." if unknown else ""
    listed = f": {_several(passing)}" if passing else ""
    said = f"{len(passing)} of {len(profiles)} companies of {ground.universe.name} pass on {on}{listed}"
    verdict = within(len(passing), len(passing) + len(unknown), values)
    return Found(verdict, f"{said}; the sentence needs {_needed(values)} (facts known by {on}).{open_}")


def event(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether an event was announced in a range of dates, or how many events a filter holds for.

    Parameters
    ----------
    values : mapping
        ``event``, an id with ``announced`` (first and last day) or a filter with ``least`` and ``most``; ``as_of``:
        only events known by then.
    ground : Ground
        Events.
    """
    if "announced" in values:
        return _announced(values, ground)
    on = values.get("as_of")
    rows = [row for row in ground.events if on is None or known_at(row).date() <= on]
    answers = [values["event"].test(tags(row)) for row in rows]
    found = [row for row, answer in zip(rows, answers, strict=True) if answer]
    unknown = answers.count(None)
    by = f" known by {on}" if on else ""
    said = (
        f"{len(found)} of {len(rows)} events{by} match{_span(found)}; the sentence needs {_needed(values)}."
    )
    open_ = f" Of {unknown} it is not known." if unknown else ""
    return Found(within(len(found), len(found) + unknown, values), f"{said}{open_}")


def _span(found: Sequence[Event]) -> str:
    if not found:
        return ""
    first, last = (known_at(row).date() for row in (found[0], found[-1]))
    return f", the first on {first}, the last on {last}: {found[-1].title} ({found[-1].source})"


def _announced(values: Mapping[str, Any], ground: Ground) -> Found:
    row = ground.events[values["event"]]
    first, last = values["announced"]
    on = known_at(row).date()
    said = f"{row.title}: {row.status} of {on} ({row.source}); the sentence puts it from {first} to {last}."
    return Found(HOLDS if first <= on <= last else FAILS, said)


def mineral_list(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether a government's list of critical minerals is as long, and names what, a claim says.

    Mixed products, such as mixed rare earths, are not counted.

    Parameters
    ----------
    values : mapping
        ``list``, ``as_of``, and ``minerals`` (all must be on it), ``least`` or ``most``.
    ground : Ground
        Facts.
    """
    on, name = values["as_of"], values["list"]
    facts = ground.universe.facts
    single = {row.mineral: row for row in facts.minerals if not _is_basket(row)}
    if name == "us":
        rows: list[Fact] = [row for row in single.values() if us_list(on) and is_critical(row, on)]
    else:
        rows = [row for row in facts.mineral_lists if row.list == name and _in_force(row, on)]
    here = sorted({row.mineral for row in rows if row.mineral in single})  # type: ignore[attr-defined]
    if not here:
        return Found(UNKNOWN, f"No mineral of the list {name} is on record for {on}.")
    counted = any(name in values for name in BOUNDS)
    lacking = [item for item in values.get("minerals", ()) if item not in here]
    verdict = FAILS if lacking else within(len(here), len(here), values)
    said = f"The list {name} in force on {on} names {len(here)} single minerals"
    asked = f"; the sentence needs {_needed(values)}" if counted else ""
    lacks = f"; it lacks {', '.join(lacking)}" if lacking else ""
    return Found(verdict, f"{said}{asked}{lacks} ({cited(rows, 1)}).")


def _is_basket(row: Mineral) -> bool:
    # A mixed product, such as rare-earths-mixed, stands on no list of its own.
    return row.element is None and row.group in RARE_EARTHS


def _in_force(row: Any, on: date) -> bool:
    return bool(row.known_from <= on and row.start <= on and (row.end is None or on < row.end))


def supply(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether a country's share of the world's output of a mineral is what a claim says.

    Parameters
    ----------
    values : mapping
        ``supply`` (a mineral), ``step``, ``country``, ``as_of``, and ``least`` or ``most`` as fractions.
    ground : Ground
        Facts; they know the leader alone, so that of another country only the upper bound is known.
    """
    on, mineral, step, country = (values[name] for name in ("as_of", "supply", "step", "country"))
    rows = [
        row
        for row in ground.universe.facts.supply
        if (row.mineral, row.step) == (mineral, step) and row.known_from <= on
    ]
    if not rows:
        return Found(UNKNOWN, f"Nobody is on record by {on} as the leader in {step} of {mineral}.")
    row = max(rows, key=lambda row: row.year)
    low, high = (0.0, 1.0) if row.share is None else (row.share, row.share)
    part = "an unknown share" if row.share is None else _percent(row.share)
    said = f"{row.country} led in {step} of {mineral} in {row.year} with {part} of the world's output"
    asked = " and ".join(f"at {name} {_percent(values[name])}" for name in BOUNDS if name in values)
    verdict = within(low if row.country == country else 0.0, high, values)
    return Found(verdict, f"{said}; the sentence needs {asked} for {country} ({cited([row])}).")


def name(values: Mapping[str, Any], ground: Ground) -> Found:
    """Whether a fund or index of a symbol has the name that a claim gives it.

    Parameters
    ----------
    values : mapping
        ``name``, ``symbol`` (an index with or without its caret) and perhaps ``as_of``.
    ground : Ground
        Facts.
    """
    claimed, symbol = values["name"], values["symbol"]
    companies = {row.company: row for row in ground.universe.facts.companies}
    funds = [row for row in companies.values() if row.role in FUNDS]
    owner = next((row for row in funds if _folded(row.name) == _folded(claimed)), None)
    own = _of_symbol(symbol, values.get("as_of"), ground.universe, companies)
    if own is None:
        return Found(UNKNOWN, _no_symbol(symbol, claimed, owner, funds))
    if own is owner:
        return Found(HOLDS, f"{symbol} is {own.name} ({cited([own])}).")
    elsewhere = "that name belongs to another" if owner else "no fund or index on record has that name"
    role = "" if own.role in FUNDS else f", of role {own.role}"
    return Found(
        FAILS, f"{symbol} is {own.name}{role} ({cited([own])}); {elsewhere}. Did you mean {own.name!r}?"
    )


def _no_symbol(symbol: str, claimed: str, owner: Company | None, funds: Sequence[Company]) -> str:
    if owner:
        return f"The symbol {symbol} is not on record; {owner.name} is ({cited([owner])})."
    near = did_you_mean(claimed, tuple(row.name for row in funds))
    hint = near if near.startswith("; did") else "."
    return f"Neither the symbol {symbol} nor the name {claimed!r} is on record{hint}"


def _of_symbol(
    symbol: str, on: date | None, universe: Universe, companies: Mapping[str, Company]
) -> Company | None:
    symbols = {row.symbol for row in universe.facts.listings}
    # Articles leave out the caret that Yahoo puts before an index.
    given = next((item for item in (symbol, f"^{symbol}") if item in symbols), None)
    return companies[universe.company_of(given, on)] if given else None


def _folded(name: str) -> str:
    return "".join(item for item in name.casefold().replace("&", "and") if item.isalnum())


def _needed(values: Mapping[str, Any]) -> str:
    return " and ".join(f"at {name} {values[name]}" for name in BOUNDS if name in values)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _is_asked(fact: Fact, filter_: str) -> bool:
    """Whether the filter names what the fact says, so that it is the first to cite."""
    words = (getattr(fact, item, None) for item in ("instrument", "mineral", "stage", "tier", "jurisdiction"))
    return any(f"'{word}'" in filter_ for word in words)


def _shown(value: Any, filter_: str) -> str:
    """A tag in words; of several values those that the filter names."""
    if value is None:
        return "unknown"
    if isinstance(value, frozenset):
        return " and ".join(item for item in sorted(value) if f"'{item}'" in filter_) or "others"
    return str(value).lower() if isinstance(value, bool) else str(value)
