"""Every point of a score with its sentence and its facts, and a refusal with the mend where there is no score."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from math import fsum

import pytest
import worlds

import universes
from screener.citation import cite
from screener.explanation import explain
from screener.factor import factors
from screener.ranking import screen
from universes.errors import BadParameter, UnknownName
from universes.facts import Asset, AssetMineral, ChinaLink, Company, Float, Mineral, Stage, Support, Tier

ON = date(2024, 6, 3)


@pytest.fixture(scope="module")
def found():
    """Two miners, one mine in production and one at pre-feasibility, a dead name and one without facts."""
    listings = [worlds.listing(symbol) for symbol in ("BEST", "GOOD", "NONE")]
    dead = [worlds.listing("DEAD", end="2020-01-02", ended_by="bankrupt")]
    renamed = [
        worlds.listing("OLD", end="2020-01-02", ended_by="renamed"),
        worlds.listing("NEW", company="old", start="2020-01-02"),
    ]
    gone = [
        worlds.listing("WAS", end="2012-01-02", ended_by="renamed"),
        worlds.listing("WASNT", company="was", start="2012-01-02", end="2015-01-02", ended_by="acquired"),
    ]
    facts = worlds.joined(
        worlds.ontology(), worlds.mine("BEST"), worlds.mine("GOOD", stage="pfs"), worlds.mine("OLD", "CN")
    )
    universe = worlds.world_universe(
        [*listings, *dead, *renamed, *gone, worlds.listing("CTRL")], ["CTRL"], facts
    )
    members = {row.company: row for row in universe.memberships}
    return screen(replace(universe, memberships=tuple(members.values())), ON, "stage >= 'pfs'", top=2)


def test_an_explanation_in_words(found):
    assert str(explain(found, "GOOD")).split("\n\n") == [
        "GOOD  Good, as known on 2024-06-03\nscore 70.73 of 100, rank 2 of 3",
        # Known weights: 1 less 0.08 of float and 0.10 of purity, 0.82. 0.14 / 0.82, 0.18 / 0.82.
        "float: unknown, left out of the score (weight 0.08)\n  No share count or free float on record.",
        "independence: 17.07 points (value 1.00, weight 0.14)\n"
        "  No Chinese owner, partner, plant or buyer on record.",
        "jurisdiction: 21.95 points (value 1.00, weight 0.18)\n"
        "  Of its value, 100 % in US (domestic).\n"
        "  - Mine US (US): 1 of the company's value [known 2009-01-01, confidence high: test]\n"
        "  - US: domestic since 2010-01-01 [known 2009-01-01, confidence high: test]",
        "minerals: 21.95 points (value 1.00, weight 0.18)\n"
        "  100 % of its value is in minerals on the United States list of 2022, "
        "100 % in those whose supply China leads.\n"
        "  - good-us: 1 of its value is neodymium [known 2009-01-01, confidence high: test]\n"
        "  - neodymium: group light-rare-earths; United States lists: 2018, 2022 "
        "[known 2009-01-01, confidence high: test]",
        "purity: unknown, left out of the score (weight 0.10)\n"
        "  No share of critical minerals in its revenue or projects on record.",
        # 18 / 0.82 × 4/9
        "stage: 9.76 points (value 0.44, weight 0.18)\n"
        "  By share of value: Mine US pfs (100 %).\n"
        "  - Mine US (US): 1 of the company's value [known 2009-01-01, confidence high: test]\n"
        "  - good-us: pfs since 2015-01-01 [known 2009-01-01, confidence high: test]",
        "support: 0.00 points (value 0.00, weight 0.14)\n  No government support on record.",
    ]


def test_points_sum_to_the_score_to_the_last_bit_and_every_factor_is_there(found):
    reasons = explain(found, "BEST")

    assert sum(item.points or 0 for item in reasons.contributions) == reasons.score == found.rows[0].score
    assert [item.factor for item in reasons.contributions] == [factor.name for factor in factors()]
    assert fsum(item.weight for item in reasons.contributions) == 1
    assert all(item.rule == factor.doc for item, factor in zip(reasons.contributions, factors(), strict=True))


def test_a_rank_is_told_among_all_that_have_one_whatever_the_top(found):
    other = screen(found.universe, ON, "stage >= 'pfs'", top=1)

    assert explain(found, "BEST").ranked == explain(other, "BEST").ranked == 3


def test_an_explanation_goes_through_json_unchanged(found):
    plain = explain(found, "BEST").as_dict()

    assert json.loads(json.dumps(plain)) == plain
    assert list(plain) == ["as_of", "symbol", "name", "rank", "ranked", "score", "weights", "contributions"]
    assert list(plain["contributions"][0]) == [
        "factor", "weight", "value", "points", "sentence", "rule", "facts",
    ]  # fmt: skip
    assert set(plain["contributions"][2]["facts"][0]) == {
        "fact",
        "known_from",
        "confidence",
        "source",
        "where",
    }


@pytest.mark.parametrize(
    ("symbol", "error", "message"),
    [
        ("BESST", UnknownName, "no symbol named 'BESST'; did you mean 'BEST'?"),
        ("best", UnknownName, "no symbol named 'best'; did you mean 'BEST'?"),
        (
            "NEW",
            BadParameter,
            "NEW is not in the screen of 2024-06-03: rank 3 is beyond the top 2; ask for a longer top",
        ),
        (
            "NONE",
            BadParameter,
            "NONE is not in the screen of 2024-06-03: no score: fewer than 3 of 7 factors are known; "
            "choose another date or symbol",
        ),
        (
            "dead",
            BadParameter,
            "DEAD is not in the screen of 2024-06-03: delisted 2020-01-02 (bankrupt); "
            "choose another date or symbol",
        ),
        ("OLD", BadParameter, "OLD is not in the screen of 2024-06-03: old traded as NEW; ask for that"),
        (
            "WAS",
            BadParameter,
            "WAS is not in the screen of 2024-06-03: was did not trade; choose another date or symbol",
        ),
        (
            "CTRL",
            BadParameter,
            "CTRL is not in the screen of 2024-06-03: ctrl is not a member of test; choose a member",
        ),
    ],
)
def test_who_has_no_score_is_refused_in_one_line_with_the_mend(found, symbol, error, message):
    with pytest.raises(error) as raised:
        explain(found, symbol)

    assert str(raised.value) == message


def test_who_was_filtered_out_is_told_which_filter(found):
    strict = screen(found.universe, ON, "stage >= 'production'")

    with pytest.raises(BadParameter) as raised:
        explain(strict, "GOOD")

    assert str(raised.value) == (
        "GOOD is not in the screen of 2024-06-03: stage >= 'production' is not true: stage is pfs; "
        "leave the filter out"
    )


def row(row_type, **values):
    return worlds.fact(row_type, **values)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (
            row(Asset, name="Pit", jurisdiction="US", subdivision="US-CA", weight=0.25),
            "Pit (US-CA): 0.25 of the company's value",
        ),
        (
            row(AssetMineral, asset="pit", mineral="gold", weight=1.0),
            "pit: 1 of its value is gold",
        ),
        (row(Stage, asset="pit", stage="pfs", start=date(2020, 1, 2)), "pit: pfs since 2020-01-02"),
        (row(Tier, jurisdiction="AU", tier="fta", start=date(2020, 1, 2)), "AU: fta since 2020-01-02"),
        (
            row(
                Float,
                on=date(2020, 1, 2),
                shares_outstanding=1234567.0,
                float_low=0.5,
                float_high=0.75,
                method="filing",
            ),
            "on 2020-01-02, 1,234,567 shares, free float 0.5 to 0.75 (filing)",
        ),
        (row(Float, on=date(2020, 1, 2), method="filing"), "on 2020-01-02 (filing)"),
        (
            row(
                Support,
                instrument="exim",
                counterparty="EXIM",
                status="binding",
                on=date(2020, 1, 2),
                amount=5e6,
                currency="USD",
            ),
            "exim of EXIM: binding on 2020-01-02, USD 5,000,000",
        ),
        (
            row(
                Support,
                instrument="exim",
                counterparty="EXIM",
                status="binding",
                on=date(2020, 1, 2),
                amount=5e6,
            ),
            "exim of EXIM: binding on 2020-01-02, 5,000,000",
        ),
        (
            row(Company, name="Some Ltd", role="miner", purity=0.75),
            "Some Ltd: 0.75 of its revenue or project potential is from critical minerals",
        ),
        (row(Company, name="Some Ltd", role="refiner"), "Some Ltd: refiner"),
        (row(ChinaLink, kind="holder", party="P", share=0.08), "holder: P, share 0.08"),
        (row(ChinaLink, kind="assets", party="P", start=date(2020, 1, 2)), "assets: P, since 2020-01-02"),
        (
            row(Mineral, mineral="gold", group="precious", us_list_2018="no", us_list_2022="no"),
            "gold: group precious; United States lists: none",
        ),
    ],
)
def test_a_fact_in_words(fact, text):
    cited = cite(fact, ON)

    assert cited.fact == text
    assert str(cited) == f"{text} [known 2009-01-01, confidence high: test]"


def test_every_shipped_score_can_be_explained():
    for on in ("2012-01-03", "2019-06-03", "2025-07-09"):
        ranked = screen(universes.load("critical-minerals"), on)
        for item in ranked.rows:
            reasons = explain(ranked, item.symbol)
            assert sum(part.points or 0 for part in reasons.contributions) == reasons.score
            assert all(
                fact.known_from <= on and not fact.where.startswith("/")
                for part in reasons.contributions
                for fact in part.facts
            )


@pytest.mark.parametrize(
    ("on", "lists"),
    [
        ("2018-05-17", "none"),
        ("2022-02-23", "2018"),
        ("2025-07-09", "2018, 2022"),
        ("2025-11-07", "2018, 2022, 2025"),
    ],
)
def test_a_list_of_minerals_is_named_from_its_publication_on(on, lists):
    row = next(row for row in universes.load().facts.minerals if row.mineral == "dysprosium")

    assert cite(row, date.fromisoformat(on)).fact.endswith(f"United States lists: {lists}")
