"""A claim holds, does not, or stays open, by what was known then and by the prices that are there."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
import study_worlds
import worlds
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from reports.claim_checks import CHECKS, joined, judge
from reports.claim_file import FORMS, Check, Claim
from reports.claim_ground import (
    CHANCE,
    FAILS,
    HOLDS,
    NEEDS_PRICES,
    PARTLY,
    SIMULATED,
    UNKNOWN,
    UNTESTABLE,
    VERDICTS,
    Ground,
    percent,
    within,
)
from strategies.event_study import study
from universes.facts import Company, Mineral, MineralList, Stage, Supply
from universes.fields import parse_companies, parse_events

ON = date(2025, 6, 2)


def check(kind, **values):
    """One check, its filters read as the file reads them."""
    for key, read in (("filter", parse_companies), ("study", parse_events)):
        if key in values:
            values[key] = read(values[key])
    if kind == "event" and "announced" not in values:
        values["event"] = parse_events(values["event"])
    return Check(kind, values)


def found(ground, *checks):
    return judge(Claim("one", "It does.", checks), ground)


def on_facts(universe, *checks, events=()):
    return found(Ground(universe, worlds.calendar(*events)), *checks)


THREE = worlds.miners(
    ("AAA", "BBB", "CCC"),
    worlds.mine("AAA", stage="production"),
    worlds.mine("BBB", stage="pfs"),
    worlds.mine("CCC", stage=None),
)


def test_every_kind_of_check_is_carried_out():
    assert {*CHECKS, "judgement"} == set(FORMS)


@pytest.mark.parametrize(
    ("symbol", "verdict", "said"),
    [
        ("AAA", HOLDS, "AAA (Aaa) on 2025-06-02: stage production (test)."),
        ("BBB", FAILS, "stage pfs"),
        ("CCC", UNKNOWN, "stage unknown (no row on record)"),
    ],
)
def test_a_company_passes_a_filter_or_not_or_nobody_knows(symbol, verdict, said):
    answer = on_facts(THREE, check("filter", filter="stage == 'production'", symbol=symbol, as_of=ON))

    assert answer.verdict == verdict
    assert said in answer.data


def test_what_became_known_later_does_not_count():
    built = worlds.fact(Stage, asset="aaa-us", stage="production", start=date(2024, 1, 1))
    late = dataclasses.replace(built, known_from=date(2025, 6, 3))
    universe = worlds.miners(("AAA",), worlds.mine("AAA", stage="pfs"), {"stages": (late,)})

    def verdict(on):
        return on_facts(
            universe, check("filter", filter="stage == 'production'", symbol="AAA", as_of=on)
        ).verdict

    assert [verdict(date(2025, 6, day)) for day in (2, 3)] == [FAILS, HOLDS]


def test_a_company_that_did_not_trade_is_unknown():
    universe = worlds.world_universe([worlds.listing("AAA", start="2025-01-02")], facts=worlds.ontology())

    answer = on_facts(
        universe, check("filter", filter="role == 'miner'", symbol="AAA", as_of=date(2024, 5, 1))
    )

    assert (answer.verdict, "AAA did not trade on 2024-05-01" in answer.data) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [
        # One passes, one fails, one is unknown: the number is 1 or 2.
        ({"least": 1}, HOLDS),
        ({"least": 2}, UNKNOWN),
        ({"least": 3}, FAILS),
        ({"most": 0}, FAILS),
        ({"most": 1}, UNKNOWN),
        ({"most": 2}, HOLDS),
        ({"least": 1, "most": 2}, HOLDS),
    ],
)
def test_a_number_of_companies_is_judged_with_the_unknown_ones_in_view(bounds, verdict):
    answer = on_facts(THREE, check("filter", filter="stage == 'production'", as_of=ON, **bounds))

    assert answer.verdict == verdict
    assert answer.data.startswith("1 of 3 companies of test pass on 2025-06-02: AAA; the sentence needs at ")
    assert answer.data.endswith("Of CCC it is not known.")


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_bounds_hold_when_every_possible_number_is_within_them(low, more, least, most):
    inside = {least <= number <= most for number in range(low, low + more + 1)}

    verdict = within(low, low + more, {"least": least, "most": most})

    if inside == {True}:
        assert verdict == HOLDS
    elif low + more < least or most < low:
        assert verdict == FAILS
    else:
        assert verdict == UNKNOWN


EVENTS = (
    worlds.event("first", "2025-01-10", ("AAA",)),
    worlds.event("second", "2025-03-10", ("AAA",)),
    worlds.event("third", "2025-08-10", ("AAA",), "headwind"),
)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"least": 2, "as_of": ON}, HOLDS),
        ({"least": 3, "as_of": ON}, FAILS),
        ({"least": 3}, HOLDS),
        ({"most": 2}, FAILS),
    ],
)
def test_events_count_from_the_day_they_were_known(values, verdict):
    answer = on_facts(THREE, check("event", event="kind == 'export-control'", **values), events=EVENTS)

    assert answer.verdict == verdict
    if "as_of" in values:
        assert (
            "2 of 2 events known by 2025-06-02 match, the first on 2025-01-10, the last on 2025-03-10"
            in answer.data
        )


@pytest.mark.parametrize(("last", "verdict"), [(date(2025, 3, 10), HOLDS), (date(2025, 3, 9), FAILS)])
def test_an_event_was_announced_within_a_range_with_both_its_ends(last, verdict):
    answer = on_facts(
        THREE, check("event", event="second", announced=(date(2025, 3, 1), last)), events=EVENTS
    )

    assert answer.verdict == verdict
    assert "announcement of 2025-03-10 (test)" in answer.data


def lists(**values):
    basket = worlds.fact(
        Mineral, mineral="rare-earths-mixed", group="light-rare-earths",
        us_list_2018="yes", us_list_2022="yes", us_list_2025="yes",
    )  # fmt: skip
    named = worlds.fact(MineralList, mineral="lithium", list="eu-critical", start=date(2020, 1, 1))
    named = dataclasses.replace(named, end=date(2025, 7, 1))
    tables = worlds.ontology()
    minerals = tuple(dataclasses.replace(row, element=row.mineral[:2].title()) for row in tables["minerals"])
    universe = worlds.world_universe(
        [], facts=tables | {"minerals": (*minerals, basket), "mineral_lists": (named,)}
    )
    return on_facts(universe, check("list", **values))


@pytest.mark.parametrize(
    ("values", "verdict", "said"),
    [
        # `worlds.ontology` has three minerals on the first lists and copper on that of November 2025.
        ({"list": "us", "as_of": ON, "least": 3, "most": 3}, HOLDS, "names 3 single minerals"),
        ({"list": "us", "as_of": date(2025, 11, 7), "least": 4, "most": 4}, HOLDS, "names 4 single minerals"),
        ({"list": "us", "as_of": ON, "minerals": ("lithium",)}, HOLDS, "names 3"),
        ({"list": "us", "as_of": ON, "minerals": ("lithium", "copper")}, FAILS, "it lacks copper"),
        ({"list": "us", "as_of": ON, "minerals": ("lithium",), "most": 2}, FAILS, "at most 2"),
        ({"list": "us", "as_of": date(2018, 5, 17), "least": 1}, UNKNOWN, "No mineral of the list us"),
        ({"list": "eu-critical", "as_of": ON, "least": 1, "most": 1}, HOLDS, "names 1 single"),
        ({"list": "eu-critical", "as_of": date(2025, 7, 1), "least": 1}, UNKNOWN, "No mineral"),
    ],
)
def test_a_list_names_what_it_named_on_the_date_and_no_mixed_product(values, verdict, said):
    answer = lists(**values)

    assert answer.verdict == verdict
    assert said in answer.data


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"country": "AU", "least": 0.3, "most": 0.4}, HOLDS),
        ({"country": "AU", "least": 0.4}, FAILS),
        # The leader has 32 %, so that another country has at most that.
        ({"country": "CN", "least": 0.4}, FAILS),
        ({"country": "CN", "most": 0.4}, HOLDS),
        ({"country": "CN", "least": 0.2}, UNKNOWN),
        ({"country": "AU", "least": 0.3, "step": "refining"}, UNKNOWN),
        ({"country": "AU", "least": 0.3, "as_of": date(2024, 1, 1)}, UNKNOWN),
    ],
)
def test_a_share_of_supply_is_judged_by_the_leader_on_record(values, verdict):
    row = worlds.fact(Supply, mineral="lithium", step="mining", year=2024, country="AU", share=0.32)
    later = dataclasses.replace(row, year=2025, share=0.9, known_from=date(2026, 2, 28))
    known = dataclasses.replace(row, known_from=date(2025, 2, 28))
    universe = worlds.world_universe([], facts={"supply": (known, later)})
    values = {"supply": "lithium", "step": "mining", "as_of": ON} | values

    answer = on_facts(universe, check("supply", **values))

    assert answer.verdict == verdict
    assert ("AU led in mining of lithium in 2024 with 32 %" in answer.data) == ("Nobody" not in answer.data)


def funds():
    universe = worlds.world_universe(
        [worlds.listing("^TXGM"), worlds.listing("XBM.TO"), worlds.listing("MP")]
    )
    rename = {
        "^txgm": ("S&P/TSX Global Mining Index", "index"),
        "xbm-to": ("iShares Base Metals ETF", "fund"),
        "mp": ("MP Materials", "miner"),
    }
    rows = tuple(
        worlds.fact(Company, company=row.company, name=rename[row.company][0], role=rename[row.company][1])
        for row in universe.facts.companies
    )
    return dataclasses.replace(universe, facts=dataclasses.replace(universe.facts, companies=rows))


@pytest.mark.parametrize(
    ("name", "symbol", "verdict", "said"),
    [
        ("S&P/TSX Global Mining Index", "^TXGM", HOLDS, "TXGM is S&P/TSX Global Mining Index (test)."),
        ("s&p / tsx global mining index", "TXGM", HOLDS, "TXGM is S&P/TSX Global Mining Index"),
        (
            "S&P/TSX Global Base & Precious Metals Index",
            "TXGM",
            FAILS,
            "no fund or index on record has that name. Did you mean 'S&P/TSX Global Mining Index'?",
        ),
        ("iShares Base Metals ETF", "^TXGM", FAILS, "that name belongs to another"),
        ("MP Materials Index", "MP", FAILS, "MP is MP Materials, of role miner (test)"),
        ("MP Materials", "MP", FAILS, "of role miner"),
        (
            "iShares Base Metals ETF",
            "XYZ",
            UNKNOWN,
            "The symbol XYZ is not on record; iShares Base Metals ETF is",
        ),
        ("iShares Base Metal ETF", "XYZ", UNKNOWN, "is on record; did you mean 'iShares Base Metals ETF'?"),
    ],
)
def test_a_fund_or_index_has_the_name_that_is_claimed(name, symbol, verdict, said):
    answer = on_facts(funds(), check("name", name=name, symbol=symbol))

    assert answer.verdict == verdict
    assert said in answer.data


def priced(closes, *checks, kind="real", events=(), symbol="AAA", **more):
    market = dataclasses.replace(worlds.market({symbol: worlds.bars(closes)}, **more), kind=kind)
    return found(Ground(market.universe, worlds.calendar(*events), market), *checks)


# Sessions of 2024 in New York: January 2, 3, 4, 5, 8 and 9.
CLOSES = [100, 110, 99, None, 99, 103.95]


@pytest.mark.parametrize(
    ("day", "values", "verdict", "said"),
    [
        ("2024-01-03", {"least": 0.1 - 1e-12}, HOLDS, "moved +10.0 % on 2024-01-03, from the close of 2024-01-02"),
        ("2024-01-03", {"least": 0.11}, FAILS, "needs at least +11.0 %"),
        ("2024-01-04", {"least": -0.2, "most": 0}, HOLDS, "moved -10.0 %"),
        ("2024-01-08", {"least": 0, "most": 0}, HOLDS, "moved +0.0 % on 2024-01-08, from the close of 2024-01-04"),
        # 103.95 / 110 - 1 over the three bars of the 4th, 8th and 9th.
        ("2024-01-04", {"least": -0.056, "most": -0.054, "window": 3}, HOLDS, "from 2024-01-04 to 2024-01-09"),
        ("2024-01-05", {"least": 0}, UNKNOWN, "no bar on 2024-01-05"),
        ("2024-01-06", {"least": 0}, UNKNOWN, "no bar on 2024-01-06"),
        ("2024-01-02", {"least": 0}, UNKNOWN, "no bar before 2024-01-02"),
        ("2024-01-09", {"least": 0, "window": 2}, UNKNOWN, "no bar far enough after 2024-01-09"),
    ],
)  # fmt: skip
def test_a_move_goes_from_close_to_close_of_the_symbols_own_bars(day, values, verdict, said):
    answer = priced(CLOSES, check("move", move="AAA", date=date.fromisoformat(day), **values))

    assert answer.verdict == verdict
    assert said in answer.data


@pytest.mark.parametrize(
    ("announced", "moved"),
    [
        ("2024-01-03T12:00:00+00:00", "+10.0 % on 2024-01-03"),
        ("2024-01-03T22:00:00+00:00", "-10.0 % on 2024-01-04"),
        # A date without a clock is known when that UTC day has ended.
        ("2024-01-03", "-10.0 % on 2024-01-04"),
    ],
)
def test_a_move_on_an_event_is_that_of_the_session_that_could_react(announced, moved):
    events = [worlds.event("news", announced, ("AAA",))]

    answer = priced(CLOSES, check("move", move="AAA", event="news", least=-1.0), events=events)

    assert moved in answer.data


@pytest.mark.parametrize("announced", ["2023-01-03", "2025-01-03"])
def test_an_event_outside_the_prices_is_unknown(announced):
    events = [worlds.event("news", announced, ("AAA",))]

    assert (
        priced(CLOSES, check("move", move="AAA", event="news", least=-1.0), events=events).verdict == UNKNOWN
    )


@pytest.mark.parametrize(
    ("months", "verdict", "said"),
    [
        # Flat but for +8 % on session 5, −9 % on session 30 and +8.5 % on session 60 (2024-03-28).
        (1, HOLDS, "the largest move of the 1 months before was 0.0 %"),
        (2, FAILS, "the largest move of the 2 months before was 9.0 % on 2024-02-14"),
        (3, UNKNOWN, "its prices begin on 2024-01-02, within the 3 months before"),
    ],
)
def test_the_largest_move_of_months_counts_falls_too_and_asks_for_all_of_them(months, verdict, said):
    returns = [0.0] * 60
    returns[4], returns[29], returns[59] = 0.08, -0.09, 0.085

    answer = priced(
        study_worlds.prices(returns),
        check("move", move="AAA", date=date(2024, 3, 28), high_of_months=months),
    )

    assert answer.verdict == verdict
    assert said in answer.data


def test_a_move_without_prices_needs_them():
    claim = check("move", move="BBB", date=date(2024, 1, 3), least=0.0)

    assert on_facts(THREE, claim).verdict == NEEDS_PRICES
    answer = priced(CLOSES, claim)
    assert (answer.verdict, answer.data) == (
        NEEDS_PRICES,
        "There are no prices of BBB in test: it was not loaded.",
    )


def test_simulated_prices_test_nothing():
    claim = check("move", move="AAA", date=date(2024, 1, 3), least=0.05)

    answer = priced(CLOSES, claim, kind="simulated")

    assert answer.verdict == SIMULATED
    assert answer.data.startswith("Simulated: AAA moved +10.0 %")


# Sessions of four events, a quarter apart: windows of ten sessions do not meet, estimation windows are full.
AT = (330, 400, 470, 540)


def studied(jumps, kind="real", **values):
    """A study of four events on days without a reaction but for these."""
    market = study_worlds.in_view({"AAA": dict(zip(AT, jumps, strict=True))}, count=600)
    days = market.sessions[list(AT)]
    events = worlds.calendar(
        *(worlds.event(f"e{at}", f"{day:%Y-%m-%d}T12:00:00+00:00", ("AAA",)) for at, day in enumerate(days))
    )
    ground = Ground(market.universe, events, dataclasses.replace(market, kind=kind))
    claim = check("study", study="kind == 'export-control'", **({"window": (0, 0)} | values))
    return found(ground, claim), ground


@pytest.mark.parametrize(
    ("jumps", "values", "verdict"),
    [
        # Mean 5 %, standard deviation 0.816 %, half width 3.182 × 0.816 / 2 = 1.3 %.
        ((0.04, 0.05, 0.06, 0.05), {"at_least": 0.03}, HOLDS),
        ((0.04, 0.05, 0.06, 0.05), {"at_least": 0.055}, FAILS),
        ((0.04, 0.05, 0.06, 0.05), {"at_most": -0.01}, FAILS),
        ((-0.04, -0.05, -0.06, -0.05), {"at_most": -0.03}, HOLDS),
        ((-0.04, -0.05, -0.06, -0.05), {"at_least": 0.0}, FAILS),
        # Mean 5 %, standard deviation 5.8 %, half width 9.2 %: large, and chance does as well.
        ((0.10, 0.00, 0.10, 0.00), {"at_least": 0.03}, CHANCE),
        ((0.10, 0.00, 0.10, 0.00), {"at_most": -0.03}, CHANCE),
    ],
)
def test_a_study_holds_only_when_its_interval_excludes_zero_on_that_side(jumps, values, verdict):
    answer, _ = studied(jumps, **values)

    assert answer.verdict == verdict


def test_the_numbers_of_a_study_are_in_view_and_those_of_the_study_command():
    answer, ground = studied((0.04, 0.05, 0.06, 0.05), at_least=0.03)
    test = next(
        item for item in study(ground.market, ground.events).windows if (item.first, item.last) == (0, 0)
    )

    assert (test.mean, test.low, test.high) == (
        approx(0.05),
        approx(0.037, abs=5e-4),
        approx(0.063, abs=5e-4),
    )
    assert (
        "+5.0 %, 95 % interval +3.7 % to +6.3 %, on 4 independent dates of kind == 'export-control'"
        in answer.data
    )


def test_a_study_of_events_that_were_not_known_yet_or_are_too_few_is_unknown():
    answer, _ = studied((0.04, 0.05, 0.06, 0.05), at_least=0.0, as_of=date(2020, 1, 1))

    assert answer.verdict == UNKNOWN
    assert answer.data.startswith("0 independent dates of kind == 'export-control' can be measured: ")


def test_a_study_needs_prices_that_were_traded():
    assert studied((0.04, 0.05, 0.06, 0.05), "simulated", at_least=0.03)[0].verdict == SIMULATED
    claim = check("study", study="kind == 'tariff'", window=(0, 1), at_least=0.0)
    assert on_facts(THREE, claim).verdict == NEEDS_PRICES


@pytest.mark.parametrize(
    ("verdicts", "one"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([FAILS, HOLDS], PARTLY),
        ([HOLDS, UNKNOWN, FAILS], PARTLY),
        ([FAILS, NEEDS_PRICES], FAILS),
        ([HOLDS, NEEDS_PRICES, UNKNOWN], NEEDS_PRICES),
        ([UNTESTABLE], UNTESTABLE),
    ],
)
def test_several_checks_give_one_verdict(verdicts, one):
    assert joined(verdicts) == one


@given(st.lists(st.sampled_from([item for item in VERDICTS if item != PARTLY]), min_size=1, max_size=1))
def test_one_check_is_never_partly_right(verdicts):
    assert joined(verdicts) == verdicts[0]


def test_a_judgement_says_why_and_a_sentence_stands_once():
    why = check("judgement", judgement="Nobody counts that")

    answer = on_facts(THREE, why, why)

    assert (answer.verdict, answer.data) == (UNTESTABLE, "Nobody counts that.")


def test_there_is_no_minus_zero():
    assert (percent(-0.0001), percent(0.0299), percent(-0.031)) == ("+0.0 %", "+3.0 %", "-3.1 %")
