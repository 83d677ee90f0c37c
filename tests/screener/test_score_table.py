"""Scores of a market are those of the screen of every session's date, for the symbols whose prices it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import worlds

import screener
import universes
from screener.eligibility import eligibility
from screener.ranking import screen
from screener.score_table import score_table
from screener.weights import Weights, default_weights
from universes.facts import Support


@pytest.fixture(scope="module")
def simulated():
    members = universes.load("critical-minerals")
    return universes.market(members, source="simulated", start="2022-01-01")


@pytest.fixture(scope="module")
def scores(simulated):
    return screener.score_table(simulated)


def test_a_row_is_the_screen_of_its_date_to_the_last_bit(simulated, scores):
    companies = simulated.lives["company"]
    for row in range(0, len(scores), 53):
        on = scores.index[row].date()
        expected = {
            item.symbol: item.score
            for item in screen(simulated.universe, on).rows
            if companies.get(item.symbol) == item.profile.company.company
        }
        assert scores.iloc[row].dropna().to_dict() == expected, on


def test_the_table_has_the_sessions_and_symbols_of_the_market(simulated, scores):
    assert scores.index.equals(simulated.sessions)
    assert tuple(scores.columns) == simulated.symbols
    assert set(scores.dtypes) == {np.dtype(float)}
    known = scores.stack().dropna()
    assert known.between(0, 100).all()
    assert known.nunique() > 50


def test_who_has_a_score_is_who_would_pass_a_filter_on_it(simulated, scores):
    assert (scores >= 60).equals(eligibility(simulated, "score >= 60"))
    assert scores.notna().equals(eligibility(simulated, "score >= 0"))


def test_controls_have_no_score(simulated, scores):
    controls = simulated.lives.index[simulated.lives["control"]]

    assert len(controls) > 3
    assert scores[controls].isna().all(axis=None)


def test_other_weights_give_other_scores(simulated, scores):
    given = default_weights().by_factor
    turned = Weights("turned", {**given, "stage": given["purity"], "purity": given["stage"]})

    table = score_table(simulated, weights=turned)

    assert not table.equals(scores)
    on = table.index[-1].date()
    best = screen(simulated.universe, on, weights=turned).rows[0]
    assert table.iloc[-1][best.symbol] == best.score


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

    column = score_table(market)["AAA"].tolist()

    # 2024-01-02 was a Tuesday: four sessions to Friday the 5th, then Monday the 8th.
    assert len(set(column[:4])) == len(set(column[4:])) == 1
    assert column[4] > column[3]


def test_facts_that_become_known_after_a_session_change_no_score_up_to_it(simulated, scores):
    on = date(2024, 3, 1)
    known = simulated.universe.facts.as_of(on)
    members = tuple(row for row in simulated.universe.memberships if row.known_from <= on)
    past = replace(simulated.universe, facts=known, memberships=members, _index={})
    ever = {row.company for row in members} & {row.company for row in known.companies}
    lives = simulated.lives.assign(
        control=[row.control or row.company not in ever for row in simulated.lives.itertuples()]
    )

    cut = score_table(replace(simulated, universe=past, lives=lives))

    until = scores.index <= np.datetime64(on)
    assert scores[until].equals(cut[until])
    assert not scores.equals(cut)
