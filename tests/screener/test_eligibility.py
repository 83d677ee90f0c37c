"""Eligibility is the screen of every session's date, for the symbols whose prices the market has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as some

import universes
from screener.eligibility import eligibility
from screener.ranking import screen
from universes.errors import BadExpression
from universes.facts import Asset, AssetMineral, ChinaLink, Float, Membership, Stage, Support, Tier

FILTERS = (
    "score >= 60",
    "stage >= 'pfs' and 'rare-earths' in minerals",
    "jurisdiction in ['AU', 'CA', 'US'] and support >= 'binding'",
    "float_points > 4 or shares_outstanding is missing",
    "not china_linked",
    "purity > 0.5",
)


@pytest.fixture(scope="module")
def simulated():
    members = universes.load("critical-minerals")
    return universes.market(members, source="simulated", start="2022-01-01")


def expected(market, on, where):
    """Symbols that pass a screen, without those whose prices in the market are another company's."""
    companies = market.lives["company"]
    rows = screen(market.universe, on, where).rows
    return {row.symbol for row in rows if companies.get(row.symbol) == row.profile.company.company}


@pytest.mark.parametrize("where", FILTERS)
def test_a_row_is_the_screen_of_its_date(simulated, where):
    table = eligibility(simulated, where)

    for row in range(0, len(table), 53):
        on = table.index[row].date()
        assert set(table.columns[table.iloc[row]]) == expected(simulated, on, [where]), on


def test_the_table_is_one_yes_or_no_for_each_session_and_symbol(simulated):
    table = eligibility(simulated, "score >= 60")

    assert table.shape == (len(simulated.sessions), len(simulated.symbols))
    assert set(table.dtypes) == {np.dtype(bool)}
    assert tuple(table.columns) == simulated.symbols
    assert table.index.equals(simulated.sessions)
    assert 0 < table.to_numpy().mean() < 1


def test_controls_are_never_eligible(simulated):
    table = eligibility(simulated, "score >= 0 or score < 0")
    controls = simulated.lives.index[simulated.lives["control"]]

    assert len(controls) > 3
    assert not table[controls].to_numpy().any()


def test_a_delisted_name_is_eligible_on_no_session_after_its_last(simulated):
    table = eligibility(simulated, "score >= 0")
    gone = [row for row in simulated.universe.facts.listings if row.listed_to and row.symbol in table.columns]
    gone = [row for row in gone if simulated.lives.at[row.symbol, "company"] == row.company]

    assert sum(table[row.symbol].any() for row in gone) >= 10
    for row in gone:
        assert not table.loc[table.index >= np.datetime64(row.listed_to), row.symbol].any()


def test_several_filters_must_all_hold(simulated):
    both = eligibility(simulated, FILTERS[:2])

    one, other = (eligibility(simulated, where) for where in FILTERS[:2])
    assert both.equals(one & other)


@pytest.mark.parametrize("where", ["stge >= 'pfs'", "close > 1", "score >", ["score > 1", "1"]])
def test_a_filter_that_cannot_be_used_is_refused(simulated, where):
    with pytest.raises(BadExpression) as raised:
        eligibility(simulated, where)

    assert "\n" not in str(raised.value)


SESSIONS = worlds.sessions(40, "2023-11-15")
FIRST, LAST = SESSIONS[0].date(), SESSIONS[-1].date()
days = some.dates(FIRST - timedelta(9), LAST + timedelta(9))
maybe = some.none() | days


def span(row_type, begin, end, **values):
    """Rows whose dates and first known day are any, in order."""
    return some.builds(
        lambda start, length, lag: worlds.fact(
            row_type,
            **values
            | {
                begin: start,
                end: None if length is None else start + timedelta(length),
                "known_from": start + timedelta(lag),
            },
        ),
        days,
        some.none() | some.integers(1, 30),
        some.integers(-20, 20),
    )


def point(row_type, name, **values):
    """Rows of one date, known any day about then."""
    return some.builds(
        lambda on, lag: worlds.fact(row_type, **values | {name: on, "known_from": on + timedelta(lag)}),
        days,
        some.integers(-20, 20),
    )


def optional(rows):
    """None or one row, as a table."""
    return some.lists(rows, max_size=1).map(tuple)


@some.composite
def any_facts(draw):
    """Facts about ``aaa`` that begin, end and become known on any days about the sessions."""
    base = worlds.joined(worlds.ontology(), worlds.mine("AAA", "AU", stage="pfs"))
    more = {
        "assets": optional(
            span(
                Asset,
                "held_from",
                "held_to",
                asset="two",
                company="aaa",
                name="Two",
                jurisdiction="PE",
                weight=0.5,
            )
        ),
        "asset_minerals": optional(
            some.builds(
                lambda known: worlds.fact(
                    AssetMineral, asset="two", mineral="gold", weight=1.0, known_from=known
                ),
                days,
            )
        ),
        "stages": optional(point(Stage, "start", asset="two", stage="exploration")),
        "floats": optional(point(Float, "on", company="aaa", shares_outstanding=30e6, method="filing")),
        "support": optional(
            point(
                Support,
                "on",
                support="s",
                company="aaa",
                instrument="exim",
                counterparty="E",
                status="closed",
            )
        ),
        "china_links": optional(
            span(ChinaLink, "start", "end", company="aaa", kind="holder", party="P", share=0.3)
        ),
        "jurisdictions": optional(span(Tier, "start", "end", jurisdiction="PE", tier="fta")),
    }
    return worlds.joined(base, {name: draw(rows) for name, rows in more.items()})


@given(any_facts(), optional(span(Membership, "start", "end", company="aaa")), some.integers(45, 95))
@settings(max_examples=60, deadline=None)
def test_nothing_changes_between_the_dates_at_which_it_is_evaluated(facts, members, least):
    market = worlds.market({"AAA": worlds.bars([10.0] * 40, start="2023-11-15")}, facts=facts)
    if members:
        market = replace(market, universe=replace(market.universe, memberships=members))
    where = f"score >= {least} or float_points > 5"

    table = eligibility(market, where)

    for stamp, row in table.iterrows():
        assert set(table.columns[row]) == expected(market, stamp.date(), [where]), stamp


def test_a_fact_that_became_known_on_a_saturday_counts_from_monday():
    loan = worlds.fact(
        Support,
        support="s",
        company="aaa",
        instrument="exim",
        counterparty="E",
        status="closed",
        on=date(2024, 1, 6),
        known_from=date(2024, 1, 6),
    )
    facts = worlds.joined(worlds.ontology(), worlds.mine("AAA"), {"support": (loan,)})
    market = worlds.market({"AAA": worlds.bars([10.0] * 6)}, facts=facts)

    table = eligibility(market, "support == 'closed'")

    # 2024-01-02 was a Tuesday: four sessions to Friday the 5th, then Monday the 8th.
    assert table["AAA"].tolist() == [False] * 4 + [True] * 2


def test_an_asset_counts_from_the_session_it_is_bought_to_the_last_before_it_is_sold():
    pit = worlds.mine("AAA", "PE", held_from=date(2024, 1, 4), held_to=date(2024, 1, 8), asset="pit")
    facts = worlds.joined(worlds.ontology(), worlds.mine("AAA"), pit)
    market = worlds.market({"AAA": worlds.bars([10.0] * 6)}, facts=facts)

    table = eligibility(market, "'PE' in jurisdictions")

    # Sessions 2024-01-02, 03, 04, 05, 08, 09.
    assert table["AAA"].tolist() == [False, False, True, True, False, False]


def test_prices_of_a_symbol_are_eligible_only_while_its_own_company_has_it():
    listings = [
        worlds.listing("LAC", company="old", end="2024-01-04", ended_by="renamed"),
        worlds.listing("LAAC", company="old", start="2024-01-04"),
        worlds.listing("LAC", company="lac", start="2024-01-04"),
    ]
    facts = worlds.joined(worlds.ontology(), worlds.mine("OLD"), worlds.mine("LAC"))
    universe = worlds.world_universe(listings, facts=facts)
    members = {row.company: row for row in universe.memberships}
    universe = replace(universe, memberships=tuple(members.values()))
    market = worlds.market({"LAC": worlds.bars([10.0] * 4), "LAAC": worlds.bars([10.0] * 4)})
    lives = market.lives.assign(company=["old", "lac"])
    assert list(lives.index) == ["LAAC", "LAC"]

    table = eligibility(replace(market, universe=universe, lives=lives), "score > 0")

    # Until 2024-01-03 the company of LAC's prices was not listed, and LAAC's traded under another symbol.
    assert table["LAC"].tolist() == [False, False, True, True]
    assert table["LAAC"].tolist() == [False, False, True, True]


def test_facts_that_become_known_after_a_session_change_nothing_up_to_it(simulated):
    on = date(2024, 3, 1)
    known = simulated.universe.facts.as_of(on)
    members = tuple(row for row in simulated.universe.memberships if row.known_from <= on)
    past = replace(simulated.universe, facts=known, memberships=members, _index={})
    ever = {row.company for row in members} & {row.company for row in known.companies}
    lives = simulated.lives.assign(
        control=[row.control or row.company not in ever for row in simulated.lives.itertuples()]
    )

    whole = eligibility(simulated, "score >= 60")
    cut = eligibility(replace(simulated, universe=past, lives=lives), "score >= 60")

    until = whole.index <= np.datetime64(on)
    assert whole[until].equals(cut[until])
    assert not whole.equals(cut)


def test_the_order_of_facts_and_symbols_changes_nothing(simulated):
    facts = simulated.universe.facts
    turned = replace(
        facts, companies=facts.companies[::-1], assets=facts.assets[::-1], listings=facts.listings[::-1]
    )
    universe = replace(
        simulated.universe, facts=turned, memberships=simulated.universe.memberships[::-1], _index={}
    )

    assert eligibility(replace(simulated, universe=universe), FILTERS[0]).equals(
        eligibility(simulated, FILTERS[0])
    )
